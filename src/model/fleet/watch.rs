//! The tracks of a fleet.

use crate::model::autoscale::Scaling;
use crate::model::moment::Moment;
use crate::model::process::collector::Life;
use crate::model::record::observer::FleetPoint;

use super::{Fleet, FleetTally};
use crate::units::{SimTime, Span};

impl Fleet<'_> {
    /// Records a point of the tracks.
    pub(in crate::model) fn observe(&mut self, point: usize, moment: &mut Moment<'_>) {
        let now = moment.now;
        self.settle_total(now);
        self.look_at_backlog(moment);
        // A point shows the time before it, the first one the time that begins.
        let shown = if point == 0 { now } else { now.just_before() };
        let segment = self.plan.resident.driver.segment(shown);
        let series = self.total().volume(segment).series + self.jobs.series_now();
        let count = self.count();
        if point == 0 {
            self.tally.collectors_start = count + self.jobs.running;
        }
        let highest = self.scaling.as_mut().map_or(count, Scaling::take_highest);
        let collectors = f64::from(highest) + f64::from(self.jobs.running);
        let live = self.highest_live(moment);
        let memory = if live > 0.0 {
            self.plan.memory.limit_needed(live)
        } else {
            0.0
        };
        let seen = FleetPoint {
            series,
            collectors,
            memory,
        };
        moment.observer.fleet_point(self.plan.id, point, now, seen);
    }

    /// Notes the backlog of a fleet at a point of the tracks. Only collectors that may have one are
    /// looked at.
    fn look_at_backlog(&mut self, moment: &mut Moment<'_>) {
        let mut holders = self.existing();
        holders.retain(|&index| self.pipelines.metrics.may_hold_backlog(&self.feed(index)));
        if holders.is_empty() {
            return;
        }
        for index in holders {
            self.settle(index, moment.now);
        }
        self.note_backlog(moment.observer);
    }

    /// Highest live bytes of any running process since the last point, where not yet noted.
    fn highest_live(&mut self, moment: &Moment<'_>) -> f64 {
        let mut best = self.jobs.live_peak;
        for index in self.existing() {
            best = self.follow_memory(index, best, moment);
        }
        best
    }

    /// Highest live bytes of a running process up to `now` since they were last followed, if above
    /// `best`.
    fn follow_memory(&mut self, index: u32, best: f64, moment: &Moment<'_>) -> f64 {
        let (now, looked) = (moment.now, moment.observer.looked(self.plan.id));
        let collector = &mut self.collectors[index as usize];
        let from = looked
            .max(collector.observed)
            .max(collector.process.started);
        collector.observed = now;
        let collector = &self.collectors[index as usize];
        let weights = self.weights_of(index);
        match collector.life {
            Life::Up if from < now => {
                let span = (from, now);
                self.plan.resident.peak(
                    &collector.process,
                    weights,
                    Span::new(span.0, span.1),
                    best,
                )
            }
            Life::Up => best.max(self.plan.resident.live_at(&collector.process, weights, now)),
            _ => best,
        }
    }

    /// Notes the memory of a collector before its weights change.
    pub(super) fn note_memory(&mut self, index: u32, moment: &mut Moment<'_>) {
        if moment.now <= moment.grid.warm_up {
            return;
        }
        let live = self.follow_memory(index, 0.0, moment);
        if live > 0.0 {
            let needed = self.plan.memory.limit_needed(live);
            moment.observer.memory(self.plan.id, needed);
        }
    }

    /// Accounts for every collector of a fleet that exists.
    pub(in crate::model) fn settle_all(&mut self, now: SimTime) {
        for index in self.existing() {
            self.settle(index, now);
        }
    }

    /// The measured horizon begins. Counts of the warm-up are reset.
    pub(in crate::model) fn begin_horizon(&mut self, now: SimTime) {
        self.settle_all(now);
        self.settle_total(now);
        self.tally = FleetTally {
            rollouts: u32::from(self.rollout.is_some()),
            ..FleetTally::default()
        };
        self.pipelines.begin_horizon();
        let steps = &mut self.carried.steps;
        *steps = steps.is_some().then(Vec::new);
        self.cpu_short = None;
        for collector in &mut self.collectors {
            (collector.oom_kills, collector.node_kills) = (0, 0);
            collector.live_peak = 0.0;
        }
        if let Some(scaling) = &mut self.scaling {
            scaling.begin_horizon();
        }
        self.jobs.begin_horizon();
        self.note_connections(0.0);
    }
}
