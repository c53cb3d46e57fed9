//! One collector that tails files, batch by batch and file by file, in steps of a fifth of a second.

use std::collections::VecDeque;

use alloy_sim::engine::{RandomStream, RandomStreams};

pub(super) const MIB: f64 = 1_048_576.0;
const STEP: f64 = 0.2;
const QUEUED_BATCHES: usize = 10;
const ATTEMPTS: u32 = 10;

/// What one collector tails, and what its endpoint does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene {
    /// Files, all written at one rate.
    pub(super) files: usize,
    /// Bytes per second of all files.
    pub(super) rate: f64,
    /// Bytes after which a file is rotated.
    pub(super) rotated_at: f64,
    /// Length of the outage in seconds.
    pub(super) outage: f64,
    /// Seconds from the end of the outage to the end of the run.
    pub(super) after: f64,
}

/// What became of the bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fate {
    pub(super) lost_retries: f64,
    pub(super) lost_rotation: f64,
    /// Seconds from the end of the outage to the first batch accepted.
    pub(super) resumed_in: f64,
    /// Bytes that the queue and the worker hold at most.
    pub(super) held: f64,
    pub(super) pending: f64,
}

/// A file with its reader, in bytes since its first.
#[derive(Clone, Copy, Debug)]
struct File {
    written: f64,
    /// End of the file that the writer has open.
    rotates_at: f64,
    read: f64,
    /// End of the file that the reader has open.
    open_to: f64,
}

impl File {
    fn new(rotated_at: f64, phase: f64) -> Self {
        let end = rotated_at * phase;
        Self {
            written: 0.0,
            rotates_at: end,
            read: 0.0,
            open_to: end,
        }
    }

    fn write(&mut self, bytes: f64, rotated_at: f64) {
        self.written += bytes;
        while self.written >= self.rotates_at {
            self.rotates_at += rotated_at;
        }
    }

    /// Reads up to `most` bytes. Returns what was read, and what was found to be gone.
    fn take(&mut self, most: f64, rotated_at: f64) -> (f64, f64) {
        let (mut got, mut gone) = (0.0, 0.0);
        loop {
            let here = self.open_to.min(self.written) - self.read;
            let part = here.min(most - got).max(0.0);
            self.read += part;
            got += part;
            if self.read < self.open_to || self.written < self.open_to {
                return (got, gone);
            }
            // The next file under the name is the one that is written now.
            let begin = self.rotates_at - rotated_at;
            gone += whole(begin - self.open_to);
            self.read = begin;
            self.open_to = self.rotates_at;
        }
    }
}

/// Bytes without the rounding of positions.
fn whole(bytes: f64) -> f64 {
    if bytes < 1.0 { 0.0 } else { bytes }
}

/// A shard: an open batch, a queue of full ones, and a worker with what it has taken out.
struct Shard {
    open: f64,
    opened_at: f64,
    queue: VecDeque<f64>,
    hand: VecDeque<f64>,
    sending: Option<f64>,
    attempt: u32,
    next_at: f64,
    luck: RandomStream,
}

impl Shard {
    fn held(&self) -> f64 {
        let queued: f64 = self.queue.iter().chain(&self.hand).sum();
        queued + self.open + self.sending.unwrap_or(0.0)
    }

    /// Bytes that fit until the source waits.
    fn room(&self) -> f64 {
        (QUEUED_BATCHES - self.queue.len()) as f64 * MIB + MIB - self.open
    }

    fn add(&mut self, bytes: f64, now: f64) {
        if self.open <= 0.0 {
            self.opened_at = now;
        }
        self.open += bytes;
        while self.open >= MIB && self.queue.len() < QUEUED_BATCHES {
            self.queue.push_back(MIB);
            self.open -= MIB;
            self.opened_at = now;
        }
    }

    /// The next batch: of what was taken out, of the queue, or all that is old enough.
    fn next_batch(&mut self, now: f64) {
        if self.hand.is_empty() {
            let is_due = self.open > 0.0 && now - self.opened_at >= 1.0;
            if !self.queue.is_empty() && (!is_due || self.luck.unit() < 0.5) {
                self.hand.extend(self.queue.pop_front());
            } else if is_due || !self.queue.is_empty() {
                self.hand.extend(self.queue.drain(..));
                if is_due {
                    self.hand.push_back(std::mem::take(&mut self.open));
                }
            }
        }
        self.sending = self.hand.pop_front();
        (self.attempt, self.next_at) = (0, now);
    }
}

impl Scene {
    pub(super) fn run(&self, seed: u64) -> Fate {
        let streams = RandomStreams::new(seed, 1);
        let mut phases = streams.stream(1, 1, 0);
        let mut files: Vec<File> = (0..self.files)
            .map(|_| File::new(self.rotated_at, phases.unit()))
            .collect();
        let mut shard = Shard {
            open: 0.0,
            opened_at: 0.0,
            queue: VecDeque::new(),
            hand: VecDeque::new(),
            sending: None,
            attempt: 0,
            next_at: 0.0,
            luck: streams.stream(2, 1, 0),
        };
        let mut fate = Fate::default();
        let mut has_resumed = false;
        let mut now = 0.0;
        while now < self.outage + self.after {
            now += STEP;
            for file in &mut files {
                file.write(self.rate / self.files as f64 * STEP, self.rotated_at);
            }
            let each = shard.room() / self.files as f64;
            for file in &mut files {
                let (got, gone) = file.take(each, self.rotated_at);
                fate.lost_rotation += gone;
                shard.add(got, now);
            }
            self.work(&mut shard, (now, &mut has_resumed), &mut fate);
            fate.held = fate.held.max(shard.held());
        }
        let unread: f64 = files.iter().map(|file| self.unread(file, &mut fate)).sum();
        fate.pending = unread + shard.held();
        fate
    }

    /// What the worker of a shard does until it waits.
    fn work(&self, shard: &mut Shard, (now, has_resumed): (f64, &mut bool), fate: &mut Fate) {
        // Ten batches a step is more than any of these collectors writes.
        for _ in 0..10 {
            let Some(batch) = shard.sending else {
                shard.next_batch(now);
                if shard.sending.is_none() {
                    return;
                }
                continue;
            };
            if shard.next_at > now {
                return;
            }
            if shard.next_at >= self.outage {
                if !std::mem::replace(has_resumed, true) {
                    fate.resumed_in = shard.next_at - self.outage;
                }
                shard.sending = None;
                continue;
            }
            shard.attempt += 1;
            if shard.attempt == ATTEMPTS {
                fate.lost_retries += batch;
                shard.sending = None;
                continue;
            }
            let least = 0.5 * f64::from(1_u32 << (shard.attempt - 1));
            shard.next_at += least * (1.0 + shard.luck.unit());
        }
    }

    /// Bytes of a file that are yet to be read; those that are gone already count as lost.
    fn unread(&self, file: &File, fate: &mut Fate) -> f64 {
        let begin = (file.rotates_at - self.rotated_at).max(file.open_to);
        fate.lost_rotation += whole(begin - file.open_to);
        let here = file.open_to.min(file.written) - file.read;
        here + (file.written - begin).max(0.0)
    }
}
