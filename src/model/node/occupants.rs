//! The collectors in service on one node.

use super::memory::{adjusted_score, highest_score};
use super::waterfill::Contender;
use crate::model::blueprint::FleetId;

/// The collectors in service on one node. The value is kept to reuse its allocation.
#[derive(Clone, Debug, Default)]
pub(in crate::model) struct Occupants {
    /// Demand of each collector for cores; `owners` has its fleet and index.
    pub contenders: Vec<Contender>,
    pub owners: Vec<(FleetId, u32)>,
    /// Memory of each collector.
    pub members: Vec<Member>,
}

/// A collector in the memory of a node.
#[derive(Clone, Copy, Debug)]
pub(in crate::model) struct Member {
    pub fleet: FleetId,
    pub index: u32,
    /// Bytes that the collector holds, or an upper bound.
    pub usage: f64,
    /// What the requests and limits of its fleet add to its OOM score.
    pub adjustment: f64,
    /// Whether `usage` is exact.
    pub is_measured: bool,
}

impl Occupants {
    /// Bytes that all members hold together, or an upper bound.
    pub(in crate::model) fn bytes(&self) -> f64 {
        self.members.iter().map(|member| member.usage).sum()
    }

    /// Makes the bytes of every member exact.
    pub(in crate::model) fn measure_all(&mut self, measure: impl Fn(&mut Member)) {
        self.members.iter_mut().for_each(measure);
    }

    /// The collector that the kernel kills on a node of this capacity. `None` if an application has
    /// a higher score. A member is measured only if the score of its upper bound would be the
    /// highest.
    pub(in crate::model) fn victim(
        &mut self,
        capacity: f64,
        application: f64,
        measure: impl Fn(&mut Member),
    ) -> Option<(FleetId, u32)> {
        loop {
            let highest = self.highest(capacity, application)?;
            let member = &mut self.members[highest];
            if member.is_measured {
                return Some((member.fleet, member.index));
            }
            measure(member);
        }
    }

    /// The member with the highest score on a node of this capacity, if that is at least
    /// `application`.
    fn highest(&self, capacity: f64, application: f64) -> Option<usize> {
        let score = |member: &Member| adjusted_score(member.usage, member.adjustment, capacity);
        let highest = highest_score(self.members.iter().map(score))?;
        (score(&self.members[highest]) >= application).then_some(highest)
    }
}
