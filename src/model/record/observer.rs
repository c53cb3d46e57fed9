//! What is recorded during a draw: tracks, first failures, event records.

use std::mem::{replace, take};

use crate::model::blueprint::{Blueprint, EgressId, FleetId, PoolId};
use crate::model::load::timeline::Grid;
use crate::units::{SimDuration, SimTime};

use super::catalogue::{Failure, Scope, Track};
use super::outcome::{EventRecord, EventRecords, Layout, RecordKind, TRACK_POINTS};

/// Whether event records are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recording {
    /// No: the outcome only.
    Off,
    /// Yes, for `events.csv`.
    On,
}

/// Greatest number of event records kept of one draw.
const EVENT_RECORDS_MAX: usize = 100_000;

/// Everything recorded in one draw.
#[derive(Clone, Debug)]
pub(in crate::model) struct Observer {
    grid: Grid,
    layout: Layout,
    first: Vec<Option<f64>>,
    tracks: Vec<f32>,
    recording: bool,
    records: EventRecords,
    /// Highest value since the last point: memory and backlog per fleet, ports per egress, slowdown
    /// per pool.
    memory: Vec<f64>,
    /// When the memory of all collectors of a fleet was last evaluated.
    looked: Vec<SimTime>,
    backlog: Vec<f64>,
    ports: Vec<f64>,
    slowdown: Vec<f64>,
}

impl Observer {
    /// An observer that has recorded nothing.
    pub(in crate::model) fn new(blueprint: &Blueprint, grid: Grid, recording: Recording) -> Self {
        let layout = Layout::of(blueprint);
        Self {
            grid,
            first: vec![None; layout.failures.len()],
            tracks: vec![f32::NAN; layout.tracks.len() * TRACK_POINTS],
            layout,
            recording: recording == Recording::On,
            records: EventRecords::default(),
            memory: vec![0.0; blueprint.fleets.len()],
            looked: vec![SimTime::ZERO; blueprint.fleets.len()],
            backlog: vec![0.0; blueprint.fleets.len()],
            ports: vec![0.0; blueprint.egresses.len()],
            slowdown: vec![1.0; blueprint.pools.len()],
        }
    }

    /// First failures, tracks and event records, as they go into the outcome.
    pub(in crate::model) fn into_parts(mut self) -> (Vec<Option<f64>>, Vec<f32>, EventRecords) {
        // Incidents are recorded at the start of the draw, whenever they begin.
        self.records.rows.sort_by_key(|row| row.at);
        (self.first, self.tracks, self.records)
    }

    /// When the measured horizon begins.
    fn begin(&self) -> SimTime {
        self.grid.warm_up
    }

    /// Instant of a point of the tracks.
    pub(in crate::model) fn instant(&self, point: usize) -> SimTime {
        let recorded = u128::from((self.grid.end - self.begin()).nanos());
        let past = recorded * point as u128 / (TRACK_POINTS as u128 - 1);
        let past = u64::try_from(past).expect("within the recorded time");
        self.begin() + SimDuration::from_nanos(past)
    }

    /// Adds an event record of a scope or of a member of it.
    pub(in crate::model) fn note(&mut self, scope: Scope, member: Option<u32>, note: Note) {
        let Note { at, what, value } = note;
        if !self.recording || at < self.begin() {
            return;
        }
        if self.records.rows.len() == EVENT_RECORDS_MAX {
            self.records.omitted += 1;
            return;
        }
        let at = at - self.begin();
        self.records.rows.push(EventRecord {
            at,
            scope,
            member,
            what,
            value,
        });
    }

    /// Records a failure at `now`, if it is the first of its kind.
    pub(in crate::model) fn fail(&mut self, scope: Scope, failure: Failure, now: SimTime) {
        if now < self.begin() {
            return;
        }
        let seconds = (now - self.begin()).secs_f64();
        let slot = self
            .layout
            .failure(scope, failure)
            .expect("the layout has every failure");
        let first = &mut self.first[slot];
        *first = Some(first.map_or(seconds, |earlier| earlier.min(seconds)));
    }

    /// Records an OOM kill. The value of the note is the bytes that the collector needed.
    pub(in crate::model) fn killed(&mut self, scope: Scope, index: u32, kill: Note) {
        self.fail(scope, Failure::Oom, kill.at);
        if kill.what == RecordKind::NodeOomKilled {
            self.fail(scope, Failure::OomNode, kill.at);
        }
        if let Scope::Fleet(fleet) = scope {
            self.memory(fleet, kill.value);
        }
        self.note(scope, Some(index), kill);
    }

    /// Records that a node ran out of memory.
    pub(in crate::model) fn node_oom(&mut self, pool: PoolId, now: SimTime) {
        self.fail(Scope::Pool(pool), Failure::NodeOom, now);
    }

    /// Records what happened on a node of a pool, if on any: a number of it, and its node. Only the
    /// first time of each kind has an event record.
    pub(in crate::model) fn first_on_node(
        &mut self,
        pool: PoolId,
        happened: Option<(u32, f64)>,
        (failure, what): (Failure, RecordKind),
        now: SimTime,
    ) {
        let Some((node, value)) = happened else {
            return;
        };
        let scope = Scope::Pool(pool);
        let slot = self.layout.failure(scope, failure).expect("in the layout");
        if self.first[slot].is_none() {
            self.note(scope, Some(node), Note::new(now, what, value));
        }
        self.fail(scope, failure, now);
    }

    /// Records that some connection found no port.
    pub(in crate::model) fn exhausted(&mut self, egress: EgressId, now: SimTime, blocked: f64) {
        let scope = Scope::Egress(egress);
        let slot = self
            .layout
            .failure(scope, Failure::PortsExhausted)
            .expect("in the layout");
        if blocked > 1.0 || self.first[slot].is_none() {
            let note = Note::new(now, RecordKind::PortsExhausted, blocked);
            self.note(scope, None, note);
        }
        self.fail(scope, Failure::PortsExhausted, now);
    }

    /// Records that samples of a fleet were lost.
    pub(in crate::model) fn lost(&mut self, fleet: FleetId, now: SimTime) {
        self.fail(Scope::Fleet(fleet), Failure::DataLost, now);
    }

    /// Records that a fleet has `samples` unsent samples.
    pub(in crate::model) fn backlog(&mut self, fleet: FleetId, samples: f64) {
        self.backlog[fleet.index()] = self.backlog[fleet.index()].max(samples);
    }

    /// Records that a collector of a fleet needs `bytes` bytes.
    pub(in crate::model) fn memory(&mut self, fleet: FleetId, bytes: f64) {
        self.memory[fleet.index()] = self.memory[fleet.index()].max(bytes);
    }

    /// Records that connections of an egress have `ports` ports.
    pub(in crate::model) fn ports(&mut self, egress: EgressId, ports: f64) {
        self.ports[egress.index()] = self.ports[egress.index()].max(ports);
    }

    /// Records that the applications of a pool are slowed by the factor `index`.
    pub(in crate::model) fn slowdown(&mut self, pool: PoolId, index: f64) {
        self.slowdown[pool.index()] = self.slowdown[pool.index()].max(index);
    }

    /// When the memory of all collectors of a fleet was last evaluated.
    pub(in crate::model) fn looked(&self, fleet: FleetId) -> SimTime {
        self.looked[fleet.index()]
    }

    /// Records a point of the tracks of a fleet, whose collectors need at most `memory` bytes now.
    pub(in crate::model) fn fleet_point(
        &mut self,
        fleet: FleetId,
        point: usize,
        now: SimTime,
        FleetPoint {
            series,
            collectors,
            memory,
        }: FleetPoint,
    ) {
        let scope = Scope::Fleet(fleet);
        self.looked[fleet.index()] = now;
        let memory = take(&mut self.memory[fleet.index()]).max(memory);
        let backlog = take(&mut self.backlog[fleet.index()]);
        self.track(scope, Track::Series, point, series);
        self.track(scope, Track::Collectors, point, collectors);
        self.track(scope, Track::Memory, point, memory);
        self.track(scope, Track::Backlog, point, backlog);
    }

    /// Records a point of the track of an egress, which has `in_use` ports in use now.
    pub(in crate::model) fn egress_point(&mut self, egress: EgressId, point: usize, in_use: f64) {
        let highest = replace(&mut self.ports[egress.index()], in_use).max(in_use);
        self.track(Scope::Egress(egress), Track::Ports, point, highest);
    }

    /// Records a point of the track of a pool. The point is empty if its nodes are not `examined`.
    pub(in crate::model) fn pool_point(&mut self, pool: PoolId, point: usize, examined: bool) {
        let highest = replace(&mut self.slowdown[pool.index()], 1.0);
        let value = if examined { highest } else { f64::NAN };
        self.track(Scope::Pool(pool), Track::Slowdown, point, value);
    }

    /// The measured horizon begins. Values of the warm-up are reset.
    pub(in crate::model) fn begin_horizon(&mut self, now: SimTime) {
        self.memory.fill(0.0);
        self.looked.fill(now);
        self.backlog.fill(0.0);
        self.ports.fill(0.0);
        self.slowdown.fill(1.0);
    }

    fn track(&mut self, scope: Scope, track: Track, point: usize, value: f64) {
        // A case of many scopes follows only the tracks of the first ones.
        let Some(slot) = self.layout.track(scope, track) else {
            return;
        };
        #[expect(clippy::cast_possible_truncation, reason = "charts need seven digits")]
        let value = value as f32;
        self.tracks[slot * TRACK_POINTS + point] = value;
    }
}

/// An event record without its scope.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Note {
    pub at: SimTime,
    pub what: RecordKind,
    /// The number that [`RecordKind`] describes, or NaN.
    pub value: f64,
}

impl Note {
    pub(in crate::model) const fn new(at: SimTime, what: RecordKind, value: f64) -> Self {
        Self { at, what, value }
    }
}

/// A point of the tracks of a fleet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct FleetPoint {
    pub series: f64,
    pub collectors: f64,
    /// Bytes that the largest collector needs.
    pub memory: f64,
}
