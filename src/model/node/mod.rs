//! A machine shared by applications and collectors: who gets which CPU, what that does to requests,
//! and who dies when memory runs out.
//!
//! [`Contention`] puts the pieces together for one node, [`Board`] for the many nodes of a pool of which
//! most are in no trouble; the pieces are [`waterfill`] (grants from
//! weights), [`weight`] (weights from requests), [`latency`] (slowdown from grants) and [`memory`] (the
//! OOM killer).

mod application;
mod board;
mod contention;
mod cores;
mod crowd;
pub mod latency;
pub mod memory;
mod pool;
mod run;
mod survey;
pub mod waterfill;
pub mod weight;

pub(in crate::model) use application::{Application, whole_bytes};
pub use board::{Board, Sight};
pub use contention::Contention;
pub(in crate::model) use cores::Slowed;
pub(in crate::model) use crowd::{Crowd, Member};
pub(in crate::model) use pool::{Pool, PoolTally};
pub(in crate::model) use run::Run;
pub(in crate::model) use survey::Survey;
