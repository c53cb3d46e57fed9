//! The first collectors of a fleet.

use crate::model::blueprint::{ClusterId, Start};
use crate::model::load::draw::Purpose;
use crate::model::moment::Moment;
use crate::model::process::collector::Began;
use crate::units::SimTime;

use super::facts::Facts;
use super::{Cohort, Fleet};

impl Fleet<'_> {
    /// Starts the first collectors of a fleet, in the state that [`Start`] asks for.
    pub(in crate::model) fn populate(&mut self, moment: &mut Moment<'_>) -> Facts {
        let mut facts = Facts {
            ports_changed: true,
            ..Facts::default()
        };
        for cohort in 0..self.cohorts.len() {
            let Cohort { base, alive, .. } = self.cohorts[cohort];
            for index in base..base + alive {
                if self.is_pending(index) {
                    self.wait_for_room(index, moment);
                    continue;
                }
                if self.starts_later(index, moment) {
                    self.start_later(index, moment);
                    continue;
                }
                let started = self.first_process(index, moment);
                // The WAL of a running fleet's process begins with the process, at its first phase.
                self.join(index, Began::empty(started), moment);
                self.collectors[index as usize].process.brought = self.earlier(index, moment);
            }
        }
        for cluster in ClusterId::all(self.clusters.len()) {
            facts = facts.and(self.rebalance(cluster, moment));
        }
        facts
    }

    /// The fleet has no collectors in this world: another world of the same draw has them.
    pub(in crate::model) fn stay_away(&mut self) {
        for cohort in &mut self.cohorts {
            cohort.alive = 0;
        }
    }

    /// Closed segments at the start of the first process of a collector. A process that has run for
    /// long, and whose truncations alone close segments, has 2 and 3 in turn.
    fn earlier(&self, index: u32, moment: &Moment<'_>) -> u32 {
        if moment.blueprint.start == Start::Cold {
            return 0;
        }
        let turn = moment.draw.unit(Purpose::Phase, self.plan.key, index, 1);
        2 + u32::from(turn < 0.5)
    }

    /// Start of the first process of a collector, at a uniform phase of its truncations.
    fn first_process(&self, index: u32, moment: &Moment<'_>) -> SimTime {
        if moment.blueprint.start == Start::Cold {
            return SimTime::ZERO;
        }
        let phase = moment.draw.unit(Purpose::Phase, self.plan.key, index, 0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share"
        )]
        let started = (phase * self.plan.resident.truncation().every.nanos() as f64) as u64;
        SimTime::from_nanos(started)
    }
}
