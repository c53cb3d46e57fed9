//! Many first-in-first-out lists of entries in one block of memory.

/// Entries per chunk. Large enough that following a link is rare; small enough that the half-empty
/// last chunks of many lists fit the cache.
const CHUNK_LEN: usize = 32;

/// An event and the instant it is due, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<E> {
    pub(super) time: u64,
    pub(super) event: E,
}

/// A list of entries in [`Chunks`]: full chunks, and a last chunk that is being filled.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct List {
    /// The slot that takes the next entry, meaningful while the last chunk has room.
    next_slot: u32,
    // Between the two fields that grow. Side by side they may be incremented as one vector, which
    // is slower.
    first_chunk: u32,
    len: u32,
}

impl List {
    /// The number of entries.
    pub(super) fn len(self) -> usize {
        self.len as usize
    }
}

/// The memory of all lists. A chunk that was read is the next chunk to be filled. So pending
/// entries bound the memory, and the chunk is still in the cache.
#[derive(Clone, Debug)]
pub(super) struct Chunks<E> {
    slots: Vec<Entry<E>>,
    /// For each chunk, the next chunk of its list.
    next: Vec<u32>,
    free: Vec<u32>,
}

impl<E: Copy> Chunks<E> {
    pub(super) fn new() -> Self {
        Self {
            slots: Vec::new(),
            next: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Adds `entry` at the end of `list`.
    #[inline]
    pub(super) fn append(&mut self, list: &mut List, entry: Entry<E>) {
        if list.len().is_multiple_of(CHUNK_LEN) {
            self.extend(list, entry);
        }
        self.slots[list.next_slot as usize] = entry;
        list.next_slot += 1;
        list.len += 1;
    }

    /// Adds a chunk to `list`, whose chunks are full. `filler` fills memory that was never used.
    ///
    /// Kept out of [`Chunks::append`], so that the usual case is short enough to be inlined.
    #[inline(never)]
    fn extend(&mut self, list: &mut List, filler: Entry<E>) {
        let chunk = self.free.pop().unwrap_or_else(|| self.grow(filler));
        if list.len == 0 {
            list.first_chunk = chunk;
        } else {
            let last_chunk = (list.next_slot as usize - 1) / CHUNK_LEN;
            self.next[last_chunk] = chunk;
        }
        list.next_slot = chunk * SLOT_STEP;
    }

    fn grow(&mut self, filler: Entry<E>) -> u32 {
        let chunk = self.next.len();
        self.next.push(0);
        self.slots.resize(self.slots.len() + CHUNK_LEN, filler);
        assert!(
            self.slots.len() < u32::MAX as usize,
            "fewer than 2^32 events are pending"
        );
        u32::try_from(chunk).expect("a chunk number is below its slot numbers")
    }

    /// Hands the entries of `list` to `visit` in order, a slice at a time, and frees the memory of
    /// the list.
    pub(super) fn drain(&mut self, list: List, mut visit: impl FnMut(&[Entry<E>])) {
        let mut chunk = list.first_chunk;
        let mut left = list.len();
        while left > 0 {
            let start = chunk as usize * CHUNK_LEN;
            let count = left.min(CHUNK_LEN);
            visit(&self.slots[start..start + count]);
            self.free.push(chunk);
            chunk = self.next[chunk as usize];
            left -= count;
        }
    }

    /// Moves the first chunk of entries of `list` into `buffer`.
    pub(super) fn take_chunk(&mut self, list: &mut List, buffer: &mut Vec<Entry<E>>) {
        let chunk = list.first_chunk;
        let start = chunk as usize * CHUNK_LEN;
        let count = list.len().min(CHUNK_LEN);
        buffer.clear();
        buffer.extend_from_slice(&self.slots[start..start + count]);
        self.free.push(chunk);
        list.first_chunk = self.next[chunk as usize];
        list.len -= u32::try_from(count).expect("a chunk is short");
    }

    /// Frees all lists at once; the caller forgets them.
    pub(super) fn clear(&mut self) {
        self.slots.clear();
        self.next.clear();
        self.free.clear();
    }
}

/// [`CHUNK_LEN`] in the width of a slot number.
const SLOT_STEP: u32 = 32;
const _: () = assert!(SLOT_STEP as usize == CHUNK_LEN);
