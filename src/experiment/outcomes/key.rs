//! The name of a block: a hash of everything that decides its bytes.

use std::fmt::{self, Write};
use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::experiment::study::Study;

/// The name of a block, the same wherever the block is computed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key([u8; 32]);

/// What all blocks of a case have in common.
#[derive(Clone, Debug)]
pub(in crate::experiment) struct CaseKey(Sha256);

impl Key {
    /// The key with these bytes.
    pub(super) const fn of_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the key.
    pub(super) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Key {
    /// Half of the bytes in hexadecimal, which tells blocks apart.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.0.iter().take(16);
        bytes.try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl CaseKey {
    /// The key of a case of a study, for a program of this revision.
    ///
    /// The text of a blueprint in `Debug` form has every number in full, and the content of every
    /// file that the scenario names. Names of studies and cases, and goals, decide no draw.
    pub(in crate::experiment) fn of(study: &Study, case: usize, revision: &str) -> Self {
        let mut text = Hashed(Sha256::new());
        let (seed, replications) = (study.seed, study.replications);
        let blueprint = &study.cases[case].blueprint;
        write!(text, "{revision}\n{seed}\n{replications}\n{blueprint:?}\n")
            .expect("a hash takes all text");
        Self(text.0)
    }

    /// The key of some draws of the case.
    pub(in crate::experiment) fn of_draws(&self, draws: &Range<u32>) -> Key {
        let hash = self.0.clone();
        let hash = hash.chain_update(draws.start.to_le_bytes());
        let hash = hash.chain_update(draws.end.to_le_bytes());
        Key(hash.finalize().into())
    }
}

/// A hash that takes text.
struct Hashed(Sha256);

impl Write for Hashed {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}
