//! A fleet's collectors at one instant: what they all share is looked up once, so that a collector
//! costs a few multiplications.

use super::driver::{WEIGHT_BITS, weight_value};
use super::resident::{Process, Resident};

/// Share by which bounds exceed what they bound.
const HAIR: f64 = 1e-9;

/// What the collectors of a fleet have in common at one instant.
#[derive(Clone, Debug)]
pub struct Snapshot<'a> {
    resident: &'a Resident,
    at: u64,
    /// Of each stream.
    terms: Vec<Term>,
    /// Live bytes that are the same for all.
    common: f64,
    /// No process whose log begins later, or that started earlier, holds what died before.
    forgotten: u64,
}

/// One stream at one instant.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Term {
    /// Cores per unit.
    cores: f64,
    /// Units at weight 1.
    level: f64,
    /// Live bytes at weight 1 of a process that holds what died since `forgotten`.
    live_most: f64,
}

impl<'a> Snapshot<'a> {
    /// The collectors that hold `resident` at `at`, whose streams cost so many `cores` per unit.
    pub fn new(resident: &'a Resident, at: u64, cores: impl Iterator<Item = f64>) -> Self {
        let driver = &resident.driver;
        let segment = driver.segment(at);
        let every = resident.truncation.every;
        let forgotten = match every {
            0 => at,
            _ => resident.kept_from(&oldest_log(at, every), at + 1),
        };
        let term = |(stream, cores): (usize, f64)| {
            let died = driver.churned(stream, at) - driver.churned(stream, forgotten);
            let level = driver.streams[stream].level[segment];
            let coefficient = resident.coefficients[stream];
            Term {
                cores,
                level,
                live_most: coefficient.resident * (level + died.max(0.0))
                    + coefficient.active * level,
            }
        };
        Self {
            resident,
            at,
            terms: cores.enumerate().map(term).collect(),
            common: driver.common_live[segment],
            forgotten,
        }
    }

    /// CPU demand of a collector, without garbage collection's price.
    pub fn cores(&self, weights: &[u32]) -> f64 {
        let terms = self.terms.iter().zip(weights);
        terms
            .map(|(term, &weight)| term.cores * weight_value(weight) * term.level)
            .sum()
    }

    /// Live bytes that a process does not exceed: close to what it holds, at a fraction of the cost.
    pub fn live_most(&self, process: &Process, weights: &[u32]) -> f64 {
        // The truncation that makes the oldest log forget is followed, within a period, by one of
        // every process that had started by then.
        let forgets = process.kept_from >= self.forgotten || process.started < self.forgotten;
        let live = if forgets {
            let terms = self.terms.iter().zip(weights);
            let most = terms.map(|(term, &weight)| f64::from(weight) * term.live_most);
            let most = most.sum::<f64>() / f64::from(1_u32 << WEIGHT_BITS);
            self.common + process.residue_at(self.at) + most
        } else {
            self.live(process, weights)
        };
        live * (1.0 + HAIR)
    }

    /// Live bytes of a process.
    pub fn live(&self, process: &Process, weights: &[u32]) -> f64 {
        self.resident.live_at(process, weights, self.at)
    }
}

/// The process whose last truncation was the longest ago, almost a whole period. The earlier the last
/// truncation, the older what a log keeps: what this one has let go, no other log keeps that has been
/// there for as long.
fn oldest_log(at: u64, every: u64) -> Process {
    Process {
        started: (at + 1) % every,
        ..Process::default()
    }
}
