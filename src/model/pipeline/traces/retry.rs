//! When a request that fails is sent again, and when it is given up.

use crate::model::blueprint::Retry;
use crate::units::{SimDuration, SimTime, Span};

/// Most requests in hand whose waits are drawn one by one. With so many an answer comes at once.
const CONSUMERS_DRAWN: u32 = 32;

/// What the requests in hand do while an endpoint is away.
///
/// The clock of a request starts at its first attempt. So only the requests in hand age, and those
/// that wait in the queue do not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::model) struct Stall {
    /// Instants at which the requests in hand are given up, and the next ones are taken.
    pub(super) given_up: Vec<SimTime>,
    /// The first attempt that the endpoint answers.
    pub(super) noticed: SimTime,
    /// When the queue came to a stop.
    pub(super) since: SimTime,
}

impl Stall {
    /// The same as it stands at `now`: what was given up before is past.
    #[must_use]
    pub(super) fn from(mut self, now: SimTime) -> Self {
        self.given_up.retain(|&at| at > now);
        self
    }

    /// The stall of a queue with so many `consumers` whose endpoint is away in `outage`, where one
    /// attempt takes `attempt`. `units` are random numbers from 0 to 1.
    ///
    /// Simplified: all requests in hand are given up together. The first answer to one of them frees
    /// all consumers.
    pub(in crate::model) fn of(
        (retry, consumers): (&Retry, u32),
        outage: Span,
        attempt: SimDuration,
        units: &mut impl FnMut() -> f64,
    ) -> Self {
        let mut given_up = Vec::new();
        let mut taken = outage.from;
        loop {
            let rest = Span::new(taken, outage.to);
            let (at, is_given_up) = settle(retry, rest, attempt, units);
            if !is_given_up {
                let others = 1..consumers.min(CONSUMERS_DRAWN);
                let others = others.map(|_| settle(retry, rest, attempt, units));
                let answered = others.filter_map(|(at, given_up)| (!given_up).then_some(at));
                return Self {
                    since: outage.from,
                    given_up,
                    noticed: answered.fold(at, SimTime::min),
                };
            }
            given_up.push(at);
            // A request that takes no time would be given up without end.
            taken = at.max(taken.just_after());
        }
    }
}

/// When the requests that are taken at the start of a span meet an answer, which comes after the
/// span, or are given up before. Returns the instant, and whether they are given up.
fn settle(
    retry: &Retry,
    Span { from, to }: Span,
    attempt: SimDuration,
    units: &mut impl FnMut() -> f64,
) -> (SimTime, bool) {
    let (mut at, mut interval) = (from, retry.initial.secs_f64());
    loop {
        if at >= to {
            return (at, false);
        }
        at += attempt;
        let wait = interval * (1.0 + retry.jitter * (2.0 * units() - 1.0));
        let wait = SimDuration::from_secs_f64(wait).max(SimDuration::NANO);
        if at.since(from) + wait > retry.elapsed_max {
            return (at, true);
        }
        at += wait;
        interval = (interval * retry.multiplier).min(retry.interval_max.secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::RandomStreams;
    use crate::units::SimDuration;

    pub(in crate::model::pipeline::traces) const RETRY: Retry = Retry {
        initial: SimDuration::from_secs(5),
        multiplier: 1.5,
        jitter: 0.5,
        interval_max: SimDuration::from_secs(30),
        elapsed_max: SimDuration::from_secs(300),
        attempt_max: SimDuration::from_secs(5),
    };

    fn stalls(seconds: u64, attempt: SimDuration, consumers: u32) -> Vec<Stall> {
        let outage = Span::new(
            SimTime::ZERO,
            SimTime::ZERO + SimDuration::from_secs(seconds),
        );
        let stall = |number: u32| {
            let mut stream = RandomStreams::new(7, 0).stream(1, 2, number);
            Stall::of((&RETRY, consumers), outage, attempt, &mut || stream.unit())
        };
        (0..2_000).map(stall).collect()
    }

    fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
        values.clone().sum::<f64>() / values.count() as f64
    }

    #[test]
    fn a_request_is_given_up_after_265_to_300_seconds() {
        let stalls = stalls(400, SimDuration::ZERO, 10);
        let first = stalls.iter().map(|stall| stall.given_up[0]);
        let seconds = first.map(|at| at.since(SimTime::ZERO).secs_f64());
        assert!(seconds.clone().all(|at| (255.0..=300.0).contains(&at)));
        let mean = mean(seconds);
        assert!((mean - 284.0).abs() < 2.0, "{mean}");
    }

    #[test]
    fn twelve_minutes_give_up_the_requests_in_hand_twice() {
        let stalls = stalls(720, SimDuration::ZERO, 10);
        let twice = stalls.iter().filter(|stall| stall.given_up.len() == 2);
        assert!(twice.count() == stalls.len());
    }

    #[test]
    fn one_request_is_answered_after_half_a_wait_and_the_first_of_ten_sooner() {
        let end = SimTime::ZERO + SimDuration::from_secs(150);
        let noticed = |consumers| {
            let stalls = stalls(150, SimDuration::ZERO, consumers);
            let seconds = stalls
                .iter()
                .map(|stall| stall.noticed.since(end).secs_f64());
            mean(seconds)
        };
        let (one, ten) = (noticed(1), noticed(10));
        assert!((one - 16.0).abs() < 1.5, "{one}");
        assert!((1.0..4.0).contains(&ten), "{ten}");
    }

    #[test]
    fn attempts_that_time_out_are_fewer() {
        let with = stalls(3_000, SimDuration::from_secs(5), 10);
        let without = stalls(3_000, SimDuration::ZERO, 10);
        let ends = |stalls: &[Stall]| mean(stalls.iter().map(|stall| stall.given_up.len() as f64));
        assert!((ends(&with) - ends(&without)).abs() < 1.0);
    }
}
