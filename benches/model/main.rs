//! How fast the model is, beside the rate at which a binary heap handles events on the same machine.
//!
//! `cargo bench --bench model -- NAME` measures the rows whose name holds NAME; with `--test` instead
//! it runs all of them with small input, to see that they work. Everything but `two-threads` uses one
//! thread, and every draw is measured from its first random number to its outcome.
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

use std::process::Command;
use std::time::Duration;

use measure::{Filter, head, median, row, time};
use rows::{Row, Size};
use workloads::{Hold, Loop as _, OnHeap};

/// Pending events of the heap.
const HOLD: u32 = 1 << 16;

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
    head();
    let hold = hold_rate();
    row("binary heap, hold of 2^16", "events/s", hold, None);
    for (fleet, rate_min, share_min) in [
        (rows::STEADY, 5e6, 0.46),
        (rows::UNSTEADY, 1e6, 0.09),
        (rows::CONTENDED, 0.3e6, 0.03),
    ] {
        if filter.wants(fleet.name) {
            let rate = 1.0 / day_seconds(&fleet, size, 1);
            row(fleet.name, PER_CORE, rate, Some(rate_min..=f64::INFINITY));
            let share = Some(share_min..=f64::INFINITY);
            row("", "of the heap's rate", rate / hold, share);
        }
    }
    if filter.wants(rows::MILLION.name) {
        crowd(size);
    }
    if filter.wants(rows::SHORT_LIVED.name) {
        let study = rows::SHORT_LIVED.study(size);
        let spent = median(|run| time(|| rows::draw(&study, run)).1).as_secs_f64();
        let name = rows::SHORT_LIVED.name;
        row(name, "s per draw", spent, Some(0.0..=10.0));
    }
    if filter.wants(TWO_THREADS) {
        let spent = |threads| spent_on(threads, size).as_secs_f64();
        let speedup = median(|_| spent(1) / spent(2));
        let bar = Some(1.9..=f64::INFINITY);
        row(TWO_THREADS, "times as fast as one thread", speedup, bar);
    }
}

/// What one of a million costs, in time beside one of a thousand, and in memory.
fn crowd(size: Size) {
    let million = rows::MILLION;
    let alone = day_seconds(&rows::THOUSAND, size, 50);
    let in_crowd = day_seconds(&million, size, 1);
    row(rows::THOUSAND.name, PER_CORE, 1.0 / alone, None);
    row(million.name, PER_CORE, 1.0 / in_crowd, None);
    let times = Some(0.0..=2.0);
    let unit = "times the time of one in 1,000";
    row("", unit, in_crowd / alone, times);
    // The difference leaves out the program itself.
    let peaks = [rows::THOUSAND, million].map(|row| peak_of(&row, size));
    if let [Some(few), Some(many)] = peaks {
        let unit = "bytes per collector at peak";
        let bytes = (many - few) / 999e3;
        row("", unit, bytes, Some(0.0..=400.0));
    }
}

/// Seconds per collector-day on one core: the median over draws, timed `batch` at once.
fn day_seconds(row: &Row, size: Size, batch: u32) -> f64 {
    let study = row.study(size);
    median(|run| {
        let draws = run * batch..(run + 1) * batch;
        let (days, spent) = time(|| draws.map(|draw| rows::draw(&study, draw)).sum::<f64>());
        spent.as_secs_f64() / days
    })
}

fn spent_on(threads: usize, size: Size) -> Duration {
    let (draws, days) = SHARED;
    let study = rows::with_horizon(rows::STEADY.study(size), days);
    time(|| rows::draws(study, draws, threads)).1
}

/// Events per second of the hold model on a binary heap.
fn hold_rate() -> f64 {
    let mut heap = OnHeap::new(Hold::new(HOLD.into()));
    let length = Duration::from_secs(16);
    heap.advance(length);
    median(|_| {
        let (events, spent) = time(|| heap.advance(length));
        events as f64 / spent.as_secs_f64()
    })
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
