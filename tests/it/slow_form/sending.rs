//! Truncations, outages and how backlogs are worked off.

use alloy_sim::model::load::draw::Purpose;
use alloy_sim::model::pipeline::remote_write::{Pause, Reach, Sender};
use alloy_sim::units::SimTime;

use super::collector::{Moves, Sending};
use super::event_loop::Slow;
use super::plan::Segment;
use super::tally::{add, first};

impl Slow<'_> {
    /// The truncation removes what is old and sent to all; a sender far behind loses its place.
    pub(super) fn truncate(&mut self, index: usize) {
        let (now, every) = (self.now, self.plan.every());
        let (keep_min, keep_max) = (self.plan.keep_min(), self.plan.keep_max());
        let collector = &mut self.collectors[index];
        collector.truncates_at = now + every;
        let kept = match self.held_since {
            None => Some(now.saturating_sub(keep_min)),
            Some(since) if since > now - every => Some(since - keep_min),
            Some(since) if now - since > keep_max => Some(now - keep_max),
            Some(_) => None,
        };
        collector.truncate(kept);
        if self.held_since.is_some() {
            collector.note_moves(Moves::Held, now);
        }
        for endpoint in 0..self.plan.endpoints() {
            self.truncate_queue(index, endpoint, kept.is_some());
        }
    }

    /// What a truncation does to the sender of one endpoint; whether it `removes` anything.
    fn truncate_queue(&mut self, index: usize, endpoint: usize, removes: bool) {
        let (now, every) = (self.now, self.plan.every());
        let collector = &mut self.collectors[index];
        // Since when the process has had an endpoint that does not answer.
        let started = collector.started;
        let away = self.away_since.iter().flatten();
        let held = away.map(|&since| since.max(started)).min();
        let intervals = self.plan.intervals;
        let inflow = collector.inflow(&self.plan.segments[self.segment], intervals);
        let queue = &mut collector.queues[endpoint];
        match &mut queue.sending {
            Sending::Stalled { since, doomed } => {
                let held = held.unwrap();
                let removes = held > now - every || now - held > self.plan.keep_max();
                *doomed |= removes && now - *since > every / 3;
            }
            Sending::Draining {
                from,
                until,
                behind,
            } => {
                let left = u128::from(*behind) * u128::from(*until - now)
                    / u128::from((*until - *from).max(1));
                if removes && left > u128::from(every / 3) {
                    queue.sending = Sending::Steady;
                    self.lose_backlog(index, endpoint);
                }
            }
            Sending::Steady => {
                let age = queue.unsent(intervals) / inflow * 1e9;
                if removes && age > (every / 3) as f64 {
                    let lost = std::mem::take(&mut queue.backlog);
                    add(&mut self.tally.deliveries[endpoint].lost_overload, lost);
                    first(&mut self.tally.first_loss, self.now);
                }
            }
        }
    }

    fn lose_backlog(&mut self, index: usize, endpoint: usize) {
        let lost = std::mem::take(&mut self.collectors[index].queues[endpoint].backlog);
        add(&mut self.tally.deliveries[endpoint].lost_truncation, lost);
        first(&mut self.tally.first_loss, self.now);
    }

    /// A process sends what it can in a step of which it has taken in all.
    pub(super) fn send(&mut self, index: usize, segment: &Segment, (from, to): (u64, u64)) {
        let intervals = self.plan.intervals;
        let inflow = self.collectors[index].inflow(segment, intervals);
        let tally = &mut self.tally;
        for (endpoint, queue) in self.collectors[index].queues.iter_mut().enumerate() {
            let age = match queue.sending {
                Sending::Draining { .. } => continue,
                Sending::Stalled { since, .. } => to - since,
                Sending::Steady => {
                    let capacity = self.plan.capacity(endpoint);
                    let delivery = &mut tally.deliveries[endpoint];
                    let left = queue.send((from, to), capacity, intervals, delivery);
                    tally.lagged |= left > 0.0;
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "an age"
                    )]
                    let age = (left / inflow * 1e9) as u64;
                    age
                }
            };
            tally.backlog_age_peak = tally.backlog_age_peak.max(age);
        }
    }

    pub(super) fn outage_started(&mut self, endpoint: usize) {
        self.away_since[endpoint] = Some(self.now);
        self.held_since = self.held_since.or(Some(self.now));
        let up = self.collectors.iter_mut();
        for collector in up.filter(|collector| collector.is_up()) {
            collector.queues[endpoint].sending = Sending::Stalled {
                since: self.now,
                doomed: false,
            };
        }
    }

    pub(super) fn outage_ended(&mut self, endpoint: usize) {
        self.away_since[endpoint] = None;
        if self.away_since.iter().all(Option::is_none) {
            self.held_since = None;
        }
        let segment = self.here();
        let (mut rate, mut inflow) = (0.0, 0.0);
        for index in 0..self.collectors.len() {
            let sending = self.collectors[index].queues[endpoint].sending;
            let Sending::Stalled { since, doomed, .. } = sending else {
                continue;
            };
            if doomed {
                self.lose_backlog(index, endpoint);
            }
            let (full, own) = self.drain((index, endpoint), &segment, since);
            rate += full;
            inflow += own;
        }
        if inflow > 0.0 {
            let ratio = &mut self.tally.catch_up_ratio[endpoint];
            *ratio = ratio.max(rate / inflow);
        }
    }

    /// Starts to work off a backlog; returns the rate of sending and of scraping.
    fn drain(
        &mut self,
        (index, endpoint): (usize, usize),
        segment: &Segment,
        since: u64,
    ) -> (f64, f64) {
        let (now, end) = (self.now, self.plan.grid.end.nanos());
        let intervals = self.plan.intervals;
        let collector = &mut self.collectors[index];
        let inflow = collector.inflow(segment, intervals);
        let backlog = collector.queues[endpoint].unsent(intervals);
        // How a sender catches up is held to a simulation of its batches elsewhere.
        let past = |from: u64| (now - from) as f64 / 1e9;
        let second = u32::try_from(since / 1_000_000_000).unwrap();
        let retry_phase = self.plan.draw.unit(
            Purpose::Retry,
            self.plan.key ^ endpoint as u64,
            u32::try_from(index).unwrap(),
            second,
        );
        let pause = Pause {
            seconds: past(since),
            backlog,
            inflow,
            tick_in: 10.0 - past(collector.started) % 10.0,
            retry_phase,
            attempt_seconds: 0.0,
        };
        let sender = Sender {
            settings: self.plan.blueprint.fleets[0].remote_write,
            latency_seconds: self.plan.latency(endpoint),
        };
        let recovery = sender.recover(&pause, Reach::of_cpu(f64::INFINITY));
        let shards = recovery.shards_peak;
        let full = f64::from(shards) * self.plan.shard_rate(endpoint);
        self.tally.shards_peak = self.tally.shards_peak.max(shards);
        // One that has nothing to catch up with or cannot do so goes on as it is.
        let sending = &mut collector.queues[endpoint].sending;
        *sending = Sending::Steady;
        if backlog <= 0.0 {
            return (full.min(inflow), inflow);
        }
        let mut takes = end - now;
        if recovery.seconds.is_finite() {
            let until = now + SimTime::from_secs_f64(recovery.seconds).nanos();
            takes = until.min(end) - now;
            if until > now {
                *sending = Sending::Draining {
                    from: now,
                    until,
                    behind: now - since,
                };
            }
        }
        self.tally.drain_peak = self.tally.drain_peak.max(takes);
        (full.min(inflow + backlog), inflow)
    }

    /// A process that is asked to stop sends on for as long as it may; returns how long it does.
    pub(super) fn flush(&mut self, index: usize) -> u64 {
        let endpoints = 0..self.plan.endpoints();
        let longest = endpoints.map(|endpoint| self.flush_queue(index, endpoint));
        longest.max().unwrap_or(0)
    }

    fn flush_queue(&mut self, index: usize, endpoint: usize) -> u64 {
        let segment = self.here();
        let collector = &self.collectors[index];
        let queue = &collector.queues[endpoint];
        let unsent = queue.unsent(self.plan.intervals);
        if unsent <= 0.0 {
            return 0;
        }
        let grace = self.plan.blueprint.fleets[0].lifecycle.grace;
        let longest = grace.secs_f64().min(60.0);
        let capacity = self.plan.capacity(endpoint);
        let inflow = collector
            .inflow(&segment, self.plan.intervals)
            .min(capacity);
        let rate = match queue.sending {
            Sending::Stalled { .. } => 0.0,
            Sending::Steady => capacity,
            Sending::Draining { until, .. } => inflow + unsent / ((until - self.now) as f64 / 1e9),
        };
        // Seven batches per shard at work, and nothing more of the WAL.
        let shards = f64::from(self.shards_for(endpoint, rate));
        let batch = f64::from(self.plan.blueprint.fleets[0].remote_write.samples_per_send);
        let in_hand = unsent.min(7.0 * shards * batch);
        let seconds = (in_hand / rate).min(longest);
        let share = ((rate * seconds).min(in_hand) / unsent).min(1.0);
        self.tally.stop_peak = self.tally.stop_peak.max(seconds);
        let sent = &mut self.tally.deliveries[endpoint].sent;
        let backlog = &mut self.collectors[index].queues[endpoint].backlog;
        for (slot, sent) in backlog.iter_mut().zip(sent) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a share of it"
            )]
            let part = if share >= 1.0 {
                *slot
            } else {
                (*slot as f64 * share) as u128
            };
            *slot -= part;
            self.tally.flushed += part;
            *sent += part;
        }
        SimTime::from_secs_f64(seconds).nanos()
    }

    /// Shards that a rate needs on the way to one endpoint.
    fn shards_for(&self, endpoint: usize, inflow: f64) -> u32 {
        let settings = self.plan.blueprint.fleets[0].remote_write;
        let rate = self.plan.shard_rate(endpoint);
        let mut shards = settings.shards_min;
        while shards < settings.shards_max && f64::from(shards) * rate < inflow {
            shards += 1;
        }
        shards
    }

    /// Shards that a rate needs on the way to the slowest endpoint.
    fn steady_shards(&self, inflow: f64) -> u32 {
        let endpoints = 0..self.plan.endpoints();
        let shards = endpoints.map(|endpoint| self.shards_for(endpoint, inflow));
        shards.max().unwrap()
    }

    /// Most shards of any one collector at any time.
    pub(super) fn shards_peak(&self) -> u32 {
        let steady = self.steady_shards(self.tally.inflow_of_one_peak);
        self.tally.shards_peak.max(steady)
    }

    /// As many if all series of the collector with most of them were scraped at the shortest interval.
    pub(super) fn shards_peak_at_most(&self) -> u32 {
        let shortest = self.plan.shortest_interval();
        let busiest = self.tally.series_of_one_peak / (shortest as f64 / 1e9);
        self.shards_peak().max(self.steady_shards(busiest))
    }
}
