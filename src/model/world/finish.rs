//! The last instant: everything is accounted for, checked and written into the outcome.

use crate::model::process::collector::Life;
use crate::model::record::catalogue::{Failure, Metric, Scope};
use crate::model::record::outcome::{Happened, Layout, Outcome};

use super::World;

impl World<'_> {
    /// Accounts for everything up to the end, proves that no sample is unaccounted for, and writes
    /// the outcome.
    pub(super) fn finish(mut self, events_handled: u64) -> (Outcome, Happened) {
        let end = self.grid.end;
        for fleet in 0..self.fleets.len() {
            self.settle_all(fleet, end);
            self.fleets[fleet].settle_total(end);
            for index in self.existing(fleet) {
                self.fleets[fleet].note_age(index, end);
            }
            let backlog = self.note_backlog(fleet);
            self.observer.backlog(fleet, backlog);
            self.look_at_restart(fleet, end);
            self.note_failures(fleet);
            self.assert_conserved(fleet);
        }
        let layout = Layout::of(self.blueprint);
        let values = layout
            .columns
            .iter()
            .map(|&(scope, metric)| self.value(scope, metric))
            .collect();
        let days = |fleet| self.collector_seconds(fleet) / 86_400.0;
        let collector_days = (0..self.fleets.len()).map(days).sum();
        let outcome = Outcome {
            values,
            first: std::mem::take(&mut self.observer.first),
            tracks: std::mem::take(&mut self.observer.tracks),
            unknowns: self.draw.values().to_vec(),
            replicas: Vec::new(),
            events_handled,
            collector_days,
        };
        (outcome, self.observer.happened)
    }

    fn assert_conserved(&self, fleet: usize) {
        let state = &self.fleets[fleet];
        let name = &self.blueprint.fleets[fleet].name;
        state.ledger.assert_balanced(name, &state.pending());
        let jobs = &self.jobs[fleet].ledger;
        jobs.assert_balanced(&format!("{name} (jobs)"), &vec![0; jobs.deliveries.len()]);
        for egress in &self.egresses {
            for set in &egress.sets {
                assert!(set.jobs.is_conserved(), "source ports are not conserved");
            }
        }
    }

    /// What would happen if every collector restarted at the end.
    fn look_at_restart(&mut self, fleet: usize, end: u64) {
        let plan = &self.blueprint.fleets[fleet];
        let factor = if plan.wal.on_volume {
            plan.memory.replay_peak.median()
        } else {
            1.0
        };
        let (mut restart_live, mut rest_live) = (0.0_f64, 0.0_f64);
        for index in self.existing(fleet) {
            let state = &self.fleets[fleet];
            let collector = &state.collectors[index as usize];
            if collector.life != Life::Up {
                continue;
            }
            let weights = state.weights_of(index);
            let live = state.resident.live_at(&collector.process, weights, end);
            restart_live = restart_live.max(live * factor);
            rest_live = rest_live.max(live);
            self.note_unsafe(fleet, index, end);
        }
        let tally = &mut self.fleets[fleet].tally;
        (tally.restart_live, tally.rest_live) = (restart_live, rest_live);
    }

    /// Looks for the first instant up to `now` at which a running process would not have survived
    /// the replay of its log.
    ///
    /// Simplified: as if it had always carried what it carries now.
    pub(super) fn note_unsafe(&mut self, fleet: usize, index: u32, now: u64) {
        let plan = &self.blueprint.fleets[fleet];
        let state = &mut self.fleets[fleet];
        let process = state.collectors[index as usize].process;
        let limit = state.memory.live_max() / plan.memory.replay_peak.median();
        let from = self.grid.lead.max(process.started);
        // An instant later, so that a jump at `now` is seen.
        let to = (now + 1).min(self.grid.end).min(state.unsafe_from);
        if !plan.wal.on_volume || limit.is_infinite() || from >= to {
            return;
        }
        let weights = state.weights_of(index);
        let first = state
            .resident
            .first_above(&process, weights, (from, to), limit);
        if let Some(first) = first {
            state.unsafe_from = first;
            self.observer
                .fail(Scope::Fleet(fleet), Failure::RestartUnsafe, first);
        }
    }

    fn note_failures(&mut self, fleet: usize) {
        let scope = Scope::Fleet(fleet);
        if let Some((at, index, cores)) = self.fleets[fleet].cpu_short {
            self.observer.fail(scope, Failure::CpuShort, at);
            let what = crate::model::record::outcome::What::CpuShort;
            self.observer.note(scope, Some(index), (at, what, cores));
        }
        if let Some((at, _)) = self.fleets[fleet].data_lost {
            self.observer.fail(scope, Failure::DataLost, at);
        }
    }

    fn value(&self, scope: Scope, metric: Metric) -> f64 {
        match scope {
            Scope::Fleet(fleet) => self.fleet_value(fleet, metric),
            Scope::Pool(pool) => self.pool_value(pool, metric),
            Scope::Egress(egress) => self.egress_value(egress, metric),
            Scope::Endpoint(endpoint) => self.endpoint_value(endpoint, metric),
        }
    }
}
