//! Host-daemon fleets that differ in everything the fast form has a closed form for.

use alloy_sim::model::blueprint::signal::{MetricSource, Signal};
use alloy_sim::model::blueprint::{
    Answer, Blueprint, Controller, CpuModel, Endpoint, EndpointId, Fleet, HolderBytes, Holders,
    Incidents, Interruptions, Lifecycle, LogLimits, LogLines, MemoryModel, MemoryTest, NodeSize,
    Outage, PodDemand, Pool, PoolId, ProfileLoad, RemoteWrite, Resources, Rollouts, SampleBytes,
    Season, SeriesPerTarget, SpanLoad, Start, Step, Trend, Unchanged, Wal, Workload, WorkloadId,
    WorkloadKind,
};
use alloy_sim::model::law::{Law, P95_SCORE, Quantity};
use alloy_sim::model::topology::{Share, centralized, host_daemon};
use alloy_sim::units::{Bytes, Fraction, SimDuration};

use crate::support::platform::platform;
use crate::support::scene;

/// Every `of`-th of the kinds has a feature.
const fn every(kind: u32, of: u32) -> bool {
    kind.is_multiple_of(of)
}

/// The fleet numbered `kind`, with a collector on each of `nodes` nodes.
pub(super) fn unlike(kind: u32, nodes: f64) -> Blueprint {
    Blueprint {
        horizon: SimDuration::from_secs(6 * 86_400 + 1_801),
        start: if every(kind, 7) {
            Start::Cold
        } else {
            Start::Running
        },
        grid: SimDuration::from_hours(1),
        pools: vec![pool(kind, nodes)],
        workloads: vec![workload(kind, nodes)],
        fleets: vec![fleet(kind)],
        endpoints: vec![endpoint(kind)],
        egresses: Vec::new(),
    }
}

/// The same with a second workload beside it.
pub(super) fn with_machines(kind: u32, nodes: f64) -> Blueprint {
    let mut blueprint = unlike(kind, nodes);
    // What the first one has, the second one has with another kind.
    let mut machines = workload(kind + 13, nodes);
    "machines".clone_into(&mut machines.name);
    machines.count.start = Quantity::fixed(13.0 * nodes);
    machines.series = SeriesPerTarget::Law(Quantity::spread(positive(300.0, 900.0)));
    blueprint.workloads.push(machines);
    blueprint.fleets[0].metrics_of.push(WorkloadId::new(1));
    blueprint
}

/// The same that sends to a second endpoint as well, which is slower or faster and away at other times: at
/// times of its own, in the midst of an outage of the first one, and across the end of one.
pub(super) fn with_archive(kind: u32, nodes: f64) -> Blueprint {
    let mut blueprint = unlike(kind, nodes);
    let outage = |at: u64, lasts: u64| Outage {
        at: SimDuration::from_secs(at),
        lasts: SimDuration::from_secs(lasts),
        answer: Answer::Errors,
    };
    let mut outages = vec![outage(2 * 86_400, 2_000 * (1 + u64::from(kind % 10)))];
    if every(kind, 2) {
        outages.push(outage(3 * 86_400 + 1_801, 3_601));
    }
    if every(kind, 3) {
        outages.push(outage(4 * 86_400 + 11_111, 45_678));
    }
    let archive = Endpoint {
        name: "archive".to_owned(),
        latency: Quantity::fixed(if every(kind, 4) { 0.4 } else { 0.1 }),
        outages,
        ..endpoint(kind)
    };
    blueprint.endpoints.push(archive);
    blueprint.fleets[0].sends_to.push(EndpointId::new(1));
    blueprint
}

/// Three replicas on a ring, one of which restarts now and then. They need no time for their replay, whose
/// length would follow from what has died elsewhere.
pub(super) fn ring(kind: u32) -> Blueprint {
    let mut blueprint = on_a_ring(unlike(kind, 3.0));
    blueprint.endpoints[0].outages.clear();
    blueprint
}

/// Two workloads, two endpoints that are away at times, three replicas on a ring that restart.
pub(super) fn everything(kind: u32) -> Blueprint {
    let mut blueprint = with_archive(kind, 3.0);
    blueprint.workloads = with_machines(kind, 3.0).workloads;
    blueprint.fleets[0].metrics_of.push(WorkloadId::new(1));
    on_a_ring(blueprint)
}

fn on_a_ring(mut blueprint: Blueprint) -> Blueprint {
    blueprint.pools[0].nodes = Trend::constant(3.0);
    for workload in &mut blueprint.workloads {
        // Targets that are replaced would have new owners.
        workload.rollouts = None;
    }
    let fleet = &mut blueprint.fleets[0];
    fleet.topology = centralized(3, Share::Clustering);
    fleet.lifecycle.controller = Controller::StatefulSet;
    fleet.resources.memory_limit = None;
    fleet.interruptions.restart_interval = Some(Quantity::fixed(3.0 * 86_400.0));
    fleet.interruptions.replay_series_per_second = Law::Fixed(1e15);
    blueprint
}

/// The same without anything that makes series die.
pub(super) fn constant(mut blueprint: Blueprint) -> Blueprint {
    for workload in &mut blueprint.workloads {
        let pods = workload.count.start.centre.median();
        workload.count = Trend::constant(pods);
        (workload.rollouts, workload.incidents) = (None, None);
        workload.restarts_per_day = Quantity::fixed(0.0);
    }
    blueprint
}

fn pool(kind: u32, nodes: f64) -> Pool {
    let mut trend = Trend::constant(nodes);
    if nodes > 1.0 && !every(kind, 2) {
        trend.growth_per_30d = Quantity::fixed(1.0);
        trend.season.daily = Fraction::clamped(0.2);
    }
    Pool {
        name: "prod.general".to_owned(),
        clusters: 1,
        nodes: trend,
        zones: 1,
        node: NodeSize {
            cpu_cores: 64.0,
            memory: Bytes::new(64 << 30),
        },
        drain_interval: None,
        failure_interval: None,
        zone_failures: Vec::new(),
    }
}

fn workload(kind: u32, nodes: f64) -> Workload {
    let mut count = Trend::constant(40.0 * nodes);
    count.growth_per_30d = Quantity::unknown(Law::Normal { mean: 0.1, sd: 0.1 });
    count.season = Season {
        daily: Fraction::clamped(f64::from(kind % 4) * 0.1),
        weekly: Fraction::clamped(f64::from(kind % 3) * 0.15),
        peak_at: SimDuration::from_hours(14),
        first_weekday: 4,
    };
    if every(kind, 4) {
        count.steps = vec![
            Step {
                at: SimDuration::from_secs(200_000),
                factor: 1.3,
            },
            Step {
                at: SimDuration::from_secs(301_234),
                factor: 0.6,
            },
        ];
    }
    Workload {
        name: "apps".to_owned(),
        kind: WorkloadKind::Application,
        runs_on: vec![PoolId::new(0)],
        count,
        series: SeriesPerTarget::Law(Quantity::spread(positive(200.0, 4_000.0))),
        kept: Quantity::fixed(1.0),
        scrape_interval: SimDuration::from_secs(if every(kind, 3) { 30 } else { 60 }),
        scrape_timeout: SimDuration::from_secs(10),
        rollouts: (!every(kind, 5)).then_some(Rollouts {
            per_day: Quantity::fixed(4.0),
            share: Quantity::unknown(Law::Uniform { min: 0.1, max: 0.6 }),
            over: SimDuration::from_secs(600 + 300 * u64::from(kind % 6)),
        }),
        restarts_per_day: Quantity::fixed(0.02),
        incidents: every(kind, 6).then_some(Incidents {
            per_30d: Quantity::fixed(10.0),
            factor: Law::Uniform { min: 1.2, max: 2.5 },
            time_to_fix: positive(1_800.0, 20_000.0),
        }),
        giants: Vec::new(),
        logs: LogLines {
            bytes_per_second: Quantity::fixed(0.0),
            bytes_per_line: Quantity::fixed(1.0),
            files: 1.0,
            rotated_at: 10e6,
            bursts: Vec::new(),
        },
        spans: SpanLoad {
            per_second: Quantity::fixed(0.0),
            bytes: Quantity::fixed(1.0),
            per_request: 1.0,
            per_trace: 1.0,
            requests_per_trace: 1.0,
            trace_duration: SimDuration::ZERO,
            services: 1,
        },
        profiles: ProfileLoad {
            per_second: Quantity::fixed(0.0),
            bytes: Quantity::fixed(1.0),
        },
        demand: PodDemand {
            cpu_cores: Quantity::fixed(0.0),
            memory_bytes: Quantity::fixed(0.0),
            cpu_request_cores: 0.0,
            memory_request_bytes: 0.0,
        },
        jobs: None,
        even_placement: every(kind, 2),
    }
}

/// The lognormal law with these 5th and 95th percentiles.
fn positive(p5: f64, p95: f64) -> Law {
    let (low, high) = (p5.ln(), p95.ln());
    Law::LogNormal {
        mu: f64::midpoint(low, high),
        sigma: (high - low) / (2.0 * P95_SCORE),
    }
}

fn endpoint(kind: u32) -> Endpoint {
    let outage = |at: u64, lasts: u64| Outage {
        at: SimDuration::from_secs(at),
        lasts: SimDuration::from_secs(lasts),
        answer: Answer::Errors,
    };
    let mut outages = vec![outage(86_400 + 977, 1_800), outage(3 * 86_400, 3 * 3_600)];
    if every(kind, 2) {
        outages.push(outage(4 * 86_400 + 12_345, 34_000));
    }
    if every(kind, 8) {
        outages.push(outage(6 * 86_400, 4 * 3_600));
    }
    Endpoint {
        name: "mimir".to_owned(),
        signal: Signal::Metrics,
        via: None,
        latency: Quantity::fixed(0.25),
        backend: None,
        capacity_samples_per_second: None,
        logs: LogLimits::default(),
        outages,
        errors: Quantity::fixed(0.0),
        rejects: Quantity::fixed(0.0),
        connection_lifetime: Quantity::fixed(3_600.0),
    }
}

/// Senders from strong to too weak for the heaviest collectors.
fn remote_write(kind: u32) -> RemoteWrite {
    let (samples_per_send, shards_max) = match kind % 5 {
        0 => (200, 2),
        1 => (200, 3),
        2 => (400, 10),
        _ => (2_000, 50),
    };
    RemoteWrite {
        samples_per_send,
        shards_min: 1,
        shards_max,
        samples_read_per_second: u32::MAX,
        http2: false,
    }
}

fn fleet(kind: u32) -> Fleet {
    let limit = [190, 230, 260, 300, 360, 450][(kind / 2 % 6) as usize];
    let short = every(kind, 9);
    Fleet {
        name: "daemon".to_owned(),
        topology: host_daemon(true),
        autoscaling: None,
        runs_on: vec![PoolId::new(0)],
        metric_source: MetricSource::Scrape,
        metrics_of: vec![WorkloadId::new(0)],
        logs_of: Vec::new(),
        traces_of: Vec::new(),
        otlp: documented().otlp,
        log_intake: documented().log_intake,
        tail_sampling: None,
        spanmetrics: None,
        servicegraph: None,
        span_costs: documented().span_costs,
        profiles_of: Vec::new(),
        pyroscope: documented().pyroscope,
        profile_costs: documented().profile_costs,
        sends_to: vec![EndpointId::new(0)],
        resources: Resources {
            memory_limit: (!every(kind, 11)).then_some(Bytes::new(limit << 20)),
            ..Resources::default()
        },
        memory: memory(kind),
        cpu: CpuModel {
            seconds_per_sample: Some(Quantity::fixed(0.0)),
            seconds_per_scrape: Quantity::fixed(0.0),
            seconds_per_new_series: Quantity::fixed(0.0),
            idle_cores: Quantity::fixed(0.0),
            gc_share: Quantity::fixed(0.1),
            ..documented().cpu
        },
        // With the workload's interval of 30 s the busiest sender is not the one with most series.
        own_series: if every(kind, 3) { 0.0 } else { 1_000.0 },
        remote_write: remote_write(kind),
        loki_write: documented().loki_write,
        wal: Wal {
            truncate_every: SimDuration::from_mins(if short { 30 } else { 120 }),
            keep_min: SimDuration::from_mins(5),
            keep_max: SimDuration::from_hours(if every(kind, 4) { 4 } else { 8 }),
            unchanged: Unchanged::Skipped,
            on_volume: !every(kind, 3),
        },
        sample_bytes: SampleBytes {
            received: Quantity::fixed(64.2),
            sent: Quantity::unknown(positive(23.689, 38.5)),
            // So few that truncations alone close segments.
            logged: Quantity::unknown(positive(0.003_361, 0.009)),
            wal_per_new_series: 25.0,
        },
        interruptions: Interruptions {
            restart_interval: (!every(kind, 6)).then_some(Quantity::fixed(
                if every(kind, 4) { 0.15 } else { 1.5 } * 86_400.0,
            )),
            restart_gap: positive(10.0, 30.0),
            replay_series_per_second: Law::Uniform {
                min: 50_000.0,
                max: 150_000.0,
            },
            replay_seconds_per_mib: Law::Fixed(0.0),
            crash_takeover: Law::Fixed(40.0),
            leave_takeover: Law::Fixed(4.0),
        },
        lifecycle: Lifecycle {
            // What is worked off in the time that a stop has is everything, or a part of it.
            grace: SimDuration::from_secs([2, 30, 90][(kind / 3 % 3) as usize]),
            ..Lifecycle::of(Controller::DaemonSet)
        },
    }
}

/// A fleet as the preset of the documents has it.
fn documented() -> Fleet {
    let text = platform(r#"preset = "alloy-docs""#);
    scene::blueprint(&text).fleets.remove(0)
}

/// All in the WAL, or partly in cache and queue.
fn holders(kind: u32) -> Holders {
    let [scrape, wal, queue] = match kind % 3 {
        0 => [0.0, 1.0, 0.0],
        1 => [0.2, 0.3, 0.5],
        _ => [0.3, 0.4, 0.3],
    };
    let of = |fixed| HolderBytes {
        fixed,
        per_label_byte: 0.0,
    };
    Holders {
        scrape: of(scrape),
        wal: of(wal),
        queue: of(queue),
        relabel: of(0.2),
        ..Holders::default()
    }
}

fn memory(kind: u32) -> MemoryModel {
    MemoryModel {
        per_series: Some(Quantity::unknown(positive(2_285.714, 7_000.0))),
        holders: holders(kind),
        relabel_stages: Quantity::fixed(f64::from(kind % 2)),
        per_busy_shard: Quantity::fixed(0.0),
        base: Quantity::fixed(30e6),
        outside_heap: Quantity::unknown(Law::Uniform {
            min: 50e6,
            max: 70e6,
        }),
        per_watched_pod: Quantity::fixed(15_000.0),
        replay_peak: Law::Uniform { min: 1.1, max: 1.5 },
        test: if every(kind, 10) {
            MemoryTest::Direct
        } else {
            MemoryTest::GarbageCollected
        },
        ..documented().memory
    }
}
