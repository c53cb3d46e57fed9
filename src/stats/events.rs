//! The number of events in a sample of draws.

use crate::units::nearest;

/// The number of events in a sample of draws.
///
/// Simplified: a share of replications (say 0.3) counts as part of an event. The total is rounded
/// against either conclusion. A share varies no more than a draw that is 0 or 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Events {
    /// Number of draws.
    pub(super) draws: u64,
    /// Events, rounded down.
    pub(super) at_least: u64,
    /// Events, rounded up.
    pub(super) at_most: u64,
    /// Events per draw.
    pub(super) share: f64,
}

impl Events {
    /// The events among `draws`, each from 0 to 1.
    pub(super) fn among(draws: &[f64]) -> Self {
        assert!(
            draws.iter().all(|draw| (0.0..=1.0).contains(draw)),
            "a share is from 0 to 1"
        );
        let total: f64 = draws.iter().sum();
        // Sums of thirds are not exact.
        let total = if (total - total.round()).abs() < 1e-6 {
            total.round()
        } else {
            total
        };
        Self {
            draws: draws.len() as u64,
            at_least: nearest(total.floor()),
            at_most: nearest(total.ceil()),
            share: total / draws.len() as f64,
        }
    }
}
