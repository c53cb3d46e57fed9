//! Sharing of cores: water-filling invariants, and latency against simulated processor sharing.

use alloy_sim::model::node::latency::slowdown;
use alloy_sim::model::node::waterfill::{Contender, level};
use proptest::prelude::*;

use super::{Agenda, Chance, Estimate, Theory, batch_size};
use crate::support::properties::properties;

/// Mean time in the system over mean work, of requests that share `cores` equally, none using more
/// than one. Each request's work is done when the attained service since its arrival reaches it;
/// all requests inside attain service at the same rate, so one clock serves them all.
fn simulated_slowdown(
    load: f64,
    cores: f64,
    requests: u32,
    chance: &mut Chance,
    work: impl Fn(&mut Chance) -> f64,
) -> Estimate {
    let (mut inside, mut attained) = (Agenda::default(), 0.0);
    Estimate::of_batches(|| {
        let mut request_time = 0.0;
        for _ in 0..requests {
            let mut until_arrival = chance.exponential(1.0 / load);
            while inside.len() > 0 {
                let count = inside.len() as f64;
                let rate = (cores / count).min(1.0);
                let until_done = (inside.next() - attained) / rate;
                let step = until_done.min(until_arrival);
                request_time += count * step;
                attained += rate * step;
                until_arrival -= step;
                if until_done > step {
                    break;
                }
                attained = inside.pop().0;
            }
            let own = work(chance);
            inside.push(attained + own, 0);
        }
        request_time / f64::from(requests)
    })
}

fn check(load: f64, cores: f64, requests: u32, work: impl Fn(&mut Chance) -> f64) {
    let theory = Theory {
        expected: slowdown(load, cores).factor(),
        error_max: 0.01,
    };
    theory.assert(|seed, off| {
        let mut chance = Chance::new(seed);
        simulated_slowdown(
            load * off,
            cores,
            batch_size(requests, off),
            &mut chance,
            &work,
        )
    });
}

#[test]
fn latency_on_a_fractional_share_is_that_of_processor_sharing() {
    check(2.8, 3.5, 60_000, |chance| chance.exponential(1.0));
    check(0.4, 0.6, 60_000, |chance| chance.exponential(1.0));
}

#[test]
fn the_law_of_the_work_does_not_matter() {
    check(2.8, 3.2, 100_000, |_| 1.0);
    // Nine in ten are short: a coefficient of variation of 2.
    check(2.8, 3.5, 150_000, |chance| {
        let mean = if chance.unit() < 0.9 { 0.5 } else { 5.5 };
        chance.exponential(mean)
    });
}

fn contenders() -> impl Strategy<Value = (f64, Vec<Contender>)> {
    let cap = prop_oneof![Just(f64::INFINITY), 0.0..4.0_f64];
    let contender =
        (1.0..10_000.0_f64, 0.0..8.0_f64, cap).prop_map(|(weight, demand, cap)| Contender {
            weight,
            demand,
            cap,
        });
    (0.1..32.0_f64, prop::collection::vec(contender, 1..12))
}

fn grants(capacity: f64, contenders: &[Contender]) -> Vec<f64> {
    let level = level(capacity, &contenders.iter());
    contenders
        .iter()
        .map(|contender| contender.grant(level))
        .collect()
}

proptest! {
    #![proptest_config(properties(32))]

    #[test]
    fn water_finds_one_level((capacity, contenders) in contenders()) {
        let granted = grants(capacity, &contenders);
        let limits: f64 = contenders.iter().map(|contender| contender.limit()).sum();
        let total: f64 = granted.iter().sum();
        prop_assert!((total - capacity.min(limits)).abs() < 1e-9);
        let mut level = None;
        for (contender, grant) in contenders.iter().zip(&granted) {
            prop_assert!(*grant <= contender.limit());
            if *grant < contender.limit() {
                let own = grant / contender.weight;
                let common = *level.get_or_insert(own);
                prop_assert!((own / common - 1.0).abs() < 1e-9);
            }
        }
        if let Some(level) = level {
            let saturated = contenders.iter().zip(&granted).filter(|(c, g)| **g >= c.limit());
            for (contender, grant) in saturated {
                prop_assert!(*grant <= contender.weight * level * (1.0 + 1e-9));
            }
        }
    }

    #[test]
    fn nobody_loses_when_somebody_leaves((capacity, contenders) in contenders(), leaver in 0_usize..12) {
        let leaver = leaver % contenders.len();
        let before = grants(capacity, &contenders);
        let mut left = contenders.clone();
        left.remove(leaver);
        let after = grants(capacity, &left);
        let stayed = before.iter().enumerate().filter(|&(index, _)| index != leaver);
        for ((_, before), after) in stayed.zip(&after) {
            prop_assert!(*after >= before - 1e-9);
        }
    }
}
