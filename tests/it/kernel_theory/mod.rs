//! Textbook queues through the engine's own loop, calendar and random numbers.
//!
//! The expected values are the textbooks'; the simulated models know none of their formulas.

mod determinism;
mod law;
mod sharing;
mod station;
mod tally;
mod verdict;

use alloy_sim::engine::{Calendar, run};
use alloy_sim::units::SimTime;

use law::Law;
use sharing::Sharing;
use station::{Kind, Station};
use tally::{Queue, Tally, estimate, estimate_controlled};
use verdict::{Setting, check};

/// Checks a station's mean of `value`, simulated for so many seconds, the load being a control.
fn check_station(kind: Kind, seconds: u32, value: fn(&Tally) -> f64, expected: f64) {
    check(expected, |setting| {
        let station = Station::new(kind, setting);
        estimate_controlled(station, seconds / setting.length_divisor, value)
    });
}

/// A station where customers wait for a server; services take 1 s on average.
fn line(rate: f64, service: Law, server_count: u64) -> Kind {
    Kind {
        rate,
        service,
        server_count,
        waits: true,
    }
}

/// A station without waiting that is offered this load.
fn loss(load: f64, service: Law, server_count: u64) -> Kind {
    Kind {
        rate: load / service.mean(),
        service,
        server_count,
        waits: false,
    }
}

#[test]
fn single_server() {
    // M/M/1: W = S / (1 - ρ).
    let kind = line(0.8, Law::exponential(1.0), 1);
    check_station(kind, 4_000_000, Tally::sojourn_mean, 5.0);
}

#[test]
fn several_servers() {
    // M/M/4 offered 2.8: Erlang C = 0.428654, mean wait C S / (c - a).
    let kind = line(2.8, Law::exponential(1.0), 4);
    check_station(kind, 300_000, Tally::waited_share, 0.428_654);
    check_station(kind, 1_800_000, Tally::wait_mean, 0.428_654 / 1.2);
}

#[test]
fn general_services() {
    // M/G/1, Pollaczek-Khinchine: mean wait ρ S (1 + v²) / 2 (1 - ρ), v the coefficient of variation.
    let constant = line(0.6, Law::constant(1.0), 1);
    check_station(constant, 1_600_000, Tally::wait_mean, 0.75);
    let varying = line(0.6, Law::log_normal(1.0, 1.0), 1);
    check_station(varying, 4_000_000, Tally::wait_mean, 1.5);
}

#[test]
fn infinitely_many_servers() {
    // M/G/inf: the number of customers is Poisson, whatever the law of services.
    let kind = line(4.0, Law::log_normal(1.0, 1.0), u64::MAX);
    for value in [Tally::number_mean, Tally::number_variance] {
        check(4.0, |setting| {
            estimate(
                Station::new(kind, setting),
                400_000 / setting.length_divisor,
                value,
            )
        });
    }
}

#[test]
fn refused_customers() {
    // Erlang B: M/M/10/10 offered 5, M/G/64/64 offered 51 with services like a port's hold time.
    let small = loss(5.0, Law::exponential(1.0), 10);
    check_station(small, 800_000, Tally::full_share, 0.018_384_6);
    let port = Law::Exponential {
        constant: 120.0,
        mean: 60.0,
    };
    check_station(
        loss(51.0, port, 64),
        52_000_000,
        Tally::full_share,
        0.011_134_2,
    );
}

#[test]
fn shared_server() {
    // M/G/1-PS: W = S / (1 - ρ), whatever the law of services.
    for service in [Law::constant(1.0), Law::log_normal(1.0, 1.5)] {
        check(2.5, |setting| {
            let server = Sharing::new(0.6, service, setting);
            estimate_controlled(
                server,
                2_000_000 / setting.length_divisor,
                Tally::sojourn_mean,
            )
        });
    }
}

#[test]
fn littles_law() {
    // The integral of the number present is the sum of times spent, to the nanosecond.
    let mut station = Station::new(line(2.8, Law::exponential(1.0), 4), Setting::plain(1));
    let mut calendar = Calendar::new();
    station.begin(&mut calendar);
    let horizon = SimTime::from_secs_f64(100_000.0);
    run(&mut station, &mut calendar, horizon);
    let tally = station.tally(horizon);
    assert_eq!(tally.number, tally.sojourn + station.age(horizon));
    // L = λ W, up to the customers present at the end.
    let rate = tally.arrivals as f64 / horizon.secs_f64();
    let ratio = tally.number_mean() / (rate * tally.sojourn_mean());
    assert!((ratio - 1.0).abs() < 1e-3, "{ratio}");
}
