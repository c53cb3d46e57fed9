//! Who scrapes which target: Alloy's consistent hash ring, and hash modulo for comparison.
//!
//! Peers are numbers, in the order in which their names were given; keys are 64-bit hashes of
//! targets. The ring knows neither targets nor peers' states: lookups are told who is up.

pub mod hashmod;
mod key;
mod tokens;

pub use key::target_key;
pub use tokens::{Ring, TOKENS_PER_PEER};
