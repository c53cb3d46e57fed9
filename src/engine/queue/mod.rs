//! A priority queue of events by time, first in first out at equal times: multi-level buckets.
//!
//! Three parts, from near to far. The *lane* holds events at the instant that was reached, in order
//! of arrival. The *bottom* is a short sorted run of everything before `limit`. The *buckets* hold
//! the rest by the digits of its time. When the bottom is empty, the first bucket becomes the bottom
//! if it is short. A longer first bucket is spread over finer buckets. Order of arrival survives each
//! step, so no sequence number is stored. An entry is therefore 16 bytes for an 8-byte event. An entry
//! moves at most once per digit of its time, whatever the distribution of times.

mod buckets;
mod chunks;
#[cfg(test)]
mod differential;

use std::collections::VecDeque;

use buckets::{Bucket, Buckets};
use chunks::Entry;

const _: () = assert!(size_of::<Entry<u64>>() == 16);

/// A bucket with more entries is spread before it is sorted.
const SORTED_LEN_MAX: usize = 64;
/// A bucket with no more entries is sorted by insertion while it is read. That saves a second pass
/// to drop stale entries, and a third to reverse it.
const INSERTED_LEN_MAX: usize = 24;
/// While there are fewer entries, all of them are in the bottom.
const SMALL_LEN: usize = 16;
/// A longer bottom gives its later half back to the buckets, since an insertion moves half of the
/// bottom.
const BOTTOM_LEN_MAX: usize = 256;

/// The queue that the module describes.
#[derive(Clone, Debug)]
pub(super) struct Queue<E> {
    /// The instant that was reached. No entry is earlier.
    reached: u64,
    /// Events at `reached` that arrived after it was reached.
    lane: VecDeque<E>,
    /// All entries before `limit`, the latest first. Of equal times, the last to arrive comes
    /// first.
    bottom: Vec<Entry<E>>,
    /// Entries from here on are in the buckets. Later than `reached`.
    limit: u64,
    buckets: Buckets<E>,
}

impl<E: Copy> Queue<E> {
    pub(super) fn new() -> Self {
        Self {
            reached: 0,
            lane: VecDeque::new(),
            bottom: Vec::with_capacity(BOTTOM_LEN_MAX + 1),
            limit: 1,
            buckets: Buckets::new(),
        }
    }

    /// Adds `event` at `time`. The time is not before the last popped time, not before a horizon
    /// without events, and before the end of time.
    #[inline]
    pub(super) fn push(&mut self, time: u64, event: E) {
        if time >= self.limit {
            if self.bottom.len() < SMALL_LEN && self.buckets.is_empty() {
                self.limit = time + 1;
                self.insert(time, event);
            } else {
                self.buckets.push(Entry { time, event });
            }
        } else if time == self.reached {
            self.lane.push_back(event);
        } else {
            self.insert(time, event);
        }
    }

    /// Adds an entry to the bottom. Time and event are separate arguments: an entry would be
    /// written in two halves and read back as a whole, which makes a processor wait.
    #[inline(never)]
    fn insert(&mut self, time: u64, event: E) {
        if self.bottom.len() < SMALL_LEN {
            insert_from_end(&mut self.bottom, time, event);
            return;
        }
        let place = self.bottom.partition_point(|other| other.time > time);
        self.bottom.insert(place, Entry { time, event });
        if self.bottom.len() > BOTTOM_LEN_MAX {
            self.spill();
        }
    }

    /// Gives the later half of the bottom back to the buckets, equal times together.
    #[cold]
    fn spill(&mut self) {
        // Entries at `reached` stay, since the lane comes after them.
        let cut_time = self.bottom[self.bottom.len() / 2]
            .time
            .max(self.reached + 1);
        let cut = self.bottom.partition_point(|entry| entry.time >= cut_time);
        for &entry in self.bottom[..cut].iter().rev() {
            self.buckets.push(entry);
        }
        self.bottom.drain(..cut);
        self.limit = cut_time;
    }

    /// Takes the first entry with its time, if it is due at or before `horizon`. Drops entries for
    /// which `is_stale` holds.
    #[inline]
    pub(super) fn pop_until(
        &mut self,
        horizon: u64,
        is_stale: impl Fn(&E) -> bool,
    ) -> Option<(u64, E)> {
        loop {
            let (time, event) = self.pop_any_until(horizon, &is_stale)?;
            if !is_stale(&event) {
                return Some((time, event));
            }
        }
    }

    #[inline]
    fn pop_any_until(&mut self, horizon: u64, is_stale: &impl Fn(&E) -> bool) -> Option<(u64, E)> {
        loop {
            if let Some(&entry) = self.bottom.last()
                && (self.lane.is_empty() || entry.time == self.reached)
            {
                if entry.time > horizon {
                    return None;
                }
                self.bottom.pop();
                self.reached = entry.time;
                return Some((entry.time, entry.event));
            }
            if let Some(event) = self.lane.pop_front() {
                return Some((self.reached, event));
            }
            if !self.refill(horizon, is_stale) {
                return None;
            }
        }
    }

    /// Brings the first bucket that has entries nearer. Returns false if that bucket begins after
    /// `horizon`. Lane and bottom must be empty.
    ///
    /// The base of the buckets moves to a time at or before the horizon. The caller's clock is
    /// about to reach the horizon, so later calls of `push` do not fall before the base.
    #[inline(never)]
    fn refill(&mut self, horizon: u64, is_stale: &impl Fn(&E) -> bool) -> bool {
        let Some(bucket) = self.buckets.first() else {
            self.forget_past();
            return false;
        };
        if bucket.start > horizon {
            return false;
        }
        if bucket.level == 0 {
            self.fill_lane(bucket);
        } else if self.buckets.count(bucket) <= SORTED_LEN_MAX {
            self.fill_bottom(bucket, is_stale);
        } else {
            self.buckets.cascade(bucket, is_stale);
        }
        true
    }

    /// A bucket of the lowest level is one instant, in order of arrival.
    fn fill_lane(&mut self, bucket: Bucket) {
        let lane = &mut self.lane;
        self.buckets.drain(bucket, |entries| {
            lane.extend(entries.iter().map(|entry| entry.event));
        });
        self.reached = bucket.start;
        self.limit = bucket.end();
    }

    fn fill_bottom(&mut self, bucket: Bucket, is_stale: &impl Fn(&E) -> bool) {
        let bottom = &mut self.bottom;
        if self.buckets.count(bucket) <= INSERTED_LEN_MAX {
            self.buckets.drain(bucket, |entries| {
                for &Entry { time, event } in entries {
                    if !is_stale(&event) {
                        insert_from_end(bottom, time, event);
                    }
                }
            });
        } else {
            self.buckets
                .drain(bucket, |entries| bottom.extend_from_slice(entries));
            bottom.retain(|entry| !is_stale(&entry.event));
            bottom.sort_by_key(|entry| entry.time);
            bottom.reverse();
        }
        self.limit = bucket.end();
    }

    /// An empty queue accepts any time again.
    fn forget_past(&mut self) {
        self.reached = 0;
        self.limit = 1;
        self.buckets.clear();
    }

    /// Forgets all entries, and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.lane.clear();
        self.bottom.clear();
        self.forget_past();
    }
}

/// Adds an entry to a short bottom.
#[inline]
fn insert_from_end<E: Copy>(bottom: &mut Vec<Entry<E>>, time: u64, event: E) {
    let mut place = bottom.len();
    bottom.push(Entry { time, event });
    // A slice stays in registers. The vector may be read again after every store.
    let entries = bottom.as_mut_slice();
    while place > 0 && entries[place - 1].time <= time {
        entries[place] = entries[place - 1];
        place -= 1;
    }
    entries[place] = Entry { time, event };
}
