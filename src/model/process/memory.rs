//! How resident memory follows from live bytes, and when a process is out of memory.

use crate::model::blueprint::{Fleet, Holders, MemoryModel, MemoryTest};
use crate::model::load::draw::Draw;

/// Least size of the Go heap, as a multiple of its live bytes.
///
/// Source: Go documentation, "A Guide to the Go Garbage Collector" (read 2026-11): a soft limit does
/// not keep a heap below its live size; the 5 % of room for allocation is INFERRED.
const ROOM: f64 = 1.05;

/// Share of the container limit that Alloy gives to Go as its soft memory limit.
///
/// Source: Grafana Alloy documentation, "Environment variables", `AUTOMEMLIMIT` (read 2026-11).
const SOFT_LIMIT: f64 = 0.9;

/// Greatest share of CPU that Go's collector takes.
///
/// Source: Go documentation, "A Guide to the Go Garbage Collector", memory limit (read 2026-11).
const GC_SHARE_MAX: f64 = 0.5;

/// The memory of one fleet's collectors in one draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// Live bytes per series, by holder.
    pub per_series: SeriesBytes,
    /// Live bytes per target beyond those of its series.
    pub live_per_target: f64,
    /// Live bytes per busy shard.
    pub live_per_shard: f64,
    /// Live bytes of a collector that scrapes nothing.
    pub base_live: f64,
    /// Live bytes per watched pod.
    pub live_per_pod: f64,
    /// Live bytes per log byte per second.
    pub live_per_log_byte: f64,
    /// Bytes outside the heap.
    pub outside_heap: f64,
    /// Share of CPU that garbage collection takes when nothing limits the heap.
    pub gc_share: f64,
    /// Bytes above which a collector is killed: the lesser of its own limit and the memory of its
    /// node. Infinite without either.
    pub limit: f64,
    /// Whether the limit is the collector's own, so that Go knows of the limit and collects
    /// earlier.
    ///
    /// Source: Grafana Alloy documentation, "Environment variables": `AUTOMEMLIMIT` takes the limit
    /// of the container and sets nothing where there is none (read 2026-11).
    pub limit_is_own: bool,
    /// Least resident bytes of a process.
    idle: f64,
    /// The heap over its live bytes, if nothing limits the heap.
    growth: f64,
    test: MemoryTest,
}

/// Live bytes of a series, by what holds them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SeriesBytes {
    /// Held while the target of the series is scraped here: cache and stages of relabelling.
    pub active: f64,
    /// Held until a truncation of the WAL finds the series dead.
    pub wal: f64,
    /// Held by the queues of all endpoints until a checkpoint covers the series.
    pub queue: f64,
}

impl SeriesBytes {
    /// The parts of a series of `model` with `endpoints` endpoints, at least one. The series takes
    /// `live` bytes with one endpoint and no stage of relabelling.
    ///
    /// Simplified: the cache of a stage of relabelling, at most 100,000 entries, counts with the
    /// labels that its entries point to.
    pub fn new(model: &MemoryModel, live: f64, endpoints: usize) -> Self {
        let Holders {
            scrape,
            log,
            queue,
            relabel,
        } = model.holders;
        Self {
            active: live * (scrape + relabel * f64::from(model.relabel_stages)),
            wal: live * log,
            queue: live * queue * endpoints as f64,
        }
    }

    /// Live bytes of an active series.
    pub fn all(&self) -> f64 {
        self.active + self.wal + self.queue
    }
}

impl Memory {
    /// The memory of `fleet` in one draw, compared with `limit` bytes. The fleet sends metrics to
    /// `endpoints` endpoints, at least one.
    pub fn draw(fleet: &Fleet, endpoints: usize, limit: f64, draw: &mut Draw) -> Self {
        let path = format!("fleet.{}", fleet.name);
        let model = &fleet.memory;
        let mut centre = |key: &str, quantity| draw.centre(&format!("{path}.{key}"), quantity);
        Self {
            per_series: {
                let live = centre("memory_per_series", &model.per_series) / 2.0;
                SeriesBytes::new(model, live, endpoints)
            },
            live_per_target: centre("memory_per_target", &model.per_target),
            live_per_shard: centre("memory_per_busy_shard", &model.per_busy_shard),
            base_live: centre("base_memory", &model.base),
            outside_heap: centre("outside_heap", &model.outside_heap),
            live_per_pod: centre("memory_per_watched_pod", &model.per_watched_pod),
            live_per_log_byte: centre(
                "memory_per_log_mib_per_second",
                &model.per_log_byte_per_second,
            ) / 2.0,
            gc_share: centre("gc_share", &fleet.cpu.gc_share),
            limit,
            limit_is_own: fleet.resources.memory_limit.is_some(),
            idle: model.idle,
            growth: 1.0 + model.gogc / 100.0,
            test: model.test,
        }
    }

    /// The smallest limit under which `live` bytes survive.
    pub fn limit_needed(&self, live: f64) -> f64 {
        match self.test {
            MemoryTest::GarbageCollected => live * ROOM + self.outside_heap,
            MemoryTest::Direct => self.growth * live + self.outside_heap,
        }
    }

    /// The live bytes at which the limit is reached.
    pub fn live_max(&self) -> f64 {
        let heap = (self.limit - self.outside_heap).max(0.0);
        if self.gives_way() {
            heap / ROOM
        } else {
            heap / self.growth
        }
    }

    /// The share of the limit that `live` bytes on the heap take. Above 1 the collector is out of
    /// memory.
    pub fn limit_ratio(&self, live: f64) -> f64 {
        let counted = if self.gives_way() {
            self.limit_needed(live)
        } else {
            self.growth * live + self.outside_heap
        };
        counted / self.limit
    }

    /// Whether the heap gives way to the limit. Without a limit of the collector's own, the heap
    /// grows as far as GOGC says, however small the node.
    fn gives_way(&self) -> bool {
        self.limit_is_own && self.test == MemoryTest::GarbageCollected
    }

    /// Resident bytes with `live` bytes on the heap. The heap grows as far as GOGC says, and less
    /// near the limit.
    pub fn resident(&self, live: f64) -> f64 {
        (self.heap(live) + self.outside_heap).max(self.idle)
    }

    /// Factor on CPU demand for garbage collection; it grows as less room is left. The factor is 1
    /// without a limit at GOGC = 100, whose garbage collection the measured CPU per sample
    /// contains.
    pub fn gc_factor(&self, live: f64) -> f64 {
        if live <= 0.0 || self.test == MemoryTest::Direct {
            return 1.0;
        }
        let room = (self.heap(live) - live).max(f64::MIN_POSITIVE);
        let share = (self.gc_share * live / room).min(GC_SHARE_MAX);
        (1.0 - self.gc_share) / (1.0 - share)
    }

    /// Highest live bytes at which the factor of garbage collection is 1: collection has all the
    /// room that it takes without a limit.
    pub fn live_at_ease(&self) -> f64 {
        if (self.growth - 2.0).abs() > 0.0 {
            0.0
        } else if self.gives_way() {
            (SOFT_LIMIT * self.limit - self.outside_heap) / self.growth
        } else {
            f64::INFINITY
        }
    }

    fn heap(&self, live: f64) -> f64 {
        let free = self.growth * live;
        if self.gives_way() {
            free.min((live * ROOM).max(SOFT_LIMIT * self.limit - self.outside_heap))
        } else {
            free
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(test: MemoryTest, limit: f64) -> Memory {
        Memory {
            per_series: SeriesBytes::default(),
            live_per_target: 0.0,
            live_per_shard: 0.0,
            base_live: 0.0,
            live_per_pod: 0.0,
            live_per_log_byte: 0.0,
            outside_heap: 50.0,
            gc_share: 0.1,
            limit,
            limit_is_own: true,
            idle: 0.0,
            growth: 2.0,
            test,
        }
    }

    #[test]
    fn the_heap_gives_way_to_the_limit() {
        let free = memory(MemoryTest::GarbageCollected, f64::INFINITY);
        assert!((free.resident(1_000.0) - 2_050.0).abs() < 1e-9);
        let tight = memory(MemoryTest::GarbageCollected, 1_500.0);
        assert!((tight.resident(1_000.0) - 1_350.0).abs() < 1e-9);
        assert!((tight.live_max() * 1.05 + 50.0 - 1_500.0).abs() < 1e-9);
        assert!(tight.gc_factor(1_000.0) > free.gc_factor(1_000.0));
    }

    #[test]
    fn without_a_limit_of_its_own_the_heap_does_not_give_way_to_the_node() {
        let node = Memory {
            limit_is_own: false,
            ..memory(MemoryTest::GarbageCollected, 1_500.0)
        };
        assert!((node.resident(1_000.0) - 2_050.0).abs() < 1e-9);
        assert!((node.live_max() - 725.0).abs() < 1e-9);
        assert!((node.limit_ratio(725.0) - 1.0).abs() < 1e-12);
        // The limit that would have sufficed is the same for all.
        assert!((node.limit_needed(1_000.0) - 1_100.0).abs() < 1e-9);
    }

    #[test]
    fn the_division_compares_directly() {
        let direct = memory(MemoryTest::Direct, 2_050.0);
        assert!((direct.live_max() - 1_000.0).abs() < 1e-9);
        assert!((direct.limit_needed(1_000.0) - 2_050.0).abs() < 1e-9);
    }
}
