//! A machine shared by applications and collectors: who gets which CPU, what that does to requests,
//! and who dies when memory runs out.
//!
//! [`Contention`] puts the pieces together for one node, [`NodeTotals`] for the many nodes of a pool of which
//! most are in no trouble; the pieces are [`waterfill`] (grants from
//! weights), [`weight`] (weights from requests), [`latency`] (slowdown from grants) and [`memory`] (the
//! OOM killer).

mod application;
mod contention;
mod cores;
pub mod latency;
pub mod memory;
mod occupants;
mod pool;
mod run;
mod snapshot;
mod totals;
pub mod waterfill;
pub mod weight;

pub(in crate::model) use application::{Application, whole_bytes};
pub use contention::Contention;
pub(in crate::model) use cores::Slowed;
pub(in crate::model) use occupants::{Member, Occupants};
pub(in crate::model) use pool::{Pool, PoolTally};
pub(in crate::model) use run::Run;
pub(in crate::model) use snapshot::PoolSnapshot;
pub use totals::{NodeState, NodeTotals};
