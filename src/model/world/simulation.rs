//! One replication of one draw, from its world to its outcome.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::engine::run_unless;
use crate::model::blueprint::Blueprint;
use crate::model::fleet::Fleet;
use crate::model::load::beyond::Beyond;
use crate::model::load::draw::{Draw, Replication};
use crate::model::moment::Calendar;
use crate::model::record::observer::Recording;
use crate::model::record::outcome::{EventRecords, Outcome};
use crate::model::record::region::Regions;
use crate::model::wal::grid_of;

use super::World;

/// Memory that one simulation leaves to the next. The next simulation sees none of its contents.
#[derive(Debug, Default)]
pub struct Scratch {
    calendars: Vec<Calendar>,
}

/// A replication whose worlds are built and whose first events are scheduled: one world per region.
#[derive(Debug)]
pub struct Simulation<'a> {
    pub(super) worlds: Vec<World<'a>>,
    regions: Regions,
    pub(super) calendars: &'a mut [Calendar],
}

impl<'a> Simulation<'a> {
    /// Builds the worlds of draw number `draw` of the experiment with this `seed`. The unknowns
    /// depend on the draw; all other random numbers depend also on the replication.
    ///
    /// # Errors
    ///
    /// What cannot be counted exactly in this draw.
    pub fn new(
        blueprint: &'a Blueprint,
        seed: u64,
        which: Replication,
        recording: Recording,
        scratch: &'a mut Scratch,
    ) -> Result<Self, Beyond> {
        let regions = Regions::of(blueprint);
        let calendars = &mut scratch.calendars;
        calendars.resize_with(regions.grids.len().max(calendars.len()), Calendar::default);
        let mut worlds = Vec::new();
        for (region, calendar) in (0..regions.grids.len()).zip(calendars.iter_mut()) {
            calendar.clear();
            let draw = Draw::new(seed, which.draw, which.number);
            let mut world = World::new(blueprint, regions.grids[region], draw, recording)?;
            world.plan_everything(calendar, |scope| regions.region_of(scope) == region);
            worlds.push(world);
        }
        Ok(Self {
            worlds,
            regions,
            calendars,
        })
    }

    /// Simulates to the horizon. `None` if it is `interrupted` on the way.
    ///
    /// # Errors
    ///
    /// What cannot be counted exactly in this replication.
    ///
    /// # Panics
    ///
    /// If a sample or a port is unaccounted for at the end, which is a bug.
    pub fn run(self, interrupted: &AtomicBool) -> Result<Option<(Outcome, EventRecords)>, Beyond> {
        let blueprint = self.worlds[0].setting.blueprint;
        let mut ended = Vec::new();
        for (world, calendar) in self.worlds.into_iter().zip(self.calendars) {
            match world.into_outcome(calendar, interrupted)? {
                Some(one) => ended.push(one),
                None => return Ok(None),
            }
        }
        Ok(Some(self.regions.united(ended, blueprint)))
    }
}

impl World<'_> {
    fn into_outcome(
        mut self,
        calendar: &mut Calendar,
        interrupted: &AtomicBool,
    ) -> Result<Option<(Outcome, EventRecords)>, Beyond> {
        let end = self.setting.grid.end;
        let is_interrupted = || interrupted.load(Ordering::Relaxed);
        let Some(events_handled) = run_unless(&mut self, calendar, end, is_interrupted) else {
            return Ok(None);
        };
        let beyond = self.fleets.iter().find_map(Fleet::beyond);
        beyond.map_or_else(|| Ok(Some(self.finish(events_handled))), Err)
    }
}

/// Builds and runs the [`Simulation`] of a draw and a replication, in its own memory.
///
/// # Panics
///
/// If something cannot be counted exactly in this draw.
pub fn simulate(
    blueprint: &Blueprint,
    seed: u64,
    which: Replication,
    recording: Recording,
) -> (Outcome, EventRecords) {
    let mut scratch = Scratch::default();
    let simulation = Simulation::new(blueprint, seed, which, recording, &mut scratch);
    let ended = simulation.and_then(|simulation| simulation.run(&AtomicBool::new(false)));
    let ended = ended.expect("the draw stays within the exact range");
    ended.expect("nothing interrupts it")
}

/// Draws of which one is within the exact range in every scenario that has passed the check.
const DRAWS_TRIED: u32 = 100;

/// Names of the unknowns of a case, in the order of [`Outcome::unknowns`].
pub fn unknowns(blueprint: &Blueprint) -> Vec<String> {
    // All draws have the same unknowns. One beyond the exact range is one in a million.
    let grid = grid_of(blueprint);
    let world = |draw| World::new(blueprint, grid, Draw::new(0, draw, 0), Recording::Off).ok();
    let world = (0..DRAWS_TRIED).find_map(world);
    world.map_or_else(Vec::new, |world| world.setting.draw.into_unknowns().0)
}
