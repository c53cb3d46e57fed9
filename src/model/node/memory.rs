//! Who loses when a node runs out of memory: the kubelet's eviction and the kernel's killer.

use std::cmp::{Ordering, Reverse};
use std::time::Duration;

use crate::units::{ByteRate, Bytes, Fraction};

/// Available memory below which the kubelet evicts at once.
///
/// Source: Kubernetes documentation, "Node-pressure Eviction", section "Hard eviction thresholds",
/// read 2026-11.
pub const EVICTION_THRESHOLD: Bytes = Bytes::from_mib(100);
/// Time between two looks of the kubelet at its thresholds.
///
/// Source: Kubernetes documentation, "Node-pressure Eviction", section "Eviction monitoring
/// interval", read 2026-11.
pub const EVICTION_INTERVAL: Duration = Duration::from_secs(10);
/// How long a node stays under the pressure condition after the last crossing.
///
/// Source: Kubernetes documentation, "Node-pressure Eviction", section "Node condition oscillation"
/// (`eviction-pressure-transition-period`), read 2026-11.
pub const PRESSURE_TRANSITION: Duration = Duration::from_mins(5);
/// The share between request and limit at which memory quality of service begins to throttle.
///
/// Source: KEP-2570, `memoryThrottlingFactor`, read 2026-11.
const THROTTLING_FACTOR: f64 = 0.9;

/// What decides the kernel's view of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Priority class `system-node-critical`.
    NodeCritical,
    /// Requests equal limits for CPU and memory.
    Guaranteed,
    /// Some request or limit in the pod; this container requests so much memory, perhaps none.
    Burstable {
        /// The memory request of the container.
        request: Bytes,
    },
    /// No request and no limit in the pod.
    BestEffort,
}

impl Protection {
    /// The `oom_score_adj` that the kubelet sets on a node of `capacity`, from -997 to 1000.
    ///
    /// Source: Kubernetes documentation, "Node-pressure Eviction", section "Node out of memory
    /// behavior", read 2026-11.
    pub fn oom_score_adjustment(self, capacity: Bytes) -> i32 {
        match self {
            Self::NodeCritical | Self::Guaranteed => -997,
            Self::BestEffort => 1_000,
            Self::Burstable { request } => {
                let (request, capacity) = (request.count(), capacity.count());
                let per_mille = match request.checked_mul(1_000) {
                    Some(thousand) => u128::from(thousand / capacity),
                    None => u128::from(request) * 1_000 / u128::from(capacity),
                };
                let per_mille = i32::try_from(per_mille).unwrap_or(i32::MAX);
                1_000_i32.saturating_sub(per_mille).clamp(2, 999)
            }
        }
    }
}

/// The kernel's score, greatest dies: per mille of the node's memory plus the adjustment.
///
/// Simplified: usage stands for resident, swapped and page-table memory.
///
/// Source: Linux kernel, `mm/oom_kill.c`, `oom_badness`, read 2026-11.
pub fn oom_score(usage: Bytes, protection: Protection, capacity: Bytes) -> f64 {
    let adjustment = f64::from(protection.oom_score_adjustment(capacity));
    adjusted_score(usage.as_f64(), adjustment, capacity.as_f64())
}

/// [`oom_score`] of so many bytes at a known adjustment.
pub fn adjusted_score(usage: f64, adjustment: f64, capacity: f64) -> f64 {
    1_000.0 * usage / capacity + adjustment
}

/// One pod or container in the memory of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resident {
    /// Memory in use.
    pub usage: Bytes,
    /// Memory requested; zero without a request.
    pub request: Bytes,
    /// Value of its priority class; zero by default.
    pub priority: i32,
    /// What decides the kernel's view of it.
    pub protection: Protection,
}

impl Resident {
    /// Memory used beyond the request.
    const fn overage(&self) -> u64 {
        self.usage.count().saturating_sub(self.request.count())
    }
}

/// Which of `residents` the kernel kills when a node of `capacity` has nothing left: the greatest
/// score, the first of equals; `None` if there are none.
pub fn oom_victim(residents: &[Resident], capacity: Bytes) -> Option<usize> {
    let scores = residents.iter();
    highest_score(scores.map(|r| oom_score(r.usage, r.protection, capacity)))
}

/// Whom the kernel kills by its score: the greatest, the first of equals; `None` if there is none.
pub fn highest_score(scores: impl Iterator<Item = f64>) -> Option<usize> {
    let mut highest = None;
    for (index, score) in scores.enumerate() {
        if highest.is_none_or(|(_, highest)| score > highest) {
            highest = Some((index, score));
        }
    }
    highest.map(|(index, _)| index)
}

/// Which of `residents` the kubelet evicts first; `None` if there are none.
pub fn eviction_victim(residents: &[Resident]) -> Option<usize> {
    (0..residents.len()).min_by(|&a, &b| eviction_order(&residents[a], &residents[b]))
}

/// The order in which the kubelet evicts, less first: those above their request, then by rising
/// priority, then by falling memory above the request.
///
/// Source: Kubernetes documentation, "Node-pressure Eviction", section "Pod selection for kubelet
/// eviction", read 2026-11.
pub fn eviction_order(left: &Resident, right: &Resident) -> Ordering {
    let key = |r: &Resident| (r.overage() == 0, r.priority, Reverse(r.overage()));
    key(left).cmp(&key(right))
}

/// The probability that the kubelet looks and evicts before memory that grows by `growth` has gone
/// from the threshold to nothing: min(1, threshold/growth/interval), its looks being independent of
/// the growth.
pub fn eviction_before_oom(growth: ByteRate) -> Fraction {
    if growth.as_f64() <= 0.0 {
        return Fraction::ONE;
    }
    let left = EVICTION_THRESHOLD.as_f64() / growth.as_f64();
    Fraction::clamped(left / EVICTION_INTERVAL.as_secs_f64())
}

/// Memory at which a container with memory quality of service is throttled (`memory.high`): request plus 90 % of
/// the way to the limit.
///
/// Simplified: not rounded down to pages.
///
/// Source: KEP-2570, section "Design Details", read 2026-11.
pub fn throttled_above(request: Bytes, limit: Bytes) -> f64 {
    request.as_f64() + THROTTLING_FACTOR * (limit.as_f64() - request.as_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: Bytes = Bytes::from_gib(16);

    fn burstable(usage_mib: u64, request_mib: u64) -> Resident {
        let request = Bytes::from_mib(request_mib);
        let protection = Protection::Burstable { request };
        Resident {
            usage: Bytes::from_mib(usage_mib),
            request,
            priority: 0,
            protection,
        }
    }

    fn score(resident: &Resident) -> f64 {
        oom_score(resident.usage, resident.protection, NODE)
    }

    #[test]
    fn an_application_may_die_for_a_collector() {
        let collector = burstable(2_048, 512);
        let application = burstable(6_144, 4_096);
        assert_eq!(collector.protection.oom_score_adjustment(NODE), 969);
        assert_eq!(application.protection.oom_score_adjustment(NODE), 750);
        assert!((score(&collector) - 1_094.0).abs() < 1e-9);
        assert!((score(&application) - 1_125.0).abs() < 1e-9);
        assert_eq!(oom_victim(&[collector, application], NODE), Some(1));
        let smaller = burstable(4_608, 4_096);
        assert!((score(&smaller) - 1_031.25).abs() < 1e-9);
        assert_eq!(oom_victim(&[collector, smaller], NODE), Some(0));
        assert_eq!(oom_victim(&[collector, collector], NODE), Some(0));
        assert_eq!(oom_victim(&[], NODE), None);
    }

    #[test]
    fn requests_protect() {
        let adjustment = |protection: Protection| protection.oom_score_adjustment(NODE);
        assert_eq!(
            adjustment(Protection::Burstable {
                request: Bytes::new(0)
            }),
            999
        );
        assert_eq!(adjustment(Protection::Burstable { request: NODE }), 2);
        assert_eq!(adjustment(Protection::Guaranteed), -997);
        assert_eq!(adjustment(Protection::BestEffort), 1_000);
        let found = oom_score(Bytes::from_mib(100), Protection::BestEffort, NODE);
        assert!((found - 1_006.103_515_625).abs() < 1e-9);
    }

    #[test]
    fn the_kubelet_evicts_by_overage_within_priority() {
        let within = burstable(400, 512);
        let above = burstable(600, 512);
        let far_above = burstable(2_048, 512);
        let important = Resident {
            priority: 1_000,
            ..far_above
        };
        assert_eq!(
            eviction_victim(&[within, above, far_above, important]),
            Some(2)
        );
        assert_eq!(eviction_victim(&[within, important]), Some(1));
        assert_eq!(eviction_victim(&[within]), Some(0));
        assert_eq!(eviction_victim(&[]), None);
    }

    #[test]
    fn fast_growth_outruns_the_kubelet() {
        for (mib_per_second, expected) in [(10.0, 1.0), (20.0, 0.5), (50.0, 0.2), (100.0, 0.1)] {
            let growth = ByteRate::per_second(mib_per_second * 1_048_576.0);
            assert!((eviction_before_oom(growth).get() - expected).abs() < 1e-12);
        }
        assert_eq!(
            eviction_before_oom(ByteRate::per_second(0.0)),
            Fraction::ONE
        );
        let high = throttled_above(Bytes::from_mib(512), Bytes::from_mib(1_024));
        assert!((high / 1_048_576.0 - 972.8).abs() < 1e-9);
    }
}
