//! An endpoint in one draw: when it answers, and how many samples it takes.

mod deal;

use crate::model::blueprint::id::index_by;
use crate::model::blueprint::signal::Signal;
use crate::model::blueprint::{self, Answer, EndpointId, FleetId, LogLimits, Outage};
use crate::model::load::draw::Draw;
use crate::model::load::timeline::{Episode, Grid};
use crate::model::record::window::PEAK_WINDOW;
use crate::units::{SimTime, Span};

pub(in crate::model) use deal::{Claim, Deal, Levels};

/// An endpoint in one draw.
#[derive(Clone, Debug)]
pub(in crate::model) struct Endpoint<'a> {
    blueprint: &'a blueprint::Endpoint,
    /// Mean seconds of one request.
    pub latency_seconds: f64,
    /// Share of the requests that fail and are retried.
    pub errors: f64,
    /// Share of the samples that the endpoint rejects for good.
    pub rejected: f64,
    /// Outages of the endpoint, in order of time.
    pub stalls: Vec<Episode>,
    /// Seconds after which the endpoint closes a busy connection.
    pub lifetime_seconds: f64,
    /// Outages in progress.
    open: u32,
    /// What senders get during the present outage.
    answer: Option<Answer>,
    catch_up: CatchUp,
    dealing: Dealing,
}

/// When an endpoint deals its capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Dealing {
    /// The next deal; never for none.
    next: SimTime,
    /// When all backlogs end by the last deal.
    calm_from: SimTime,
    /// Changes of its senders at the last look.
    changes: u64,
}

/// Peak load of an endpoint while senders worked off their backlogs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct CatchUp {
    /// As a multiple of the steady inflow.
    pub ratio: f64,
    /// In samples per second.
    pub peak: f64,
    /// In bytes per second.
    pub wire_peak: f64,
    /// When the present window began.
    since: SimTime,
    /// What senders send who began in the present window.
    sum: Rates,
}

/// What senders send, as means over the window of a peak.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::model) struct Rates {
    /// Samples per second that they scrape.
    pub inflow: f64,
    /// Samples per second that they send.
    pub samples: f64,
    /// Bytes per second on the wire.
    pub bytes: f64,
}

/// What an endpoint takes of senders that offer `total` samples per second together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Admission {
    capacity: Option<f64>,
    total: f64,
}

index_by!(EndpointId: Endpoint<'a>, 'a);

impl Admission {
    /// The share of its offered rate that the endpoint takes of each sender.
    pub(in crate::model) fn scale(self) -> f64 {
        self.capacity
            .map_or(1.0, |capacity| (capacity / self.total.max(1e-9)).min(1.0))
    }
}

impl<'a> Endpoint<'a> {
    /// The endpoint with its unknowns drawn.
    pub(in crate::model) fn draw(
        blueprint: &'a blueprint::Endpoint,
        grid: &Grid,
        draw: &mut Draw,
    ) -> Self {
        let path = format!("endpoint.{}", blueprint.name);
        let mut centre = |key: &str, quantity| draw.centre(&format!("{path}.{key}"), quantity);
        let latency = centre("latency", &blueprint.latency);
        let lifetime_seconds = centre("connection_lifetime", &blueprint.connection_lifetime);
        let errors = centre("errors", &blueprint.errors);
        let rejected = centre("rejects", &blueprint.rejects);
        let stall = |outage: &Outage| Episode {
            from: grid.instant(outage.at.secs_f64()),
            to: grid.instant((outage.at + outage.lasts).secs_f64()),
            size: 1.0,
        };
        Self {
            blueprint,
            // Throughput follows from the mean of the latency, not from its median.
            latency_seconds: latency * blueprint.latency.spread.mean(),
            errors,
            rejected,
            stalls: blueprint.outages.iter().map(stall).collect(),
            lifetime_seconds,
            open: 0,
            answer: None,
            catch_up: CatchUp {
                ratio: 1.0,
                peak: 0.0,
                wire_peak: 0.0,
                since: SimTime::ZERO,
                sum: Rates::default(),
            },
            dealing: Dealing {
                next: SimTime::NEVER,
                calm_from: SimTime::ZERO,
                changes: 0,
            },
        }
    }

    /// The signal that the endpoint takes.
    pub(in crate::model) fn signal(&self) -> Signal {
        self.blueprint.signal
    }

    /// What the endpoint takes of log lines.
    pub(in crate::model) fn log_limits(&self) -> LogLimits {
        self.blueprint.logs
    }

    /// The outages, in order of time, each with what a sender gets.
    pub(in crate::model) fn outages(&self) -> impl Iterator<Item = (Span, Answer)> + '_ {
        let answers = (0..self.stalls.len()).map(|place| self.answer_of(place));
        self.stalls.iter().map(span_of).zip(answers)
    }

    /// The fleet behind the endpoint, if one stands there.
    pub(in crate::model) fn backend(&self) -> Option<FleetId> {
        self.blueprint.backend
    }

    /// No collector of the fleet behind the endpoint is in service from now on.
    pub(in crate::model) fn lose_backend(&mut self, now: SimTime) {
        self.stalls.push(Episode {
            from: now,
            to: now,
            size: 1.0,
        });
    }

    /// The present outage lasts until `to`.
    pub(in crate::model) fn stay_away_until(&mut self, to: SimTime) {
        if let Some(last) = self.stalls.last_mut() {
            last.to = to;
        }
    }

    /// When the present outage began, and when it ends as far as anybody knows.
    pub(in crate::model) fn last_outage(&self) -> Option<Span> {
        self.stalls.last().map(span_of)
    }

    /// What a sender gets in an outage. A service without a ready replica refuses connections.
    fn answer_of(&self, place: usize) -> Answer {
        let stated = self.blueprint.outages.get(place);
        stated.map_or(Answer::Refused, |outage| outage.answer)
    }

    /// Total length of the outages in seconds. Of those of a fleet behind the endpoint, what lies in
    /// the measured horizon counts.
    pub(in crate::model) fn outage_seconds(&self, grid: &Grid) -> f64 {
        let counted = |stall: &Episode| match self.backend() {
            None => span_of(stall),
            Some(_) => Span::new(stall.from.max(grid.warm_up), stall.to.min(grid.end)),
        };
        let seconds = |stall: &Episode| counted(stall).length().secs_f64();
        self.stalls.iter().map(seconds).sum()
    }

    /// Requests that a batch takes on average.
    pub(in crate::model) fn requests_per_batch(&self) -> f64 {
        1.0 / (1.0 - self.errors)
    }

    /// Peak load while senders worked off their backlogs.
    pub(in crate::model) fn catch_up(&self) -> CatchUp {
        self.catch_up
    }

    /// Records what senders send that begin at `now` to work off their backlogs. Senders that begin
    /// within one window count together, up to the capacity of the endpoint.
    pub(in crate::model) fn note_catch_up(&mut self, now: SimTime, rates: Rates) {
        let seen = &mut self.catch_up;
        if now.since(seen.since) >= PEAK_WINDOW {
            (seen.since, seen.sum) = (now, Rates::default());
        }
        seen.sum.inflow += rates.inflow;
        seen.sum.samples += rates.samples;
        seen.sum.bytes += rates.bytes;
        let Rates {
            inflow,
            samples,
            bytes,
        } = seen.sum;
        let scale = self.admit(samples).scale();
        let seen = &mut self.catch_up;
        seen.wire_peak = seen.wire_peak.max(scale * bytes);
        seen.peak = seen.peak.max(scale * samples);
        if inflow > 0.0 {
            seen.ratio = seen.ratio.max(scale * samples / inflow);
        }
    }

    /// What the endpoint takes of `total` samples per second.
    pub(in crate::model) fn admit(&self, total: f64) -> Admission {
        Admission {
            capacity: self.blueprint.capacity_samples_per_second,
            total,
        }
    }

    /// Whether the endpoint has a stated capacity.
    pub(in crate::model) fn is_limited(&self) -> bool {
        self.blueprint.capacity_samples_per_second.is_some()
    }

    /// A deal of the capacity; `None` without a limit, or during an outage.
    pub(in crate::model) fn deal(&self) -> Option<Deal> {
        let capacity = self.blueprint.capacity_samples_per_second;
        capacity.filter(|_| self.open == 0).map(Deal::of)
    }

    /// When the capacity is dealt next; never without a plan to.
    pub(in crate::model) fn next_deal(&self) -> SimTime {
        self.dealing.next
    }

    /// The capacity was dealt. All backlogs end at `calm_from`, and the next deal is at `next`.
    pub(in crate::model) fn expect_deal(&mut self, next: SimTime, calm_from: SimTime) {
        (self.dealing.next, self.dealing.calm_from) = (next, calm_from);
    }

    /// Senders have backlogs that no deal knows.
    pub(in crate::model) fn expect_backlogs(&mut self) {
        self.dealing.calm_from = SimTime::NEVER;
    }

    /// Whether no sender has a backlog any more, by the last deal.
    pub(in crate::model) fn is_calm(&self, now: SimTime) -> bool {
        self.dealing.calm_from <= now
    }

    /// The capacity is dealt again at `next`.
    pub(in crate::model) fn expect_deal_at(&mut self, next: SimTime) {
        self.dealing.next = next;
    }

    /// Whether senders have changed what they ask for, at least `least` times since that was so.
    pub(in crate::model) fn learns(&mut self, changes: u64, least: u64) -> bool {
        let news = changes - self.dealing.changes >= least.max(1);
        if news {
            self.dealing.changes = changes;
        }
        news
    }

    /// Whether senders of at most this inflow share the capacity or may come to do so.
    pub(in crate::model) fn is_dealing(&self, inflow: f64, now: SimTime) -> bool {
        let deal = self.deal();
        deal.is_some_and(|deal| !self.is_calm(now) || deal.is_exceeded(inflow))
    }

    /// Whether senders stop and go on together. Those of traces look at outages by themselves.
    fn stops_senders(&self) -> bool {
        self.signal() != Signal::Traces
    }

    /// An outage begins. Returns whether senders stop from now on.
    pub(in crate::model) fn go_down(&mut self, now: SimTime) -> bool {
        self.open += 1;
        let answered = self.open == 1 && self.stops_senders();
        if answered {
            self.answer = self.answer_at(now);
        }
        answered
    }

    /// An outage ends. Returns whether senders that were stopped may go on.
    pub(in crate::model) fn come_back(&mut self) -> bool {
        self.open -= 1;
        if self.open == 0 {
            self.answer = None;
        }
        self.open == 0 && self.stops_senders()
    }

    /// What the endpoint takes per second; infinite without a limit.
    pub(in crate::model) fn capacity(&self) -> f64 {
        self.blueprint
            .capacity_samples_per_second
            .unwrap_or(f64::INFINITY)
    }

    /// What senders get during the present outage; `None` outside one.
    pub(in crate::model) fn answer(&self) -> Option<Answer> {
        self.answer
    }

    /// Whether any outage of the endpoint refuses connections.
    pub(in crate::model) fn ever_refuses(&self) -> bool {
        let mut outages = self.blueprint.outages.iter();
        self.backend().is_some() || outages.any(|outage| outage.answer == Answer::Refused)
    }

    /// Seconds that one attempt to send takes in the outage at `at`; zero outside one.
    pub(in crate::model) fn attempt_seconds(&self, at: SimTime) -> f64 {
        self.answer_at(at).map_or(0.0, Answer::attempt_seconds)
    }

    fn answer_at(&self, at: SimTime) -> Option<Answer> {
        let mut stalls = self.stalls.iter();
        let place = stalls.position(|stall| span_of(stall).contains(at))?;
        Some(self.answer_of(place))
    }
}

/// The time of an episode as a span.
fn span_of(episode: &Episode) -> Span {
    Span::new(episode.from, episode.to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::law::Quantity;
    use crate::units::SimDuration;

    fn hour(hours: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_hours(hours)
    }

    fn blueprint(capacity: Option<f64>) -> blueprint::Endpoint {
        let outage = |at, answer| Outage {
            at: SimDuration::from_hours(at),
            lasts: SimDuration::from_hours(2),
            answer,
        };
        blueprint::Endpoint {
            name: "backend".to_owned(),
            signal: Signal::Metrics,
            via: None,
            latency: Quantity::fixed(0.1),
            backend: None,
            capacity_samples_per_second: capacity,
            logs: LogLimits::default(),
            errors: Quantity::fixed(0.2),
            rejects: Quantity::fixed(0.0),
            outages: vec![outage(1, Answer::Timeout), outage(5, Answer::Refused)],
            connection_lifetime: Quantity::fixed(60.0),
        }
    }

    fn drawn(blueprint: &blueprint::Endpoint) -> Endpoint<'_> {
        Endpoint::draw(blueprint, &grid(), &mut Draw::new(1, 0, 0))
    }

    fn grid() -> Grid {
        Grid {
            warm_up: SimTime::ZERO,
            end: hour(24),
            cell: SimDuration::from_hours(1),
        }
    }

    #[test]
    fn it_is_away_from_the_first_outage_to_the_end_of_the_last() {
        let blueprint = blueprint(None);
        let mut endpoint = drawn(&blueprint);
        assert!(endpoint.go_down(hour(1)));
        assert_eq!(endpoint.answer(), Some(Answer::Timeout));
        assert!(
            !endpoint.go_down(hour(1).just_after()),
            "it was away already"
        );
        assert!(!endpoint.come_back());
        assert!(endpoint.come_back());
        assert_eq!(endpoint.answer(), None);
        assert!(endpoint.ever_refuses());
        assert!((endpoint.outage_seconds(&grid()) - 14_400.0).abs() < 1e-9);
        assert!((endpoint.attempt_seconds(hour(2)) - 30.0).abs() < 1e-9);
        assert!(endpoint.attempt_seconds(hour(4)).abs() < 1e-9);
    }

    #[test]
    fn it_takes_its_capacity_and_no_more() {
        let blueprint = blueprint(Some(900.0));
        let endpoint = drawn(&blueprint);
        assert!((endpoint.admit(600.0).scale() - 1.0).abs() < 1e-12);
        let admission = endpoint.admit(1_800.0);
        assert!((admission.scale() - 0.5).abs() < 1e-12);
    }

    #[test]
    fn without_a_stated_capacity_it_takes_everything() {
        let blueprint = blueprint(None);
        let admission = drawn(&blueprint).admit(1e12);
        assert!((admission.scale() - 1.0).abs() < 1e-12);
    }
}
