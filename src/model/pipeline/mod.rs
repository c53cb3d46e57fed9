//! The signals of one fleet: what comes in, the queues to its endpoints, and the fate of
//! everything.
//!
//! Each kind of signal has its own file. `Pipelines` holds one pipeline of each kind. `Pipelines`
//! destructures itself by name, so the compiler asks what a new kind does at each step of a
//! collector's life.

mod backoff;
mod ending;
mod feed;
mod kind;
pub mod ledger;
mod logs;
mod metrics;
mod profiles;
mod queue;
pub mod remote_write;
pub(in crate::model) mod route;
mod stream;
#[cfg(test)]
mod toy;
mod traces;

use crate::units::Span;

pub(in crate::model) use ending::Ending;
pub(in crate::model) use feed::{Feed, Scraped, Total};
pub(in crate::model) use kind::Kind;
pub(in crate::model) use logs::{Farewell, Limited, LogRoute, Logs, Luck, Pace, Positions, fates};
pub(in crate::model) use metrics::{Loss, Metrics, Requests};
pub(in crate::model) use profiles::{ProfileRoute, Profiles};
pub(in crate::model) use queue::{Queue, QueueId, Share};
pub(in crate::model) use stream::{Burst, Derived, Highest, OWN_INTERVAL, Stream};
pub(in crate::model) use traces::{
    Connectors, Reach, SECOND, Sampler, SpanPlan, SpanRoute, Stall, Traces,
};

/// One pipeline of each kind.
#[derive(Clone, Debug)]
pub(in crate::model) struct Pipelines {
    pub metrics: Metrics,
    pub logs: Logs,
    pub traces: Traces,
    pub profiles: Profiles,
    #[cfg(test)]
    pub toy: toy::Toy,
}

impl Pipelines {
    /// The pipelines of a fleet.
    pub(in crate::model) fn new(metrics: Metrics, logs: Logs) -> Self {
        Self {
            metrics,
            logs,
            traces: Traces::default(),
            profiles: Profiles::default(),
            #[cfg(test)]
            toy: toy::Toy::default(),
        }
    }

    /// Counts what all workloads of a fleet emit over a span. Adds the core seconds that no sample
    /// accounts for.
    pub(in crate::model) fn offer(
        &mut self,
        total: &Total<'_>,
        span: Span,
        core_seconds: &mut f64,
    ) {
        let Self {
            metrics,
            logs,
            traces,
            profiles,
            #[cfg(test)]
            toy,
        } = self;
        metrics.offer(total, span);
        logs.offer(total, span, core_seconds);
        traces.offer(total, span, core_seconds);
        profiles.offer(total, span);
        #[cfg(test)]
        toy.offer(total, span);
    }

    /// Counts as missed what a collector that is not in service was offered over a span.
    pub(in crate::model) fn miss(&mut self, feed: &Feed<'_>, span: Span) {
        let Self {
            metrics,
            logs,
            traces,
            profiles,
            #[cfg(test)]
            toy,
        } = self;
        metrics.miss(feed, span);
        logs.miss(feed, span);
        traces.miss(feed, span);
        profiles.miss(feed, span);
        #[cfg(test)]
        toy.miss(feed, span);
    }

    /// Counts as taken in what a collector was offered over a span. `short` is the work of each
    /// stream that it missed for want of CPU. `paces` limit how fast it reads lines.
    /// The fleet serves spans, for it knows what bounds them.
    pub(in crate::model) fn serve(
        &mut self,
        feed: &Feed<'_>,
        span: Span,
        (short, paces): (&[u128], &[Pace]),
    ) {
        let Self {
            metrics,
            logs,
            traces: _,
            profiles,
            #[cfg(test)]
            toy,
        } = self;
        metrics.serve(feed, span, short);
        logs.serve(feed, span, (short, paces));
        profiles.serve(feed, span, short);
        #[cfg(test)]
        toy.serve(feed, span, short);
    }

    /// The process of a collector begins or ends, so its queues of metrics are steady.
    pub(in crate::model) fn reset(&mut self, collector: u32) {
        let Self {
            metrics,
            logs: _,
            traces: _,
            profiles: _,
            #[cfg(test)]
                toy: _,
        } = self;
        metrics.reset(collector);
    }

    /// The measured horizon begins. Counts of the warm-up are reset.
    pub(in crate::model) fn begin_horizon(&mut self) {
        let Self {
            metrics,
            logs,
            traces,
            profiles,
            #[cfg(test)]
            toy,
        } = self;
        metrics.begin_horizon();
        logs.begin_horizon();
        traces.begin_horizon();
        profiles.begin_horizon();
        #[cfg(test)]
        {
            *toy = toy::Toy::default();
        }
    }

    /// Panics if anything that came in is unaccounted for.
    pub(in crate::model) fn assert_conserved(&self, fleet: &str) {
        let Self {
            metrics,
            logs,
            traces,
            profiles,
            #[cfg(test)]
            toy,
        } = self;
        metrics.assert_conserved(fleet);
        logs.assert_conserved(fleet);
        traces.assert_conserved(fleet);
        profiles.assert_conserved(fleet);
        #[cfg(test)]
        toy.assert_conserved(fleet);
    }
}
