//! The owner of each target: a table of peers for people, a row per target for machines.

mod owners;
mod peers;

pub use owners::ring_owners;
pub use peers::ring_answer;
