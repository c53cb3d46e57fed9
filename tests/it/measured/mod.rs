//! What was measured of real collectors comes out.

pub(crate) mod alloy;
mod logs;
pub(crate) mod outages;
mod prometheus_agent;
mod spans;
mod turns;
