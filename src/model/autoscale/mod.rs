//! The `HorizontalPodAutoscaler` without a clock: from the utilisation of pods to the number of
//! replicas.

mod held;
mod measurements;
mod nodes;
mod recommend;
mod scaler;
mod scaling;

use std::collections::VecDeque;

pub use measurements::{Measurements, Pod, Readings, Usage};
pub use nodes::{Nodes, Room};
pub use recommend::{Reading, Target, recommend};
pub(in crate::model) use scaling::Scaling;

use crate::units::{SimDuration, SimTime};

/// Period of the scaling policies for scaling up.
///
/// Source: Kubernetes documentation, "Horizontal Pod Autoscaling", default behavior (read 2026-11).
const POLICY_PERIOD: SimDuration = SimDuration::from_secs(15);

/// Pods that may be added within a period, however many there are.
///
/// Source: Kubernetes documentation, "Horizontal Pod Autoscaling", default behavior (read 2026-11).
const PODS_ADDED: u32 = 4;

/// Factor by which the number of pods may grow within a period.
///
/// Source: Kubernetes documentation, "Horizontal Pod Autoscaling", default behavior: 100 % more
/// (read 2026-11).
const GROWTH: u32 = 2;

/// Bounds and windows of an autoscaler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// Least number of replicas.
    pub min: u32,
    /// Greatest number of replicas.
    pub max: u32,
    /// Time for which a higher recommendation must last.
    pub scale_up_window: SimDuration,
    /// Time for which a lower recommendation must last.
    pub scale_down_window: SimDuration,
}

impl Rules {
    /// A number of replicas within the bounds.
    pub fn bound(&self, replicas: u32) -> u32 {
        replicas.clamp(self.min, self.max)
    }

    /// Time for which recommendations are kept.
    pub fn memory(&self) -> SimDuration {
        self.scale_up_window.max(self.scale_down_window)
    }
}

/// The windows and policies of scaling, with the recommendations and changes that they remember.
#[derive(Clone, Debug)]
pub struct Stabilizer {
    rules: Rules,
    /// Recommendations that a window may still hold, oldest first.
    recommended: VecDeque<Recommendation>,
    /// Changes that a policy may still count, oldest first, each with its instant.
    changed: VecDeque<(SimTime, Change)>,
}

/// A number of replicas that the metrics called for.
#[derive(Clone, Copy, Debug)]
struct Recommendation {
    at: SimTime,
    replicas: u32,
}

/// A change of the number of replicas of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Replicas requested before the change.
    pub before: u32,
    /// Replicas requested from the change on.
    pub after: u32,
}

impl Stabilizer {
    /// A stabilizer that has seen no recommendation.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            recommended: VecDeque::new(),
            changed: VecDeque::new(),
        }
    }

    /// The rules that it applies.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Remembers that `replicas` were recommended at every evaluation up to `at`, which were
    /// skipped.
    pub fn rested(&mut self, at: SimTime, replicas: u32) {
        self.recommended.push_back(Recommendation { at, replicas });
    }

    /// The number of replicas from `now` on. The cluster has `current` replicas, and the metrics
    /// recommend `desired`.
    pub fn review(&mut self, now: SimTime, current: u32, desired: u32) -> u32 {
        let (rules, memory) = (self.rules, self.rules.memory());
        self.recommended.retain(|past| past.at + memory > now);
        let young = |window: SimDuration| {
            let recommended = self.recommended.iter();
            recommended
                .filter(move |past| past.at + window > now)
                .map(|past| past.replicas)
        };
        let up = young(rules.scale_up_window).fold(desired, u32::min);
        let down = young(rules.scale_down_window).fold(desired, u32::max);
        self.recommended.push_back(Recommendation {
            at: now,
            replicas: desired,
        });
        let stable = current.max(up).min(down);
        let next = if stable > current {
            rules.bound(stable.min(self.most(now, current)))
        } else {
            rules.bound(stable)
        };
        if next != current {
            let change = Change {
                before: current,
                after: next,
            };
            self.changed.push_back((now, change));
        }
        next
    }

    /// The most replicas that the policies allow.
    fn most(&mut self, now: SimTime, current: u32) -> u32 {
        self.changed.retain(|&(at, ..)| at + POLICY_PERIOD > now);
        // A period is as long as the default sync, so as a rule nothing changed within it.
        let (mut added, mut removed) = (0, 0);
        for (_, Change { before, after }) in &self.changed {
            added += after.saturating_sub(*before);
            removed += before.saturating_sub(*after);
        }
        let at_start = (current + removed).saturating_sub(added);
        let most = (at_start + PODS_ADDED).max(at_start.saturating_mul(GROWTH));
        most.max(current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    fn stabilizer(up_seconds: u64) -> Stabilizer {
        Stabilizer::new(Rules {
            min: 2,
            max: 20,
            scale_up_window: SimDuration::from_secs(up_seconds),
            scale_down_window: SimDuration::from_mins(5),
        })
    }

    #[test]
    fn fewer_replicas_wait_for_the_window() {
        let mut stabilizer = stabilizer(0);
        assert_eq!(stabilizer.review(at(0), 10, 10), 10);
        for tick in 1..20 {
            assert_eq!(stabilizer.review(at(tick * 15), 10, 4), 10);
        }
        assert_eq!(stabilizer.review(at(300), 10, 4), 4);
    }

    #[test]
    fn more_replicas_wait_for_their_window_too() {
        let mut stabilizer = stabilizer(30);
        assert_eq!(stabilizer.review(at(0), 3, 3), 3);
        assert_eq!(stabilizer.review(at(15), 3, 5), 3);
        assert_eq!(stabilizer.review(at(30), 3, 6), 5);
    }

    #[test]
    fn policies_count_from_the_start_of_their_period() {
        let mut stabilizer = stabilizer(0);
        assert_eq!(stabilizer.review(at(0), 3, 19), 7);
        // Five seconds later four pods have been added already.
        assert_eq!(stabilizer.review(at(5), 7, 19), 7);
        assert_eq!(stabilizer.review(at(15), 7, 19), 14);
        assert_eq!(stabilizer.review(at(30), 14, 90), 20);
    }

    #[test]
    fn rest_counts_as_a_recommendation_of_what_there_was() {
        let mut stabilizer = stabilizer(0);
        stabilizer.rested(at(985), 6);
        assert_eq!(stabilizer.review(at(1_000), 6, 2), 6);
        assert_eq!(stabilizer.review(at(1_284), 6, 2), 6);
        assert_eq!(stabilizer.review(at(1_300), 6, 2), 2);
    }
}
