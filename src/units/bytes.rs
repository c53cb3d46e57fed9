//! Amounts of data.

/// Bytes in a MiB, for constants that are stated per MiB.
pub const MIB: f64 = 1_048_576.0;

/// An amount of data in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(u64);

impl Bytes {
    /// `count` bytes.
    pub const fn new(count: u64) -> Self {
        Self(count)
    }

    /// The number of bytes.
    pub const fn count(self) -> u64 {
        self.0
    }

    /// The number of bytes as a float, for arithmetic.
    pub fn as_f64(self) -> f64 {
        self.0 as f64
    }
}
