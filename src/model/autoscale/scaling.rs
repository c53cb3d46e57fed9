//! The autoscalers of a fleet: how many replicas they request, when they evaluate, and the phase of
//! each pod.

use super::held::Held;
use super::scaler::Scaler;
use super::{Change, Pod, Reading, Readings, Room, Rules, Target, Usage, recommend};
use crate::model::blueprint::{self, Autoscaling, ClusterId, MemberId, Requests};
use crate::model::law::Law;
use crate::model::load::draw::Draw;
use crate::model::topology::Population;
use crate::units::{Bytes, SimDuration, SimTime, Span};

/// The autoscalers of a fleet, one per cluster.
#[derive(Clone, Debug)]
pub(in crate::model) struct Scaling {
    plan: Autoscaling,
    /// Requests of one replica.
    requests: Requests,
    /// Sync period: time between two evaluations.
    sync: SimDuration,
    /// Time from a measurement until an evaluation sees it.
    lag: SimDuration,
    scalers: Vec<Scaler>,
    /// Phase of each collector's pod.
    pods: Vec<Pod>,
    /// Memory that each collector's process does not give back.
    held: Vec<Held>,
    /// Most replicas requested since the last point of the tracks.
    highest: u32,
    tally: ScaleTally,
}

/// What autoscalers did in the measured horizon.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::model) struct ScaleTally {
    /// Number of requests for more replicas.
    pub(in crate::model) ups: u64,
    /// Number of requests for fewer replicas.
    pub(in crate::model) downs: u64,
    /// Most replicas requested.
    pub(in crate::model) replicas_peak: u32,
    /// How long replicas waited for a node, summed over replicas.
    pending_nanos: u128,
}

impl Scaling {
    /// The autoscalers of a fleet of at most `collectors`, with their unknowns drawn.
    pub(in crate::model) fn draw(
        fleet: &blueprint::Fleet,
        collectors: usize,
        draw: &mut Draw,
    ) -> Option<Self> {
        let plan = fleet.autoscaling?;
        let Population::Replicas(start) = fleet.topology.population else {
            return None;
        };
        let rules = Rules {
            min: plan.min,
            max: plan.max,
            scale_up_window: plan.scale_up_window,
            scale_down_window: plan.scale_down_window,
        };
        let lag = draw.centre(
            &format!("fleet.{}.autoscaling.metric_lag", fleet.name),
            &plan.metric_lag,
        );
        let members = plan.max as usize;
        let pod = |index: usize| {
            if index % members < start as usize {
                Pod::Running {
                    since: SimTime::ZERO,
                }
            } else {
                Pod::Gone
            }
        };
        let mut scaling = Self {
            plan,
            requests: Requests {
                bytes: fleet.resources.memory_request.map_or(1.0, Bytes::as_f64),
                cores: fleet.resources.cpu_request_cores.unwrap_or(1.0),
            },
            sync: plan.sync.max(SimDuration::NANO),
            lag: SimDuration::from_secs_f64(lag),
            scalers: vec![Scaler::new(rules, start); collectors / members],
            pods: (0..collectors).map(pod).collect(),
            held: vec![Held::default(); collectors],
            highest: 0,
            tally: ScaleTally::default(),
        };
        scaling.begin_horizon();
        Some(scaling)
    }

    /// The measured horizon begins. Counts of the warm-up are reset.
    pub(in crate::model) fn begin_horizon(&mut self) {
        self.highest = self.replicas();
        self.tally = ScaleTally {
            replicas_peak: self.replicas(),
            ..ScaleTally::default()
        };
    }

    /// What the autoscalers did in the measured horizon.
    pub(in crate::model) fn tally(&self) -> &ScaleTally {
        &self.tally
    }

    /// Most replicas requested since the last call.
    pub(in crate::model) fn take_highest(&mut self) -> u32 {
        let replicas = self.replicas();
        std::mem::replace(&mut self.highest, replicas).max(replicas)
    }

    /// Requested replicas of all clusters.
    pub(in crate::model) fn replicas(&self) -> u32 {
        self.scalers.iter().map(|scaler| scaler.replicas).sum()
    }

    /// Requested replicas of one cluster.
    pub(in crate::model) fn replicas_of(&self, cluster: ClusterId) -> u32 {
        self.scalers[cluster].replicas
    }

    /// Requests another number of replicas in a cluster. Returns the number before.
    pub(in crate::model) fn ask_for(&mut self, cluster: ClusterId, wanted: u32) -> u32 {
        let before = std::mem::replace(&mut self.scalers[cluster].replicas, wanted);
        let replicas = self.replicas();
        self.highest = self.highest.max(replicas);
        self.tally.replicas_peak = self.tally.replicas_peak.max(replicas);
        self.tally.ups += u64::from(wanted > before);
        self.tally.downs += u64::from(wanted < before);
        before
    }
}

/// When the autoscalers evaluate.
impl Scaling {
    /// Time from a measurement until an evaluation sees it.
    pub(in crate::model) fn lag(&self) -> SimDuration {
        self.lag
    }

    /// First instant of a measurement from `at` on, one lag before an evaluation.
    ///
    /// Simplified: an autoscaler evaluates at whole multiples of its sync.
    fn measurement_from(&self, at: SimTime) -> SimTime {
        let past = (at + self.lag - SimTime::ZERO) % self.sync;
        at + (self.sync - past) % self.sync
    }

    /// Something touched a cluster, so its utilisation is measured at the next occasion. Returns
    /// that instant, unless a measurement is planned earlier.
    pub(in crate::model) fn requeue(
        &mut self,
        cluster: ClusterId,
        now: SimTime,
    ) -> Option<SimTime> {
        let next = self.measurement_from(now);
        let is_done = self.scalers[cluster].has_measured(next);
        self.plan(cluster, if is_done { next + self.sync } else { next })
    }

    /// A planned measurement of a cluster is due. Returns false if an earlier measurement has
    /// replaced it.
    pub(in crate::model) fn take_due(&mut self, cluster: ClusterId, now: SimTime) -> bool {
        self.scalers[cluster].take_due(now)
    }

    /// Plans the next measurement of a cluster after one at `now`. Evaluations before `quiet_until`
    /// change nothing, so the measurement is the first one after it. `None` means that every
    /// evaluation may change something. Returns the instant of the measurement, unless one is
    /// planned earlier.
    pub(in crate::model) fn plan_next(
        &mut self,
        cluster: ClusterId,
        now: SimTime,
        quiet_until: Option<SimTime>,
    ) -> Option<SimTime> {
        let next = quiet_until.map(|at| self.measurement_from(at.max(now.just_after())));
        self.plan(cluster, next.unwrap_or(now + self.sync))
    }

    fn plan(&mut self, cluster: ClusterId, at: SimTime) -> Option<SimTime> {
        self.scalers[cluster].plan(at).then_some(at)
    }

    /// The replicas of a cluster change. Every evaluation counts until today's recommendations are
    /// forgotten.
    pub(in crate::model) fn mark_dirty(&mut self, cluster: ClusterId, now: SimTime) {
        self.scalers[cluster].mark_dirty(now, self.lag + self.sync * 2);
    }

    /// Whether every evaluation of a cluster may change something.
    pub(in crate::model) fn is_dirty(&self, cluster: ClusterId, now: SimTime) -> bool {
        self.scalers[cluster].is_dirty(now)
    }

    /// The instant up to which measurements in a span change nothing, to the nearest sync.
    /// `is_quiet` says of any part of the span whether its measurements change nothing.
    pub(in crate::model) fn quiet_within(
        &self,
        span: Span,
        is_quiet: &impl Fn(Span) -> bool,
    ) -> SimTime {
        if span.length().is_zero() || is_quiet(span) {
            return span.to;
        }
        if span.length() <= self.sync {
            return span.from;
        }
        let middle = span.from + span.length() / 2;
        let first = self.quiet_within(Span::new(span.from, middle), is_quiet);
        if first < middle {
            first
        } else {
            self.quiet_within(Span::new(middle, span.to), is_quiet)
        }
    }

    /// Whether no evaluation is skipped, even where none can change anything.
    #[cfg(test)]
    pub(in crate::model) fn keep_awake(&mut self, awake: bool) {
        for scaler in &mut self.scalers {
            scaler.keep_awake(awake);
        }
    }
}

/// What the autoscalers measure and recommend.
impl Scaling {
    /// Whether memory decides anything.
    pub(in crate::model) fn looks_at_memory(&self) -> bool {
        self.plan.memory_percent.is_some()
    }

    /// Whether CPU decides anything.
    pub(in crate::model) fn looks_at_cpu(&self) -> bool {
        self.plan.cpu_percent.is_some()
    }

    /// Measures the utilisation of the pods of a cluster, by member; `None` without a process.
    pub(in crate::model) fn measure(
        &mut self,
        cluster: ClusterId,
        now: SimTime,
        usages: Vec<Option<Usage>>,
    ) {
        let readings = self.read(cluster, |member| usages[member.index()]);
        if !self.is_stable(cluster, readings) {
            self.mark_dirty(cluster, now);
        }
        self.scalers[cluster].measure(now, usages);
    }

    /// Readings of memory and CPU of a cluster, from the utilisation of each member.
    pub(in crate::model) fn read(
        &self,
        cluster: ClusterId,
        usage: impl Fn(MemberId) -> Option<Usage>,
    ) -> Readings {
        let mut readings = Readings::default();
        let pods = self.pods_of(cluster);
        for (member, pod) in MemberId::all(pods.len()).zip(pods) {
            readings.count(pod, usage(member));
        }
        readings
    }

    /// Whether the readings leave the number of replicas as it is.
    pub(in crate::model) fn is_stable(&self, cluster: ClusterId, readings: Readings) -> bool {
        self.desired(cluster, readings)
            .is_none_or(|desired| self.scalers[cluster].is_stable(desired))
    }

    /// What the readings of memory and CPU recommend for a cluster.
    fn desired(&self, cluster: ClusterId, readings: Readings) -> Option<u32> {
        let of = |percent: Option<u32>, reading| {
            let target = |percent| (Target { percent }, reading);
            percent.map(target)
        };
        let memory = of(self.plan.memory_percent, readings.memory);
        let cpu = of(self.plan.cpu_percent, readings.cpu);
        let metrics: Vec<(Target, Reading)> = memory.into_iter().chain(cpu).collect();
        recommend(
            self.scalers[cluster].replicas,
            self.plan.tolerance,
            &metrics,
        )
    }

    /// The number of replicas that the autoscaler of a cluster wants; `None` if unchanged. The
    /// autoscaler sees what was measured one lag ago.
    pub(in crate::model) fn review(&mut self, cluster: ClusterId, now: SimTime) -> Option<u32> {
        let members = self.plan.max as usize;
        let pods = &self.pods[cluster.index() * members..][..members];
        let readings = self.scalers[cluster].see(now.before(self.lag), pods);
        let desired = self.desired(cluster, readings);
        let wanted = self.scalers[cluster].review(now, self.sync, desired);
        (wanted != self.scalers[cluster].replicas).then_some(wanted)
    }

    /// Follows the highest live bytes of a collector's process, as [`Held::follow`] says.
    pub(in crate::model) fn follow_memory(
        &mut self,
        index: u32,
        settled: Span,
        now: SimTime,
        peak: impl Fn(Span, f64) -> f64,
    ) {
        self.held[index as usize].follow(settled, now, peak);
    }

    /// The highest live bytes of a collector's process, which has `live` now.
    pub(in crate::model) fn highest_live(&self, index: u32, live: f64) -> f64 {
        self.held[index as usize].highest(live)
    }

    /// Bytes as a share of a replica's memory request.
    pub(in crate::model) fn of_memory_request(&self, bytes: f64) -> f64 {
        bytes / self.requests.bytes
    }

    /// Cores as a share of a replica's CPU request.
    pub(in crate::model) fn of_cpu_request(&self, cores: f64) -> f64 {
        cores / self.requests.cores
    }
}

/// The phases of the pods.
impl Scaling {
    /// Phase of a collector's pod.
    pub(in crate::model) fn pod(&self, index: u32) -> Pod {
        self.pods[index as usize]
    }

    /// Sets the phase of a collector's pod.
    pub(in crate::model) fn set_pod(&mut self, index: u32, pod: Pod) {
        self.pods[index as usize] = pod;
    }

    fn pods_of(&self, cluster: ClusterId) -> &[Pod] {
        let members = self.plan.max as usize;
        &self.pods[cluster.index() * members..][..members]
    }

    /// Seconds until a new node is ready for replicas that fit no node.
    pub(in crate::model) fn node_provisioning(&self) -> Law {
        self.plan.node_provisioning
    }

    /// Time until the last of `lacking` nodes is ready that the replicas of a cluster need. A
    /// request for more nodes takes `seconds(number of the request)`.
    ///
    /// Simplified: a cluster gets every node that it requests, and gives it to its replicas alone.
    /// The replicas are nevertheless simulated on the pool's own nodes.
    pub(in crate::model) fn wait_for_node(
        &mut self,
        cluster: ClusterId,
        lacking: u32,
        now: SimTime,
        seconds: impl Fn(u32) -> f64,
    ) -> SimDuration {
        let nodes = &mut self.scalers[cluster].nodes;
        nodes.wait(lacking, now, seconds)
    }

    /// The number of replicas of a cluster changes, so fewer added nodes may suffice.
    pub(in crate::model) fn review_nodes(
        &mut self,
        cluster: ClusterId,
        room: Room,
        change: Change,
        now: SimTime,
    ) {
        self.scalers[cluster].nodes.review(room, change, now);
    }

    /// A pending replica got a node or is no longer wanted. The waiting time of the replica counts
    /// as far as it lies within `recorded`.
    pub(in crate::model) fn note_pending(&mut self, index: u32, recorded: Span) {
        let waited = waited_for_node(&self.pods[index as usize], recorded);
        self.tally.pending_nanos += u128::from(waited.nanos());
    }

    /// Seconds for which replicas waited for a node within `recorded`, including the replicas that
    /// still wait.
    pub(in crate::model) fn pending_seconds(&self, recorded: Span) -> f64 {
        let waits = |pod: &Pod| waited_for_node(pod, recorded);
        let still: SimDuration = self.pods.iter().map(waits).sum();
        (self.tally.pending_nanos + u128::from(still.nanos())) as f64 / 1e9
    }
}

/// Time within a span for which a pod waited for a node since its request.
fn waited_for_node(pod: &Pod, within: Span) -> SimDuration {
    match *pod {
        Pod::Pending { since, placed } => placed.min(within.to).since(since.max(within.from)),
        _ => SimDuration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::blueprint::{FleetId, example};
    use crate::model::law::Quantity;
    use crate::properties::properties;

    const NANOS: u64 = 1_000_000_000;
    const SECOND: SimDuration = SimDuration::from_secs(1);

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SECOND * seconds
    }

    /// Autoscalers by CPU in two clusters of at most four replicas, with a lag of 7 s.
    fn scaling() -> Scaling {
        let autoscaling = Autoscaling {
            min: 1,
            max: 4,
            memory_percent: None,
            cpu_percent: Some(50),
            tolerance: 0.1,
            sync: SimDuration::from_secs(15),
            scale_up_window: SimDuration::ZERO,
            scale_down_window: SimDuration::from_mins(1),
            metric_lag: Quantity::fixed(7.0),
            node_provisioning: Law::Fixed(200.0),
        };
        let mut blueprint = example::blueprint(1, autoscaling);
        let fleet = &mut blueprint.fleets[FleetId::new(0)];
        fleet.topology.population = Population::Replicas(2);
        Scaling::draw(fleet, 8, &mut Draw::new(1, 0, 0)).expect("it is autoscaled")
    }

    const FIRST: ClusterId = ClusterId::new(0);
    const OTHER: ClusterId = ClusterId::new(1);

    fn using(cpu: f64) -> Vec<Option<Usage>> {
        let usage = Usage { memory: 0.0, cpu };
        vec![Some(usage), Some(usage), None, None]
    }

    #[test]
    fn a_look_counts_what_was_measured_one_lag_ago() {
        let mut scaling = scaling();
        let first = scaling.requeue(OTHER, at(0));
        assert_eq!(first, Some(at(8)), "seen at 15 s");
        assert_eq!(scaling.requeue(OTHER, at(1)), None, "one is planned");
        assert!(!scaling.take_due(OTHER, at(1)) && scaling.take_due(OTHER, at(8)));
        scaling.measure(OTHER, at(8), using(1.0));
        assert!(scaling.is_dirty(OTHER, at(9)), "it leads to something");
        assert_eq!(scaling.review(OTHER, at(15)), Some(4));
        assert_eq!(scaling.requeue(OTHER, at(8)), Some(at(23)), "done");
        assert!(!scaling.is_dirty(FIRST, at(9)), "the other cluster");
    }

    #[test]
    fn the_highest_number_of_replicas_is_of_all_clusters_together() {
        let mut scaling = scaling();
        assert_eq!(scaling.ask_for(FIRST, 4), 2);
        assert_eq!(scaling.ask_for(OTHER, 1), 2);
        assert_eq!(
            (scaling.replicas_of(FIRST), scaling.replicas_of(OTHER)),
            (4, 1)
        );
        let tally = *scaling.tally();
        assert_eq!((tally.ups, tally.downs, tally.replicas_peak), (1, 1, 6));
        assert_eq!((scaling.take_highest(), scaling.take_highest()), (6, 5));
        scaling.begin_horizon();
        assert_eq!(scaling.tally().replicas_peak, 5);
    }

    #[test]
    fn a_replica_waits_for_its_node_within_the_recorded_time() {
        let mut scaling = scaling();
        let waits = |since, placed| Pod::Pending {
            since: at(since),
            placed: at(placed),
        };
        scaling.set_pod(2, waits(10, 30));
        scaling.note_pending(2, Span::new(at(15), at(50)));
        scaling.set_pod(2, Pod::Running { since: at(50) });
        scaling.set_pod(6, waits(40, 90));
        let seconds = scaling.pending_seconds(Span::new(at(15), at(60)));
        assert!((seconds - (15.0 + 20.0)).abs() < 1e-9, "{seconds}");
    }

    proptest! {
        #![proptest_config(properties(256))]

        /// A cluster that is touched is measured once, at the next occasion that is not yet over.
        /// That is one lag before a whole multiple of the sync.
        #[test]
        fn every_touch_is_measured_at_the_next_occasion(
            gaps in prop::collection::vec(0..40 * NANOS, 1..40),
            quiet in prop::collection::vec(prop::option::of(0..500 * NANOS), 40),
        ) {
            let mut scaling = scaling();
            let (mut now, mut planned, mut measured) = (SimTime::ZERO, Vec::new(), Vec::new());
            planned.extend(scaling.requeue(FIRST, now));
            let mut quiet = quiet.into_iter().cycle();
            for gap in gaps {
                let touched = now + SimDuration::from_nanos(gap);
                while let Some(&at) = planned.iter().filter(|&&at| at <= touched).min() {
                    planned.retain(|&other| other != at);
                    if scaling.take_due(FIRST, at) {
                        let look = at + SECOND * 7 - SimTime::ZERO;
                        prop_assert!((look % (SECOND * 15)).is_zero());
                        prop_assert!(measured.last().is_none_or(|&last| last < at));
                        measured.push(at);
                        scaling.measure(FIRST, at, using(0.5));
                        let quiet_until = quiet.next().flatten();
                        let quiet_until = quiet_until.map(|quiet| at + SimDuration::from_nanos(quiet));
                        planned.extend(scaling.plan_next(FIRST, at, quiet_until));
                    }
                }
                now = touched;
                planned.extend(scaling.requeue(FIRST, now));
                let next = planned.iter().min().expect("one is planned");
                prop_assert!((now..=now + SECOND * 15).contains(next));
            }
        }

        /// The search finds the end of a quiet time to one sync, and never too late.
        #[test]
        fn a_quiet_time_is_found_to_one_sync(from in 0..NANOS, length in 0..9_000 * NANOS, end in 0..9_000 * NANOS) {
            let scaling = scaling();
            let from = SimTime::from_nanos(from);
            let [to, end] = [length, end].map(|nanos| from + SimDuration::from_nanos(nanos));
            let found = scaling.quiet_within(Span::new(from, to), &|span| span.to <= end);
            prop_assert!(found <= end.min(to));
            prop_assert!(found + SECOND * 15 >= end.min(to));
        }
    }
}
