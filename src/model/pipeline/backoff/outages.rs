//! The outages of an endpoint, as a sender meets them.

use crate::model::blueprint::Answer;
use crate::model::endpoint::Endpoint;
use crate::units::{SimDuration, SimTime, Span};

/// An outage of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Outage {
    pub span: Span,
    /// Seconds until an attempt fails.
    pub attempt_seconds: f64,
}

/// All outages of an endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::model) struct Outages(Vec<Outage>);

impl Outages {
    /// The outages of an endpoint for a sender with this time-out.
    pub(in crate::model::pipeline) fn of(endpoint: &Endpoint<'_>, timeout_seconds: f64) -> Self {
        let outages = endpoint.outages().map(|(span, answer)| Outage {
            span,
            attempt_seconds: match answer {
                Answer::Errors | Answer::Refused => 0.0,
                Answer::Timeout => timeout_seconds,
            },
        });
        Self(outages.collect())
    }

    /// The parts of the outages within a span.
    pub(in crate::model::pipeline) fn within(
        &self,
        span: Span,
    ) -> impl Iterator<Item = Outage> + '_ {
        let within = move |outage: &Outage| Outage {
            span: Span::new(outage.span.from.max(span.from), outage.span.to.min(span.to)),
            ..*outage
        };
        let parts = self.0.iter().map(within);
        parts.filter(|part| part.span.from < part.span.to)
    }

    /// For how long from `now` on the endpoint stays down.
    pub(in crate::model::pipeline) fn left(&self, now: SimTime) -> SimDuration {
        let mut outages = self.0.iter();
        let present = outages.find(|outage| outage.span.from <= now && now < outage.span.to);
        present.map_or(SimDuration::ZERO, |outage| outage.span.to - now)
    }
}
