//! A fast generator, so that the loops spend their time on events.

use std::convert::Infallible;

use rand::TryRng;
use rand::rand_core::utils::fill_bytes_via_next_word;
use rand_distr::{Distribution, Exp1};

use alloy_sim::units::SimTime;

use super::low_bits;

/// `SplitMix64`.
pub(super) struct Randomness(u64);

impl Randomness {
    pub(super) fn new() -> Self {
        Self(1)
    }

    /// An instant after `now` by an exponential length with a mean in nanoseconds.
    pub(super) fn after(&mut self, now: SimTime, mean: f64) -> SimTime {
        let factor: f64 = Exp1.sample(self);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "58 bits hold any exponential"
        )]
        let delay = (factor * mean) as i64;
        SimTime::from_nanos(now.nanos() + delay.cast_unsigned())
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        low_bits(((self.word() >> 32) * u64::from(bound)) >> 32)
    }

    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}

impl TryRng for Randomness {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let [_, _, _, _, a, b, c, d] = self.word().to_le_bytes();
        Ok(u32::from_le_bytes([a, b, c, d]))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        fill_bytes_via_next_word(bytes, || self.try_next_u64())
    }
}
