//! A small platform for unit tests: one pool in two clusters, one workload, one fleet of replicas.

use super::{
    Autoscaling, Backoff, Balancer, Blueprint, Controller, CpuModel, Destinations, Endpoint,
    EndpointId, Fleet, Garbage, HeapModel, HolderBytes, Holders, Incidents, Interruptions,
    Lifecycle, LogCpu, LogIntake, LogLimits, LogLines, LogMemory, LogSource, LokiWrite,
    MemoryModel, MemoryTest, NodeSize, OnRefusal, Otlp, Overflow, Pages, PodDemand, Pool, PoolId,
    ProfileCosts, ProfileLoad, ProfileSource, Protocol, Pyroscope, QueueBy, QueuePlace,
    RemoteWrite, Resources, Retry, Rollouts, SampleBytes, SendingQueue, SeriesPerTarget, SoftLimit,
    SpanCosts, SpanLoad, Stacks, Start, Trend, Unchanged, Wal, Workload, WorkloadId, WorkloadKind,
};
use crate::model::blueprint::signal::{MetricSource, Signal};
use crate::model::law::{Law, Quantity, Scale};
use crate::model::topology::{Share, centralized};
use crate::units::{Bytes, SimDuration};

const DAY: f64 = 86_400.0;
const NOTHING: Quantity = Quantity::fixed(0.0);
const ONE: Quantity = Quantity::fixed(1.0);

/// The positive law with these 5th and 95th percentiles.
fn positive(p5: f64, p95: f64) -> Law {
    Law::two_piece(Scale::Log, p5, (p5 * p95).sqrt(), p95)
}

/// Two clusters of three nodes with 1,200 pods. An autoscaler sets the number of replicas that
/// scrape them.
pub(in crate::model) fn blueprint(days: u64, autoscaling: Autoscaling) -> Blueprint {
    Blueprint {
        horizon: SimDuration::from_hours(24 * days),
        start: Start::Running,
        grid: SimDuration::from_hours(1),
        pools: vec![pool()],
        workloads: vec![workload()],
        fleets: vec![fleet(autoscaling)],
        endpoints: vec![endpoint()],
        egresses: Vec::new(),
    }
}

fn pool() -> Pool {
    Pool {
        name: "prod.general".to_owned(),
        clusters: 2,
        nodes: Trend::constant(3.0),
        zones: 3,
        node: NodeSize {
            cpu_cores: 4.0,
            memory: Bytes::new(16 << 30),
        },
        drain_interval: Some(Quantity::fixed(3.0 * DAY)),
        failure_interval: None,
        zone_failures: Vec::new(),
    }
}

fn workload() -> Workload {
    Workload {
        name: "apps".to_owned(),
        kind: WorkloadKind::Application,
        runs_on: vec![PoolId::new(0)],
        count: Trend::constant(1_200.0),
        series: SeriesPerTarget::Law(Quantity::spread(positive(200.0, 4_000.0))),
        kept: Quantity::fixed(1.0),
        scrape_interval: SimDuration::from_mins(1),
        scrape_timeout: SimDuration::from_secs(10),
        rollouts: Some(Rollouts {
            per_day: Quantity::fixed(6.0),
            share: Quantity::fixed(0.4),
            over: SimDuration::from_mins(10),
        }),
        restarts_per_day: Quantity::fixed(0.02),
        incidents: Some(Incidents {
            per_30d: Quantity::fixed(8.0),
            factor: positive(1.3, 3.0),
            time_to_fix: Law::Fixed(7_200.0),
        }),
        giants: Vec::new(),
        logs: LogLines {
            bytes_per_second: NOTHING,
            bytes_per_line: ONE,
            files: 1.0,
            rotated_at: 10e6,
            bursts: Vec::new(),
        },
        spans: SpanLoad {
            per_second: NOTHING,
            bytes: ONE,
            per_request: 1.0,
            per_trace: 1.0,
            requests_per_trace: 1.0,
            trace_duration: SimDuration::ZERO,
            services: 1,
        },
        profiles: ProfileLoad {
            per_second: NOTHING,
            bytes: ONE,
        },
        demand: PodDemand {
            cpu_cores: NOTHING,
            memory_bytes: NOTHING,
            cpu_request_cores: 0.0,
            memory_request_bytes: 0.0,
        },
        jobs: None,
        even_placement: true,
    }
}

fn endpoint() -> Endpoint {
    Endpoint {
        name: "backend".to_owned(),
        signal: Signal::Metrics,
        via: None,
        latency: Quantity::fixed(0.1),
        backend: None,
        capacity_samples_per_second: None,
        logs: LogLimits::default(),
        errors: NOTHING,
        rejects: NOTHING,
        outages: Vec::new(),
        connection_lifetime: Quantity::fixed(300.0),
    }
}

fn fleet(autoscaling: Autoscaling) -> Fleet {
    Fleet {
        name: "all".to_owned(),
        topology: centralized(autoscaling.min, Share::Clustering),
        autoscaling: Some(autoscaling),
        runs_on: vec![PoolId::new(0)],
        metric_source: MetricSource::Scrape,
        metrics_of: vec![WorkloadId::new(0)],
        logs_of: Vec::new(),
        log_intake: LogIntake {
            source: LogSource::Files,
            per_stream: NOTHING,
        },
        traces_of: Vec::new(),
        profiles_of: Vec::new(),
        pyroscope: pyroscope(),
        profile_costs: profile_costs(),
        otlp: otlp(),
        tail_sampling: None,
        spanmetrics: None,
        servicegraph: None,
        span_costs: span_costs(),
        sends_to: vec![EndpointId::new(0)],
        resources: Resources {
            cpu_request_cores: Some(0.2),
            cpu_limit_cores: Some(1.0),
            memory_request: Some(Bytes::new(2 << 30)),
            memory_limit: Some(Bytes::new(3 << 30)),
        },
        memory: memory(),
        cpu: cpu(),
        own_series: 1_000.0,
        remote_write: RemoteWrite {
            samples_per_send: 2_000,
            shards_min: 1,
            shards_max: 50,
            samples_read_per_second: u32::MAX,
            http2: false,
        },
        wal: Wal {
            truncate_every: SimDuration::from_hours(2),
            keep_min: SimDuration::from_mins(5),
            keep_max: SimDuration::from_hours(8),
            unchanged: Unchanged::Skipped,
            on_volume: true,
        },
        loki_write: loki_write(),
        sample_bytes: SampleBytes {
            received: Quantity::fixed(200.0),
            sent: Quantity::fixed(30.0),
            logged: Quantity::fixed(10.0),
            wal_per_new_series: 25.0,
        },
        interruptions: Interruptions {
            restart_interval: Some(Quantity::fixed(2.0 * DAY)),
            restart_gap: positive(10.0, 30.0),
            replay_series_per_second: Law::Fixed(100_000.0),
            replay_seconds_per_mib: Law::Fixed(0.0),
            crash_takeover: Law::Fixed(15.0),
            leave_takeover: Law::Fixed(1.0),
        },
        lifecycle: Lifecycle::of(Controller::StatefulSet),
    }
}

/// A sender of logs with Alloy's defaults.
pub(in crate::model) fn loki_write() -> LokiWrite {
    LokiWrite {
        batch_bytes: 1e6,
        batch_wait: SimDuration::from_secs(1),
        shards: 1,
        queue_bytes: 1e7,
        overflow: Overflow::Block,
        retries: Backoff {
            attempts: 10,
            first_seconds: 0.5,
            longest_seconds: 300.0,
        },
        live_per_byte: 2.0,
        drain_timeout: SimDuration::from_secs(15),
        wal: None,
    }
}

/// A pipeline of traces without a batch processor.
fn otlp() -> Otlp {
    Otlp {
        protocol: Protocol::Http,
        balancer: Balancer::Plain,
        client: OnRefusal::Drop,
        batch: None,
        queue: SendingQueue {
            size: 1_000.0,
            by: QueueBy::Requests,
            consumers: 10,
            place: QueuePlace::Memory,
            overflow: Overflow::Refuse,
        },
        retry: Retry {
            initial: SimDuration::from_secs(5),
            multiplier: 1.5,
            jitter: 0.5,
            interval_max: SimDuration::from_secs(30),
            elapsed_max: SimDuration::from_secs(300),
            attempt_max: SimDuration::from_secs(5),
        },
        memory_limiter: None,
    }
}

fn pyroscope() -> Pyroscope {
    Pyroscope {
        source: ProfileSource::Scrape,
        interval: SimDuration::from_secs(15),
        delta_share: 0.6,
        retries: loki_write().retries,
        attempt_max: SimDuration::from_secs(10),
    }
}

fn profile_costs() -> ProfileCosts {
    ProfileCosts {
        cpu: 1.5e-3,
        cpu_byte: 0.0,
        per_target: Quantity::fixed(10e6),
        stack: 20e3,
        garbage_byte: 10.0,
    }
}

fn span_costs() -> SpanCosts {
    SpanCosts {
        cpu: 10e-6,
        cpu_byte: 0.0,
        sent_share: 0.5,
        cpu_sampled: 1e-6,
        live: 1_000.0,
        live_byte: 0.0,
        decided: 300.0,
        garbage: 4_000.0,
    }
}

fn cpu() -> CpuModel {
    CpuModel {
        seconds_per_sample: Some(Quantity::fixed(12e-6)),
        scraped: 0.6e-6,
        scraped_label_byte: 0.0,
        compressed: 0.0,
        sent: 0.4e-6,
        sent_further: 0.4e-6,
        relabel_hit: 0.0,
        relabel_miss: 0.0,
        seconds_per_scrape: NOTHING,
        seconds_per_new_series: Quantity::fixed(50e-6),
        seconds_per_truncated_series: NOTHING,
        idle_cores: Quantity::fixed(0.01),
        logs: LogCpu {
            seconds_per_byte: None,
            idle_cores: 0.0,
            line: 0.0,
            byte: 0.0,
            staged_line: 0.0,
            file: 0.0,
            found: 0.0,
        },
        gc_share: Quantity::fixed(0.1),
        factor: ONE,
    }
}

/// Bytes of a holder whatever the labels are.
const fn plain(fixed: f64) -> HolderBytes {
    HolderBytes {
        fixed,
        per_label_byte: 0.0,
    }
}

fn memory() -> MemoryModel {
    MemoryModel {
        label_bytes: NOTHING,
        holders: Holders {
            scrape: plain(0.3),
            wal: plain(0.4),
            queue: plain(0.3),
            ..Holders::default()
        },
        per_series: Some(Quantity::unknown(positive(6_000.0, 12_000.0))),
        relabel_stages: NOTHING,
        relabel_cache: 1e5,
        destinations: Destinations::Blocks,
        per_target: Quantity::fixed(50_000.0),
        per_compressed_target: 0.0,
        is_compressed: false,
        per_busy_shard: Quantity::fixed(1e6),
        base: Quantity::fixed(50e6),
        components: NOTHING,
        outside_heap: Quantity::fixed(60e6),
        per_watched_pod: Quantity::fixed(15_000.0),
        discovery_components: 1.0,
        logs: LogMemory {
            per_byte_per_second: NOTHING,
            per_file: 0.0,
            of_stages: 0.0,
            stages: NOTHING,
        },
        factor: ONE,
        growth_per_day: NOTHING,
        replay_peak: Law::Uniform { min: 1.1, max: 1.5 },
        heap: heap(),
        pages: Pages {
            binary: NOTHING,
            active_share: 0.0,
        },
        idle: 0.0,
        test: MemoryTest::GarbageCollected,
    }
}

/// A heap that doubles.
fn heap() -> HeapModel {
    HeapModel {
        gogc: 100.0,
        collected_at: 1.0,
        forced_every: 0.0,
        overhead: 1.0,
        soft_limit: SoftLimit::OfLimit(0.9),
        stacks: Stacks::default(),
        garbage: Garbage::default(),
    }
}
