//! `--timings`: where the time of a scenario went.

use std::fmt::Write as _;
use std::time::Duration;

use super::{environment, terminal};
use crate::experiment::results::Results;
use crate::experiment::stopwatch::{Phase, Stopwatch};

/// How much a scenario simulated, and on what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    cases: usize,
    draws: u32,
    threads: usize,
    events: u64,
    collector_days: f64,
}

impl Work {
    /// What gave `results`.
    pub(super) fn of(results: &Results, threads: usize) -> Self {
        Self {
            cases: results.cases.len(),
            draws: results.study.draws,
            threads,
            events: results.events_handled,
            collector_days: results.collector_days,
        }
    }
}

/// What reading and checking all files took.
pub(super) fn of_reading(files: usize, spent: Duration) -> String {
    let files = terminal::count(files, "file");
    format!("timings: {files} read and checked in {}", seconds(spent))
}

/// The table of one scenario that took `total` from its first draw to its last file, and had its
/// results after `simulated`.
pub(super) fn table(
    name: &str,
    work: Work,
    stopwatch: &Stopwatch<'_>,
    (simulated, total): (Duration, Duration),
) -> String {
    let spent = |phase| stopwatch.spent(phase);
    let busy = spent(Phase::Drivers) + spent(Phase::Simulate);
    let rows = [
        ("draws", Some(spent(Phase::Draws)), Some(busy)),
        ("  drivers", None, Some(spent(Phase::Drivers))),
        ("  simulate", None, Some(spent(Phase::Simulate))),
        ("record", Some(spent(Phase::Record)), None),
        ("reduce", Some(spent(Phase::Reduce)), None),
        ("render", Some(total.saturating_sub(simulated)), None),
        ("total", Some(total), None),
    ];
    let Work {
        cases,
        draws,
        threads,
        events,
        collector_days,
    } = work;
    let mut text = format!(
        "timings of {name}: {} x {}, {}\n  {:<10} {:>12} {:>12}\n",
        terminal::count(cases, "case"),
        terminal::count(draws as usize, "draw"),
        terminal::count(threads, "thread"),
        "",
        "wall",
        "CPU",
    );
    for (label, wall, cpu) in rows {
        let [wall, cpu] = [wall, cpu].map(|spent| spent.map_or_else(String::new, seconds));
        let row = format!("  {label:<10} {wall:>12} {cpu:>12}");
        let _ = writeln!(text, "{}", row.trim_end());
    }
    let rate = collector_days / busy.as_secs_f64().max(1e-9);
    let memory = environment::peak_memory_bytes().map_or_else(
        || "n/a".into(),
        |bytes| format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    );
    let _ = write!(
        text,
        "  {events} events, {collector_days:.0} collector-days, {rate:.0} collector-days per second \
         and core\n  peak memory of the process so far: {memory}"
    );
    text
}

/// A length of time, in one unit so that rows can be compared.
fn seconds(spent: Duration) -> String {
    format!("{:.3} s", spent.as_secs_f64())
}
