//! The ordered start of a `StatefulSet`: a pod is created when all pods with lower numbers are available.

use std::collections::BTreeMap;

use crate::units::SimTime;

/// Pods of a cluster that wait to be created.
#[derive(Clone, Debug)]
pub(in crate::model) struct Order {
    /// Index of the first member in the fleet.
    first: u32,
    /// Waiting pods, each with the instant from which there is a place for it.
    waiting: BTreeMap<u32, SimTime>,
}

impl Order {
    pub(super) fn new(first: u32) -> Self {
        Self {
            first,
            waiting: BTreeMap::new(),
        }
    }

    /// Whether a pod may start: no pod with a lower number is missing.
    pub(in crate::model) fn is_turn_of(
        &self,
        index: u32,
        is_missing: impl Fn(u32) -> bool,
    ) -> bool {
        !(self.first..index).any(is_missing)
    }

    /// A pod waits to be created. The pod has a place from an instant on.
    pub(in crate::model) fn wait(&mut self, index: u32, from: SimTime) {
        self.waiting.insert(index, from);
    }

    /// Whether no pod waits.
    pub(in crate::model) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Removes a pod from those that wait. Returns whether it waited.
    pub(in crate::model) fn leave(&mut self, index: u32) -> bool {
        self.waiting.remove(&index).is_some()
    }

    /// Takes the next pod that may start, and the instant from which there is a place for it.
    /// Removes pods that are no longer down, since they do not wait to start.
    pub(in crate::model) fn next(
        &mut self,
        is_down: impl Fn(u32) -> bool,
        is_missing: impl Fn(u32) -> bool,
    ) -> Option<(u32, SimTime)> {
        self.waiting.retain(|&index, _| is_down(index));
        let (&next, &from) = self.waiting.first_key_value()?;
        if !self.is_turn_of(next, is_missing) {
            return None;
        }
        self.waiting.remove(&next);
        Some((next, from))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::properties::properties;

    #[test]
    fn pods_start_one_after_the_other_each_when_those_before_it_are_available() {
        let mut order = Order::new(4);
        let available = |up_to: u32| move |index: u32| index >= up_to;
        assert!(order.is_turn_of(4, available(4)));
        assert!(!order.is_turn_of(6, available(5)));
        let later = SimTime::from_nanos(70);
        order.wait(6, later);
        order.wait(5, SimTime::ZERO);
        assert_eq!(order.next(|_| true, available(4)), None);
        assert_eq!(order.next(|_| true, available(5)), Some((5, SimTime::ZERO)));
        assert_eq!(order.next(|_| true, available(5)), None, "5 has to start");
        assert_eq!(order.next(|_| true, available(6)), Some((6, later)));
        assert!(order.is_empty());
    }

    #[test]
    fn a_pod_that_is_not_wanted_keeps_no_other_from_its_turn() {
        let mut order = Order::new(0);
        order.wait(1, SimTime::ZERO);
        order.wait(2, SimTime::ZERO);
        assert!(order.leave(1) && !order.leave(1));
        order.wait(1, SimTime::ZERO);
        assert_eq!(
            order.next(|index| index == 2, |_| false),
            Some((2, SimTime::ZERO))
        );
        assert!(order.is_empty(), "1 is forgotten");
    }

    /// Something that happens to the pod with a number.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Stop(u32),
        Serve(u32),
        Remove(u32),
    }

    /// Number of pods.
    const PODS: u32 = 6;

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = (0..3_u8, 0..PODS).prop_map(|(kind, pod)| match kind {
            0 => Step::Stop(pod),
            1 => Step::Serve(pod),
            _ => Step::Remove(pod),
        });
        prop::collection::vec(step, 1..80)
    }

    /// A pod of the test.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Pod {
        Gone,
        Waiting,
        Starting,
        Serving,
    }

    /// Starts every pod that may start. Returns these pods.
    fn start(order: &mut Order, pods: &mut [Pod]) -> Vec<u32> {
        let mut started = Vec::new();
        loop {
            let is = |index: u32| pods[index as usize];
            let is_down = |index: u32| is(index) == Pod::Waiting;
            let is_missing = |index: u32| !matches!(is(index), Pod::Gone | Pod::Serving);
            let Some((index, _)) = order.next(is_down, is_missing) else {
                return started;
            };
            pods[index as usize] = Pod::Starting;
            started.push(index);
        }
    }

    proptest! {
        #![proptest_config(properties(256))]

        /// A pod starts only when no pod before it is missing. No pod waits that may start.
        #[test]
        fn no_pod_overtakes_another(steps in steps()) {
            let (mut order, mut pods) = (Order::new(0), [Pod::Serving; PODS as usize]);
            for step in steps {
                match step {
                    Step::Stop(pod) => {
                        pods[pod as usize] = Pod::Waiting;
                        order.wait(pod, SimTime::ZERO);
                    }
                    Step::Serve(pod) if pods[pod as usize] == Pod::Starting => {
                        pods[pod as usize] = Pod::Serving;
                    }
                    Step::Serve(_) => {}
                    Step::Remove(pod) => pods[pod as usize] = Pod::Gone,
                }
                let started = start(&mut order, &mut pods);
                prop_assert!(started.len() < 2, "{started:?}: the first keeps the others waiting");
                let missing = |pod: &Pod| matches!(pod, Pod::Waiting | Pod::Starting);
                let first = pods.iter().position(missing);
                let waits = first.is_some_and(|first| pods[first] == Pod::Waiting);
                prop_assert!(!waits, "{pods:?}: it is the turn of the first that is missing");
            }
            pods.fill(Pod::Serving);
            start(&mut order, &mut pods);
            prop_assert!(order.is_empty());
        }
    }
}
