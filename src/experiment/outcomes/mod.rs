//! The outcomes of a case, draw by draw, as they are kept: in blocks, column by column.

mod encode;
mod key;
mod page;
mod row;
mod shape;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use self::page::Page;
use self::shape::{HEADER, Shape};
use super::store::{Memory, Store, StoreError};
use crate::model::record::outcome::{Layout, Outcome};

pub(super) use self::encode::{encode, known};
pub(super) use self::key::CaseKey;
pub use self::key::Key;
pub use self::row::Row;

/// Bytes of all blocks of a case up to which they are held in memory while they are read.
pub(super) const WHOLE_MAX: usize = 64 << 20;

/// The outcomes of a case. They are read from where they are kept, so that a million draws fit.
#[derive(Clone)]
pub struct Outcomes {
    store: Arc<dyn Store>,
    /// The blocks, in the order of their draws.
    blocks: Vec<(Range<u32>, Key)>,
}

/// The outcomes of a case, open for reading.
pub struct Reader<'a> {
    pages: Vec<Page<'a>>,
}

/// Bytes of one draw in a block.
pub(super) fn bytes_of_draw(layout: &Layout, unknowns: usize, replications: u32) -> f64 {
    let replicas = if replications > 1 { replications } else { 0 };
    let shape = Shape {
        values: layout.columns.len(),
        failures: layout.failures.len(),
        points: layout.points(),
        unknowns,
        replicas: replicas as usize,
    };
    (shape.length(1, 0) - HEADER) as f64
}

impl Outcomes {
    /// The outcomes in some adjacent blocks.
    pub(super) const fn new(store: Arc<dyn Store>, blocks: Vec<(Range<u32>, Key)>) -> Self {
        Self { store, blocks }
    }

    /// Outcomes in one block that is kept in memory, for whoever makes them up.
    pub fn in_memory(outcomes: &[Outcome]) -> Self {
        let draws = 0..u32::try_from(outcomes.len()).expect("draws are numbered by 32 bits");
        let key = Key::of_bytes([0; 32]);
        let bytes = encode(key, draws.clone(), &outcomes.iter().collect::<Vec<_>>());
        Self::new(Arc::new(Memory::of(key, bytes)), vec![(draws, key)])
    }

    /// Number of draws.
    pub fn count(&self) -> usize {
        self.blocks.iter().map(|(draws, _)| draws.len()).sum()
    }

    /// Opens all blocks.
    ///
    /// # Errors
    ///
    /// If a block cannot be read.
    pub fn open(&self) -> Result<Reader<'_>, StoreError> {
        let mut pages = Vec::with_capacity(self.blocks.len());
        let mut is_small = true;
        for (place, (draws, key)) in self.blocks.iter().enumerate() {
            let store = &*self.store;
            let page = if is_small {
                Page::whole(store, key)?
            } else {
                Page::in_parts(store, key)?
            };
            let of_first = page.header().shape.length(draws.len(), page.header().pairs);
            pages.push(page);
            if place == 0 && of_first.saturating_mul(self.blocks.len()) > WHOLE_MAX {
                is_small = false;
                pages[0] = Page::in_parts(store, key)?;
            }
        }
        Ok(Reader { pages })
    }

    /// All of one draw.
    ///
    /// # Errors
    ///
    /// If its block cannot be read.
    pub(super) fn outcome(&self, draw: u32) -> Result<Option<Outcome>, StoreError> {
        let found = self.blocks.iter().find(|(draws, _)| draws.contains(&draw));
        let Some((draws, key)) = found else {
            return Ok(None);
        };
        let page = Page::whole(&*self.store, key)?;
        let row = (draw - draws.start) as usize;
        Ok(Some(Row { page: &page, row }.outcome()))
    }
}

impl fmt::Debug for Outcomes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Outcomes")
            .field("blocks", &self.blocks)
            .finish_non_exhaustive()
    }
}

impl Reader<'_> {
    /// Number of draws.
    pub fn count(&self) -> usize {
        self.pages
            .iter()
            .map(|page| page.header().draws.len())
            .sum()
    }

    /// Reads every draw in its order.
    ///
    /// # Errors
    ///
    /// If what is read of a draw cannot be read, or `read` fails.
    pub fn each<E: From<StoreError>>(
        &self,
        mut read: impl FnMut(u32, Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for page in &self.pages {
            for (draw, row) in page.rows() {
                read(draw, row)?;
            }
            page.close()?;
        }
        Ok(())
    }

    /// One thing of every draw, in the order of the draws.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn collect<T>(&self, mut read: impl FnMut(Row<'_>) -> T) -> Result<Vec<T>, StoreError> {
        let mut all = Vec::with_capacity(self.count());
        self.each(|_, row| {
            all.push(read(row));
            Ok::<_, StoreError>(())
        })?;
        Ok(all)
    }
}
