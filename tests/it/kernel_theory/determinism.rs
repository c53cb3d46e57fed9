//! A run depends on model and seed alone.

use alloy_sim::engine::{Calendar, run};
use alloy_sim::units::SimTime;
use proptest::prelude::*;

use super::law::Law;
use super::station::{Change, Kind, Station};
use super::tally::Queue;
use super::verdict::Setting;
use crate::support::properties::properties;

/// Simulates 200 s in so many equal stretches; returns the hash of all events.
fn trace(kind: Kind, seed: u64, stretch_count: u32, calendar: &mut Calendar<Change>) -> u64 {
    calendar.clear();
    let mut station = Station::new(kind, Setting::plain(seed));
    station.begin(calendar);
    for stretch in 1..=stretch_count {
        let seconds = 200.0 * f64::from(stretch) / f64::from(stretch_count);
        run(&mut station, calendar, SimTime::from_secs_f64(seconds));
    }
    station.trace()
}

proptest! {
    #![proptest_config(properties(256))]

    #[test]
    fn same_seed_same_events(
        seed: u64,
        rate in 0.1..20.0,
        server_count in 1..100_u64,
        waits: bool,
        stretch_count in 2..300_u32,
    ) {
        let kind = Kind { rate, service: Law::log_normal(1.0, 2.0), server_count, waits };
        let mut calendar = Calendar::new();
        let first = trace(kind, seed, 1, &mut calendar);
        prop_assert_eq!(first, trace(kind, seed, 1, &mut Calendar::new()));
        // Neither a used calendar nor the horizons in between leave a mark.
        prop_assert_eq!(first, trace(kind, seed, stretch_count, &mut calendar));
        prop_assert_ne!(first, trace(kind, seed ^ 1, 1, &mut calendar));
    }
}

#[test]
fn the_events_of_a_seed_are_known() {
    let kind = Kind {
        rate: 5.0,
        service: Law::constant(2.0),
        server_count: 8,
        waits: true,
    };
    assert_eq!(
        trace(kind, 1, 1, &mut Calendar::new()),
        8_014_131_358_202_248_766
    );
}
