//! Inputs that went wrong once: the first lines of each file say how, and what is right.

mod no_series;
pub(crate) mod range;
