//! Events per second of the kernel, each next to the same model on a binary heap.
//!
//! Every iteration simulates a further stretch of one long run, so that memory and queue are in
//! their steady state; the stretch is so long that about `EVENTS` events happen on average.

mod workloads;

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

use workloads::{Hold, InEngine, Loop, OnHeap, Phold, SingleServer, Timers, Workload};

const EVENTS: u32 = 1 << 18;

/// Measures both loops on a workload with so many events per simulated second.
fn compare<W: Workload>(c: &mut Criterion, name: &str, rate: f64, workload: impl Fn() -> W) {
    let length = Duration::from_secs_f64(f64::from(EVENTS) / rate);
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Elements(EVENTS.into()));
    let (mut engine, mut heap) = (InEngine::new(workload()), OnHeap::new(workload()));
    engine.advance(length);
    heap.advance(length);
    assert_eq!(
        engine.trace(),
        heap.trace(),
        "both loops handle the same events"
    );
    group.bench_function("engine", |b| b.iter(|| engine.advance(length)));
    group.bench_function("binary-heap", |b| b.iter(|| heap.advance(length)));
    group.finish();
}

fn kernel(c: &mut Criterion) {
    for bits in [10, 16, 20] {
        let name = format!("hold-2^{bits}");
        compare(c, &name, (1 << bits).into(), || Hold::new(1 << bits));
    }
    compare(c, "phold-2^16", f64::from(1 << 16), || Phold::new(1 << 16));
    compare(c, "single-server", 2.0, SingleServer::new);
    compare(c, "timers-100000", 100_000.0, || Timers::new(100_000));
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(1));
    targets = kernel
}
criterion_main!(benches);
