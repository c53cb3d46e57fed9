//! The last instant of a fleet: everything is accounted for and checked.

use crate::model::load::draw::Draw;
use crate::model::load::timeline::Grid;
use crate::model::process::collector::Life;
use crate::model::record::catalogue::Failure;
use crate::model::record::observer::{Note, Observer};
use crate::model::record::outcome::RecordKind;
use crate::units::{SimTime, Span};

use super::Fleet;

impl Fleet<'_> {
    /// Accounts for everything up to the end. Panics if a sample is unaccounted for.
    pub(in crate::model) fn finish(
        &mut self,
        grid: &Grid,
        (draw, observer): (&Draw, &mut Observer),
    ) {
        let end = grid.end;
        self.settle_all(end);
        self.settle_total(end);
        for index in self.existing() {
            let inflow = self.inflow(index, end);
            self.pipelines.metrics.note_age(index, end);
            self.pipelines.metrics.count_all_retries(index, inflow, end);
        }
        self.note_backlog(observer);
        self.finish_tails(end, draw);
        self.finish_profiles(end, draw);
        self.look_at_restart(grid, observer);
        self.note_failures(observer);
        self.note_pending_collectors(grid, observer);
        self.assert_conserved();
    }

    /// Notes what a restart of every collector at the end would need.
    fn look_at_restart(&mut self, grid: &Grid, observer: &mut Observer) {
        let end = grid.end;
        let plan = self.plan.blueprint;
        let factor = if plan.wal.on_volume {
            plan.memory.replay_peak.median()
        } else {
            1.0
        };
        let (mut restart_live, mut rest_live) = (0.0_f64, 0.0_f64);
        for index in self.existing() {
            let collector = &self.collectors[index as usize];
            if collector.life != Life::Up || collector.looping_with(end).is_some() {
                restart_live = restart_live.max(self.look_at_loop(index, factor, (grid, observer)));
                continue;
            }
            let weights = self.weights_of(index);
            let live = self.plan.resident.live_at(&collector.process, weights, end);
            let freed = self.plan.resident.shed(&collector.process, end);
            let restored = live - freed + self.copies_of(index, end);
            restart_live = restart_live.max(restored * factor);
            rest_live = rest_live.max(live);
            self.note_unsafe(index, end, (grid, observer));
        }
        let tally = &mut self.tally;
        (tally.restart_live, tally.rest_live) = (restart_live, rest_live);
    }

    /// Live bytes that the next start of a collector needs that is down after a kill, 0 of any
    /// other. A collector in a crash loop needs at least what its last process needed. Its restart
    /// has been unsafe since the first kill after a long time in service.
    fn look_at_loop(
        &self,
        index: u32,
        replay_factor: f64,
        (grid, observer): (&Grid, &mut Observer),
    ) -> f64 {
        let collector = &self.collectors[index as usize];
        let Some(since) = collector.failing_since(grid.end) else {
            return 0.0;
        };
        let next = if self.plan.blueprint.wal.on_volume {
            collector.replayed.live * replay_factor
        } else {
            let weights = self.weights_of(index);
            self.plan.resident.fresh_at(weights, grid.end)
        };
        let looping_with = collector.looping_with(grid.end);
        let live = looping_with.map_or(next, |live| live.max(next));
        if looping_with.is_some() || live > self.plan.memory.live_max() {
            let at = since.max(grid.warm_up);
            observer.fail(self.scope(), Failure::RestartUnsafe, at);
        }
        live
    }

    /// Notes the first instant up to `now` at which a process would not have survived a replay of
    /// its WAL.
    ///
    /// Simplified: as if the process had always had its present weights.
    pub(super) fn note_unsafe(
        &mut self,
        index: u32,
        now: SimTime,
        (grid, observer): (&Grid, &mut Observer),
    ) {
        let plan = self.plan.blueprint;
        let process = self.collectors[index as usize].process;
        let freed = self.plan.resident.shed(&process, now) - self.copies_of(index, now);
        let limit = self.plan.memory.live_max() / plan.memory.replay_peak.median() + freed;
        let from = grid.warm_up.max(process.started);
        // One nanosecond later, so that a jump at `now` is included.
        let to = now.just_after().min(grid.end).min(self.unsafe_from);
        if !plan.wal.on_volume || limit.is_infinite() || from >= to {
            return;
        }
        let weights = self.weights_of(index);
        let first = self
            .plan
            .resident
            .first_above(&process, weights, Span::new(from, to), limit);
        if let Some(first) = first {
            self.unsafe_from = first;
            observer.fail(self.scope(), Failure::RestartUnsafe, first);
        }
    }

    fn note_failures(&self, observer: &mut Observer) {
        let scope = self.scope();
        if let Some((at, index, cores)) = self.cpu_short {
            observer.fail(scope, Failure::CpuShort, at);
            let note = Note::new(at, RecordKind::CpuShort, cores);
            observer.note(scope, Some(index), note);
        }
        if let Some(loss) = self.pipelines.metrics.first_loss() {
            observer.fail(scope, Failure::DataLost, loss.at);
        }
        if let Some(loss) = self.pipelines.logs.first_loss() {
            observer.fail(scope, Failure::LogsLost, loss.at);
        }
        if let Some(at) = self.pipelines.traces.first_loss() {
            observer.fail(scope, Failure::SpansLost, at);
            observer.fail(scope, Failure::DataLost, at);
        }
        if let Some(at) = self.pipelines.profiles.first_loss() {
            observer.fail(scope, Failure::ProfilesLost, at);
        }
    }

    fn assert_conserved(&self) {
        let name = &self.plan.blueprint.name;
        self.pipelines.assert_conserved(name);
        let jobs = &self.jobs.ledger;
        jobs.assert_balanced(&format!("{name} (jobs)"), &vec![0; jobs.deliveries.len()]);
    }
}
