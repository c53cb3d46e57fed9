//! Remote backends in one draw.

use crate::model::blueprint::signal::Signal;
use crate::model::blueprint::{Answer, Endpoint};
use crate::model::load::draw::Draw;
use crate::model::load::timeline::{Episode, Grid};
use crate::model::pipeline::remote_write::batch_seconds;

/// A remote backend in one draw.
#[derive(Clone, Debug)]
pub(super) struct EndpointState {
    /// Mean seconds of one request.
    latency_seconds: f64,
    /// Share of the requests that fail and are sent again.
    errors: f64,
    /// Share of the samples that it refuses for good.
    pub rejected: f64,
    /// Times at which it does not answer, in order.
    pub stalls: Vec<Episode>,
    /// Seconds after which the far side closes a busy connection.
    pub lifetime_seconds: f64,
    pub is_for_metrics: bool,
    /// Outages open now.
    pub down: u32,
    /// What senders see of the one that is open.
    pub answer: Option<Answer>,
    pub catch_up_ratio: f64,
    pub catch_up_peak: f64,
    /// Bytes per second at the busiest catching up.
    pub catch_up_wire_peak: f64,
    pub outage_seconds: f64,
}

impl EndpointState {
    /// The endpoint with its unknowns drawn.
    pub(super) fn draw(plan: &Endpoint, grid: &Grid, draw: &mut Draw) -> Self {
        let path = format!("endpoint.{}", plan.name);
        let centre = draw.centre(&format!("{path}.latency"), &plan.latency);
        let lifetime = draw.centre(
            &format!("{path}.connection_lifetime"),
            &plan.connection_lifetime,
        );
        let errors = draw.centre(&format!("{path}.errors"), &plan.errors);
        let rejected = draw.centre(&format!("{path}.rejects"), &plan.rejects);
        let stall = |outage: &crate::model::blueprint::Outage| Episode {
            from: grid.instant(outage.at.as_secs_f64()),
            to: grid.instant((outage.at + outage.lasts).as_secs_f64()),
            size: 1.0,
        };
        let stalls: Vec<Episode> = plan.outages.iter().map(stall).collect();
        let recorded = |stall: &Episode| (stall.to - stall.from) as f64 / 1e9;
        Self {
            // Throughput follows from the mean of the latency, not from its median.
            latency_seconds: centre * plan.latency.spread.mean(),
            lifetime_seconds: lifetime,
            is_for_metrics: plan.signal == Signal::Metrics,
            down: 0,
            answer: None,
            catch_up_ratio: 1.0,
            catch_up_peak: 0.0,
            catch_up_wire_peak: 0.0,
            outage_seconds: stalls.iter().map(recorded).sum(),
            errors,
            rejected,
            stalls,
        }
    }

    /// Mean seconds until a batch is through, retries included.
    pub(super) fn request_seconds(&self) -> f64 {
        batch_seconds(self.latency_seconds, self.errors)
    }

    /// Requests that a batch takes on average.
    pub(super) fn requests_per_batch(&self) -> f64 {
        1.0 / (1.0 - self.errors)
    }
}
