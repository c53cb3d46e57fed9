//! Where the blocks of a study are kept until its results are made.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use thiserror::Error;

use super::outcomes::Key;

/// Blocks cannot be kept or read. The message names the place and the cause.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct StoreError(pub String);

impl From<StoreError> for std::io::Error {
    fn from(error: StoreError) -> Self {
        Self::other(error)
    }
}

/// Keeps blocks by their keys. Any thread may put and read.
pub trait Store: Send + Sync {
    /// Keeps the bytes of a block.
    ///
    /// # Errors
    ///
    /// If the place takes no more bytes.
    fn put(&self, key: &Key, bytes: Vec<u8>) -> Result<(), StoreError>;

    /// All bytes of a block; `None` if the block is not kept.
    ///
    /// # Errors
    ///
    /// If the block cannot be read.
    fn load(&self, key: &Key) -> Result<Option<Arc<[u8]>>, StoreError>;

    /// Some bytes of a block that is kept.
    ///
    /// # Errors
    ///
    /// If the block cannot be read, or is shorter.
    fn part(&self, key: &Key, bytes: Range<u64>) -> Result<Vec<u8>, StoreError>;
}

/// Keeps blocks in memory.
#[derive(Debug, Default)]
pub struct Memory {
    blocks: Mutex<BTreeMap<Key, Arc<[u8]>>>,
}

impl Memory {
    /// A store of one block.
    pub(super) fn of(key: Key, bytes: Vec<u8>) -> Self {
        Self {
            blocks: Mutex::new(BTreeMap::from([(key, bytes.into())])),
        }
    }

    fn get(&self, key: &Key) -> Option<Arc<[u8]>> {
        self.blocks.lock().expect(NO_PANIC).get(key).cloned()
    }
}

impl Store for Memory {
    fn put(&self, key: &Key, bytes: Vec<u8>) -> Result<(), StoreError> {
        let mut blocks = self.blocks.lock().expect(NO_PANIC);
        blocks.insert(*key, bytes.into());
        Ok(())
    }

    fn load(&self, key: &Key) -> Result<Option<Arc<[u8]>>, StoreError> {
        Ok(self.get(key))
    }

    fn part(&self, key: &Key, bytes: Range<u64>) -> Result<Vec<u8>, StoreError> {
        let block = self.get(key);
        let range = usize::try_from(bytes.start)
            .ok()
            .zip(usize::try_from(bytes.end).ok());
        let part = block
            .as_deref()
            .zip(range)
            .and_then(|(block, (from, to))| block.get(from..to));
        part.map(<[u8]>::to_vec)
            .ok_or_else(|| StoreError(format!("block {key} is shorter than its header says")))
    }
}

/// Why the lock is never poisoned.
const NO_PANIC: &str = "nothing panics under this lock";
