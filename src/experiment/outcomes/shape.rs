//! The bytes of a block: a header, then one column after the other.
//!
//! `docs/blocks.md` has the format. A column stands in one piece, so that a reader of a few columns
//! reads little. All numbers are little-endian.

use std::ops::Range;

use super::Key;

/// First bytes of each block.
const MAGIC: &[u8; 8] = b"ALLOYSIM";

/// Version of the format.
pub(super) const FORMAT: u32 = 1;

/// Length of the header.
pub(super) const HEADER: usize = 80;

/// Where the bytes begin that the checksum is over.
pub(super) const CHECKED: usize = 16;

/// How many numbers of each kind every draw of a case has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Metrics.
    pub(super) values: usize,
    /// Failures.
    pub(super) failures: usize,
    /// Points of all tracks.
    pub(super) points: usize,
    /// Unknowns.
    pub(super) unknowns: usize,
    /// Replications whose failures are kept apart; none if a draw has one replication.
    pub(super) replicas: usize,
}

/// A column of a block.
#[derive(Clone, Copy, Debug)]
pub(super) enum Column {
    Value(usize),
    First(usize),
    /// First occurrence of a failure in one replication.
    Replica(usize, usize),
    Unknown(usize),
    Events,
    Days,
    Point(usize),
    /// Pairs of draw and column without a collector in service; this many.
    Unserved(usize),
}

impl Shape {
    /// The place of a column in a block of `draws` draws.
    pub(super) fn place(&self, column: Column, draws: usize) -> Range<usize> {
        let wide = |index: usize| {
            let from = HEADER + 8 * draws * index;
            from..from + 8 * draws
        };
        let first = self.values;
        let replica = first + self.failures;
        let unknown = replica + self.replicas * self.failures;
        let events = unknown + self.unknowns;
        let points = wide(events + 2).start;
        match column {
            Column::Value(index) => wide(index),
            Column::First(index) => wide(first + index),
            Column::Replica(number, index) => wide(replica + number * self.failures + index),
            Column::Unknown(index) => wide(unknown + index),
            Column::Events => wide(events),
            Column::Days => wide(events + 1),
            Column::Point(index) => {
                let from = points + 4 * draws * index;
                from..from + 4 * draws
            }
            Column::Unserved(pairs) => {
                let from = points + 4 * draws * self.points;
                from..from + 8 * pairs
            }
        }
    }

    /// Length of a block of `draws` draws with `pairs` unserved columns.
    pub(super) fn length(&self, draws: usize, pairs: usize) -> usize {
        self.place(Column::Unserved(pairs), draws).end
    }

    const fn counts(&self) -> [usize; 5] {
        [
            self.values,
            self.failures,
            self.points,
            self.unknowns,
            self.replicas,
        ]
    }
}

/// The header of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) key: Key,
    pub(super) draws: Range<u32>,
    pub(super) shape: Shape,
    /// Number of pairs of [`Column::Unserved`].
    pub(super) pairs: usize,
}

impl Header {
    /// The bytes of the header, without the checksum.
    pub(super) fn bytes(&self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        bytes[CHECKED..48].copy_from_slice(self.key.bytes());
        let count = |count: usize| u32::try_from(count).expect("a draw has few numbers");
        let [values, failures, points, unknowns, replicas] = self.shape.counts().map(count);
        let numbers = [
            self.draws.start,
            self.draws.end,
            values,
            failures,
            points,
            unknowns,
            replicas,
            count(self.pairs),
        ];
        for (place, number) in bytes[48..].chunks_exact_mut(4).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    /// Reads a header; `None` if it is none of this format.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.first_chunk::<HEADER>()?;
        let number = |place: usize| {
            let bytes = bytes[place..]
                .first_chunk()
                .expect("the header is long enough");
            u32::from_le_bytes(*bytes)
        };
        if &bytes[..8] != MAGIC || number(8) != FORMAT {
            return None;
        }
        let count = |index: usize| number(48 + 4 * index) as usize;
        let draws = number(48)..number(52);
        (draws.start < draws.end).then(|| Self {
            key: Key::of_bytes(bytes[CHECKED..48].try_into().expect("a key has 32 bytes")),
            draws,
            shape: Shape {
                values: count(2),
                failures: count(3),
                points: count(4),
                unknowns: count(5),
                replicas: count(6),
            },
            pairs: count(7),
        })
    }
}
