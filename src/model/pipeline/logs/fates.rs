//! The fate of every byte of log lines, in exact integers, and the proof that none is unaccounted
//! for.

use crate::model::load::driver::fractional_samples;
use crate::units::SimDuration;

/// Lines of one stream of one fleet, as work (units × nanoseconds, fixed point). What is lost here
/// reaches no endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::model) struct Lines {
    /// Written by the workloads: counted from the fleet's total, independently of collectors.
    pub written: u128,
    /// The part of `written` that waited already as the measured horizon began.
    pub carried: u128,
    /// Written where no collector tails them.
    pub missed: u128,
    /// Waited in their files because the collector had too little CPU.
    pub late: u128,
    /// Gone with rotated files before anybody read them.
    pub lost_rotation: u128,
    /// Dropped because a queue was full.
    pub lost_overflow: u128,
    /// Given up by the client that pushed them.
    pub lost_client: u128,
    /// Gone with the node or the pod whose files held them.
    pub lost_exit: u128,
    /// Read and sent a second time.
    pub doubled: u128,
}

/// Fates of the lines of one stream on the route to one endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::model) struct Shipped {
    /// Accepted by the endpoint.
    pub sent: u128,
    /// Given up after the last attempt.
    pub lost_retries: u128,
    /// Given up because the endpoint answered 429 to all attempts.
    pub lost_limited: u128,
    /// Gone with the queue of a process that ended.
    pub lost_restart: u128,
    /// Rejected by the endpoint for good.
    pub lost_rejected: u128,
    /// Deleted with an old segment of the WAL.
    pub lost_wal: u128,
    /// In the WAL when the measured horizon began.
    pub standing: u128,
}

impl Lines {
    /// Everything that was lost before it could be sent.
    pub(in crate::model) fn lost(&self) -> u128 {
        self.lost_rotation + self.lost_overflow + self.lost_client + self.lost_exit
    }
}

impl Shipped {
    /// Everything that was lost on the route.
    pub(in crate::model) fn lost(&self) -> u128 {
        self.lost_retries
            + self.lost_limited
            + self.lost_restart
            + self.lost_rejected
            + self.lost_wal
    }
}

/// All lines of one fleet.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::model) struct Fates {
    /// One per stream of logs.
    pub lines: Vec<Lines>,
    /// One per endpoint and stream, endpoint by endpoint.
    pub shipped: Vec<Shipped>,
    /// Bytes per second and unit of each stream.
    bytes: Vec<f64>,
}

impl Fates {
    /// Nothing yet of streams with these bytes per second and unit, on so many routes.
    pub(in crate::model) fn new(bytes: Vec<f64>, routes: usize) -> Self {
        Self {
            lines: vec![Lines::default(); bytes.len()],
            shipped: vec![Shipped::default(); bytes.len() * routes],
            bytes,
        }
    }

    /// Bytes of some work of a stream.
    pub(in crate::model) fn bytes_of(&self, slot: usize, work: u128) -> f64 {
        fractional_samples(work, SECOND) * self.bytes[slot]
    }

    /// Bytes of one fate before lines are sent, over all streams.
    pub(in crate::model) fn read(&self, fate: impl Fn(&Lines) -> u128) -> f64 {
        let lines = self.lines.iter().enumerate();
        lines.map(|(slot, of)| self.bytes_of(slot, fate(of))).sum()
    }

    /// Bytes of one fate on the route to one endpoint, over all streams.
    pub(in crate::model) fn shipped(&self, route: usize, fate: impl Fn(&Shipped) -> u128) -> f64 {
        let first = route * self.bytes.len();
        let shipped = self.shipped[first..][..self.bytes.len()].iter();
        let bytes = |(slot, of): (usize, &Shipped)| self.bytes_of(slot, fate(of));
        shipped.enumerate().map(bytes).sum()
    }

    /// Forgets everything but what waits: `waiting` work per stream counts as written.
    pub(in crate::model) fn begin_horizon(&mut self, waiting: &[u128]) {
        self.shipped.fill(Shipped::default());
        for (lines, &written) in self.lines.iter_mut().zip(waiting) {
            *lines = Lines {
                written,
                carried: written,
                ..Lines::default()
            };
        }
    }

    /// Panics if a byte is unaccounted for. Of each stream `waiting` work is in files and queues. On each
    /// route `logged` work is in the WAL.
    pub(in crate::model) fn assert_balanced(
        &self,
        fleet: &str,
        (waiting, logged): (&[u128], &[u128]),
    ) {
        for (place, shipped) in self.shipped.iter().enumerate() {
            let slot = place % self.bytes.len();
            let lines = &self.lines[slot];
            let fate = lines.missed + lines.lost() + shipped.sent + shipped.lost() + waiting[slot];
            let fate = fate + logged.get(place).copied().unwrap_or(0);
            let written = lines.written + shipped.standing;
            assert_eq!(written, fate, "lines of {fleet} are not conserved");
            assert!(
                lines.late <= lines.written,
                "more lines of {fleet} are late than written"
            );
        }
    }
}

const SECOND: SimDuration = SimDuration::from_secs(1);
