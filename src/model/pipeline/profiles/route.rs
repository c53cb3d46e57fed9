//! The routes of a fleet's profiles to their endpoints, which all get a profile at one time.

use crate::model::blueprint::signal::Signal;
use crate::model::blueprint::{EndpointId, Fleet};
use crate::model::endpoint::Endpoint;
use crate::model::pipeline::backoff::Outages;
use crate::units::{SimDuration, SimTime};

/// The route of a fleet's profiles to one endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::model) struct ProfileRoute {
    /// The endpoint; `None` for a fleet without an endpoint of profiles, whose profiles always leave.
    pub endpoint: Option<EndpointId>,
    /// Whether the endpoint is down.
    pub is_down: bool,
    /// Mean seconds until a profile is accepted or given up, outside outages.
    pub(super) seconds: f64,
    /// Share of the profiles that are given up outside outages.
    pub(super) given_up: f64,
    /// Share of the profiles that the endpoint rejects for good.
    pub(super) rejected: f64,
    pub(super) outages: Outages,
}

impl ProfileRoute {
    /// All routes of a fleet's profiles, at least one.
    pub(in crate::model) fn all_of(fleet: &Fleet, endpoints: &[Endpoint<'_>]) -> Vec<Self> {
        let takes = |id: &&EndpointId| endpoints[id.index()].signal() == Signal::Profiles;
        let to = |&id: &EndpointId| {
            let endpoint = &endpoints[id.index()];
            let pyroscope = &fleet.pyroscope;
            let (latency, errors) = (endpoint.latency_seconds, endpoint.errors);
            let (seconds, given_up) = pyroscope.retries.until_done(latency, errors);
            Self {
                endpoint: Some(id),
                is_down: false,
                seconds,
                given_up,
                rejected: endpoint.rejected,
                outages: Outages::of(endpoint, pyroscope.attempt_max.secs_f64()),
            }
        };
        let mut routes: Vec<Self> = fleet.sends_to.iter().filter(takes).map(to).collect();
        if routes.is_empty() {
            routes.push(Self::default());
        }
        routes
    }

    /// For how long from `now` on the endpoint stays down.
    pub(in crate::model) fn down_for(&self, now: SimTime) -> SimDuration {
        self.outages.left(now)
    }
}
