//! Events of the far future, in buckets by the digits of their time.

use super::chunks::{Chunks, Entry, List};

/// Bits per digit of a time.
const DIGIT_BITS: u32 = 6;
/// Values of a digit, and buckets per level.
const DIGITS: usize = 1 << DIGIT_BITS;
/// Digits of a 64-bit time.
const LEVELS: usize = u64::BITS.div_ceil(DIGIT_BITS) as usize;

/// One bucket: times that agree with the base above digit `level` and have `digit` there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    pub(super) level: u32,
    digit: u64,
    /// The first time in this bucket.
    pub(super) start: u64,
}

impl Bucket {
    /// The first time after this bucket, or the end of time.
    pub(super) fn end(self) -> u64 {
        self.start.saturating_add(1 << (DIGIT_BITS * self.level))
    }

    fn index(self) -> usize {
        index_of(self.level, self.digit)
    }
}

/// All buckets. The highest digit in which the time of an entry differs from `base` gives its level
/// and digit. No entry is earlier than `base`. A bucket keeps its entries in order of arrival.
#[derive(Clone, Debug)]
pub(super) struct Buckets<E> {
    base: u64,
    /// Bit `level` is set if the level has entries.
    levels: u32,
    /// Per level, bit `digit` is set if the bucket has entries.
    digits: [u64; LEVELS],
    lists: Box<[List; LEVELS * DIGITS]>,
    chunks: Chunks<E>,
    /// Entries between two buckets.
    moving: Vec<Entry<E>>,
}

impl<E: Copy> Buckets<E> {
    pub(super) fn new() -> Self {
        Self {
            base: 0,
            levels: 0,
            digits: [0; LEVELS],
            lists: Box::new([List::default(); LEVELS * DIGITS]),
            chunks: Chunks::new(),
            moving: Vec::new(),
        }
    }

    /// Whether there are no entries.
    pub(super) fn is_empty(&self) -> bool {
        self.levels == 0
    }

    /// Adds `entry`, whose time must not be earlier than the base.
    #[inline]
    pub(super) fn push(&mut self, entry: Entry<E>) {
        debug_assert!(
            entry.time >= self.base,
            "the base is not later than any entry"
        );
        self.file(level_of(entry.time ^ self.base), entry);
    }

    /// Appends `entry` to its bucket of `level`.
    #[inline]
    fn file(&mut self, level: u32, entry: Entry<E>) {
        let digit = (entry.time >> (DIGIT_BITS * level)) % DIGITS as u64;
        let list = &mut self.lists[index_of(level, digit)];
        if list.len() == 0 {
            self.levels |= 1 << level;
            self.digits[level as usize] |= 1 << digit;
        }
        self.chunks.append(list, entry);
    }

    /// The earliest bucket that has entries.
    pub(super) fn first(&self) -> Option<Bucket> {
        if self.levels == 0 {
            return None;
        }
        let level = self.levels.trailing_zeros();
        let digit = u64::from(self.digits[level as usize].trailing_zeros());
        let shift = DIGIT_BITS * level;
        let above = (self.base >> shift) & !(DIGITS as u64 - 1);
        Some(Bucket {
            level,
            digit,
            start: (above | digit) << shift,
        })
    }

    /// The number of entries in `bucket`.
    pub(super) fn count(&self, bucket: Bucket) -> usize {
        self.lists[bucket.index()].len()
    }

    /// Makes the first bucket the base, and hands its entries to `visit` in order of arrival.
    pub(super) fn drain(&mut self, bucket: Bucket, visit: impl FnMut(&[Entry<E>])) {
        let list = self.detach(bucket);
        self.chunks.drain(list, visit);
    }

    /// Makes the first bucket, of a level above the lowest, the base. Spreads its entries over the
    /// next lower level, and drops entries for which `is_stale` holds.
    ///
    /// The bucket of the new base is then the first one. The caller must take it before the next
    /// call of `push`, because newer entries at its times are filed below that level.
    pub(super) fn cascade(&mut self, bucket: Bucket, is_stale: impl Fn(&E) -> bool) {
        let mut list = self.detach(bucket);
        let level = bucket.level - 1;
        let mut moving = std::mem::take(&mut self.moving);
        while list.len() > 0 {
            self.chunks.take_chunk(&mut list, &mut moving);
            moving.retain(|entry| !is_stale(&entry.event));
            for &entry in &moving {
                self.file(level, entry);
            }
        }
        self.moving = moving;
    }

    fn detach(&mut self, bucket: Bucket) -> List {
        let list = std::mem::take(&mut self.lists[bucket.index()]);
        let digits = &mut self.digits[bucket.level as usize];
        *digits &= !(1 << bucket.digit);
        if *digits == 0 {
            self.levels &= !(1 << bucket.level);
        }
        self.base = bucket.start;
        list
    }

    /// Forgets all entries, and keeps the memory.
    pub(super) fn clear(&mut self) {
        while let Some(bucket) = self.first() {
            self.detach(bucket);
        }
        self.base = 0;
        self.chunks.clear();
    }
}

/// The highest digit in which two times differ, from their exclusive or.
fn level_of(difference: u64) -> u32 {
    (difference | 1).ilog2() / DIGIT_BITS
}

#[expect(clippy::cast_possible_truncation, reason = "a digit is below 64")]
fn index_of(level: u32, digit: u64) -> usize {
    level as usize * DIGITS + digit as usize
}
