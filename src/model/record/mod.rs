//! The outcome of a draw, and the meaning of every number in it.

mod absence;
pub mod catalogue;
pub mod cut;
mod failure;
pub mod observer;
pub mod outcome;
pub(in crate::model) mod region;
pub mod window;
