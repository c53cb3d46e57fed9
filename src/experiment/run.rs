//! Cases × draws in parallel, with the same results for any number of threads.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use rayon::prelude::*;
use thiserror::Error;

use super::current::{self, CurrentDraw};
use super::judge;
use super::plan::{Case, Study};
use super::reduce;
use super::results::{CaseResults, Results, WorstDraw};
use super::stopwatch::{Phase, Stopwatch};
use crate::model::record::outcome::Outcome;
use crate::model::world::{Recording, Scratch, Simulation, simulate};

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

impl Counts {
    fn add(&self, outcome: &Outcome) {
        let broke = outcome.first.iter().any(Option::is_some);
        self.failed.fetch_add(broke.into(), Ordering::Relaxed);
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    fn progress(&self, study: &Study, case: usize) -> Progress {
        let cases = u32::try_from(study.cases.len()).unwrap_or(u32::MAX);
        Progress {
            case,
            draws_done: self.done.load(Ordering::Relaxed),
            draws_total: study.draws.saturating_mul(cases),
            failed_draws: self.failed.load(Ordering::Relaxed),
        }
    }
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

/// Runs every case of a study and holds it to what is required.
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
    let outcomes = options.time(Phase::Draws, || run_draws(&study, options))?;
    let mut cases: Vec<CaseResults> = options.time(Phase::Reduce, || {
        let pairs = study.cases.iter().zip(outcomes);
        pairs
            .map(|(case, outcomes)| reduce::reduce(case, outcomes))
            .collect()
    });
    options.time(Phase::Record, || {
        cases
            .par_iter_mut()
            .enumerate()
            .for_each(|(index, results)| {
                results.worst = worst_draw(&study, index, results);
            });
    });
    let requirements = options.time(Phase::Reduce, || judge::judge(&study, &cases));
    let outcomes = || cases.iter().flat_map(|case| &case.outcomes);
    let events_handled = outcomes().map(|outcome| outcome.events_handled).sum();
    let collector_days = outcomes().map(|outcome| outcome.collector_days).sum();
    Ok(Results {
        study,
        cases,
        requirements,
        events_handled,
        collector_days,
    })
}

/// The outcomes of every case in the order of its draws.
///
/// A thread that is done with one draw takes the next draw, of whatever case, and keeps its scratch
/// memory. A long draw holds up no other thread, and memory grows with threads and outcomes only.
fn run_draws(study: &Study, options: &Options<'_>) -> Result<Vec<Vec<Outcome>>, Stopped> {
    let counts = Counts::default();
    let next = AtomicUsize::new(0);
    let draws = study.draws as usize;
    let total = draws * study.cases.len();
    let of_threads = rayon::broadcast(|_| {
        let mut scratch = Scratch::default();
        let mut done = Vec::new();
        loop {
            let position = next.fetch_add(1, Ordering::Relaxed);
            if position >= total {
                return Ok(done);
            }
            if options.interrupted.load(Ordering::Relaxed) {
                return Err(Stopped::Interrupted);
            }
            let case = position / draws;
            let draw = u32::try_from(position % draws).expect("below the number of draws");
            let outcome = {
                let _entered = current::enter(CurrentDraw { case, draw });
                run_draw(study, (case, draw), &mut scratch, options)
            };
            counts.add(&outcome);
            (options.on_progress)(counts.progress(study, case));
            done.push((position, outcome));
        }
    });
    let of_threads = of_threads.into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut done: Vec<_> = of_threads.into_iter().flatten().collect();
    done.sort_unstable_by_key(|(position, _)| *position);
    let mut done = done.into_iter().map(|(_, outcome)| outcome);
    let of_case = |_| done.by_ref().take(draws).collect();
    Ok(study.cases.iter().map(of_case).collect())
}

/// The outcome of one draw: of its only replication, or the mean of several.
fn run_draw(
    study: &Study,
    (case, draw): (usize, u32),
    scratch: &mut Scratch,
    options: &Options<'_>,
) -> Outcome {
    let blueprint = &study.cases[case].blueprint;
    let mut one = |replication: u32| {
        let which = (draw, replication);
        let simulation = options.time(Phase::Drivers, || {
            Simulation::new(blueprint, study.seed, which, Recording::Off, scratch)
        });
        options.time(Phase::Simulate, || simulation.run().0)
    };
    if study.replications <= 1 {
        return one(0);
    }
    Outcome::mean((0..study.replications).map(one).collect())
}

/// The draw with the earliest failure, else the draw that came nearest to a limit. The draw is
/// simulated again with its event records.
fn worst_draw(study: &Study, case: usize, results: &CaseResults) -> Option<WorstDraw> {
    let draw = reduce::worst(results)?;
    let _entered = current::enter(CurrentDraw { case, draw });
    let Case {
        name, blueprint, ..
    } = &study.cases[case];
    let (again, mut happened) = simulate(blueprint, study.seed, (draw, 0), Recording::On);
    assert!(
        study.replications > 1 || same(&again, &results.outcomes[draw as usize]),
        "draw {draw} of case {name} came out differently with its happenings written down",
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
