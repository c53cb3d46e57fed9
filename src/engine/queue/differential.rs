//! The queue compared with an obvious one: same pops for every distribution of times and every mix
//! of calls. Pops are compared one by one, so no two orders can agree by chance, as hashes might.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use proptest::prelude::*;
use rand::RngExt;

use crate::properties::properties;

use super::{BOTTOM_LEN_MAX, Queue};
use crate::engine::{RandomStream, RandomStreams};

/// A plain heap, binary, of (time, order of arrival): the meaning of the queue.
#[derive(Default)]
struct Oracle {
    heap: BinaryHeap<Reverse<(u64, u64, u64)>>,
    arrivals: u64,
}

impl Oracle {
    fn push(&mut self, time: u64, event: u64) {
        self.heap.push(Reverse((time, self.arrivals, event)));
        self.arrivals += 1;
    }

    fn pop_until(&mut self, horizon: u64, is_stale: impl Fn(&u64) -> bool) -> Option<(u64, u64)> {
        loop {
            let &Reverse((time, _, event)) = self.heap.peek()?;
            if time > horizon {
                return None;
            }
            self.heap.pop();
            if !is_stale(&event) {
                return Some((time, event));
            }
        }
    }
}

/// Adds an event, and checks that an insertion moves no more than the bottom.
fn push(queue: &mut Queue<u64>, time: u64, event: u64) {
    queue.push(time, event);
    assert!(queue.bottom.len() <= BOTTOM_LEN_MAX, "the bottom is short");
}

/// Pops `count` events from both queues, and pushes what `follow` returns for each: delays. Both
/// queues start with `starts`, and the pops must agree.
fn check_shape(starts: &[u64], count: usize, mut follow: impl FnMut(u64) -> Vec<u64>) {
    let (mut queue, mut oracle) = (Queue::new(), Oracle::default());
    let mut name = 0;
    for &time in starts {
        push(&mut queue, time, name);
        oracle.push(time, name);
        name += 1;
    }
    for _ in 0..count {
        let popped = queue.pop_until(u64::MAX, |_| false);
        assert_eq!(popped, oracle.pop_until(u64::MAX, |_| false));
        let Some((now, event)) = popped else { break };
        for delay in follow(event) {
            push(&mut queue, now + delay, name);
            oracle.push(now + delay, name);
            name += 1;
        }
    }
}

fn randomness() -> RandomStream {
    RandomStreams::new(1, 0).stream(0, 0, 0)
}

#[expect(clippy::cast_possible_truncation, reason = "below the count")]
fn slot_of(event: u64, count: u64) -> usize {
    (event % count) as usize
}

const MILLISECOND: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MILLISECOND;

#[test]
fn hold() {
    for size in [1, 2, 3, 40, 1_000, 20_000] {
        let mut random = randomness();
        check_shape(&vec![0; size], 100_000, |_| {
            vec![random.random_range(0..2 * SECOND)]
        });
    }
}

#[test]
fn periodic() {
    let starts: Vec<u64> = (0..3_000).map(|index| index * 7 * MILLISECOND).collect();
    check_shape(&starts, 100_000, |event| {
        vec![SECOND * [10, 15, 30, 60][slot_of(event, 4)]]
    });
}

#[test]
fn mixed_workers_and_sleepers() {
    let mut random = randomness();
    check_shape(&vec![0; 5_000], 100_000, |_| {
        let scale = if random.random_bool(0.9) {
            MILLISECOND
        } else {
            15 * SECOND
        };
        vec![random.random_range(0..2 * scale)]
    });
}

#[test]
fn grid_of_ties() {
    let mut random = randomness();
    check_shape(&vec![0; 5_000], 100_000, |_| {
        vec![random.random_range(1..20) * 125 * MILLISECOND]
    });
}

#[test]
fn bursts_at_one_instant() {
    let mut random = randomness();
    check_shape(&vec![0; 5_000], 100_000, |_| {
        let is_now = random.random_bool(0.5);
        vec![if is_now {
            0
        } else {
            random.random_range(1..20) * 125 * MILLISECOND
        }]
    });
}

#[test]
fn fan_out() {
    let mut random = randomness();
    check_shape(&[0], 100_000, |event| {
        if event % 1_001 > 0 {
            return Vec::new();
        }
        let mut delays: Vec<u64> = (0..1_000)
            .map(|_| random.random_range(0..MILLISECOND))
            .collect();
        delays.push(SECOND);
        delays
    });
}

/// Each event is earlier than all before it, so every insertion is at the far end of the bottom.
#[test]
fn ever_earlier() {
    let starts: Vec<u64> = (1..=20_000)
        .rev()
        .map(|index| index * MILLISECOND)
        .collect();
    check_shape(&starts, 50_000, |event| {
        if event % 1_000 > 0 {
            return Vec::new();
        }
        (1..=1_000).rev().map(|index| index * 7).collect()
    });
}

/// The bottom spills while most of it is due now, with an event in the lane behind it.
#[test]
fn spill_of_what_is_due_now() {
    let mut starts = vec![20];
    starts.extend([10; 200]);
    check_shape(&starts, 400, |event| {
        if event > 1 {
            return Vec::new();
        }
        let mut delays = vec![0];
        delays.extend([10; 100]);
        delays
    });
}

#[test]
fn extreme_times() {
    let mut random = randomness();
    let starts: Vec<u64> = (0..2_000)
        .map(|_| random.random_range(0..u64::MAX))
        .collect();
    check_shape(&starts, 4_000, |_| Vec::new());
    check_shape(&[u64::MAX - 1, 0, u64::MAX - 1, u64::MAX - 2], 5, |_| {
        Vec::new()
    });
}

/// One call of the queue.
#[derive(Clone, Copy, Debug)]
enum Call {
    /// Push an event for an entity, this much after the clock.
    Push(u64, u8),
    /// Push an event for an entity at the time of the last push, or now.
    PushTie(u8),
    /// Make the pending events of an entity stale.
    Supersede(u8),
    /// Pop one event, up to this much after the clock.
    Pop(u64),
    Clear,
}

fn any_delay() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(0),
        0..4_u64,
        0..300_u64,
        (0..60_u32).prop_map(|bits| 1 << bits),
        0..1_u64 << 50
    ]
}

fn any_call() -> impl Strategy<Value = Call> {
    prop_oneof![
        300 => (any_delay(), any::<u8>()).prop_map(|(delay, entity)| Call::Push(delay, entity)),
        200 => any::<u8>().prop_map(Call::PushTie),
        100 => any::<u8>().prop_map(Call::Supersede),
        300 => any_delay().prop_map(Call::Pop),
        200 => Just(Call::Pop(u64::MAX)),
        1 => Just(Call::Clear),
    ]
}

/// Both queues, a clock, and the current generation of each of 256 entities.
struct Pair {
    queue: Queue<u64>,
    oracle: Oracle,
    now: u64,
    last: u64,
    generations: [u64; 256],
}

impl Pair {
    fn push(&mut self, time: u64, entity: u8) {
        // Near the end of time, delays no longer fit.
        if time == u64::MAX {
            return;
        }
        let event = self.generations[usize::from(entity)] << 8 | u64::from(entity);
        push(&mut self.queue, time, event);
        self.oracle.push(time, event);
        self.last = time;
    }

    /// Pops from both queues. Returns whether there was an event.
    fn pop(&mut self, delay: u64) -> bool {
        let horizon = self.now.saturating_add(delay);
        let generations = self.generations;
        let is_stale = |event: &u64| generations[slot_of(*event, 256)] != event >> 8;
        let popped = self.queue.pop_until(horizon, is_stale);
        assert_eq!(popped, self.oracle.pop_until(horizon, is_stale));
        match popped {
            Some((time, _)) => self.now = time,
            None if horizon < u64::MAX => self.now = horizon,
            None => {}
        }
        popped.is_some()
    }

    fn apply(&mut self, call: Call) {
        match call {
            Call::Push(delay, entity) => self.push(self.now.saturating_add(delay), entity),
            Call::PushTie(entity) => self.push(self.last.max(self.now), entity),
            Call::Supersede(entity) => self.generations[usize::from(entity)] += 1,
            Call::Pop(delay) => {
                self.pop(delay);
            }
            Call::Clear => {
                self.queue.clear();
                self.oracle = Oracle::default();
                self.now = 0;
            }
        }
    }
}

proptest! {
    #![proptest_config(properties(256))]

    #[test]
    fn any_calls(calls in prop::collection::vec(any_call(), 1..2_000)) {
        let (queue, oracle) = (Queue::new(), Oracle::default());
        let mut pair = Pair { queue, oracle, now: 0, last: 0, generations: [0; 256] };
        for call in calls {
            pair.apply(call);
        }
        while pair.pop(u64::MAX) {}
    }
}
