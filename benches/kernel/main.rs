//! Events per second of the kernel, each next to the same model on a binary heap.
//!
//! Every iteration simulates a further stretch of one long run, so that memory and queue are in
//! their steady state; the stretch is so long that about `EVENTS` events happen on average.

mod ratios;
mod workloads;

use std::time::Duration;

use alloy_sim::units::SimDuration;

use criterion::{Criterion, Throughput};

use ratios::{Baseline, Row};
use workloads::{Hold, InEngine, OnHeap, Phold, SingleServer, Timers, Workload};

const EVENTS: u32 = 1 << 18;

/// A workload in both loops, with so many events per simulated second; the engine is to be `bar`
/// times as fast as the heap.
fn row<W: Workload + 'static>(
    name: &'static str,
    (rate, bar): (f64, f64),
    workload: impl Fn() -> W,
) -> Row {
    let mut row = Row {
        name,
        bar,
        stretch: SimDuration::from_secs_f64(f64::from(EVENTS) / rate),
        engine: Box::new(InEngine::new(workload())),
        heap: Box::new(OnHeap::new(workload())),
        baseline: None,
    };
    row.engine.advance(row.stretch);
    row.heap.advance(row.stretch);
    assert_eq!(
        row.engine.trace(),
        row.heap.trace(),
        "both loops handle the same events"
    );
    row
}

fn hold(name: &'static str, collectors: u32, bar: f64, baseline: (f64, f64)) -> Row {
    let (share, tolerance) = baseline;
    Row {
        baseline: Some(Baseline { share, tolerance }),
        ..row(name, (collectors.into(), bar), || Hold::new(collectors))
    }
}

/// What is measured; the queue of a single server comes first, the heap is judged by it.
fn rows() -> Vec<Row> {
    let pending = 1 << 16;
    vec![
        row("single-server", (2.0, 0.8), SingleServer::new),
        hold("hold-10^3", 1_000, 1.6, (0.32, 0.2)),
        hold("hold-2^16", 1 << 16, 2.8, (0.15, 0.2)),
        hold("hold-2^20", 1 << 20, 12.0, (0.020, 0.3)),
        row("phold-2^16", (pending.into(), 2.8), || Phold::new(pending)),
        row("timers-100000", (1e5, 3.8), || Timers::new(100_000)),
    ]
}

/// Criterion's lines of a row.
fn bench(criterion: &mut Criterion, row: &mut Row) {
    let mut group = criterion.benchmark_group(row.name);
    group.throughput(Throughput::Elements(EVENTS.into()));
    let stretch = row.stretch;
    group.bench_function("engine", |b| b.iter(|| row.engine.advance(stretch)));
    group.bench_function("binary-heap", |b| b.iter(|| row.heap.advance(stretch)));
    group.finish();
}

fn main() {
    let criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(1));
    let mut criterion = criterion.configure_from_args();
    let mut rows = rows();
    for row in &mut rows {
        bench(&mut criterion, row);
    }
    criterion.final_summary();
    // Without `--bench`, criterion only tries each body; with `--profile-time`, somebody profiles one.
    let has = |flag| std::env::args().any(|argument| argument == flag);
    if has("--bench") && !has("--profile-time") {
        ratios::print(&mut rows);
    }
}
