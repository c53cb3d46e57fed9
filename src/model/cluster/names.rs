//! The names of the members of a cluster on the ring.

use std::collections::BTreeMap;

use crate::model::blueprint::MemberId;

/// The names of the members of a cluster.
#[derive(Clone, Debug)]
pub(in crate::model) struct Names {
    fleet: String,
    members: u32,
    /// Number of replacements of each member under a new name.
    generations: BTreeMap<MemberId, u32>,
}

impl Names {
    /// The names of `members` members of a fleet, none of them replaced.
    pub(in crate::model) fn new(fleet: &str, members: u32) -> Self {
        Self {
            fleet: fleet.to_owned(),
            members,
            generations: BTreeMap::new(),
        }
    }

    /// Number of members.
    pub(super) fn members(&self) -> u32 {
        self.members
    }

    /// The names, by member.
    pub(super) fn all(&self) -> Vec<String> {
        MemberId::all(self.members as usize)
            .map(|member| self.name(member, self.generation(member)))
            .collect()
    }

    /// The name of the pod that will replace a member.
    pub(super) fn successor(&self, member: MemberId) -> String {
        self.name(member, self.generation(member) + 1)
    }

    /// The pod that replaces a member is there, so the member has a new name.
    pub(super) fn replace(&mut self, member: MemberId) {
        *self.generations.entry(member).or_default() += 1;
    }

    fn generation(&self, member: MemberId) -> u32 {
        self.generations.get(&member).copied().unwrap_or(0)
    }

    fn name(&self, member: MemberId, generation: u32) -> String {
        let fleet = &self.fleet;
        if generation == 0 {
            format!("{fleet}-{}", member.index())
        } else {
            format!("{fleet}-{}-{generation}", member.index())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_is_replaced_takes_the_name_of_its_successor() {
        let mut names = Names::new("alloy", 2);
        assert_eq!(names.all(), ["alloy-0", "alloy-1"]);
        for generation in 1..4 {
            let successor = names.successor(MemberId::new(1));
            assert_eq!(successor, format!("alloy-1-{generation}"));
            names.replace(MemberId::new(1));
            assert_eq!(names.all(), ["alloy-0", &successor]);
        }
    }
}
