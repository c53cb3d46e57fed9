//! What a draw makes that exact integers do not hold.

/// A quantity of one draw beyond the exact range. The simulation of that draw has no outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Beyond {
    /// Path of the quantity in the scenario.
    pub path: String,
    /// What it reaches in this draw.
    pub value: f64,
    /// Greatest value that can be counted exactly.
    pub most: f64,
}
