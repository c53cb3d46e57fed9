//! A rollout: which collector of a fleet the next pod of the new version replaces.
//!
//! A rollout has no clock. The fleet asks for the next replacement whenever one may be due, and
//! reports available collectors.

use crate::model::blueprint::{Controller, Lifecycle};
use crate::units::{SimDuration, SimTime, small};

/// A rollout in progress.
#[derive(Clone, Debug)]
pub(in crate::model) struct Rollout {
    /// When the rollout began, with whichever version.
    began: SimTime,
    /// Whether a collector that it replaced was OOM-killed before it was available.
    is_blocked: bool,
    lanes: Vec<Lane>,
}

/// A collector to be replaced now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Replacement {
    /// The collector stops, and then its successor starts.
    StopFirst(u32),
    /// The successor starts, and then the collector stops.
    StartFirst(u32),
}

impl Rollout {
    /// Begins a rollout at `now`. An `earlier` rollout that is still in progress goes on with the
    /// newer version, from the start.
    pub(in crate::model) fn start(earlier: Option<Self>, lanes: Vec<Lane>, now: SimTime) -> Self {
        Self {
            began: earlier.map_or(now, |earlier| earlier.began),
            is_blocked: false,
            lanes,
        }
    }

    /// Takes the next existing collector that may be replaced now.
    pub(in crate::model) fn next(&mut self, exists: impl Fn(u32) -> bool) -> Option<Replacement> {
        self.lanes.iter_mut().find_map(|lane| lane.next(&exists))
    }

    /// Whether a collector is being replaced, and not yet available.
    pub(in crate::model) fn is_replacing(&self, index: u32) -> bool {
        let replaces = |lane: &Lane| lane.away.contains(&index) || lane.surging.contains(&index);
        self.lanes.iter().any(replaces)
    }

    /// Whether the successor of a collector starts beside it, or has just replaced it.
    pub(in crate::model) fn is_surging(&self, index: u32) -> bool {
        let surges = |lane: &Lane| lane.surging.contains(&index);
        self.lanes.iter().any(surges)
    }

    /// A collector is available, or gone for good, so the rollout does not wait for it.
    pub(in crate::model) fn pass(&mut self, index: u32) {
        for lane in &mut self.lanes {
            lane.away.retain(|&other| other != index);
            lane.surging.retain(|&other| other != index);
        }
    }

    /// A collector is OOM-killed. Returns whether that is the first kill for which the rollout
    /// waits in vain.
    pub(in crate::model) fn block(&mut self, index: u32) -> bool {
        let blocks = !self.is_blocked && self.is_replacing(index);
        self.is_blocked |= blocks;
        blocks
    }

    /// Whether every collector is replaced and available.
    pub(in crate::model) fn is_done(&self) -> bool {
        self.lanes.iter().all(Lane::is_done)
    }

    /// Time since the rollout began.
    pub(in crate::model) fn length(&self, now: SimTime) -> SimDuration {
        now - self.began
    }
}

/// What one controller has to replace. The controllers of all daemons of a fleet count as one.
#[derive(Clone, Debug)]
pub(in crate::model) struct Lane {
    /// Collectors not yet replaced, the next one last.
    left: Vec<u32>,
    /// Collectors stopped, and not yet available again.
    away: Vec<u32>,
    /// Collectors beside which a new pod starts, or whose new pod is not yet available.
    surging: Vec<u32>,
    budget: Budget,
}

/// How many collectors may be replaced at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Budget {
    away: u32,
    surging: u32,
}

impl Lane {
    /// The collectors `left`, the first one last, which `controllers` of the same size replace.
    pub(in crate::model) fn new(lifecycle: &Lifecycle, left: Vec<u32>, controllers: u32) -> Self {
        let each = Budget::of(lifecycle, small(left.len()) / controllers);
        Self {
            left,
            away: Vec::new(),
            surging: Vec::new(),
            budget: Budget {
                away: each.away.saturating_mul(controllers),
                surging: each.surging.saturating_mul(controllers),
            },
        }
    }

    fn next(&mut self, exists: impl Fn(u32) -> bool) -> Option<Replacement> {
        let may_stop = small(self.away.len()) < self.budget.away;
        let may_surge = small(self.surging.len()) < self.budget.surging;
        if !may_stop && !may_surge {
            return None;
        }
        let next = self.left.iter().rposition(|&index| exists(index));
        self.left.truncate(next.map_or(0, |next| next + 1));
        let index = self.left.pop()?;
        if may_stop {
            self.away.push(index);
            Some(Replacement::StopFirst(index))
        } else {
            self.surging.push(index);
            Some(Replacement::StartFirst(index))
        }
    }

    fn is_done(&self) -> bool {
        self.left.is_empty() && self.away.is_empty() && self.surging.is_empty()
    }
}

impl Budget {
    /// The budget of one controller of `pods` pods. `Deployments` round `max_unavailable` down,
    /// other controllers round it up.
    fn of(lifecycle: &Lifecycle, pods: u32) -> Self {
        let updates = &lifecycle.updates;
        if lifecycle.controller == Controller::Deployment {
            let away = updates.max_unavailable.down(pods);
            let surging = updates.surge.up(pods);
            // Kubernetes: if both are zero, one pod may be unavailable.
            let away = if surging == 0 { away.max(1) } else { away };
            return Self { away, surging };
        }
        Self {
            away: updates.max_unavailable.up(pods).max(1),
            surging: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::blueprint::CountOrPercent;
    use crate::properties::properties;

    use Replacement::{StartFirst, StopFirst};

    fn lifecycle(
        controller: Controller,
        max_unavailable: CountOrPercent,
        surge: CountOrPercent,
    ) -> Lifecycle {
        let mut lifecycle = Lifecycle::of(controller);
        lifecycle.updates.max_unavailable = max_unavailable;
        lifecycle.updates.surge = surge;
        lifecycle
    }

    fn rollout(lifecycle: &Lifecycle, pods: u32) -> Rollout {
        let lane = Lane::new(lifecycle, (0..pods).collect(), 1);
        Rollout::start(None, vec![lane], SimTime::ZERO)
    }

    #[test]
    fn a_stateful_set_goes_down_from_its_highest_number() {
        let one = CountOrPercent::Count(1);
        let mut rollout = rollout(&lifecycle(Controller::StatefulSet, one, one), 3);
        for pod in [2, 1, 0] {
            assert_eq!(rollout.next(|_| true), Some(StopFirst(pod)));
            assert_eq!(rollout.next(|_| true), None, "one at a time");
            assert!(rollout.is_replacing(pod) && !rollout.is_surging(pod) && !rollout.is_done());
            rollout.pass(pod);
        }
        assert!(rollout.is_done());
    }

    #[test]
    fn a_deployment_starts_new_pods_first_and_rounds_in_favour_of_service() {
        let quarter = CountOrPercent::Share(0.25);
        let deployment = |pods| rollout(&lifecycle(Controller::Deployment, quarter, quarter), pods);
        // Of 7 pods a quarter may be unavailable, rounded down, and a quarter surplus, rounded up.
        let mut seven = deployment(7);
        assert_eq!(seven.next(|_| true), Some(StopFirst(6)));
        assert_eq!(seven.next(|_| true), Some(StartFirst(5)));
        assert_eq!(seven.next(|_| true), Some(StartFirst(4)));
        assert_eq!(seven.next(|_| true), None);
        seven.pass(5);
        assert_eq!(seven.next(|_| true), Some(StartFirst(3)));
        let mut three = deployment(3);
        assert_eq!(three.next(|_| true), Some(StartFirst(2)));
        assert!(three.is_surging(2));
        assert_eq!(three.next(|_| true), None);
    }

    #[test]
    fn daemons_of_several_clusters_share_the_budgets_of_all() {
        let tenth = lifecycle(
            Controller::DaemonSet,
            CountOrPercent::Share(0.1),
            CountOrPercent::Count(0),
        );
        let lane = Lane::new(&tenth, (0..50).collect(), 5);
        let mut rollout = Rollout::start(None, vec![lane], SimTime::ZERO);
        let taken = std::iter::from_fn(|| rollout.next(|_| true)).count();
        assert_eq!(taken, 5, "one of ten in each of five clusters");
    }

    #[test]
    fn what_is_gone_is_not_replaced() {
        let one = CountOrPercent::Count(1);
        let mut rollout = rollout(&lifecycle(Controller::StatefulSet, one, one), 4);
        assert_eq!(rollout.next(|pod| pod == 1), Some(StopFirst(1)));
        rollout.pass(1);
        assert_eq!(rollout.next(|_| false), None);
        assert!(rollout.is_done());
    }

    #[test]
    fn a_kill_blocks_a_rollout_once_and_a_newer_version_begins_anew() {
        let one = CountOrPercent::Count(1);
        let set = lifecycle(Controller::StatefulSet, one, one);
        let mut first = rollout(&set, 3);
        first.next(|_| true);
        assert!(!first.block(0), "it is not replaced");
        assert!(first.block(2) && !first.block(2));
        let lane = Lane::new(&set, (0..3).collect(), 1);
        let mut second = Rollout::start(Some(first), vec![lane], SimTime::from_nanos(500));
        let length = second.length(SimTime::from_nanos(700));
        assert_eq!(length.nanos(), 700, "since the first began");
        assert_eq!(second.next(|_| true), Some(StopFirst(2)));
        assert!(second.block(2));
    }

    /// Something that happens during a rollout. Numbers choose among the collectors that it may
    /// happen to.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Replace,
        Pass(usize),
        Leave(u32),
    }

    fn portion() -> impl Strategy<Value = CountOrPercent> {
        prop_oneof![
            (0..5_u32).prop_map(CountOrPercent::Count),
            (0.0..1.0_f64).prop_map(CountOrPercent::Share),
        ]
    }

    fn any_lifecycle() -> impl Strategy<Value = Lifecycle> {
        let controllers = [
            Controller::StatefulSet,
            Controller::Deployment,
            Controller::DaemonSet,
        ];
        let controller = prop::sample::select(controllers.to_vec());
        (controller, portion(), portion())
            .prop_map(|(controller, away, surge)| lifecycle(controller, away, surge))
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => Just(Step::Replace),
            4 => any::<usize>().prop_map(Step::Pass),
            1 => (0..40_u32).prop_map(Step::Leave),
        ];
        prop::collection::vec(step, 1..200)
    }

    /// A rollout of one or two controllers of `pods` pods each, and what happened to its
    /// collectors.
    struct Play {
        rollout: Rollout,
        budget: Budget,
        pods: u32,
        gone: Vec<bool>,
        replaced: Vec<u32>,
        open: Vec<Replacement>,
    }

    impl Play {
        fn new(lifecycle: &Lifecycle, lanes: u32, pods: u32) -> Self {
            let lane =
                |lane: u32| Lane::new(lifecycle, (lane * pods..(lane + 1) * pods).collect(), 1);
            Self {
                rollout: Rollout::start(None, (0..lanes).map(lane).collect(), SimTime::ZERO),
                budget: Budget::of(lifecycle, pods),
                pods,
                gone: vec![false; (lanes * pods) as usize],
                replaced: vec![0; (lanes * pods) as usize],
                open: Vec::new(),
            }
        }

        fn replace(&mut self) -> bool {
            let gone = &self.gone;
            let next = self.rollout.next(|index| !gone[index as usize]);
            if let Some(replacement) = next {
                let index = index_of(replacement);
                assert!(!gone[index as usize] && self.rollout.is_replacing(index));
                self.replaced[index as usize] += 1;
                self.open.push(replacement);
            }
            next.is_some()
        }

        fn pass(&mut self, choice: usize) {
            if !self.open.is_empty() {
                let passed = self.open.remove(choice % self.open.len());
                self.rollout.pass(index_of(passed));
            }
        }

        fn leave(&mut self, index: u32) {
            if (index as usize) < self.gone.len() {
                self.gone[index as usize] = true;
                self.open.retain(|&open| index_of(open) != index);
                self.rollout.pass(index);
            }
        }

        fn assert_within_budget(&self) {
            for lane in 0..small(self.gone.len()) / self.pods {
                let mine = |open: &&Replacement| index_of(**open) / self.pods == lane;
                let open: Vec<_> = self.open.iter().filter(mine).collect();
                let away = open.iter().filter(|open| matches!(open, StopFirst(_)));
                let away = small(away.count());
                assert!(away <= self.budget.away);
                assert!(small(open.len()) - away <= self.budget.surging);
            }
        }
    }

    fn index_of(replacement: Replacement) -> u32 {
        match replacement {
            StopFirst(index) | StartFirst(index) => index,
        }
    }

    proptest! {
        #![proptest_config(properties(256))]

        /// Holds for any order of events. No more collectors are unavailable or surplus than the
        /// budget of each controller. Every collector that stays is replaced exactly once, and the
        /// rollout ends.
        #[test]
        fn a_rollout_keeps_to_its_budget_and_ends(
            lifecycle in any_lifecycle(),
            (lanes, pods) in (1..3_u32, 1..20_u32),
            steps in steps(),
        ) {
            let mut play = Play::new(&lifecycle, lanes, pods);
            for step in steps {
                match step {
                    Step::Replace => {
                        play.replace();
                    }
                    Step::Pass(choice) => play.pass(choice),
                    Step::Leave(index) => play.leave(index),
                }
                play.assert_within_budget();
            }
            while play.replace() || !play.open.is_empty() {
                play.assert_within_budget();
                while play.replace() {}
                play.pass(0);
            }
            prop_assert!(play.rollout.is_done());
            for (&gone, &replaced) in play.gone.iter().zip(&play.replaced) {
                prop_assert!(replaced == 1 || (gone && replaced == 0));
            }
        }
    }
}
