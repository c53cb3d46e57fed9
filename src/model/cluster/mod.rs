//! Replicas that share targets: Alloy's hash ring, and who carries how much.

pub mod ring;
pub mod sharing;
