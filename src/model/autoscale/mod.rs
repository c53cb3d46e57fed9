//! The `HorizontalPodAutoscaler` without a clock: from what pods use to how many there should be.

mod held;
mod nodes;
mod recommend;
mod scaler;
mod scaling;
mod sight;

use std::collections::VecDeque;

pub use nodes::{Nodes, Room};
pub use recommend::{Reading, Target, recommend};
pub(in crate::model) use scaling::Scaling;
pub use sight::{Pod, Sight, Usage};

/// Nanoseconds over which the policies of scaling up count.
///
/// Source: Kubernetes documentation, "Horizontal Pod Autoscaling", default behavior (read 2026-11).
const POLICY_PERIOD: u64 = 15_000_000_000;

/// Pods that may be added within a period, whatever there is.
///
/// Source: Kubernetes documentation, "Horizontal Pod Autoscaling", default behavior (read 2026-11).
const PODS_ADDED: u32 = 4;

/// How many times as many pods there may be at the end of a period as at its start.
///
/// Source: Kubernetes documentation, "Horizontal Pod Autoscaling", default behavior: 100 % more
/// (read 2026-11).
const GROWTH: u32 = 2;

/// What an autoscaler keeps to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// Least number of replicas.
    pub min: u32,
    /// Greatest number of replicas.
    pub max: u32,
    /// Nanoseconds for which a higher recommendation must last.
    pub scale_up_window: u64,
    /// Nanoseconds for which a lower recommendation must last.
    pub scale_down_window: u64,
}

impl Rules {
    /// A number of replicas within the bounds.
    pub fn bound(&self, replicas: u32) -> u32 {
        replicas.clamp(self.min, self.max)
    }

    /// Nanoseconds after which a recommendation is forgotten.
    pub fn memory(&self) -> u64 {
        self.scale_up_window.max(self.scale_down_window)
    }
}

/// What recommendations go through: the windows and policies of scaling, and what they remember.
#[derive(Clone, Debug)]
pub struct Stabilizer {
    rules: Rules,
    /// Recommendations that a window may still hold, oldest first, with their nanosecond.
    recommended: VecDeque<(u64, u32)>,
    /// Changes that a policy may still count, oldest first: nanosecond, replicas before and after.
    changed: VecDeque<(u64, u32, u32)>,
}

impl Stabilizer {
    /// One that has seen nothing.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            recommended: VecDeque::new(),
            changed: VecDeque::new(),
        }
    }

    /// What it keeps to.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Remembers that it recommended what there was until `at`, without having been asked each time.
    pub fn rested(&mut self, at: u64, replicas: u32) {
        self.recommended.push_back((at, replicas));
    }

    /// The number of replicas from `now` on, where there are `current` and the metrics recommend
    /// `desired`.
    pub fn review(&mut self, now: u64, current: u32, desired: u32) -> u32 {
        let (rules, memory) = (self.rules, self.rules.memory());
        self.recommended.retain(|&(at, _)| at + memory > now);
        let young = |window: u64| {
            let recommended = self.recommended.iter();
            recommended
                .filter(move |&&(at, _)| at + window > now)
                .map(|&(_, replicas)| replicas)
        };
        let up = young(rules.scale_up_window).fold(desired, u32::min);
        let down = young(rules.scale_down_window).fold(desired, u32::max);
        self.recommended.push_back((now, desired));
        let stable = current.max(up).min(down);
        let next = if stable > current {
            rules.bound(stable.min(self.most(now, current)))
        } else {
            rules.bound(stable)
        };
        if next != current {
            self.changed.push_back((now, current, next));
        }
        next
    }

    /// The most replicas that the policies allow.
    fn most(&mut self, now: u64, current: u32) -> u32 {
        self.changed.retain(|&(at, ..)| at + POLICY_PERIOD > now);
        // Periods are as long as the default sync, so that as a rule nothing changed within one.
        let (added, removed) =
            self.changed
                .iter()
                .fold((0, 0), |(added, removed), &(_, before, after)| {
                    (
                        added + after.saturating_sub(before),
                        removed + before.saturating_sub(after),
                    )
                });
        let at_start = (current + removed).saturating_sub(added);
        let most = (at_start + PODS_ADDED).max(at_start.saturating_mul(GROWTH));
        most.max(current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn stabilizer(scale_up_window: u64) -> Stabilizer {
        Stabilizer::new(Rules {
            min: 2,
            max: 20,
            scale_up_window,
            scale_down_window: 300 * SECOND,
        })
    }

    #[test]
    fn fewer_replicas_wait_for_the_window() {
        let mut stabilizer = stabilizer(0);
        assert_eq!(stabilizer.review(0, 10, 10), 10);
        for tick in 1..20 {
            assert_eq!(stabilizer.review(tick * 15 * SECOND, 10, 4), 10);
        }
        assert_eq!(stabilizer.review(300 * SECOND, 10, 4), 4);
    }

    #[test]
    fn more_replicas_wait_for_their_window_too() {
        let mut stabilizer = stabilizer(30 * SECOND);
        assert_eq!(stabilizer.review(0, 3, 3), 3);
        assert_eq!(stabilizer.review(15 * SECOND, 3, 5), 3);
        assert_eq!(stabilizer.review(30 * SECOND, 3, 6), 5);
    }

    #[test]
    fn policies_count_from_the_start_of_their_period() {
        let mut stabilizer = stabilizer(0);
        assert_eq!(stabilizer.review(0, 3, 19), 7);
        // Five seconds later four have been added already.
        assert_eq!(stabilizer.review(5 * SECOND, 7, 19), 7);
        assert_eq!(stabilizer.review(15 * SECOND, 7, 19), 14);
        assert_eq!(stabilizer.review(30 * SECOND, 14, 90), 20);
    }

    #[test]
    fn rest_counts_as_a_recommendation_of_what_there_was() {
        let mut stabilizer = stabilizer(0);
        stabilizer.rested(985 * SECOND, 6);
        assert_eq!(stabilizer.review(1_000 * SECOND, 6, 2), 6);
        assert_eq!(stabilizer.review(1_284 * SECOND, 6, 2), 6);
        assert_eq!(stabilizer.review(1_300 * SECOND, 6, 2), 2);
    }
}
