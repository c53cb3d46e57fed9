//! What every metric of a pool, an egress or an endpoint is at the end.

use crate::model::pipeline::ledger::Delivery;
use crate::model::record::catalogue::Metric;

use super::World;

impl World<'_> {
    /// A metric of a pool.
    pub(super) fn pool_value(&self, pool: usize, metric: Metric) -> f64 {
        let state = &self.pools[pool];
        let tally = &state.tally;
        let examined = |value: f64| {
            if tally.node_cells > 0.0 {
                value
            } else {
                f64::NAN
            }
        };
        match metric {
            Metric::NodesEnd => f64::from(self.nodes_now(pool, self.grid.end - 1)),
            Metric::NodeCpuPeakRatio => examined(tally.cpu_peak_ratio),
            Metric::NodeMemoryPeakRatio => {
                if self.is_examined(pool) {
                    tally.memory_peak_ratio
                } else {
                    f64::NAN
                }
            }
            Metric::SlowdownMean => examined(tally.slowdown_sum / tally.node_cells),
            Metric::SlowdownPeak => examined(tally.slowdown_peak),
            Metric::SlowedShare => examined(tally.slowed / tally.node_cells),
            Metric::OverloadedShare => examined(tally.overloaded / tally.node_cells),
            Metric::CpuDisplaced => examined(tally.displaced),
            Metric::NodeOomCount => tally.node_ooms as f64,
            Metric::AppKillCount => tally.app_kills as f64,
            Metric::NodeFailureCount => tally.failures as f64,
            other => unreachable!("{other:?} is not a metric of pools"),
        }
    }

    /// A metric of an egress.
    pub(super) fn egress_value(&self, egress: usize, metric: Metric) -> f64 {
        let state = &self.egresses[egress];
        let plan = &self.blueprint.egresses[egress];
        let capacity = state.sets.first().map_or(f64::NAN, |set| set.capacity);
        match metric {
            Metric::PortsPeak => state.ports_peak,
            Metric::PortsPeakRatio => state.ports_peak / capacity,
            Metric::PortsEnd => state.sets.iter().map(|set| set.in_use).fold(0.0, f64::max),
            Metric::PortsBlockedPeak => state.blocked_peak,
            Metric::PortsBlockedSeconds => state.blocked_until(self.grid.end) as f64 / 1e9,
            Metric::AddressesNeeded => (state.ports_peak
                / f64::from(plan.limits.ports_per_address))
            .ceil()
            .max(1.0),
            other => unreachable!("{other:?} is not a metric of egress paths"),
        }
    }

    /// A metric of an endpoint.
    pub(super) fn endpoint_value(&self, endpoint: usize, metric: Metric) -> f64 {
        let state = &self.endpoints[endpoint];
        let senders = self.senders_to(endpoint);
        let metrics = |value: f64| {
            if state.is_for_metrics {
                value
            } else {
                f64::NAN
            }
        };
        match metric {
            Metric::IngestPeak => {
                let steady: f64 = senders.iter().map(|&fleet| self.inflow_peak(fleet)).sum();
                metrics(steady.max(state.catch_up_peak))
            }
            Metric::IngestMean => {
                metrics(self.ingested(endpoint, |delivery| delivery.sent) / self.recorded_seconds())
            }
            Metric::WirePeak => {
                let peak = |&fleet: &usize| self.inflow_peak(fleet) * self.fleets[fleet].bytes.sent;
                let steady: f64 = senders.iter().map(peak).sum();
                metrics(steady.max(state.catch_up_wire_peak) * state.requests_per_batch())
            }
            Metric::WireMean => {
                let bytes = |&(fleet, route): &(usize, usize)| {
                    let sent = self.delivered_on((fleet, route), |delivery| {
                        delivery.sent + delivery.lost_rejected
                    });
                    sent * self.fleets[fleet].bytes.sent * state.requests_per_batch()
                };
                let bytes: f64 = self.routes_to(endpoint).iter().map(bytes).sum();
                metrics(bytes / self.recorded_seconds())
            }
            Metric::EndpointSent => metrics(self.ingested(endpoint, |delivery| delivery.sent)),
            Metric::EndpointLost => metrics(self.ingested(endpoint, Delivery::lost)),
            Metric::CatchUpRatio => metrics(state.catch_up_ratio),
            Metric::OutageSeconds => state.outage_seconds,
            other => unreachable!("{other:?} is not a metric of endpoints"),
        }
    }

    /// Samples per second of a fleet at its busiest, its jobs included.
    fn inflow_peak(&self, fleet: usize) -> f64 {
        let jobs = &self.jobs[fleet];
        let interval = jobs.interval.max(1) as f64 / 1e9;
        let of_jobs = f64::from(jobs.running_peak) * jobs.series_per_job() / interval;
        self.fleets[fleet].tally.ingest_peak + of_jobs
    }

    /// Samples of one fate on the way to an endpoint, of all fleets.
    fn ingested(&self, endpoint: usize, fate: impl Fn(&Delivery) -> u128 + Copy) -> f64 {
        let routes = self.routes_to(endpoint).into_iter();
        routes.map(|route| self.delivered_on(route, fate)).sum()
    }
}
