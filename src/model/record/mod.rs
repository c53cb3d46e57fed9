//! The outcome of a draw, and the meaning of every number in it.

mod absence;
pub mod catalogue;
mod failure;
pub mod observer;
pub mod outcome;
pub(in crate::model) mod region;
pub mod window;
