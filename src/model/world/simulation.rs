//! One replication of one draw, from its world to its outcome.

use crate::engine::run;
use crate::model::blueprint::Blueprint;
use crate::model::load::beyond::Beyond;
use crate::model::load::draw::{Draw, Replication};
use crate::model::moment::Calendar;
use crate::model::record::observer::Recording;
use crate::model::record::outcome::{EventRecords, Outcome};

use super::World;

/// Memory that one simulation leaves to the next. The next simulation sees none of its contents.
#[derive(Debug, Default)]
pub struct Scratch {
    calendar: Calendar,
}

/// A replication whose world is built and whose first events are scheduled.
#[derive(Debug)]
pub struct Simulation<'a> {
    world: World<'a>,
    calendar: &'a mut Calendar,
}

impl<'a> Simulation<'a> {
    /// Builds the world of draw number `draw` of the experiment with this `seed`. The unknowns
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
        let calendar = &mut scratch.calendar;
        calendar.clear();
        let mut world = World::new(
            blueprint,
            Draw::new(seed, which.draw, which.number),
            recording,
        )?;
        world.plan_everything(calendar);
        Ok(Self { world, calendar })
    }

    /// Simulates to the horizon.
    ///
    /// # Errors
    ///
    /// What cannot be counted exactly in this replication.
    ///
    /// # Panics
    ///
    /// If a sample or a port is unaccounted for at the end, which is a bug.
    pub fn run(mut self) -> Result<(Outcome, EventRecords), Beyond> {
        let end = self.world.setting.grid.end;
        let events_handled = run(&mut self.world, self.calendar, end);
        let mut fleets = self.world.fleets.iter();
        match fleets.find_map(|fleet| fleet.jobs().beyond.clone()) {
            Some(beyond) => Err(beyond),
            None => Ok(self.world.finish(events_handled)),
        }
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
    let ended = simulation.and_then(Simulation::run);
    ended.expect("the draw stays within the exact range")
}

/// Draws of which one is within the exact range in every scenario that has passed the check.
const DRAWS_TRIED: u32 = 100;

/// Names of the unknowns of a case, in the order of [`Outcome::unknowns`].
pub fn unknowns(blueprint: &Blueprint) -> Vec<String> {
    // All draws have the same unknowns. One beyond the exact range is one in a million.
    let world = |draw| World::new(blueprint, Draw::new(0, draw, 0), Recording::Off).ok();
    let world = (0..DRAWS_TRIED).find_map(world);
    world.map_or_else(Vec::new, |world| world.setting.draw.into_unknowns().0)
}
