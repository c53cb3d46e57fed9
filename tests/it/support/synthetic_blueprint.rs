//! A small blueprint for synthetic results: two fleets, two pools, one way out, one endpoint.

use std::time::Duration;

use alloy_sim::model::blueprint::signal::Signal;
use alloy_sim::model::blueprint::{
    Blueprint, Controller, CpuModel, Egress, EgressId, Endpoint, EndpointId, Fleet, Holders,
    Interruptions, Lifecycle, MemoryModel, MemoryTest, NodeSize, Pool, PoolId, RemoteWrite,
    Resources, SampleBytes, Start, Trend, Wal,
};
use alloy_sim::model::egress::Provider;
use alloy_sim::model::law::{Law, Quantity};
use alloy_sim::model::topology::{Share, Topology, centralized, host_daemon};
use alloy_sim::units::Bytes;

use super::synthetic::Knobs;

/// The blueprint of a case.
pub(crate) fn blueprint(knobs: &Knobs) -> Blueprint {
    let mut fleets = vec![fleet("metrics", knobs.topology, knobs.limit_gib)];
    for index in 0..knobs.edges {
        let name = if index == 0 {
            "edge".to_owned()
        } else {
            format!("edge-{index}")
        };
        fleets.push(fleet(&name, host_daemon(true), Some(0.5)));
    }
    let via = knobs.port_capacity.map(|_| EgressId::new(0));
    let egress = Egress {
        name: "nat".to_owned(),
        limits: Provider::DeploymentGuide.limits(),
        addresses: knobs.addresses,
        background_connections: 0,
    };
    Blueprint {
        horizon: knobs.horizon,
        start: Start::Running,
        grid: Duration::from_hours(1),
        pools: vec![pool("prod.general", 1_000.0), pool("prod.telemetry", 3.0)],
        workloads: Vec::new(),
        fleets,
        endpoints: vec![endpoint(via)],
        egresses: via.map(|_| egress).into_iter().collect(),
    }
}

/// The topology that most synthetic cases have.
pub(crate) const fn central(replicas: u32) -> Topology {
    centralized(replicas, Share::Clustering)
}

fn pool(name: &str, nodes: f64) -> Pool {
    Pool {
        name: name.to_owned(),
        clusters: 1,
        nodes: Trend::constant(nodes),
        zones: 3,
        node: NodeSize {
            cpu_cores: 16.0,
            memory: Bytes::new(64 << 30),
        },
        drain_interval: None,
        failure_interval: None,
        zone_failures: Vec::new(),
    }
}

fn endpoint(via: Option<EgressId>) -> Endpoint {
    Endpoint {
        name: "mimir".to_owned(),
        signal: Signal::Metrics,
        via,
        latency: Quantity::fixed(0.12),
        capacity_samples_per_second: None,
        outages: Vec::new(),
        errors: Quantity::fixed(0.0),
        rejects: Quantity::fixed(0.0),
        connection_lifetime: Quantity::fixed(300.0),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a size in a test"
)]
fn fleet(name: &str, topology: Topology, limit_gib: Option<f64>) -> Fleet {
    let zero = Quantity::fixed(0.0);
    Fleet {
        name: name.to_owned(),
        topology,
        autoscaling: None,
        runs_on: vec![PoolId::new(0)],
        metrics_of: Vec::new(),
        logs_of: Vec::new(),
        sends_to: vec![EndpointId::new(0)],
        resources: Resources {
            cpu_request_cores: Some(4.0),
            cpu_limit_cores: Some(4.0),
            memory_request: None,
            memory_limit: limit_gib.map(|gib| Bytes::new((gib * 1_073_741_824.0) as u64)),
        },
        memory: MemoryModel {
            per_series: Quantity::fixed(10_000.0),
            holders: Holders {
                scrape: 0.0,
                log: 1.0,
                queue: 0.0,
                relabel: 0.0,
            },
            relabel_stages: 0,
            per_target: zero,
            per_busy_shard: zero,
            base: zero,
            outside_heap: zero,
            per_watched_pod: zero,
            per_log_byte_per_second: zero,
            replay_peak: Law::Fixed(1.0),
            idle: 0.0,
            gogc: 100.0,
            test: MemoryTest::Direct,
        },
        cpu: CpuModel {
            seconds_per_sample: zero,
            sent_share: 0.5,
            seconds_per_scrape: zero,
            seconds_per_new_series: zero,
            idle_cores: zero,
            seconds_per_log_byte: zero,
            gc_share: zero,
        },
        own_series: 0.0,
        remote_write: RemoteWrite {
            samples_per_send: 2_000,
            shards_min: 1,
            shards_max: 50,
            http2: false,
        },
        wal: Wal {
            truncate_every: Duration::from_hours(2),
            keep_min: Duration::from_mins(5),
            keep_max: Duration::from_hours(4),
            on_volume: true,
        },
        sample_bytes: SampleBytes {
            received: Quantity::fixed(64.2),
            sent: Quantity::fixed(30.2),
            logged: Quantity::fixed(5.5),
            logged_per_new_series: 25.0,
        },
        interruptions: Interruptions {
            restart_interval: None,
            restart_gap: Law::Fixed(30.0),
            replay_series_per_second: Law::Fixed(100_000.0),
            replay_seconds_per_mib: Law::Fixed(0.0),
            crash_takeover: Law::Fixed(15.0),
            leave_takeover: Law::Fixed(1.0),
        },
        lifecycle: Lifecycle::of(Controller::StatefulSet),
    }
}
