//! The kinds of pipeline: what a workload emits of each signal, and what a process spends on it.

use crate::model::blueprint::{self, WorkloadId};
use crate::model::load::timeline::Timeline;
use crate::model::process::memory::Memory;
use crate::model::wal::Coefficient;
use crate::units::SimTime;

use super::stream::{Stream, Volume};

/// A kind of pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Kind {
    /// Scraped samples that go through a WAL and remote write.
    Metrics,
    /// Tailed bytes. Logs take CPU and memory, and have no fate.
    Logs,
    /// Pushed spans that go through a sending queue.
    Traces,
    /// Profiles, each by a loop that waits until it is sent.
    Profiles,
    /// The kind of the toy signal.
    #[cfg(test)]
    Toy,
}

impl Kind {
    /// All kinds.
    pub(in crate::model) const ALL: &[Self] = &[
        Self::Metrics,
        Self::Logs,
        Self::Traces,
        Self::Profiles,
        #[cfg(test)]
        Self::Toy,
    ];

    /// The workloads that a fleet collects any signal of.
    pub(in crate::model) fn all_workloads(
        fleet: &blueprint::Fleet,
    ) -> impl Iterator<Item = WorkloadId> {
        let of_kind = |kind: &Self| kind.workloads(fleet).iter().copied();
        Self::ALL.iter().flat_map(of_kind)
    }

    /// The workloads that a fleet collects this signal of.
    fn workloads(self, fleet: &blueprint::Fleet) -> &[WorkloadId] {
        match self {
            Self::Metrics => &fleet.metrics_of,
            Self::Logs => &fleet.logs_of,
            Self::Traces => &fleet.traces_of,
            Self::Profiles => &fleet.profiles_of,
            #[cfg(test)]
            Self::Toy => &[],
        }
    }

    /// Units of a stream that `targets` targets of a workload emit at `at`.
    pub(in crate::model) fn units(
        self,
        stream: &Stream,
        timeline: &Timeline,
        targets: f64,
        at: SimTime,
    ) -> f64 {
        match self {
            Self::Metrics => super::metrics::series(stream, timeline, targets, at),
            Self::Logs => super::logs::writers(stream, targets, at),
            Self::Traces => targets * stream.spans.per_second,
            Self::Profiles => targets * stream.profiles.per_second,
            #[cfg(test)]
            Self::Toy => targets,
        }
    }

    /// Live bytes per unit of a stream.
    pub(in crate::model) fn coefficient(self, stream: &Stream, memory: &Memory) -> Coefficient {
        match self {
            Self::Metrics => super::metrics::coefficient(stream, memory),
            Self::Logs => Coefficient {
                resident: 0.0,
                active: memory.live_per_log_byte * stream.lines.bytes
                    + memory.live_per_file * stream.lines.files,
            },
            Self::Traces => Coefficient {
                resident: 0.0,
                active: stream.held,
            },
            Self::Profiles => super::profiles::coefficient(stream, memory),
            #[cfg(test)]
            Self::Toy => Coefficient::default(),
        }
    }

    /// Volume of metrics of a stream with `units` units.
    pub(in crate::model) fn volume(self, stream: &Stream, units: f64) -> Volume {
        match self {
            Self::Metrics => Volume {
                series: units,
                rate: units / stream.interval.secs_f64(),
            },
            Self::Logs | Self::Traces | Self::Profiles => Volume::default(),
            #[cfg(test)]
            Self::Toy => Volume::default(),
        }
    }
}
