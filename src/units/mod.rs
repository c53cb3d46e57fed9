//! Quantities whose mix-up would be silent: instants, data, shares.
//!
//! Everything else in the program is a plain number whose name ends in its unit.

mod bytes;
mod fraction;
mod nearest;
mod time;
mod whole;

pub use bytes::{Bytes, MIB};
pub use fraction::Fraction;
pub use nearest::nearest;
pub use time::{SimDuration, SimTime, Span};
pub use whole::{floor, small};
