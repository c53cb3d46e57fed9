//! Inputs that went wrong once, each with the right value, and inputs of the same kind.

mod chance;
mod clusters;
mod costs;
mod life_cycle;
mod no_series;
mod nodes;
mod own_telemetry;
mod pending;
mod ports;
pub(crate) mod range;
mod verdicts;
