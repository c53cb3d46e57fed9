//! Unsent samples: stalls, demands to catch up, drains.

use crate::model::blueprint::FleetId;
use crate::model::endpoint::Endpoint;
use crate::model::load::draw::Purpose;
use crate::model::moment::Moment;
use crate::model::pipeline::remote_write::{
    Drain, Pause, Reach, Recovery, Sender, TICK_SECONDS, drain_cut,
};
use crate::model::pipeline::{Queue, QueueId};
use crate::model::process::collector::Life;
use crate::model::record::observer::Observer;
use crate::model::record::outcome::RecordKind;
use crate::model::wal::{Extra, Written};
use crate::units::{SimDuration, SimTime, Span};

use super::Fleet;

/// Memory of an empty shard, as a share of the memory of a full one.
///
/// INFERRED: the frames of one batch and of one request, without labels, of seven full batches.
const EMPTY_SHARD: f64 = 0.1;

impl Fleet<'_> {
    /// From now on no sample leaves a collector on a route.
    pub(super) fn stall(&mut self, queue: QueueId, now: SimTime) {
        self.settle(queue.collector, now);
        if self.collectors[queue.collector as usize].life == Life::Up {
            self.pipelines.metrics.queue_mut(queue).stall(now);
        }
    }

    /// The demand of a stalled collector that can send again. Loses what a truncation has
    /// overtaken.
    pub(super) fn demand(
        &mut self,
        queue: QueueId,
        endpoint: &Endpoint<'_>,
        moment: &mut Moment<'_>,
    ) -> Option<CatchUpDemand> {
        let (now, index) = (moment.now, queue.collector);
        self.settle(index, now);
        let inflow = self.inflow(index, now);
        self.pipelines.metrics.note_age(index, now);
        self.pipelines.metrics.count_retries(queue, inflow, now);
        let (since, lost_from) = self.pipelines.metrics.queue_mut(queue).resume()?;
        if let Some(first) = lost_from {
            let lost = self.feed(index).written().samples(Span::new(first, now));
            moment.note(self.scope(), Some(index), RecordKind::DataLost, lost);
        }
        let started = self.collectors[index as usize].process.started;
        let backlog = self.pipelines.metrics.backlog_samples(queue);
        // In the warm-up a process may stand for one that began a truncation period earlier.
        let before = self.plan.resident.truncation().every * u64::from(started > now);
        let in_service = (now + before - started).secs_f64();
        let occasion = occasion(since);
        let key = self.plan.key ^ queue.route as u64;
        let attempt_seconds = endpoint.attempt_seconds(since);
        let pause = Pause {
            seconds: (now - since).secs_f64(),
            backlog,
            inflow,
            // The ticks of a sender begin with its process.
            tick_in: TICK_SECONDS - in_service % TICK_SECONDS,
            retry_phase: moment.draw.unit(Purpose::Retry, key, index, occasion),
            attempt_seconds,
        };
        let rate_max = self.send_rate_max(index, now);
        let sender = self.pipelines.metrics.routes[queue.route].sender;
        let reach = Reach::of_cpu(rate_max);
        let recovery = sender.recover(&pause, reach);
        let steady = sender.connections(sender.steady_shards(inflow));
        let most = sender.connections(recovery.shards_peak);
        Some(CatchUpDemand {
            fleet: self.plan.id,
            queue,
            since,
            // The reader has its own segment open, which no truncation takes.
            lag: lost_from.map_or(now - since, |_| SimDuration::ZERO),
            pause,
            reach,
            recovery,
            rate: rate_of(sender, (&pause, reach), recovery),
            extra: most.saturating_sub(steady),
            lacking: 0,
        })
    }

    /// Starts to work off a backlog at the demanded rate.
    ///
    /// Simplified: the backlog falls evenly from now until its end. The inflow of this instant
    /// counts, however it changes until then.
    pub(in crate::model) fn drain(&mut self, demand: &CatchUpDemand, moment: &mut Moment<'_>) {
        let recovery = demand.recovery;
        if demand.pause.backlog <= 0.0 || recovery.seconds.is_infinite() {
            // Who can never catch up goes on as a sender that cannot keep up.
            return;
        }
        let now = moment.now;
        let (route, backlog) = (demand.queue.route, demand.pause.backlog);
        self.pipelines.metrics.count_caught_up(route, backlog);
        let until = now + SimDuration::from_secs_f64(recovery.seconds);
        let feed = self.feed(demand.queue.collector);
        let mut walk = self.pipelines.metrics.walk(&feed, demand.queue);
        let cut = drain_cut(&mut walk, Span::new(now, until), demand.lag);
        *self.pipelines.metrics.queue_mut(demand.queue) = Queue::Draining(Drain {
            from: now,
            until,
            cut,
        });
    }

    /// Notes how long a collector works off its backlog, with which memory. The endpoint takes
    /// `scale` of the demanded rate.
    pub(in crate::model) fn note_drain(
        &mut self,
        demand: &CatchUpDemand,
        scale: f64,
        moment: &mut Moment<'_>,
    ) {
        let tally = &mut self.pipelines.metrics.tally;
        tally.shards_peak = tally.shards_peak.max(demand.recovery.shards_peak);
        if demand.pause.backlog <= 0.0 {
            return;
        }
        let (now, end) = (moment.now, moment.grid.end);
        let metrics = &mut self.pipelines.metrics;
        let until = match metrics.queue(demand.queue) {
            Queue::Draining(drain) => drain.until,
            // The end of its share tells how long it takes.
            Queue::Sharing(share) => return self.heat(demand, (scale, share.until), moment),
            Queue::Steady | Queue::Stalled { .. } => return metrics.note_drain(end - now),
        };
        metrics.note_drain(until.min(end) - now);
        self.heat(demand, (scale, until), moment);
    }

    /// The shards that work off a backlog hold batches in memory until its end. An endpoint that
    /// takes only `scale` of their rate answers later in proportion. So the sender asks for more
    /// shards, which send no more.
    fn heat(
        &mut self,
        demand: &CatchUpDemand,
        (scale, until): (f64, SimTime),
        moment: &mut Moment<'_>,
    ) {
        let mut shards = demand.recovery.shards_peak;
        if scale < 1.0 {
            let mut slow = self.pipelines.metrics.routes[demand.queue.route].sender;
            slow.latency_seconds /= scale;
            shards = slow.recover(&demand.pause, demand.reach).shards_peak;
        }
        self.heat_shards(demand, (shards, until), moment);
    }

    /// The shards that work off a backlog hold batches in memory until its end.
    fn heat_shards(
        &mut self,
        demand: &CatchUpDemand,
        (shards, until): (u32, SimTime),
        moment: &mut Moment<'_>,
    ) {
        let steady = self.pipelines.metrics.routes[demand.queue.route]
            .sender
            .steady_shards(demand.pause.inflow);
        let sender = &self.pipelines.metrics.routes[demand.queue.route].sender;
        let full = sender.samples_held(shards);
        let filled = (demand.pause.backlog / full).clamp(EMPTY_SHARD, 1.0);
        let extra = f64::from(shards.saturating_sub(steady));
        let live = extra * filled * self.plan.memory.live_per_shard;
        self.hold_batches(demand.queue.collector, (live, until), moment);
    }

    /// The shards of a collector hold `live` bytes more until an instant.
    ///
    /// Simplified: what shards of metrics and of logs hold stays until the last of it leaves.
    pub(super) fn hold_batches(
        &mut self,
        index: u32,
        (live, until): (f64, SimTime),
        moment: &mut Moment<'_>,
    ) {
        if live <= 0.0 {
            return;
        }
        let now = moment.now;
        let process = &mut self.collectors[index as usize].process;
        process.shards = Extra {
            live: process.shards.at(now) + live,
            until: process.shards.until.max(until),
        };
        // The planned event holds unless the process does not survive these batches.
        let process = process.to_owned();
        let (weights, limit) = (self.weights_of(index), self.plan.memory.live_max());
        let span = Span::new(now, process.shards.until.min(moment.grid.end));
        let exceeds = |span| {
            self.plan
                .resident
                .first_above(&process, weights, span, limit)
                .is_some()
        };
        if limit.is_finite() && !span.is_empty() && exceeds(span) {
            self.replan_memory(index, moment);
        }
        self.requeue_for(index, moment);
    }

    /// Notes the backlog of a fleet before a process ends with a part of it.
    pub(super) fn note_backlog_before_loss(&mut self, moment: &mut Moment<'_>) {
        let alive = self.alive();
        if self.pipelines.metrics.notes_backlog_at_end(alive) {
            self.settle_all(moment.now);
            self.note_backlog(moment.observer);
        }
    }

    /// Notes the backlog of a fleet, all of whose collectors are settled.
    pub(super) fn note_backlog(&mut self, observer: &mut Observer) {
        let backlog = self.pipelines.metrics.note_backlog();
        observer.backlog(self.plan.id, backlog);
    }

    /// Indices of the collectors of a fleet that exist.
    pub(in crate::model) fn existing(&self) -> Vec<u32> {
        let cohorts = self.cohorts.iter();
        cohorts
            .flat_map(|cohort| cohort.base..cohort.base + cohort.alive)
            .collect()
    }
}

/// The demand of a collector to work off its backlog.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct CatchUpDemand {
    pub fleet: FleetId,
    pub queue: QueueId,
    /// Since when no sample has left the collector.
    since: SimTime,
    /// How far the reader of the WAL is behind, where a truncation can overtake it.
    pub lag: SimDuration,
    pub pause: Pause,
    /// The CPU and the connections that the collector has for it.
    pub reach: Reach,
    pub recovery: Recovery,
    /// Samples per second that the collector would send at its busiest.
    pub rate: f64,
    /// Connections that the collector has, or wants, on top of its steady ones.
    pub extra: u32,
    /// Connections that the collector wants too, and for which there is no port.
    pub lacking: u32,
}

impl CatchUpDemand {
    /// Number of the pause among those of the collector.
    pub(super) fn occasion(&self) -> u32 {
        occasion(self.since)
    }

    /// Works off the backlog within a reach that has changed.
    pub(super) fn reconsider(&mut self, sender: Sender) {
        self.recovery = sender.recover(&self.pause, self.reach);
        self.rate = rate_of(sender, (&self.pause, self.reach), self.recovery);
    }
}

/// Samples per second that a sender sends at its busiest.
fn rate_of(sender: Sender, (pause, reach): (&Pause, Reach), recovery: Recovery) -> f64 {
    let by_shards = sender.rate(recovery.shards_peak);
    let by_connections = sender.rate(1) * reach.connections_later;
    let most = by_shards.min(by_connections).min(reach.rate_max);
    most.min(pause.inflow + pause.backlog)
}

/// Number of a pause that began at `since`: its second.
fn occasion(since: SimTime) -> u32 {
    u32::try_from(since.nanos() / 1_000_000_000).expect("a horizon has few seconds")
}
