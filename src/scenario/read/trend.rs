//! Numbers that change over time: a number, or a table with growth, season and steps.

use std::ops::RangeInclusive;

use super::super::quantity::is_constant;
use super::{Context, Dimension, Fields, Node, Spec};
use crate::model::blueprint::{Season, Step, Trend};
use crate::model::law::form::Domain;
use crate::units::Fraction;

/// A day, in seconds.
const DAY: f64 = 86_400.0;

/// The trend under `key`. A single quantity is a constant trend.
pub(super) fn read(
    fields: &mut Fields<'_>,
    key: &'static str,
    context: &Context<'_>,
    range: RangeInclusive<f64>,
    default: Option<Node>,
) -> Trend {
    let Some(node) = fields.node(key, default) else {
        return Trend::constant(1.0);
    };
    let node = if is_constant(&node) {
        Node::table(vec![("start", node)])
    } else {
        node
    };
    let table = node.as_table().expect("what is no table is alone");
    let span = fields.span_of(key);
    fields.inner(key, table, span, |table| trend(table, context, &range))
}

fn trend(fields: &mut Fields<'_>, context: &Context<'_>, range: &RangeInclusive<f64>) -> Trend {
    let start = Spec::unknown(Dimension::Number).between(*range.start(), *range.end());
    let growth = Spec {
        domain: Domain::Signed,
        ..Spec::share().between(-0.99, 100.0)
    };
    Trend {
        start: fields.quantity("start", &start, None),
        growth_per_30d: fields.quantity("growth_per_30d", &growth, Some(Node::text("0%"))),
        season: fields.table_or_default("season", |table| season(table, context)),
        steps: steps(fields),
    }
}

fn season(fields: &mut Fields<'_>, context: &Context<'_>) -> Season {
    let zero = || Some(Node::text("0%"));
    Season {
        daily: Fraction::clamped(fields.amount("daily", &Spec::share(), zero())),
        weekly: Fraction::clamped(fields.amount("weekly", &Spec::share(), zero())),
        peak_at: fields.duration("peak_at", 0.0..=DAY, Some("14h")),
        first_weekday: context.first_weekday,
    }
}

fn steps(fields: &mut Fields<'_>) -> Vec<Step> {
    let factor = Spec::unknown(Dimension::Number).between(1e-6, 1e6);
    let mut steps = fields.tables("steps", |table| Step {
        at: table.duration("at", 0.0..=f64::MAX, None),
        factor: table.amount("factor", &factor, None),
    });
    steps.sort_by_key(|step| step.at);
    steps
}
