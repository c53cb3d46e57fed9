//! Senders without a clock of their own that try again: how long they wait, what they give up, and when
//! they find their endpoint back. `loki.write` and `pyroscope.write` share it.

mod outages;

use crate::engine::RandomStream;
use crate::model::blueprint::Backoff;

pub(super) use outages::Outages;

/// Seconds until an attempt fails that gets no answer.
///
/// Source: Grafana Alloy documentation, `loki.write`, `remote_timeout` (read 2026-11).
pub(super) const TIMEOUT_SECONDS: f64 = 10.0;

/// How one sender came through an outage, in seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Course {
    /// When it gave something up, since the start of the outage.
    pub given_up: Vec<f64>,
    /// When it first tried to send what it has in hand at the end of the outage.
    pub since: f64,
    /// From the end of the outage to the next attempt.
    pub resumes_in: f64,
}

impl Backoff {
    /// The wait after the attempt number `attempt`, from 0. `phase` is uniform from 0 to 1.
    ///
    /// Source: grafana/dskit, `backoff/backoff.go`, `NextDelay`: uniform from a bound to its double,
    /// and the bounds double up to the longest.
    pub(super) fn wait(&self, attempt: u32, phase: f64) -> f64 {
        let bound = |doubled: u32| {
            let doubled = i32::try_from(doubled).unwrap_or(i32::MAX);
            (self.first_seconds * 2.0_f64.powi(doubled)).min(self.longest_seconds)
        };
        let (least, most) = (bound(attempt), bound(attempt.saturating_add(1)));
        least + phase * (most - least)
    }

    /// The course of a sender through an outage. An attempt fails after `attempt_seconds`. After the
    /// last attempt the sender gives up what it has in hand, and takes the next. There is something to
    /// send every `every` seconds.
    ///
    /// Source: grafana/alloy, `internal/component/common/loki/client/shards.go`, `sendBatch`, and
    /// `internal/component/pyroscope/write/write.go`, v1.18.1: the wait after the last attempt is not
    /// slept.
    pub(super) fn course(
        &self,
        (outage, attempt_seconds): (f64, f64),
        every: f64,
        luck: &mut RandomStream,
    ) -> Course {
        let mut course = Course::default();
        let mut at: f64 = 0.0;
        loop {
            course.since = at;
            let next = at + every;
            for attempt in 0..self.attempts {
                if at >= outage {
                    course.resumes_in = at - outage;
                    return course;
                }
                at += attempt_seconds;
                if attempt + 1 < self.attempts {
                    at += self.wait(attempt, luck.unit());
                }
            }
            course.given_up.push(at);
            at = at.max(next);
        }
    }

    /// Mean seconds until something is accepted or given up, and the share that is given up. A request
    /// takes `latency` seconds, and fails with the probability `errors`.
    pub(super) fn until_done(&self, latency: f64, errors: f64) -> (f64, f64) {
        let (mut seconds, mut reached) = (0.0, 1.0);
        for attempt in 0..self.attempts {
            seconds += reached * latency;
            reached *= errors;
            if attempt + 1 < self.attempts {
                seconds += reached * self.wait(attempt, 0.5);
            }
        }
        (seconds, reached)
    }

    /// Most seconds for which a sender sleeps between two attempts.
    pub fn longest_sleep(&self) -> f64 {
        self.wait(self.attempts.saturating_sub(2), 1.0)
    }
}
