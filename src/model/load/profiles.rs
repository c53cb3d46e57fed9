//! Profiles that a workload offers.

use super::draw::Draw;
use crate::model::blueprint::Workload;

/// Profiles that one target offers, in one draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProfileRate {
    /// Profiles per second.
    pub per_second: f64,
    /// Bytes per profile.
    pub bytes: f64,
}

impl ProfileRate {
    /// Nothing.
    pub const NONE: Self = Self {
        per_second: 0.0,
        bytes: 0.0,
    };

    /// The profiles of `workload`, with their unknowns drawn.
    pub fn draw(workload: &Workload, draw: &mut Draw) -> Self {
        let path = format!("workload.{}", workload.name);
        let profiles = &workload.profiles;
        Self {
            per_second: draw.centre(&format!("{path}.profiles_per_pod"), &profiles.per_second),
            bytes: draw.centre(&format!("{path}.bytes_per_profile"), &profiles.bytes),
        }
    }
}
