//! The outcome of one draw of one case, and its layout.

use crate::model::blueprint::Blueprint;
use crate::model::record::catalogue::{Failure, Metric, Scope, Track};
use crate::units::SimDuration;

/// Points of a track over the horizon, both ends included.
pub const TRACK_POINTS: usize = 61;

/// The place of every value of a case in an [`Outcome`]; the same for all draws of the case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// One value per entry in [`Outcome::values`].
    pub columns: Vec<(Scope, Metric)>,
    /// One instant per entry in [`Outcome::first`].
    pub failures: Vec<(Scope, Failure)>,
    /// [`TRACK_POINTS`] values per entry in [`Outcome::tracks`].
    pub tracks: Vec<(Scope, Track)>,
}

impl Layout {
    /// The layout of every draw of `blueprint`.
    pub fn of(blueprint: &Blueprint) -> Self {
        let mut layout = Self::default();
        for scope in Scope::all(blueprint) {
            let kind = scope.kind();
            let metrics = Metric::ALL
                .iter()
                .filter(|metric| metric.info().scope == kind);
            layout
                .columns
                .extend(metrics.map(|&metric| (scope, metric)));
            let failures = Failure::ALL
                .iter()
                .filter(|failure| failure.info().scope == kind);
            layout
                .failures
                .extend(failures.map(|&failure| (scope, failure)));
            let tracks = Track::ALL.iter().filter(|track| track.info().scope == kind);
            layout.tracks.extend(tracks.map(|&track| (scope, track)));
        }
        layout
    }

    /// Number of points of all tracks.
    pub fn points(&self) -> usize {
        self.tracks.len() * TRACK_POINTS
    }

    /// Position of a metric, if the case has it.
    pub fn column(&self, scope: Scope, metric: Metric) -> Option<usize> {
        self.columns
            .iter()
            .position(|&column| column == (scope, metric))
    }

    /// Position of a failure, if the case has it.
    pub fn failure(&self, scope: Scope, failure: Failure) -> Option<usize> {
        self.failures
            .iter()
            .position(|&entry| entry == (scope, failure))
    }

    /// Position of a track, if the case has it.
    pub fn track(&self, scope: Scope, track: Track) -> Option<usize> {
        self.tracks
            .iter()
            .position(|&entry| entry == (scope, track))
    }
}

/// The outcome of one draw of one case. One of eight fleets has about 16 KB.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// One value per column of the [`Layout`]; NaN where it has no meaning.
    pub values: Vec<f64>,
    /// Columns whose value says nothing because no collector was in service, not because the value
    /// has no meaning. All of a fleet that is short of room for its collectors. Ascending.
    pub unserved: Vec<usize>,
    /// Seconds from the start to the first occurrence of each failure of the layout.
    pub first: Vec<Option<f64>>,
    /// With several replications per draw, `first` of each replication. `first` itself is then the
    /// earliest.
    pub replicas: Vec<Vec<Option<f64>>>,
    /// [`TRACK_POINTS`] values for each track of the layout, one track after the other.
    pub tracks: Vec<f32>,
    /// Values of the unknowns of this draw, in the order of drawing.
    pub unknowns: Vec<f64>,
    /// Events that the engine handled.
    pub events_handled: u64,
    /// Days that collectors existed for, summed over collectors.
    pub collector_days: f64,
}

/// What can be read off a draw, wherever its outcome is kept.
pub trait Figures {
    /// The value of a column; NaN where it has no meaning.
    fn value(&self, column: usize) -> f64;

    /// Whether a column says nothing because no collector was in service.
    fn is_unserved(&self, column: usize) -> bool;

    /// Seconds from the start to the first occurrence of a failure.
    fn first(&self, position: usize) -> Option<f64>;

    /// Share of the draw's replications in which the failure at `position` happens by `seconds`.
    fn share(&self, position: usize, seconds: f64) -> f64;
}

impl Figures for Outcome {
    fn value(&self, column: usize) -> f64 {
        self.values[column]
    }

    fn is_unserved(&self, column: usize) -> bool {
        self.unserved.contains(&column)
    }

    fn first(&self, position: usize) -> Option<f64> {
        self.first[position]
    }

    fn share(&self, position: usize, seconds: f64) -> f64 {
        let happens = |first: &[Option<f64>]| first[position].is_some_and(|at| at <= seconds);
        if self.replicas.is_empty() {
            return if happens(&self.first) { 1.0 } else { 0.0 };
        }
        let hits = self.replicas.iter().filter(|first| happens(first)).count();
        hits as f64 / self.replicas.len() as f64
    }
}

impl Outcome {
    /// Takes from another simulation of the same draw what belongs to the scopes that are its own.
    pub(in crate::model) fn adopt(
        &mut self,
        other: &Self,
        layout: &Layout,
        is_own: impl Fn(Scope) -> bool,
    ) {
        self.unserved
            .retain(|&column| !is_own(layout.columns[column].0));
        let theirs = other.unserved.iter().copied();
        let theirs = theirs.filter(|&column| is_own(layout.columns[column].0));
        self.unserved.extend(theirs);
        self.unserved.sort_unstable();
        for column in own_places(&layout.columns, &is_own) {
            self.values[column] = other.values[column];
        }
        for slot in own_places(&layout.failures, &is_own) {
            self.first[slot] = other.first[slot];
        }
        for slot in own_places(&layout.tracks, &is_own) {
            let points = slot * TRACK_POINTS..(slot + 1) * TRACK_POINTS;
            self.tracks[points.clone()].copy_from_slice(&other.tracks[points]);
        }
        self.events_handled += other.events_handled;
        self.collector_days += other.collector_days;
    }

    /// The mean of several replications of one draw. A value without a meaning in one replication
    /// has none in the mean. `first` is the earliest.
    pub fn mean(replications: Vec<Self>) -> Self {
        let count = replications.len() as f64;
        let mut mean = Self::default();
        for (index, one) in replications.into_iter().enumerate() {
            mean.events_handled += one.events_handled;
            mean.collector_days += one.collector_days;
            mean.unserved.extend(one.unserved);
            if index == 0 {
                (mean.values, mean.tracks) = (one.values, one.tracks);
                (mean.first, mean.unknowns) = (one.first.clone(), one.unknowns);
            } else {
                add(&mut mean.values, &one.values);
                mean.tracks
                    .iter_mut()
                    .zip(&one.tracks)
                    .for_each(|(sum, value)| *sum += value);
                for (earliest, first) in mean.first.iter_mut().zip(&one.first) {
                    *earliest = earliest.map_or(*first, |at| Some(first.map_or(at, |f| f.min(at))));
                }
            }
            mean.replicas.push(one.first);
        }
        mean.values.iter_mut().for_each(|value| *value /= count);
        mean.unserved.sort_unstable();
        mean.unserved.dedup();
        #[expect(clippy::cast_possible_truncation, reason = "a small count")]
        mean.tracks
            .iter_mut()
            .for_each(|value| *value /= count as f32);
        mean
    }
}

/// The places in a list of the layout whose scopes are own ones.
fn own_places<T>(
    list: &[(Scope, T)],
    is_own: impl Fn(Scope) -> bool,
) -> impl Iterator<Item = usize> {
    let places = list.iter().enumerate();
    places.filter_map(move |(place, (scope, _))| is_own(*scope).then_some(place))
}

fn add(sums: &mut [f64], values: &[f64]) {
    sums.iter_mut()
        .zip(values)
        .for_each(|(sum, value)| *sum += value);
}

/// An event record: something that happened to one entity, for `events.csv`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EventRecord {
    /// When it happened, from the start of the measured horizon. The warm-up has no event records.
    pub at: SimDuration,
    /// The scope in which it happened.
    pub scope: Scope,
    /// Number of the collector or node of the scope; `None` for the scope as a whole.
    pub member: Option<u32>,
    /// The kind of the event record.
    pub what: RecordKind,
    /// A number that belongs to the kind (bytes, samples, ports), or NaN.
    pub value: f64,
}

/// The event records of one draw, in order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventRecords {
    /// Event records, up to a limit.
    pub rows: Vec<EventRecord>,
    /// Number of event records past that limit.
    pub omitted: u64,
}

macro_rules! record_kinds {
    ($($variant:ident, $word:literal, $meaning:literal;)*) => {
        /// Kinds of event records.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum RecordKind {
            $(#[doc = $meaning] $variant,)*
        }

        impl RecordKind {
            /// All kinds, in the order of the documents.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word used in `events.csv`.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// What the kind means and what its value counts, for the documents.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)*
                }
            }
        }
    };
}

record_kinds! {
    OomKilled, "oom_killed", "A collector was killed by its own memory limit; value: bytes it needed.";
    NodeOomKilled, "node_oom_killed", "A collector was killed because its node ran out of memory, not at a limit of its own; value: smallest limit that it needed.";
    CrashLooped, "crash_looped", "The next starts of a collector in a crash loop are in vain, and these kills have no rows of their own; value: how many.";
    AppKilled, "app_killed", "An application pod was killed when its node ran out of memory.";
    Stopped, "stopped", "A collector stopped for another reason: restart, rollout, drain, failed node.";
    Started, "started", "A collector serves again.";
    Pending, "pending", "Collectors find no node with room for their requests; value: how many.";
    OutageStarted, "outage_started", "An endpoint stopped answering.";
    OutageEnded, "outage_ended", "An endpoint answers again.";
    DataLost, "data_lost", "Samples were lost; value: samples.";
    LogsLost, "logs_lost", "Log lines were lost with the process of a collector, or while it was away; value: bytes.";
    SpansLost, "spans_lost", "Spans were lost with a process; value: spans.";
    PortsExhausted, "ports_exhausted", "Some connection found no port; value: connections without one.";
    PortsRelieved, "ports_relieved", "Every connection has a port again.";
    NodeFailed, "node_failed", "A node failed.";
    IncidentStarted, "incident_started", "A cardinality incident began; value: factor on the series.";
    IncidentEnded, "incident_ended", "A cardinality incident was fixed.";
    NodeOverloaded, "node_overloaded", "Applications overload a node even without collectors; value: their demand over its cores.";
    NeighbourSlowed, "neighbour_slowed", "Applications on a node became slow beside collectors; value: slowdown ratio.";
    CpuShort, "cpu_short", "A collector had too little CPU for the first time; value: cores it needed.";
    ScaledUp, "scaled_up", "An autoscaler asked for more replicas; value: replicas of its cluster from then on.";
    ScaledDown, "scaled_down", "An autoscaler asked for fewer replicas; value: replicas of its cluster from then on.";
    RolloutStarted, "rollout_started", "A rollout of the collectors themselves began.";
    RolloutEnded, "rollout_ended", "Every collector of a rollout is available; value: seconds since the rollout began.";
}
