//! Which container the kernel's OOM killer kills when a node runs out of memory.

use crate::units::Bytes;

/// The quality of service of a container, from which its OOM score follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Requests equal limits for CPU and memory.
    Guaranteed,
    /// Some request or limit in the pod.
    Burstable {
        /// The memory request of the container; zero without a request.
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
            Self::Guaranteed => -997,
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

/// The kernel's OOM score: per mille of the node's memory plus the adjustment. The greatest dies.
///
/// Simplified: usage stands for resident, swapped and page-table memory.
///
/// Source: Linux kernel, `mm/oom_kill.c`, `oom_badness`, read 2026-11.
pub fn oom_score(usage: Bytes, protection: Protection, capacity: Bytes) -> f64 {
    let adjustment = f64::from(protection.oom_score_adjustment(capacity));
    adjusted_score(usage.as_f64(), adjustment, capacity.as_f64())
}

/// [`oom_score`] of `usage` bytes at a known adjustment.
pub fn adjusted_score(usage: f64, adjustment: f64, capacity: f64) -> f64 {
    1_000.0 * usage / capacity + adjustment
}

/// One pod or container in the memory of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resident {
    /// Memory in use.
    pub usage: Bytes,
    /// Its quality of service.
    pub protection: Protection,
}

/// The entry that the kernel kills: the first one with the greatest score. `None` without entries.
pub fn highest_score(scores: impl Iterator<Item = f64>) -> Option<usize> {
    let mut highest = None;
    for (index, score) in scores.enumerate() {
        if highest.is_none_or(|(_, highest)| score > highest) {
            highest = Some((index, score));
        }
    }
    highest.map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: Bytes = Bytes::new(16 << 30);

    fn burstable(usage_mib: u64, request_mib: u64) -> Resident {
        let request = Bytes::new(request_mib << 20);
        Resident {
            usage: Bytes::new(usage_mib << 20),
            protection: Protection::Burstable { request },
        }
    }

    fn score(resident: &Resident) -> f64 {
        oom_score(resident.usage, resident.protection, NODE)
    }

    fn victim(residents: &[Resident]) -> Option<usize> {
        highest_score(residents.iter().map(score))
    }

    #[test]
    fn an_application_may_die_for_a_collector() {
        let collector = burstable(2_048, 512);
        let application = burstable(6_144, 4_096);
        assert_eq!(collector.protection.oom_score_adjustment(NODE), 969);
        assert_eq!(application.protection.oom_score_adjustment(NODE), 750);
        assert!((score(&collector) - 1_094.0).abs() < 1e-9);
        assert!((score(&application) - 1_125.0).abs() < 1e-9);
        assert_eq!(victim(&[collector, application]), Some(1));
        let smaller = burstable(4_608, 4_096);
        assert!((score(&smaller) - 1_031.25).abs() < 1e-9);
        assert_eq!(victim(&[collector, smaller]), Some(0));
        assert_eq!(victim(&[collector, collector]), Some(0));
        assert_eq!(victim(&[]), None);
    }

    #[test]
    fn requests_protect() {
        let adjustment = |protection: Protection| protection.oom_score_adjustment(NODE);
        let request = Bytes::new(0);
        assert_eq!(adjustment(Protection::Burstable { request }), 999);
        assert_eq!(adjustment(Protection::Burstable { request: NODE }), 2);
        assert_eq!(adjustment(Protection::Guaranteed), -997);
        assert_eq!(adjustment(Protection::BestEffort), 1_000);
        let found = oom_score(Bytes::new(100 << 20), Protection::BestEffort, NODE);
        assert!((found - 1_006.103_515_625).abs() < 1e-9);
    }
}
