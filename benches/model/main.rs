//! How fast the model is, beside the rate at which a binary heap handles events on the same machine.
//!
//! `cargo bench --bench model -- NAME` measures the rows whose name begins with NAME; with `--test`
//! it runs all of them with small input, to see that they work. Everything but `two-threads` uses one
//! thread, and is measured in that thread's CPU time, from the first random number to the outcome.
#![expect(clippy::print_stdout, reason = "the table is the purpose")]

#[path = "../scenarios/load.rs"]
mod load;
#[path = "../measure/mod.rs"]
mod measure;
mod rows;
#[path = "../kernel/workloads/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "one of these workloads is measured here"
)]
mod workloads;

use std::ops::{Range, RangeInclusive};
use std::process::Command;

use alloy_sim::experiment::study::Study;
use alloy_sim::units::SimDuration;

use measure::{Filter, cpu_seconds, head, median, row, runs, seconds};
use rows::{Row, Size};
use workloads::{Hold, Loop as _, OnHeap};

/// Pending events of the heap.
const PENDING: u32 = 1 << 16;

/// Draws of a thousand collectors that are timed at once.
const BATCH: u32 = 50;

/// What most rows measure.
const PER_CORE: &str = "collector-days/s on one core";

/// Name of the row that has no file of its own.
const TWO_THREADS: &str = "two-threads";

/// Draws of that row, and its days.
const SHARED: (u32, u64) = (64, 30);

/// Asks this program, started anew, to simulate a row once and to print its peak memory.
const PEAK: &str = "--peak-of=";

fn main() {
    let size = if std::env::args().any(|word| word == "--test") {
        Size::Small
    } else {
        Size::Full
    };
    let peak = std::env::args().find_map(|word| Some(word.strip_prefix(PEAK)?.to_owned()));
    if let Some(name) = peak {
        return print_peak(&name, size);
    }
    let filter = Filter::of_arguments();
    let bar = |range| bar(size, range);
    head();
    for (fleet, rate_min, share_min) in [
        (rows::STEADY, 5e6, 0.46),
        (rows::UNSTEADY, 1e6, 0.09),
        (rows::CONTENDED, 0.3e6, 0.03),
    ] {
        if filter.wants(fleet.name) {
            let study = fleet.study(size);
            let mut heap = Heap::new();
            // Side by side, so that both see the same neighbours on the machine.
            let rates = runs(|run| (1.0 / day_seconds(&study, run..run + 1), heap.rate()));
            let rate = median(rates.iter().map(|rates| rates.0));
            let share = median(rates.iter().map(|rates| rates.0 / rates.1));
            row(fleet.name, PER_CORE, rate, bar(rate_min..=f64::INFINITY));
            row(
                "",
                "of the heap's rate",
                share,
                bar(share_min..=f64::INFINITY),
            );
            let heap = median(rates.iter().map(|rates| rates.1));
            row("", "events/s, heap, hold of 2^16", heap, None);
        }
    }
    if filter.wants(rows::ALL_SIGNALS.name) {
        let studies = [rows::ALL_SIGNALS, rows::STEADY].map(|row| row.study(size));
        let seconds = |study, run| day_seconds(study, run..run + 1);
        let rates = runs(|run| [0, 1].map(|which: usize| 1.0 / seconds(&studies[which], run)));
        let rate = median(rates.iter().map(|[all, _]| *all));
        let share = median(rates.iter().map(|[all, metrics]| all / metrics));
        row(rows::ALL_SIGNALS.name, PER_CORE, rate, None);
        let unit = "of the rate with metrics alone";
        row("", unit, share, bar(1.0 / 3.0..=f64::INFINITY));
    }
    if filter.wants(rows::MILLION.name) {
        occupants(size);
    }
    if filter.wants(rows::SHORT_LIVED.name) {
        let study = rows::SHORT_LIVED.study(size);
        let spent = |run| cpu_seconds(|| rows::draw(&study, run)).1;
        let spent = median(runs(spent));
        let name = rows::SHORT_LIVED.name;
        row(name, "s per draw", spent, bar(0.0..=10.0));
    }
    if filter.wants(TWO_THREADS) {
        let spent = |threads| spent_on(threads, size);
        let speedup = median(runs(|_| spent(1) / spent(2)));
        let unit = "times as fast as one thread";
        row(TWO_THREADS, unit, speedup, bar(1.9..=f64::INFINITY));
    }
}

/// `range` if it means anything: small input says nothing about speed.
fn bar(size: Size, range: RangeInclusive<f64>) -> Option<RangeInclusive<f64>> {
    matches!(size, Size::Full).then_some(range)
}

/// What one of a million costs, in time beside one of a thousand, and in memory.
fn occupants(size: Size) {
    let bar = |range| bar(size, range);
    let (million, thousand) = (rows::MILLION, rows::THOUSAND);
    let studies = [&million, &thousand].map(|row| row.study(size));
    let costs = runs(|run| {
        let alone = day_seconds(&studies[1], run * BATCH..(run + 1) * BATCH);
        (day_seconds(&studies[0], run..run + 1), alone)
    });
    let in_crowd = median(costs.iter().map(|costs| costs.0));
    let alone = median(costs.iter().map(|costs| costs.1));
    let times = median(costs.iter().map(|costs| costs.0 / costs.1));
    row(thousand.name, PER_CORE, 1.0 / alone, None);
    row(million.name, PER_CORE, 1.0 / in_crowd, None);
    let unit = "times the time of one in 1,000";
    row("", unit, times, bar(0.0..=2.0));
    // The difference leaves out the program itself.
    let peaks = [thousand, million].map(|row| peak_of(&row, size));
    if let [Some(few), Some(many)] = peaks {
        let unit = "bytes per collector at peak";
        let bytes = (many - few) / 999e3;
        row("", unit, bytes, bar(0.0..=400.0));
    }
}

/// Seconds per collector-day on one core, over some draws.
fn day_seconds(study: &Study, draws: Range<u32>) -> f64 {
    let all = || draws.map(|draw| rows::draw(study, draw)).sum::<f64>();
    let (days, spent) = cpu_seconds(all);
    spent / days
}

fn spent_on(threads: usize, size: Size) -> f64 {
    let (draws, days) = SHARED;
    let study = rows::with_horizon(rows::STEADY.study(size), days);
    seconds(|| rows::draws(study, draws, threads)).1
}

/// The hold model on a binary heap.
struct Heap(OnHeap<Hold>);

impl Heap {
    const STRETCH: SimDuration = SimDuration::from_secs(16);

    fn new() -> Self {
        let mut heap = OnHeap::new(Hold::new(PENDING));
        heap.advance(Self::STRETCH);
        Self(heap)
    }

    /// Events per second.
    fn rate(&mut self) -> f64 {
        let (events, spent) = cpu_seconds(|| self.0.advance(Self::STRETCH));
        events as f64 / spent
    }
}

/// Peak memory of one draw of a row in a process of its own, where the system tells it.
fn peak_of(row: &Row, size: Size) -> Option<f64> {
    let program = std::env::current_exe().expect("this program has a path");
    let mut child = Command::new(program);
    child.arg(format!("{PEAK}{}", row.name));
    if matches!(size, Size::Small) {
        child.arg("--test");
    }
    let output = child.output();
    let output = output.expect("this program can be started");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

fn print_peak(name: &str, size: Size) {
    let row = [rows::MILLION, rows::THOUSAND]
        .into_iter()
        .find(|row| row.name == name);
    rows::draw(&row.expect("a row of that name").study(size), 0);
    // "VmHWM:     123456 kB", on Linux only.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    println!(
        "{}",
        kibibytes.map_or_else(String::new, |kibibytes| (kibibytes * 1024.0).to_string())
    );
}
