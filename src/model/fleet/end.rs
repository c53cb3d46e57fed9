//! The end of a process: kills, stops, lost nodes.

use rand_distr::{Distribution, Exp1};

use crate::model::blueprint::{Balancer, LogSource, ProfileSource};
use crate::model::load::draw::{Occasion, Purpose};
use crate::model::moment::{Event, Moment};
use crate::model::pipeline::{Ending, Kind, Loss, Stream};
use crate::model::process::collector::Life;
use crate::model::record::catalogue::Failure;
use crate::model::record::observer::Note;
use crate::model::record::outcome::RecordKind;
use crate::model::topology::{Assignment, Tenancy};
use crate::units::{MIB, SimDuration, SimTime};

use super::Fleet;

/// Greatest seconds until a load balancer sends nothing more to a pod that is asked to stop.
///
/// INFERRED: Kubernetes takes a terminating pod from its endpoints at once, and kube-proxy follows
/// within its `minSyncPeriod` of 1 s.
const LEFT_ENDPOINTS: f64 = 1.0;

/// The same for a pod whose process has died.
///
/// INFERRED: the kubelet looks at containers once a second, and its status takes as long on its way.
const LOST_ENDPOINTS: f64 = 3.0;

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum End {
    /// The process was killed; peers notice late.
    Killed {
        /// Back-off before the next start.
        back_off: SimDuration,
    },
    /// The process was asked to stop; peers notice at once.
    Asked {
        /// How long the node is away; zero for a restart in place.
        away: SimDuration,
    },
    /// The node is gone; peers notice late.
    NodeLost {
        /// How long until a node is there again.
        away: SimDuration,
    },
}

impl End {
    /// The process was asked to restart in place.
    pub(in crate::model) const RESTART: Self = Self::Asked {
        away: SimDuration::ZERO,
    };
}

impl Fleet<'_> {
    /// Draws the next interruption of a collector that has just started at `now`.
    pub(super) fn draw_interruption(&mut self, index: u32, moment: &Moment<'_>) {
        let owner = self.plan.key;
        let collector = &mut self.collectors[index as usize];
        collector.interrupted_at = SimTime::NEVER;
        if let Some(mean) = self.plan.restart_seconds {
            collector.drawn += 1;
            let mut stream = moment
                .draw
                .stream(Purpose::Restart, owner, index, collector.drawn);
            let gap: f64 = Exp1.sample(&mut stream);
            collector.interrupted_at = moment.now + SimDuration::from_secs_f64(gap * mean);
        }
    }

    /// The kind of a kill at the limit of memory. Without a limit of its own a collector is killed
    /// by its node.
    pub(in crate::model) fn kind_of_kill(&self) -> RecordKind {
        if self.plan.memory.limit_is_own {
            RecordKind::OomKilled
        } else {
            RecordKind::NodeOomKilled
        }
    }

    /// Counts OOM kills of a collector.
    pub(super) fn count_kills(&mut self, index: u32, what: RecordKind, kills: u64) {
        let by_node = what == RecordKind::NodeOomKilled;
        self.collectors[index as usize].count_kills(kills, by_node);
        self.tally.oom_kills += kills;
        self.tally.node_kills += if by_node { kills } else { 0 };
    }

    /// A collector is OOM-killed: by its own limit, or by its node.
    pub(in crate::model) fn kill(&mut self, index: u32, what: RecordKind, moment: &mut Moment<'_>) {
        let now = moment.now;
        self.settle(index, now);
        let process = self.collectors[index as usize].process;
        let live = self
            .plan
            .resident
            .live_at(&process, self.weights_of(index), now);
        let needed = self.plan.memory.limit_needed(live);
        self.note_kill(index, now);
        let collector = &mut self.collectors[index as usize];
        // The settled span ends before `now`, and a jump at `now` caused the kill.
        collector.live_peak = collector.live_peak.max(live);
        let back_off = collector.kill(now, live);
        self.count_kills(index, what, 1);
        let scope = self.scope();
        let kill = Note::new(now, what, needed);
        moment.observer.killed(scope, index, kill);
        self.end_process(index, End::Killed { back_off }, moment);
    }

    /// A process ends, and its backlog is lost. The targets of the collector are missed until its
    /// peers take over or it is back.
    pub(in crate::model) fn end_process(&mut self, index: u32, end: End, moment: &mut Moment<'_>) {
        let now = moment.now;
        let tenancy = self.plan.blueprint.topology.tenancy;
        self.note_end(index, moment);
        self.note_loss(index, now);
        self.settle(index, now);
        let end = self.flush_before(index, end, now);
        let metrics = &mut self.pipelines.metrics;
        let lost = match tenancy {
            Tenancy::OwnPod => metrics.lose(index, |delivery| &mut delivery.lost_restart),
            Tenancy::SharedPod => metrics.lose(index, |delivery| &mut delivery.lost_exit),
        };
        let ending = self.ending(end);
        self.stop_tail(index, ending, moment);
        self.stop_profiles(index, now, moment.draw);
        let lost_spans = self.end_spans(index, ending, now);
        let process = self.collectors[index as usize].process;
        let weights = self.weights_of(index);
        let live = self.plan.resident.live_at(&process, weights, now);
        let series = self.plan.resident.units_at(&process, weights, now);
        // A jump past the limit kills the process on the way up, so its WAL holds no more than fits
        // the limit.
        let most = self.plan.memory.live_max();
        let fits = (most / live.max(f64::MIN_POSITIVE)).min(1.0);
        let kept_from = self.plan.resident.replayed_from(&process, now);
        let (wal_from, brought, wal_bytes) = self.left_on_volume(index, now);
        let copies = self.copies_of(index, now);
        let restored = live.min(most) - self.plan.resident.shed(&process, now) + copies;
        let collector = &mut self.collectors[index as usize];
        let is_kill = matches!(end, End::Killed { .. });
        if !is_kill {
            collector.replace_pod(now);
        }
        collector.stop();
        (collector.process.kept_from, collector.process.wal_from) = (kept_from, wal_from);
        collector.process.brought = brought;
        collector.process.keep_residue(now);
        collector.process.copy(copies);
        collector.replayed.mib = wal_bytes / MIB;
        (collector.replayed.live, collector.replayed.series) = (restored, series * fits);
        self.pipelines.reset(index);
        let scope = self.scope();
        if !is_kill {
            moment.note(scope, Some(index), RecordKind::Stopped, f64::NAN);
        }
        self.note_lost_spans(index, lost_spans, moment);
        if lost > 0.0 {
            moment.note(scope, Some(index), RecordKind::DataLost, lost);
            let (at, collector) = (now, index);
            let rate = self.inflow_at(now);
            let metrics = &mut self.pipelines.metrics;
            metrics.note_lost_with_process(Loss { at, collector }, lost, rate);
        }
        self.plan_start(index, end, moment);
        self.plan_takeover(index, end, moment);
        self.requeue_for(index, moment);
    }

    /// How a process ends, for what its pipelines hold.
    fn ending(&self, end: End) -> Ending {
        match (end, self.plan.blueprint.topology.tenancy) {
            (End::Killed { .. }, _) => Ending::Killed,
            (End::NodeLost { .. }, _) => Ending::NodeLost,
            (End::Asked { .. }, Tenancy::SharedPod) => Ending::Gone,
            (End::Asked { .. }, Tenancy::OwnPod) => Ending::Asked,
        }
    }

    /// Live bytes of the copies of labels that a replay of the series of a collector makes.
    pub(super) fn copies_of(&self, index: u32, at: SimTime) -> f64 {
        if !self.plan.blueprint.wal.on_volume {
            return 0.0;
        }
        let segment = self.plan.resident.driver.segment(at);
        self.feed(index).volume(segment).series * self.plan.memory.per_series.replayed
    }

    /// Notes what the end of a process touches: the age of its backlog, and the backlog of the
    /// fleet. Notes also whether its WAL would have survived a replay.
    pub(super) fn note_end(&mut self, index: u32, moment: &mut Moment<'_>) {
        let inflow = self.inflow(index, moment.now);
        self.pipelines.metrics.note_age(index, moment.now);
        let metrics = &mut self.pipelines.metrics;
        metrics.count_all_retries(index, inflow, moment.now);
        self.note_backlog_before_loss(moment);
        if self.collectors[index as usize].life == Life::Up {
            self.note_unsafe(index, moment.now, (moment.grid, moment.observer));
        }
    }

    /// Schedules the instant at which the peers of a stopped collector own its targets.
    ///
    /// Simplified: all targets that move are first scraped half an interval after the move. That is
    /// the mean of their true instants.
    fn plan_takeover(&mut self, index: u32, end: End, moment: &mut Moment<'_>) {
        let plan = self.plan.blueprint;
        if let Balancer::Exporter(routers) = plan.otlp.balancer {
            return self.plan_removal(&routers, (index, end), moment);
        }
        if plan.topology.assignment != Assignment::Ring
            && plan.topology.assignment != Assignment::Balanced
        {
            return;
        }
        let seconds = self.takeover_seconds(index, end, moment);
        let at = moment.now + SimDuration::from_secs_f64(seconds);
        self.collectors[index as usize].taken_at = at;
        let cluster = self.cluster_of(index).expect("it has peers");
        let fleet = self.plan.id;
        moment.schedule(at, Event::TargetsTakenOver { fleet, cluster });
    }

    /// Seconds until the peers of a stopped collector own its targets, or get its clients.
    fn takeover_seconds(&self, index: u32, end: End, moment: &Moment<'_>) -> f64 {
        let plan = self.plan.blueprint;
        let occasion = Occasion::new(index, self.collectors[index as usize].drawn);
        let (key, drawn) = (self.plan.key, moment.draw);
        if self.inlet.is_open() {
            // A fleet sends a request that failed again, to another replica.
            return 0.0;
        }
        if !self.plan.streams.iter().any(|stream| self.pulls(stream)) {
            let most = match end {
                End::Asked { .. } => LEFT_ENDPOINTS,
                End::Killed { .. } | End::NodeLost { .. } => LOST_ENDPOINTS,
            };
            let unit = drawn.unit(Purpose::Takeover, key, occasion.entity, occasion.counter);
            return most * unit;
        }
        let law = match end {
            End::Asked { .. } => plan.interruptions.leave_takeover,
            End::Killed { .. } | End::NodeLost { .. } => plan.interruptions.crash_takeover,
        };
        let taken = drawn.noise(Purpose::Takeover, key, law, occasion).max(0.0);
        // The new owners first scrape a target at a uniform phase of its interval.
        taken + self.shortest_interval().nanos() as f64 / 2e9
    }

    /// Whether collectors fetch a stream. What is pushed comes through a load balancer.
    fn pulls(&self, stream: &Stream) -> bool {
        let plan = self.plan.blueprint;
        match stream.kind {
            Kind::Metrics => stream.is_scraped(),
            Kind::Logs => plan.log_intake.source != LogSource::Push,
            Kind::Profiles => plan.pyroscope.source == ProfileSource::Scrape,
            Kind::Traces => false,
            #[cfg(test)]
            Kind::Toy => false,
        }
    }

    /// A replay kills a collector. The next start replays the same WAL.
    pub(super) fn replay_killed(&mut self, index: u32, live: f64, moment: &mut Moment<'_>) {
        let now = moment.now;
        self.note_blocked_rollout(index);
        let needed = self.plan.memory.limit_needed(live);
        let collector = &mut self.collectors[index as usize];
        let back_off = collector.kill(now, live);
        collector.stop();
        self.count_kills(index, self.kind_of_kill(), 1);
        let scope = self.scope();
        let at = now;
        moment.observer.fail(scope, Failure::RestartUnsafe, at);
        let kill = Note::new(at, self.kind_of_kill(), needed);
        moment.observer.killed(scope, index, kill);
        self.plan_start(index, End::Killed { back_off }, moment);
    }

    /// Ends the process of a collector if it has one.
    pub(in crate::model) fn end_if_up(&mut self, index: u32, end: End, moment: &mut Moment<'_>) {
        if self.collectors[index as usize].life == Life::Up {
            self.end_process(index, end, moment);
        }
    }
}
