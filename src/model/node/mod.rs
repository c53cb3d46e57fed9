//! A machine shared by applications and collectors: grants of CPU, slowdown of requests, and OOM
//! kills.
//!
//! [`Contention`] is one node. [`NodeTotals`] is the many nodes of a pool, most of which are calm.
//! Both use [`waterfill`] (grants from weights), [`weight`] (weights from requests) and [`latency`]
//! (slowdown from grants). [`memory`] is the OOM killer.

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
pub(in crate::model) use occupants::{Member, Occupants};
pub(in crate::model) use pool::{Pool, PoolTally};
pub(in crate::model) use run::Run;
pub(in crate::model) use snapshot::PoolSnapshot;
pub use totals::{NodeState, NodeTotals};
