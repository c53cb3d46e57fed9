//! Cases × draws in parallel, with the same results for any number of threads.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rayon::prelude::*;
use thiserror::Error;

use super::current::{self, CurrentDraw};
use super::judge;
use super::plan::{Case, Study};
use super::reduce;
use super::results::{CaseResults, Results, WorstDraw};
use super::stopwatch::{Phase, Stopwatch};
use crate::fleet::outcome::Outcome;
use crate::fleet::world::{Recording, Simulation, simulate};

/// How a study is run.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Number of threads; `None` = one per core. It changes no result.
    pub threads: Option<usize>,
    /// Set from outside to stop early.
    pub interrupted: &'a AtomicBool,
    /// Told after each draw, from any thread.
    pub on_progress: &'a (dyn Fn(Progress) + Sync),
    /// Measures where the time goes, if somebody asks. It changes no result.
    pub stopwatch: Option<&'a Stopwatch<'a>>,
}

impl Options<'_> {
    fn time<T>(&self, phase: Phase, work: impl FnOnce() -> T) -> T {
        match self.stopwatch {
            Some(stopwatch) => stopwatch.time(phase, work),
            None => work(),
        }
    }
}

/// How far a study is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Index of the case.
    pub case: usize,
    /// Draws that are done, of all cases.
    pub draws_done: u32,
    /// Draws of all cases.
    pub draws_total: u32,
    /// Draws of all cases in which something broke.
    pub failed_draws: u32,
}

/// Draws done so far.
#[derive(Debug, Default)]
struct Counts {
    done: AtomicU32,
    failed: AtomicU32,
}

/// Why there are no results.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Stopped {
    /// It was told to stop.
    #[error("interrupted")]
    Interrupted,
    /// The machine gave no threads.
    #[error("failed to start worker threads: {0}")]
    NoThreads(String),
}

/// Runs every case of a study and holds it to its goals.
///
/// # Errors
///
/// If it is interrupted, or the machine gives no threads.
pub fn run(study: Study, options: &Options<'_>) -> Result<Results, Stopped> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads.unwrap_or(0))
        .build()
        .map_err(|error| Stopped::NoThreads(error.to_string()))?;
    pool.install(|| run_cases(study, options))
}

fn run_cases(study: Study, options: &Options<'_>) -> Result<Results, Stopped> {
    let counts = Counts::default();
    let mut cases = Vec::with_capacity(study.cases.len());
    for (index, case) in study.cases.iter().enumerate() {
        let outcomes = options.time(Phase::Draws, || {
            run_draws(&study, (index, case), &counts, options)
        })?;
        let mut results = options.time(Phase::Reduce, || reduce::reduce(case, outcomes));
        results.worst = options.time(Phase::Record, || worst_draw(&study, case, &results));
        cases.push(results);
    }
    let goals = options.time(Phase::Reduce, || judge::judge(&study, &cases));
    let outcomes = || cases.iter().flat_map(|case| &case.outcomes);
    let events_handled = outcomes().map(|outcome| outcome.events_handled).sum();
    let collector_days = outcomes().map(|outcome| outcome.collector_days).sum();
    Ok(Results {
        study,
        cases,
        goals,
        events_handled,
        collector_days,
    })
}

/// The outcomes of one case in the order of its draws.
fn run_draws(
    study: &Study,
    (index, case): (usize, &Case),
    counts: &Counts,
    options: &Options<'_>,
) -> Result<Vec<Outcome>, Stopped> {
    let cases = u32::try_from(study.cases.len()).unwrap_or(u32::MAX);
    let draws_total = study.draws.saturating_mul(cases);
    let one = |draw: u32| {
        if options.interrupted.load(Ordering::Relaxed) {
            return Err(Stopped::Interrupted);
        }
        let _entered = current::enter(CurrentDraw { case: index, draw });
        let outcome = run_draw(study, case, draw, options);
        let broke = outcome.first.iter().any(Option::is_some);
        let broke = u32::from(broke);
        let failed_draws = counts.failed.fetch_add(broke, Ordering::Relaxed) + broke;
        let draws_done = counts.done.fetch_add(1, Ordering::Relaxed) + 1;
        let progress = Progress {
            case: index,
            draws_done,
            draws_total,
            failed_draws,
        };
        (options.on_progress)(progress);
        Ok(outcome)
    };
    (0..study.draws).into_par_iter().map(one).collect()
}

/// The outcome of one draw: of its only replication, or the mean of several.
fn run_draw(study: &Study, case: &Case, draw: u32, options: &Options<'_>) -> Outcome {
    let one = |replication: u32| {
        let which = (draw, replication);
        let simulation = options.time(Phase::Drivers, || {
            Simulation::new(&case.blueprint, study.seed, which, Recording::Off)
        });
        options.time(Phase::Simulate, || simulation.run().0)
    };
    if study.replications <= 1 {
        return one(0);
    }
    Outcome::mean((0..study.replications).map(one).collect())
}

/// The draw with the earliest failure, else the one that came nearest to a limit, simulated again
/// with its happenings written down.
fn worst_draw(study: &Study, case: &Case, results: &CaseResults) -> Option<WorstDraw> {
    let draw = reduce::worst(results)?;
    let (again, mut happened) = simulate(&case.blueprint, study.seed, (draw, 0), Recording::On);
    assert!(
        study.replications > 1 || same(&again, &results.outcomes[draw as usize]),
        "draw {draw} of case {} came out differently with its happenings written down",
        case.name,
    );
    happened.rows.sort_by_key(|happening| happening.at);
    Some(WorstDraw {
        draw,
        happenings: happened.rows,
        omitted: happened.omitted,
    })
}

/// Whether two outcomes are the same to the bit; NaN is the same as NaN.
fn same(left: &Outcome, right: &Outcome) -> bool {
    let bits = |values: &[f64]| {
        values
            .iter()
            .map(|value| value.to_bits())
            .collect::<Vec<_>>()
    };
    let track_bits = |values: &[f32]| {
        values
            .iter()
            .map(|value| value.to_bits())
            .collect::<Vec<_>>()
    };
    left.first == right.first
        && left.events_handled == right.events_handled
        && bits(&left.values) == bits(&right.values)
        && track_bits(&left.tracks) == track_bits(&right.tracks)
}
