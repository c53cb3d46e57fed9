//! Profiles: a loop per target and type asks for each, and waits until all endpoints have it.
//!
//! There is no queue. So a profile is sent, given up, or never asked for, because its loop still waits
//! with another one. Work (profiles per second × nanoseconds, fixed point) is split exactly.

mod away;
mod ledger;
mod loops;
mod route;

use crate::model::blueprint::{EndpointId, ProfileSource, Pyroscope};
use crate::model::load::driver::fractional_samples;
use crate::model::load::work::portion;
use crate::model::process::memory::Memory;
use crate::model::wal::Coefficient;
use crate::units::{SimDuration, SimTime, Span};

use super::traces::SECOND;
use super::{Feed, Kind, Stream, Total};
use loops::Loops;

pub(in crate::model) use ledger::{ProfileDelivery, ProfileIntake};
pub(in crate::model) use route::ProfileRoute;

/// The profiles of a fleet.
#[derive(Clone, Debug, Default)]
pub(in crate::model) struct Profiles {
    /// The streams of the fleet that are profiles.
    own: Vec<usize>,
    /// How the fleet takes them; `None` for a fleet without profiles.
    plan: Option<Pyroscope>,
    /// The routes to the endpoints, at least one for a fleet with profiles.
    pub routes: Vec<ProfileRoute>,
    /// The loops of each collector.
    loops: Vec<Loops>,
    /// Work that the loops of each collector have in hand.
    in_hand: Vec<u128>,
    /// Work of each collector that is still to be skipped, for its targets are new there.
    newcomers: Vec<u128>,
    intake: ProfileIntake,
    deliveries: Vec<ProfileDelivery>,
    tally: ProfileTally,
}

/// Extremes and sums of the profiles of a fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct ProfileTally {
    /// Longest time for which a loop sent nothing.
    gap_peak: SimDuration,
    /// First instant at which a profile was lost.
    first_loss: Option<SimTime>,
    /// Core seconds of everything that was offered.
    core_seconds: f64,
}

/// Live bytes per profile per second: what is on its way, and what its target takes, spread over the
/// profiles of the target.
pub(super) fn coefficient(stream: &Stream, memory: &Memory) -> Coefficient {
    let each = stream.profiles.per_second.max(f64::MIN_POSITIVE);
    Coefficient {
        resident: 0.0,
        active: stream.held + memory.live_per_profiled_target / each,
    }
}

/// Profiles in some work.
fn profiles_of(work: u128) -> f64 {
    fractional_samples(work, SECOND)
}

impl Profiles {
    /// The profiles among the streams of a fleet of `collectors`.
    pub(in crate::model) fn new(
        streams: &[Stream],
        (plan, routes): (Pyroscope, Vec<ProfileRoute>),
        collectors: usize,
    ) -> Self {
        let is_own = |stream: &usize| streams[*stream].kind == Kind::Profiles;
        let own: Vec<usize> = (0..streams.len()).filter(is_own).collect();
        if own.is_empty() {
            return Self::default();
        }
        Self {
            own,
            plan: Some(plan),
            loops: vec![Loops::Running; collectors],
            in_hand: vec![0; collectors],
            newcomers: vec![0; collectors],
            deliveries: vec![ProfileDelivery::default(); routes.len()],
            routes,
            ..Self::default()
        }
    }

    /// Whether the fleet takes no profiles.
    pub(in crate::model) fn is_empty(&self) -> bool {
        self.own.is_empty()
    }

    /// The route that leads to an endpoint.
    pub(in crate::model) fn route_to(&self, endpoint: EndpointId) -> Option<usize> {
        let mut routes = self.routes.iter();
        routes.position(|route| route.endpoint == Some(endpoint))
    }

    /// Counts what all workloads of the fleet offer over a span.
    pub(super) fn offer(&mut self, total: &Total<'_>, span: Span) {
        for &stream in &self.own {
            let each = total.resident.driver.work(stream, span);
            let work = each * u128::from(total.carried[stream]);
            self.intake.offered += work;
            self.intake.missed_down += each * u128::from(total.unowned[stream]);
            self.tally.core_seconds += total.streams[stream].cores * profiles_of(work);
        }
    }

    /// Counts as missed what a collector was offered over a span.
    pub(super) fn miss(&mut self, feed: &Feed<'_>, span: Span) {
        for &stream in &self.own {
            self.intake.missed_down += feed.work(stream, span);
        }
    }

    /// A collector takes what it is offered over a span, but for the work of each stream that found no
    /// CPU.
    pub(super) fn serve(&mut self, feed: &Feed<'_>, span: Span, short: &[u128]) {
        if self.own.is_empty() {
            return;
        }
        let collector = feed.index as usize;
        let mut left = 0;
        for &stream in &self.own {
            let work = feed.work(stream, span);
            let short = short.get(stream).copied().unwrap_or(0).min(work);
            self.intake.missed_cpu += short;
            left += work - short;
        }
        let first = left.min(self.newcomers[collector]);
        self.newcomers[collector] -= first;
        self.intake.skipped_first += first;
        left -= first;
        match &self.loops[collector] {
            Loops::Running => self.pass(left),
            Loops::Waiting { .. } if self.is_pushed() => self.fail(left, span.from),
            Loops::Waiting { .. } => self.in_hand[collector] += left,
            Loops::Resuming(resuming) => {
                let asleep = portion(left, resuming.asleep(span));
                let skipped = portion(asleep, resuming.skipped);
                let woken = resuming.woken(span);
                let is_over = resuming.is_over(span.to);
                self.intake.skipped += skipped;
                let in_hand = self.in_hand[collector] + asleep - skipped;
                let sent = if is_over {
                    in_hand
                } else {
                    portion(in_hand, woken)
                };
                self.in_hand[collector] = in_hand - sent;
                self.pass(left - asleep + sent);
                if is_over {
                    self.loops[collector] = Loops::Running;
                }
            }
        }
    }

    /// Who asks for a profile that is not pushed waits for it; a client that pushes goes on.
    fn is_pushed(&self) -> bool {
        self.plan
            .is_some_and(|plan| plan.source == ProfileSource::Push)
    }

    /// Work goes to all endpoints, which may reject some of it, or have some of it given up. A loop
    /// whose profile takes longer than its interval misses ticks.
    fn pass(&mut self, work: u128) {
        let interval = self.plan.map_or(0.0, |plan| plan.interval.secs_f64());
        let seconds = self.routes.iter().map(|route| route.seconds);
        let slowest = seconds.fold(0.0, f64::max);
        let work = if slowest > interval && !self.is_pushed() {
            let skipped = portion(work, 1.0 - interval / slowest);
            self.intake.skipped += skipped;
            work - skipped
        } else {
            work
        };
        self.intake.taken += work;
        let part = |work, share: f64| if share > 0.0 { portion(work, share) } else { 0 };
        for (route, delivery) in self.routes.iter().zip(&mut self.deliveries) {
            let failed = part(work, route.given_up);
            let rejected = part(work - failed, route.rejected);
            delivery.send_failed += failed;
            delivery.rejected += rejected;
            delivery.sent += work - failed - rejected;
        }
    }

    /// Requests of clients fail where an endpoint is away from `at` on. The others have got them.
    ///
    /// Simplified: a client gives up before the endpoint is back.
    fn fail(&mut self, work: u128, at: SimTime) {
        if work == 0 {
            return;
        }
        self.intake.taken += work;
        for (route, delivery) in self.routes.iter().zip(&mut self.deliveries) {
            if route.is_down {
                delivery.send_failed += work;
            } else {
                delivery.sent += work;
            }
        }
        self.note_loss(at);
    }

    /// The measured horizon begins. What is in hand then stands at its beginning.
    pub(super) fn begin_horizon(&mut self) {
        self.tally = ProfileTally::default();
        self.intake = ProfileIntake {
            standing: self.in_hand.iter().sum(),
            ..ProfileIntake::default()
        };
        self.deliveries.fill(ProfileDelivery::default());
    }

    /// Profiles of one fate before the endpoints; NaN for a fleet without profiles.
    pub(in crate::model) fn taken(&self, fate: impl Fn(&ProfileIntake) -> u128) -> f64 {
        self.where_any(profiles_of(fate(&self.intake)))
    }

    /// Profiles of one fate on the routes to all endpoints; NaN for a fleet without profiles.
    pub(in crate::model) fn delivered(&self, fate: impl Fn(&ProfileDelivery) -> u128) -> f64 {
        let profiles = self.deliveries.iter().map(|of| profiles_of(fate(of)));
        self.where_any(profiles.sum())
    }

    /// Profiles that loops have in hand; NaN for a fleet without profiles.
    pub(in crate::model) fn pending(&self) -> f64 {
        self.where_any(profiles_of(self.in_hand.iter().sum()))
    }

    /// Profiles missed or lost over those offered, as a mean over the endpoints. Of what nobody asked
    /// for, sums since the start of a pod are in the next profile.
    pub(in crate::model) fn loss_ratio(&self) -> f64 {
        let caught_up = self.plan.map_or(0.0, |plan| plan.kept_share());
        let intake = &self.intake;
        let missed = intake.missed_down + intake.missed_cpu + intake.skipped_first;
        let missed = profiles_of(missed) + (1.0 - caught_up) * profiles_of(intake.skipped);
        let lost = self.delivered(ProfileDelivery::lost) / self.routes.len() as f64;
        (missed + lost) / profiles_of(intake.offered)
    }

    /// Longest time for which a loop sent nothing because of an outage; NaN for a fleet without
    /// profiles.
    pub(in crate::model) fn gap_peak(&self) -> f64 {
        self.where_any(self.tally.gap_peak.secs_f64())
    }

    /// First instant at which a profile was lost.
    pub(in crate::model) fn first_loss(&self) -> Option<SimTime> {
        self.tally.first_loss
    }

    /// Core seconds of the profiles that were taken.
    pub(in crate::model) fn core_seconds(&self) -> f64 {
        let ProfileIntake {
            offered,
            missed_down,
            missed_cpu,
            skipped,
            ..
        } = self.intake;
        let idle = missed_down + missed_cpu + skipped;
        if offered == 0 {
            return 0.0;
        }
        self.tally.core_seconds * (1.0 - idle as f64 / offered as f64).max(0.0)
    }

    fn where_any(&self, value: f64) -> f64 {
        if self.plan.is_some() { value } else { f64::NAN }
    }

    fn note_loss(&mut self, at: SimTime) {
        let first = self.tally.first_loss.map_or(at, |first| first.min(at));
        self.tally.first_loss = Some(first);
    }

    /// Panics if a profile is unaccounted for.
    pub(super) fn assert_conserved(&self, fleet: &str) {
        self.intake
            .assert_balanced(fleet, self.in_hand.iter().sum());
        for delivery in &self.deliveries {
            delivery.assert_balanced(fleet, self.intake.taken);
        }
    }
}
