//! What was measured of real collectors comes out.

pub(crate) mod alloy;
mod outages;
mod prometheus_agent;
