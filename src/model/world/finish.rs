//! The last instant: everything is accounted for, checked and written into the outcome.

use crate::model::blueprint::EndpointId;
use crate::model::blueprint::signal::Signal;
use crate::model::fleet::{Fleet, steady_peak};
use crate::model::pipeline::ledger::Delivery;
use crate::model::record::catalogue::{ByScope, EndpointMetric, Metric, Scope};
use crate::model::record::outcome::{EventRecords, Layout, Outcome};

use super::World;

impl World<'_> {
    /// Accounts for everything up to the end, and writes the outcome. Panics if a sample is
    /// unaccounted for.
    pub(super) fn finish(mut self, events_handled: u64) -> (Outcome, EventRecords) {
        self.finish_relays(self.setting.grid.end);
        for fleet in &mut self.fleets {
            let setting = &mut self.setting;
            fleet.finish(&setting.grid, (&setting.draw, &mut setting.observer));
        }
        for gateway in &self.gateways {
            gateway.assert_conserved();
        }
        let layout = Layout::of(self.setting.blueprint);
        let value = |&(scope, metric): &(Scope, Metric)| self.value(scope, metric);
        let values: Vec<f64> = layout.columns.iter().map(value).collect();
        let of_fleet = |fleet: &Fleet<'_>| fleet.unserved(&layout, &values);
        let unserved = self.fleets.iter().flat_map(of_fleet).collect();
        let days = self
            .fleets
            .iter()
            .map(|fleet| fleet.collector_seconds() / 86_400.0);
        let collector_days = days.sum();
        let (first, tracks, records) = self.setting.observer.into_parts();
        let outcome = Outcome {
            values,
            unserved,
            first,
            tracks,
            unknowns: self.setting.draw.values().to_vec(),
            replicas: Vec::new(),
            events_handled,
            collector_days,
        };
        (outcome, records)
    }

    fn value(&self, scope: Scope, metric: Metric) -> f64 {
        let grid = &self.setting.grid;
        match (scope, metric.by_scope()) {
            (Scope::Fleet(id), ByScope::Fleet(metric)) => self.fleets[id].value(metric, grid),
            (Scope::Pool(id), ByScope::Pool(metric)) => self.pools[id].value(metric, grid),
            (Scope::Egress(id), ByScope::Egress(metric)) => self.gateways[id].value(metric, grid),
            (Scope::Endpoint(id), ByScope::Endpoint(metric)) => self.endpoint_value(id, metric),
            (scope, _) => unreachable!("{metric:?} is no metric of {scope:?}"),
        }
    }

    /// A metric of an endpoint.
    fn endpoint_value(&self, endpoint: EndpointId, metric: EndpointMetric) -> f64 {
        let (backend, grid) = (&self.endpoints[endpoint], &self.setting.grid);
        let metrics = |value: f64| {
            if backend.signal() == Signal::Metrics {
                value
            } else {
                f64::NAN
            }
        };
        let senders = || -> Vec<_> {
            let senders = self.senders_to(endpoint).into_iter();
            senders.map(|fleet| &self.fleets[fleet]).collect()
        };
        let sum = |of: &dyn Fn(&Fleet<'_>) -> f64| self.fleets.iter().map(of).sum::<f64>();
        let seconds = grid.horizon_seconds();
        let sent = |fleet: &Fleet<'_>| fleet.delivered_to(endpoint, |delivery| delivery.sent);
        match metric {
            EndpointMetric::IngestPeak => {
                let steady = steady_peak(&senders()).samples;
                metrics(steady.max(backend.catch_up().peak))
            }
            EndpointMetric::IngestMean => metrics(sum(&sent) / seconds),
            EndpointMetric::WirePeak => {
                let steady = steady_peak(&senders()).bytes;
                metrics(steady.max(backend.catch_up().wire_peak) * backend.requests_per_batch())
            }
            EndpointMetric::WireMean => {
                let bytes = |fleet: &Fleet<'_>| {
                    let sent = fleet
                        .delivered_to(endpoint, |delivery| delivery.sent + delivery.lost_rejected);
                    sent * fleet.wire_per_sample() * backend.requests_per_batch()
                };
                metrics(sum(&bytes) / seconds)
            }
            EndpointMetric::EndpointSent => metrics(sum(&sent)),
            EndpointMetric::EndpointLost => {
                metrics(sum(&|fleet| fleet.delivered_to(endpoint, Delivery::lost)))
            }
            EndpointMetric::Requests => {
                let per_batch = backend.requests_per_batch();
                metrics(sum(&|fleet| fleet.requests_to(endpoint, per_batch)))
            }
            EndpointMetric::CatchUpRatio => metrics(backend.catch_up().ratio),
            EndpointMetric::OutageSeconds => backend.outage_seconds(grid),
        }
    }
}
