//! What several tests need and the product does not.

pub(crate) mod calm;
pub(crate) mod properties;
pub(crate) mod scene;
pub(crate) mod synthetic;
mod synthetic_blueprint;
mod synthetic_draw;
