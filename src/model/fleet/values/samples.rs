//! The fates of the samples of a fleet, with those of its jobs.

use crate::model::load::timeline::Grid;
use crate::model::pipeline::Kind;
use crate::model::pipeline::ledger::{Delivery, Intake};

use super::super::Fleet;
use crate::units::SimDuration;

impl Fleet<'_> {
    /// Samples of one fate up to their scrape, jobs included.
    pub(super) fn taken(&self, fate: impl Fn(&Intake) -> u128 + Copy) -> f64 {
        self.pipelines.metrics.taken(fate) + self.jobs.ledger.taken(fate)
    }

    /// Samples of one fate on the routes to all endpoints of metrics, jobs included.
    pub(super) fn delivered(&self, fate: impl Fn(&Delivery) -> u128 + Copy) -> f64 {
        (0..self.pipelines.metrics.routes.len())
            .map(|route| self.delivered_on(route, fate))
            .sum()
    }

    /// Samples of one fate on the route to one endpoint, jobs included.
    pub(in crate::model) fn delivered_on(
        &self,
        route: usize,
        fate: impl Fn(&Delivery) -> u128 + Copy,
    ) -> f64 {
        let jobs = &self.jobs;
        let of_jobs = if jobs.plan.is_some() {
            jobs.ledger.delivered(route, fate)
        } else {
            0.0
        };
        self.pipelines.metrics.delivered(route, fate) + of_jobs
    }

    /// Samples that are due to endpoints of metrics. Each endpoint is due all that was scraped,
    /// without what it got before the measured horizon.
    pub(super) fn due(&self) -> f64 {
        let routes = self.pipelines.metrics.routes.len() as f64;
        let earlier = self.delivered(|delivery| delivery.earlier);
        self.taken(|intake| intake.scraped) * routes - earlier
    }

    /// Unsent samples.
    pub(super) fn samples_pending(&self) -> f64 {
        self.due() - self.delivered(|delivery| delivery.sent + delivery.lost())
    }

    /// Samples missed or lost over samples offered, as a mean over the endpoints.
    pub(super) fn loss_ratio(&self) -> f64 {
        let routes = self.pipelines.metrics.routes.len() as f64;
        let offered = self.taken(|intake| intake.offered);
        let missed = self.taken(|intake| intake.offered - intake.scraped);
        let lost = self.delivered(Delivery::lost);
        (missed * routes + lost) / (offered * routes)
    }

    /// Most shards of any one collector.
    pub(super) fn shards_peak(&self) -> f64 {
        let seen = self.pipelines.metrics.tally.shards_peak;
        f64::from(seen.max(self.steady_shards(self.busiest())))
    }

    /// Bytes per second from targets and to endpoints, together.
    pub(super) fn network_mean(&self, grid: &Grid) -> f64 {
        let bytes = &self.plan.bytes;
        let received = self.taken(|intake| intake.scraped) * bytes.received;
        let sent = self.delivered(|delivery| delivery.sent) * bytes.sent;
        (received + sent) / grid.horizon_seconds()
    }

    /// Inflow of the busiest collector, in samples per second.
    fn busiest(&self) -> f64 {
        let shortest = self
            .plan
            .streams
            .iter()
            .filter(|stream| stream.kind == Kind::Metrics);
        let shortest = shortest
            .map(|stream| stream.interval)
            .min()
            .unwrap_or(SimDuration::MAX);
        self.tally.series_per_collector_peak / (shortest.secs_f64())
    }

    /// Shards of the slowest route of a fleet at a steady inflow.
    fn steady_shards(&self, inflow: f64) -> u32 {
        let routes = self.pipelines.metrics.routes.iter();
        let shards = routes.map(|route| route.sender.steady_shards(inflow));
        shards.max().unwrap_or(0)
    }

    /// Most open connections of the whole fleet.
    pub(super) fn connections_peak(&self) -> f64 {
        let steady = self.all_connections();
        let jobs = f64::from(self.jobs.running_peak) * self.plan.blueprint.sends_to.len() as f64;
        (steady + jobs).max(self.tally.connections_peak as f64)
    }
}
