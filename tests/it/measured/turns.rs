//! How Alloy shares too few cores between its signals, measured: the rows of `docs/model/process.md`.
//!
//! The rows are a measurement of ours (not published) of Alloy's main branch of 2026-08-21, with 150
//! targets, a pipeline of files, and spans on some connections. The process asked for 0.54 to 0.66
//! cores, of which scraping took 25 %, sending 10, lines 36, spans 16 and garbage 13, which is added
//! here to each in proportion.

use alloy_sim::model::process::turns::{Ask, Hands, share};

/// Quota in cores, its share of the demand, connections, log pipelines, and percent of their demand
/// that scraping, sending, lines and spans got: the mean over both halves of a row.
type Row = (f64, f64, f64, f64, [f64; 4]);

const ROWS: [Row; 5] = [
    (0.48, 0.80, 4.0, 1.0, [100.0, 100.0, 86.0, 100.0]),
    (0.33, 0.50, 4.0, 1.0, [100.0, 69.5, 8.5, 68.5]),
    (0.14, 0.25, 4.0, 1.0, [63.5, 10.0, 3.0, 14.5]),
    (0.32, 0.50, 32.0, 1.0, [95.5, 26.5, 11.0, 97.5]),
    (0.32, 0.50, 4.0, 4.0, [97.0, 28.0, 16.5, 93.0]),
];

/// Percent of their demand that the signals of a row get, by the rule.
fn got(&(quota, part, connections, pipelines, _): &Row) -> [f64; 4] {
    let ask = |percent: f64, chains, hands| Ask {
        cores: quota / part * percent / 87.0,
        chains,
        hands,
    };
    let asks = [
        ask(25.0, 150.0, Hands::Many),
        ask(10.0, 1.0, Hands::Many),
        ask(36.0, pipelines, Hands::HandedOn),
        ask(16.0, connections, Hands::Many),
    ];
    let got = share(quota, &asks);
    std::array::from_fn(|place| 100.0 * got[place] / asks[place].cores)
}

/// One point per row was measured, and the halves of a row differ by up to 60 points. The rule comes
/// within 8 in the mean; in proportion to demand it would be 30.
#[test]
fn the_turns_of_real_signals() {
    let mean = |rule: fn(&Row) -> [f64; 4]| {
        let errors = ROWS.iter().flat_map(|row| {
            let pairs = rule(row).into_iter().zip(row.4);
            pairs.map(|(got, measured)| (got - measured).abs())
        });
        errors.sum::<f64>() / 20.0
    };
    let by_turns = mean(got);
    assert!(by_turns < 8.0, "{by_turns} points");
    let proportional = mean(|row| [100.0 * row.1; 4]);
    assert!(proportional > 25.0, "{proportional} points");
    // Lines pay first in every row, and scrapes never before spans and lines.
    for row in &ROWS {
        let [scraped, _, lines, spans] = got(row);
        assert!(lines <= spans && spans <= scraped + 1e-9, "{row:?}");
    }
}
