//! Inputs that went wrong once, each with the right value, and inputs of the same kind.

mod chance;
mod life_cycle;
mod no_series;
pub(crate) mod range;
mod verdicts;
