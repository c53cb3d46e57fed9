//! Tail sampling: traces wait for their decision, in a buffer of so many traces.

use crate::model::blueprint::TailSampling;
use crate::model::load::work::portion;

/// Mean seconds from the end of a wait to the tick that decides.
///
/// Source: open-telemetry/opentelemetry-collector-contrib, `processor/tailsamplingprocessor`: a
/// ticker of 1 s, v0.158 (read 2026-11).
const HALF_A_TICK: f64 = 0.5;

/// Tail sampling in one draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Sampler {
    /// Seconds from the first span of a trace to its decision, without the tick.
    pub wait: f64,
    /// Most traces in memory.
    pub num_traces: f64,
    /// Share of the traces that are kept.
    pub kept: f64,
    /// Core seconds per span, all of one goroutine.
    pub per_span: f64,
}

/// What left the buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Decided {
    /// Work evicted before its decision.
    pub dropped: u128,
    /// Work that was decided and not kept.
    pub not_sampled: u128,
    /// Work that goes on.
    pub kept: u128,
}

impl Sampler {
    /// The settings with their unknowns drawn.
    pub(in crate::model) fn new(plan: &TailSampling, kept: f64, per_span: f64) -> Self {
        Self {
            wait: plan.decision_wait.secs_f64(),
            num_traces: plan.num_traces,
            kept,
            per_span,
        }
    }

    /// Mean seconds for which a trace waits for its decision.
    pub(in crate::model) fn window(&self) -> f64 {
        self.wait + HALF_A_TICK
    }

    /// Share of the traces that are evicted before their decision, at `rate` new traces per second.
    ///
    /// Eviction is first in, first out. A trace is decided at the first tick after its wait, which
    /// comes up to a second later, evenly spread.
    pub(in crate::model) fn evicted(&self, rate: f64) -> f64 {
        if rate <= 0.0 {
            return 0.0;
        }
        (self.wait + 2.0 * HALF_A_TICK - self.num_traces / rate).clamp(0.0, 1.0)
    }

    /// Share of the last window of traces that is in memory, at `rate` new traces per second.
    fn in_memory(&self, rate: f64) -> f64 {
        (self.num_traces / (rate * self.window()).max(f64::MIN_POSITIVE)).min(1.0)
    }

    /// Share of the spans for which its one goroutine has the time.
    pub(super) fn served(&self, spans_per_second: f64) -> f64 {
        (1.0 / (self.per_span * spans_per_second).max(f64::MIN_POSITIVE)).min(1.0)
    }

    /// Takes in work at `spans` spans and `traces` new traces per second. `undecided` is the work
    /// in the buffer.
    pub(super) fn take(
        &self,
        undecided: &mut u128,
        work: u128,
        (spans, traces): (f64, f64),
    ) -> Decided {
        let held = spans * self.window() * self.in_memory(traces);
        let all = *undecided + work;
        *undecided = super::work_of(held).min(all);
        self.decide(all - *undecided, self.evicted(traces))
    }

    /// Decides on work of which a share was evicted before.
    pub(super) fn decide(&self, work: u128, evicted: f64) -> Decided {
        let dropped = portion(work, evicted);
        let kept = portion(work - dropped, self.kept);
        Decided {
            dropped,
            not_sampled: work - dropped - kept,
            kept,
        }
    }
}
