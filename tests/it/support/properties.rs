//! The random cases of property tests: always the same ones, or new ones on request.

use std::hash::{BuildHasher, RandomState};

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// The variable that holds a seed, or `random`.
const VARIABLE: &str = "ALLOY_SIM_SEEDS";

/// So many cases. A failed test shows the smallest input that fails, and the command that repeats it.
pub(crate) fn properties(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed()),
        ..ProptestConfig::default()
    }
}

/// The seed of a test: 1, the one that `ALLOY_SIM_SEEDS` holds, or a new one if that is `random`.
#[expect(clippy::print_stderr, reason = "shown if the test fails")]
pub(crate) fn seed() -> u64 {
    let seed = match std::env::var(VARIABLE) {
        Err(_) => return 1,
        Ok(text) if text == "random" => RandomState::new().hash_one(VARIABLE),
        Ok(text) => text.parse().expect("a seed is a number or `random`"),
    };
    let thread = std::thread::current();
    let test = thread.name().filter(|&name| name != "main");
    eprintln!(
        "repeat with: {VARIABLE}={seed} cargo test {}",
        test.unwrap_or("")
    );
    seed
}
