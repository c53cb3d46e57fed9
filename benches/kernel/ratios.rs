//! The engine over the heap, in one table.
//!
//! Both loops take turns, stretch by stretch, so that what else the machine does hits both, and only
//! the time of this thread on a processor counts. All figures are medians over rounds.

use std::time::Duration;

use alloy_sim::units::SimDuration;
use rustix::time::{ClockId, clock_gettime};

use super::workloads::Loop;

const ROUNDS: usize = 5;
/// Turns of a round.
const TURNS: usize = 16;

/// A workload in both loops.
pub(crate) struct Row {
    /// What criterion calls it.
    pub(crate) name: &'static str,
    /// How many times as fast as the heap the engine is to be.
    pub(crate) bar: f64,
    /// Simulated time of one turn.
    pub(crate) stretch: SimDuration,
    /// The workload in the engine.
    pub(crate) engine: Box<dyn Loop>,
    /// The workload on the heap.
    pub(crate) heap: Box<dyn Loop>,
    /// How fast the heap must be for the ratio to count; `None` if nobody knows.
    pub(crate) baseline: Option<Baseline>,
}

/// What a good heap does on a machine in good order: a share of its own rate on the first row.
pub(crate) struct Baseline {
    /// The rate over that of the first row.
    pub(crate) share: f64,
    /// How far it may be off, relative to it.
    pub(crate) tolerance: f64,
}

/// Events per second of both loops in one round.
#[derive(Clone, Copy)]
struct Rates {
    engine: f64,
    heap: f64,
}

impl Row {
    fn round(&mut self) -> Rates {
        let (mut engine, mut heap) = (Sum::default(), Sum::default());
        for _ in 0..TURNS {
            engine.add(&mut *self.engine, self.stretch);
            heap.add(&mut *self.heap, self.stretch);
        }
        Rates {
            engine: engine.rate(),
            heap: heap.rate(),
        }
    }
}

/// What one loop did in its turns.
#[derive(Default)]
struct Sum {
    events: u64,
    time: Duration,
}

impl Sum {
    fn add(&mut self, measured: &mut dyn Loop, stretch: SimDuration) {
        let begin = processor_time();
        self.events += measured.advance(stretch);
        self.time += processor_time().saturating_sub(begin);
    }

    fn rate(&self) -> f64 {
        self.events as f64 / self.time.as_secs_f64()
    }
}

/// How long this thread has been on a processor.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("time is positive")
}

/// Measures the rows and prints the table.
#[expect(
    clippy::print_stdout,
    reason = "the table is for whoever ran the bench"
)]
pub(crate) fn print(rows: &mut [Row]) {
    let rounds: Vec<Vec<Rates>> = (0..ROUNDS)
        .map(|_| rows.iter_mut().map(Row::round).collect())
        .collect();
    let median_of = |figure: &dyn Fn(&[Rates]) -> f64| {
        let mut figures: Vec<f64> = rounds.iter().map(|round| figure(round)).collect();
        figures.sort_by(f64::total_cmp);
        figures[ROUNDS / 2]
    };
    println!("| work | engine, M/s | heap, M/s | engine / heap | bar | heap / its first row |");
    println!("|---|---|---|---|---|---|");
    for (index, row) in rows.iter().enumerate() {
        let engine = median_of(&|round| round[index].engine / 1e6);
        let heap = median_of(&|round| round[index].heap / 1e6);
        let ratio = median_of(&|round| round[index].engine / round[index].heap);
        let verdict = if ratio >= row.bar { "held" } else { "missed" };
        let share = median_of(&|round| round[index].heap / round[0].heap);
        let baseline = row.baseline.as_ref().map_or(String::new(), |baseline| {
            let off = (share / baseline.share - 1.0).abs();
            let counts = if off <= baseline.tolerance {
                "counts"
            } else {
                "does not count"
            };
            format!("{share:.3} of {:.3}, {counts}", baseline.share)
        });
        println!(
            "| {} | {engine:.1} | {heap:.1} | {ratio:.2} | {:.1}, {verdict} | {baseline} |",
            row.name, row.bar
        );
    }
}
