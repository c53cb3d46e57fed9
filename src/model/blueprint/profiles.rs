//! Profiles: what workloads offer, and how a fleet takes and sends it.

use super::{Backoff, WorkloadId};
use crate::model::law::Quantity;
use crate::units::SimDuration;

/// Profiles that one pod offers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProfileLoad {
    /// Profiles per second, of all types together. Role: unknown.
    pub per_second: Quantity,
    /// Bytes per profile. Role: unknown.
    pub bytes: Quantity,
}

/// Who begins a request for a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileSource {
    /// The collector, once per interval, target and type: `pyroscope.scrape`.
    Scrape,
    /// The pod: `pyroscope.receive_http`.
    Push,
}

/// How a fleet takes profiles and sends them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pyroscope {
    /// Who begins.
    pub source: ProfileSource,
    /// Time between two profiles of a target and type.
    pub interval: SimDuration,
    /// Share of the profiles whose type is a sum since the start of its pod. The collector sends the
    /// difference to the one before, so it keeps that one.
    pub delta_share: f64,
    /// When a profile that failed is sent again.
    pub retries: Backoff,
    /// Time-out of one attempt.
    pub attempt_max: SimDuration,
}

impl Pyroscope {
    /// Whether collectors of a fleet that takes the profiles of some workloads keep the profiles before.
    pub fn keeps_any(&self, profiles_of: &[WorkloadId]) -> bool {
        !profiles_of.is_empty() && self.kept_share() > 0.0
    }

    /// Share of the profiles whose collector keeps the one before.
    pub fn kept_share(&self) -> f64 {
        match self.source {
            ProfileSource::Scrape => self.delta_share,
            ProfileSource::Push => 0.0,
        }
    }
}

/// What profiles cost a collector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProfileCosts {
    /// CPU seconds per profile that is taken and sent.
    pub cpu: f64,
    /// CPU seconds per byte of such a profile.
    pub cpu_byte: f64,
    /// Bytes without a memory limit per scraped target, for the profiles that its differences are taken
    /// to. Role: unknown.
    pub per_target: Quantity,
    /// Bytes of stacks per target and type.
    pub stack: f64,
    /// Bytes allocated per byte of a profile.
    pub garbage_byte: f64,
}
