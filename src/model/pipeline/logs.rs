//! Logs: they take CPU and memory, and wait in their files when CPU is short. They have no fate yet.

use crate::model::load::driver::samples_of;
use crate::units::{SimDuration, Span};

use super::{Feed, Kind, Stream, Total};

/// The logs of a fleet.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::model) struct Logs {
    /// Bytes per second and unit of each stream of the fleet, zero of other kinds.
    bytes: Vec<f64>,
    /// Work per stream: what was written, and what of it waited for want of CPU.
    written: Vec<u128>,
    late: Vec<u128>,
}

impl Logs {
    /// The logs among the streams of a fleet.
    pub(in crate::model) fn new(streams: &[Stream]) -> Self {
        let bytes = |stream: &Stream| {
            let is_own = stream.kind == Kind::Logs;
            if is_own { stream.lines.bytes } else { 0.0 }
        };
        Self {
            bytes: streams.iter().map(bytes).collect(),
            written: vec![0; streams.len()],
            late: vec![0; streams.len()],
        }
    }

    /// Counts what all workloads of a fleet write over a span. Adds the core seconds of tailing it.
    pub(super) fn offer(&mut self, total: &Total<'_>, span: Span, core_seconds: &mut f64) {
        for (stream, plan) in total.streams.iter().enumerate() {
            if plan.kind == Kind::Logs {
                let each = total.resident.driver.work(stream, span);
                let work = each * u128::from(total.carried[stream]);
                self.written[stream] += work;
                let written = samples_of(work, SimDuration::NANO) as f64;
                *core_seconds += plan.cores * written / 1e9;
            }
        }
    }

    /// Counts as late what a collector could not read over a span. `short` is the work of each
    /// stream for which it had no CPU.
    pub(super) fn serve(&mut self, feed: &Feed<'_>, span: Span, short: &[u128]) {
        let streams = feed.streams.iter().zip(short).enumerate();
        for (stream, (_, &short)) in streams.filter(|(_, (plan, _))| plan.kind == Kind::Logs) {
            self.late[stream] += short.min(feed.work(stream, span));
        }
    }

    /// The measured horizon begins.
    pub(super) fn begin_horizon(&mut self) {
        self.written.fill(0);
        self.late.fill(0);
    }

    /// Share of the bytes that waited in their files for want of CPU, NaN if nothing was written.
    pub(in crate::model) fn late_share(&self) -> f64 {
        let bytes = |work: &[u128]| -> f64 {
            let streams = work.iter().zip(&self.bytes);
            streams.map(|(&work, bytes)| work as f64 * bytes).sum()
        };
        bytes(&self.late) / bytes(&self.written)
    }

    /// Panics if more was late than was written.
    pub(super) fn assert_conserved(&self, fleet: &str) {
        let mut streams = self.late.iter().zip(&self.written);
        let holds = streams.all(|(late, written)| late <= written);
        assert!(holds, "more logs of {fleet} are late than were written");
    }
}
