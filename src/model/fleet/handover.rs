//! Targets that come back after a short absence.

use crate::model::load::driver::weight_value;
use crate::model::moment::Moment;
use crate::model::pipeline::Kind;
use crate::model::process::collector::Life;
use crate::model::wal::HeldBack;

use super::Fleet;
use super::facts::Facts;
use crate::units::{SimDuration, SimTime};

impl Fleet<'_> {
    /// Shortest interval between two scrapes of a target.
    pub(super) fn shortest_interval(&self) -> SimDuration {
        let counted = self
            .plan
            .streams
            .iter()
            .filter(|stream| stream.kind == Kind::Metrics && stream.derived.is_none());
        counted
            .map(|stream| stream.interval)
            .min()
            .unwrap_or(SimDuration::ZERO)
    }

    /// Targets move back to a collector that is in service again. After an absence shorter than an
    /// interval, the new owners have scraped only some of them. Only these targets leave series
    /// behind.
    pub(in crate::model) fn hand_back(&mut self, index: u32, moment: &mut Moment<'_>) -> Facts {
        let Some(cluster) = self.cluster_of(index) else {
            return Facts::default();
        };
        let now = moment.now;
        let interval = self.shortest_interval();
        let taken_at = self.collectors[index as usize].taken_at;
        let owned_from = taken_at.before(interval / 2);
        let scraped = now.since(owned_from).nanos() as f64 / interval.nanos().max(1) as f64;
        let was_waiting = !self.clusters[cluster].readiness.takes_targets();
        if taken_at == SimTime::ZERO || scraped >= 1.0 || was_waiting {
            return self.rebalance(cluster, moment);
        }
        let owners = self.owners(cluster, now);
        let gains = self.clusters[cluster].gains_without(index, owners);
        let facts = self.rebalance(cluster, moment);
        // The model moves all targets at `taken_at`; really they move as they are scraped, so
        // correct by the share scraped by now.
        let moved_by_now = if now < taken_at { 0.0 } else { 1.0 };
        for (other, mut gains) in gains.into_iter().flatten() {
            for gain in &mut gains {
                *gain *= scraped - moved_by_now;
            }
            if self.leave_behind(other, &gains, now) {
                self.replan_memory(other, moment);
            }
        }
        facts
    }

    /// Changes the residue of a collector by series that have moved on. Returns whether anything
    /// changed.
    fn leave_behind(&mut self, index: u32, gains: &[f64], now: SimTime) -> bool {
        let truncation = self.plan.resident.truncation();
        let is_up = self.collectors[index as usize].life == Life::Up;
        if !is_up || truncation.every == SimDuration::ZERO || gains.iter().all(|&gain| gain == 0.0)
        {
            return false;
        }
        self.settle(index, now);
        let process = self.collectors[index as usize].process;
        let mut residue = process.residue.map(|residue| residue.at(now));
        let mut elsewhere = [0.0; 2];
        for (stream, gain) in gains.iter().enumerate() {
            let weight = weight_value(self.weights_of(index)[stream]);
            let held = self.plan.resident.held_back(&process, stream, now);
            for (holder, HeldBack { alive, dead }) in held.into_iter().enumerate() {
                residue[holder] += gain * alive;
                elsewhere[holder] += (1.0 - weight).max(0.0) * (alive + dead);
            }
        }
        let least = |holder: usize| residue[holder].min(elsewhere[holder]);
        let process = &mut self.collectors[index as usize].process;
        process.leave_behind([least(0), least(1)], truncation, now);
        true
    }
}
