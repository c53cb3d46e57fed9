//! What was measured of real collectors comes out.

mod alloy;
mod prometheus_agent;
mod turns;
