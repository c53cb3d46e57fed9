//! One draw of a block.

use super::page::Page;
use super::shape::Column;
use crate::model::record::outcome::{Figures, Outcome, TRACK_POINTS};

/// One draw of a block that is open for reading.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    pub(super) page: &'a Page<'a>,
    pub(super) row: usize,
}

impl Figures for Row<'_> {
    fn value(&self, column: usize) -> f64 {
        self.number(Column::Value(column))
    }

    fn is_unserved(&self, column: usize) -> bool {
        self.page.header().pairs > 0 && self.page.unserved(self.row).contains(&column)
    }

    fn first(&self, position: usize) -> Option<f64> {
        some(self.number(Column::First(position)))
    }

    fn share(&self, position: usize, seconds: f64) -> f64 {
        let happens = |first: Option<f64>| first.is_some_and(|at| at <= seconds);
        let replicas = self.page.header().shape.replicas;
        if replicas == 0 {
            return if happens(self.first(position)) {
                1.0
            } else {
                0.0
            };
        }
        let hits = (0..replicas).filter(|&number| happens(self.replica(number, position)));
        hits.count() as f64 / replicas as f64
    }
}

impl Row<'_> {
    /// The value of an unknown.
    pub fn unknown(&self, index: usize) -> f64 {
        self.number(Column::Unknown(index))
    }

    /// Number of unknowns.
    pub fn unknowns(&self) -> usize {
        self.page.header().shape.unknowns
    }

    /// A point of a track.
    pub fn point(&self, track: usize, point: usize) -> f32 {
        self.page.point(track * TRACK_POINTS + point, self.row)
    }

    /// Events that the engine handled.
    pub fn events_handled(&self) -> u64 {
        u64::from_le_bytes(self.page.wide(Column::Events, self.row))
    }

    /// Days that collectors existed for.
    pub fn collector_days(&self) -> f64 {
        self.number(Column::Days)
    }

    /// All of the draw.
    pub fn outcome(&self) -> Outcome {
        let shape = self.page.header().shape;
        let firsts =
            |first: &dyn Fn(usize) -> Option<f64>| (0..shape.failures).map(first).collect();
        let replica = |number| firsts(&|position| self.replica(number, position));
        let points = 0..shape.points;
        Outcome {
            values: (0..shape.values).map(|column| self.value(column)).collect(),
            unserved: self.page.unserved(self.row),
            first: firsts(&|position| self.first(position)),
            replicas: (0..shape.replicas).map(replica).collect(),
            tracks: points
                .map(|point| self.page.point(point, self.row))
                .collect(),
            unknowns: (0..shape.unknowns)
                .map(|index| self.unknown(index))
                .collect(),
            events_handled: self.events_handled(),
            collector_days: self.collector_days(),
        }
    }

    fn replica(&self, number: usize, position: usize) -> Option<f64> {
        some(self.number(Column::Replica(number, position)))
    }

    fn number(&self, column: Column) -> f64 {
        f64::from_le_bytes(self.page.wide(column, self.row))
    }
}

/// An instant; a failure that did not happen has NaN.
fn some(first: f64) -> Option<f64> {
    (!first.is_nan()).then_some(first)
}
