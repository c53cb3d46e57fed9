//! The constants of a collector, which a preset states and the file may override.

use super::{Dimension, Fields, Spec};
use crate::model::blueprint::{
    CpuModel, Holders, Interruptions, MemoryModel, MemoryTest, RemoteWrite, SampleBytes, Wal,
};
use crate::units::MIB;

/// Reads what a preset may state of a fleet.
pub(super) fn preset(fields: &mut Fields<'_>) {
    memory(fields);
    cpu(fields);
    own_series(fields);
    remote_write(fields);
    sample_bytes(fields);
    wal(fields, false);
    interruptions(fields);
}

/// What a collector keeps in memory.
pub(super) fn memory(fields: &mut Fields<'_>) -> MemoryModel {
    let bytes = Spec::unknown(Dimension::Bytes).between(0.0, 1e15);
    let per_series = bytes.between(1.0, 1e9);
    let per_mib = Spec { per: MIB, ..bytes };
    let replay = Spec::unknown(Dimension::Number).between(1.0, 100.0);
    let percent = Spec::unknown(Dimension::Number).between(10.0, 1_000.0);
    let tests = [
        ("garbage-collected", MemoryTest::GarbageCollected),
        ("direct", MemoryTest::Direct),
    ];
    let memory = MemoryModel {
        per_series: fields.quantity("memory_per_series", &per_series, None),
        holders: holders(fields),
        relabel_stages: fields.count("relabel_stages", 0..=20, None),
        per_target: fields.quantity("memory_per_target", &bytes, None),
        per_busy_shard: fields.quantity("memory_per_busy_shard", &bytes, None),
        base: fields.quantity("base_memory", &bytes, None),
        outside_heap: fields.quantity("outside_heap", &bytes, None),
        per_watched_pod: fields.quantity("memory_per_watched_pod", &bytes, None),
        per_log_byte_per_second: fields.quantity("memory_per_log_mib_per_second", &per_mib, None),
        replay_peak: fields.law("replay_peak", &replay, None),
        idle: fields.amount("idle_memory", &bytes, None),
        gogc: fields.amount("gogc", &percent, None),
        test: fields.choice("memory_test", &tests, None),
    };
    gogc_applies(fields, &memory);
    memory
}

/// Refuses `gogc` beside bytes that are stated directly. Such bytes hold as they are, that is at
/// GOGC = 100.
fn gogc_applies(fields: &Fields<'_>, memory: &MemoryModel) {
    if memory.test == MemoryTest::Direct && (memory.gogc - 100.0).abs() > 0.0 {
        let message = format!(
            "gogc = {} means nothing where memory_test is \"direct\"",
            memory.gogc
        );
        let help = "remove gogc: the bytes that are stated hold as they are; or set \
                    memory_test = \"garbage-collected\" for a process written in Go";
        fields.wrong("gogc", message, help);
    }
}

/// How the bytes of a series are divided over its holders. Only their ratios count.
fn holders(fields: &mut Fields<'_>) -> Holders {
    let bytes = Spec::unknown(Dimension::Bytes).between(0.0, 1e9);
    fields.table_or_default("series_holders", |table| {
        let scrape = table.amount("scrape", &bytes, None);
        let log = table.amount("wal", &bytes, None);
        let queue = table.amount("queue", &bytes, None);
        let relabel = table.amount("relabel", &bytes, None);
        let all = scrape + log + queue;
        if all <= 0.0 {
            let help = "one of scrape, wal and queue is above zero";
            table.wrong("wal", "nothing holds the bytes of a series", help);
        }
        Holders {
            scrape: scrape / all,
            log: log / all,
            queue: queue / all,
            relabel: relabel / all,
        }
    })
}

/// CPU that a collector demands.
pub(super) fn cpu(fields: &mut Fields<'_>) -> CpuModel {
    let time = Spec::unknown(Dimension::Time).between(0.0, 1e6);
    let per_mib = Spec { per: MIB, ..time };
    let cores = Spec::unknown(Dimension::Cores).between(0.0, 1_000.0);
    let share = Spec::share();
    CpuModel {
        seconds_per_sample: fields.quantity("cpu_per_sample", &time, None),
        sent_share: fields.amount("cpu_sent_share", &share, None),
        seconds_per_scrape: fields.quantity("cpu_per_scrape", &time, None),
        seconds_per_new_series: fields.quantity("cpu_per_new_series", &time, None),
        idle_cores: fields.quantity("idle_cpu", &cores, None),
        seconds_per_log_byte: fields.quantity("cpu_per_log_mib", &per_mib, None),
        gc_share: fields.quantity("gc_share", &share.between(0.0, 0.9), None),
    }
}

/// Bytes that samples take on the wire and in the WAL.
pub(super) fn sample_bytes(fields: &mut Fields<'_>) -> SampleBytes {
    let bytes = Spec::unknown(Dimension::Bytes).between(0.0, 1e6);
    SampleBytes {
        received: fields.quantity("received_per_sample", &bytes, None),
        sent: fields.quantity("wire_per_sample", &bytes, None),
        logged: fields.quantity("wal_per_sample", &bytes, None),
        wal_per_new_series: fields.amount("wal_per_new_series", &bytes, None),
    }
}

/// Series that a collector exposes about itself.
pub(super) fn own_series(fields: &mut Fields<'_>) -> f64 {
    let spec = Spec::unknown(Dimension::Number).between(0.0, 1e7);
    fields.amount("own_series", &spec, None)
}

/// The sender of metrics.
pub(super) fn remote_write(fields: &mut Fields<'_>) -> RemoteWrite {
    fields.table_or_default("remote_write", |table| {
        let write = RemoteWrite {
            samples_per_send: table.count("samples_per_send", 1..=1_000_000, None),
            shards_min: table.count("shards_min", 1..=10_000, None),
            shards_max: table.count("shards_max", 1..=10_000, None),
            http2: table.boolean("http2", None),
        };
        if write.shards_min > write.shards_max {
            let (min, max) = (write.shards_min, write.shards_max);
            let message = format!("shards_min = {min} is above shards_max = {max}");
            table.wrong("shards_min", message, "");
        }
        write
    })
}

/// The WAL of a collector.
pub(super) fn wal(fields: &mut Fields<'_>, on_volume: bool) -> Wal {
    fields.table_or_default("wal", |table| {
        let year = 365.0 * 86_400.0;
        let wal = Wal {
            truncate_every: table.duration("truncate_every", 0.0..=year, None),
            keep_min: table.duration("keep_min", 0.0..=year, None),
            keep_max: table.duration("keep_max", 0.0..=year, None),
            on_volume,
        };
        if wal.keep_min > wal.keep_max {
            table.wrong("keep_min", "keep_min is longer than keep_max", "");
        }
        wal
    })
}

/// What interrupts a collector.
pub(super) fn interruptions(fields: &mut Fields<'_>) -> Interruptions {
    let time = Spec::unknown(Dimension::Time).between(0.0, 86_400.0);
    let rate = Spec::unknown(Dimension::Number).between(1.0, 1e12);
    Interruptions {
        restart_interval: fields.interval("restarts"),
        restart_gap: fields.law("restart_gap", &time, None),
        replay_series_per_second: fields.law("replay_rate", &rate, None),
        replay_seconds_per_mib: fields.law("replay_per_mib", &time, None),
        crash_takeover: fields.law("crash_takeover", &time, None),
        leave_takeover: fields.law("leave_takeover", &time, None),
    }
}
