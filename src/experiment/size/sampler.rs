//! Simulates single draws of sizes on all threads.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::panic::{self, AssertUnwindSafe};

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::Running;
use super::look::{Origin, Reading};
use crate::experiment::block::{Block, Worker};
use crate::experiment::gauge::Gauge;
use crate::experiment::run::Stopped;
use crate::experiment::study::Study;
use crate::model::record::outcome::{Layout, Outcome};

/// Simulates draws of sizes, and counts them.
pub(super) struct Sampler<'a> {
    study: &'a Study,
    running: &'a Running<'a>,
    pool: ThreadPool,
    draws: Cell<u64>,
    seen: RefCell<BTreeSet<usize>>,
}

impl<'a> Sampler<'a> {
    /// A sampler of the cases of a study.
    pub(super) fn new(study: &'a Study, running: &'a Running<'a>) -> Result<Self, Stopped> {
        let pool = ThreadPoolBuilder::new().num_threads(running.threads.max(1));
        let pool = pool.build();
        Ok(Self {
            study,
            running,
            pool: pool.map_err(|error| Stopped::NoThreads(error.to_string()))?,
            draws: Cell::new(0),
            seen: RefCell::default(),
        })
    }

    /// The study whose cases are the sizes.
    pub(super) const fn study(&self) -> &'a Study {
        self.study
    }

    /// Number of draws so far.
    pub(super) const fn draws(&self) -> u64 {
        self.draws.get()
    }

    /// Number of sizes with a draw.
    pub(super) fn sizes_seen(&self) -> usize {
        self.seen.borrow().len()
    }

    /// What the draws say, in the order asked for: each a size and the number of a draw.
    pub(super) fn read(&self, asked: &[(usize, u32)]) -> Result<Vec<Reading>, Stopped> {
        let flag = self.running.interrupted;
        let study = self.study;
        let begin = || Worker::new(0, flag);
        let read = |worker: &mut Worker<'_>, &(size, draw): &(usize, u32)| {
            let block = Block {
                case: size,
                draws: draw..draw + 1,
            };
            let simulated = block.simulate(study, worker)?.pop();
            let simulated = simulated.expect("a block of one draw has one");
            Ok(reading(study, size, &simulated.outcome))
        };
        let all = || {
            let asked = asked.par_iter().with_max_len(1);
            asked.map_init(begin, read).collect()
        };
        // A panic leaves nothing behind: each call makes its workers anew.
        let readings = panic::catch_unwind(AssertUnwindSafe(|| self.pool.install(all)));
        let readings = readings.unwrap_or(Err(Stopped::Bug))?;
        self.draws.set(self.draws.get() + asked.len() as u64);
        self.seen
            .borrow_mut()
            .extend(asked.iter().map(|(size, _)| size));
        (self.running.on_draws)(self.draws());
        Ok(readings)
    }
}

/// What an outcome says of every goal.
fn reading(study: &Study, size: usize, outcome: &Outcome) -> Reading {
    let case = &study.cases[size];
    let layout = Layout::of(&case.blueprint);
    let mut is_against = false;
    let numbers = study.requirements.iter().map(|goal| {
        // A goal that a size does not have cannot hold in it.
        let Ok(gauge) = Gauge::of(goal, case, &layout) else {
            is_against = true;
            return f64::NAN;
        };
        let number = gauge.number(outcome);
        is_against |= number.is_some_and(|number| gauge.is_against(number));
        number.unwrap_or(f64::NAN)
    });
    let numbers = numbers.collect();
    Reading {
        numbers,
        is_against,
        origin: Origin::Simulated,
    }
}
