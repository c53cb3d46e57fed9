//! What `alloy-sim init` writes.

/// A scenario that runs as it stands and asks a real question.
pub const STARTER: &str = include_str!("starter.toml");
