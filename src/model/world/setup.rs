//! The first instant: every part is built, every first event is planned.

use std::time::Duration;

use crate::engine::Calendar;
use crate::model::blueprint::{Blueprint, Fleet, Start};
use crate::model::load::draw::{Draw, Purpose};
use crate::model::load::driver::WEIGHT_BITS;
use crate::model::load::timeline::{Grid, Timeline};
use crate::model::wal::QUEUE_PERIODS;
use crate::units::SimTime;

use super::build::Seed;
use super::fleet::Block;
use super::{EgressState, EndpointState, Event, JobFleet, Observer, PoolState, Recording, World};

impl<'a> World<'a> {
    /// The world of one draw at its first instant.
    pub(super) fn new(blueprint: &'a Blueprint, mut draw: Draw, recording: Recording) -> Self {
        let grid = grid_of(blueprint);
        let pools: Vec<PoolState> = blueprint
            .pools
            .iter()
            .map(|pool| PoolState::draw(pool, &grid, &mut draw))
            .collect();
        let pool_nodes: Vec<Vec<u32>> = pools.iter().map(|pool| pool.nodes.clone()).collect();
        let timelines: Vec<Timeline> = blueprint
            .workloads
            .iter()
            .map(|workload| Timeline::draw(blueprint, workload, &pool_nodes, &grid, &mut draw))
            .collect();
        let endpoints: Vec<EndpointState> = blueprint
            .endpoints
            .iter()
            .map(|plan| EndpointState::draw(plan, &grid, &mut draw))
            .collect();
        let mut fleets = Vec::new();
        let mut jobs = Vec::new();
        let mut first = 0;
        for fleet in &blueprint.fleets {
            let seed = Seed {
                blueprint,
                timelines: &timelines,
                pool_nodes: &pool_nodes,
                grid,
            };
            let state = seed.fleet(fleet, first, &endpoints, &mut draw);
            first += u32::try_from(state.collectors.len()).expect("collectors fit 32 bits");
            jobs.push(JobFleet::draw(blueprint, fleet, &timelines, &state, grid));
            fleets.push(state);
        }
        let egresses = blueprint
            .egresses
            .iter()
            .map(|plan| EgressState::new(blueprint, plan))
            .collect();
        let mut world = Self {
            blueprint,
            grid,
            draw,
            fleets,
            pools,
            endpoints,
            egresses,
            jobs,
            observer: Observer::new(blueprint, grid, recording),
        };
        world.attach_applications(&timelines);
        world
    }

    /// Brings everything into its first state and plans every first event.
    pub(super) fn plan_everything(&mut self, calendar: &mut Calendar<Event>) {
        // The recorded time begins before anything else happens at its first instant.
        self.plan_observations(calendar);
        for endpoint in 0..self.endpoints.len() {
            self.plan_outages(endpoint, calendar);
        }
        for fleet in 0..self.fleets.len() {
            self.populate(fleet, calendar);
            self.plan_resize(fleet, calendar);
            self.plan_epoch(fleet, calendar);
            self.plan_jobs(fleet, calendar);
            self.plan_scaling(fleet, calendar);
            self.plan_updates(fleet, calendar);
        }
        self.share_endpoints();
        for egress in 0..self.egresses.len() {
            self.examine_ports(egress, calendar);
        }
        for pool in 0..self.pools.len() {
            self.plan_nodes(pool, calendar);
        }
    }

    /// Shares the stated capacity of every endpoint of metrics among the fleets that send to it.
    ///
    /// Simplified: by what they send at the start of the recorded time, whatever they send later.
    fn share_endpoints(&mut self) {
        let rate = |state: &super::fleet::FleetState, lead: u64| {
            state.total_in(state.resident.driver.segment(lead)).1
        };
        for (endpoint, plan) in self.blueprint.endpoints.iter().enumerate() {
            let Some(capacity) = plan.capacity_samples_per_second else {
                continue;
            };
            if !self.endpoints[endpoint].is_for_metrics {
                continue;
            }
            let senders = self.routes_to(endpoint);
            let all: f64 = senders
                .iter()
                .map(|&(fleet, _)| rate(&self.fleets[fleet], self.grid.lead))
                .sum();
            for (fleet, route) in senders {
                let share = rate(&self.fleets[fleet], self.grid.lead) / all.max(f64::MIN_POSITIVE);
                self.fleets[fleet].routes[route].accepted_max = capacity * share;
            }
        }
    }

    /// The first collectors of a fleet start, in the state that [`Start`] asks for.
    fn populate(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        for block in 0..self.fleets[fleet].blocks.len() {
            let Block { base, alive, .. } = self.fleets[fleet].blocks[block];
            for index in base..base + alive {
                if self.starts_later(fleet, index) {
                    self.start_later(fleet, index, calendar);
                    continue;
                }
                let started = self.first_process(fleet, index);
                // The log of a running fleet's process begins with it, at its first phase.
                self.join(fleet, index, (0, started, started), calendar);
            }
        }
        for group in 0..self.fleets[fleet].groups.len() {
            self.rebalance(fleet, group, calendar);
        }
        let state = &mut self.fleets[fleet];
        state.tally.collectors_start = state.count();
    }

    /// When the first process of a collector started: at a uniform phase of its truncations.
    fn first_process(&self, fleet: usize, index: u32) -> u64 {
        let state = &self.fleets[fleet];
        if self.blueprint.start == Start::Cold {
            return 0;
        }
        let phase = self.draw.unit(Purpose::Phase, state.key, index, 0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share"
        )]
        let started = (phase * state.resident.truncation().every as f64) as u64;
        started
    }

    fn plan_observations(&self, calendar: &mut Calendar<Event>) {
        for point in 0..crate::model::record::outcome::TRACK_POINTS {
            let at = SimTime::from_nanos(self.observer.instant(point));
            let point = u32::try_from(point).expect("points are few");
            calendar.schedule(at, Event::Observed { point });
        }
    }
}

/// Nanoseconds of an hour.
pub(super) const HOUR: u64 = 3_600_000_000_000;

/// Truncation periods until what a log and its queues hold is stationary.
const PERIODS: u64 = 2 + QUEUE_PERIODS;

/// The grid of a case. Before the recorded time, "running" simulates some truncation periods, so that
/// dead series and held ports are stationary when it starts.
fn grid_of(blueprint: &Blueprint) -> Grid {
    let cell = nanos(blueprint.grid).max(1);
    let lead = match blueprint.start {
        Start::Cold => 0,
        Start::Running => {
            let wal = |fleet: &Fleet| {
                PERIODS * nanos(fleet.wal.truncate_every) + nanos(fleet.wal.keep_min)
            };
            let longest = blueprint.fleets.iter().map(wal).max().unwrap_or(0);
            // Whole hours, so that a finer grid does not move what happens at random.
            let hours = longest.div_ceil(HOUR) * HOUR;
            hours.div_ceil(cell) * cell
        }
    };
    Grid {
        lead,
        end: lead + nanos(blueprint.horizon),
        cell,
    }
}

/// Nanoseconds of a length.
pub(super) fn nanos(length: Duration) -> u64 {
    u64::try_from(length.as_nanos()).expect("lengths are checked to fit the clock")
}

/// One in binary fixed point, wide enough for sums.
pub(super) const ONE: u64 = 1 << WEIGHT_BITS;
