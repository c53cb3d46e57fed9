//! Port pools under random dials.

use alloy_sim::model::egress::{Admission, PortPool};
use alloy_sim::units::{SimDuration, SimTime};

use super::port_formulas::{Tenure, blocked_by_a_storm, engset, erlang_b, exhausted_after};
use super::{Agenda, Chance, Estimate, Theory, batch_size};

/// Open time, exponential with this mean, then a constant hold, as after a TCP close.
const LIFETIME: f64 = 60.0;
const HOLD: f64 = 120.0;

fn pool(capacity: u32, admission: Admission) -> PortPool {
    PortPool::new(capacity, SimDuration::from_secs_f64(HOLD), admission)
}

/// The share of Poisson dials refused at `load` ports offered, from batches of `dials`.
fn refused_share(mut pool: PortPool, load: f64, dials: u32, seed: u64) -> Estimate {
    let gap = (LIFETIME + HOLD) / load;
    let (mut chance, mut closes, mut now) = (Chance::new(seed), Agenda::default(), 0.0);
    let estimate = Estimate::of_batches(|| {
        let mut refused = 0_u32;
        for _ in 0..dials {
            now += chance.exponential(gap);
            while closes.next() <= now {
                let (at, _) = closes.pop();
                pool.give_back(SimTime::from_secs_f64(at), 1);
            }
            if pool
                .take(SimTime::from_secs_f64(now), chance.unit())
                .is_ok()
            {
                closes.push(now + chance.exponential(LIFETIME), 0);
            } else {
                refused += 1;
            }
        }
        f64::from(refused) / f64::from(dials)
    });
    assert!(pool.is_conserved());
    let after_all_holds = SimTime::from_secs_f64(now + HOLD + 1.0);
    assert_eq!(pool.in_use(after_all_holds) as usize, closes.len());
    estimate
}

/// Erlang's loss formula does not depend on the law of the time a port is taken, so a constant hold
/// after an exponential life changes nothing but the mean.
#[test]
fn a_hard_pool_loses_what_erlang_says() {
    let theory = Theory {
        expected: erlang_b(64, 51.0),
        error_max: 0.01,
    };
    theory.assert(|seed, off| {
        refused_share(
            pool(64, Admission::Hard),
            51.0 * off,
            batch_size(250_000, off),
            seed,
        )
    });
}

/// Where each dial is refused with probability (n/c)^k, the number of ports taken is a birth-death
/// chain with thinned births.
#[test]
fn a_soft_pool_loses_what_its_chain_says() {
    let (ports, probes, load) = (64_u32, 16, 50.0);
    let refusal = |taken: u32| (f64::from(taken) / f64::from(ports)).powi(probes);
    let (mut weight, mut total, mut refused) = (1.0, 1.0, 0.0);
    for taken in 1..=ports {
        weight *= load * (1.0 - refusal(taken - 1)) / f64::from(taken);
        total += weight;
        refused += weight * refusal(taken);
    }
    let theory = Theory {
        expected: refused / total,
        error_max: 0.01,
    };
    theory.assert(|seed, off| {
        refused_share(
            pool(ports, Admission::Probes(16)),
            load * off,
            batch_size(60_000, off),
            seed,
        )
    });
}

/// Few clients, each of which dials only while it has neither a connection nor a held port.
#[test]
fn a_small_fleet_loses_what_engset_says() {
    let (clients, ports, idle_load) = (10, 5, 1.0);
    let theory = Theory {
        expected: engset(clients, ports, idle_load),
        error_max: 0.005,
    };
    theory.assert(|seed, off| {
        let idle = (LIFETIME + HOLD) / (idle_load * off);
        let (mut chance, mut agenda) = (Chance::new(seed), Agenda::default());
        let mut pool = pool(ports, Admission::Hard);
        (0..clients).for_each(|client| agenda.push(chance.exponential(idle), client));
        Estimate::of_batches(|| {
            let (mut refused, mut taken) = (0_u32, 0_u32);
            for _ in 0..30_000 {
                let (at, what) = agenda.pop();
                let now = SimTime::from_secs_f64(at);
                if what == CLOSE {
                    pool.give_back(now, 1);
                    agenda.push(at + HOLD + chance.exponential(idle), 0);
                } else if pool.take(now, 0.0).is_ok() {
                    taken += 1;
                    agenda.push(at + chance.exponential(LIFETIME), CLOSE);
                } else {
                    refused += 1;
                    agenda.push(at + chance.exponential(idle), 0);
                }
            }
            f64::from(refused) / f64::from(refused + taken)
        })
    });
}

const CLOSE: u32 = u32::MAX;

/// Two hundred collectors that all want one connection for ever, on 64 ports.
#[test]
fn persistent_retries_keep_the_share_that_holds_leave() {
    let (collectors, ports, retry) = (200, 64, 10.0);
    let tenure = Tenure {
        lifetime: LIFETIME,
        hold: HOLD,
    };
    let theory = Theory {
        expected: tenure.active_with_retry(collectors, ports),
        error_max: 0.005,
    };
    theory.assert(|seed, off| {
        let (mut chance, mut agenda) = (Chance::new(seed), Agenda::default());
        let mut pool = pool(ports, Admission::Hard);
        (0..collectors).for_each(|_| agenda.push(chance.exponential(retry), 0));
        let (mut now, mut end, mut connected) = (0.0, 0.0, 0_u32);
        Estimate::of_batches(|| {
            let (begin, mut connected_seconds) = (end, 0.0);
            end += BATCH_SECONDS;
            while agenda.next() < end {
                let (at, what) = agenda.pop();
                connected_seconds += f64::from(connected) * (at - now);
                now = at;
                if what == CLOSE {
                    pool.give_back(SimTime::from_secs_f64(now), 1);
                    connected -= 1;
                }
                if pool.take(SimTime::from_secs_f64(now), 0.0).is_ok() {
                    connected += 1;
                    agenda.push(now + chance.exponential(LIFETIME * off), CLOSE);
                } else {
                    agenda.push(now + chance.exponential(retry), 0);
                }
            }
            connected_seconds += f64::from(connected) * (end - now);
            now = end;
            connected_seconds / (end - begin)
        })
    });
}

const BATCH_SECONDS: f64 = 3_000.0;

/// Dials `wanted` times at one instant; returns how many of the dials got a port.
fn dial(pool: &mut PortPool, now: SimTime, wanted: u32) -> u32 {
    (0..wanted)
        .map(|_| u32::from(pool.take(now, 0.0).is_ok()))
        .sum()
}

#[test]
fn a_storm_blocks_what_finds_no_port_beside_the_held_ones() {
    let at = |seconds: f64| SimTime::from_secs_f64(seconds);
    let blocked = blocked_by_a_storm(40_000, 64_511);
    assert_eq!(blocked, 15_489);
    let mut pool = pool(64_511, Admission::Hard);
    assert_eq!(dial(&mut pool, at(0.0), 40_000), 40_000);
    pool.give_back(at(10.0), 40_000);
    assert_eq!(dial(&mut pool, at(15.0), 40_000), 40_000 - blocked);
    assert_eq!(dial(&mut pool, at(130.0), blocked), blocked);
    assert!(pool.is_conserved());
}

#[test]
fn a_leak_exhausts_the_pool_on_time() {
    let mut pool = pool(64_511, Admission::Hard);
    dial(&mut pool, SimTime::ZERO, 32_000);
    let dry = (0..200_u32).find(|&second| {
        let now = SimTime::from_secs_f64(f64::from(second));
        pool.give_back(now, 300);
        dial(&mut pool, now, 300) < 300
    });
    // Steps of one second, counted from zero.
    let expected = exhausted_after(32_000, 300.0, 64_511);
    assert_eq!(dry.map(f64::from), Some(expected.floor()));
    assert!(pool.is_conserved());
}
