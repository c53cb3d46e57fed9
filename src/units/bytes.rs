//! Amounts and rates of data.

/// Bytes in a MiB, for what is stated per MiB.
pub const MIB: f64 = 1_048_576.0;

/// An amount of data in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(u64);

impl Bytes {
    /// `count` bytes.
    pub const fn new(count: u64) -> Self {
        Self(count)
    }

    /// `count` times 1,048,576 bytes.
    pub const fn from_mib(count: u64) -> Self {
        Self(count << 20)
    }

    /// `count` times 1,073,741,824 bytes.
    pub const fn from_gib(count: u64) -> Self {
        Self(count << 30)
    }

    /// The number of bytes.
    pub const fn count(self) -> u64 {
        self.0
    }

    /// The number of bytes as a float, for arithmetic with rates.
    pub fn as_f64(self) -> f64 {
        self.0 as f64
    }
}

/// A data rate in bytes per second; never bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct ByteRate(f64);

impl ByteRate {
    /// `bytes` per second.
    pub const fn per_second(bytes: f64) -> Self {
        Self(bytes)
    }

    /// Bytes per second.
    pub const fn as_f64(self) -> f64 {
        self.0
    }
}
