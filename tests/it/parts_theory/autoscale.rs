//! The recursion of the `HorizontalPodAutoscaler`: trajectories worked out by hand, and a naive script.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds and replicas are few"
)]

use alloy_sim::model::autoscale::{Measurements, Pod, Rules, Stabilizer, Target, Usage, recommend};
use alloy_sim::units::{SimDuration, SimTime};

/// Seconds between two looks.
const SYNC: u64 = 15;

/// A service whose pods share a load evenly and are ready at once.
#[derive(Clone, Copy)]
struct Service {
    /// Percent of one request that all pods together want, by second.
    load: fn(u64) -> f64,
    start: u32,
    target: u32,
    /// Percent of its request that a pod can use.
    cap: f64,
    /// Seconds from a measurement until it is seen.
    lag: u64,
}

const fn service(load: fn(u64) -> f64, start: u32, target: u32, cap: f64) -> Service {
    Service {
        load,
        start,
        target,
        cap,
        lag: 0,
    }
}

/// Every change of the number of replicas, as the parts have it: `(second, replicas)`.
fn simulated(service: Service, seconds: u64) -> Vec<(u64, u32)> {
    let at = |second| SimTime::ZERO + SimDuration::from_secs(second);
    let mut stabilizer = Stabilizer::new(Rules {
        min: 1,
        max: 1_000_000,
        scale_up_window: SimDuration::ZERO,
        scale_down_window: SimDuration::from_mins(5),
    });
    let (mut measurements, mut pods) = (Measurements::default(), Vec::new());
    pods.resize(service.start as usize, Pod::Running { since: at(0) });
    let mut replicas = service.start;
    let mut changes = vec![(0, replicas)];
    // A measurement happens so that it is seen when the autoscaler looks.
    let first = (SYNC - service.lag % SYNC) % SYNC;
    for second in 0..=seconds {
        let now = at(second);
        if second >= first && (second - first).is_multiple_of(SYNC) {
            let share = (service.load)(second) / f64::from(replicas);
            let usage = Usage {
                memory: 0.0,
                cpu: share.min(service.cap) / 100.0,
            };
            measurements.measure(now, vec![Some(usage); pods.len()]);
        }
        if !second.is_multiple_of(SYNC) || second < service.lag {
            continue;
        }
        let cpu = measurements.see(at(second - service.lag), &pods).cpu;
        let target = Target {
            percent: service.target,
        };
        if let Some(desired) = recommend(replicas, 0.1, &[(target, cpu)]) {
            let next = stabilizer.review(now, replicas, desired);
            if next != replicas {
                changes.push((second, next));
                pods.resize(next as usize, Pod::Running { since: now });
                replicas = next;
            }
        }
    }
    changes
}

#[test]
fn trajectories_are_those_worked_out_by_hand() {
    let step = service(|_| 1_500.0, 3, 60, 200.0);
    assert_eq!(simulated(step, 900), [(0, 3), (0, 7), (15, 14), (30, 25)]);
    let back = Service {
        load: |second| if second < 300 { 1_500.0 } else { 300.0 },
        ..step
    };
    assert_eq!(
        simulated(back, 900),
        [(0, 3), (0, 7), (15, 14), (30, 25), (585, 5)]
    );
    let within = service(|_| 650.0, 10, 60, 200.0);
    assert_eq!(simulated(within, 900), [(0, 10)]);
    let outside = service(|_| 670.0, 10, 60, 200.0);
    assert_eq!(simulated(outside, 900), [(0, 10), (0, 12)]);
    let full = service(|_| 500.0, 5, 80, 100.0);
    assert_eq!(simulated(full, 14), [(0, 5), (0, 7)]);
    let close = service(|_| 85.0, 1, 80, 100.0);
    assert_eq!(simulated(close, 900), [(0, 1)]);
    let lone = service(|_| 1_000.0, 1, 80, 400.0);
    assert_eq!(simulated(lone, 900), [(0, 1), (0, 5), (15, 10), (30, 13)]);
}

/// The same service second by second, without any of the parts: what Kubernetes' documentation says
/// in words, with everything ever seen kept in lists.
fn naive(service: Service, seconds: u64) -> Vec<(u64, u32)> {
    // Replicas at the end of each second, and recommendations by second.
    let (mut history, mut recommended): (Vec<u32>, Vec<(u64, u32)>) = (Vec::new(), Vec::new());
    let mut changes = vec![(0, service.start)];
    for second in 0..=seconds {
        let replicas = history.last().copied().unwrap_or(service.start);
        let mut next = replicas;
        if second.is_multiple_of(SYNC) && second >= service.lag {
            let then = second - service.lag;
            // Just before the second, in which the autoscaler may act too.
            let at_that_time = if then == 0 {
                service.start
            } else {
                history[then as usize - 1]
            };
            let each = ((service.load)(then) / f64::from(at_that_time)).min(service.cap);
            // Pods that have been there since the measurement; what came later has none.
            let always = history[then.min(second.saturating_sub(1)) as usize..]
                .iter()
                .fold(at_that_time.min(replicas), |least, &count| least.min(count));
            let seen = if service.lag == 0 { replicas } else { always };
            let desired = naive_desired(replicas, seen, each, f64::from(service.target));
            let lately = recommended.iter().filter(|(at, _)| at + 300 > second);
            let highest = lately.map(|&(_, count)| count).fold(desired, u32::max);
            next = if desired > replicas {
                desired.min((replicas + 4).max(2 * replicas))
            } else {
                replicas.min(highest)
            };
            next = next.max(1);
            recommended.push((second, desired));
        }
        if next != replicas {
            changes.push((second, next));
        }
        history.push(next);
    }
    changes
}

fn naive_desired(replicas: u32, seen: u32, each: f64, target: f64) -> u32 {
    let each = (each + 1e-7).floor();
    let (ratio, unseen) = (each / target, f64::from(replicas - seen));
    let total = each * f64::from(seen)
        + if ratio < 1.0 {
            unseen * 100.0_f64.max(target)
        } else {
            0.0
        };
    let all = (total / f64::from(replicas) + 1e-7).floor() / target;
    let turned = (all > 1.0) != (ratio > 1.0);
    if (all - 1.0).abs() <= 0.1 + 1e-9 || (unseen > 0.0 && turned) {
        return replicas;
    }
    let desired = (all * f64::from(replicas) - 1e-9).ceil();
    if (desired > f64::from(replicas)) == (all > 1.0) || unseen <= 0.0 {
        desired as u32
    } else {
        replicas
    }
}

#[test]
fn a_naive_script_goes_the_same_way() {
    let loads: [fn(u64) -> f64; 4] = [
        |second| {
            if (300..1_200).contains(&second) {
                1_500.0
            } else {
                150.0
            }
        },
        |second| 400.0 + 350.0 * (second as f64 / 700.0).sin(),
        |second| if second % 900 < 60 { 900.0 } else { 200.0 },
        |second| 100.0 + second as f64 / 4.0,
    ];
    let mut changes = 0;
    for load in loads {
        for lag in [0, 1, 15, 22, 30, 45, 60, 97] {
            for (target, cap) in [(60, 200.0), (80, 125.0), (110, 300.0)] {
                let service = Service {
                    lag,
                    ..service(load, 3, target, cap)
                };
                let ours = simulated(service, 7_200);
                assert_eq!(ours, naive(service, 7_200), "lag {lag} target {target}");
                changes += ours.len();
            }
        }
    }
    assert!(changes > 500, "{changes} changes");
}
