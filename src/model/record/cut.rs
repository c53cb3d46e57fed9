//! Which draws show only that a fleet needs more memory than its limit.

use super::catalogue::{Metric, Scope};
use super::outcome::{Figures, Layout};
use crate::model::blueprint::Blueprint;

/// Metrics that a kill at the memory limit cuts off: what a killed collector takes ends at its limit,
/// and its peers take over what it had.
const CUT_OFF: [Metric; 12] = [
    Metric::MemoryPeak,
    Metric::MemoryPeakMedian,
    Metric::LivePeak,
    Metric::WorkingSetPeak,
    Metric::ResidentPeak,
    Metric::MemorySum,
    Metric::MemoryPeakRatio,
    Metric::MemoryLimitNeeded,
    Metric::MemoryReplayPeak,
    Metric::MemoryRestartPeak,
    Metric::MemoryRestartRatio,
    Metric::MemoryRestartResident,
];

impl Metric {
    /// Whether a kill at the memory limit cuts the metric off.
    pub fn is_cut_by_kills(self) -> bool {
        CUT_OFF.contains(&self)
    }
}

/// The columns of these metrics.
pub fn columns() -> impl Iterator<Item = &'static str> {
    CUT_OFF.iter().map(|metric| metric.info().column)
}

/// Where an outcome tells whether a kill at the memory limit cut the memory of a fleet off. A kill by
/// a node is none at the limit.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// Column of all kills.
    all: usize,
    /// Column of those by a node.
    by_node: usize,
}

impl Cut {
    /// The columns of a scope; `None` for what has no memory limit.
    pub fn of(scope: Scope, blueprint: &Blueprint, layout: &Layout) -> Option<Self> {
        let Scope::Fleet(id) = scope else { return None };
        blueprint.fleets[id].resources.memory_limit?;
        Some(Self {
            all: layout.column(scope, Metric::OomCount)?,
            by_node: layout.column(scope, Metric::OomNodeCount)?,
        })
    }

    /// Whether a kill cut the memory of the fleet off in a draw.
    pub fn is_in(self, draw: &impl Figures) -> bool {
        draw.value(self.all) > draw.value(self.by_node)
    }
}
