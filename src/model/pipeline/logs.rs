//! Logs: they take CPU and memory, and have no fate yet.

use crate::model::load::driver::samples_of;
use crate::units::{SimDuration, Span};

use super::{Kind, Total};

/// The logs of a fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::model) struct Logs;

impl Logs {
    /// Adds the core seconds of tailing the logs that all workloads of a fleet write over a span.
    pub(super) fn offer(total: &Total<'_>, span: Span, core_seconds: &mut f64) {
        for (stream, plan) in total.streams.iter().enumerate() {
            if plan.kind == Kind::Logs {
                let each = total.resident.driver.work(stream, span);
                let work = each * u128::from(total.carried[stream]);
                let written = samples_of(work, SimDuration::NANO) as f64;
                *core_seconds += plan.cores * written / 1e9;
            }
        }
    }
}
