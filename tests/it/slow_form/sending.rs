//! Truncations, outages and how backlogs are worked off.

use alloy_sim::model::load::draw::Purpose;
use alloy_sim::model::pipeline::remote_write::{Pause, Sender};
use alloy_sim::units::SimTime;

use super::collector::Sending;
use super::event_loop::Slow;
use super::plan::{STREAMS, Segment};
use super::tally::{add, first};

impl Slow<'_> {
    /// The truncation removes what is old and sent; a sender far behind loses its place.
    pub(super) fn truncate(&mut self, index: usize) {
        let (now, every) = (self.now, self.plan.every());
        let (keep_min, keep_max) = (self.plan.keep_min(), self.plan.keep_max());
        let collector = &mut self.collectors[index];
        let previous = now - every;
        collector.truncates_at = now + every;
        let kept = match self.outage_since {
            None => Some(now.saturating_sub(keep_min)),
            Some(since) if since > previous => Some(since - keep_min),
            Some(since) if now - since > keep_max => Some(now - keep_max),
            Some(_) => None,
        };
        collector.truncate(kept);
        match &mut collector.sending {
            Sending::Stalled { since, doomed } => {
                let behind = now - *since;
                *doomed |= (*since > previous && behind > every / 3) || behind > keep_max;
            }
            Sending::Draining {
                from,
                until,
                behind,
            } => {
                let left = u128::from(*behind) * u128::from(*until - now)
                    / u128::from((*until - *from).max(1));
                if left > u128::from(every / 3) {
                    collector.sending = Sending::Steady;
                    self.lose_backlog(index);
                }
            }
            Sending::Steady => {
                let intervals = self.plan.intervals;
                let segment = &self.plan.segments[self.segment];
                let inflow = collector.inflow(segment, intervals);
                let age = collector.unsent(intervals) / inflow * 1e9;
                if kept.is_some() && age > (every / 3) as f64 {
                    let lost = std::mem::take(&mut collector.backlog);
                    add(&mut self.tally.account.lost_overload, lost);
                    first(&mut self.tally.first_loss, self.now);
                }
            }
        }
    }

    pub(super) fn lose_backlog(&mut self, index: usize) {
        let lost = std::mem::take(&mut self.collectors[index].backlog);
        for (sum, work) in self.tally.account.lost_truncation.iter_mut().zip(lost) {
            *sum += work;
        }
        first(&mut self.tally.first_loss, self.now);
    }

    pub(super) fn outage_started(&mut self) {
        self.outage_since = Some(self.now);
        for collector in self
            .collectors
            .iter_mut()
            .filter(|collector| collector.is_up())
        {
            collector.sending = Sending::Stalled {
                since: self.now,
                doomed: false,
            };
        }
    }

    pub(super) fn outage_ended(&mut self) {
        self.outage_since = None;
        let segment = self.here();
        let (mut rate, mut inflow) = (0.0, 0.0);
        for index in 0..self.collectors.len() {
            let Sending::Stalled { since, doomed, .. } = self.collectors[index].sending else {
                continue;
            };
            if doomed {
                self.lose_backlog(index);
            }
            let (full, own) = self.drain(index, &segment, since);
            rate += full;
            inflow += own;
        }
        if inflow > 0.0 {
            self.tally.catch_up_ratio = self.tally.catch_up_ratio.max(rate / inflow);
        }
    }

    /// Starts to work off a backlog; returns the rate of sending and of scraping.
    pub(super) fn drain(&mut self, index: usize, segment: &Segment, since: u64) -> (f64, f64) {
        let (now, end) = (self.now, self.plan.grid.end);
        let intervals = self.plan.intervals;
        let backlog = self.collectors[index].unsent(intervals);
        let inflow = self.collectors[index].inflow(segment, intervals);
        // How a sender catches up is held to a simulation of its batches elsewhere.
        let past = |from: u64| (now - from) as f64 / 1e9;
        let second = u32::try_from(since / 1_000_000_000).unwrap();
        let draw = &self.plan.draw;
        let pause = Pause {
            seconds: past(since),
            backlog,
            inflow,
            tick_in: 10.0 - past(self.collectors[index].started) % 10.0,
            retry_phase: draw.unit(
                Purpose::Retry,
                self.plan.key,
                u32::try_from(index).unwrap(),
                second,
            ),
            attempt_seconds: 0.0,
        };
        let sender = Sender {
            settings: self.plan.blueprint.fleets[0].remote_write,
            latency_seconds: self.plan.latency(),
        };
        let recovery = sender.recover(&pause, f64::INFINITY);
        let shards = recovery.shards_peak;
        let full = f64::from(shards) * self.plan.shard_rate();
        self.tally.shards_peak = self.tally.shards_peak.max(shards);
        if backlog <= 0.0 {
            self.collectors[index].sending = Sending::Steady;
            return (full.min(inflow), inflow);
        }
        if recovery.seconds.is_infinite() {
            // It goes on as one that cannot keep up.
            self.collectors[index].sending = Sending::Steady;
            self.tally.drain_peak = self.tally.drain_peak.max(end - now);
            return (full.min(inflow + backlog), inflow);
        }
        let until = now + SimTime::from_secs_f64(recovery.seconds).nanos();
        let takes = until.min(end) - now;
        self.tally.drain_peak = self.tally.drain_peak.max(takes);
        self.collectors[index].sending = Sending::Draining {
            from: now,
            until,
            behind: now - since,
        };
        if until == now {
            self.collectors[index].sending = Sending::Steady;
        }
        (full.min(inflow + backlog), inflow)
    }

    /// A process that is asked to stop sends on for as long as it may; returns how long it does.
    pub(super) fn flush(&mut self, index: usize) -> u64 {
        let segment = self.here();
        let collector = &self.collectors[index];
        let unsent = collector.unsent(self.plan.intervals);
        if unsent <= 0.0 {
            return 0;
        }
        let grace = self.plan.blueprint.fleets[0].lifecycle.grace;
        let longest = grace.as_secs_f64().min(60.0);
        let capacity = f64::from(self.plan.blueprint.fleets[0].remote_write.shards_max)
            * self.plan.shard_rate();
        let inflow = collector
            .inflow(&segment, self.plan.intervals)
            .min(capacity);
        let rate = match collector.sending {
            Sending::Stalled { .. } => 0.0,
            Sending::Steady => capacity,
            Sending::Draining { until, .. } => inflow + unsent / ((until - self.now) as f64 / 1e9),
        };
        // Seven batches per shard at work, and nothing more of the log.
        let shards = f64::from(self.shards_for(rate));
        let batch = f64::from(self.plan.blueprint.fleets[0].remote_write.samples_per_send);
        let in_hand = unsent.min(7.0 * shards * batch);
        let seconds = (in_hand / rate).min(longest);
        let share = ((rate * seconds).min(in_hand) / unsent).min(1.0);
        self.tally.stop_peak = self.tally.stop_peak.max(seconds);
        let collector = &mut self.collectors[index];
        for (slot, sent) in collector
            .backlog
            .iter_mut()
            .zip(&mut self.tally.account.sent)
        {
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

    pub(super) fn shards_for(&self, inflow: f64) -> u32 {
        let settings = self.plan.blueprint.fleets[0].remote_write;
        let mut shards = settings.shards_min;
        while shards < settings.shards_max && f64::from(shards) * self.plan.shard_rate() < inflow {
            shards += 1;
        }
        shards
    }

    /// Most shards of any one collector at any time.
    pub(super) fn shards_peak(&self) -> u32 {
        let steady = self.shards_for(self.tally.inflow_of_one_peak);
        self.tally.shards_peak.max(steady)
    }

    /// As many if all series of the collector with most of them were scraped at the shortest interval.
    pub(super) fn shards_peak_at_most(&self) -> u32 {
        let is_there = |stream: &usize| self.plan.segments[0].level[*stream] > 0.0;
        let there = (0..STREAMS).filter(is_there);
        let shortest = there.map(|stream| self.plan.intervals[stream]).min();
        let busiest = self.tally.series_of_one_peak / (shortest.unwrap_or(1) as f64 / 1e9);
        self.shards_peak().max(self.shards_for(busiest))
    }
}
