//! Live bytes of a collector over time in closed form, from its load and the truncations of its
//! WAL.

mod bounds;
mod ceiling;
mod horizon;
mod log;
mod outlasts;
mod ramp;
mod search;
mod segments;
mod terms;
mod walk;

use crate::model::load::driver::{Driver, StreamDriver, weight_value};
use crate::model::load::timeline::Episode;
use crate::units::{SimDuration, SimTime};

use bounds::Bounds;
pub(super) use bounds::HAIR;
pub use ceiling::Ceiling;
pub use horizon::grid_of;
pub(in crate::model) use horizon::grid_with;
pub(super) use log::Kept;
pub use log::{Extra, Log, Process, Truncation, next_truncation, stall_at};
pub use outlasts::outlasts;
pub use ramp::Ramp;
pub use segments::SEGMENT_BYTES;
use terms::{KeptPlaces, Place, Terms};
pub use walk::{Walk, Written};

/// Live bytes per unit of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Coefficient {
    /// Per resident unit, dead or active.
    pub resident: f64,
    /// Per active unit, on top of `resident`.
    pub active: f64,
}

/// Live bytes that stay with a holder when a target goes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HeldBack {
    /// Of active series.
    pub alive: f64,
    /// Of series that have died and are not yet collected.
    pub dead: f64,
}

/// Live bytes of one stream at weight 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct StreamLive {
    /// Of active units.
    pub(super) alive: f64,
    /// Of all units that a process holds.
    pub(super) held: f64,
}

/// Live bytes of the collectors of one fleet in one draw.
#[derive(Clone, Debug)]
pub struct Resident {
    /// The load of the fleet.
    pub driver: Driver,
    /// Live bytes per unit of each stream.
    pub coefficients: Vec<Coefficient>,
    /// Live bytes by which a process grows per nanosecond of its life, whatever its load is.
    growth: f64,
    /// What bounds the units that a process holds, if anything does.
    ceiling: Option<Ceiling>,
    log: Log,
    terms: Terms,
    bounds: Bounds,
    /// Processes of the fleet.
    collectors: usize,
}

impl Resident {
    /// The live bytes of a fleet of `collectors` under the load of `driver`. An endpoint is down during
    /// each of the `stalls`, which begin and end in the same order.
    pub fn new(
        driver: Driver,
        coefficients: Vec<Coefficient>,
        (truncation, stalls): (Truncation, Vec<Episode>),
        collectors: usize,
    ) -> Self {
        let log = Log { truncation, stalls };
        let terms = Terms::new(&driver, &coefficients, &log);
        let bounds = Bounds::new(&driver, &terms, &log, collectors);
        Self {
            driver,
            coefficients,
            growth: 0.0,
            ceiling: None,
            log,
            terms,
            bounds,
            collectors,
        }
    }

    /// An endpoint is down during each of the `stalls`, which begin and end in the same order.
    pub fn stall(&mut self, stalls: Vec<Episode>) {
        self.log.stalls = stalls;
        self.bounds = Bounds::new(&self.driver, &self.terms, &self.log, self.collectors);
    }

    /// The same, with processes that grow by `growth` live bytes per nanosecond of their lives.
    #[must_use]
    pub fn growing(self, growth: f64) -> Self {
        Self { growth, ..self }
    }

    /// The same, with processes that hold no more than a ceiling.
    #[must_use]
    pub fn below(self, ceiling: Option<Ceiling>) -> Self {
        Self { ceiling, ..self }
    }

    /// Live bytes above the ceiling in a segment, which a process does not hold.
    pub(super) fn excess(&self, weights: &[u32], segment: usize) -> f64 {
        let ceiling = self.ceiling.as_ref();
        ceiling.map_or(0.0, |ceiling| {
            ceiling.excess(&self.driver, weights, segment)
        })
    }

    /// What a process has right after `at` whatever its weights are, besides what all processes
    /// have.
    pub(super) fn own_live(&self, process: &Process, at: SimTime) -> f64 {
        let ramps = process.spans.at(at) + process.remembered.at(at);
        process.extra_at(at) + ramps + self.grown(process, at)
    }

    /// Live bytes by which a process has grown up to `at`, whatever its load is.
    fn grown(&self, process: &Process, at: SimTime) -> f64 {
        self.growth * at.since(process.started).nanos() as f64
    }

    /// Live bytes at `at` that a restart frees.
    pub fn shed(&self, process: &Process, at: SimTime) -> f64 {
        process.lasting() + self.grown(process, at)
    }

    /// How WALs are truncated.
    pub fn truncation(&self) -> Truncation {
        self.log.truncation
    }

    /// Since when a process holds dead series at `at`, before a truncation at `at`.
    pub fn kept_from(&self, process: &Process, at: SimTime) -> SimTime {
        self.log.kept_from(process, at)
    }

    /// Since when a replay of the WAL on a volume restores dead series, for a process that ends at
    /// `at`. The replay reads the records of every series that the queues still hold.
    pub fn replayed_from(&self, process: &Process, at: SimTime) -> SimTime {
        self.log.queued_from(process, at)
    }

    /// Since when a process holds dead series at `at`, before a truncation at `at`, by holder.
    pub(super) fn kept(&self, process: &Process, at: SimTime) -> Kept {
        self.log.kept(process, at)
    }

    /// First truncation of a process after `at`; [`SimTime::NEVER`] without truncations.
    pub fn next_truncation(&self, process: &Process, at: SimTime) -> SimTime {
        self.log.next_truncation(process, at)
    }

    /// Live bytes at `at`, after a truncation and a change of levels at that instant.
    pub fn live_at(&self, process: &Process, weights: &[u32], at: SimTime) -> f64 {
        self.live_in(process, weights, self.driver.segment(at), at)
    }

    /// [`Resident::live_at`] for an instant whose segment is known.
    pub(super) fn live_in(
        &self,
        process: &Process,
        weights: &[u32],
        segment: usize,
        at: SimTime,
    ) -> f64 {
        let past = (at - self.driver.starts[segment]).nanos() as f64;
        let held = if process.is_yet_to_start(at) {
            self.terms.alive(weights, segment)
        } else {
            let line = self.terms.line(weights, segment);
            line.at_start + line.slope * past - self.gone(process, weights, segment, at)
        };
        let excess = self.excess(weights, segment);
        self.driver.common_live[segment] + self.own_live(process, at) + held - excess
    }

    /// What the WAL and the queues of a process hold of a stream at weight 1 right after `at`.
    pub fn held_back(&self, process: &Process, stream: usize, at: SimTime) -> [HeldBack; 2] {
        let segment = self.driver.segment(at);
        let place = Place::new(&self.driver, segment, at);
        let kept = if process.is_yet_to_start(at) {
            Kept {
                in_wal: at,
                in_queues: at,
            }
        } else {
            self.log.kept(process, at.just_after())
        };
        let kept = KeptPlaces::new(&self.driver, segment, kept);
        let alive = self.coefficients[stream].resident * self.driver.streams[stream].level[segment];
        let in_queues = self.log.truncation.in_queues;
        let held = |share: f64, kept| HeldBack {
            alive: share * alive,
            dead: share * self.terms.died_since(stream, place, kept),
        };
        [
            held(1.0 - in_queues, kept.in_wal),
            held(in_queues, kept.in_queues),
        ]
    }

    /// Live bytes of dead series that the WAL of a process has let go right after `at`, which lies
    /// in `segment`.
    fn gone(&self, process: &Process, weights: &[u32], segment: usize, at: SimTime) -> f64 {
        let kept = self.log.kept(process, at.just_after());
        self.terms
            .gone(weights, KeptPlaces::new(&self.driver, segment, kept))
    }

    /// Live bytes of one stream at weight 1 at `at`, in `segment`. The process keeps what has died
    /// since `kept`.
    pub(super) fn held(
        &self,
        stream: usize,
        segment: usize,
        at: SimTime,
        kept: Kept,
    ) -> StreamLive {
        let kept = KeptPlaces::new(&self.driver, segment, kept);
        let place = Place::new(&self.driver, segment, at);
        StreamLive {
            alive: self.terms.alive_of(stream, segment),
            held: self.terms.held(stream, place, kept),
        }
    }

    /// Resident units of all streams at `at`, dead and active.
    pub fn units_at(&self, process: &Process, weights: &[u32], at: SimTime) -> f64 {
        let segment = self.driver.segment(at);
        let kept = self.kept_from(process, at.just_after());
        let units = |(stream, &weight): (usize, &u32)| {
            if self.coefficients[stream].resident == 0.0 {
                return 0.0;
            }
            let driver = &self.driver.streams[stream];
            let dead = driver.churned_at(&self.driver.starts, segment, at)
                - self.driver.churned(stream, kept);
            weight_value(weight) * (driver.level[segment] + dead.max(0.0))
        };
        weights.iter().enumerate().map(units).sum()
    }

    /// Highest live bytes of `count` new processes without dead series, started one per `cycle`
    /// after `from`.
    pub fn fresh_peak(
        &self,
        weights: &[u32],
        from: SimTime,
        cycle: SimDuration,
        count: u64,
    ) -> f64 {
        let last = from + cycle * count;
        // Starts up to an instant.
        let starts = |at: SimTime| at.since(from) / cycle;
        let meets_one = |&segment: &usize| {
            let before = self.driver.starts[segment].just_before();
            let until = self.driver.end_of(segment).just_before().min(last);
            starts(until) > starts(before)
        };
        (self.driver.segment(from)..=self.driver.segment(last))
            .filter(meets_one)
            .map(|segment| self.fresh_in(weights, segment))
            .fold(0.0, f64::max)
    }

    /// Live bytes of a new process without dead series at `at`.
    pub fn fresh_at(&self, weights: &[u32], at: SimTime) -> f64 {
        self.fresh_in(weights, self.driver.segment(at))
    }

    fn fresh_in(&self, weights: &[u32], segment: usize) -> f64 {
        let streams = self
            .driver
            .streams
            .iter()
            .zip(&self.coefficients)
            .zip(weights);
        let live = |((stream, coefficient), &weight): ((&StreamDriver, &Coefficient), &u32)| {
            let per_unit = coefficient.resident + coefficient.active;
            weight_value(weight) * per_unit * stream.level[segment]
        };
        let excess = self.excess(weights, segment);
        self.driver.common_live[segment] + streams.map(live).sum::<f64>() - excess
    }

    /// First instant from `from` on at which a new process without dead series stays within `limit`
    /// live bytes. The end if there is none.
    pub fn first_bearable(&self, weights: &[u32], from: SimTime, limit: f64) -> SimTime {
        let fresh = |&segment: &usize| self.fresh_in(weights, segment) <= limit;
        let here = self.driver.segment(from);
        let bearable = (here..self.driver.starts.len()).find(fresh);
        bearable.map_or(self.driver.end, |segment| {
            self.driver.starts[segment].max(from)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::load::driver::{StreamDriver, WEIGHT_BITS};
    use crate::units::Span;

    const ONE: [u32; 1] = [1 << WEIGHT_BITS];

    const fn at(nanos: u64) -> SimTime {
        SimTime::from_nanos(nanos)
    }

    /// 100 units of one byte each. One dies every 100 ns; truncations come every 1,000 ns.
    fn resident(stalls: Vec<Episode>) -> Resident {
        let starts: Vec<SimTime> = (0..40).map(|segment| at(segment * 500)).collect();
        let end = at(20_000);
        let stream = StreamDriver::new(&starts, end, vec![100.0; 40], &[0.000_1; 40]);
        let driver = Driver {
            starts,
            end,
            streams: vec![stream],
            common_live: vec![0.0; 40],
        };
        let coefficient = Coefficient {
            resident: 1.0,
            active: 0.0,
        };
        let truncation = Truncation {
            every: SimDuration::from_nanos(1_000),
            keep_min: SimDuration::ZERO,
            keep_max: SimDuration::from_nanos(5_000),
            in_queues: 0.0,
            full: f64::INFINITY,
            skips: true,
            queue_periods: 2,
        };
        Resident::new(driver, vec![coefficient], (truncation, stalls), 1)
    }

    #[test]
    fn what_moved_away_is_gone_after_its_truncation() {
        let moved = Extra {
            live: 50.0,
            until: at(1_000),
        };
        let mut process = Process::default();
        process.residue = [moved, Extra::default()];
        let resident = resident(Vec::new());
        let above = |from, to, limit| {
            let first = resident.first_above(&process, &ONE, Span::new(at(from), at(to)), limit);
            first.expect("it is exceeded").nanos()
        };
        assert!(above(0, 1_000, 155.0).abs_diff(500) <= 1);
        assert!(above(1_000, 3_000, 105.0).abs_diff(1_500) <= 1);
        assert!((resident.live_at(&process, &ONE, at(999)) - 159.99).abs() < 1e-6);
        assert!((resident.live_at(&process, &ONE, at(1_000)) - 100.0).abs() < 1e-6);
    }

    #[test]
    fn an_old_log_that_an_outage_keeps_is_seen() {
        let stall = Episode {
            from: at(9_000),
            to: at(12_500),
            size: 1.0,
        };
        // The process has restored what died since 0. It has sent nothing, so its first truncation
        // takes only what is older than 5,000 ns.
        let process = Process::new(at(10_000), SimTime::ZERO);
        let resident = resident(vec![stall]);
        let span = |from| Span::new(at(from), at(20_000));
        let first = resident.first_above(&process, &ONE, span(10_001), 200.0);
        assert_eq!(first, Some(at(10_001)));
        assert!((resident.peak(&process, &ONE, span(10_001), 0.0) - 210.0).abs() < 1e-6);
        assert!((resident.live_at(&process, &ONE, at(11_000)) - 150.0).abs() < 1e-6);
        assert!((resident.live_at(&process, &ONE, at(12_000)) - 150.0).abs() < 1e-6);
    }
}
