//! Truncations, outages and how backlogs are worked off.

use alloy_sim::model::load::draw::Purpose;
use alloy_sim::model::pipeline::remote_write::{Pause, Reach, Sender};
use alloy_sim::units::SimTime;

use super::collector::{Moves, Sending, share};
use super::event_loop::Slow;
use super::plan::Segment;
use super::tally::{add, first};

impl Slow<'_> {
    /// A truncation removes what is old and sent to all. It closes a segment and takes two thirds of the
    /// closed ones. It is skipped while what may go is what might go before.
    pub(super) fn truncate(&mut self, index: usize) {
        let now = self.now;
        let collector = &mut self.collectors[index];
        collector.truncates_at = now + self.plan.every();
        let oldest = i128::from(now) - i128::from(self.plan.keep_max());
        let away = self.away_since.iter().flatten().min();
        // A process that began in an outage has sent nothing.
        let sent = away.map_or(Some(now), |&since| {
            (since > collector.started).then_some(since)
        });
        let sent = sent.map(|sent| i128::from(sent) - i128::from(self.plan.keep_min()));
        let mark = sent.map_or(oldest, |sent| sent.max(oldest));
        if self.held_since.is_some() {
            collector.note_moves(Moves::Held, now);
        }
        if collector.mark.replace(mark) == Some(mark) {
            collector.truncate(None);
            return;
        }
        collector.truncate(Some(u64::try_from(mark).unwrap_or(0)));
        let closed = collector.closed.len();
        collector.closed.push(collector.open_from);
        collector.open_from = now;
        let last = closed.saturating_sub(1) * 2 / 3;
        for endpoint in 0..self.plan.endpoints() {
            let queue = &mut self.collectors[index].queues[endpoint];
            if matches!(queue.sending, Sending::Stalled { .. }) {
                queue.in_own.get_or_insert(queue.backlog);
            }
            if last > 0 {
                self.overtake(index, endpoint, last);
            }
        }
        if last > 0 {
            self.collectors[index].closed.drain(..=last);
        }
    }

    /// Where the segment ends that the reader has open, if the next one goes.
    fn lost_from(&self, index: usize, start: Option<usize>, last: usize) -> Option<u64> {
        let starts = &self.collectors[index].closed;
        match start {
            Some(own) => (own < last).then(|| starts[own + 1]),
            None => Some(starts[0]),
        }
    }

    /// What a truncation does to the sender of one endpoint: all up to the segment `last` goes.
    fn overtake(&mut self, index: usize, endpoint: usize, last: usize) {
        let now = self.now;
        let intervals = self.plan.intervals;
        let collector = &self.collectors[index];
        let inflow = collector.inflow(&self.plan.segments[self.segment], intervals);
        let queue = &collector.queues[endpoint];
        let behind = match queue.sending {
            Sending::Stalled {
                since,
                own,
                is_lost,
            } => {
                let start = collector.closed.iter().position(|&start| start == own);
                if !is_lost && self.lost_from(index, start, last).is_some() {
                    self.lose_all_but_own(index, endpoint, (since, own));
                }
                return;
            }
            Sending::Draining {
                from,
                until,
                behind,
            } => u128::from(behind) * u128::from(until - now) / u128::from((until - from).max(1)),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "an age"
            )]
            Sending::Steady if queue.unsent(intervals) > 0.0 => {
                (queue.unsent(intervals) / inflow * 1e9).round() as u128
            }
            Sending::Steady => return,
        };
        let behind = u64::try_from(behind).unwrap();
        let position = now.saturating_sub(behind);
        let start = collector
            .closed
            .iter()
            .rposition(|&start| start <= position);
        let Some(from) = self.lost_from(index, start, last) else {
            return;
        };
        let parts = ((now - from) as f64 / (now - position).max(1) as f64).min(1.0) * 1e9;
        self.lose_parts((index, endpoint), parts.round());
    }

    /// The reader keeps what its own segment holds.
    fn lose_all_but_own(&mut self, index: usize, endpoint: usize, (since, own): (u64, u64)) {
        let queue = &mut self.collectors[index].queues[endpoint];
        let in_own = queue.in_own.unwrap();
        let lost = std::array::from_fn(|stream| queue.backlog[stream] - in_own[stream]);
        queue.backlog = in_own;
        let is_lost = true;
        queue.sending = Sending::Stalled {
            since,
            own,
            is_lost,
        };
        add(&mut self.tally.deliveries[endpoint].lost_truncation, lost);
        first(&mut self.tally.first_loss, self.now);
    }

    /// Billionths of a backlog are lost. One that catches up sends the rest at once.
    fn lose_parts(&mut self, (index, endpoint): (usize, usize), parts: f64) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "billionths"
        )]
        let parts = parts as u64;
        let queue = &mut self.collectors[index].queues[endpoint];
        let delivery = &mut self.tally.deliveries[endpoint];
        let lost = queue
            .backlog
            .map(|backlog| share(backlog, parts, 1_000_000_000));
        for (backlog, lost) in queue.backlog.iter_mut().zip(lost) {
            *backlog -= lost;
        }
        if queue.sending == Sending::Steady {
            add(&mut delivery.lost_overload, lost);
        } else {
            queue.sending = Sending::Steady;
            add(&mut delivery.lost_truncation, lost);
            add(&mut delivery.sent, std::mem::take(&mut queue.backlog));
        }
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
            let own = collector.open_from;
            collector.queues[endpoint].sending = Sending::Stalled {
                since: self.now,
                own,
                is_lost: false,
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
            let Sending::Stalled { since, is_lost, .. } = sending else {
                continue;
            };
            self.collectors[index].queues[endpoint].in_own = None;
            let (full, own) = self.drain((index, endpoint), &segment, (since, is_lost));
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
        (since, is_lost): (u64, bool),
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
                    // No truncation takes the segment that it has open.
                    behind: if is_lost { 0 } else { now - since },
                };
            }
        }
        self.tally.drain_peak = self.tally.drain_peak.max(takes);
        // A minute of it, or all of it if that is less.
        let spread = |seconds: f64| inflow + backlog / seconds.max(60.0);
        let sent = if recovery.seconds.is_finite() {
            spread(recovery.seconds)
        } else {
            full.min(spread(0.0))
        };
        (sent, inflow)
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
