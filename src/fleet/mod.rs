//! The model: what exists and what happens.

pub mod nat;
