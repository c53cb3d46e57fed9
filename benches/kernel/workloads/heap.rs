//! The usual event queue: a binary heap, at its best, with one 16-byte key per entry.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::marker::PhantomData;

use alloy_sim::model::moment::Event;
use alloy_sim::units::SimTime;

use super::Schedule;

/// What is told apart of the events of a workload, in a few bits.
pub(crate) trait Packed {
    /// The number of bits.
    const BITS: u32;
    /// The event as a number below 2 to the power of [`Packed::BITS`].
    fn pack(event: Event) -> u64;
    /// The event of a number.
    fn unpack(bits: u64) -> Event;
}

/// A clock and a heap of (time, sequence number, event), compared as one number.
pub(crate) struct HeapCalendar<P> {
    now: SimTime,
    heap: BinaryHeap<Reverse<u128>>,
    scheduled: u64,
    packing: PhantomData<P>,
}

impl<P: Packed> HeapCalendar<P> {
    /// An empty calendar at the first instant.
    pub(crate) fn new() -> Self {
        Self {
            now: SimTime::ZERO,
            heap: BinaryHeap::new(),
            scheduled: 0,
            packing: PhantomData,
        }
    }

    /// Takes the next event due at or before `horizon`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "cutting the key apart is the purpose"
    )]
    pub(crate) fn pop_until(&mut self, horizon: SimTime) -> Option<Event> {
        let &Reverse(key) = self.heap.peek()?;
        let time = SimTime::from_nanos((key >> 64) as u64);
        if time > horizon {
            return None;
        }
        self.heap.pop();
        self.now = time;
        Some(P::unpack(key as u64 & ((1 << P::BITS) - 1)))
    }
}

impl<P: Packed> Schedule for HeapCalendar<P> {
    fn now(&self) -> SimTime {
        self.now
    }

    fn schedule(&mut self, at: SimTime, event: Event) {
        let low = self.scheduled << P::BITS | P::pack(event);
        self.heap
            .push(Reverse(u128::from(at.nanos()) << 64 | u128::from(low)));
        self.scheduled += 1;
    }
}
