//! Metrics: scraped samples in the WAL of each collector, with a queue to every endpoint.
//!
//! Work (series × nanoseconds, fixed point) is split exactly. Offered work is scraped or missed. On
//! each route, scraped work is sent, lost or still in a backlog.

mod backlog;
mod flush;
mod logs;
mod overload;
mod requests;

use crate::model::blueprint::Destinations;
use crate::model::blueprint::signal::MetricSource;
use crate::model::load::driver::samples_of;
use crate::model::load::timeline::Timeline;
use crate::model::load::work::portion;
use crate::model::process::memory::Memory;
use crate::model::wal::{Coefficient, Log};
use crate::units::{SimDuration, SimTime, Span};

use super::ledger::{Delivery, Intake, Ledger};
use super::queue::{Flow, Queue, QueueId};
use super::route::{Route, logs_of};
use super::{Feed, Kind, Stream, Total};

pub(in crate::model) use backlog::Loss;
pub(in crate::model) use requests::Requests;

/// The metrics of a fleet.
#[derive(Clone, Debug)]
pub(in crate::model) struct Metrics {
    /// The streams of the fleet that are metrics.
    own: Vec<usize>,
    /// The routes to the endpoints, at least one.
    pub routes: Vec<Route>,
    /// The rules of the WALs behind the routes: one per route, or one for all.
    logs: Vec<Log>,
    /// Queues, collector by collector and route by route.
    queues: Vec<Queue>,
    /// Unsent work of each queue in each stream of `own`, in this order.
    backlog: Vec<u128>,
    /// Work per stream that the collector being settled took in. Kept to reuse its allocation.
    taken: Vec<u128>,
    ledger: Ledger,
    /// Processes that ended since the backlog of the fleet was last noted.
    ends_unnoted: u32,
    /// Samples lost with the backlogs of processes that ended.
    lost_with_processes: f64,
    /// The first loss of data of the fleet.
    first_loss: Option<Loss>,
    /// Changes so far of what collectors ask of their endpoints.
    pub changes: u64,
    /// When the last flush of a stop ends.
    pub flushes_until: SimTime,
    pub tally: Delivered,
}

/// Extremes of the backlogs of a fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::model) struct Delivered {
    /// Most unsent samples of the fleet.
    pub backlog_peak: f64,
    /// Greatest age of an unsent sample.
    pub backlog_peak_age: SimDuration,
    pub drain_peak: SimDuration,
    pub stop_peak: SimDuration,
    pub shards_peak: u32,
}

/// Series of a stream with `targets` targets at `at`, giants and incidents included.
pub(super) fn series(stream: &Stream, timeline: &Timeline, targets: f64, at: SimTime) -> f64 {
    let series = targets * stream.series_per_target;
    let giants = if stream.ordinary > 0.0 {
        series * (1.0 - stream.ordinary) / stream.ordinary.max(f64::MIN_POSITIVE)
    } else {
        timeline.giant_total(1.0, 0.0)
    };
    (series + giants) * timeline.incident_factor(at)
}

/// Live bytes per series: those of a resident series, and those of an active one on top. No scrape
/// caches a series that is pushed.
pub(super) fn coefficient(stream: &Stream, memory: &Memory) -> Coefficient {
    let series = memory.per_series;
    let active = match stream.source {
        MetricSource::Scrape => {
            let target = memory.live_per_target * stream.targets_per_series;
            (series.active + series.dropped * stream.dropped) * (1.0 - stream.unseen) + target
        }
        MetricSource::Push => series.active - series.cached,
    };
    Coefficient {
        resident: (series.wal + series.queue) * (1.0 - stream.unseen),
        active,
    }
}

impl Metrics {
    /// The metrics among the streams of a fleet of `collectors`, on their routes with their WALs.
    pub(in crate::model) fn new(
        streams: &[Stream],
        (routes, logs): (Vec<Route>, Vec<Log>),
        collectors: usize,
    ) -> Self {
        let is_own = |stream: &usize| streams[*stream].kind == Kind::Metrics;
        let own: Vec<usize> = (0..streams.len()).filter(is_own).collect();
        let intervals = own.iter().map(|&stream| streams[stream].interval).collect();
        let queues = collectors * routes.len();
        Self {
            queues: vec![Queue::Steady; queues],
            backlog: vec![0; queues * own.len()],
            taken: vec![0; own.len()],
            ledger: Ledger::new(intervals, routes.len()),
            ends_unnoted: 0,
            lost_with_processes: 0.0,
            first_loss: None,
            changes: 0,
            flushes_until: SimTime::ZERO,
            tally: Delivered::default(),
            routes,
            logs,
            own,
        }
    }

    /// The outages of the endpoints are others than were known.
    pub(in crate::model) fn follow_outages(&mut self, destinations: Destinations) {
        if let Some(log) = self.logs.first() {
            self.logs = logs_of(&self.routes, log.truncation, destinations);
        }
    }

    /// Whether any queue of a route waits, or works off what has waited.
    pub(in crate::model) fn is_waiting(&self, route: usize) -> bool {
        let queues = self.queues.iter().skip(route).step_by(self.routes.len());
        queues.clone().any(|queue| *queue != Queue::Steady)
    }

    /// A queue.
    pub(in crate::model) fn queue(&self, id: QueueId) -> Queue {
        self.queues[self.place(id)]
    }

    /// A queue, mutable.
    pub(in crate::model) fn queue_mut(&mut self, id: QueueId) -> &mut Queue {
        let place = self.place(id);
        &mut self.queues[place]
    }

    fn place(&self, QueueId { collector, route }: QueueId) -> usize {
        collector as usize * self.routes.len() + route
    }

    /// A process begins or ends, so its queues are steady.
    pub(super) fn reset(&mut self, collector: u32) {
        let first = self.place(QueueId {
            collector,
            route: 0,
        });
        self.changes += 1;
        let routes = self.routes.len();
        self.queues[first..][..routes].fill(Queue::Steady);
    }

    /// Counts what all workloads of the fleet expose over a span.
    pub(super) fn offer(&mut self, total: &Total<'_>, span: Span) {
        for (&stream, intake) in self.own.iter().zip(&mut self.ledger.intakes) {
            let [_, offered, unowned] = total.work(stream, span);
            intake.offered += offered;
            intake.missed_down += unowned;
        }
    }

    /// Counts as missed what a collector was offered over a span.
    pub(super) fn miss(&mut self, feed: &Feed<'_>, span: Span) {
        for (&stream, intake) in self.own.iter().zip(&mut self.ledger.intakes) {
            let work = feed.work(stream, span);
            intake.missed_down += work;
            if feed.is_relayed() {
                intake.offered += work;
            }
        }
    }

    /// Counts what a collector scrapes over a span, and what becomes of it on every route.
    pub(super) fn serve(&mut self, feed: &Feed<'_>, span: Span, short: &[u128]) {
        self.take_in(feed, span, short);
        for route in 0..self.routes.len() {
            self.deliver(feed, route, span);
        }
    }

    /// Splits what a collector was offered into missed and scraped.
    fn take_in(&mut self, feed: &Feed<'_>, span: Span, short: &[u128]) {
        let slots = self.own.iter().zip(&mut self.ledger.intakes);
        for ((&stream, intake), taken) in slots.zip(&mut self.taken) {
            let offered = feed.work(stream, span);
            if feed.is_relayed() {
                intake.offered += offered;
            }
            let unseen = feed.streams[stream].unseen;
            let unseen = if unseen > 0.0 {
                portion(offered, unseen)
            } else {
                0
            };
            let seen = offered - unseen;
            let missed = short.get(stream).copied().unwrap_or(0).min(seen);
            intake.missed_pull += unseen;
            intake.missed_cpu += missed;
            intake.scraped += seen - missed;
            *taken = seen - missed;
        }
    }

    /// Splits what a collector scraped into sent, lost and backlog, on one route.
    fn deliver(&mut self, feed: &Feed<'_>, route: usize, span: Span) {
        let queue = QueueId {
            collector: feed.index,
            route,
        };
        let flow = self.queue_mut(queue).advance(span.to);
        if let Flow::Cut { cut, .. } = flow {
            self.note_loss(cut.at, feed.index);
        }
        if flow == Flow::Pass && self.may_fall_behind(feed, queue, span) {
            return self.keep_up(feed, queue, span);
        }
        let first = self.place(queue) * self.own.len();
        for slot in 0..self.own.len() {
            let (taken, held) = (self.taken[slot], self.backlog[first + slot]);
            let (kept, lost) = match flow {
                Flow::Hold => {
                    self.backlog[first + slot] += taken;
                    continue;
                }
                Flow::Pass => (held, 0),
                Flow::Drain(rest) => (rest.of_backlog(held), 0),
                Flow::Cut { rest, cut } => (0, portion(rest.of_backlog(held), cut.share())),
            };
            self.backlog[first + slot] = kept;
            self.accept(route, slot, taken + held - kept - lost);
            self.delivery(route, slot).lost_truncation += lost;
        }
        if flow == Flow::Hold {
            self.lose_overtaken(feed, queue, span);
        }
    }

    /// Work of a stream reaches an endpoint, which may reject some of it for good.
    fn accept(&mut self, route: usize, slot: usize, work: u128) {
        let rejected = self.routes[route].rejected;
        let refused = if rejected > 0.0 {
            portion(work, rejected)
        } else {
            0
        };
        let delivery = self.delivery(route, slot);
        delivery.lost_rejected += refused;
        delivery.sent += work - refused;
    }

    fn delivery(&mut self, route: usize, slot: usize) -> &mut Delivery {
        &mut self.ledger.deliveries[route * self.own.len() + slot]
    }

    /// Work of some streams that counts as offered.
    pub(in crate::model) fn offered(&self, is_it: impl Fn(usize) -> bool) -> u128 {
        let own = self.own.iter().zip(&self.ledger.intakes);
        own.filter(|(stream, _)| is_it(**stream))
            .map(|(_, intake)| intake.offered)
            .sum()
    }

    /// Work of some streams that an endpoint has accepted.
    pub(in crate::model) fn sent_of(&self, route: usize, is_it: impl Fn(usize) -> bool) -> u128 {
        let deliveries = &self.ledger.deliveries[route * self.own.len()..];
        let own = self.own.iter().zip(deliveries);
        own.filter(|(stream, _)| is_it(**stream))
            .map(|(_, delivery)| delivery.sent)
            .sum()
    }

    /// Samples of one fate up to their scrape.
    pub(in crate::model) fn taken(&self, fate: impl Fn(&Intake) -> u128) -> f64 {
        self.ledger.taken(fate)
    }

    /// Samples of one fate on one route.
    pub(in crate::model) fn delivered(
        &self,
        route: usize,
        fate: impl Fn(&Delivery) -> u128,
    ) -> f64 {
        self.ledger.delivered(route, fate)
    }

    /// Scraped samples of each stream of metrics.
    pub(in crate::model) fn scraped(&self) -> impl Iterator<Item = (usize, f64)> {
        let intakes = self.ledger.intakes.iter().zip(&self.ledger.intervals);
        let own = self.own.iter().zip(intakes);
        own.map(|(&stream, (intake, &interval))| {
            (stream, samples_of(intake.scraped, interval) as f64)
        })
    }

    /// Panics if a sample is unaccounted for.
    pub(super) fn assert_conserved(&self, fleet: &str) {
        self.ledger.assert_balanced(fleet, &self.pending());
    }
}
