//! The collectors in service on one node.

use super::memory::{adjusted_score, highest_score};
use super::waterfill::Contender;
use crate::model::blueprint::FleetId;

/// The collectors in service on one node. Kept to use its memory again.
#[derive(Clone, Debug, Default)]
pub(in crate::model) struct Occupants {
    /// What each of them wants of the cores, with its fleet and index.
    pub contenders: Vec<Contender>,
    pub owners: Vec<(FleetId, u32)>,
    /// What each of them holds of the memory.
    pub members: Vec<Member>,
}

/// A collector in the memory of a node.
#[derive(Clone, Copy, Debug)]
pub(in crate::model) struct Member {
    pub fleet: FleetId,
    pub index: u32,
    /// Bytes that it holds, or more.
    pub usage: f64,
    /// What its fleet's requests and limits add to its score.
    pub adjustment: f64,
    /// Whether the bytes are what it holds.
    pub is_measured: bool,
}

impl Occupants {
    /// Bytes that its members hold together, or more.
    pub(in crate::model) fn bytes(&self) -> f64 {
        self.members.iter().map(|member| member.usage).sum()
    }

    /// Finds what each member holds.
    pub(in crate::model) fn measure_all(&mut self, measure: impl Fn(&mut Member)) {
        self.members.iter_mut().for_each(measure);
    }

    /// The collector that the kernel kills on a node of this capacity; `None` if an application has a
    /// higher score. Nobody whose score would not even do with its bound is measured.
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

    /// The member with the highest score on a node of this capacity, if that is at least `application`.
    fn highest(&self, capacity: f64, application: f64) -> Option<usize> {
        let score = |member: &Member| adjusted_score(member.usage, member.adjustment, capacity);
        let highest = highest_score(self.members.iter().map(score))?;
        (score(&self.members[highest]) >= application).then_some(highest)
    }
}
