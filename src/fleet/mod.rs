//! The model: what exists and what happens.
//!
//! A [`blueprint`] says what exists. Parts are state machines without a clock and do not know each
//! other; the [`world`] owns them, hears events and moves them on. A draw leaves an [`outcome`]; the
//! [`catalogue`] says what every number in it means.

pub mod autoscale;
pub mod blueprint;
pub mod catalogue;
pub mod collector;
pub mod draw;
pub mod driver;
pub mod form;
pub mod law;
pub mod ledger;
pub mod memory;
pub mod nat;
pub mod node;
pub mod outcome;
pub mod ownership;
pub mod preset;
pub mod resident;
pub mod ring;
pub mod scrape;
pub mod sender;
pub mod signal;
pub mod snapshot;
pub mod standing;
pub mod timeline;
pub mod topology;
pub mod trend;
pub mod world;
