//! Who scrapes which target: Alloy's consistent hash ring.
//!
//! Peers are numbers, in the order in which their names were given; keys are 64-bit hashes of
//! targets. The ring knows neither targets nor peers' states: lookups are told who is up. A
//! [`Census`] looks up a list of real targets and adds up what each peer carries.

mod census;
mod key;
mod tokens;

pub use census::{Census, Load, Owned, Peer, Target};
pub use key::{META_PREFIX, target_key};
pub use tokens::Ring;
