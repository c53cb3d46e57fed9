//! What several tests need and the product does not.

pub(crate) mod browser;
pub(crate) mod files;
pub(crate) mod platform;
pub(crate) mod properties;
pub(crate) mod scene;
pub(crate) mod small;
