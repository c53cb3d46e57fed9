//! Inputs that went wrong once, each with the right value, and inputs of the same kind.

mod chance;
mod clusters;
mod costs;
mod cpu;
mod hostile;
mod life_cycle;
mod no_series;
mod nodes;
mod own_telemetry;
mod peaks;
mod pending;
mod ports;
pub(crate) mod range;
mod shared_capacity;
mod verdicts;
mod wal;
