//! The collectors of a fleet at one instant. What they share is computed once, so each collector
//! costs a few multiplications.

use crate::model::load::driver::weight_value;
use crate::model::wal::{HAIR, Kept, Process, Resident};
use crate::units::{SimDuration, SimTime};

/// What the collectors of a fleet have in common at one instant.
#[derive(Clone, Debug)]
pub struct Snapshot<'a> {
    resident: &'a Resident,
    at: SimTime,
    segment: usize,
    /// One term per stream.
    terms: Vec<Term>,
    /// Cores of an idle collector.
    idle_cores: f64,
    /// Live bytes that are the same for all collectors.
    common: f64,
    /// What the oldest WAL has let go. A process that is as old, or whose WAL begins later, holds
    /// no older dead series.
    forgotten: Kept,
}

/// The least and the most that a quantity may be.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Between {
    /// Its lower bound.
    pub least: f64,
    /// Its upper bound.
    pub most: f64,
}

/// What a look at a collector shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Needs {
    /// Its CPU demand without the price of garbage collection.
    pub cores: f64,
    /// Live bytes that its process does not exceed.
    pub live_most: f64,
}

/// One stream at one instant, at weight 1.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Term {
    /// Cores.
    cores: f64,
    /// Live bytes of active units.
    alive: f64,
    /// Live bytes of a process that holds what has died since `forgotten`.
    most: f64,
}

impl<'a> Snapshot<'a> {
    /// The collectors of `resident` at `at`. Streams take `cores` at weight 1, on top of
    /// `idle_cores`.
    pub fn new(
        resident: &'a Resident,
        at: SimTime,
        (cores, idle_cores): (impl Iterator<Item = f64>, f64),
    ) -> Self {
        let driver = &resident.driver;
        let segment = driver.segment(at);
        let every = resident.truncation().every;
        let forgotten = match every {
            SimDuration::ZERO => Kept {
                in_wal: at,
                in_queues: at,
            },
            _ => resident.kept(&oldest_log(at, every), at.just_after()),
        };
        let term = |(stream, cores): (usize, f64)| {
            let live = resident.held(stream, segment, at, forgotten);
            Term {
                cores,
                alive: live.alive,
                most: live.held,
            }
        };
        Self {
            resident,
            at,
            segment,
            terms: cores.enumerate().map(term).collect(),
            idle_cores,
            common: driver.common_live[segment],
            forgotten,
        }
    }

    /// CPU demand of a collector without garbage collection, and an upper bound of its live bytes.
    /// The bound is close to the live bytes, at a fraction of the cost.
    pub fn look(&self, process: &Process, weights: &[u32]) -> Needs {
        let (mut cores, mut most) = (self.idle_cores, 0.0);
        for (term, &weight) in self.terms.iter().zip(weights) {
            let weight = weight_value(weight);
            cores += term.cores * weight;
            most += weight * term.most;
        }
        let live = if self.forgets(process) {
            self.common + self.resident.own_live(process, self.at) + most
        } else {
            self.live(process, weights)
        };
        Needs {
            cores,
            live_most: live * (1.0 + HAIR),
        }
    }

    /// Lower and upper bound of the live bytes of a process.
    pub fn live_between(&self, process: &Process, weights: &[u32]) -> Between {
        let (least, most) = if self.forgets(process) {
            let (mut least, mut most) = (0.0, 0.0);
            for (term, &weight) in self.terms.iter().zip(weights) {
                let weight = weight_value(weight);
                least += weight * term.alive;
                most += weight * term.most;
            }
            let excess = self.resident.excess(weights, self.segment);
            let alike = self.common + self.resident.own_live(process, self.at) - excess;
            (alike + least, alike + most)
        } else {
            let live = self.live(process, weights);
            (live, live)
        };
        Between {
            least: least * (1.0 - HAIR),
            most: most * (1.0 + HAIR),
        }
    }

    /// Whether a process holds nothing that the oldest WAL has let go. Either its WAL begins later,
    /// or it had started by then. Every process truncates within a period of the truncation that
    /// made the oldest WAL forget. The same holds for queues.
    fn forgets(&self, process: &Process) -> bool {
        let forgets =
            |forgotten: SimTime| process.kept_from >= forgotten || process.started < forgotten;
        forgets(self.forgotten.in_wal) && forgets(self.forgotten.in_queues)
    }

    /// Live bytes of a process, as [`Resident::live_at`].
    pub fn live(&self, process: &Process, weights: &[u32]) -> f64 {
        self.resident
            .live_in(process, weights, self.segment, self.at)
    }
}

/// The process whose last truncation is almost a period ago keeps the oldest series, so it bounds
/// every process that has run as long.
fn oldest_log(at: SimTime, every: SimDuration) -> Process {
    let started = SimTime::from_nanos(at.just_after().nanos() % every.nanos());
    Process::new(started, SimTime::ZERO)
}
