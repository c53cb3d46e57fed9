//! What a change of a fleet asks of the rest of the world.

/// What the world has to see to after a change of a fleet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "the world goes on from the facts"]
pub(in crate::model) struct Facts {
    /// Collectors came or went, and their connections with them.
    pub ports_changed: bool,
    /// Replicas that are wanted and look for room on a node.
    pub wanted: Vec<u32>,
}

impl Facts {
    /// Adds what another change asks for.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.ports_changed |= other.ports_changed;
        self.wanted.extend(other.wanted);
        self
    }
}
