//! Replicas of one cluster that share targets. A cluster holds the share of each member, its
//! readiness, the order in which pods start, and recent losses.
//!
//! A cluster has no clock and knows no process. The fleet passes the instant, and which members
//! serve.

mod balancer;
mod names;
mod order;
mod readiness;
mod recent;
pub mod ring;
pub mod sharing;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::blueprint::id::index_by;
use crate::model::blueprint::{ClusterId, MemberId};
use crate::model::load::draw::Draw;
use crate::model::topology::Assignment;
use crate::units::small;

pub(in crate::model) use balancer::{Rerouted, Routing};
pub(in crate::model) use names::Names;
use order::Order;
pub(in crate::model) use readiness::{Change, Readiness};
use recent::Recent;
use sharing::{Shares, Sharing, Targets};

/// Replicas of one cluster that share targets.
#[derive(Clone, Debug)]
pub(in crate::model) struct Cluster {
    /// Index of the cluster's first member in the fleet.
    base: u32,
    names: Names,
    sharing: Sharing,
    /// Targets per stream of the fleet; `None` for streams that are not shared.
    targets: Vec<Option<Targets>>,
    /// Number of complete replacements of all targets.
    epoch: u32,
    /// Shares by the set of owners, for the present keys. A peer in a crash loop asks for the same
    /// shares repeatedly.
    known: BTreeMap<Vec<bool>, Shares>,
    /// Whether the members take targets.
    pub(in crate::model) readiness: Readiness,
    /// Pods that wait to be created in order.
    pub(in crate::model) order: Order,
    /// Recent losses and kills of members.
    pub(in crate::model) recent: Recent,
    /// Weight per stream without an owner; empty if there is none.
    unowned: Vec<u64>,
}

index_by!(ClusterId: Cluster);

impl Cluster {
    /// A cluster of a fleet, all of whose clusters have the same number of members.
    pub(in crate::model) fn new(
        id: ClusterId,
        names: Names,
        assignment: Assignment,
        targets: Vec<Option<Targets>>,
        draw: &Draw,
    ) -> Self {
        let base = small(id.index()) * names.members();
        let mut cluster = Self {
            base,
            sharing: Sharing::new(assignment, &names.all()),
            names,
            targets,
            epoch: 0,
            known: BTreeMap::new(),
            readiness: Readiness::default(),
            order: Order::new(base),
            recent: Recent::default(),
            unowned: Vec::new(),
        };
        cluster.draw_keys(draw);
        cluster
    }

    /// The cluster behind routers.
    #[must_use]
    pub(in crate::model) fn behind(mut self, routing: Routing) -> Self {
        self.sharing.routing = Some(routing);
        self
    }

    /// The routers before the cluster.
    pub(in crate::model) fn routing_mut(&mut self) -> Option<&mut Routing> {
        self.sharing.routing.as_mut()
    }

    /// Whether the pod of a member is gone, and routers do not see its successor yet.
    pub(in crate::model) fn is_gone(&self, member: MemberId) -> bool {
        let routing = self.sharing.routing.as_ref();
        routing.is_some_and(|routing| routing.is_gone(member.index()))
    }

    /// Routers see the members in `listed`. Returns what that did to the spans of each stream;
    /// `None` for streams that come another way.
    pub(in crate::model) fn reroute(&mut self, listed: &[bool]) -> Vec<Option<Rerouted>> {
        if let Some(routing) = &mut self.sharing.routing {
            routing.see(listed);
        }
        let rerouted = |targets: &Option<Targets>| targets.as_ref()?.rerouted(&self.sharing);
        self.targets.iter().map(rerouted).collect()
    }

    /// Indices of the members in the fleet, including members that do not exist.
    pub(in crate::model) fn members(&self) -> Range<u32> {
        self.base..self.base + self.names.members()
    }

    /// The member with this index in the fleet.
    pub(in crate::model) fn member(&self, index: u32) -> MemberId {
        MemberId::new((index - self.base) as usize)
    }

    /// Number of complete replacements of all targets.
    pub(in crate::model) fn epoch(&self) -> u32 {
        self.epoch
    }

    /// All targets were replaced, so all get new keys and new owners.
    pub(in crate::model) fn replace_targets(&mut self, draw: &Draw) {
        self.epoch += 1;
        self.draw_keys(draw);
    }

    /// A pod with a new name replaces a member, so the ring is drawn anew.
    pub(in crate::model) fn rename(&mut self, index: u32, draw: &Draw) {
        self.names.replace(self.member(index));
        self.sharing = Sharing::new(self.sharing.assignment, &self.names.all());
        self.draw_keys(draw);
    }

    fn draw_keys(&mut self, draw: &Draw) {
        self.known.clear();
        for targets in self.targets.iter_mut().flatten() {
            targets.renew(draw, &self.sharing, self.epoch);
        }
    }

    /// The share of every member when `owners`, by member, share all targets. `None` without any
    /// owner: then no target moves.
    pub(in crate::model) fn shares(&mut self, owners: Vec<bool>) -> Option<Shares> {
        if !owners.contains(&true) {
            return None;
        }
        let mut targets = self.targets.iter_mut().flatten();
        if self.sharing.routing.is_some() || targets.any(|targets| targets.is_pinned()) {
            for targets in self.targets.iter_mut().flatten() {
                targets.pin(&owners);
            }
            return Some(Shares::of_targets(&self.targets, &self.sharing, &owners));
        }
        if let Some(shares) = self.known.get(&owners) {
            return Some(shares.clone());
        }
        let shares = Shares::of_targets(&self.targets, &self.sharing, &owners);
        self.known.insert(owners, shares.clone());
        Some(shares)
    }

    /// The share of every member while a new pod serves beside the member that it will replace. The
    /// new pod has its own name, and the last share is its own.
    pub(in crate::model) fn shares_beside(
        &self,
        index: u32,
        mut owners: Vec<bool>,
        draw: &Draw,
    ) -> Shares {
        let mut names = self.names.all();
        names.push(self.names.successor(self.member(index)));
        let sharing = Sharing::new(self.sharing.assignment, &names);
        owners.push(true);
        let mut targets = self.targets.clone();
        for targets in targets.iter_mut().flatten() {
            targets.renew(draw, &sharing, self.epoch);
        }
        Shares::of_targets(&targets, &sharing, &owners)
    }

    /// By how much the share of each other member grows in every stream without the member `index`.
    /// `None` if there is no other owner.
    pub(in crate::model) fn gains_without(
        &mut self,
        index: u32,
        mut owners: Vec<bool>,
    ) -> Option<Vec<(u32, Vec<f64>)>> {
        let member = self.member(index).index();
        owners[member] = true;
        // No client moves for a question.
        let pins = self.targets.clone();
        let with = self.shares(owners.clone())?;
        owners[member] = false;
        let without = self.shares(owners);
        self.targets = pins;
        let without = without?;
        let others = self.members().filter(|&other| other != index);
        let gains = |other: u32| (other, without.gains(&with, self.member(other)));
        Some(others.map(gains).collect())
    }

    /// Sets the weights without an owner, one per stream; empty if every stream has owners. Returns
    /// the weights without an owner before.
    pub(in crate::model) fn leave_unowned(&mut self, unowned: Vec<u64>) -> Vec<u64> {
        std::mem::replace(&mut self.unowned, unowned)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::model::blueprint::SeriesPerTarget;
    use crate::model::load::driver::WEIGHT_BITS;
    use crate::properties::properties;

    use super::*;

    const MEMBERS: u32 = 5;
    const ALL: u64 = 1 << WEIGHT_BITS;

    fn draw() -> Draw {
        Draw::new(1, 0, 0)
    }

    /// The second cluster of a fleet with two workloads. The fleet's own series are not shared.
    fn cluster(assignment: Assignment) -> Cluster {
        let series = SeriesPerTarget::Measured(vec![100.0, 400.0, 3_000.0]);
        let targets = |owner| {
            let sizes = Targets::draw(&draw(), owner, 200, &series);
            let total = sizes.total();
            Some(sizes.scaled(1.0 / total))
        };
        let streams = vec![targets(7), None, targets(8)];
        Cluster::new(
            ClusterId::new(1),
            Names::new("alloy", MEMBERS),
            assignment,
            streams,
            &draw(),
        )
    }

    fn owners_but(absent: &[u32]) -> Vec<bool> {
        (0..MEMBERS)
            .map(|member| !absent.contains(&member))
            .collect()
    }

    /// Whether two shares differ only by what rounding may add to the largest share.
    fn is_close(left: u32, right: u32) -> bool {
        left.abs_diff(right) <= MEMBERS + 1
    }

    #[test]
    fn the_members_of_the_second_cluster_come_after_those_of_the_first() {
        assert_eq!(cluster(Assignment::Ring).members(), MEMBERS..2 * MEMBERS);
    }

    #[test]
    fn without_an_owner_nothing_changes_hands() {
        let mut cluster = cluster(Assignment::Ring);
        assert_eq!(cluster.shares(owners_but(&[0, 1, 2, 3, 4])), None);
        let alone = owners_but(&[0, 1, 3, 4]);
        assert_eq!(cluster.gains_without(MEMBERS + 2, alone), None);
    }

    #[test]
    fn the_others_gain_what_a_member_leaves() {
        let mut cluster = cluster(Assignment::Ring);
        let shares = cluster.shares(owners_but(&[])).unwrap();
        let gains = cluster.gains_without(MEMBERS + 2, owners_but(&[])).unwrap();
        let others: Vec<u32> = gains.iter().map(|&(other, _)| other).collect();
        assert_eq!(others, [5, 6, 8, 9]);
        for (stream, share) in shares.of(MemberId::new(2)).into_iter().enumerate() {
            let gained: f64 = gains.iter().map(|(_, gains)| gains[stream]).sum();
            let left = f64::from(share.unwrap_or(0)) / ALL as f64;
            assert!((gained - left).abs() < 1e-6, "{gained}, not {left}");
        }
    }

    #[test]
    fn a_pod_that_joins_beside_another_only_takes() {
        let mut cluster = cluster(Assignment::Ring);
        let before = cluster.shares(owners_but(&[])).unwrap();
        let beside = cluster.shares_beside(MEMBERS + 2, owners_but(&[]), &draw());
        for member in MemberId::all(MEMBERS as usize) {
            for (had, has) in before.of(member).into_iter().zip(beside.of(member)) {
                assert_eq!(had.is_some(), has.is_some());
                let (had, has) = (had.unwrap_or(0), has.unwrap_or(0));
                assert!(has <= had || is_close(had, has), "{has} of {had}");
            }
        }
        // After the replacement, the share of the pod is what it took and what the old pod had
        // left.
        cluster.rename(MEMBERS + 2, &draw());
        let after = cluster.shares(owners_but(&[])).unwrap();
        let newcomer = beside.of(MemberId::new(MEMBERS as usize))[0].unwrap();
        assert!(newcomer > 0 && after.of(MemberId::new(2))[0].unwrap() >= newcomer - MEMBERS);
    }

    #[test]
    fn what_nobody_owns_is_returned_when_it_changes() {
        let mut cluster = cluster(Assignment::Ring);
        let mut shares = cluster.shares(owners_but(&[1])).unwrap();
        let unowned = shares.take_all();
        assert_eq!(unowned, [ALL, 0, ALL]);
        assert_eq!(shares.of(MemberId::new(0)), [Some(0), None, Some(0)]);
        assert_eq!(cluster.leave_unowned(unowned.clone()), Vec::<u64>::new());
        assert_eq!(cluster.leave_unowned(Vec::new()), unowned);
    }

    /// Something that happens to a cluster.
    #[derive(Clone, Debug)]
    enum Step {
        Rename(u32),
        ReplaceTargets,
        Ask(Vec<bool>),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let owners = prop::collection::vec(any::<bool>(), MEMBERS as usize);
        let step = prop_oneof![
            (0..MEMBERS).prop_map(Step::Rename),
            Just(Step::ReplaceTargets),
            owners.clone().prop_map(Step::Ask),
            owners.prop_map(Step::Ask),
        ];
        prop::collection::vec(step, 1..12)
    }

    proptest! {
        #![proptest_config(properties(48))]

        /// Whatever happened before, the owners share all targets exactly, and other members have
        /// none. A new name moves no target between two members that keep their names.
        #[test]
        fn the_owners_share_everything(ring in any::<bool>(), steps in steps()) {
            let assignment = if ring { Assignment::Ring } else { Assignment::Hashmod };
            let mut cluster = cluster(assignment);
            for step in steps {
                match step {
                    Step::Rename(member) => {
                        let before = cluster.shares(owners_but(&[member]));
                        cluster.rename(MEMBERS + member, &draw());
                        prop_assert_eq!(before, cluster.shares(owners_but(&[member])));
                    }
                    Step::ReplaceTargets => {
                        let before = (cluster.epoch(), cluster.shares(owners_but(&[])));
                        cluster.replace_targets(&draw());
                        prop_assert_eq!(cluster.epoch(), before.0 + 1);
                        prop_assert_ne!(before.1, cluster.shares(owners_but(&[])));
                    }
                    Step::Ask(owners) => {
                        let Some(shares) = cluster.shares(owners.clone()) else {
                            prop_assert!(!owners.contains(&true));
                            continue;
                        };
                        for (member, &owns) in MemberId::all(owners.len()).zip(&owners) {
                            let share = shares.of(member);
                            prop_assert!(owns || share == [Some(0), None, Some(0)]);
                        }
                        prop_assert_eq!(cluster.shares(owners), Some(shares.clone()), "known by now");
                        prop_assert_eq!(shares.clone().take_all(), [ALL, 0, ALL]);
                    }
                }
            }
        }
    }
}
