//! A machine shared by applications and collectors: who gets which CPU, what that does to requests,
//! and who dies when memory runs out.
//!
//! [`Contention`] puts the pieces together for one node, [`Board`] for the many nodes of a pool of which
//! most are in no trouble; the pieces are [`waterfill`] (grants from
//! weights), [`weight`] (weights from requests), [`latency`] (slowdown from grants), [`quota`] (CPU
//! limits) and [`memory`] (eviction and the OOM killer).

mod board;
mod contention;
pub mod latency;
pub mod memory;
pub mod quota;
pub mod waterfill;
pub mod weight;

pub use board::{Board, Sight};
pub use contention::{Contention, Noise};
