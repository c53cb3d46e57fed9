//! What ends and starts of a process do to the lines of its files.

use crate::model::blueprint::LogSource;
use crate::model::load::work::portion;
use crate::units::{SimDuration, SimTime, Span};

use super::tail::{lost_while_away, lost_while_held};
use super::{Ending, Feed, Logs, Luck, Positions, Tail};

/// Mean seconds of lines that a killed process had read since it last saved its positions.
///
/// Source: grafana/alloy, `internal/component/loki/source/internal/positions` and `tail`: taken every
/// 10 s and saved every 10 s, so up to 20 s.
const UNSAVED_SECONDS: f64 = 10.0;

/// How a process ends that takes log lines in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Farewell {
    pub ending: Ending,
    pub positions: Positions,
    /// How long a process that is asked to stop may take.
    pub grace: SimDuration,
}

impl Logs {
    /// How long a collector takes to stop that is asked to at `now`. A shard that sleeps wakes up first.
    /// A source whose queue is full waits for a batch to be given up, until the process is killed.
    ///
    /// Source: grafana/alloy, `internal/component/common/loki/client/consumer_fanout.go`, `Stop`, v1.18.1,
    /// and issue 4509; `queue_config`, `drain_timeout`.
    pub(in crate::model) fn stops_in(
        &self,
        collector: u32,
        now: SimTime,
        grace: SimDuration,
    ) -> SimDuration {
        let tail = self.tails.get(collector as usize).copied();
        let is_full = self.waiting_bytes(collector) >= self.write.holds_at_first();
        let needed = match tail.unwrap_or_default() {
            Tail::Open | Tail::Opening(_) => SimDuration::ZERO,
            Tail::Asleep { until, .. } => until.since(now),
            Tail::Blocked { .. } if is_full => grace,
            Tail::Blocked { .. } => self.write.drain_timeout,
        };
        needed.min(grace)
    }

    /// A process ends at `now`. Loses what its queues hold, where no later process reads it again.
    /// Returns the bytes lost.
    pub(in crate::model) fn stop(
        &mut self,
        feed: &Feed<'_>,
        (now, luck): (SimTime, Luck<'_>),
        how: Farewell,
    ) -> f64 {
        if self.own.is_empty() {
            return 0.0;
        }
        let index = feed.index;
        let tail = self.tails[index as usize];
        let mut held = self.held_at(feed, now, luck);
        self.tails[index as usize] = Tail::Open;
        self.settle_wal(feed, now, luck);
        if let Tail::Asleep { until, .. } = tail
            && how.ending.is_asked()
            && until.since(now) <= how.grace
        {
            // Its shards wake up in time, and send what they hold.
            self.take(index, held, |of, slot, work| {
                for route in 0..of.routes.len() {
                    of.accept_on(route, slot, work);
                }
            });
            held = 0.0;
        }
        let ends = (how.ending, how.positions);
        self.stop_wal(feed, now, ends) + self.stop_reader(feed, (now, tail, held), ends)
    }

    /// The reader of a process ends, whose shards hold `held` bytes. Returns the bytes lost.
    fn stop_reader(
        &mut self,
        feed: &Feed<'_>,
        (now, tail, held): (SimTime, Tail, f64),
        (ending, positions): (Ending, Positions),
    ) -> f64 {
        let index = feed.index;
        match (ending, positions) {
            // Clients push to another collector what this one has not answered.
            _ if self.source == LogSource::Push => self.lose_queues(index, held),
            (Ending::Gone | Ending::NodeLost, _) => {
                self.take(index, f64::INFINITY, |of, slot, work| {
                    of.fates.lines[slot].lost_exit += work;
                })
            }
            (_, Positions::Kept) => {
                if ending == Ending::Killed && tail == Tail::Open {
                    self.double(feed, now);
                }
                self.lose_queues(index, held)
            }
            // The next process reads the files again, with what the queues held.
            (_, Positions::Lost) => 0.0,
        }
    }

    /// Lines that a killed process had read lately are read again.
    fn double(&mut self, feed: &Feed<'_>, now: SimTime) {
        let from = now.before(SimDuration::from_secs_f64(UNSAVED_SECONDS));
        for (slot, &stream) in self.own.iter().enumerate() {
            self.fates.lines[slot].doubled += feed.work(stream, Span::new(from, now));
        }
    }

    /// Loses what the queues of a collector hold for endpoints that are down. The others have it.
    fn lose_queues(&mut self, collector: u32, held: f64) -> f64 {
        let any_down = self.routes.iter().any(|route| route.is_down);
        self.take(collector, held, |of, slot, work| {
            for route in 0..of.routes.len() {
                // After an outage shards sleep that have not sent either.
                let has_sent = any_down && !of.routes[route].is_down;
                let shipped = of.shipped(route, slot);
                if has_sent {
                    shipped.sent += work;
                } else {
                    shipped.lost_restart += work;
                }
            }
        })
    }

    /// Notes that a process ended with the loss of `bytes`. A loss of the fleet is more than it writes
    /// in a minute, `rate` bytes per second.
    pub(in crate::model) fn note_lost_with_process(
        &mut self,
        (at, collector): (SimTime, u32),
        bytes: f64,
        rate: f64,
    ) {
        /// INFERRED: a minute of the whole fleet, as for samples.
        const SECONDS: f64 = 60.0;
        self.lost_with_processes += bytes;
        if self.lost_with_processes > SECONDS * rate {
            self.note_loss(at, collector);
        }
    }

    /// A process starts at `now`. One that is not the first finds the files of the one before.
    /// Files that were rotated in between are lost. Without positions it reads the others again.
    /// Returns the bytes lost.
    pub(in crate::model) fn start(
        &mut self,
        feed: &Feed<'_>,
        now: SimTime,
        before: Option<Positions>,
    ) -> f64 {
        if self.own.is_empty() {
            return 0.0;
        }
        let is_down = self.routes.iter().any(|route| route.is_down);
        let is_held = is_down && !self.block_wal(feed.index, now);
        self.tails[feed.index as usize] = if is_held {
            Tail::Blocked { since: now }
        } else {
            Tail::Open
        };
        let law = match self.source {
            LogSource::Files | LogSource::KubernetesApi => lost_while_away,
            // Whatever is kept, and no more, is read.
            LogSource::Journald | LogSource::Push => lost_while_held,
        };
        let lost = self.rotated(feed, now, (1.0, law));
        if before == Some(Positions::Lost) {
            self.read_again(feed, now);
        }
        if self.source == LogSource::KubernetesApi {
            self.open(feed, now, |stream| feed.weights[stream]);
        }
        lost
    }

    /// Counts the lines of current files that were read before, half a file in the mean. A journal
    /// is full, and clients push nothing again that was answered.
    ///
    /// Simplified: they take no time to send again.
    fn read_again(&mut self, feed: &Feed<'_>, now: SimTime) {
        let first = feed.index as usize * self.own.len();
        let full = match self.source {
            LogSource::Files | LogSource::KubernetesApi => 0.5,
            LogSource::Journald => 1.0,
            LogSource::Push => return,
        };
        for slot in 0..self.own.len() {
            let unread = self.waiting[first + slot];
            let current = self.current_files(feed, slot, now, full);
            self.fates.lines[slot].doubled += current.saturating_sub(unread);
        }
    }

    /// Work in the share `full` of the current files of a stream of a collector, as far as it was ever
    /// written.
    pub(super) fn current_files(
        &self,
        feed: &Feed<'_>,
        slot: usize,
        now: SimTime,
        full: f64,
    ) -> u128 {
        let ever = feed.work(self.own[slot], Span::new(SimTime::ZERO, now));
        let written = self.fates.bytes_of(slot, ever);
        let held = self.room(feed, slot, now) * full;
        portion(ever, held.min(written) / written.max(f64::MIN_POSITIVE))
    }

    /// The last instant. Accounts for collectors that are held up or not in service.
    pub(in crate::model) fn finish(&mut self, feed: &Feed<'_>, now: SimTime, luck: Luck<'_>) {
        if self.own.is_empty() {
            return;
        }
        self.held_at(feed, now, luck);
        self.finish_wal(feed, now, luck);
    }

    /// Accounts for lines that wait at `now`. Returns the bytes that the shards of a collector hold.
    fn held_at(&mut self, feed: &Feed<'_>, now: SimTime, luck: Luck<'_>) -> f64 {
        let held = match self.tails[feed.index as usize] {
            Tail::Open | Tail::Opening(_) => 0.0,
            Tail::Asleep { held, .. } => held,
            Tail::Blocked { since } => {
                self.note_lag(now - since);
                self.settle_block(feed, Span::new(since, now), luck).held
            }
        };
        self.overflow(feed, now, held);
        held
    }
}
