//! What `benches/model` and `benches/scenarios` measure simulates what it says, with small input.

#[path = "../../benches/scenarios/files.rs"]
mod files;
#[path = "../../benches/scenarios/load.rs"]
mod load;
#[path = "../../benches/model/rows.rs"]
mod rows;

use alloy_sim::Draws;
use alloy_sim::experiment::study::Study;
use alloy_sim::units::SimDuration;

use rows::{Row, Size};

/// Every row with its days when it is measured.
const ROWS: [(Row, u64); 7] = [
    (rows::STEADY, 180),
    (rows::ALL_SIGNALS, 180),
    (rows::UNSTEADY, 180),
    (rows::CONTENDED, 180),
    (rows::MILLION, 30),
    (rows::THOUSAND, 30),
    (rows::SHORT_LIVED, 30),
];

#[test]
fn every_row_simulates_collectors() {
    for (row, days) in &ROWS {
        let horizon = row.study(Size::Full).cases[0].blueprint.horizon;
        assert_eq!(horizon, SimDuration::from_hours(24 * days), "{}", row.name);
        let collector_days = rows::draw(&row.study(Size::Small), 0);
        let expected = 10.0..2_000.0;
        assert!(
            expected.contains(&collector_days),
            "{}: {collector_days}",
            row.name
        );
    }
}

#[test]
fn two_threads_simulate_what_one_does() {
    let study = rows::with_horizon(rows::STEADY.study(Size::Small), 1);
    let [one, two] = [1, 2].map(|threads| rows::draws(study.clone(), 6, threads));
    assert_eq!(one.to_bits(), two.to_bits());
    let alone = rows::draw(&study, 0);
    assert!((one / alone - 6.0).abs() < 1.0, "{one} for six of {alone}");
}

#[test]
fn every_scenario_file_is_checked_and_runs() {
    let shorter = |study: &mut Study| {
        study.draws = Draws::Fixed(1);
        *study = rows::with_horizon(study.clone(), 1);
    };
    let counts = files::PLACES.map(|place| {
        let files = files::files(place);
        for file in &files {
            files::check(file);
            // What is measured with thousands of nodes is simulated above.
            if !place.starts_with("benches") {
                let (answer, artifacts) = files::run(&[file], 2, shorter);
                assert!(answer > 100 && artifacts > 10_000, "{}", file.path);
            }
        }
        files.len()
    });
    assert!(
        counts[0] >= 8 && counts[1] >= 5 && counts[2] == 1,
        "{counts:?}"
    );
}
