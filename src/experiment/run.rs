//! All draws of all cases of all studies in parallel. The results are the same for any number of
//! threads.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use rayon::ThreadPoolBuilder;
use thiserror::Error;

use super::agenda::{Agenda, Task, Work};
use super::archive::Archive;
use super::block::{Block, Worker};
use super::current::{self, Current};
use super::gather::Gathered;
use super::judge;
use super::reduce;
use super::results::{CaseResults, Results, WorstDraw};
use super::stopwatch::{Phase, Stopwatch};
use super::store::StoreError;
use super::study::Study;
use crate::model::load::beyond::Beyond;
use crate::model::record::outcome::Outcome;

/// How studies are run.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Number of threads; it changes no result.
    pub threads: usize,
    /// Set by the caller to stop early.
    pub interrupted: &'a AtomicBool,
    /// Called after each block of draws, from any thread.
    pub on_progress: &'a (dyn Fn(Progress) + Sync),
    /// One per study, or none. Stopwatches measure computing time and change no result.
    pub stopwatches: &'a [Stopwatch<'a>],
}

/// Progress of all studies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Index of the study whose block has ended.
    pub study: usize,
    /// Index of the case of that block.
    pub case: usize,
    /// Draws that have ended, of all studies.
    pub draws_done: u64,
    /// Draws of all studies.
    pub draws_total: u64,
    /// Share of the ended draws of that study with a failure.
    pub share_failed: f64,
}

/// Why a study has no results.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum Stopped {
    /// The study was interrupted.
    #[error("interrupted")]
    Interrupted,
    /// The machine gave no threads.
    #[error("failed to start worker threads: {0}")]
    NoThreads(String),
    /// Something cannot be counted exactly in a draw.
    #[error(
        "draw {draw} of case {case}: `{}` makes {:.1e}, and samples can be counted for at most {:.1e}",
        .beyond.path, .beyond.value, .beyond.most
    )]
    Beyond {
        /// Name of the case.
        case: String,
        /// Number of the draw.
        draw: u32,
        /// What it is.
        beyond: Beyond,
    },
    /// Blocks cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The next draws are in no block, and none may be simulated.
    #[error("the next draws are not there")]
    Absent,
    /// A draw panicked. The panic hook has got the reason.
    #[error("a bug in the simulation")]
    Bug,
}

/// Called at the end of a study, from any thread, with its index, and its results or why there are
/// none.
pub type OnEnd<'a> = &'a (dyn Fn(usize, Result<Results, Stopped>) + Sync);

/// Runs every case of a study and judges its requirements. Its blocks are kept in memory.
///
/// # Errors
///
/// If the study is interrupted, panics, or the machine gives no threads.
pub fn run(study: Study, options: &Options<'_>) -> Result<Results, Stopped> {
    let end = Mutex::new(Err(Stopped::Interrupted));
    run_all(vec![Archive::in_memory(study)], options, &|_, results| {
        *end.lock().expect(NO_PANIC) = results;
    });
    end.into_inner().expect(NO_PANIC)
}

/// Runs studies side by side, earlier ones first. Calls `on_end` once per study: when it ends, or
/// at the end of all studies if it has no results. A block that its archive has is not simulated.
pub fn run_all(studies: Vec<Archive>, options: &Options<'_>, on_end: OnEnd<'_>) {
    let run = Run {
        agenda: Mutex::new(Agenda::new(studies, options.threads)),
        left: Condvar::new(),
        options,
        on_end,
    };
    let pool = ThreadPoolBuilder::new().num_threads(options.threads.max(1));
    let why = match pool.build() {
        Ok(pool) => {
            pool.broadcast(|_| run.work());
            Stopped::Interrupted
        }
        Err(error) => Stopped::NoThreads(error.to_string()),
    };
    let unended = run.agenda.into_inner().expect(NO_PANIC).unended();
    for study in unended {
        on_end(study, Err(why.clone()));
    }
}

/// Why a lock is never poisoned.
const NO_PANIC: &str = "nothing panics under this lock";

/// What the threads share.
struct Run<'a> {
    agenda: Mutex<Agenda>,
    /// Told when a thread has done a task.
    left: Condvar,
    options: &'a Options<'a>,
    on_end: OnEnd<'a>,
}

impl<'a> Run<'a> {
    /// The loop of each thread: one task after the other, until nothing is left to begin.
    fn work(&self) {
        let mut worker = Worker::new(0, self.options.interrupted);
        while let Some(task) = self.take() {
            worker.study = task.index;
            worker.stopwatch = self.options.stopwatches.get(task.index);
            let _entered = current::enter(Current {
                study: task.index,
                draw: None,
            });
            // A panic leaves nothing behind. The worker clears its memory before every draw, and
            // the gathered draws of the study are dropped.
            let done = panic::catch_unwind(AssertUnwindSafe(|| self.do_task(&task, &mut worker)));
            let end = match done {
                Ok(Ok(results)) => results.map(Ok),
                Ok(Err(Stopped::Interrupted)) => None,
                Ok(Err(why @ Stopped::Beyond { draw, .. })) => {
                    self.locked(|agenda| agenda.put_beyond(&task, draw, why));
                    None
                }
                Ok(Err(stopped)) => self.stop(task.index, stopped),
                Err(_) => self.stop(task.index, Stopped::Bug),
            };
            let last = self.locked(|agenda| agenda.leave(&task));
            self.left.notify_all();
            let end = end.or(last.map(Err));
            if let Some(end) = end {
                (self.on_end)(task.index, end);
            }
        }
    }

    /// Ends a study without results, unless it has ended.
    fn stop(&self, index: usize, why: Stopped) -> Option<Result<Results, Stopped>> {
        let was_underway = self.locked(|agenda| agenda.end(index));
        was_underway.then_some(Err(why))
    }

    fn locked<T>(&self, work: impl FnOnce(&mut Agenda) -> T) -> T {
        work(&mut self.agenda.lock().expect(NO_PANIC))
    }

    /// The next task. Waits where a task of another thread may lead to one.
    fn take(&self) -> Option<Task> {
        let mut agenda = self.agenda.lock().expect(NO_PANIC);
        loop {
            if self.options.interrupted.load(Ordering::Relaxed) {
                return None;
            }
            let task = agenda.take();
            if task.is_some() || !agenda.may_go_on() {
                return task;
            }
            agenda = self.left.wait(agenda).expect(NO_PANIC);
        }
    }

    /// Does a task. Returns the results of the study if it lacked nothing else.
    fn do_task(&self, task: &Task, worker: &mut Worker<'a>) -> Result<Option<Results>, Stopped> {
        match &task.work {
            Work::Block(block) => self.block(task, block, worker)?,
            Work::Record { case, draw } => {
                let drawn = worker.record(task.archive.study(), *case, *draw)?;
                self.locked(|agenda| agenda.put_record(task, drawn));
            }
            Work::Look => self.look(task, worker)?,
            Work::Complete { .. } => return self.complete(task, worker),
        }
        Ok(None)
    }

    /// Simulates a block and keeps it, unless it is kept.
    fn block(&self, task: &Task, block: &Block, worker: &mut Worker<'a>) -> Result<(), Stopped> {
        let archive = &*task.archive;
        let (tallies, recorded) = if let Some(tallies) = archive.find(block)? {
            (tallies, None)
        } else {
            let draws = block.simulate(archive.study(), worker)?;
            let keep = || archive.keep(block, &draws);
            let tallies = Stopwatch::time(worker.stopwatch, Phase::Simulate, keep)?;
            (
                tallies,
                draws.into_iter().find(|drawn| drawn.records.is_some()),
            )
        };
        let progress = self.locked(|agenda| {
            agenda.put_block((task, block), &tallies, recorded);
            agenda.progress(task)
        });
        (self.options.on_progress)(progress);
        Ok(())
    }

    /// Looks whether the verdicts are settled.
    fn look(&self, task: &Task, worker: &Worker<'_>) -> Result<(), Stopped> {
        let blocks = self.locked(|agenda| agenda.blocks(task));
        let is_settled = Stopwatch::time(worker.stopwatch, Phase::Reduce, || {
            let cases = blocks.into_iter().enumerate();
            let outcomes = cases.map(|(case, blocks)| task.archive.outcomes(case, blocks));
            let outcomes: Vec<_> = outcomes.collect();
            judge::is_settled(task.archive.study(), &outcomes)
        })?;
        self.locked(|agenda| agenda.put_look(task, is_settled));
        Ok(())
    }

    /// Completes a case, and the study if it lacked nothing else.
    fn complete(&self, task: &Task, worker: &mut Worker<'_>) -> Result<Option<Results>, Stopped> {
        let Some(gathered) = self.locked(|agenda| agenda.gathered(task)) else {
            return Ok(None);
        };
        let results = complete_case(task, gathered, worker)?;
        let cases = self.locked(|agenda| agenda.put_case(task, results));
        cases
            .map(|cases| complete_study(task, cases, worker))
            .transpose()
    }
}

/// The results of a case whose draws have ended.
fn complete_case(
    task: &Task,
    gathered: Gathered,
    worker: &mut Worker<'_>,
) -> Result<CaseResults, Stopped> {
    let study = &**task.archive.study();
    let case = task.work.case();
    let Gathered { blocks, guess } = gathered;
    let (mut results, worst) = Stopwatch::time(worker.stopwatch, Phase::Reduce, || {
        let outcomes = task.archive.outcomes(case, blocks);
        reduce::reduce(&study.cases[case], &outcomes)
    })?;
    let recorded = match guess.filter(|guess| guess.draw == worst) {
        Some(guess) => guess,
        None => worker.record(study, case, worst)?,
    };
    let name = &study.cases[case].name;
    let simulated = results.outcomes.outcome(worst)?;
    assert!(
        study.replications > 1 || simulated.is_some_and(|one| same(&recorded.outcome, &one)),
        "draw {worst} of case {name} came out differently with its events written down",
    );
    let records = recorded.records.unwrap_or_default();
    results.worst = Some(WorstDraw {
        draw: worst,
        records: records.rows,
        omitted: records.omitted,
    });
    Ok(results)
}

fn complete_study(
    task: &Task,
    cases: Vec<CaseResults>,
    worker: &Worker<'_>,
) -> Result<Results, Stopped> {
    let study = task.archive.study();
    let requirements = Stopwatch::time(worker.stopwatch, Phase::Reduce, || {
        let outcomes: Vec<_> = cases.iter().map(|case| case.outcomes.clone()).collect();
        judge::judge(study, &outcomes)
    })?;
    Ok(Results {
        study: Arc::clone(study),
        draws: cases.first().map_or(0, CaseResults::draws),
        events_handled: cases.iter().map(|case| case.events_handled).sum(),
        collector_days: cases.iter().map(|case| case.collector_days).sum(),
        cases,
        requirements,
    })
}

/// Whether two outcomes are the same to the bit; NaN is the same as NaN.
fn same(left: &Outcome, right: &Outcome) -> bool {
    let values = |of: &Outcome| bits(&of.values, f64::to_bits);
    let tracks = |of: &Outcome| bits(&of.tracks, f32::to_bits);
    left.first == right.first
        && left.events_handled == right.events_handled
        && values(left) == values(right)
        && tracks(left) == tracks(right)
}

fn bits<T: Copy, B>(values: &[T], bits_of: fn(T) -> B) -> Vec<B> {
    values.iter().copied().map(bits_of).collect()
}
