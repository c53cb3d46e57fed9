//! A fleet's collectors at one instant: what they all share is looked up once, so that a collector
//! costs a few multiplications.

use super::driver::{StreamDriver, weight_value};
use super::resident::{Coefficient, HAIR, Process, Resident};

/// What the collectors of a fleet have in common at one instant.
#[derive(Clone, Debug)]
pub struct Snapshot<'a> {
    resident: &'a Resident,
    at: u64,
    segment: usize,
    /// Of each stream.
    terms: Vec<Term<'a>>,
    /// Live bytes that are the same for all.
    common: f64,
    /// No process whose log begins later, or that started earlier, holds what died before.
    forgotten: u64,
    /// The segment that holds it.
    forgotten_in: usize,
}

/// One stream at one instant.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Term<'a> {
    driver: &'a StreamDriver,
    /// Cores per unit.
    cores: f64,
    /// Units at weight 1 that are alive.
    level: f64,
    /// Live bytes at weight 1 of what is alive.
    alive: f64,
    /// Live bytes of a dead unit.
    per_dead: f64,
    /// Units at weight 1 that have died since the simulation began.
    died: f64,
    /// Live bytes at weight 1 of a process that holds what died since `forgotten`.
    most: f64,
}

impl<'a> Snapshot<'a> {
    /// The collectors that hold `resident` at `at`, whose streams cost so many `cores` per unit.
    pub fn new(resident: &'a Resident, at: u64, cores: impl Iterator<Item = f64>) -> Self {
        let driver = &resident.driver;
        let segment = driver.segment(at);
        let every = resident.truncation().every;
        let forgotten = match every {
            0 => at,
            _ => resident.kept_from(&oldest_log(at, every), at + 1),
        };
        let forgotten_in = driver.segment(forgotten);
        let streams = driver.streams.iter().zip(&resident.coefficients);
        let term = |((driver, coefficient), cores): ((&'a StreamDriver, &Coefficient), f64)| {
            let starts = &resident.driver.starts;
            let died = driver.churned_at(starts, segment, at);
            let held = died - driver.churned_at(starts, forgotten_in, forgotten);
            let level = driver.level[segment];
            let alive = (coefficient.resident + coefficient.active) * level;
            let per_dead = if every == 0 {
                0.0
            } else {
                coefficient.resident
            };
            let most = alive + per_dead * held.max(0.0);
            Term {
                driver,
                cores,
                level,
                alive,
                per_dead,
                died,
                most,
            }
        };
        Self {
            resident,
            at,
            segment,
            terms: streams.zip(cores).map(term).collect(),
            common: driver.common_live[segment],
            forgotten,
            forgotten_in,
        }
    }

    /// CPU demand of a collector without garbage collection's price, and live bytes that its process
    /// does not exceed: close to what it holds, at a fraction of the cost.
    pub fn glance(&self, process: &Process, weights: &[u32]) -> (f64, f64) {
        let (mut cores, mut most) = (0.0, 0.0);
        for (term, &weight) in self.terms.iter().zip(weights) {
            let weight = weight_value(weight);
            cores += term.cores * weight * term.level;
            most += weight * term.most;
        }
        let live = if self.forgets(process) {
            self.common + process.residue_at(self.at) + most
        } else {
            self.live(process, weights)
        };
        (cores, live * (1.0 + HAIR))
    }

    /// Live bytes that a process has at the least and at the most.
    pub fn live_between(&self, process: &Process, weights: &[u32]) -> (f64, f64) {
        let (least, most) = if self.forgets(process) {
            let (mut least, mut most) = (0.0, 0.0);
            for (term, &weight) in self.terms.iter().zip(weights) {
                let weight = weight_value(weight);
                least += weight * term.alive;
                most += weight * term.most;
            }
            let alike = self.common + process.residue_at(self.at);
            (alike + least, alike + most)
        } else {
            let live = self.live(process, weights);
            (live, live)
        };
        (least * (1.0 - HAIR), most * (1.0 + HAIR))
    }

    /// Whether a process holds nothing that the oldest log has let go: its own log begins later, or it
    /// had started by then. The truncation that makes the oldest log forget is followed, within a
    /// period, by one of every process that had started before.
    fn forgets(&self, process: &Process) -> bool {
        process.kept_from >= self.forgotten || process.started < self.forgotten
    }

    /// Live bytes of a process, as [`Resident::live_at`].
    pub fn live(&self, process: &Process, weights: &[u32]) -> f64 {
        let kept = self.resident.kept_from(process, self.at + 1);
        let starts = &self.resident.driver.starts;
        let first = if kept < self.forgotten {
            0
        } else {
            self.forgotten_in
        };
        let near = &starts[first..=self.segment];
        let kept_in = first + near.partition_point(|&start| start <= kept) - 1;
        let mut live = self.common + process.residue_at(self.at);
        for (term, &weight) in self.terms.iter().zip(weights) {
            let gone = term.driver.churned_at(starts, kept_in, kept);
            let dead = (term.died - gone).max(0.0);
            live += weight_value(weight) * (term.alive + term.per_dead * dead);
        }
        live
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
