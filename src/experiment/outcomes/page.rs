//! One block as it is read: whole, or the columns that are asked for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::shape::{CHECKED, Column, HEADER, Header};
use super::{Key, Row};
use crate::experiment::store::{Store, StoreError};
use crate::model::record::outcome::Layout;

/// A block that is open for reading.
pub(super) struct Page<'a> {
    header: Header,
    bytes: Bytes<'a>,
    /// Why a column could not be read. Its numbers are then NaN, and whoever reads the page asks.
    failed: RefCell<Option<StoreError>>,
}

enum Bytes<'a> {
    Whole(Arc<[u8]>),
    /// Columns read so far, by their first byte.
    Parts(&'a dyn Store, RefCell<BTreeMap<usize, Vec<u8>>>),
}

/// What is wrong with the bytes of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Damage {
    /// They are no block of this format.
    Format,
    /// They are another block.
    Other,
    /// They differ from what was written.
    Checksum,
}

impl<'a> Page<'a> {
    /// Opens a block as a whole.
    pub(super) fn whole(store: &dyn Store, key: &Key) -> Result<Self, StoreError> {
        let bytes = store.load(key)?.ok_or_else(|| absent(key))?;
        let header = Header::read(&bytes).ok_or_else(|| unreadable(key))?;
        Ok(Self::new(header, Bytes::Whole(bytes)))
    }

    /// Opens a block of which few columns are read.
    pub(super) fn in_parts(store: &'a dyn Store, key: &Key) -> Result<Self, StoreError> {
        let header = store.part(key, 0..HEADER as u64)?;
        let header = Header::read(&header).ok_or_else(|| unreadable(key))?;
        Ok(Self::new(header, Bytes::Parts(store, RefCell::default())))
    }

    /// Opens bytes that may be anything, as the block that they should be.
    pub(super) fn checked(
        bytes: Arc<[u8]>,
        key: &Key,
        draws: &Range<u32>,
        layout: &Layout,
    ) -> Result<Self, Damage> {
        let header = Header::read(&bytes).ok_or(Damage::Format)?;
        let shape = &header.shape;
        let counts = [shape.values, shape.failures, shape.points];
        let asked = [layout.columns.len(), layout.failures.len(), layout.points()];
        if header.key != *key || header.draws != *draws || counts != asked {
            return Err(Damage::Other);
        }
        // The numbers of a header are 32 bits wide, so their products fit.
        if shape.length(draws.len(), header.pairs) != bytes.len() {
            return Err(Damage::Format);
        }
        let sum = crc32fast::hash(&bytes[CHECKED..]);
        if bytes[CHECKED - 4..CHECKED] != sum.to_le_bytes() {
            return Err(Damage::Checksum);
        }
        Ok(Self::new(header, Bytes::Whole(bytes)))
    }

    const fn new(header: Header, bytes: Bytes<'a>) -> Self {
        Self {
            header,
            bytes,
            failed: RefCell::new(None),
        }
    }

    pub(super) const fn header(&self) -> &Header {
        &self.header
    }

    /// The draws of the block, in their order.
    pub(super) fn rows(&self) -> impl Iterator<Item = (u32, Row<'_>)> {
        let draws = self.header.draws.clone();
        draws
            .enumerate()
            .map(|(row, draw)| (draw, Row { page: self, row }))
    }

    /// Forgets the columns that were read.
    ///
    /// # Errors
    ///
    /// If one of them could not be read.
    pub(super) fn close(&self) -> Result<(), StoreError> {
        if let Bytes::Parts(_, parts) = &self.bytes {
            parts.borrow_mut().clear();
        }
        self.failed.take().map_or(Ok(()), Err)
    }

    /// A number of 64 bits of a column.
    pub(super) fn wide(&self, column: Column, row: usize) -> [u8; 8] {
        self.at(column, row).unwrap_or(f64::NAN.to_le_bytes())
    }

    /// A point of a track.
    pub(super) fn point(&self, index: usize, row: usize) -> f32 {
        let bytes = self.at(Column::Point(index), row);
        f32::from_le_bytes(bytes.unwrap_or(f32::NAN.to_le_bytes()))
    }

    /// The columns without a collector in service in a draw, ascending. Pairs stand in the order of
    /// draws, so the first of a draw is searched by halves.
    pub(super) fn unserved(&self, row: usize) -> Vec<usize> {
        let (mut first, mut end) = (0, self.header.pairs);
        while first < end {
            let middle = usize::midpoint(first, end);
            if self.pair(middle).is_some_and(|(of, _)| of < row) {
                first = middle + 1;
            } else {
                end = middle;
            }
        }
        let pairs = (first..self.header.pairs).map_while(|place| self.pair(place));
        let own = pairs.take_while(|(of, _)| *of == row);
        own.map(|(_, column)| column).collect()
    }

    fn pair(&self, place: usize) -> Option<(usize, usize)> {
        let bytes: [u8; 8] = self.at(Column::Unserved(self.header.pairs), place)?;
        let [a, b, c, d, column @ ..] = bytes;
        let row = u32::from_le_bytes([a, b, c, d]) as usize;
        Some((row, u32::from_le_bytes(column) as usize))
    }

    /// A number of `N` bytes of a column.
    fn at<const N: usize>(&self, column: Column, row: usize) -> Option<[u8; N]> {
        let place = self.header.shape.place(column, self.header.draws.len());
        let number = |bytes: &[u8]| bytes.get(N * row..)?.first_chunk().copied();
        match &self.bytes {
            Bytes::Whole(bytes) => number(bytes.get(place)?),
            Bytes::Parts(store, parts) => {
                let mut parts = parts.borrow_mut();
                let part = parts.entry(place.start).or_insert_with(|| {
                    let part = store.part(&self.header.key, place.start as u64..place.end as u64);
                    part.unwrap_or_else(|error| {
                        self.failed.replace(Some(error));
                        Vec::new()
                    })
                });
                number(part)
            }
        }
    }
}

fn absent(key: &Key) -> StoreError {
    StoreError(format!("block {key} is gone"))
}

fn unreadable(key: &Key) -> StoreError {
    StoreError(format!("block {key} has no header of this format"))
}
