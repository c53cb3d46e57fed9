//! What `benches/kernel` compares does the same work in both loops: same events, same order.

#[path = "../../benches/kernel/workloads/mod.rs"]
mod workloads;

use alloy_sim::units::{SimDuration, SimTime};
use workloads::randomness::Randomness;
use workloads::{Hold, InEngine, Loop, OnHeap, Phold, SingleServer, Timers, Workload};

/// Runs both loops, in two stretches of about `event_count` events in sum at `rate` per second.
fn check<W: Workload>(workload: impl Fn() -> W, rate: f64) {
    let event_count = 50_000;
    let (mut engine, mut heap) = (InEngine::new(workload()), OnHeap::new(workload()));
    for share in [0.3, 0.7] {
        let length = SimDuration::from_secs_f64(share * f64::from(event_count) / rate);
        let handled = engine.advance(length);
        assert!(handled > 10_000);
        assert_eq!(handled, heap.advance(length));
        assert_eq!(engine.trace(), heap.trace());
    }
}

#[test]
fn both_loops_handle_the_same_events() {
    check(|| Hold::new(1_000), 1e3);
    check(|| Hold::new(1 << 16), f64::from(1 << 16));
    check(|| Phold::new(1 << 12), f64::from(1 << 12));
    check(SingleServer::new, 2.0);
    check(|| Timers::new(1_000), 1_000.0);
    check(|| Timers::new(100_000), 100_000.0);
}

#[test]
fn delays_are_exponential() {
    const COUNT: u32 = 2_000_000;
    let mut randomness = Randomness::new();
    let mut delays: Vec<f64> = (0..COUNT)
        .map(|_| randomness.after(SimTime::ZERO, 1e9).nanos() as f64 / 1e9)
        .collect();
    let mean = delays.iter().sum::<f64>() / f64::from(COUNT);
    assert!((mean - 1.0).abs() < 0.003, "{mean}");
    delays.sort_by(f64::total_cmp);
    // In every part of the ziggurat, its tail included; 4 standard deviations.
    for (delay, share) in [0.01, 0.5, 1.0, 3.0, 6.0, 7.7, 9.0].map(|at: f64| (at, (-at).exp())) {
        let beyond = delays.len() - delays.partition_point(|&other| other < delay);
        let expected = f64::from(COUNT) * share;
        let deviation = (expected * (1.0 - share)).sqrt();
        let off = beyond as f64 - expected;
        assert!(off.abs() < 4.0 * deviation, "{off} beyond {delay}");
    }
}
