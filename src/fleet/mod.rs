//! The model: what exists and what happens.
