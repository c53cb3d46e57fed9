//! One integration binary: each module says what it guards.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod architecture; // the rules of the code itself
mod cli; // what a user types and gets back
mod coverage; // intervals cover what they claim to cover
mod kernel_theory; // textbook queues through the engine
mod parts_theory; // the fleet's parts against closed forms
