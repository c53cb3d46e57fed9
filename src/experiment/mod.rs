//! One blueprint many times: cases × draws in parallel, verdicts.
//!
//! A [`study::Study`] says what to run. [`run::run`] gives its [`results::Results`], and
//! [`run::run_all`] those of several studies. A draw is the unit of evidence, a [`block::Block`]
//! the unit of work.

mod agenda;
pub mod archive;
pub mod block;
pub mod current;
pub mod draws;
pub mod estimate;
mod finding;
mod gather;
mod gauge;
mod judge;
mod needs;
pub mod outcomes;
mod reduce;
pub mod requirement;
pub mod results;
pub mod run;
pub mod share;
pub mod size;
pub mod stopwatch;
pub mod store;
pub mod study;
mod tally;
mod weight;
