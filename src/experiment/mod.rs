//! The same blueprint many times: cases × draws in parallel, verdicts.
//!
//! A [`plan::Study`] says what to run; [`run::run`] gives [`results::Results`]. A draw is the unit of
//! evidence.

pub mod current;
mod finding;
mod judge;
pub mod plan;
mod reduce;
pub mod requirement;
pub mod results;
pub mod run;
pub mod stopwatch;
