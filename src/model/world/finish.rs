//! The last instant: everything is accounted for, checked and written into the outcome.

use crate::model::blueprint::signal::Signal;
use crate::model::blueprint::{EgressId, EndpointId, PoolId};
use crate::model::fleet::Fleet;
use crate::model::pipeline::ledger::Delivery;
use crate::model::record::catalogue::{Metric, Scope};
use crate::model::record::outcome::{Happened, Layout, Outcome};

use super::World;

impl World<'_> {
    /// Accounts for everything up to the end, proves that no sample is unaccounted for, and writes
    /// the outcome.
    pub(super) fn finish(mut self, events_handled: u64) -> (Outcome, Happened) {
        for fleet in &mut self.fleets {
            fleet.finish(&self.setting.grid, &mut self.setting.observer);
        }
        for gateway in &self.gateways {
            gateway.assert_conserved();
        }
        let layout = Layout::of(self.setting.blueprint);
        let columns = layout.columns.iter();
        let values = columns.map(|&(scope, metric)| self.value(scope, metric));
        let values = values.collect();
        let days = self
            .fleets
            .iter()
            .map(|fleet| fleet.collector_seconds() / 86_400.0);
        let collector_days = days.sum();
        let (first, tracks, happened) = self.setting.observer.into_parts();
        let outcome = Outcome {
            values,
            first,
            tracks,
            unknowns: self.setting.draw.values().to_vec(),
            replicas: Vec::new(),
            events_handled,
            collector_days,
        };
        (outcome, happened)
    }

    fn value(&self, scope: Scope, metric: Metric) -> f64 {
        match scope {
            Scope::Fleet(fleet) => self.fleets[fleet].value(metric, &self.setting.grid),
            Scope::Pool(pool) => self.pool_value(pool, metric),
            Scope::Egress(egress) => self.egress_value(egress, metric),
            Scope::Endpoint(endpoint) => self.endpoint_value(endpoint, metric),
        }
    }

    /// A metric of a pool.
    fn pool_value(&self, pool: PoolId, metric: Metric) -> f64 {
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
            Metric::NodesEnd => {
                f64::from(state.nodes_at(self.setting.grid.cell_at(self.setting.grid.end - 1)))
            }
            Metric::NodeCpuPeakRatio => examined(tally.cpu_peak_ratio),
            Metric::NodeMemoryPeakRatio => {
                if state.is_examined() {
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
    fn egress_value(&self, egress: EgressId, metric: Metric) -> f64 {
        let gateway = &self.gateways[egress];
        match metric {
            Metric::PortsPeak => gateway.ports_peak(),
            Metric::PortsPeakRatio => gateway.ports_peak() / gateway.capacity(),
            Metric::PortsEnd => gateway.in_use(),
            Metric::PortsBlockedPeak => gateway.blocked_peak(),
            Metric::PortsBlockedSeconds => {
                gateway.blocked_nanos(self.setting.grid.end) as f64 / 1e9
            }
            Metric::AddressesNeeded => gateway.addresses_needed(),
            other => unreachable!("{other:?} is not a metric of egress paths"),
        }
    }

    /// A metric of an endpoint.
    fn endpoint_value(&self, endpoint: EndpointId, metric: Metric) -> f64 {
        let backend = &self.endpoints[endpoint];
        let metrics = |value: f64| {
            if backend.signal() == Signal::Metrics {
                value
            } else {
                f64::NAN
            }
        };
        let senders = || {
            self.senders_to(endpoint)
                .into_iter()
                .map(|fleet| &self.fleets[fleet])
        };
        let sum = |of: &dyn Fn(&Fleet<'_>) -> f64| self.fleets.iter().map(of).sum::<f64>();
        let seconds = self.setting.grid.recorded_seconds();
        let sent = |fleet: &Fleet<'_>| fleet.delivered_to(endpoint, |delivery| delivery.sent);
        match metric {
            Metric::IngestPeak => {
                let steady: f64 = senders().map(Fleet::inflow_peak).sum();
                metrics(steady.max(backend.catch_up().peak))
            }
            Metric::IngestMean => metrics(sum(&sent) / seconds),
            Metric::WirePeak => {
                let peak = |fleet: &Fleet<'_>| fleet.inflow_peak() * fleet.wire_per_sample();
                let steady: f64 = senders().map(peak).sum();
                metrics(steady.max(backend.catch_up().wire_peak) * backend.requests_per_batch())
            }
            Metric::WireMean => {
                let bytes = |fleet: &Fleet<'_>| {
                    let sent = fleet
                        .delivered_to(endpoint, |delivery| delivery.sent + delivery.lost_rejected);
                    sent * fleet.wire_per_sample() * backend.requests_per_batch()
                };
                metrics(sum(&bytes) / seconds)
            }
            Metric::EndpointSent => metrics(sum(&sent)),
            Metric::EndpointLost => {
                metrics(sum(&|fleet| fleet.delivered_to(endpoint, Delivery::lost)))
            }
            Metric::CatchUpRatio => metrics(backend.catch_up().ratio),
            Metric::OutageSeconds => backend.outage_seconds(),
            other => unreachable!("{other:?} is not a metric of endpoints"),
        }
    }
}
