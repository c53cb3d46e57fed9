//! The constants of a collector, which a preset states and the file may override.

use super::cpu::cpu;
use super::memory::memory;
use super::{Dimension, Fields, Spec, logs, profiles, spans};
use crate::model::blueprint::{
    Backoff, Interruptions, LogWal, LokiWrite, Overflow, RemoteWrite, SampleBytes, Unchanged, Wal,
};

/// Reads what a preset may state of a fleet.
pub(super) fn preset(fields: &mut Fields<'_>) {
    memory(fields);
    cpu(fields);
    own_series(fields);
    remote_write(fields);
    sample_bytes(fields);
    wal(fields, false);
    loki_write(fields);
    interruptions(fields);
    spans::preset(fields);
    logs::preset(fields);
    profiles::preset(fields);
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
            samples_read_per_second: table.count("samples_read_per_second", 1..=u32::MAX, None),
            http2: table.boolean("http2", None),
        };
        let is_lost = table.is_any_lost(&["shards_min", "shards_max"]);
        if write.shards_min > write.shards_max && !is_lost {
            let (min, max) = (write.shards_min, write.shards_max);
            let message = format!("shards_min = {min} is above shards_max = {max}");
            table.wrong("shards_min", message, "");
        }
        write
    })
}

/// The sender of logs.
pub(super) fn loki_write(fields: &mut Fields<'_>) -> LokiWrite {
    let bytes = Spec::unknown(Dimension::Bytes).between(1_000.0, 1e12);
    let time = Spec::unknown(Dimension::Time).between(0.01, 86_400.0);
    let factor = Spec::unknown(Dimension::Number).between(0.0, 100.0);
    fields.table_or_default("loki_write", |table| {
        let batch_bytes = table.amount("batch_size", &bytes, None);
        let queue_bytes = table.amount("queue_capacity", &bytes, None);
        if queue_bytes < batch_bytes && !table.is_any_lost(&["queue_capacity", "batch_size"]) {
            let help = "the queue of a shard holds full batches";
            table.wrong("queue_capacity", "queue_capacity is below batch_size", help);
        }
        LokiWrite {
            batch_bytes,
            batch_wait: table.duration("batch_wait", 0.01..=3_600.0, None),
            shards: table.count("min_shards", 1..=1_000, None),
            queue_bytes,
            overflow: if table.boolean("block_on_overflow", None) {
                Overflow::Block
            } else {
                Overflow::Refuse
            },
            retries: Backoff {
                attempts: table.count("max_backoff_retries", 1..=1_000, None),
                first_seconds: table.amount("min_backoff_period", &time, None),
                longest_seconds: table.amount("max_backoff_period", &time, None),
            },
            live_per_byte: table.amount("memory_per_queued_byte", &factor, None),
            drain_timeout: table.duration("drain_timeout", 0.0..=3_600.0, None),
            wal: log_wal(table),
        }
    })
}

/// The WAL of the sender of logs, if it has one.
fn log_wal(table: &mut Fields<'_>) -> Option<LogWal> {
    let time = Spec::unknown(Dimension::Time).between(0.0, 1.0);
    let is_on = table.boolean("wal", None);
    let wal = LogWal {
        keep: table.duration("wal_max_segment_age", 1.0..=365.0 * 86_400.0, None),
        cpu_line: table.amount("wal_cpu_per_line", &time, None),
    };
    is_on.then_some(wal)
}

/// The WAL of a collector.
pub(super) fn wal(fields: &mut Fields<'_>, on_volume: bool) -> Wal {
    fields.table_or_default("wal", |table| {
        let year = 365.0 * 86_400.0;
        let wal = Wal {
            truncate_every: table.duration("truncate_every", 0.0..=year, None),
            keep_min: table.duration("keep_min", 0.0..=year, None),
            keep_max: table.duration("keep_max", 0.0..=year, None),
            unchanged: if table.boolean("skip_unchanged", None) {
                Unchanged::Skipped
            } else {
                Unchanged::Performed
            },
            on_volume,
        };
        if wal.keep_min > wal.keep_max && !table.is_any_lost(&["keep_min", "keep_max"]) {
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
