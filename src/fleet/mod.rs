//! The model: what exists and what happens.
//!
//! A [`blueprint`] says what exists. Parts are state machines without a clock and do not know each
//! other; the world owns them, hears events and moves them on. A draw leaves an [`outcome`]; the
//! [`catalogue`] says what every number in it means.

pub mod blueprint;
pub mod catalogue;
pub mod form;
pub mod law;
pub mod nat;
pub mod outcome;
pub mod preset;
pub mod signal;
pub mod topology;
