//! Consequences of a change of a fleet for the rest of the world.

/// What the world must do after a change of a fleet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "the world goes on from the facts"]
pub(in crate::model) struct Facts {
    /// Collectors came or went, so connections did.
    pub ports_changed: bool,
    /// New replicas that need room on a node.
    pub wanted: Vec<u32>,
}

impl Facts {
    /// Adds the consequences of another change.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.ports_changed |= other.ports_changed;
        self.wanted.extend(other.wanted);
        self
    }
}
