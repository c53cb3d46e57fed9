//! The model: what exists and what happens.
//!
//! A [`blueprint`] says what exists. Parts are state machines without a clock and do not know each
//! other. The [`world`] owns the parts, takes events from the calendar and calls the parts. A draw
//! leaves an outcome in [`record`], whose catalogue says what every number means.

pub mod law;
pub mod topology;

pub mod blueprint;

pub mod load;
pub mod wal;

pub mod process;

pub mod pipeline;

pub mod cluster;

pub mod autoscale;
pub mod egress;
mod endpoint;
mod job;
pub mod node;
mod rollout;

pub mod record;

pub mod moment;

pub mod fleet;

pub mod world;
