//! The routes of a fleet's traces to their endpoints.

use crate::model::blueprint::signal::Signal;
use crate::model::blueprint::{Answer, EndpointId, Fleet, Retry};
use crate::model::endpoint::Endpoint;
use crate::units::{SimDuration, SimTime, Span};

/// The route of a fleet's traces to one endpoint.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::model) struct SpanRoute {
    /// The endpoint; `None` for a fleet without an endpoint of traces, whose spans always leave.
    pub endpoint: Option<EndpointId>,
    /// Seconds for which a consumer has a request in hand.
    pub(super) in_hand: f64,
    /// Share of the requests that are given up outside outages, since each attempt failed.
    pub(super) given_up: f64,
    /// Share of the spans that the endpoint rejects for good.
    pub(super) rejected: f64,
    /// Spans per second that the endpoint takes of the fleet.
    pub(super) capacity: f64,
    /// Outages of the endpoint, each with the time that an attempt takes.
    outages: Vec<(Span, SimDuration)>,
}

impl SpanRoute {
    /// All routes of a fleet's traces, at least one. Each endpoint is shared by so many `senders`.
    ///
    /// Simplified: fleets that send traces to one endpoint get equal parts of its capacity.
    pub(in crate::model) fn all_of(
        fleet: &Fleet,
        endpoints: &[Endpoint<'_>],
        senders: impl Fn(EndpointId) -> usize,
    ) -> Vec<Self> {
        let takes = |id: &&EndpointId| endpoints[id.index()].signal() == Signal::Traces;
        let to = |&id: &EndpointId| {
            let endpoint = &endpoints[id.index()];
            let (retry, errors) = (&fleet.otlp.retry, endpoint.errors);
            let (in_hand, given_up) = of_request(retry, endpoint.latency_seconds, errors);
            Self {
                endpoint: Some(id),
                in_hand,
                given_up,
                rejected: endpoint.rejected,
                capacity: endpoint.capacity() / senders(id).max(1) as f64,
                outages: outages_of(retry, endpoint),
            }
        };
        let mut routes: Vec<Self> = fleet.sends_to.iter().filter(takes).map(to).collect();
        if routes.is_empty() {
            routes.push(Self {
                endpoint: None,
                in_hand: 0.0,
                given_up: 0.0,
                rejected: 0.0,
                capacity: f64::INFINITY,
                outages: Vec::new(),
            });
        }
        routes
    }

    /// The endpoint has had an outage that nobody expected.
    pub(in crate::model) fn follow(&mut self, retry: &Retry, endpoint: &Endpoint<'_>) {
        self.outages = outages_of(retry, endpoint);
    }

    /// The rest of the outage in which `at` lies, with the time that an attempt takes.
    pub(in crate::model) fn outage_at(&self, at: SimTime) -> Option<(Span, SimDuration)> {
        let mut outages = self.outages.iter();
        let &(outage, attempt) = outages.find(|(outage, _)| outage.contains(at))?;
        Some((Span::new(at, outage.to), attempt))
    }
}

/// Mean seconds for which a request is in hand, and the share of the requests that are given up. An
/// attempt takes `latency` seconds, and the share `errors` of them fails. Waits have their mean.
fn of_request(retry: &Retry, latency: f64, errors: f64) -> (f64, f64) {
    let (mut in_hand, mut failing, mut passed) = (latency, errors, latency);
    let mut wait = retry.initial.secs_f64();
    // What fails less often than this changes nothing.
    while failing > 1e-9 {
        if passed + wait > retry.elapsed_max.secs_f64() {
            return (in_hand, failing);
        }
        in_hand += failing * (wait + latency);
        passed += wait + latency;
        failing *= errors;
        wait = (wait * retry.multiplier).min(retry.interval_max.secs_f64());
    }
    (in_hand, 0.0)
}

fn outages_of(retry: &Retry, endpoint: &Endpoint<'_>) -> Vec<(Span, SimDuration)> {
    let outages = endpoint.outages();
    let outages = outages.map(|(span, answer)| (span, attempt_of(retry, answer)));
    outages.collect()
}

/// How long an attempt takes in an outage.
fn attempt_of(retry: &Retry, answer: Answer) -> SimDuration {
    match answer {
        Answer::Errors | Answer::Refused => SimDuration::ZERO,
        Answer::Timeout => retry.attempt_max,
    }
}
