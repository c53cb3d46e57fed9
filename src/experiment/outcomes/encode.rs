//! Draws to the bytes of a block, and what a block that is kept says of its draws.

use std::ops::Range;
use std::sync::Arc;

use super::Key;
use super::page::Page;
use super::shape::{CHECKED, Column, Header, Shape};
use crate::experiment::tally::Tally;
use crate::model::record::outcome::{Layout, Outcome};

/// The bytes of a block.
///
/// # Panics
///
/// If there is no outcome, or the outcomes are not of one shape, which is a bug.
pub(in crate::experiment) fn encode(key: Key, draws: Range<u32>, outcomes: &[&Outcome]) -> Vec<u8> {
    assert_eq!(outcomes.len(), draws.len(), "one outcome per draw");
    let shape = Shape::of(outcomes[0]);
    let pairs = outcomes.iter().map(|outcome| outcome.unserved.len()).sum();
    let header = Header {
        key,
        draws,
        shape,
        pairs,
    };
    let mut bytes = vec![0; shape.length(outcomes.len(), pairs)];
    let head = header.bytes();
    bytes[..head.len()].copy_from_slice(&head);
    let mut unserved = bytes.len() - 8 * pairs;
    for (row, outcome) in outcomes.iter().enumerate() {
        assert_eq!(Shape::of(outcome), shape, "draws of one case are alike");
        let mut writer = Writer {
            shape,
            bytes: &mut bytes,
            place: (row, outcomes.len()),
        };
        writer.outcome(outcome);
        for &column in &outcome.unserved {
            for number in [row, column] {
                let number = u32::try_from(number).expect("a block is short");
                bytes[unserved..unserved + 4].copy_from_slice(&number.to_le_bytes());
                unserved += 4;
            }
        }
    }
    let sum = crc32fast::hash(&bytes[CHECKED..]);
    bytes[CHECKED - 4..CHECKED].copy_from_slice(&sum.to_le_bytes());
    bytes
}

/// What a block that is kept says of its draws; `None` if its bytes are not that block.
pub(in crate::experiment) fn known(
    bytes: Arc<[u8]>,
    key: &Key,
    draws: &Range<u32>,
    layout: &Layout,
) -> Option<Vec<Tally>> {
    let page = Page::checked(bytes, key, draws, layout).ok()?;
    let tally =
        |(draw, row): (u32, super::Row<'_>)| Tally::of(draw, &row, row.events_handled(), layout);
    Some(page.rows().map(tally).collect())
}

impl Shape {
    fn of(outcome: &Outcome) -> Self {
        Self {
            values: outcome.values.len(),
            failures: outcome.first.len(),
            points: outcome.tracks.len(),
            unknowns: outcome.unknowns.len(),
            replicas: outcome.replicas.len(),
        }
    }
}

/// Writes one draw.
struct Writer<'a> {
    shape: Shape,
    bytes: &'a mut [u8],
    /// Number of the draw in the block, and of draws.
    place: (usize, usize),
}

impl Writer<'_> {
    fn outcome(&mut self, outcome: &Outcome) {
        let instant = |first: &Option<f64>| first.unwrap_or(f64::NAN);
        self.all(Column::Value, outcome.values.iter().copied());
        self.all(Column::First, outcome.first.iter().map(instant));
        for (number, first) in outcome.replicas.iter().enumerate() {
            self.all(
                |position| Column::Replica(number, position),
                first.iter().map(instant),
            );
        }
        self.all(Column::Unknown, outcome.unknowns.iter().copied());
        self.put(Column::Events, outcome.events_handled.to_le_bytes());
        self.put(Column::Days, outcome.collector_days.to_le_bytes());
        for (index, point) in outcome.tracks.iter().enumerate() {
            self.put(Column::Point(index), point.to_le_bytes());
        }
    }

    fn all(&mut self, column: impl Fn(usize) -> Column, numbers: impl Iterator<Item = f64>) {
        for (index, number) in numbers.enumerate() {
            self.put(column(index), number.to_le_bytes());
        }
    }

    fn put<const N: usize>(&mut self, column: Column, number: [u8; N]) {
        let (row, draws) = self.place;
        let from = self.shape.place(column, draws).start + N * row;
        self.bytes[from..from + N].copy_from_slice(&number);
    }
}
