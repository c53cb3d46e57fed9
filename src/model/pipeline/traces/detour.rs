//! Spans on their way through routers: those that wait for a backend that is away, and those that
//! are sent to one that is gone.

use crate::model::blueprint::Balancer;
use crate::model::load::driver::weight_value;
use crate::units::{SimDuration, SimTime, Span};

use super::{Feed, Traces, work_of};

/// Most requests that wait in a router for one backend.
///
/// Source: Grafana Alloy documentation, `otelcol.exporter.loadbalancing`, block `queue`,
/// `queue_size` (read 2026-11).
const QUEUE_REQUESTS: f64 = 1_000.0;

/// What routers hold of the spans of each collector.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Detours {
    /// Work that waits for the collector to come back.
    waiting: Vec<u128>,
    /// Work that will still be sent to the pod that it had before.
    astray: Vec<u128>,
}

impl Detours {
    /// Nothing waits for any of so many collectors.
    pub(super) fn new(collectors: usize) -> Self {
        Self {
            waiting: vec![0; collectors],
            astray: vec![0; collectors],
        }
    }

    /// Work that waits for all collectors.
    pub(super) fn waiting(&self) -> u128 {
        self.waiting.iter().sum()
    }
}

impl Traces {
    /// A collector is away for a span. Its spans wait in the queues of its routers, or at its clients.
    /// What finds these full is lost.
    ///
    /// Simplified: requests in hand are not given up while they wait.
    pub(super) fn hold(&mut self, feed: &Feed<'_>, span: Span) {
        let driver = &feed.resident.driver;
        for segment in driver.segments_in(span) {
            let from = driver.starts[segment].max(span.from);
            let part = Span::new(from, driver.end_of(segment).min(span.to));
            let own = self.own.iter().map(|&stream| feed.work(stream, part));
            let work: u128 = own.sum();
            if feed.is_relayed() {
                self.intake.offered += work;
            }
            let rates = self.rates(feed, segment);
            let most = self.held_back(feed, (segment, &rates));
            let has_routers = self.is_behind_routers();
            let waiting = &mut self.detours.waiting[feed.index as usize];
            let kept = work_of(most).saturating_sub(*waiting).min(work);
            *waiting += kept;
            let lost = work - kept;
            if !has_routers {
                self.intake.missed_down += lost;
                continue;
            }
            self.intake.lost_rerouting += lost;
            if lost > 0 {
                let share = kept as f64 / work as f64;
                let after = SimDuration::from_secs_f64(share * part.length().secs_f64());
                self.note_loss((part.from + after).min(part.to));
            }
        }
    }

    /// Spans of a collector that its routers have room for.
    ///
    /// Simplified: routers gather requests as the fleet itself does.
    pub(super) fn room_in_routers(&self, feed: &Feed<'_>, segment: usize) -> f64 {
        let Some((plan, routers)) = self.plan.as_ref().zip(self.routers()) else {
            return 0.0;
        };
        let routers = f64::from(routers);
        let mine = self.rates(feed, segment).spans;
        let whole = self.rates_at(feed, |stream, _| {
            let level = feed.resident.driver.streams[stream].level[segment];
            level / weight_value(feed.weights[stream]).max(f64::MIN_POSITIVE)
        });
        let share = mine / whole.spans.max(f64::MIN_POSITIVE);
        let of_router = whole.spans / routers;
        let request = plan.per_routed_request(of_router, &whole) * share;
        routers * QUEUE_REQUESTS * request.max(1.0)
    }

    /// Routers before each cluster; `None` for a fleet that is reached another way.
    fn routers(&self) -> Option<u32> {
        match self.plan.as_ref()?.otlp.balancer {
            Balancer::Exporter(plan) => Some(plan.routers),
            Balancer::Plain | Balancer::RoundRobin => None,
        }
    }

    /// Whether routers hold the spans of a collector that is away.
    fn is_behind_routers(&self) -> bool {
        self.routers().is_some()
    }

    /// Whether spans wait in routers for a collector.
    pub(in crate::model) fn is_awaited(&self, collector: u32) -> bool {
        let waiting = self.detours.waiting.get(collector as usize);
        waiting.is_some_and(|&waiting| waiting > 0)
    }

    /// Routers see at `now` that the pod for which spans wait is gone. Each of its requests is tried
    /// once more, in vain.
    ///
    /// Source: open-telemetry/opentelemetry-collector-contrib, `exporter/loadbalancingexporter`,
    /// `loadbalancer.go`, `removeExtraExporters` (read 2026-11).
    pub(in crate::model) fn lose_waiting(&mut self, collector: u32, now: SimTime) {
        let lost = std::mem::take(&mut self.detours.waiting[collector as usize]);
        self.intake.lost_rerouting += lost;
        if lost > 0 {
            self.note_loss(now);
        }
    }

    /// A collector is gone for good, and clients give up what they held back for it.
    pub(in crate::model) fn give_up_waiting(&mut self, collector: u32) {
        if let Some(waiting) = self.detours.waiting.get_mut(collector as usize) {
            let lost = std::mem::take(waiting);
            if self.is_behind_routers() {
                self.intake.lost_rerouting += lost;
            } else {
                self.intake.missed_down += lost;
            }
        }
        for route in 0..self.routes.len() {
            let place = self.place(collector, route);
            let lost = std::mem::take(&mut self.queues[place].at_clients);
            self.deliveries[route].refused_receiver += lost;
        }
    }

    /// What a collector gets in a span will be sent to the pod that it had before.
    pub(in crate::model) fn lead_astray(&mut self, feed: &Feed<'_>, span: Span) {
        let own = self.own.iter().map(|&stream| feed.work(stream, span));
        self.detours.astray[feed.index as usize] = own.sum();
    }

    /// What reaches a collector of `work` on its way, with all that waited for it.
    pub(super) fn reach(&mut self, (collector, at): (u32, SimTime), work: u128) -> u128 {
        if !self.holds_back() {
            return work;
        }
        let astray = &mut self.detours.astray[collector as usize];
        let lost = work.min(*astray);
        *astray -= lost;
        self.intake.lost_rerouting += lost;
        if lost > 0 {
            self.note_loss(at);
        }
        work - lost + std::mem::take(&mut self.detours.waiting[collector as usize])
    }
}
