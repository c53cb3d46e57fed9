//! What was measured of real collectors comes out.

mod alloy;
mod outages;
mod prometheus_agent;
mod turns;
