//! Capacity simulation for fleets of Grafana Alloy collectors.
//!
//! A *scenario* describes a *fleet*; an *experiment* runs it in the *engine*; *stats* condense what
//! happened; a *report* shows it; *units* keep it honest. Modules are layers and stand here from the
//! bottom up; a layer uses only layers above it in this list.

pub mod units;

pub mod engine;
pub mod stats;

pub mod model;

pub mod experiment;

pub mod report;
pub mod scenario;

pub mod cli;

/// The random cases of property tests, the same beside the code as in `tests/it`.
#[cfg(test)]
#[path = "../tests/it/support/properties.rs"]
mod properties;
