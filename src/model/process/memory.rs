//! What a collector keeps in memory, and when a process is out of memory.

use super::heap::{Heap, Held};
use super::series::SeriesShape;
use crate::model::blueprint::{Fleet, LogSource, MemoryModel, MemoryTest, SoftLimit};
use crate::model::load::draw::Draw;

/// Greatest share of CPU that Go's collector takes.
///
/// Source: Go documentation, "A Guide to the Go Garbage Collector", memory limit (read 2026-11).
const GC_SHARE_MAX: f64 = 0.5;

/// Seconds of a day.
const DAY: f64 = 86_400.0;

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
    /// Live bytes per target whose profiles are scraped.
    pub live_per_profiled_target: f64,
    /// Live bytes per tailed file.
    pub live_per_file: f64,
    /// Live bytes by which a process grows per second.
    pub growth: f64,
    /// The heap and the stacks.
    pub heap: Heap,
    /// Resident pages of the binary.
    pub binary: f64,
    /// Share of the pages of the binary and of the WAL that the working set contains.
    pub active_share: f64,
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
    /// Least bytes of a process.
    idle: f64,
    /// The soft limit of Go's memory, as it is stated.
    soft_limit: SoftLimit,
    test: MemoryTest,
}

/// Live bytes of a series, by what holds them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SeriesBytes {
    /// Held while samples of the series come here: cache of scrapes and stages of relabelling.
    pub active: f64,
    /// Of `active`, what the cache of scrapes holds.
    pub cached: f64,
    /// Held until a truncation of the WAL finds the series dead.
    pub wal: f64,
    /// Held by the queues of all endpoints until a checkpoint covers the series.
    pub queue: f64,
    /// Held of a series that is dropped after the scrape, while its target is scraped here.
    pub dropped: f64,
    /// Added by a replay, for as long as the series is active.
    pub replayed: f64,
    /// Kept of a series whose target moved away for good, until the process ends.
    pub moved: f64,
}

impl SeriesBytes {
    /// The parts of a series of `shape` with `endpoints` endpoints, at least one. `per_series` live
    /// bytes, if stated, are those of a series with one endpoint and no stage of relabelling.
    pub fn new(
        model: &MemoryModel,
        shape: SeriesShape,
        (per_series, endpoints): (Option<f64>, usize),
    ) -> Self {
        let holders = &model.holders;
        let logs = model.destinations.logs(endpoints);
        let [scrape, wal, queue] =
            [holders.scrape, holders.wal, holders.queue].map(|holder| holder.at(shape.labels));
        let plain = scrape + wal + holders.wal_entry + queue;
        let scale = per_series.map_or(1.0, |stated| stated / plain);
        let further = (shape.stages - 1.0).max(0.0);
        let relabelled = f64::from(u8::from(shape.stages > 0.0));
        let relabel = relabelled * holders.relabel.at(shape.labels)
            + further * shape.cached * holders.relabel_entry.at(shape.labels);
        Self {
            active: scale * (scrape + relabel),
            cached: scale * scrape,
            wal: scale * (wal + logs * holders.wal_entry),
            queue: scale * queue * endpoints as f64,
            dropped: scale * holders.dropped.at(shape.labels),
            replayed: scale * (logs - relabelled).max(0.0) * holders.replayed.at(shape.labels),
            moved: scale * logs * holders.moved,
        }
    }

    /// Live bytes of an active series.
    pub fn all(&self) -> f64 {
        self.active + self.wal + self.queue
    }

    fn times(self, factor: f64) -> Self {
        Self {
            active: self.active * factor,
            cached: self.cached * factor,
            wal: self.wal * factor,
            queue: self.queue * factor,
            dropped: self.dropped * factor,
            replayed: self.replayed * factor,
            moved: self.moved * factor,
        }
    }
}

impl Memory {
    /// The memory of `fleet` in one draw, compared with `limit` bytes. The fleet sends series of
    /// `shape` to `endpoints` endpoints, at least one.
    pub fn draw(
        fleet: &Fleet,
        (shape, endpoints): (SeriesShape, usize),
        limit: f64,
        draw: &mut Draw,
    ) -> Self {
        let path = format!("fleet.{}", fleet.name);
        let model = &fleet.memory;
        let mut centre = |key: &str, quantity| draw.centre(&format!("{path}.{key}"), quantity);
        let own_limit = fleet.resources.memory_limit.is_some();
        let outside = centre("outside_heap", &model.outside_heap);
        let (heap, soft_limit) = match model.test {
            MemoryTest::GarbageCollected => {
                let heap = Heap::new(&model.heap, outside, own_limit.then_some(limit));
                (heap, model.heap.soft_limit)
            }
            MemoryTest::Direct => (Heap::stated(&model.heap, outside), SoftLimit::Off),
        };
        // What is stated as memory without a limit becomes live bytes at the goal of GOGC = 100.
        let goal = model.heap.overhead * (1.0 + model.heap.collected_at);
        let stated = model.per_series.as_ref();
        let stated = stated.map(|bytes| centre("memory_per_series", bytes) / goal);
        let factor = centre("memory_factor", &model.factor);
        // A stated number contains what the terms do not name.
        let per_series = SeriesBytes::new(model, shape, (stated, endpoints));
        let per_series = per_series.times(if stated.is_some() { 1.0 } else { factor });
        let compressed = f64::from(u8::from(model.is_compressed)) * model.per_compressed_target;
        let tails = !fleet.logs_of.is_empty();
        let log_stages = f64::from(u8::from(tails && shape.log_stages > 0.0));
        Self {
            per_series,
            live_per_target: factor * (centre("memory_per_target", &model.per_target) + compressed),
            live_per_shard: centre("memory_per_busy_shard", &model.per_busy_shard),
            base_live: centre("base_memory", &model.base)
                + centre("components_memory", &model.components)
                + log_stages * model.logs.of_stages,
            live_per_pod: model.discovery_components
                * centre("memory_per_watched_pod", &model.per_watched_pod),
            live_per_log_byte: centre(
                "memory_per_log_mib_per_second",
                &model.logs.per_byte_per_second,
            ) / goal,
            live_per_profiled_target: if fleet.pyroscope.keeps_any(&fleet.profiles_of) {
                centre(
                    "memory_per_profiled_target",
                    &fleet.profile_costs.per_target,
                ) / goal
            } else {
                0.0
            },
            live_per_file: match fleet.log_intake.source {
                LogSource::Files => model.logs.per_file,
                LogSource::KubernetesApi if tails => {
                    centre("memory_per_log_stream", &fleet.log_intake.per_stream)
                }
                _ => 0.0,
            },
            growth: centre("memory_growth_per_day", &model.growth_per_day) / DAY,
            heap,
            binary: centre("binary_pages", &model.pages.binary),
            active_share: model.pages.active_share,
            gc_share: centre("gc_share", &fleet.cpu.gc_share),
            limit,
            limit_is_own: own_limit,
            idle: model.idle,
            soft_limit,
            test: model.test,
        }
    }

    /// The same for collectors that hold `idle_live` bytes when idle, and what the mean collector
    /// holds for its load. Bytes that are stated directly have no stacks and no garbage.
    #[must_use]
    pub fn following(self, idle_live: f64, held: Held) -> Self {
        let heap = match self.test {
            MemoryTest::GarbageCollected => self.heap.following(idle_live, held),
            MemoryTest::Direct => self.heap,
        };
        Self { heap, ..self }
    }

    /// The smallest limit under which `live` bytes survive.
    pub fn limit_needed(&self, live: f64) -> f64 {
        match self.soft_limit {
            SoftLimit::OfLimit(_) => self.heap.tight(live),
            SoftLimit::Off | SoftLimit::Bytes(_) => self.heap.anonymous(live),
        }
    }

    /// The live bytes at which the limit is reached.
    pub fn live_max(&self) -> f64 {
        if self.gives_way() {
            self.heap.tight_reach(self.limit)
        } else {
            self.heap.free_reach(self.limit)
        }
    }

    /// The share of the limit that `live` bytes on the heap take. Above 1 the collector is out of
    /// memory.
    pub fn limit_ratio(&self, live: f64) -> f64 {
        let counted = if self.gives_way() {
            self.heap.tight(live)
        } else {
            self.heap.free(live)
        };
        counted / self.limit
    }

    /// Whether the heap gives way to the limit. Without a soft limit the heap grows as far as GOGC
    /// says, however small the container or the node.
    fn gives_way(&self) -> bool {
        self.limit.is_finite() && self.heap.soft_limit() <= self.limit
    }

    /// Anonymous bytes with `live` bytes on the heap. The heap grows as far as GOGC says, and less
    /// near the soft limit.
    pub fn anonymous(&self, live: f64) -> f64 {
        self.heap.anonymous(live).max(self.idle)
    }

    /// [`Memory::anonymous`], cut off at the limit: a process that needs more is killed before it has
    /// it.
    pub fn within_limit(&self, live: f64) -> f64 {
        self.anonymous(live)
            .min(self.limit.max(self.heap.outside()))
    }

    /// Factor on CPU demand for garbage collection; it grows as less room is left. The factor is 1
    /// without a limit at GOGC = 100, whose garbage collection the measured CPU per sample
    /// contains.
    pub fn gc_factor(&self, live: f64) -> f64 {
        if live <= 0.0 {
            return 1.0;
        }
        let most = GC_SHARE_MAX.max(self.gc_share);
        let share = (self.gc_share * self.heap.pressure(live)).min(most);
        (1.0 - self.gc_share) / (1.0 - share)
    }

    /// Highest live bytes at which the factor of garbage collection is 1: collection has all the
    /// room that it takes without a limit.
    pub fn live_at_ease(&self) -> f64 {
        if !self.heap.is_usual() {
            0.0
        } else if self.heap.soft_limit().is_finite() {
            self.heap.free_reach(self.heap.soft_limit())
        } else {
            f64::INFINITY
        }
    }
}
