//! Series that stay with a collector when targets move.

use crate::model::load::driver::weight_value;
use crate::model::pipeline::Kind;
use crate::model::process::collector::Life;
use crate::model::wal::HeldBack;

use super::Fleet;
use crate::units::{SimDuration, SimTime};

impl Fleet<'_> {
    /// Updates the residue of a collector when its weights change.
    ///
    /// After targets move away, their live and dead series stay in the old owner's WAL and queues
    /// until truncated. The new owner never holds series that had died before the move, unless its
    /// own replay restores them.
    pub(super) fn keep_residue(&mut self, index: u32, before: &[u32], now: SimTime) {
        let truncation = self.plan.resident.truncation();
        let process = self.collectors[index as usize].process;
        if truncation.every == SimDuration::ZERO || self.collectors[index as usize].life != Life::Up
        {
            return;
        }
        let mut residue = process.residue.map(|residue| residue.at(now));
        let mut elsewhere = [0.0; 2];
        let mut moved = 0.0;
        let segment = self.plan.resident.driver.segment(now);
        let weights = before.iter().zip(self.weights_of(index)).enumerate();
        for (stream, (&before, &after)) in weights {
            let lost = weight_value(before) - weight_value(after);
            let others = (1.0 - weight_value(after)).max(0.0);
            if self.plan.streams[stream].kind == Kind::Metrics {
                moved += lost * self.plan.resident.driver.streams[stream].level[segment];
            }
            let held = self.plan.resident.held_back(&process, stream, now);
            for (holder, HeldBack { alive, dead }) in held.into_iter().enumerate() {
                let comes_back = lost < 0.0 && process.started == now;
                residue[holder] += lost.max(0.0) * alive;
                residue[holder] += if comes_back { 0.0 } else { lost * dead };
                elsewhere[holder] += others * (alive + dead);
            }
        }
        // No collector holds more than all series of its cluster.
        let least = |holder: usize| residue[holder].min(elsewhere[holder]);
        let leaked = moved * self.plan.memory.per_series.moved;
        let process = &mut self.collectors[index as usize].process;
        // What comes back finds its entry.
        process.leak(leaked);
        process.leave_behind([least(0), least(1)], truncation, now);
    }
}
