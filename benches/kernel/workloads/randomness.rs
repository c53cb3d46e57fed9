//! A fast generator, so that the loops spend their time on events.

use alloy_sim::units::SimTime;

use super::low_bits;

/// Layers of the ziggurat.
const LAYERS: usize = 256;
/// Where the lowest layer's box ends and the tail begins, and the area of each layer.
///
/// Source: Marsaglia, Tsang, "The ziggurat method for generating random variables", 2000, section 2.
const TAIL: f64 = 7.697_117_470_131_05;
const AREA: f64 = 0.003_949_659_822_581_572;

/// `SplitMix64`, and exponential numbers of it by the ziggurat method.
pub(crate) struct Randomness {
    state: u64,
    /// How wide each layer is, from the lowest up; a part of it lies under the curve for certain, as
    /// far as the next layer is wide.
    widths: Box<[f64; LAYERS + 1]>,
}

impl Randomness {
    pub(crate) fn new() -> Self {
        let mut widths = [0.0; LAYERS + 1];
        widths[0] = AREA * TAIL.exp();
        widths[1] = TAIL;
        for layer in 1..LAYERS - 1 {
            let top = (-widths[layer]).exp() + AREA / widths[layer];
            widths[layer + 1] = -top.ln();
        }
        Self {
            state: 1,
            widths: Box::new(widths),
        }
    }

    /// An instant after `now` by an exponential length with a mean in nanoseconds.
    #[inline]
    pub(crate) fn after(&mut self, now: SimTime, mean: f64) -> SimTime {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "58 bits hold any exponential"
        )]
        let delay = (self.exponential() * mean) as i64;
        SimTime::from_nanos(now.nanos() + delay.cast_unsigned())
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        low_bits(((self.word() >> 32) * u64::from(bound)) >> 32)
    }

    /// An exponential number with mean 1.
    #[inline]
    fn exponential(&mut self) -> f64 {
        let word = self.word();
        let [layer, ..] = word.to_le_bytes();
        let layer = usize::from(layer);
        let value = unit(word) * self.widths[layer];
        if value < self.widths[layer + 1] {
            value
        } else {
            self.beyond(layer, value)
        }
    }

    /// What becomes of a value at the edge of its layer, one in a hundred.
    #[cold]
    #[inline(never)]
    fn beyond(&mut self, layer: usize, value: f64) -> f64 {
        if layer == 0 {
            return TAIL - (1.0 - self.unit()).ln();
        }
        let [low, high] = [layer, layer + 1].map(|layer| (-self.widths[layer]).exp());
        if low + self.unit() * (high - low) < (-value).exp() {
            value
        } else {
            self.exponential()
        }
    }

    fn unit(&mut self) -> f64 {
        unit(self.word())
    }

    #[inline]
    fn word(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}

/// The upper 53 bits as a number from 0 to 1; the lower ones may choose a layer.
#[inline]
fn unit(word: u64) -> f64 {
    (word >> 11).cast_signed() as f64 * (-53_f64).exp2()
}
