//! The smallest size that holds every goal, by few draws.
//!
//! A *size* is a case: one value for each free setting. Sizes are ordered by what they request. All
//! sizes share their luck draw by draw, so a draw in which a size fails tells much about others.
//!
//! A size that does not hold excludes every size that is no greater in any setting. The search does
//! not take this for granted. It simulates excluded sizes in draws in which the greater one failed. A
//! smaller size that fares well there is looked at by itself. If the smaller size holds, more is not
//! better in some setting, and that setting is searched in full.
//!
//! The search picks a size, and fresh draws confirm it. So the confidence holds for the size that is
//! named, after all looks.

mod lattice;
mod look;
mod sampler;
mod search;

use std::sync::atomic::AtomicBool;

use super::run::Stopped;
use super::study::Study;
use crate::model::blueprint::Priority;
use crate::stats::{Interval, Verdict};
use lattice::Lattice;
use sampler::Sampler;
use search::Search;

/// A setting that is free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Free {
    /// Its path: `fleet.metrics.replicas`.
    pub path: String,
    /// The values that it may have, the least first, each as in a scenario file.
    pub values: Vec<String>,
}

/// What is searched.
#[derive(Clone, Debug)]
pub struct Sizing {
    /// The sizes as cases, the smallest first. Its draws are the most that a size is looked at with.
    /// Every requirement counts in every size.
    pub study: Study,
    /// Name of the case whose values the sizes start from.
    pub start: String,
    /// The free settings.
    pub free: Vec<Free>,
    /// The place of each size in the ranges of the free settings: one index per setting.
    pub places: Vec<Vec<usize>>,
    /// What the sizes are ordered by first.
    pub first: Priority,
    /// The probability of naming a size that does not hold, at most: above 0, below 0.5.
    pub alpha: f64,
}

/// How a search runs.
#[derive(Clone, Copy)]
pub struct Running<'a> {
    /// Number of threads; it changes no result.
    pub threads: usize,
    /// Set by the caller to stop early.
    pub interrupted: &'a AtomicBool,
    /// Called with the number of draws so far.
    pub on_draws: &'a dyn Fn(u64),
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The smallest size that holds every goal; `None` if none was shown to.
    pub named: Option<usize>,
    /// Every size with draws of its own, in the order of sizes.
    pub looks: Vec<SizeRow>,
    /// Free settings in which more is not always better, each searched in full.
    pub searched_in_full: Vec<usize>,
    /// Number of sizes that were simulated in any draw.
    pub sizes_seen: usize,
    /// Number of simulated draws.
    pub draws: u64,
}

/// What the draws say of one size.
#[derive(Clone, Debug)]
pub struct SizeRow {
    /// Index of the size.
    pub size: usize,
    /// The gravest verdict on its goals.
    pub verdict: Verdict,
    /// One entry per goal: the statistic and its two-sided 95 % interval, and the verdict. No
    /// statistic where no draw has a number.
    pub goals: Vec<(Option<(f64, Interval)>, Verdict)>,
    /// Number of draws behind it.
    pub draws: usize,
}

impl Sizing {
    /// Searches the smallest size that holds.
    ///
    /// # Errors
    ///
    /// If the search is interrupted, a draw panics or cannot be counted exactly, or the machine gives
    /// no threads.
    pub fn search(&self, running: &Running<'_>) -> Result<Found, Stopped> {
        let sampler = Sampler::new(&self.study, running)?;
        let lattice = Lattice::new(&self.places);
        Search::new(lattice, sampler, self.alpha).run()
    }
}
