//! What a study takes: collectors, memory and disk as its cases tell, events as a glimpse at some of
//! its draws tells.

use std::cell::Cell;
use std::time::Duration;

use super::outcomes::bytes_of_draw;
use super::stopwatch::Clock;
use super::study::{Case, Role, Study};
use crate::model::record::outcome::{EventRecord, Layout};
use crate::model::world::{Enough, Glimpse, Recording, Replication, Scratch, Simulation, weight};

const MIB: f64 = 1_048_576.0;

/// The program without a scenario.
const PROGRAM: f64 = 12.5 * MIB;
/// A case with its inputs and its results.
const CASE: f64 = 125e3;
/// A requirement in a case.
const ROW: f64 = 1e3;
/// Bytes of the blocks of a case up to which they are in memory while they are read.
const READ_MOST: f64 = 64.0 * MIB;
/// Most event records that are kept of a draw.
const RECORDS_MOST: f64 = 1e5;
/// Files of a result whose size does not depend on its draws: the page.
const PAGE: f64 = 4e5;
/// The same of each case: charts, rows of tables.
const FILES_OF_CASE: f64 = 2e5;
/// Characters of a number in `draws.csv`.
const CHARACTERS: f64 = 8.0;

/// Most glimpses at a study.
const GLIMPSES: usize = 12;
/// Most events of all glimpses.
const EVENTS_MOST: u64 = 1_000_000;
/// A study that is much smaller than its budget is looked at once, for so many events.
const EVENTS_FEW: u64 = 20_000;
/// How much smaller.
const FAR_BELOW: f64 = 0.1;
/// Computing time after which a glimpse is late.
const LATE: Duration = Duration::from_secs(1);

/// What a study takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Most collectors of a case.
    pub collectors: f64,
    /// Bytes of memory.
    pub memory: f64,
    /// Bytes on the disk: the results, and the blocks until they are written.
    pub disk: f64,
    /// Most draws of all cases.
    pub draws: f64,
    /// What the events take; `None` if no draw was looked at.
    pub run: Option<Run>,
}

/// The events of all draws.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    /// Number of events.
    pub events: f64,
    /// Seconds on all threads together.
    pub seconds: f64,
}

/// How far a glimpse goes.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// Computing time of this thread.
    pub clock: Clock<'a>,
    /// Whether the caller waits for nothing any more.
    pub is_over: &'a dyn Fn() -> bool,
}

impl Estimate {
    /// What the cases of a study tell of it.
    pub fn of(study: &Study, threads: usize) -> Self {
        let draws = f64::from(study.draws.most());
        let replicas = f64::from(study.replications.max(1));
        let all = study.cases.len() as f64 * draws;
        let mut estimate = Self {
            collectors: 0.0,
            memory: PROGRAM,
            disk: PAGE,
            draws: all * replicas,
            run: None,
        };
        let (mut world, mut held, mut block) = (0.0_f64, 0.0, 0.0_f64);
        for case in &study.cases {
            let (collectors, bytes) = weight(&case.blueprint);
            let of_draw = bytes_of_case(case, study.replications);
            estimate.collectors = estimate.collectors.max(collectors);
            world = world.max(bytes);
            held += (of_draw * draws).min(READ_MOST);
            block = block.max(of_draw);
            estimate.disk += FILES_OF_CASE + of_draw * draws * (1.0 + CHARACTERS / 8.0);
        }
        let rows = (study.cases.len() * study.requirements.len()) as f64;
        let at_once = (threads as f64).min(all).max(1.0);
        estimate.memory += study.cases.len() as f64 * CASE
            + rows * (ROW + 8.0 * draws)
            + at_once * (world + block)
            + held;
        estimate
    }

    /// The same with the events of the study, from the beginning of some of its draws. Where few events
    /// show that a study is far below a budget, few are looked at.
    pub fn with_events(self, study: &Study, look: Look<'_>, budget: Option<f64>) -> Self {
        if let Some(budget) = budget {
            let quick = self.glimpse(study, look, (1, EVENTS_FEW));
            if quick.run.is_none_or(|run| run.events < FAR_BELOW * budget) {
                return quick;
            }
        }
        self.glimpse(study, look, (GLIMPSES, EVENTS_MOST))
    }

    fn glimpse(mut self, study: &Study, look: Look<'_>, (most, events_most): (usize, u64)) -> Self {
        let most = most.min(self.draws.max(1.0) as usize).max(1);
        let began = (look.clock)();
        let spent = || (look.clock)().saturating_sub(began);
        let late = Cell::new(false);
        let is_late = || {
            late.set(late.get() || spent() > LATE || (look.is_over)());
            late.get()
        };
        let collectors = self.collectors;
        let each = (events_most / most as u64).max(4 * collectors as u64);
        let enough = Enough {
            events: each,
            is_late: &is_late,
        };
        let (mut all, mut count, mut seconds) = (Glimpse::default(), 0.0, 0.0);
        for number in 0..most {
            let before = spent();
            if let Some(one) = glimpse_at(study, (number, most), &enough) {
                let spent = (spent() - before).as_secs_f64();
                seconds += spent * one.events / (one.handled as f64).max(1.0);
                all.handled += one.handled;
                all.events += one.events;
                all.records += one.records.min(RECORDS_MOST);
                count += 1.0;
            }
            if is_late() || all.handled >= events_most {
                break;
            }
        }
        if count > 0.0 {
            let bytes = size_of::<EventRecord>() as f64 * all.records / count;
            self.memory += bytes * study.cases.len() as f64;
            self.run = Some(Run {
                events: all.events / count * self.draws,
                seconds: seconds / count * self.draws,
            });
        }
        self
    }
}

/// A look at one of the draws, spread over cases and draws. `None` if the draw cannot be simulated.
fn glimpse_at(
    study: &Study,
    (number, of): (usize, usize),
    enough: &Enough<'_>,
) -> Option<Glimpse> {
    let case = study.cases.get(number * study.cases.len() / of)?;
    let draw = u32::try_from(number).ok()? % study.draws.most().max(1);
    let mut scratch = Scratch::default();
    let which = Replication::first_of(draw);
    let simulation = Simulation::new(
        &case.blueprint,
        study.seed,
        which,
        Recording::On,
        &mut scratch,
    );
    Some(simulation.ok()?.glimpse(enough))
}

/// Bytes of one draw of a case in a block.
fn bytes_of_case(case: &Case, replications: u32) -> f64 {
    let is_unknown = |input: &&super::study::Input| input.role == Role::Unknown;
    let unknowns = case.inputs.iter().filter(is_unknown).count();
    bytes_of_draw(&Layout::of(&case.blueprint), unknowns, replications)
}
