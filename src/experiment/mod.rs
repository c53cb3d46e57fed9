//! The same blueprint many times: cases × draws in parallel, verdicts.

pub mod current;
pub mod goal;
pub mod plan;
pub mod results;
