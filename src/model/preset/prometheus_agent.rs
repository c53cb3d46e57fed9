//! Prometheus 2.42 in agent mode, from whose code Alloy's metrics pipeline descends: a calibration case.

use super::alloy::{LOGGED_PER_NEW_SERIES, SECONDS_PER_NEW_SERIES, SECONDS_PER_SCRAPE, SENT_SHARE};
use super::{
    ALLOY, CpuConstants, InterruptionConstants, MemoryConstants, Preset, SampleBytesConstants,
    Stated,
};
use crate::model::blueprint::{Holders, MemoryTest};
use crate::model::law::form::Form;

/// Where all of it comes from.
const MEASURED: &str = "calibration: a measurement of ours (not published) of Prometheus 2.42 in \
                        agent mode, 201 bytes of labels per series, loopback, November 2026";

/// A number of that measurement.
const fn measured(form: Form) -> Stated {
    Stated {
        form,
        source: MEASURED,
    }
}

/// Prometheus 2.42 in agent mode with the settings of Alloy's queue. What was not measured is
/// [`ALLOY`]'s, but for discovery, an own page, restarts and drains, which it has not.
///
/// INFERRED: from a measurement of ours (not published): loopback, no encryption, 50,000 to 1,000,000
/// series in targets of 1,000, 201 bytes of labels per series.
pub const PROMETHEUS_AGENT: Preset = Preset {
    name: "prometheus-agent-2.42",
    memory: MemoryConstants {
        per_series: measured(Form::Value(PER_SERIES)),
        holders: HOLDERS,
        per_target: measured(Form::Value(PER_TARGET)),
        per_busy_shard: ALLOY.memory.per_busy_shard,
        base: measured(Form::Value(0.0)),
        outside_heap: measured(Form::Value(27_000_000.0)),
        per_watched_pod: measured(Form::Value(0.0)),
        per_log_byte_per_second: ALLOY.memory.per_log_byte_per_second,
        replay_peak: measured(Form::MinMax(1.17, 1.18)),
        idle: 48_000_000.0,
        test: MemoryTest::GarbageCollected,
    },
    cpu: CpuConstants {
        seconds_per_sample: measured(Form::Value((1.88 + 2.14) * 1e-6)),
        sent_share: SENT_SHARE,
        seconds_per_scrape: measured(SECONDS_PER_SCRAPE.form),
        seconds_per_new_series: measured(SECONDS_PER_NEW_SERIES.form),
        idle_cores: measured(Form::Value(0.018)),
        // At GOGC = 50 a sample costs at most 0.3 µs more.
        gc_share: measured(Form::Value(0.06)),
        ..ALLOY.cpu
    },
    own_series: 0.0,
    sample_bytes: SampleBytesConstants {
        // Uncompressed text: labels, a value and a line's end.
        received: measured(Form::Value(211.0)),
        sent: measured(Form::Value(30.2)),
        logged: measured(Form::Value(10.7)),
        logged_per_new_series: LOGGED_PER_NEW_SERIES,
    },
    interruptions: InterruptionConstants {
        restart_interval: None,
        replay_series_per_second: measured(Form::Value(1.0 / 4.2e-6)),
        // 0.30 µs per sample of 10.7 bytes.
        replay_seconds_per_mib: measured(Form::Value(0.30e-6 / 10.7 * crate::units::MIB)),
        ..ALLOY.interruptions
    },
    drain_interval: None,
    restarts_per_day: measured(Form::Value(0.0)),
    ..ALLOY
};

/// Live bytes of a target beyond those of its series: 27 KB more for each where the same series were
/// spread over targets of 100 instead of 1,000.
///
/// INFERRED: a measurement of ours, as [`PROMETHEUS_AGENT`].
const PER_TARGET: f64 = 27_000.0;

/// Live bytes of a series: 27 MB + 3,920 bytes per series were measured with targets of 1,000 series.
///
/// INFERRED: a measurement of ours, as [`PROMETHEUS_AGENT`].
const PER_SERIES: f64 = 3_920.0 - 2.0 * PER_TARGET / 1_000.0;

/// A second endpoint added 34 % of 419 MB at 100,000 series, so the queue of one takes 1,425 of 3,920
/// bytes; scrape and log share the rest as their structures do with 201 bytes of labels.
///
/// INFERRED: a measurement of ours, as [`PROMETHEUS_AGENT`]; prometheus/prometheus, `scrape/scrape.go`
/// and `tsdb/agent/series.go` for the two structures.
const HOLDERS: Holders = {
    let queue = 1_425.0 / PER_SERIES;
    let (scrape, log) = (150.0 + 0.7 * 201.0, 110.0 + 201.0);
    Holders {
        scrape: (1.0 - queue) * scrape / (scrape + log),
        log: (1.0 - queue) * log / (scrape + log),
        queue,
        relabel: (1.0 - queue) * 201.0 / (scrape + log),
    }
};
