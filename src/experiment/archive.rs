//! The blocks of a study: what they are called, and the store that keeps them.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::block::{Block, Drawn};
use super::outcomes::{self, CaseKey, Key, Outcomes};
use super::run::Stopped;
use super::store::{Memory, Store, StoreError};
use super::study::Study;
use super::tally::Tally;
use crate::model::record::outcome::Layout;

/// The blocks of a study.
pub struct Archive {
    study: Arc<Study>,
    store: Arc<dyn Store>,
    /// What tells programs apart whose draws may differ.
    revision: String,
    cases: Vec<OnceLock<Folio>>,
    /// Whether a block that is not kept ends the study.
    is_closed: bool,
}

/// Whether a block is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is not there.
    Absent,
    /// Its bytes are not those that were written.
    Damaged,
    /// It is there.
    Whole,
}

/// What all blocks of a case have in common. A large case takes a while to hash, so that the thread
/// does it that simulates its first block.
struct Folio {
    layout: Layout,
    key: CaseKey,
}

impl Archive {
    /// The blocks of a study in a store, as a program of this revision makes them.
    pub fn new(study: Arc<Study>, store: Arc<dyn Store>, revision: &str) -> Self {
        let cases = study.cases.iter().map(|_| OnceLock::new()).collect();
        Self {
            study,
            store,
            revision: revision.to_owned(),
            cases,
            is_closed: false,
        }
    }

    /// The blocks of a study, kept in memory.
    pub fn in_memory(study: Study) -> Self {
        Self::new(Arc::new(study), Arc::new(Memory::default()), "")
    }

    /// The study.
    pub const fn study(&self) -> &Arc<Study> {
        &self.study
    }

    /// The layout of every draw of a case.
    pub(super) fn layout(&self, case: usize) -> &Layout {
        &self.folio(case).layout
    }

    /// The key of a block.
    pub fn key(&self, block: &Block) -> Key {
        self.folio(block.case).key.of_draws(&block.draws)
    }

    /// The blocks of all cases in the round of draws after `done` draws, in their order. `None` if no
    /// more draws are allowed.
    pub fn round(&self, done: u32) -> Option<Vec<Block>> {
        let study = &*self.study;
        let round = study.draws.round(done)?;
        let cases = 0..study.cases.len();
        Some(
            cases
                .flat_map(|case| Block::of_round(study, case, round.clone()))
                .collect(),
        )
    }

    /// Whether a block is kept.
    ///
    /// # Errors
    ///
    /// If the store cannot read.
    pub fn has(&self, block: &Block) -> Result<Kept, StoreError> {
        self.read(block).map(|(kept, _)| kept)
    }

    /// What a block says of its draws, if it is kept and whole.
    ///
    /// # Errors
    ///
    /// If the store cannot read, or has no such block and no block may be added.
    pub(super) fn find(&self, block: &Block) -> Result<Option<Vec<Tally>>, Stopped> {
        let (_, tallies) = self.read(block)?;
        if tallies.is_none() && self.is_closed {
            return Err(Stopped::Absent);
        }
        Ok(tallies)
    }

    /// Whether a block is kept, and what it says of its draws if it is whole.
    fn read(&self, block: &Block) -> Result<(Kept, Option<Vec<Tally>>), StoreError> {
        let key = self.key(block);
        let Some(bytes) = self.store.load(&key)? else {
            return Ok((Kept::Absent, None));
        };
        let layout = self.layout(block.case);
        let known = outcomes::known(bytes, &key, &block.draws, layout);
        let kept = if known.is_some() {
            Kept::Whole
        } else {
            Kept::Damaged
        };
        Ok((kept, known))
    }

    /// The same blocks, of which no further one is simulated.
    #[must_use]
    pub fn closed(self) -> Self {
        Self {
            is_closed: true,
            ..self
        }
    }

    /// Keeps the draws of a block, and says what is in them.
    ///
    /// # Errors
    ///
    /// If the store takes no more.
    pub(super) fn keep(&self, block: &Block, draws: &[Drawn]) -> Result<Vec<Tally>, StoreError> {
        let outcomes: Vec<_> = draws.iter().map(|drawn| &drawn.outcome).collect();
        let key = self.key(block);
        let bytes = outcomes::encode(key, block.draws.clone(), &outcomes);
        self.store.put(&key, bytes)?;
        let layout = self.layout(block.case);
        let tally = |drawn: &Drawn| {
            let events = drawn.outcome.events_handled;
            Tally::of(drawn.draw, &drawn.outcome, events, layout)
        };
        Ok(draws.iter().map(tally).collect())
    }

    /// The outcomes in some adjacent blocks of a case.
    pub(super) fn outcomes(&self, case: usize, blocks: Vec<Range<u32>>) -> Outcomes {
        let key = |draws: Range<u32>| {
            let key = self.folio(case).key.of_draws(&draws);
            (draws, key)
        };
        let blocks = blocks.into_iter().map(key);
        Outcomes::new(Arc::clone(&self.store), blocks.collect())
    }

    fn folio(&self, case: usize) -> &Folio {
        self.cases[case].get_or_init(|| Folio {
            layout: Layout::of(&self.study.cases[case].blueprint),
            key: CaseKey::of(&self.study, case, &self.revision),
        })
    }
}
