//! What an endpoint got of all fleets.

use crate::model::blueprint::EndpointId;
use crate::model::blueprint::signal::Signal;
use crate::model::endpoint::Endpoint;
use crate::model::load::timeline::Grid;
use crate::model::pipeline::ledger::Delivery;
use crate::model::record::catalogue::EndpointMetric;

use super::super::{Fleet, steady_peak};

/// A metric of an endpoint.
pub(in crate::model) fn value_of_endpoint(
    fleets: &[Fleet<'_>],
    (endpoint, backend): (EndpointId, &Endpoint<'_>),
    metric: EndpointMetric,
    grid: &Grid,
) -> f64 {
    let metrics = |value: f64| {
        if backend.signal() == Signal::Metrics {
            value
        } else {
            f64::NAN
        }
    };
    let sends = |fleet: &&Fleet<'_>| fleet.plan.blueprint.sends_to.contains(&endpoint);
    let senders = || -> Vec<_> { fleets.iter().filter(sends).collect() };
    let sum = |of: &dyn Fn(&Fleet<'_>) -> f64| fleets.iter().map(of).sum::<f64>();
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
                let sent =
                    fleet.delivered_to(endpoint, |delivery| delivery.sent + delivery.lost_rejected);
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
