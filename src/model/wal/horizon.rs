//! The simulated time of a case: the measured horizon, and a warm-up until every WAL is stationary.

use crate::model::blueprint::{Blueprint, Fleet, FleetId, Start};
use crate::model::load::timeline::{Grid, HOUR};
use crate::units::{SimDuration, SimTime};

use super::Truncation;

/// Truncation periods after which the contents of a WAL and its queues are stationary.
const PERIODS: u64 = 2 + Truncation::QUEUE_PERIODS_MAX;

/// The grid of a case with the warm-up that its slowest fleet needs.
pub fn grid_of(blueprint: &Blueprint) -> Grid {
    let all: Vec<FleetId> = FleetId::all(blueprint.fleets.len()).collect();
    grid_with(blueprint, &all)
}

/// The grid of some fleets of a case. With `start = "running"` a warm-up of truncation periods
/// precedes the measured horizon. So dead series and held ports are stationary when it starts.
pub(in crate::model) fn grid_with(blueprint: &Blueprint, fleets: &[FleetId]) -> Grid {
    let cell = blueprint.grid.max(SimDuration::NANO);
    let warm_up = SimTime::ZERO
        + match blueprint.start {
            Start::Cold => SimDuration::ZERO,
            Start::Running => {
                let wal = |fleet: &Fleet| fleet.wal.truncate_every * PERIODS + fleet.wal.keep_min;
                let fleets = fleets.iter().map(|&id| wal(&blueprint.fleets[id]));
                let longest = fleets.max().unwrap_or_default();
                // Whole hours, so that a finer grid does not move random instants.
                let hours = HOUR * longest.div_ceil(HOUR);
                cell * hours.div_ceil(cell)
            }
        };
    Grid {
        warm_up,
        end: warm_up + blueprint.horizon,
        cell,
    }
}
