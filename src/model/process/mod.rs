//! One collector process: where in its life it is, what its memory and its scrapes need.

pub mod collector;
pub mod memory;
pub mod scrape;
