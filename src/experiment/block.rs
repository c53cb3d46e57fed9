//! A block: adjacent draws of one case that one thread takes.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::current::{self, Current};
use super::run::Stopped;
use super::stopwatch::{Phase, Stopwatch};
use super::study::Study;
use crate::model::load::beyond::Beyond;
use crate::model::record::outcome::{EventRecords, Outcome};
use crate::model::world::{Recording, Replication, Scratch, Simulation};

/// Least number of blocks of a study, unless blocks have one draw.
const BLOCKS_MIN: u64 = 256;

/// Most draws of a block, unless a study has a great many.
pub(super) const DRAWS_MAX: u32 = 16;

/// Number of blocks of a study with a great many draws, so that a column is read in few pieces.
const BLOCKS_MANY: u64 = 4_096;

/// Most draws of a block of such a study. They take some ten megabytes while they are simulated.
const DRAWS_MANY: u64 = 1_024;

/// Adjacent draws of one case of a study. The study alone decides how it is cut into blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Index of the case.
    pub case: usize,
    /// Numbers of the draws.
    pub draws: Range<u32>,
}

/// The result of a simulated draw.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// Number of the draw.
    pub draw: u32,
    /// Outcome of its only replication, or the mean of several.
    pub outcome: Outcome,
    /// Event records of its first replication, if they were kept.
    pub records: Option<EventRecords>,
}

/// A thread that simulates blocks: what it keeps from one block to the next, and who observes it.
#[derive(Default)]
pub struct Worker<'a> {
    /// Index of the study, for the message of a bug.
    pub(super) study: usize,
    pub(super) interrupted: Option<&'a AtomicBool>,
    pub(super) stopwatch: Option<&'a Stopwatch<'a>>,
    scratch: Scratch,
}

impl Block {
    /// The blocks of a case in a round of draws, in the order of their draws.
    pub(super) fn of_round(
        study: &Study,
        case: usize,
        round: Range<u32>,
    ) -> impl Iterator<Item = Self> {
        let draws = u64::from(round.end - round.start) * study.cases.len() as u64;
        let length = (draws / BLOCKS_MIN).clamp(1, DRAWS_MAX.into());
        let length = length.max((draws / BLOCKS_MANY).min(DRAWS_MANY));
        let length = u32::try_from(length).expect("a block is short");
        let firsts = round.clone().step_by(length as usize);
        firsts.map(move |first| Self {
            case,
            draws: first..round.end.min(first.saturating_add(length)),
        })
    }

    /// Simulates the draws in their order.
    ///
    /// The only draw of a case is also its worst one, so its event records are kept at once.
    ///
    /// # Errors
    ///
    /// If the worker is interrupted, or something cannot be counted exactly in a draw.
    pub fn simulate(&self, study: &Study, worker: &mut Worker<'_>) -> Result<Vec<Drawn>, Stopped> {
        let recording = match study.draws.most() {
            1 => Recording::On,
            _ => Recording::Off,
        };
        let draws = self.draws.clone();
        draws
            .map(|draw| worker.draw(study, (self.case, draw), recording))
            .collect()
    }
}

impl<'a> Worker<'a> {
    /// A thread that simulates for a study, until it is interrupted.
    pub(super) fn new(study: usize, interrupted: &'a AtomicBool) -> Self {
        Self {
            study,
            interrupted: Some(interrupted),
            ..Self::default()
        }
    }
}

impl Worker<'_> {
    fn draw(
        &mut self,
        study: &Study,
        (case, draw): (usize, u32),
        recording: Recording,
    ) -> Result<Drawn, Stopped> {
        if self.is_interrupted() {
            return Err(Stopped::Interrupted);
        }
        let _entered = current::enter(self.at(case, draw));
        let phases = (Phase::Drivers, Phase::Simulate);
        let (outcome, records) = self.replication(
            study,
            (case, Replication::first_of(draw)),
            recording,
            phases,
        )?;
        let outcome = if study.replications <= 1 {
            outcome
        } else {
            let others = 1..study.replications;
            let others = others.map(|number| {
                let which = Replication { draw, number };
                let drawn = self.replication(study, (case, which), Recording::Off, phases);
                drawn.map(|(outcome, _)| outcome)
            });
            let all: Result<_, Stopped> = std::iter::once(Ok(outcome)).chain(others).collect();
            Outcome::mean(all?)
        };
        let is_recorded = recording == Recording::On;
        Ok(Drawn {
            draw,
            outcome,
            records: is_recorded.then_some(records),
        })
    }

    fn replication(
        &mut self,
        study: &Study,
        (case, which): (usize, Replication),
        recording: Recording,
        (build, simulate): (Phase, Phase),
    ) -> Result<(Outcome, EventRecords), Stopped> {
        let stopped = |beyond: Beyond| Stopped::Beyond {
            case: study.cases[case].name.clone(),
            draw: which.draw,
            beyond,
        };
        let blueprint = &study.cases[case].blueprint;
        let scratch = &mut self.scratch;
        let simulation = Stopwatch::time(self.stopwatch, build, || {
            Simulation::new(blueprint, study.seed, which, recording, scratch)
        });
        let simulation = simulation.map_err(stopped)?;
        let never = AtomicBool::new(false);
        let interrupted = self.interrupted.unwrap_or(&never);
        let ended = Stopwatch::time(self.stopwatch, simulate, || simulation.run(interrupted));
        ended.map_err(stopped)?.ok_or(Stopped::Interrupted)
    }

    /// Simulates the first replication of a draw with its event records.
    pub(super) fn record(
        &mut self,
        study: &Study,
        case: usize,
        draw: u32,
    ) -> Result<Drawn, Stopped> {
        if self.is_interrupted() {
            return Err(Stopped::Interrupted);
        }
        let _entered = current::enter(self.at(case, draw));
        let phases = (Phase::Record, Phase::Record);
        let (outcome, records) = self.replication(
            study,
            (case, Replication::first_of(draw)),
            Recording::On,
            phases,
        )?;
        Ok(Drawn {
            draw,
            outcome,
            records: Some(records),
        })
    }

    fn is_interrupted(&self) -> bool {
        let flag = self.interrupted;
        flag.is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    const fn at(&self, case: usize, draw: u32) -> Current {
        Current {
            study: self.study,
            draw: Some((case, draw)),
        }
    }
}
