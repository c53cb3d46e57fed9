//! Who scrapes which target: Alloy's consistent hash ring.
//!
//! Peers are numbers, in the order of their names. Keys are 64-bit hashes of targets. The ring
//! knows neither targets nor the states of peers: callers say which peers are up. A [`Census`]
//! looks up a list of real targets and adds up the load of each peer.

mod census;
mod key;
mod tokens;

pub use census::{Census, Load, Owned, Peer, Target};
pub use key::{META_PREFIX, target_key};
pub use tokens::Ring;
