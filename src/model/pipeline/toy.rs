//! A toy signal that shows what a new kind of pipeline takes. A new kind takes this file, and the
//! lines that the compiler asks for in [`Kind`](super::Kind) and [`Pipelines`](super::Pipelines).

use super::{Feed, Kind, Total};
use crate::units::Span;

/// Units of the toy signal: offered, taken in or missed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::model) struct Toy {
    offered: u128,
    taken: u128,
    missed: u128,
}

impl Toy {
    pub(super) fn offer(&mut self, total: &Total<'_>, span: Span) {
        for stream in own(total.streams) {
            let each = total.resident.driver.work(stream, span);
            self.offered += each * u128::from(total.carried[stream]);
        }
    }

    pub(super) fn miss(&mut self, feed: &Feed<'_>, span: Span) {
        for stream in own(feed.streams) {
            self.missed += feed.work(stream, span);
        }
    }

    pub(super) fn serve(&mut self, feed: &Feed<'_>, span: Span, short: &[u128]) {
        for stream in own(feed.streams) {
            let offered = feed.work(stream, span);
            let missed = short.get(stream).copied().unwrap_or(0).min(offered);
            self.missed += missed;
            self.taken += offered - missed;
        }
    }

    pub(super) fn assert_conserved(&self, fleet: &str) {
        let fate = self.taken + self.missed;
        assert_eq!(self.offered, fate, "toys of {fleet} are not conserved");
    }
}

/// The streams of the toy signal.
fn own(streams: &[super::Stream]) -> impl Iterator<Item = usize> {
    let numbered = streams.iter().enumerate();
    numbered.filter_map(|(stream, plan)| (plan.kind == Kind::Toy).then_some(stream))
}

#[cfg(test)]
mod tests {
    use super::super::{Logs, Metrics, Pipelines, Stream};
    use super::*;
    use crate::model::blueprint::LogSource;
    use crate::model::blueprint::example;
    use crate::model::load::driver::{Driver, StreamDriver, weight};
    use crate::model::wal::{Coefficient, Process, Resident, Truncation};
    use crate::units::{SimDuration, SimTime};

    #[test]
    fn a_third_kind_goes_through_the_life_of_a_collector() {
        let at = SimTime::from_nanos;
        let span = |from, to| Span::new(at(from), at(to));
        let (starts, end) = ([at(0), at(1_000)], at(2_000));
        let toys = StreamDriver::new(&starts, end, vec![3.0, 5.0], &[0.0, 0.0]);
        let driver = Driver {
            starts: starts.to_vec(),
            end,
            streams: vec![toys],
            common_live: vec![0.0; 2],
        };
        let truncation = Truncation {
            every: SimDuration::ZERO,
            keep_min: SimDuration::ZERO,
            keep_max: SimDuration::ZERO,
            in_queues: 0.0,
            full: f64::INFINITY,
            skips: true,
            queue_periods: 2,
        };
        let coefficients = vec![Coefficient::default()];
        let resident = Resident::new(driver, coefficients, (truncation, Vec::new()), 1);
        let streams = [Stream::of(Kind::Toy)];
        let whole = weight(1.0);
        let total = Total {
            streams: &streams,
            resident: &resident,
            carried: &[whole.into()],
            unowned: &[0],
            arrivals: &[],
        };
        let feed = Feed {
            index: 0,
            streams: &streams,
            resident: &resident,
            process: &Process::default(),
            weights: &[whole],
            rate_max: 0.0,
            arrivals: &[],
        };
        let metrics = Metrics::new(&streams, (Vec::new(), Vec::new()), 1);
        let logs = Logs::new(
            &streams,
            (LogSource::Files, example::loki_write()),
            Vec::new(),
            1,
        );
        let mut pipelines = Pipelines::new(metrics, logs);
        pipelines.offer(&total, span(0, 2_000), &mut 0.0);
        pipelines.miss(&feed, span(0, 400));
        pipelines.serve(&feed, span(400, 2_000), (&[1_000], &[]));
        pipelines.assert_conserved("fleet");
        let Toy { taken, missed, .. } = pipelines.toy;
        assert!(taken > 0 && missed > 1_000);
        pipelines.begin_horizon();
        assert_eq!(pipelines.toy, Toy::default());
    }
}
