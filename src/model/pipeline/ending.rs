//! How a process ends, for what its pipelines hold.

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Ending {
    /// It is asked to stop, and sends what it can. Its pod and its files stay.
    Asked,
    /// It is killed. Its pod and its files stay.
    Killed,
    /// Its node is gone, with the files on it.
    NodeLost,
    /// It is asked to stop, and its pod goes with its files and volumes.
    Gone,
}

impl Ending {
    /// Whether the process still decides and sends.
    pub(in crate::model) fn is_asked(self) -> bool {
        matches!(self, Self::Asked | Self::Gone)
    }
}
