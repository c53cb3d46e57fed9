//! What a study takes: collectors, memory and disk as its cases tell, events as a glimpse at some of
//! its draws tells.

use std::time::Duration;

use super::outcomes::{WHOLE_MAX, bytes_of_draw};
use super::stopwatch::Clock;
use super::study::{Case, Role, Study};
use super::weight::Weight;
use crate::model::record::outcome::{EventRecord, Layout};
use crate::model::world::{Enough, Glimpse, Recording, Replication, Scratch, Simulation};

const MIB: f64 = 1_048_576.0;

/// The program without a scenario.
const PROGRAM: f64 = 12.5 * MIB;
/// A case with its inputs and its results.
const CASE: f64 = 125e3;
/// A requirement in a case.
const ROW: f64 = 1e3;
/// Bytes of a draw in memory where the blocks of a case are read column by column.
const COLUMNS: f64 = 40.0;
/// Most event records that are kept of a draw.
const RECORDS_MOST: f64 = 1e5;
/// Files of a result whose size does not depend on its draws: the page.
const PAGE: f64 = 6e5;
/// The same of each case: charts, rows of tables.
const FILES_OF_CASE: f64 = 7e4;
/// Characters of a row in `events.csv`.
const RECORD_ROW: f64 = 60.0;
/// Characters of a number in `draws.csv`.
const CHARACTERS: f64 = 8.0;

/// Most glimpses at a study.
const GLIMPSES: usize = 40;
/// Most events of all glimpses.
const EVENTS_MOST: u64 = 2_000_000;
/// A study whose weight is so far below a budget need not be looked at.
const FAR_BELOW: f64 = 0.1;
/// Computing time after which a glimpse is late.
const LATE: Duration = Duration::from_millis(500);

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
    /// Events by the weight of the draws.
    events_by_weight: f64,
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
            events_by_weight: 0.0,
        };
        let (mut world, mut held, mut block) = (0.0_f64, 0.0, 0.0_f64);
        for case in &study.cases {
            let weight = Weight::of(&case.blueprint);
            let of_draw = bytes_of_case(case, study.replications);
            estimate.collectors = estimate.collectors.max(weight.collectors);
            world = world.max(weight.bytes);
            held += held_of(of_draw, draws);
            block = block.max(of_draw);
            estimate.events_by_weight += weight.events * draws * replicas;
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

    /// Whether a study is so far below its budgets that no glimpse is needed to tell.
    pub fn is_far_below(&self, study: &Study, (events, memory): (f64, f64)) -> bool {
        let records = size_of::<EventRecord>() as f64 * RECORDS_MOST * study.cases.len() as f64;
        self.events_by_weight < FAR_BELOW * events && self.memory + records < memory
    }

    /// The same with the events of the study, from the beginning of some of its draws.
    #[must_use]
    pub fn with_events(mut self, study: &Study, look: Look<'_>) -> Self {
        let most = (study.draws.most() as usize).clamp(1, GLIMPSES);
        let mut glimpses = Glimpses {
            study,
            look,
            events_most: (EVENTS_MOST / most as u64).max(4 * ceiling(self.collectors)),
            spent: Duration::ZERO,
        };
        let (mut events, mut handled, mut records) = (0.0, 0, 0.0);
        let (mut count, mut seconds) = (0.0, 0.0);
        for number in 0..most {
            if let Some((one, its_seconds)) = glimpses.at(number, most) {
                events += one.events;
                handled += one.handled;
                records += one.records.min(RECORDS_MOST);
                seconds += its_seconds;
                count += 1.0;
            }
            if glimpses.spent > LATE || handled >= EVENTS_MOST || (look.is_over)() {
                break;
            }
        }
        if count > 0.0 {
            let records = records / count * study.cases.len() as f64;
            self.memory += records * size_of::<EventRecord>() as f64;
            self.disk += records * RECORD_ROW;
            self.run = Some(Run {
                events: events / count * self.draws,
                seconds: seconds / count * self.draws,
            });
        }
        self
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count within the budget of memory"
)]
const fn ceiling(count: f64) -> u64 {
    count as u64
}

/// Looks at draws of a study, one after the other.
struct Glimpses<'a> {
    study: &'a Study,
    look: Look<'a>,
    /// Events of a glimpse.
    events_most: u64,
    /// Computing time of all glimpses.
    spent: Duration,
}

impl Glimpses<'_> {
    /// A look at one of the draws, spread over cases and draws, and the seconds that the whole draw takes.
    /// `None` if the draw cannot be simulated, or nothing but its first instant was seen.
    fn at(&mut self, number: usize, of: usize) -> Option<(Glimpse, f64)> {
        let study = self.study;
        let cases = study.cases.len();
        let place = if cases <= of {
            number % cases.max(1)
        } else {
            number * cases / of
        };
        let case = study.cases.get(place)?;
        let which = Replication::first_of(u32::try_from(number).ok()?);
        let clock = self.look.clock;
        let began = clock();
        let (seed, on) = (study.seed, Recording::On);
        let mut scratch = Scratch::default();
        let simulation = Simulation::new(&case.blueprint, seed, which, on, &mut scratch);
        let built = clock();
        let is_late = || clock().saturating_sub(built) > LATE || (self.look.is_over)();
        let enough = Enough {
            events: self.events_most,
            is_late: &is_late,
        };
        let glimpse = simulation
            .ok()
            .map(|simulation| simulation.glimpse(&enough));
        let ended = clock();
        self.spent += ended.saturating_sub(began);
        let glimpse = glimpse.filter(|glimpse| glimpse.events.is_finite())?;
        let whole = glimpse.events / (glimpse.handled as f64).max(1.0);
        let events = ended.saturating_sub(built).as_secs_f64() * whole;
        Some((glimpse, built.saturating_sub(began).as_secs_f64() + events))
    }
}

/// Bytes of the draws of a case that are in memory while they are read.
fn held_of(of_draw: f64, draws: f64) -> f64 {
    let all = of_draw * draws;
    if all <= WHOLE_MAX as f64 {
        all
    } else {
        COLUMNS * draws
    }
}

/// Bytes of one draw of a case in a block.
fn bytes_of_case(case: &Case, replications: u32) -> f64 {
    let is_unknown = |input: &&super::study::Input| input.role == Role::Unknown;
    let unknowns = case.inputs.iter().filter(is_unknown).count();
    bytes_of_draw(&Layout::of(&case.blueprint), unknowns, replications)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// The estimate of a study by a clock whose readings are `step` apart, and the readings.
    fn estimate(study: &Study, step: Duration) -> (Estimate, u64) {
        let readings = AtomicU64::new(0);
        let clock = || {
            let before = readings.fetch_add(1, Ordering::Relaxed);
            step * u32::try_from(before).unwrap_or(u32::MAX)
        };
        let look = Look {
            clock: &clock,
            is_over: &|| false,
        };
        let estimate = Estimate::of(study, 2).with_events(study, look);
        (estimate, readings.into_inner())
    }

    #[test]
    fn events_grow_with_the_draws() {
        let events = |draws| {
            let (estimate, _) = estimate(&Study::empty(1, draws), Duration::ZERO);
            estimate.run.map(|run| run.events)
        };
        let one = events(1).expect("it is looked at");
        assert!(one > 0.0, "every draw has the points of its tracks");
        let many = events(1_000).expect("it is looked at");
        assert!((many / one - 1_000.0).abs() < 1e-6, "{one} and {many}");
    }

    #[test]
    fn a_late_study_is_looked_at_once() {
        let study = Study::empty(1, 1_000);
        let (_, patient) = estimate(&study, Duration::ZERO);
        let (late, readings) = estimate(&study, LATE * 2);
        assert!(late.run.is_some(), "one draw is looked at");
        assert!(readings < patient / 10, "{readings} of {patient}");
    }

    #[test]
    fn only_a_study_near_a_budget_needs_a_look() {
        let study = Study::empty(1, 1_000);
        let estimate = Estimate::of(&study, 2);
        assert!(estimate.is_far_below(&study, (1e12, 4e9)));
        assert!(!estimate.is_far_below(&study, (1e5, 4e9)));
        assert!(!estimate.is_far_below(&study, (1e12, 1e6)));
    }

    #[test]
    fn blocks_fill_disk_and_memory_up_to_what_is_read_at_once() {
        let [few, many] = [1_000, 1_000_000].map(|draws| Estimate::of(&Study::empty(1, draws), 2));
        assert!(many.disk > few.disk);
        assert!(many.memory - few.memory <= 50e6, "{many:?}");
    }
}
