//! Logs: they cost CPU and memory, and have no fate yet.

use crate::model::load::driver::samples_of;

use super::{Kind, Total};
use crate::units::{SimDuration, SimTime, Span};

/// The logs of a fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::model) struct Logs;

impl Logs {
    /// The workloads of the whole fleet write logs over a span: adds the core seconds of tailing them.
    pub(super) fn offer(total: &Total<'_>, (from, to): (u64, u64), core_seconds: &mut f64) {
        for (stream, plan) in total.streams.iter().enumerate() {
            if plan.kind == Kind::Logs {
                let each = total.resident.driver.work(
                    stream,
                    Span::new(SimTime::from_nanos(from), SimTime::from_nanos(to)),
                );
                let work = each * u128::from(total.carried[stream]);
                *core_seconds +=
                    plan.cores * samples_of(work, SimDuration::from_nanos(1)) as f64 / 1e9;
            }
        }
    }
}
