//! How the collectors of a fleet are stopped, started and replaced.

use crate::model::law::Quantity;
use crate::units::SimDuration;

/// How the collectors of a fleet are stopped, started and replaced.
#[derive(Clone, Debug, PartialEq)]
pub struct Lifecycle {
    /// The controller that keeps the collectors' pods in place.
    pub controller: Controller,
    /// Termination grace period: time between asking a pod to stop and killing it.
    pub grace: SimDuration,
    /// Rollouts of a new version or configuration of the collectors.
    pub updates: Updates,
    /// Which pods of a `StatefulSet` may start.
    pub pod_management: PodManagement,
    /// The cluster size from which collectors take targets.
    pub wait: WaitForSize,
}

/// What keeps the pods of a fleet in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controller {
    /// Pods with stable names: a replacement gets the name of the pod before it.
    StatefulSet,
    /// Pods with a new name each time.
    Deployment,
    /// One pod per node.
    DaemonSet,
    /// The pods of a workload, in which the sidecars run.
    Pod,
}

/// Which pods of a `StatefulSet` may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodManagement {
    /// A pod is created when all pods with lower numbers are ready.
    Ordered,
    /// All pods are created at once.
    Parallel,
}

/// Rollouts of a new version or configuration of the collectors.
#[derive(Clone, Debug, PartialEq)]
pub struct Updates {
    /// Seconds between two rollouts; `None` = never. Role: unknown.
    pub every: Option<Quantity>,
    /// Instants of further rollouts.
    pub at: Vec<SimDuration>,
    /// Collectors that may be unavailable at a time.
    pub max_unavailable: CountOrPercent,
    /// Collectors that may exist above the wanted number at a time.
    pub surge: CountOrPercent,
    /// Time in service after which a new collector counts as available.
    pub min_ready: SimDuration,
}

/// A part of a number of collectors, as Kubernetes' `IntOrString`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CountOrPercent {
    /// A number of collectors.
    Count(u32),
    /// A share of the collectors, from 0 to 1.
    Share(f64),
}

/// The cluster size from which collectors take targets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitForSize {
    /// Least number of collectors in service; below 2 no collector waits.
    pub size: u32,
    /// Time after which collectors stop waiting; zero = no deadline.
    pub timeout: SimDuration,
}

impl Lifecycle {
    /// Pods under this controller, with Kubernetes' grace period and without rollouts.
    pub const fn of(controller: Controller) -> Self {
        Self {
            controller,
            grace: GRACE,
            updates: Updates {
                every: None,
                at: Vec::new(),
                max_unavailable: CountOrPercent::Count(1),
                surge: CountOrPercent::Count(0),
                min_ready: MIN_READY,
            },
            pod_management: PodManagement::Parallel,
            wait: WaitForSize {
                size: 0,
                timeout: SimDuration::ZERO,
            },
        }
    }
}

/// Time between asking a pod to stop and killing it.
///
/// Source: Kubernetes documentation, "Pod lifecycle", termination of pods: 30 s (read 2026-11).
pub const GRACE: SimDuration = SimDuration::from_secs(30);

/// Time in service after which a pod counts as available.
///
/// Source: grafana/alloy, `operations/helm/charts/alloy/values.yaml`, `minReadySeconds` (read 2026-11).
pub const MIN_READY: SimDuration = SimDuration::from_secs(10);

/// Share of a Deployment that may be unavailable, and that may be surplus, during a rollout.
///
/// Source: Kubernetes documentation, "Deployments", rolling update (read 2026-11).
pub const DEPLOYMENT_SHARE: f64 = 0.25;

impl CountOrPercent {
    /// This part of `all`, rounded up.
    pub fn up(self, all: u32) -> u32 {
        self.of(all, f64::ceil)
    }

    /// This part of `all`, rounded down.
    pub fn down(self, all: u32) -> u32 {
        self.of(all, f64::floor)
    }

    fn of(self, all: u32, round: fn(f64) -> f64) -> u32 {
        match self {
            Self::Count(count) => count.min(all),
            Self::Share(share) => {
                // A product within rounding error of a whole number is that number: 0.1 of 30 is 3.
                let part = share * f64::from(all);
                let nearest = part.round();
                let whole = if (part - nearest).abs() < 1e-9 {
                    nearest
                } else {
                    round(part)
                };
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "at most all of them"
                )]
                let whole = whole.clamp(0.0, f64::from(all)) as u32;
                whole
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_round_as_they_are_asked_to() {
        assert_eq!(CountOrPercent::Share(0.25).up(5), 2);
        assert_eq!(CountOrPercent::Share(0.25).down(5), 1);
        assert_eq!(CountOrPercent::Share(0.1).up(30), 3);
        assert_eq!(CountOrPercent::Share(0.1).down(30), 3);
        assert_eq!(CountOrPercent::Count(3).up(2), 2);
    }
}
