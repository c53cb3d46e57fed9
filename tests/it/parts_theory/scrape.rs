//! Scrapes on too little CPU against a simulation of every one of them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use alloy_sim::engine::{RandomStreams, key_of};
use alloy_sim::model::process::scrape::Scrapes;
use rand_distr::{Distribution, LogNormal};

use crate::support::scene::SEEDS;

/// Share of a scrape's work that is done when its answer has been read: 1.6 of 5.62 µs a sample.
const FETCH_SHARE: f64 = 1.6 / (1.6 + 1.88 + 2.14);
const TARGETS: usize = 150;

/// Intervals that are simulated, the first of them to warm up.
const ROUNDS: (f64, f64) = (10.0, 40.0);

/// What happens to the scrape of a target, in the order of time: nanoseconds, what, target, its attempt.
type Due = Reverse<(u64, u8, usize, u32)>;

const TICK: u8 = 0;
const TIMED_OUT: u8 = 1;

/// A core that all scrapes under way share alike: each reads its page, which must be done before its
/// time-out, and then stores and sends what it read.
struct Core {
    now: f64,
    /// Core seconds that a scrape under way has got since the beginning.
    attained: f64,
    /// Core seconds that a stage ends at, in units of 1e-12, and whose it is.
    ends: BinaryHeap<Reverse<(u64, usize, u32)>>,
    due: BinaryHeap<Due>,
    /// Per target: attempt, start, whether its page is read, core seconds of one scrape.
    targets: Vec<(u32, f64, bool, f64)>,
    busy: usize,
    scrapes: Scrapes,
    /// Core seconds of the scrapes that succeeded.
    done: f64,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times and work of a test"
)]
fn fixed(value: f64, places: f64) -> u64 {
    (value * places) as u64
}

impl Core {
    fn run(scrapes: Scrapes, load: f64, seed: u64) -> f64 {
        let half = scrapes.spread * scrapes.spread / 2.0;
        let law = LogNormal::new(-half, scrapes.spread).unwrap();
        let mut stream = RandomStreams::new(seed, 0).stream(key_of("scrapes"), 0, 0);
        let sizes: Vec<f64> = (0..TARGETS).map(|_| law.sample(&mut stream)).collect();
        let all: f64 = sizes.iter().sum();
        let per_size = load * scrapes.interval / all;
        let mut core = Self {
            now: 0.0,
            attained: 0.0,
            ends: BinaryHeap::new(),
            due: BinaryHeap::new(),
            targets: sizes
                .iter()
                .map(|size| (0, 0.0, false, size * per_size))
                .collect(),
            busy: 0,
            scrapes,
            done: 0.0,
        };
        for target in 0..TARGETS {
            let phase = stream.unit() * scrapes.interval;
            core.plan(phase, TICK, target);
        }
        while core.now < ROUNDS.1 * scrapes.interval {
            core.step();
        }
        core.done / (load * scrapes.interval * (ROUNDS.1 - ROUNDS.0))
    }

    fn plan(&mut self, at: f64, what: u8, target: usize) {
        let attempt = self.targets[target].0;
        self.due
            .push(Reverse((fixed(at, 1e9), what, target, attempt)));
    }

    fn read_or_store(&mut self, target: usize, share: f64) {
        let (attempt, .., work) = self.targets[target];
        let end = fixed(self.attained + share * work, 1e12);
        self.ends.push(Reverse((end, target, attempt)));
    }

    /// The next scrape of a target comes at the next tick of its interval.
    fn wait(&mut self, target: usize) {
        let start = self.targets[target].1;
        let passed = ((self.now - start) / self.scrapes.interval).floor() + 1.0;
        self.targets[target].0 += 1;
        self.plan(start + passed * self.scrapes.interval, TICK, target);
        self.busy -= 1;
    }

    fn step(&mut self) {
        while let Some(&Reverse((_, target, attempt))) = self.ends.peek()
            && self.targets[target].0 != attempt
        {
            self.ends.pop();
        }
        let next_end = self.ends.peek().map_or(f64::INFINITY, |end| {
            let left = (end.0.0 as f64 / 1e12 - self.attained).max(0.0);
            self.now + left * self.busy as f64
        });
        let next_due = self
            .due
            .peek()
            .map_or(f64::INFINITY, |due| due.0.0 as f64 / 1e9);
        let next = next_end.min(next_due).max(self.now);
        if self.busy > 0 {
            self.attained += (next - self.now) / self.busy as f64;
        }
        self.now = next;
        if next_due <= next_end {
            let Reverse((_, what, target, attempt)) = self.due.pop().unwrap();
            if self.targets[target].0 == attempt {
                self.happen(what, target);
            }
        } else {
            let Reverse((_, target, _)) = self.ends.pop().unwrap();
            self.end_stage(target);
        }
    }

    fn happen(&mut self, what: u8, target: usize) {
        if what == TICK {
            self.targets[target].1 = self.now;
            self.targets[target].2 = false;
            self.busy += 1;
            self.read_or_store(target, FETCH_SHARE);
            self.plan(self.now + self.scrapes.timeout, TIMED_OUT, target);
        } else if !self.targets[target].2 {
            self.wait(target);
        }
    }

    fn end_stage(&mut self, target: usize) {
        if self.targets[target].2 {
            if self.now > ROUNDS.0 * self.scrapes.interval {
                self.done += self.targets[target].3;
            }
            self.wait(target);
        } else {
            self.targets[target].2 = true;
            self.read_or_store(target, 1.0 - FETCH_SHARE);
        }
    }
}

/// The mean of three seeds moves by some 0.01; what is simplified is bounded as docs/model/simplifications.md says.
fn compare((interval, timeout): (f64, f64), spread: f64, load: f64, within: f64) {
    let scrapes = Scrapes {
        interval,
        timeout,
        spread,
    };
    let simulated = SEEDS.map(|seed| 1.0 - Core::run(scrapes, load, seed));
    let simulated = simulated.iter().sum::<f64>() / 3.0;
    let missed = scrapes.missed(1.0 / load);
    assert!(
        (missed - simulated).abs() <= within,
        "every {interval} s within {timeout} s, {spread}, {load}: {missed}, simulated {simulated}"
    );
}

#[test]
fn scrapes_that_are_late_skip_the_next_ones() {
    for interval in [(15.0, 10.0), (15.0, 15.0), (60.0, 60.0)] {
        for load in [0.8, 1.05, 1.2, 1.5] {
            compare(interval, 0.3, load, 0.01);
        }
    }
}

#[test]
fn scrapes_that_time_out_waste_what_they_got() {
    for spread in [0.3, 0.6, 1.0] {
        for load in [0.8, 1.05, 1.2, 1.5, 2.0, 3.0, 5.0] {
            compare((60.0, 10.0), spread, load, 0.04);
        }
    }
    // The mean page is late from a load of 1.17 on.
    for load in [1.05, 1.2, 1.3, 1.5, 2.0, 3.0, 5.0] {
        compare((30.0, 10.0), 0.3, load, 0.06);
    }
}
