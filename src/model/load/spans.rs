//! Spans that a workload emits.

use super::draw::Draw;
use crate::model::blueprint::Workload;

/// Spans that one target emits, in one draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spans {
    /// Spans per second.
    pub per_second: f64,
    /// Bytes per span.
    pub bytes: f64,
    /// Spans in one request.
    pub per_request: f64,
    /// Spans of one trace.
    pub per_trace: f64,
    /// Of these, spans that one collector gets, if it gets any.
    pub per_part: f64,
    /// How the spans of a trace come.
    pub trace: TraceShape,
}

/// How the spans of a trace come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TraceShape {
    /// Requests.
    pub requests: f64,
    /// Seconds from the first request to the last.
    pub seconds: f64,
    /// Services of the workload.
    pub services: u32,
}

impl Spans {
    /// Nothing.
    pub const NONE: Self = Self {
        per_second: 0.0,
        bytes: 1.0,
        per_request: 1.0,
        per_trace: 1.0,
        per_part: 1.0,
        trace: TraceShape {
            requests: 1.0,
            seconds: 0.0,
            services: 1,
        },
    };

    /// The spans of `workload`, with their unknowns drawn.
    pub fn draw(workload: &Workload, draw: &mut Draw) -> Self {
        let path = format!("workload.{}", workload.name);
        let spans = &workload.spans;
        let per_second = draw.centre(&format!("{path}.spans_per_pod"), &spans.per_second);
        if per_second <= 0.0 {
            return Self::NONE;
        }
        Self {
            per_second,
            bytes: draw.centre(&format!("{path}.bytes_per_span"), &spans.bytes),
            per_request: spans.per_request,
            per_trace: spans.per_trace,
            per_part: spans.per_trace,
            trace: TraceShape {
                requests: spans.requests_per_trace,
                seconds: spans.trace_duration.secs_f64(),
                services: spans.services,
            },
        }
    }
}
