//! What a draw leaves behind, and what every number in it means.

pub mod catalogue;
pub mod observer;
pub mod outcome;
