//! The collectors of one fleet.

pub mod snapshot;
