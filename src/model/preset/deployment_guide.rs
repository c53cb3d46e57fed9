//! The arithmetic of the page "Deploy Grafana Alloy": one number per series, one connection per
//! endpoint, nothing that restarts.

use std::time::Duration;

use super::{ALLOY, InterruptionConstants, MemoryConstants, Preset, Stated, WalConstants};
use crate::model::blueprint::{Holders, MemoryTest, RemoteWrite};
use crate::model::law::form::Form;

/// Where the page's rule of thumb stands.
const GUIDE: &str = "Alloy docs, Deploy Grafana Alloy";

/// What the page does not speak of is absent.
const ABSENT: Stated = Stated {
    form: Form::Value(0.0),
    source: "Alloy docs, Deploy Grafana Alloy, does not speak of it",
};

/// "A rule of thumb is approximately 10 KB of memory for each series."
///
/// Source: Grafana Alloy documentation, "Deploy Grafana Alloy", section "As a centralized collection
/// service", read 2026-11.
const PER_SERIES: Stated = Stated {
    form: Form::Value(10_000.0),
    source: "Alloy docs, Deploy Grafana Alloy: 10 KB per series",
};

/// The deployment guide, taken literally. CPU is [`ALLOY`]'s: the page has no number for it.
///
/// Source: Grafana Alloy documentation, "Deploy Grafana Alloy" (read 2026-11).
pub const DEPLOYMENT_GUIDE: Preset = Preset {
    name: "deployment-guide",
    memory: MemoryConstants {
        per_series: PER_SERIES,
        // The page does not tell what holds the bytes, so nothing adds to them.
        holders: Holders {
            scrape: 0.0,
            log: 1.0,
            queue: 0.0,
            relabel: 0.0,
        },
        per_target: ABSENT,
        per_busy_shard: ABSENT,
        base: ABSENT,
        outside_heap: ABSENT,
        per_watched_pod: ABSENT,
        per_log_byte_per_second: ABSENT,
        replay_peak: Stated {
            form: Form::Value(1.0),
            source: GUIDE,
        },
        idle: 0.0,
        test: MemoryTest::Direct,
    },
    cpu: ALLOY.cpu,
    own_series: 0.0,
    remote_write: RemoteWrite {
        http2: true,
        ..ALLOY.remote_write
    },
    wal: WalConstants {
        truncate_every: Duration::ZERO,
        ..ALLOY.wal
    },
    sample_bytes: ALLOY.sample_bytes,
    interruptions: InterruptionConstants {
        restart_interval: None,
        ..ALLOY.interruptions
    },
    connection_lifetime: Stated {
        form: Form::Value(100.0 * 365.0 * 86_400.0),
        source: "Alloy docs, Deploy Grafana Alloy: a connection stays open",
    },
    drain_interval: None,
    restarts_per_day: ABSENT,
};
