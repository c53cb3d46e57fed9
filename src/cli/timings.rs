//! `--timings`: the computing time of a scenario by phase.

use std::fmt::Write as _;
use std::time::Duration;

use super::{environment, terminal};
use crate::experiment::results::Results;
use crate::experiment::stopwatch::{Phase, Stopwatch};

/// The phases whose computing time is reported, in the order in which a scenario begins them.
const PHASES: [(&str, Phase); 5] = [
    ("drivers", Phase::Drivers),
    ("simulate", Phase::Simulate),
    ("record", Phase::Record),
    ("reduce", Phase::Reduce),
    ("render", Phase::Render),
];

/// The time of reading and checking all files.
pub(super) fn of_reading(files: usize, spent: Duration) -> String {
    let files = terminal::count(files, "file");
    format!("timings: {files} read and checked in {}", seconds(spent))
}

/// The table of one scenario, once its files are written.
pub(super) fn table(results: &Results, stopwatch: &Stopwatch<'_>) -> String {
    let study = &results.study;
    let mut text = format!(
        "timings of {}: {} x {}\n",
        study.name,
        terminal::count(results.cases.len(), "case"),
        terminal::count(results.draws as usize, "draw"),
    );
    for (label, phase) in PHASES {
        row(&mut text, label, stopwatch.spent(phase));
    }
    row(&mut text, "all of it", computed(stopwatch));
    row(&mut text, "wall", stopwatch.elapsed());
    let busy = stopwatch.spent(Phase::Drivers) + stopwatch.spent(Phase::Simulate);
    let days = results.collector_days;
    let rate = days / busy.as_secs_f64().max(1e-9);
    let _ = write!(
        text,
        "  {} events, {days:.0} collector-days, {rate:.0} collector-days per second and core",
        results.events_handled
    );
    text
}

/// The time of all scenarios together, on `threads` threads.
pub(super) fn of_all(stopwatches: &[Stopwatch<'_>], threads: usize, wall: Duration) -> String {
    let computed: Duration = stopwatches.iter().map(computed).sum();
    let busy = computed.as_secs_f64() / wall.as_secs_f64().max(1e-9);
    let memory = environment::peak_memory_bytes().map_or_else(
        || "n/a".into(),
        |bytes| format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    );
    format!(
        "timings of {} on {}: {} computed in {}, {busy:.2} cores busy\n  \
         peak memory of the process: {memory}",
        terminal::count(stopwatches.len(), "scenario"),
        terminal::count(threads, "thread"),
        seconds(computed),
        seconds(wall),
    )
}

fn computed(stopwatch: &Stopwatch<'_>) -> Duration {
    PHASES
        .iter()
        .map(|(_, phase)| stopwatch.spent(*phase))
        .sum()
}

fn row(text: &mut String, label: &str, spent: Duration) {
    let spent = seconds(spent);
    let _ = writeln!(text, "  {label:<10} {spent:>12}");
}

/// A duration, always in the same unit so that rows can be compared.
fn seconds(spent: Duration) -> String {
    format!("{:.3} s", spent.as_secs_f64())
}
