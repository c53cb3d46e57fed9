//! What every event may use: the instant, the calendar, the draw, and the observer.
//!
//! A moment is borrowed for one event. Only the fleet and the world use its calendar; parts get the
//! instant as a number.

mod event;

pub use event::Event;

use crate::engine;
use crate::model::blueprint::Blueprint;
use crate::model::load::draw::Draw;
use crate::model::load::timeline::Grid;
use crate::model::record::catalogue::Scope;
use crate::model::record::observer::{Note, Observer};
use crate::model::record::outcome::RecordKind;
use crate::units::SimTime;

/// The calendar of the model's events.
pub type Calendar = engine::Calendar<Event>;

/// What is the same for all events of one draw, and the observer.
#[derive(Debug)]
pub(in crate::model) struct Setting<'a> {
    pub(in crate::model) blueprint: &'a Blueprint,
    pub(in crate::model) grid: Grid,
    pub(in crate::model) draw: Draw,
    pub(in crate::model) observer: Observer,
}

impl Setting<'_> {
    /// The present moment of a calendar.
    pub(in crate::model) fn moment<'w>(&'w mut self, calendar: &'w mut Calendar) -> Moment<'w> {
        Moment {
            now: calendar.now(),
            blueprint: self.blueprint,
            grid: &self.grid,
            draw: &self.draw,
            observer: &mut self.observer,
            calendar,
        }
    }
}

/// What one event may use.
#[derive(Debug)]
pub(in crate::model) struct Moment<'w> {
    /// Instant of the event.
    pub(in crate::model) now: SimTime,
    pub(in crate::model) blueprint: &'w Blueprint,
    pub(in crate::model) grid: &'w Grid,
    pub(in crate::model) draw: &'w Draw,
    pub(in crate::model) observer: &'w mut Observer,
    calendar: &'w mut Calendar,
}

impl Moment<'_> {
    /// Schedules an event at an instant; never if that is [`SimTime::NEVER`].
    pub(in crate::model) fn schedule(&mut self, at: SimTime, event: Event) {
        self.calendar.schedule(at, event);
    }

    /// Adds an event record at `now` for a scope or for a member of it.
    pub(in crate::model) fn note(
        &mut self,
        scope: Scope,
        member: Option<u32>,
        what: RecordKind,
        value: f64,
    ) {
        let at = self.now;
        self.observer.note(scope, member, Note { at, what, value });
    }

    /// The cell of the grid in which the instant lies.
    pub(in crate::model) fn cell(&self) -> usize {
        self.grid.cell_at(self.now)
    }
}
