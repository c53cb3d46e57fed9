//! Named sets of constants: what a collector does unless a scenario says otherwise.
//!
//! Each constant is stated as its source states it, with the source beside it, so that reports can
//! print both. `INFERRED` marks what no public source gives; its uncertainty is part of it.

mod alloy;
mod deployment_guide;
mod prometheus_agent;

use std::time::Duration;

use crate::model::blueprint::{
    CpuModel, Holders, MemoryModel, MemoryTest, RemoteWrite, SampleBytes,
};
use crate::model::law::form::{Domain, Form};
use crate::model::law::{Law, Quantity};
use crate::units::MIB;

pub use alloy::ALLOY;
pub use deployment_guide::DEPLOYMENT_GUIDE;
pub use prometheus_agent::PROMETHEUS_AGENT;

/// A constant as its source states it, in base units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stated {
    /// The numbers.
    pub form: Form,
    /// Where they come from: a public document, or `INFERRED: …`.
    pub source: &'static str,
}

impl Stated {
    /// Its law; every constant of a preset has one and is positive or fixed.
    pub fn law(self) -> Law {
        self.form
            .law(Domain::Positive)
            .expect("the constants of a preset make laws")
    }

    /// The same for a share, from 0 to 1.
    pub fn share(self) -> Law {
        self.form
            .law(Domain::Fraction)
            .expect("the shares of a preset make laws")
    }

    /// As a quantity drawn once per draw.
    pub fn unknown(self) -> Quantity {
        Quantity::unknown(self.law())
    }
}

/// A named set of constants of one collector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preset {
    /// The name used in scenario files.
    pub name: &'static str,
    /// What a collector keeps in memory.
    pub memory: MemoryConstants,
    /// What a collector needs of CPU.
    pub cpu: CpuConstants,
    /// Series that each collector exposes about itself and scrapes.
    pub own_series: f64,
    /// Sender of metrics.
    pub remote_write: RemoteWrite,
    /// Write-ahead log.
    pub wal: WalConstants,
    /// Bytes that samples take.
    pub sample_bytes: SampleBytesConstants,
    /// What interrupts a collector.
    pub interruptions: InterruptionConstants,
    /// Seconds after which the far side closes a busy connection.
    pub connection_lifetime: Stated,
    /// Seconds between two waves that drain every node of a pool; `None` = never.
    pub drain_interval: Option<Stated>,
    /// Share of pods that restart per day outside rollouts.
    pub restarts_per_day: Stated,
}

/// What a collector keeps in memory; fields as in [`MemoryModel`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MemoryConstants {
    /// Resident bytes per active series.
    pub per_series: Stated,
    /// What of them is held by what.
    pub holders: Holders,
    /// Live bytes per target beyond those of its series.
    pub per_target: Stated,
    /// Live bytes per busy shard.
    pub per_busy_shard: Stated,
    /// Live bytes of a collector that scrapes nothing.
    pub base: Stated,
    /// Bytes outside the Go heap.
    pub outside_heap: Stated,
    /// Live bytes per watched pod.
    pub per_watched_pod: Stated,
    /// Resident bytes per log byte per second.
    pub per_log_byte_per_second: Stated,
    /// Factor on live memory during replay.
    pub replay_peak: Stated,
    /// Resident bytes below which no process is.
    pub idle: f64,
    /// How memory is held against the limit.
    pub test: MemoryTest,
}

/// What a collector needs of CPU; fields as in [`CpuModel`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CpuConstants {
    /// CPU seconds per sample that is scraped and sent to one endpoint.
    pub seconds_per_sample: Stated,
    /// Share of it that goes into sending.
    pub sent_share: f64,
    /// CPU seconds per scrape beyond those of its samples.
    pub seconds_per_scrape: Stated,
    /// CPU seconds per new series.
    pub seconds_per_new_series: Stated,
    /// Cores that a process takes whatever it does.
    pub idle_cores: Stated,
    /// CPU seconds per MiB of log lines.
    pub seconds_per_log_mib: Stated,
    /// Share of CPU that garbage collection takes.
    pub gc_share: Stated,
}

/// Bytes that samples take; fields as in [`SampleBytes`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleBytesConstants {
    /// On the way from a target.
    pub received: Stated,
    /// On the way to an endpoint.
    pub sent: Stated,
    /// In the write-ahead log.
    pub logged: Stated,
    /// In the write-ahead log, per new series.
    pub logged_per_new_series: f64,
}

/// Times of the write-ahead log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalConstants {
    /// Time between two truncations; zero = series die at once.
    pub truncate_every: Duration,
    /// What is younger survives a truncation.
    pub keep_min: Duration,
    /// What is older does not survive one.
    pub keep_max: Duration,
}

/// What interrupts a collector; `None` = never.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InterruptionConstants {
    /// Seconds between two restarts of one collector.
    pub restart_interval: Option<Stated>,
    /// Seconds from the end of one process to the start of the next.
    pub restart_gap: Stated,
    /// Series per second that replay restores.
    pub replay_series_per_second: Stated,
    /// Seconds that replay takes per MiB of the log besides.
    pub replay_seconds_per_mib: Stated,
    /// Seconds until peers take over from one that crashed.
    pub crash_takeover: Stated,
    /// Seconds until peers take over from one that left.
    pub leave_takeover: Stated,
}

/// Percent of the live heap that Go lets be added to it, unless told otherwise.
///
/// Source: Go documentation, "A Guide to the Go Garbage Collector", GOGC (read 2026-11).
pub const GOGC: f64 = 100.0;

impl Preset {
    /// All presets, in the order of the documents.
    pub const ALL: [Self; 3] = [ALLOY, DEPLOYMENT_GUIDE, PROMETHEUS_AGENT];

    /// The memory model of these constants.
    pub fn memory_model(&self) -> MemoryModel {
        MemoryModel {
            per_series: self.memory.per_series.unknown(),
            holders: self.memory.holders,
            relabel_stages: 0,
            per_target: self.memory.per_target.unknown(),
            per_busy_shard: self.memory.per_busy_shard.unknown(),
            base: self.memory.base.unknown(),
            outside_heap: self.memory.outside_heap.unknown(),
            per_watched_pod: self.memory.per_watched_pod.unknown(),
            per_log_byte_per_second: self.memory.per_log_byte_per_second.unknown(),
            replay_peak: self.memory.replay_peak.law(),
            idle: self.memory.idle,
            gogc: GOGC,
            test: self.memory.test,
        }
    }

    /// The CPU model of these constants.
    pub fn cpu_model(&self) -> CpuModel {
        CpuModel {
            seconds_per_sample: self.cpu.seconds_per_sample.unknown(),
            sent_share: self.cpu.sent_share,
            seconds_per_scrape: self.cpu.seconds_per_scrape.unknown(),
            seconds_per_new_series: self.cpu.seconds_per_new_series.unknown(),
            idle_cores: self.cpu.idle_cores.unknown(),
            seconds_per_log_byte: {
                let stated = self.cpu.seconds_per_log_mib;
                Stated {
                    form: stated.form.scaled(1.0 / MIB),
                    ..stated
                }
                .unknown()
            },
            gc_share: Quantity::unknown(self.cpu.gc_share.share()),
        }
    }

    /// The bytes that samples take by these constants.
    pub fn sample_bytes(&self) -> SampleBytes {
        SampleBytes {
            received: self.sample_bytes.received.unknown(),
            sent: self.sample_bytes.sent.unknown(),
            logged: self.sample_bytes.logged.unknown(),
            logged_per_new_series: self.sample_bytes.logged_per_new_series,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_makes_models() {
        for preset in Preset::ALL {
            assert!(preset.memory_model().per_series.centre.median() > 0.0);
            assert!(preset.cpu_model().seconds_per_sample.centre.median() > 0.0);
            for stated in [
                preset.interruptions.restart_gap,
                preset.interruptions.replay_series_per_second,
                preset.interruptions.crash_takeover,
                preset.interruptions.leave_takeover,
                preset.connection_lifetime,
            ] {
                assert!(stated.law().median() > 0.0 && !stated.source.is_empty());
            }
        }
    }

    #[test]
    fn the_guide_divides_memory_by_ten_thousand_bytes() {
        let memory = DEPLOYMENT_GUIDE.memory_model();
        assert_eq!(memory.per_series, Quantity::fixed(10_000.0));
        assert_eq!(memory.base, Quantity::fixed(0.0));
        assert_eq!(memory.test, MemoryTest::Direct);
    }

    #[test]
    fn the_bytes_of_a_series_are_all_held_by_something() {
        for preset in Preset::ALL {
            let Holders {
                scrape, log, queue, ..
            } = preset.memory.holders;
            assert!((scrape + log + queue - 1.0).abs() < 1e-9, "{}", preset.name);
        }
    }
}
