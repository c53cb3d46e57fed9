//! The oracle reproduces known values, each an enumeration over phases of truncations.
//!
//! Source: an enumeration of the same rule with rational numbers, written independently.

use super::oracle::{HOUR, MINUTE, Oracle, Rule};

/// The share of processes that lose something to an outage, and of its data that they lose. Phases are
/// spread evenly over two truncation periods.
fn over_phases(rule: Rule, length: u64) -> (f64, f64) {
    const PHASES: u64 = 500;
    let (mut losers, mut lost) = (0.0, 0.0);
    for warm in [12, 13] {
        for phase in 0..PHASES {
            let start = warm * rule.every + (2 * phase + 1) * rule.every / (2 * PHASES);
            let mut one = Oracle::new(rule);
            one.run(start);
            one.wait();
            one.run(start + length);
            one.resume(0);
            losers += f64::from(u8::from(one.lost > 0));
            lost += one.lost as f64 / length as f64;
        }
    }
    let all = 2.0 * PHASES as f64;
    (losers / all, lost / all)
}

#[test]
fn outages_lose_what_the_enumeration_says() {
    let cases: [(u64, u64, f64, f64); 9] = [
        (1_000_000, 2 * HOUR, 0.204, 0.183),
        (2_000_000, 2 * HOUR, 0.306, 0.291),
        (5_000_000, 2 * HOUR, 0.448, 0.439),
        (200_000, 2 * HOUR, 0.0, 0.0),
        (1_000_000, HOUR, 0.0, 0.0),
        (5_000_000, HOUR, 0.0, 0.0),
        (200_000, 8 * HOUR, 0.021, 0.016),
        (1_000_000, 10 * HOUR, 1.0, 0.980),
        (100_000, 12 * HOUR, 0.042, 0.035),
    ];
    for (series, length, losers, lost) in cases {
        let got = over_phases(Rule::alloy(series), length);
        let near = (got.0 - losers).abs() < 6e-4 && (got.1 - lost).abs() < 6e-4;
        assert!(near, "{series} series, {} h: {got:?}", length / HOUR);
    }
}

#[test]
fn without_the_skip_rule_every_outage_is_an_outage_of_one_period() {
    let rule = |series| Rule {
        skips: false,
        ..Rule::alloy(series)
    };
    let cases: [(u64, u64, f64, f64); 4] = [
        (300_000, 3 * HOUR, 0.178, 0.167),
        (1_000_000, 3 * HOUR, 0.704, 0.661),
        (1_000_000, 4 * HOUR, 1.0, 0.950),
        (100_000, 8 * HOUR, 0.5, 0.438),
    ];
    for (series, length, losers, lost) in cases {
        let got = over_phases(rule(series), length);
        let near = (got.0 - losers).abs() < 6e-4 && (got.1 - lost).abs() < 6e-4;
        assert!(near, "{series} series, {} h: {got:?}", length / HOUR);
    }
}

#[test]
fn a_log_reaches_back_as_far_as_the_enumeration_says() {
    // Tenths of an hour before and after a truncation.
    let cases = [
        (200_000, [60, 80], [40, 60]),
        (300_000, [40, 40], [20, 20]),
        (1_000_000, [32, 32], [12, 12]),
        (5_000_000, [30, 30], [10, 10]),
    ];
    for (series, before, after) in cases {
        let rule = Rule::alloy(series);
        let mut one = Oracle::new(rule);
        one.run(60 * rule.every + 1);
        let late = &one.reach[24..];
        let tenths = |nanos: u64| (nanos + HOUR / 20) / (HOUR / 10);
        let range = |of: fn(&(u64, u64)) -> u64| {
            [late.iter().map(of).min(), late.iter().map(of).max()]
                .map(|nanos| tenths(nanos.unwrap()))
        };
        assert_eq!(range(|reach| reach.0), before, "{series}");
        assert_eq!(range(|reach| reach.1), after, "{series}");
    }
}

#[test]
fn a_process_that_is_born_into_an_outage_loses_sooner() {
    for (series, hours) in [(200_000, 8), (500_000, 4), (1_000_000, 2)] {
        let mut one = Oracle::born_into_an_outage(Rule::alloy(series));
        one.run(30 * HOUR);
        assert_eq!(one.first_loss, Some(hours * HOUR), "{series} series");
    }
}

/// By hand: 1,000 bytes a second, so one segment per truncation.
#[test]
fn a_slow_drain_loses_to_a_later_truncation() {
    let rule = Rule {
        rate: (1_000, 1),
        skips: true,
        ..Rule::alloy(1)
    };
    // Away from 24:10 to 31:50, less than the 7:55 after which truncations go on. So the last
    // truncation was at 26:00. Segments start at 20, 22, 24 and 26; 3 are closed.
    let drained = |takes: u64| {
        let mut one = Oracle::new(rule);
        one.run(24 * HOUR + 10 * MINUTE);
        one.wait();
        one.run(31 * HOUR + 50 * MINUTE);
        one.resume(takes);
        one.run(80 * HOUR);
        one.lost
    };
    assert_eq!(drained(MINUTE), 0);
    // The reader needs two days. At every truncation that takes segments it must be in the last
    // third of the log.
    assert!(drained(48 * HOUR) > HOUR);
}

#[test]
fn a_restart_in_an_outage_loses_what_waits() {
    let restarted = |volume| {
        let mut one = Oracle::new(Rule::alloy(1_000_000));
        one.run(25 * HOUR);
        one.wait();
        one.run(25 * HOUR + 30 * MINUTE);
        one.restart(MINUTE, volume);
        one.run(28 * HOUR);
        one.resume(MINUTE);
        one.run(40 * HOUR);
        one
    };
    // What is written from the start of the new process on is safe for a first truncation where older
    // segments lie before it.
    let (with, without) = (restarted(true), restarted(false));
    assert_eq!(with.lost_at_ends, 30 * MINUTE);
    assert_eq!(without.lost_at_ends, 30 * MINUTE);
    assert_eq!(with.lost, 0);
    assert!(without.lost > HOUR, "{}", without.lost);
}
