//! The CPU metrics of a fleet at the end.

use crate::model::load::timeline::Grid;
use crate::model::pipeline::Stream;
use crate::model::process::quota::Quota;

use super::super::Fleet;
use super::where_finite;

impl Fleet<'_> {
    /// Highest CPU demand of any one collector, NaN if none was in service.
    pub(super) fn cpu_peak(&self) -> f64 {
        if self.demanded_nothing() {
            return f64::NAN;
        }
        self.own_cpu_peak().max(self.job_cores())
    }

    /// Highest CPU demand of any one collector over its CPU limit, NaN if none was in service.
    pub(super) fn cpu_peak_ratio(&self) -> f64 {
        if self.demanded_nothing() {
            return f64::NAN;
        }
        where_finite(self.plan.cpu_cap, self.own_cpu_peak() / self.plan.cpu_cap)
    }

    /// Whether collectors existed, and none was in service for any time to demand CPU.
    pub(super) fn demanded_nothing(&self) -> bool {
        let existed = self.tally.collector_nanos;
        existed > 0 && existed == self.tally.down_nanos && self.jobs.count == 0
    }

    /// Whether the fleet has a CPU limit.
    pub(super) fn has_cpu_limit(&self) -> bool {
        self.plan.cpu_cap.is_finite()
    }

    fn own_cpu_peak(&self) -> f64 {
        self.tally.cpu_peak.max(self.tally.catch_up_cores)
    }

    /// Seconds of a scrape on the collector whose scrapes are shortest of CPU, NaN if none was in
    /// service.
    pub(super) fn scrape_peak(&self) -> f64 {
        if self.demanded_nothing() {
            return f64::NAN;
        }
        let cap = self.plan.cpu_cap;
        let quota = self.quota();
        let load = self.tally.scrape_load;
        // The share of periods whose quota is used up follows the load of all signals.
        let busy = (self.tally.cpu_peak / cap).min(1.0);
        let stall = quota.map_or(0.0, |quota| busy * quota.stall());
        let seconds = |stream: &Stream| {
            // Core seconds of one scrape, which uses at most one core.
            let cost = stream.cores * stream.scrapes.interval / stream.targets_per_series;
            let alone = quota.map_or(cost / cap.min(1.0), |quota| quota.seconds(cost));
            stream.scrapes.seconds((alone, stall), load)
        };
        let scraped = self.plan.streams.iter();
        let scraped = scraped.filter(|stream| stream.is_scraped());
        scraped.map(seconds).fold(f64::NAN, f64::max)
    }

    /// The quota of a collector; `None` without a CPU limit below its node's cores.
    fn quota(&self) -> Option<Quota> {
        let limit = self.plan.blueprint.resources.cpu_limit_cores?;
        (limit <= self.plan.cpu_cap).then(|| Quota::new(limit))
    }

    /// Time average of the CPU demand of the whole fleet.
    pub(super) fn mean_cores(&self, grid: &Grid) -> f64 {
        let busy = |(stream, samples): (usize, f64)| {
            let stream = &self.plan.streams[stream];
            // Cores per unit times unit seconds.
            (stream.cores - stream.sending) * samples * (stream.interval.secs_f64())
        };
        let metrics = &self.pipelines.metrics;
        let busy: f64 = metrics.scraped().map(busy).sum();
        // Sending is paid when it happens, not while an endpoint is away.
        let sent = |route: usize| {
            let sent = metrics.delivered(route, |fates| fates.sent + fates.lost_rejected);
            sent * self.plan.prices.sent_on(route)
        };
        let busy = busy + (0..metrics.routes.len()).map(sent).sum::<f64>();
        let seconds_up = (self.tally.collector_nanos - self.tally.down_nanos) as f64 / 1e9;
        let idle = self.plan.prices.idle_cores * seconds_up;
        let spans = self
            .pipelines
            .traces
            .sending_core_seconds(&self.plan.streams);
        let pushed = spans + self.pipelines.profiles.core_seconds();
        let counted = busy + self.tally.other_core_seconds + pushed + idle;
        // Most collectors have ample memory. Only the peak has the garbage collection of the
        // busiest collector.
        counted * self.plan.memory.gc_factor(1.0) / grid.horizon_seconds()
    }

    /// CPU demand of the sidecar of the largest job.
    fn job_cores(&self) -> f64 {
        let jobs = &self.jobs;
        if jobs.plan.is_none() {
            return 0.0;
        }
        let per_second = jobs.rate_peak();
        let scrapes = 1e9 / jobs.interval.nanos() as f64;
        let prices = &self.plan.prices;
        let demand = prices.idle_cores
            + scrapes * prices.per_scrape
            + per_second * prices.per_kept_sample(1.0);
        demand * self.plan.memory.gc_factor(jobs.live_peak)
    }
}
