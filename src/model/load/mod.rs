//! What workloads emit over time: one draw of it, as step functions that all collectors share.

pub mod beyond;
pub mod draw;
pub mod driver;
pub mod lines;
pub mod profiles;
pub mod spans;
pub mod standing;
pub mod timeline;
pub mod trend;
pub(in crate::model) mod work;
