//! Random numbers that depend on their purpose, not on the time of drawing.

use std::convert::Infallible;

use rand::TryRng;
use rand::rand_core::utils::fill_bytes_via_next_word;

use super::philox::{halves, philox};

/// All random numbers of one draw of one experiment.
///
/// A stream is named by (purpose, entity, counter) and computed where it is needed. Nothing is
/// stored. One more entity, or one more number drawn for an entity, changes no other stream. The
/// cases of an experiment therefore see the same random numbers.
///
/// How names become bits of Philox4x32-10:
///
/// - key, 64 bits: a hash of (seed, draw, purpose). If two of the three agree, different thirds give
///   different keys; otherwise two keys agree with probability 2⁻⁶⁴.
/// - counter words 0 and 1: the entity's low and high half
/// - counter word 2: the counter
/// - counter word 3: the number of the block of 128 bits within the stream
///
/// With one key, two streams therefore never share a block. A stream repeats after 2³² blocks, that
/// is 2³³ numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RandomStreams {
    seed_key: u64,
    draw: u32,
}

impl RandomStreams {
    /// The random numbers of draw number `draw` of the experiment with this `seed`.
    pub const fn new(seed: u64, draw: u32) -> Self {
        Self {
            seed_key: mix(seed.wrapping_add(GOLDEN)),
            draw,
        }
    }

    /// The random numbers for `purpose` and `entity`, both usually [`key_of`] a name. `counter`
    /// tells repeated occurrences apart, such as the restarts of an entity.
    pub const fn stream(self, purpose: u64, entity: u64, counter: u32) -> RandomStream {
        let purpose_key = mix(purpose ^ self.seed_key);
        let key = mix(purpose_key.wrapping_add(GOLDEN.wrapping_mul(self.draw as u64)));
        RandomStream {
            key,
            entity,
            counter,
            block: 0,
            spare: None,
        }
    }
}

/// A sequence of random numbers, to be used with `rand` and `rand_distr`.
///
/// A stream is a small value, not a service. The same name gives the same stream again, from its
/// beginning. A stream is not `Copy`, since an accidental copy would repeat numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RandomStream {
    key: u64,
    entity: u64,
    counter: u32,
    block: u32,
    /// The second half of the last block, unless used.
    spare: Option<u64>,
}

impl RandomStream {
    /// The next number, uniform over the open interval from 0 to 1.
    pub fn unit(&mut self) -> f64 {
        // 52 bits and a half: with one bit more, the largest value would round to 1.
        ((self.next_word() >> 12) as f64 + 0.5) * (-52_f64).exp2()
    }

    #[inline]
    fn next_word(&mut self) -> u64 {
        if let Some(word) = self.spare.take() {
            return word;
        }
        let [entity_high, entity_low] = halves(self.entity);
        let counter = [entity_low, entity_high, self.counter, self.block];
        let [high, low] = halves(self.key);
        let words = philox(counter, [low, high]).map(u64::from);
        self.block = self.block.wrapping_add(1);
        self.spare = Some(words[3] << 32 | words[2]);
        words[1] << 32 | words[0]
    }
}

/// rand derives `Rng` and `RngExt` from this. A 32-bit number uses 64 bits, so the mix of widths
/// does not matter.
impl TryRng for RandomStream {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let [high, _] = halves(self.next_word());
        Ok(high)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next_word())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        fill_bytes_via_next_word(bytes, || self.try_next_u64())
    }
}

/// A stable 64-bit key of `name`: FNV-1a over its bytes, then the finalizer of `SplitMix64`, for
/// FNV alone leaves the names of neighbours similar.
///
/// Source: RFC 9923, FNV-1a 64 bit.
pub const fn key_of(name: &str) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let bytes = name.as_bytes();
    let mut hash = OFFSET_BASIS;
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(PRIME);
        index += 1;
    }
    mix(hash)
}

/// 2⁶⁴ divided by the golden ratio, odd.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finalizer of `SplitMix64`, a bijection.
///
/// Source: Vigna, <https://prng.di.unimi.it/splitmix64.c>.
const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::{Rng, RngExt};

    use super::*;

    fn check(mut stream: RandomStream, expected: [u64; 10]) {
        assert_eq!(std::array::from_fn(|_| stream.next_u64()), expected);
    }

    /// The expected numbers come from a separate program in another language, written from the
    /// documentation above. A change here changes every result ever reported.
    #[test]
    fn values_are_stable() {
        let collector = key_of("collector-0");
        assert_eq!(collector, 0x114b_7aca_399e_9f87);
        let scrape = RandomStreams::new(1, 0).stream(key_of("scrape"), collector, 0);
        check(
            scrape,
            [
                0x757d_def8_61b8_cfac,
                0xf9b9_57ba_e1fb_9ef9,
                0x2234_dc84_a1ca_a407,
                0x43c9_61aa_5650_8858,
                0x1773_3d56_f2be_75f8,
                0x460f_ee2b_eb08_2552,
                0x0226_67e0_b3ee_75fa,
                0x0b68_1f85_5e87_27b0,
                0xc530_9627_0ce1_74db,
                0x29bd_bd22_186e_b684,
            ],
        );
        let restart = RandomStreams::new(2, 999).stream(key_of("restart"), u64::MAX, 3);
        check(
            restart,
            [
                0xf713_15b5_6295_f0af,
                0x4db3_35ff_adf8_58fd,
                0x76d8_5c36_99ee_c8db,
                0x4378_0526_aab4_e56f,
                0x5253_6374_e5a0_dc37,
                0x1760_6240_7d87_1440,
                0x19ac_193c_e5c7_eaa0,
                0x6e0c_6b91_b16e_82fa,
                0xe1c0_7d83_a552_0673,
                0x72e4_8a0b_5fc8_5915,
            ],
        );
        check(
            RandomStreams::new(0, 0).stream(0, 0, 0),
            [
                0x371f_ca38_6636_ad85,
                0x5aca_39ab_d2e6_79d8,
                0x61d9_b4ba_4cf3_c2d5,
                0x3552_7cf6_3295_2825,
                0x074b_d1fd_9df4_4633,
                0xbdfb_85bc_ab2d_47f9,
                0xf8aa_0382_3858_97be,
                0xff67_f751_8fc6_2fc1,
                0x577a_a79b_96c4_2640,
                0x4c27_650f_3362_9724,
            ],
        );
    }

    #[test]
    fn each_part_of_the_name_matters() {
        let mut values = BTreeSet::new();
        for seed in 0..4 {
            for draw in 0..4 {
                for purpose in 0..4 {
                    for entity in [0, 1, 1 << 32, u64::MAX] {
                        for counter in [0, 1, 2, u32::MAX] {
                            let mut stream =
                                RandomStreams::new(seed, draw).stream(purpose, entity, counter);
                            values.extend([stream.next_u64(), stream.next_u64()]);
                        }
                    }
                }
            }
        }
        assert_eq!(values.len(), 2 * 4_usize.pow(5));
    }

    #[test]
    fn a_name_gives_the_same_numbers_again() {
        let streams = RandomStreams::new(7, 3);
        let mut first = streams.stream(key_of("scrape"), key_of("pod-1"), 5);
        let mut second = streams.stream(key_of("scrape"), key_of("pod-1"), 5);
        let ahead: f64 = first.random();
        assert_eq!(ahead.to_bits(), second.random::<f64>().to_bits());
        let (mut left, mut right) = ([0; 13], [0; 13]);
        first.fill_bytes(&mut left);
        second.fill_bytes(&mut right);
        assert_eq!(left, right);
        assert_eq!(first, second);
    }

    #[test]
    fn units_are_uniform() {
        const COUNT: u32 = 100_000;
        let mut cells = [0_i32; 100];
        for entity in 0..COUNT {
            let unit = RandomStreams::new(2, 0)
                .stream(1, u64::from(entity), 0)
                .unit();
            assert!(unit > 0.0 && unit < 1.0);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0..100"
            )]
            let cell = (unit * 100.0) as usize;
            cells[cell] += 1;
        }
        // Chi-squared with 99 degrees of freedom: mean 99, standard deviation 14.
        let chi_squared: f64 = cells
            .iter()
            .map(|&n| f64::from(n - 1_000).powi(2) / 1e3)
            .sum();
        assert!((43.0..155.0).contains(&chi_squared), "{chi_squared}");
    }
}
