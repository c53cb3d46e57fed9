//! What a collector needs and does: the constants of its preset, each open to the file.

use std::time::Duration;

use super::super::fields::Fields;
use super::super::quantity::{Spec, stated};
use super::super::tree::Node;
use super::super::unit::Dimension;
use crate::model::blueprint::{
    CpuModel, Interruptions, MemoryModel, MemoryTest, RemoteWrite, SampleBytes, Wal,
};
use crate::model::preset::{GOGC, Preset, Stated};
use crate::units::MIB;

/// What a collector keeps in memory.
pub(super) fn memory(fields: &mut Fields<'_>, preset: &Preset) -> MemoryModel {
    let bytes = Spec::unknown(Dimension::Bytes).between(0.0, 1e15);
    let per_series = bytes.between(1.0, 1e9);
    let replay = Spec::unknown(Dimension::Number).between(1.0, 100.0).noise();
    let given = |constant: &Stated| Some(stated(constant, Dimension::Bytes));
    let constants = &preset.memory;
    let logs = Spec { per: MIB, ..bytes };
    let logs_default = Stated {
        form: constants.per_log_byte_per_second.form.scaled(MIB),
        ..constants.per_log_byte_per_second
    };
    let tests = [
        ("garbage-collected", MemoryTest::GarbageCollected),
        ("direct", MemoryTest::Direct),
    ];
    let word = tests.iter().find(|(_, test)| *test == constants.test);
    MemoryModel {
        per_series: fields.quantity(
            "memory_per_series",
            &per_series,
            given(&constants.per_series),
        ),
        holders: constants.holders,
        relabel_stages: fields.count("relabel_stages", 0..=20, Some(0)),
        per_target: {
            let default = given(&constants.per_target);
            fields.quantity("memory_per_target", &bytes, default)
        },
        per_busy_shard: {
            let default = given(&constants.per_busy_shard);
            fields.quantity("memory_per_busy_shard", &bytes, default)
        },
        base: fields.quantity("base_memory", &bytes, given(&constants.base)),
        outside_heap: fields.quantity("outside_heap", &bytes, given(&constants.outside_heap)),
        per_watched_pod: {
            let default = given(&constants.per_watched_pod);
            fields.quantity("memory_per_watched_pod", &bytes, default)
        },
        per_log_byte_per_second: {
            fields.quantity("memory_per_log_mib_per_second", &logs, given(&logs_default))
        },
        replay_peak: {
            let default = stated(&constants.replay_peak, Dimension::Number);
            fields.law("replay_peak", &replay, Some(default))
        },
        idle: {
            let default = Dimension::Bytes.write(constants.idle);
            fields.amount("idle_memory", &bytes, Some(Node::text(&default)))
        },
        gogc: {
            let percent = Spec::unknown(Dimension::Number).between(10.0, 1_000.0);
            fields.amount("gogc", &percent, Some(Node::number(GOGC)))
        },
        test: fields
            .choice("memory_test", &tests, word.map(|(word, _)| *word))
            .unwrap_or(constants.test),
    }
}

/// What a collector needs of CPU.
pub(super) fn cpu(fields: &mut Fields<'_>, preset: &Preset) -> CpuModel {
    let time = Spec::unknown(Dimension::Time).between(0.0, 1e6);
    let per_mib = Spec { per: MIB, ..time };
    let given = |constant: &Stated| Some(stated(constant, Dimension::Time));
    let constants = &preset.cpu;
    CpuModel {
        seconds_per_sample: {
            let default = given(&constants.seconds_per_sample);
            fields.quantity("cpu_per_sample", &time, default)
        },
        sent_share: {
            let default = Dimension::Share.write(constants.sent_share);
            let share = Spec::share().between(0.0, 1.0);
            fields.amount("cpu_sent_share", &share, Some(Node::text(&default)))
        },
        seconds_per_scrape: {
            let default = given(&constants.seconds_per_scrape);
            fields.quantity("cpu_per_scrape", &time, default)
        },
        seconds_per_new_series: {
            let default = given(&constants.seconds_per_new_series);
            fields.quantity("cpu_per_new_series", &time, default)
        },
        idle_cores: {
            let cores = Spec::unknown(Dimension::Cores).between(0.0, 1_000.0);
            let default = stated(&constants.idle_cores, Dimension::Cores);
            fields.quantity("idle_cpu", &cores, Some(default))
        },
        seconds_per_log_byte: {
            let default = given(&constants.seconds_per_log_mib);
            fields.quantity("cpu_per_log_mib", &per_mib, default)
        },
        gc_share: {
            let default = stated(&constants.gc_share, Dimension::Share);
            fields.quantity("gc_share", &Spec::share().between(0.0, 0.9), Some(default))
        },
    }
}

/// Bytes that samples take on the wire and in the log.
pub(super) fn sample_bytes(fields: &mut Fields<'_>, preset: &Preset) -> SampleBytes {
    let bytes = Spec::unknown(Dimension::Bytes).between(0.0, 1e6);
    let constants = &preset.sample_bytes;
    let mut quantity = |key: &'static str, constant: &Stated| {
        fields.quantity(key, &bytes, Some(stated(constant, Dimension::Bytes)))
    };
    SampleBytes {
        received: quantity("received_per_sample", &constants.received),
        sent: quantity("wire_per_sample", &constants.sent),
        logged: quantity("wal_per_sample", &constants.logged),
        logged_per_new_series: constants.logged_per_new_series,
    }
}

/// Series that a collector exposes about itself.
pub(super) fn own_series(fields: &mut Fields<'_>, preset: &Preset) -> f64 {
    let spec = Spec::unknown(Dimension::Number).between(0.0, 1e7);
    fields.amount("own_series", &spec, Some(Node::number(preset.own_series)))
}

/// The sender of metrics.
pub(super) fn remote_write(fields: &mut Fields<'_>, preset: &Preset) -> RemoteWrite {
    let defaults = preset.remote_write;
    fields.table_or_default("remote_write", |table| {
        let samples = Some(defaults.samples_per_send);
        let write = RemoteWrite {
            samples_per_send: table.count("samples_per_send", 1..=1_000_000, samples),
            shards_min: table.count("shards_min", 1..=10_000, Some(defaults.shards_min)),
            shards_max: table.count("shards_max", 1..=10_000, Some(defaults.shards_max)),
            http2: table.boolean("http2", defaults.http2),
        };
        if write.shards_min > write.shards_max {
            let (min, max) = (write.shards_min, write.shards_max);
            let message = format!("shards_min = {min} is above shards_max = {max}");
            table.wrong("shards_min", message, "");
        }
        write
    })
}

/// The write-ahead log.
pub(super) fn wal(fields: &mut Fields<'_>, preset: &Preset, on_volume: bool) -> Wal {
    let defaults = preset.wal;
    let on_volume = fields.boolean("volume", on_volume);
    fields.table_or_default("wal", |table| {
        let year = 365.0 * 86_400.0;
        let mut time = |key, default: Duration| {
            let text = Dimension::Time.write(default.as_secs_f64());
            table.duration(key, 0.0..=year, Some(&text))
        };
        let wal = Wal {
            truncate_every: time("truncate_every", defaults.truncate_every),
            keep_min: time("keep_min", defaults.keep_min),
            keep_max: time("keep_max", defaults.keep_max),
            on_volume,
        };
        if wal.keep_min > wal.keep_max {
            table.wrong("keep_min", "keep_min is longer than keep_max", "");
        }
        wal
    })
}

/// What interrupts a collector.
pub(super) fn interruptions(fields: &mut Fields<'_>, preset: &Preset) -> Interruptions {
    let time = Spec::unknown(Dimension::Time)
        .between(0.0, 86_400.0)
        .noise();
    let rate = Spec::unknown(Dimension::Number).between(1.0, 1e12).noise();
    let given = |constant: &Stated| Some(stated(constant, Dimension::Time));
    let constants = &preset.interruptions;
    let restarts = constants.restart_interval.as_ref();
    Interruptions {
        restart_interval: fields.interval("restarts", restarts.and_then(given)),
        restart_gap: fields.law("restart_gap", &time, given(&constants.restart_gap)),
        replay_series_per_second: {
            let default = stated(&constants.replay_series_per_second, Dimension::Number);
            fields.law("replay_rate", &rate, Some(default))
        },
        replay_seconds_per_mib: {
            let default = given(&constants.replay_seconds_per_mib);
            fields.law("replay_per_mib", &time, default)
        },
        crash_takeover: fields.law("crash_takeover", &time, given(&constants.crash_takeover)),
        leave_takeover: fields.law("leave_takeover", &time, given(&constants.leave_takeover)),
    }
}
