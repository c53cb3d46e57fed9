//! The `alloy-sim` program.

fn main() {}
