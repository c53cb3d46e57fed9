//! Files that are rotated while nobody reads them.

use crate::model::blueprint::{LogSource, Overflow};
use crate::model::load::driver::weight_value;
use crate::model::load::work::portion;
use crate::units::SimTime;

use super::tail::lost_while_held;
use super::{Feed, Logs};

impl Logs {
    /// What the shards of a collector cannot hold waits in files that are rotated, or is dropped.
    pub(super) fn overflow(&mut self, feed: &Feed<'_>, at: SimTime, held: f64) {
        match self.write.overflow {
            Overflow::Block => self.rotate(feed, at, held),
            Overflow::Refuse => {
                let rest = self.waiting_bytes(feed.index) - held;
                let lost = self.take(feed.index, rest, |of, slot, work| {
                    of.fates.lines[slot].lost_overflow += work;
                });
                if lost > 0.0 {
                    self.note_loss(at, feed.index);
                }
            }
        }
    }

    /// Files are rotated while a collector is held up. It keeps its open files and the current ones.
    /// What files in between held is lost. Its shards hold `held` bytes.
    ///
    /// Simplified: the mean over files at any point of their rotation. A loss is dated to the end of
    /// the time in which it happened.
    pub(super) fn rotate(&mut self, feed: &Feed<'_>, at: SimTime, held: f64) {
        let bytes = self.waiting_bytes(feed.index);
        let in_files = if bytes > held {
            1.0 - held / bytes
        } else {
            0.0
        };
        let lost = self.rotated(feed, at, (in_files, lost_while_held));
        if lost > 0.0 {
            self.note_loss(at, feed.index);
        }
    }

    /// Loses a part of the share `in_files` of what waits in a collector, by the number of times that
    /// its files can hold it. Returns the bytes lost.
    pub(super) fn rotated(
        &mut self,
        feed: &Feed<'_>,
        at: SimTime,
        (in_files, lost_files): (f64, fn(f64) -> f64),
    ) -> f64 {
        let first = feed.index as usize * self.own.len();
        let mut bytes = 0.0;
        for slot in 0..self.own.len() {
            let room = self.room(feed, slot, at);
            let waiting = self.waiting[first + slot];
            let unread = self.fates.bytes_of(slot, waiting) * in_files;
            // Clients that are fleets hold their lines until they are taken.
            if self.source == LogSource::Push && feed.is_relayed() {
                continue;
            }
            // Targets that moved to another collector left no files behind.
            if room <= 0.0 || unread <= 0.0 {
                continue;
            }
            let lost = lost_files(unread / room) * room;
            let work = portion(waiting, in_files * lost / unread);
            self.waiting[first + slot] -= work;
            let lines = &mut self.fates.lines[slot];
            if self.source == LogSource::Push {
                lines.lost_client += work;
            } else {
                lines.lost_rotation += work;
            }
            bytes += self.fates.bytes_of(slot, work);
        }
        bytes
    }

    /// Bytes that the files of a stream of a collector hold, one file per target and log. Clients that push
    /// hold what they have not given up yet.
    ///
    /// INFERRED: clients that push try for as long as the fleet itself does.
    pub(super) fn room(&self, feed: &Feed<'_>, slot: usize, at: SimTime) -> f64 {
        let stream = self.own[slot];
        let driver = &feed.resident.driver;
        let level = driver.streams[stream].level[driver.segment(at.just_before())];
        let lines = &feed.streams[stream].lines;
        let each = match self.source {
            LogSource::Push => lines.bytes * self.write.gives_up_after(),
            _ => lines.files * lines.rotated_at,
        };
        weight_value(feed.weights[stream]) * level * each
    }
}
