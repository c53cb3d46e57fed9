//! One signal on its way through one collector: its sender, and where every sample went.

pub mod ledger;
pub mod remote_write;
pub(in crate::model) mod route;
