//! What ends and starts of a process do to the lines of its files.

use crate::model::load::work::portion;
use crate::units::{SimDuration, SimTime, Span};

use super::tail::lost_while_away;
use super::{Ending, Feed, Logs, Luck, Positions, Tail};

/// Mean seconds of lines that a killed process had read since it last saved its positions.
///
/// Source: grafana/alloy, `internal/component/loki/source/internal/positions` and `tail`: taken every
/// 10 s and saved every 10 s, so up to 20 s.
const UNSAVED_SECONDS: f64 = 10.0;

impl Logs {
    /// A process ends at `now`. Loses what its queues hold, where no later process reads it again.
    /// Returns the bytes lost.
    pub(in crate::model) fn stop(
        &mut self,
        feed: &Feed<'_>,
        (now, luck): (SimTime, Luck<'_>),
        (ending, positions): (Ending, Positions),
    ) -> f64 {
        if self.own.is_empty() {
            return 0.0;
        }
        let index = feed.index;
        let tail = self.tails[index as usize];
        let held = self.held_at(feed, now, luck);
        self.tails[index as usize] = Tail::Open;
        match (ending, positions) {
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
        let is_held = self.routes.iter().any(|route| route.is_down);
        self.tails[feed.index as usize] = if is_held {
            Tail::Blocked { since: now }
        } else {
            Tail::Open
        };
        let lost = self.rotated(feed, now, (1.0, lost_while_away));
        if before == Some(Positions::Lost) {
            self.read_again(feed, now);
        }
        lost
    }

    /// Counts the lines of current files that were read before, half a file in the mean.
    ///
    /// Simplified: they take no time to send again.
    fn read_again(&mut self, feed: &Feed<'_>, now: SimTime) {
        let first = feed.index as usize * self.own.len();
        for (slot, &stream) in self.own.iter().enumerate() {
            let ever = feed.work(stream, Span::new(SimTime::ZERO, now));
            let unread = self.waiting[first + slot];
            let half = self.room(feed, slot, now) / 2.0;
            let written = self.fates.bytes_of(slot, ever);
            let share = half.min(written) / written.max(f64::MIN_POSITIVE);
            let current = portion(ever, share);
            self.fates.lines[slot].doubled += current.saturating_sub(unread);
        }
    }

    /// The last instant. Accounts for collectors that are held up or not in service.
    pub(in crate::model) fn finish(&mut self, feed: &Feed<'_>, now: SimTime, luck: Luck<'_>) {
        if self.own.is_empty() {
            return;
        }
        self.held_at(feed, now, luck);
    }

    /// Accounts for lines that wait at `now`. Returns the bytes that the shards of a collector hold.
    fn held_at(&mut self, feed: &Feed<'_>, now: SimTime, luck: Luck<'_>) -> f64 {
        let held = match self.tails[feed.index as usize] {
            Tail::Open => 0.0,
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
