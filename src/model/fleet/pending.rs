//! Collectors whose requests find no room on any node.

use crate::model::blueprint::PoolId;
use crate::model::load::timeline::Grid;
use crate::model::moment::Moment;
use crate::model::record::catalogue::Failure;
use crate::model::record::observer::{Note, Observer};
use crate::model::record::outcome::RecordKind;
use crate::units::SimTime;

use super::Fleet;

impl Fleet<'_> {
    /// The pool of each cohort whose collectors request room of their own. The sidecars of a
    /// workload are placed with its pods.
    pub(in crate::model) fn asks_for_room(&self) -> Vec<Option<PoolId>> {
        let cohorts = self.cohorts.iter();
        let asks = cohorts.map(|cohort| match cohort.workload {
            None => cohort.pool.or(cohort.home),
            Some(_) => None,
        });
        asks.collect()
    }

    /// Sets how many collectors of each cluster find room, cohort by cohort.
    pub(in crate::model) fn set_room(&mut self, room: &[u32]) {
        for (cohort, &room) in self.cohorts.iter_mut().zip(room) {
            cohort.room = room;
        }
    }

    /// Whether a collector finds no room. The replicas of a cluster are placed in the order of their
    /// numbers.
    pub(super) fn is_pending(&self, index: u32) -> bool {
        let first = self.cluster_of(index);
        let first = first.map_or(index, |cluster| self.members(cluster).start);
        index - first >= self.cohort_of(index).room
    }

    /// Whether some collector of the fleet finds no room.
    pub(super) fn is_short_of_room(&self) -> bool {
        let mut existing = self.existing().into_iter();
        existing.any(|index| self.is_pending(index))
    }

    /// A collector exists and waits for a node, for ever.
    pub(super) fn wait_for_room(&mut self, index: u32, moment: &Moment<'_>) {
        self.enrol(index, moment);
        let collector = &mut self.collectors[index as usize];
        collector.await_turn(moment.now);
        collector.due = SimTime::NEVER;
    }

    /// Records that collectors have found no room, if any exist at the end.
    pub(super) fn note_pending_collectors(&self, grid: &Grid, observer: &mut Observer) {
        let existing = self.existing().into_iter();
        let pending = existing.filter(|&index| self.is_pending(index)).count();
        if pending > 0 {
            let (scope, at) = (self.scope(), grid.warm_up);
            observer.fail(scope, Failure::Pending, at);
            let note = Note::new(at, RecordKind::Pending, pending as f64);
            observer.note(scope, None, note);
        }
    }
}
