//! How the memory of a Go process follows from its live bytes.

use crate::model::blueprint::{Garbage, HeapModel, SoftLimit, Stacks};

/// Least size of the Go heap, as a multiple of its live bytes.
///
/// Source: Go documentation, "A Guide to the Go Garbage Collector" (read 2026-11): a soft limit does
/// not keep a heap below its live size; the 5 % of room for allocation is INFERRED.
const ROOM: f64 = 1.05;

/// Something that a collector has in proportion to its live bytes above those of an idle one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Follows {
    /// Of an idle collector.
    pub base: f64,
    /// Per live byte above those of an idle collector.
    pub per_live: f64,
}

/// What the mean collector of a fleet holds for its load.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Held {
    /// Live bytes.
    pub live: f64,
    /// Bytes of stacks.
    pub stacks: f64,
    /// Bytes that are allocated per second.
    pub garbage: f64,
}

/// The heap and the stacks of the collectors of one fleet in one draw.
///
/// Simplified: stacks and garbage follow the live bytes of a collector as they do in the mean
/// collector of its fleet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heap {
    /// Bytes outside the heap and the stacks.
    outside: f64,
    /// Bytes of the machine per byte of the heap.
    overhead: f64,
    /// Bytes of the machine per byte of a stack.
    stack_overhead: f64,
    /// Growth at which a collection begins, over live bytes and stacks.
    growth: f64,
    /// The same at GOGC = 100.
    growth_at_100: f64,
    /// Seconds after which Go collects anyway; infinite for never.
    forced_every: f64,
    /// Go's soft limit; infinite without one.
    soft_limit: f64,
    /// Live bytes of an idle collector.
    idle_live: f64,
    stacks: Follows,
    /// Bytes allocated per second.
    garbage: Follows,
}

/// Bytes of a process as a linear function of what it holds.
#[derive(Clone, Copy, Debug)]
struct Slope {
    /// Per live byte.
    live: f64,
    /// Per byte of stacks.
    stacks: f64,
    /// Per byte that is allocated in a second.
    garbage: f64,
}

impl Heap {
    /// A heap whose collectors are all idle, under the container's `limit` in bytes if it has one.
    pub fn new(model: &HeapModel, outside: f64, limit: Option<f64>) -> Self {
        let soft_limit = match (model.soft_limit, limit) {
            (SoftLimit::OfLimit(share), Some(limit)) => share * limit,
            (SoftLimit::Bytes(bytes), _) => bytes,
            _ => f64::INFINITY,
        };
        let is_forced = model.forced_every > 0.0;
        Self {
            outside,
            overhead: model.overhead,
            stack_overhead: model.stacks.overhead,
            growth: model.collected_at * model.gogc / 100.0,
            growth_at_100: model.collected_at,
            forced_every: if is_forced {
                model.forced_every
            } else {
                f64::INFINITY
            },
            soft_limit,
            idle_live: 0.0,
            stacks: Follows {
                base: model.stacks.base,
                per_live: 0.0,
            },
            garbage: Follows {
                base: model.garbage.idle,
                per_live: 0.0,
            },
        }
    }

    /// A process whose bytes are stated directly: it has no stacks, no garbage and no soft limit.
    pub fn stated(model: &HeapModel, outside: f64) -> Self {
        let nothing = HeapModel {
            forced_every: 0.0,
            soft_limit: SoftLimit::Off,
            stacks: Stacks::default(),
            garbage: Garbage::default(),
            ..*model
        };
        Self::new(&nothing, outside, None)
    }

    /// The heap of collectors that hold `idle_live` bytes when idle. What they hold beyond has
    /// stacks and garbage as what is `held` by the mean collector.
    #[must_use]
    pub fn following(self, idle_live: f64, held: Held) -> Self {
        let live = held.live.max(f64::MIN_POSITIVE);
        let follows = |what: Follows, held: f64| Follows {
            per_live: held / live,
            ..what
        };
        Self {
            idle_live,
            stacks: follows(self.stacks, held.stacks),
            garbage: follows(self.garbage, held.garbage),
            ..self
        }
    }

    fn follow(&self, what: Follows, live: f64) -> f64 {
        what.base + what.per_live * (live - self.idle_live).max(0.0)
    }

    /// Bytes of the machine with the least heap that holds `live` bytes.
    fn least(&self) -> Slope {
        Slope {
            live: self.overhead * ROOM,
            stacks: self.stack_overhead,
            garbage: 0.0,
        }
    }

    /// Bytes of the machine with a heap that grows as far as GOGC says.
    fn goal(&self) -> Slope {
        Slope {
            live: self.overhead * (1.0 + self.growth),
            stacks: self.overhead * self.growth + self.stack_overhead,
            garbage: 0.0,
        }
    }

    /// Bytes of the machine with a heap that grows until Go collects anyway.
    fn forced(&self) -> Option<Slope> {
        self.forced_every.is_finite().then_some(Slope {
            live: self.overhead,
            stacks: self.stack_overhead,
            garbage: self.overhead * self.forced_every,
        })
    }

    fn bytes(&self, slope: Slope, live: f64) -> f64 {
        self.outside
            + slope.live * live
            + slope.stacks * self.follow(self.stacks, live)
            + slope.garbage * self.follow(self.garbage, live)
    }

    /// The live bytes at which a slope reaches `bytes`.
    fn reach(&self, slope: Slope, bytes: f64) -> f64 {
        let of_idle = self.bytes(slope, self.idle_live);
        if bytes <= of_idle {
            return (self.idle_live - (of_idle - bytes) / slope.live).max(0.0);
        }
        let each = slope.live
            + slope.stacks * self.stacks.per_live
            + slope.garbage * self.garbage.per_live;
        self.idle_live + (bytes - of_idle) / each
    }

    /// Bytes of a process without any limit.
    pub fn free(&self, live: f64) -> f64 {
        let goal = self.bytes(self.goal(), live);
        self.forced()
            .map_or(goal, |forced| goal.min(self.bytes(forced, live)))
    }

    /// The live bytes at which a process without any limit has `bytes`.
    pub fn free_reach(&self, bytes: f64) -> f64 {
        let goal = self.reach(self.goal(), bytes);
        self.forced()
            .map_or(goal, |forced| goal.max(self.reach(forced, bytes)))
    }

    /// The least bytes of a process.
    pub fn tight(&self, live: f64) -> f64 {
        self.bytes(self.least(), live).min(self.free(live))
    }

    /// The live bytes at which a process has at least `bytes`.
    pub fn tight_reach(&self, bytes: f64) -> f64 {
        self.reach(self.least(), bytes).max(self.free_reach(bytes))
    }

    /// Bytes of a process under Go's soft limit.
    pub fn anonymous(&self, live: f64) -> f64 {
        let tight = self.bytes(self.least(), live);
        self.free(live).min(tight.max(self.soft_limit))
    }

    /// Bytes outside the heap and the stacks.
    pub fn outside(&self) -> f64 {
        self.outside
    }

    /// Go's soft limit; infinite without one.
    pub fn soft_limit(&self) -> f64 {
        self.soft_limit
    }

    /// Whether the heap grows as at GOGC = 100.
    pub fn is_usual(&self) -> bool {
        (self.growth - self.growth_at_100).abs() <= 0.0
    }

    /// How many times as often Go collects as at GOGC = 100 without a limit.
    pub fn pressure(&self, live: f64) -> f64 {
        let stacks = self.follow(self.stacks, live);
        let usual = self.growth_at_100 * (live + stacks);
        let usual = if self.forced_every.is_finite() {
            usual.min(self.follow(self.garbage, live) * self.forced_every)
        } else {
            usual
        };
        let outside = self.outside + self.stack_overhead * stacks;
        let room = (self.anonymous(live) - outside) / self.overhead - live;
        usual / room.max(f64::MIN_POSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The heap of Alloy as measured, of a process with `stacks` per live byte.
    fn heap(limit: Option<f64>, garbage_per_live: f64) -> Heap {
        let model = HeapModel {
            gogc: 100.0,
            collected_at: 0.7,
            forced_every: 120.0,
            overhead: 1.13,
            soft_limit: SoftLimit::OfLimit(0.9),
            stacks: Stacks {
                base: 1e6,
                overhead: 0.8,
                ..Stacks::default()
            },
            garbage: Garbage {
                idle: 4e4,
                ..Garbage::default()
            },
        };
        let held = Held {
            live: 1.0,
            stacks: 0.1,
            garbage: garbage_per_live,
        };
        Heap::new(&model, 4.5e6, limit).following(22e6, held)
    }

    #[test]
    fn a_slow_process_is_collected_by_the_clock() {
        // 40 kB/s for two minutes are 4.8 MB; GOGC would allow 16 MB.
        let idle = heap(None, 0.0).free(22e6);
        assert!((idle - (4.5e6 + 1.13 * 26.8e6 + 0.8e6)).abs() < 1.0);
        let busy = heap(None, 1.0);
        let live = 122e6;
        let stacks = 11e6;
        let expected = 4.5e6 + 1.13 * (live + 0.7 * (live + stacks)) + 0.8 * stacks;
        assert!((busy.free(live) - expected).abs() < 1.0);
    }

    #[test]
    fn a_reach_inverts_its_bytes() {
        for heap in [heap(None, 0.001), heap(Some(300e6), 0.01), heap(None, 1.0)] {
            for live in [10e6, 22e6, 60e6, 900e6] {
                assert!((heap.free_reach(heap.free(live)) / live - 1.0).abs() < 1e-12);
                assert!((heap.tight_reach(heap.tight(live)) / live - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_heap_gives_way_to_the_soft_limit() {
        let heap = heap(Some(200e6), 1.0);
        assert!((heap.anonymous(120e6) - 180e6).abs() < 1.0);
        assert!(heap.anonymous(180e6) > 180e6);
        assert!((heap.pressure(30e6) - 1.0).abs() < 1e-12);
        assert!(heap.pressure(120e6) > 1.5);
    }
}
