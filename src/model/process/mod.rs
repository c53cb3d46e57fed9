//! One collector process: its life, its memory, its CPU, its scrapes.

pub mod collector;
pub mod demand;
pub mod heap;
pub mod memory;
pub mod prices;
pub mod quota;
pub mod scrape;
pub mod series;
pub mod turns;
