//! What a truncation takes: an oracle in exact integers, its fixed values, and the model against it.

mod fixed;
mod model;
mod oracle;
mod outages;

pub(crate) use model::{log, lost};
pub(crate) use oracle::{HOUR, MINUTE, Rule};
