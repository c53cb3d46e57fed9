//! One integration binary: each module says what it guards.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod coverage;
mod kernel_benches; // the bodies of benches/kernel, with small input
mod kernel_theory; // textbook queues through the engine
mod parts_theory; // the fleet's parts against closed forms // intervals cover what they claim to cover
