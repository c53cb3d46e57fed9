//! The model's WAL equals the oracle at an even rate.

use alloy_sim::model::load::timeline::Episode;
use alloy_sim::model::pipeline::remote_write::drain_cut;
use alloy_sim::model::wal::{Log, Process, SEGMENT_BYTES, Truncation, Walk, Written};
use alloy_sim::units::{SimDuration, SimTime, Span};
use proptest::prelude::*;

use super::oracle::{HOUR, MINUTE, Oracle, Rule};
use crate::support::properties::properties;

/// Bytes at an even rate, as samples of one byte.
#[derive(Clone, Copy, Debug)]
struct Even(Rule);

impl Written for Even {
    fn samples(&self, span: Span) -> f64 {
        let (numerator, denominator) = self.0.rate;
        let nanos = u128::from(span.length().nanos());
        (nanos * u128::from(numerator)) as f64 / denominator as f64 / 1e9
    }

    fn most(&self, length: SimDuration) -> f64 {
        self.samples(Span::new(SimTime::ZERO, SimTime::ZERO + length))
    }
}

fn at(nanos: u64) -> SimTime {
    SimTime::from_nanos(nanos)
}

/// The WAL of a rule, whose endpoint goes away.
pub(crate) fn log(rule: Rule, outages: &[(u64, u64)]) -> Log {
    let stall = |&(from, to): &(u64, u64)| Episode {
        from: at(from),
        to: at(to),
        size: 1.0,
    };
    Log {
        truncation: Truncation {
            every: SimDuration::from_nanos(rule.every),
            keep_min: SimDuration::from_nanos(rule.keep_min),
            keep_max: SimDuration::from_nanos(rule.keep_max),
            skips: rule.skips,
            full: SEGMENT_BYTES,
            in_queues: 0.0,
            queue_periods: 1,
        },
        stalls: outages.iter().map(stall).collect(),
    }
}

/// Sizes from a tenth of a segment per period to 25, with odd phases, and outages of up to 48 h.
fn scene() -> impl Strategy<Value = (Rule, Vec<(u64, u64)>)> {
    let rate = (1_000_u64..2_400_000, prop::bool::weighted(0.8));
    let outage = (
        3 * HOUR..40 * HOUR,
        prop_oneof![MINUTE..4 * HOUR, MINUTE..48 * HOUR],
    );
    let outages = prop::collection::vec(outage, 1..4);
    (rate, outages).prop_map(|((rate, skips), outages)| {
        let rule = Rule {
            rate: (rate, 7),
            skips,
            ..Rule::alloy(1)
        };
        let mut end = 24 * HOUR;
        let outages = outages.into_iter().map(|(gap, length)| {
            let from = end + gap;
            end = from + length;
            (from, end)
        });
        (rule, outages.collect())
    })
}

/// What an outage loses by the walk, which a reader sees at its end.
pub(crate) fn lost(log: &Log, process: &Process, rule: Rule, (from, to): (u64, u64)) -> u64 {
    let mut walk = Walk::new(log, process, Some(at(from)), Even(rule));
    let loss = walk.first_loss(Span::new(at(from), at(to)), |_| at(from));
    loss.map_or(0, |(_, first)| (at(to) - first).nanos())
}

proptest! {
    #![proptest_config(properties(512))]

    #[test]
    fn outages_lose_the_same((rule, outages) in scene()) {
        let log = log(rule, &outages);
        let process = Process::new(SimTime::ZERO, SimTime::ZERO);
        let mut oracle = Oracle::new(rule);
        let mut sum = 0;
        for &(from, to) in &outages {
            oracle.run(from);
            oracle.wait();
            oracle.run(to);
            oracle.resume(0);
            sum += lost(&log, &process, rule, (from, to));
            // The instant at which a segment is full is rounded to a nanosecond.
            prop_assert!(oracle.lost.abs_diff(sum) <= outages.len() as u64);
        }
        // The fullest WAL, to the bytes of the last nanosecond of each segment.
        let end = outages.last().unwrap().1 + 30 * HOUR;
        oracle.run(end);
        let mut walk = Walk::new(&log, &process, None, Even(rule));
        let most = walk.most_samples(Span::new(SimTime::ZERO, at(end)), at(end));
        prop_assert!((most / oracle.bytes_peak() - 1.0).abs() < 1e-8, "{} of {}", most, oracle.bytes_peak());
    }

    #[test]
    fn restarts_keep_what_the_volume_keeps(
        (rule, outages) in scene(),
        (before, gap, volume) in (HOUR..30 * HOUR, 1..HOUR, prop::bool::ANY),
    ) {
        let (from, to) = outages[0];
        let restarted = from - before.min(from - HOUR);
        // An outage that begins before the process does finds it with nothing sent.
        let started = restarted + gap;
        let log = log(rule, &[(from, to)]);
        let first = Process::new(SimTime::ZERO, SimTime::ZERO);
        let mut oracle = Oracle::new(rule);
        oracle.run(restarted.min(from));
        oracle.restart(gap, volume);
        prop_assume!(started < from);
        let mut process = Process::new(at(started), at(started));
        if volume {
            let mut walk = Walk::new(&log, &first, None, Even(rule));
            walk.pass(at(restarted));
            let (wal_from, closed) = walk.left_at(at(restarted));
            process.wal_from = wal_from;
            process.brought = u32::try_from(closed).unwrap();
        }
        oracle.run(from);
        oracle.wait();
        oracle.run(to);
        oracle.resume(0);
        let lost = lost(&log, &process, rule, (from, to));
        prop_assert!(oracle.lost.abs_diff(lost) <= 2, "{} is not {}", lost, oracle.lost);
    }

    #[test]
    fn slow_drains_lose_the_same((rule, outages) in scene(), takes in MINUTE..30 * HOUR) {
        let (from, to) = outages[0];
        let log = log(rule, &[(from, to)]);
        let process = Process::new(SimTime::ZERO, SimTime::ZERO);
        let mut oracle = Oracle::new(rule);
        oracle.run(from);
        oracle.wait();
        oracle.run(to);
        prop_assume!(lost(&log, &process, rule, (from, to)) == 0);
        oracle.resume(takes);
        oracle.run(to + takes + HOUR);
        let drain = Span::new(at(to), at(to + takes));
        let mut walk = Walk::new(&log, &process, None, Even(rule));
        let lag = SimDuration::from_nanos(to - from);
        let cut = drain_cut(&mut walk, drain, lag);
        let lost = cut.map_or(0.0, |cut| {
            let left = (at(to + takes) - cut.at).nanos() as f64 / takes as f64;
            cut.share() * left * lag.nanos() as f64
        });
        // A lost share has nine digits.
        let error = (oracle.lost as f64 - lost).abs();
        prop_assert!(error <= 2e-9 * (48 * HOUR) as f64 + 2.0, "{} is not {}", lost, oracle.lost);
    }
}
