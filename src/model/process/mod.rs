//! One collector process: its life, its memory, its scrapes.

pub mod collector;
pub mod memory;
pub mod scrape;
