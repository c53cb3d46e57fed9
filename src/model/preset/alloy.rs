//! Alloy as its documents, its code and its users' reports describe it.

use std::time::Duration;

use super::{
    CpuConstants, InterruptionConstants, MemoryConstants, Preset, SampleBytesConstants, Stated,
    WalConstants,
};
use crate::model::blueprint::{Holders, MemoryTest, RemoteWrite};
use crate::model::law::form::Form;

/// Alloy with its defaults.
///
/// Source: each constant names its own.
pub const ALLOY: Preset = Preset {
    name: "alloy",
    memory: MemoryConstants {
        per_series: PER_SERIES,
        holders: HOLDERS,
        per_target: PER_TARGET,
        per_busy_shard: PER_BUSY_SHARD,
        base: BASE,
        outside_heap: OUTSIDE_HEAP,
        per_watched_pod: PER_WATCHED_POD,
        per_log_byte_per_second: PER_LOG_BYTE_PER_SECOND,
        replay_peak: REPLAY_PEAK,
        idle: 0.0,
        test: MemoryTest::GarbageCollected,
    },
    cpu: CpuConstants {
        seconds_per_sample: SECONDS_PER_SAMPLE,
        sent_share: SENT_SHARE,
        seconds_per_scrape: SECONDS_PER_SCRAPE,
        seconds_per_new_series: SECONDS_PER_NEW_SERIES,
        idle_cores: IDLE_CORES,
        seconds_per_log_mib: SECONDS_PER_LOG_MIB,
        gc_share: GC_SHARE,
    },
    own_series: OWN_SERIES,
    remote_write: REMOTE_WRITE,
    wal: WAL,
    sample_bytes: SampleBytesConstants {
        received: RECEIVED_BYTES,
        sent: SENT_BYTES,
        logged: LOGGED_BYTES,
        logged_per_new_series: LOGGED_PER_NEW_SERIES,
    },
    interruptions: InterruptionConstants {
        restart_interval: Some(RESTART_INTERVAL),
        restart_gap: RESTART_GAP,
        replay_series_per_second: REPLAY_RATE,
        replay_seconds_per_mib: REPLAY_PER_MIB,
        crash_takeover: CRASH_TAKEOVER,
        leave_takeover: LEAVE_TAKEOVER,
    },
    connection_lifetime: CONNECTION_LIFETIME,
    drain_interval: Some(DRAIN_INTERVAL),
    restarts_per_day: RESTARTS_PER_DAY,
};

/// Median 6 KB, 95th percentile 12 KB of resident memory without a limit.
///
/// Source: fitted to reports of 3.4-4.0 KB (grafana/alloy issue 3641), 5 KB (grafana/alloy issue
/// 1185), 9 KB (grafana/agent issue 55), 11.7 KB (grafana/agent issue 3) and 11.8 KB (Grafana Alloy
/// documentation, "Estimate resource usage"), read 2026-11.
const PER_SERIES: Stated = Stated {
    form: Form::P50P95(6_000.0, 12_000.0),
    source: "fitted to grafana/alloy issues 3641 and 1185, grafana/agent issues 55 and 3, and Alloy \
             docs, Estimate resource usage",
};

/// With 450 bytes of labels per series: 150 + 0.7 · 450 bytes in the cache of the scrape, 110 + 450 and
/// 120 in the table of the log and the label store, 60 + 450 in the queue of each endpoint, 450 per
/// stage of relabelling; of 1,655 bytes together.
///
/// Source: grafana/alloy, `internal/static/metrics/wal/series.go`, `internal/service/labelstore`;
/// prometheus/prometheus, `scrape/scrape.go`, `storage/remote/queue_manager.go`: sizes of the
/// structures (read 2026-11). INFERRED: the bytes of labels, 10 to 20 pairs.
const HOLDERS: Holders = Holders {
    scrape: 465.0 / 1_655.0,
    log: 680.0 / 1_655.0,
    queue: 510.0 / 1_655.0,
    relabel: 450.0 / 1_655.0,
};

/// INFERRED: contained in the bytes per series, which were reported of targets of ordinary size.
const PER_TARGET: Stated = Stated {
    form: Form::Value(0.0),
    source: "INFERRED: contained in memory_per_series, which was reported of ordinary targets",
};

/// INFERRED: seven batches of 2,000 samples and their labels, with the buffers of a request, by the
/// sizes of the structures; below 2 MB by Prometheus' documentation of remote write, without buffers.
const PER_BUSY_SHARD: Stated = Stated {
    form: Form::MinMax(3_000_000.0, 6_000_000.0),
    source: "INFERRED from the structures of prometheus/prometheus, queue_manager.go, and buffers",
};

/// INFERRED: from 300-350 MB resident at 2,000 series (grafana/alloy issue 1185) and the request of
/// the smallest size preset, 128 MiB (`k8s-monitoring` chart); half of resident is live. The 95th
/// percentile is three times the median.
const BASE: Stated = Stated {
    form: Form::P50P95(120_000_000.0, 350_000_000.0),
    source: "INFERRED from grafana/alloy issue 1185 and the k8s-monitoring chart's size presets",
};

/// INFERRED: stacks, runtime structures and mapped files of a Go process of this size; 50-100 MB.
const OUTSIDE_HEAP: Stated = Stated {
    form: Form::MinMax(50_000_000.0, 100_000_000.0),
    source: "INFERRED for a Go process of this size",
};

/// INFERRED: one copy of a pod object in each informer and its targets; grafana/alloy issues 3682
/// and 1999 show that discovery dominates in large clusters, without bytes per pod.
const PER_WATCHED_POD: Stated = Stated {
    form: Form::P50P95(15_000.0, 40_000.0),
    source: "INFERRED; grafana/alloy issues 3682 and 1999 show the effect without a number",
};

/// 120 MiB per MiB/s.
///
/// Source: Grafana Alloy documentation, "Estimate resource usage", section "Loki logs", read 2026-11.
const PER_LOG_BYTE_PER_SECOND: Stated = Stated {
    form: Form::Value(120.0),
    source: "Alloy docs, Estimate resource usage, Loki logs: 120 MiB per MiB/s",
};

/// 12 GB after the start against 6-7 GB later, for 1.75 million series.
///
/// Source: grafana/alloy issue 3641, read 2026-11.
const REPLAY_PEAK: Stated = Stated {
    form: Form::MinMax(1.7, 2.0),
    source: "grafana/alloy issue 3641: 12 GB at start, 6-7 GB steady",
};

/// 0.4 cores per million series at one sample a minute, 24 µs a sample.
///
/// Source: Grafana Alloy documentation, "Estimate resource usage", section "Prometheus metrics",
/// read 2026-11. INFERRED: the spread, a lognormal with σ = 0.4.
const SECONDS_PER_SAMPLE: Stated = Stated {
    form: Form::P50P95(0.000_024, 0.000_046_34),
    source: "Alloy docs, Estimate resource usage: 0.4 cores per million series; spread INFERRED",
};

/// INFERRED: 2.14 of 4.02 µs in a measurement of ours (not published) of Prometheus 2.42 in agent mode,
/// whose queue is Alloy's.
pub(super) const SENT_SHARE: f64 = 2.14 / (1.88 + 2.14);

/// INFERRED: 0.42 ms in a measurement of ours (not published) of Prometheus 2.42 in agent mode, whose
/// scraper is Alloy's.
pub(super) const SECONDS_PER_SCRAPE: Stated = Stated {
    form: Form::Value(0.000_42),
    source: "INFERRED: measured on Prometheus 2.42 in agent mode, whose scraper is Alloy's",
};

/// INFERRED: 19 to 20 µs in a measurement of ours (not published) of Prometheus 2.42 in agent mode,
/// whose log and queue are Alloy's.
pub(super) const SECONDS_PER_NEW_SERIES: Stated = Stated {
    form: Form::MinMax(0.000_019, 0.000_020),
    source: "INFERRED: measured on Prometheus 2.42 in agent mode, whose log and queue are Alloy's",
};

/// INFERRED: contained in the CPU per sample, which was documented of whole collectors.
const IDLE_CORES: Stated = Stated {
    form: Form::Value(0.0),
    source: "INFERRED: contained in cpu_per_sample, which is documented of whole collectors",
};

/// 1.5 MiB/s in both directions per million series, 94 bytes a sample; 30 of them on the way out.
///
/// Source: Grafana Alloy documentation, "Estimate resource usage", section "Prometheus metrics", read
/// 2026-11. INFERRED: the part of each direction, from [`SENT_BYTES`].
const RECEIVED_BYTES: Stated = Stated {
    form: Form::Value(64.2),
    source: "Alloy docs, Estimate resource usage: 1.5 MiB/s per million series, less what is sent",
};

/// INFERRED: 30.2 bytes a sample in a measurement of ours (not published) of Prometheus 2.42 in agent
/// mode, whose protocol is Alloy's; 38.5 where labels are random.
const SENT_BYTES: Stated = Stated {
    form: Form::P50P95(30.2, 38.5),
    source: "INFERRED: measured on Prometheus 2.42 in agent mode, whose protocol is Alloy's",
};

/// INFERRED: 3 to 10 bytes a sample for small integers, counts of buckets and random values, by
/// encoding such records as the log does.
const LOGGED_BYTES: Stated = Stated {
    form: Form::P50P95(5.5, 9.0),
    source: "INFERRED: records of samples of three kinds, encoded and compressed as the log does",
};

/// INFERRED: 25 bytes in a measurement of ours (not published) of Prometheus 2.42 in agent mode.
pub(super) const LOGGED_PER_NEW_SERIES: f64 = 25.0;

/// One core per MiB/s.
///
/// Source: Grafana Alloy documentation, "Estimate resource usage", section "Loki logs", read 2026-11.
/// INFERRED: the spread, a lognormal with σ = 0.5.
const SECONDS_PER_LOG_MIB: Stated = Stated {
    form: Form::P50P95(1.0, 2.276),
    source: "Alloy docs, Estimate resource usage: 1 core per MiB/s; spread INFERRED",
};

/// INFERRED: 5-15 % at GOGC=100; the guide to Go's collector gives the mechanism, not the share.
const GC_SHARE: Stated = Stated {
    form: Form::MinMax(0.05, 0.15),
    source: "INFERRED for GOGC=100",
};

/// INFERRED: the size of Alloy's own /metrics page with a handful of components; within a factor 2.
const OWN_SERIES: f64 = 1_000.0;

/// Source: Grafana Alloy documentation, `prometheus.remote_write`, blocks `endpoint` (HTTP/2 off
/// since v1.11) and `queue_config`, read 2026-11.
const REMOTE_WRITE: RemoteWrite = RemoteWrite {
    samples_per_send: 2_000,
    shards_min: 1,
    shards_max: 50,
    http2: false,
};

/// Source: Grafana Alloy documentation, `prometheus.remote_write`, block `wal`, read 2026-11.
const WAL: WalConstants = WalConstants {
    truncate_every: Duration::from_hours(2),
    keep_min: Duration::from_mins(5),
    keep_max: Duration::from_hours(8),
};

/// INFERRED: releases, configuration of the platform, node replacement; one in 60 days, and from 20
/// to 180 days between careful and busy teams.
const RESTART_INTERVAL: Stated = Stated {
    form: Form::P5P50P95(20.0 * 86_400.0, 60.0 * 86_400.0, 180.0 * 86_400.0),
    source: "INFERRED: one restart per collector in 60 days",
};

/// INFERRED: termination, scheduling, image from the node's cache, readiness delay of 10 s (Alloy's
/// Helm chart).
const RESTART_GAP: Stated = Stated {
    form: Form::P5P95(10.0, 30.0),
    source: "INFERRED from the readiness delay of Alloy's Helm chart",
};

/// INFERRED: grafana/agent issue 4639 reports minutes for tens of millions of series.
const REPLAY_RATE: Stated = Stated {
    form: Form::MinMax(50_000.0, 150_000.0),
    source: "INFERRED from grafana/agent issue 4639",
};

/// 1 to 4 s per segment of 128 MiB.
///
/// INFERRED: 4 s were reported of a Prometheus server (prometheus/prometheus issue 13617).
const REPLAY_PER_MIB: Stated = Stated {
    form: Form::MinMax(1.0 / 128.0, 4.0 / 128.0),
    source: "INFERRED from prometheus/prometheus issue 13617: 4 s per segment of 128 MiB",
};

/// INFERRED: a probe interval of 5 s and a suspicion time of 20-40 s (grafana/ckit and
/// hashicorp/memberlist, code).
const CRASH_TAKEOVER: Stated = Stated {
    form: Form::MinMax(25.0, 60.0),
    source: "INFERRED from the probe and suspicion times of grafana/ckit and hashicorp/memberlist",
};

/// INFERRED: about 1 s of gossip, a notification at most once a second, a reload every 5 s.
const LEAVE_TAKEOVER: Stated = Stated {
    form: Form::MinMax(2.0, 8.0),
    source: "INFERRED from the reload interval of 5 s in prometheus/scrape",
};

/// A busy connection is closed after an hour.
///
/// Source: nginx documentation, `ngx_http_core_module`, `keepalive_time`, read 2026-11. INFERRED:
/// that the far side is nginx or alike, and the spread.
const CONNECTION_LIFETIME: Stated = Stated {
    form: Form::P50P95(3_600.0, 8_190.0),
    source: "nginx docs, keepalive_time: 1 h; spread INFERRED",
};

/// INFERRED: monthly node upgrades, as managed Kubernetes offers them.
const DRAIN_INTERVAL: Stated = Stated {
    form: Form::Value(30.0 * 86_400.0),
    source: "INFERRED: nodes are upgraded once a month",
};

/// INFERRED: evictions, crashes and rescheduling outside rollouts; 2 % of the pods a day.
const RESTARTS_PER_DAY: Stated = Stated {
    form: Form::Value(0.02),
    source: "INFERRED: crashes, evictions and moves outside rollouts",
};
