//! What is written down: tracks, first failures, happenings, and at the end the outcome.

use crate::engine::Calendar;
use crate::model::blueprint::Blueprint;
use crate::model::load::timeline::Grid;
use crate::model::process::collector::Life;
use crate::model::record::catalogue::{Failure, Scope, Track};
use crate::model::record::outcome::{Happened, Happening, Layout, TRACK_POINTS, What};
use crate::units::SimTime;

use super::fleet::FleetTally;
use super::nodes::PoolTally;
use super::{Event, Recording, World};

/// Greatest number of happenings kept of one draw.
const HAPPENINGS_MAX: usize = 100_000;

/// Everything written down in one draw.
#[derive(Clone, Debug)]
pub(super) struct Observer {
    grid: Grid,
    layout: Layout,
    pub first: Vec<Option<f64>>,
    pub tracks: Vec<f32>,
    recording: bool,
    pub happened: Happened,
    /// Highest since the last point: memory and backlog per fleet, ports per egress, slowdown per
    /// pool.
    memory: Vec<f64>,
    /// When the memory of all collectors of a fleet was last looked at.
    looked: Vec<u64>,
    backlog: Vec<f64>,
    ports: Vec<f64>,
    slowdown: Vec<f64>,
}

impl Observer {
    /// Nothing written down yet.
    pub(super) fn new(blueprint: &Blueprint, grid: Grid, recording: Recording) -> Self {
        let layout = Layout::of(blueprint);
        Self {
            grid,
            first: vec![None; layout.failures.len()],
            tracks: vec![f32::NAN; layout.tracks.len() * TRACK_POINTS],
            layout,
            recording: recording == Recording::On,
            happened: Happened::default(),
            memory: vec![0.0; blueprint.fleets.len()],
            looked: vec![0; blueprint.fleets.len()],
            backlog: vec![0.0; blueprint.fleets.len()],
            ports: vec![0.0; blueprint.egresses.len()],
            slowdown: vec![1.0; blueprint.pools.len()],
        }
    }

    /// Nanosecond of a point of the tracks.
    pub(super) fn instant(&self, point: usize) -> u64 {
        let recorded = u128::from(self.grid.end - self.grid.lead);
        let past = recorded * point as u128 / (TRACK_POINTS as u128 - 1);
        self.grid.lead + u64::try_from(past).expect("within the recorded time")
    }

    /// Something happened to a member of a scope: `(nanosecond, what, value)`.
    pub(super) fn note(&mut self, scope: Scope, member: Option<u32>, event: (u64, What, f64)) {
        let (now, what, value) = event;
        if !self.recording || now < self.grid.lead {
            return;
        }
        if self.happened.rows.len() == HAPPENINGS_MAX {
            self.happened.omitted += 1;
            return;
        }
        let at = SimTime::from_nanos(now - self.grid.lead);
        self.happened.rows.push(Happening {
            at,
            scope,
            member,
            what,
            value,
        });
    }

    /// A failure occurred at `now`.
    pub(super) fn fail(&mut self, scope: Scope, failure: Failure, now: u64) {
        if now < self.grid.lead {
            return;
        }
        let seconds = (now - self.grid.lead) as f64 / 1e9;
        let slot = self
            .layout
            .failure(scope, failure)
            .expect("the layout has every failure");
        let first = &mut self.first[slot];
        *first = Some(first.map_or(seconds, |earlier| earlier.min(seconds)));
    }

    /// A collector was killed for memory; it needed `value` bytes.
    pub(super) fn killed(&mut self, scope: Scope, index: u32, event: (u64, What, f64)) {
        self.fail(scope, Failure::Oom, event.0);
        if let Scope::Fleet(fleet) = scope {
            self.memory[fleet] = self.memory[fleet].max(event.2);
        }
        self.note(scope, Some(index), event);
    }

    /// A node ran out of memory.
    pub(super) fn node_oom(&mut self, pool: usize, now: u64) {
        self.fail(Scope::Pool(pool), Failure::NodeOom, now);
    }

    /// Applications of a node became slow.
    pub(super) fn slowed(&mut self, pool: usize, node: u32, (now, index): (u64, f64)) {
        let scope = Scope::Pool(pool);
        let slot = self
            .layout
            .failure(scope, Failure::NeighbourSlowed)
            .expect("in the layout");
        if self.first[slot].is_none() {
            self.note(scope, Some(node), (now, What::NeighbourSlowed, index));
        }
        self.fail(scope, Failure::NeighbourSlowed, now);
    }

    /// Some connection found no port.
    pub(super) fn exhausted(&mut self, egress: usize, now: u64, blocked: f64) {
        let scope = Scope::Egress(egress);
        let slot = self
            .layout
            .failure(scope, Failure::PortsExhausted)
            .expect("in the layout");
        if blocked > 1.0 || self.first[slot].is_none() {
            self.note(scope, None, (now, What::PortsExhausted, blocked));
        }
        self.fail(scope, Failure::PortsExhausted, now);
    }

    /// Samples of a fleet were lost.
    pub(super) fn lost(&mut self, fleet: usize, now: u64) {
        self.fail(Scope::Fleet(fleet), Failure::DataLost, now);
    }

    pub(super) fn backlog(&mut self, fleet: usize, samples: f64) {
        self.backlog[fleet] = self.backlog[fleet].max(samples);
    }

    pub(super) fn ports(&mut self, egress: usize, ports: f64) {
        self.ports[egress] = self.ports[egress].max(ports);
    }

    pub(super) fn slowdown(&mut self, pool: usize, index: f64) {
        self.slowdown[pool] = self.slowdown[pool].max(index);
    }

    fn track(&mut self, scope: Scope, track: Track, point: usize, value: f64) {
        // A case of many scopes follows the tracks of the first ones only.
        let Some(slot) = self.layout.track(scope, track) else {
            return;
        };
        #[expect(clippy::cast_possible_truncation, reason = "charts need seven digits")]
        let value = value as f32;
        self.tracks[slot * TRACK_POINTS + point] = value;
    }
}

impl World<'_> {
    /// A point of the tracks.
    pub(super) fn observed(&mut self, point: usize, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        if point == 0 {
            self.begin_record(calendar);
        }
        for fleet in 0..self.fleets.len() {
            self.observe_fleet(fleet, point, now);
        }
        for egress in 0..self.egresses.len() {
            let sets = self.egresses[egress].sets.iter();
            let now_used = sets.map(|set| set.in_use).fold(0.0, f64::max);
            let highest = std::mem::replace(&mut self.observer.ports[egress], now_used);
            let highest = highest.max(now_used);
            self.observer
                .track(Scope::Egress(egress), Track::Ports, point, highest);
        }
        for pool in 0..self.pools.len() {
            let highest = std::mem::replace(&mut self.observer.slowdown[pool], 1.0);
            let value = if self.is_examined(pool) {
                highest
            } else {
                f64::NAN
            };
            self.observer
                .track(Scope::Pool(pool), Track::Slowdown, point, value);
        }
    }

    fn observe_fleet(&mut self, fleet: usize, point: usize, now: u64) {
        let scope = Scope::Fleet(fleet);
        let state = &mut self.fleets[fleet];
        state.settle_total(now);
        let segment = state.resident.driver.segment(now.saturating_sub(1));
        let jobs = &self.jobs[fleet];
        let series = state.total_in(segment).0 + jobs.series_now();
        let count = state.count();
        let scaling = state.scaling.as_mut();
        let highest = scaling.map_or(count, super::scaling::Scaling::take_highest);
        let collectors = f64::from(highest) + f64::from(jobs.running);
        let live = self.highest_live(fleet, now);
        let state = &self.fleets[fleet];
        let needed = if live > 0.0 {
            state.memory.limit_needed(live)
        } else {
            0.0
        };
        let memory = std::mem::take(&mut self.observer.memory[fleet]).max(needed);
        let backlog = std::mem::take(&mut self.observer.backlog[fleet]);
        self.observer.track(scope, Track::Series, point, series);
        self.observer
            .track(scope, Track::Collectors, point, collectors);
        self.observer.track(scope, Track::Memory, point, memory);
        self.observer.track(scope, Track::Backlog, point, backlog);
    }

    /// Highest live bytes of any running process since the last point, as far as not yet noted.
    fn highest_live(&mut self, fleet: usize, now: u64) -> f64 {
        let mut best = self.jobs[fleet].live_peak;
        for index in self.existing(fleet) {
            best = self.follow_memory(fleet, index, (now, best));
        }
        self.observer.looked[fleet] = now;
        best
    }

    /// Highest live bytes of a running process up to `now` since they were last looked at, if higher than
    /// `best`.
    fn follow_memory(&mut self, fleet: usize, index: u32, (now, best): (u64, f64)) -> f64 {
        let looked = self.observer.looked[fleet];
        let state = &mut self.fleets[fleet];
        let collector = &mut state.collectors[index as usize];
        let from = looked
            .max(collector.observed)
            .max(collector.process.started);
        collector.observed = now;
        let collector = &state.collectors[index as usize];
        let weights = state.weights_of(index);
        match collector.life {
            Life::Up if from < now => {
                let span = (from, now);
                state.resident.peak(&collector.process, weights, span, best)
            }
            Life::Up => best.max(state.resident.live_at(&collector.process, weights, now)),
            _ => best,
        }
    }

    /// Notes the memory of a collector before what it carries changes.
    pub(super) fn note_memory(&mut self, fleet: usize, index: u32, now: u64) {
        if now <= self.grid.lead {
            return;
        }
        let live = self.follow_memory(fleet, index, (now, 0.0));
        if live > 0.0 {
            let needed = self.fleets[fleet].memory.limit_needed(live);
            let highest = &mut self.observer.memory[fleet];
            *highest = highest.max(needed);
        }
    }

    /// The recorded time begins: what was counted before does not count.
    fn begin_record(&mut self, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        for fleet in 0..self.fleets.len() {
            self.settle_all(fleet, now);
            let state = &mut self.fleets[fleet];
            state.settle_total(now);
            state.tally = FleetTally {
                collectors_start: state.count(),
                rollouts: u32::from(state.rollout.is_some()),
                ..FleetTally::default()
            };
            state.begin_ledger();
            (state.cpu_short, state.data_lost) = (None, None);
            for collector in &mut state.collectors {
                (collector.live_peak, collector.oom_kills) = (0.0, 0);
            }
            if let Some(scaling) = &mut state.scaling {
                scaling.begin_record();
            }
            self.jobs[fleet].begin_record();
            self.note_connections(fleet, 0.0);
        }
        self.observer.memory.fill(0.0);
        self.observer.looked.fill(now);
        self.observer.backlog.fill(0.0);
        for pool in &mut self.pools {
            pool.tally = PoolTally::default();
        }
        for egress in 0..self.egresses.len() {
            self.egresses[egress].begin_record();
            // Ports that ran out before are still out.
            self.examine_ports(egress, calendar);
        }
    }

    /// Accounts for every collector of a fleet that exists.
    pub(super) fn settle_all(&mut self, fleet: usize, now: u64) {
        for index in self.existing(fleet) {
            self.fleets[fleet].settle(index, now);
        }
    }
}
