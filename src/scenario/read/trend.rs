//! Numbers that change over time: a number, or a table with growth, season and steps.

use std::ops::RangeInclusive;

use super::super::fields::Shape;
use super::super::quantity::is_constant;
use super::{Context, Dimension, Fields, Node, Problem, Spec};
use crate::model::blueprint::{Season, Step, Trend};
use crate::model::law::Quantity;
use crate::model::law::form::Domain;
use crate::units::Fraction;

/// What the keys of growth begin with. A time follows.
const GROWTH: &str = "growth_per_";
/// The key of growth by which inputs are named.
const MONTHLY: &str = "growth_per_30d";
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
    fields.wants(key, Shape::Trend);
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
    Trend {
        start: fields.quantity("start", &start, None),
        growth_per_30d: growth(fields),
        season: fields.table_or_default("season", |table| season(table, context)),
        steps: steps(fields),
    }
}

/// Growth over the time that its key names: `growth_per_30d`, `growth_per_180d`. The law is that of
/// growth over 30 days; percentiles and bounds are compounded one by one.
fn growth(fields: &mut Fields<'_>) -> Quantity {
    let stated = fields.entries_like(GROWTH);
    let spec = Spec {
        domain: Domain::Signed,
        ..Spec::share().between(-0.99, 100.0)
    };
    if let [first, second, ..] = stated.as_slice() {
        let message = format!("`{}` and `{}` both state the growth", first.key, second.key);
        let help = "keep one of them; a variant sets the key that the file has, or unsets it";
        let problem = Problem::error(message, first.key_span).label(second.key_span, "");
        fields.report(problem.help(help));
    }
    let other = stated.iter().find(|entry| entry.key != MONTHLY);
    let Some(entry) = other else {
        return fields.quantity(MONTHLY, &spec, Some(Node::text("0%")));
    };
    let period = entry.key.trim_start_matches(GROWTH);
    let seconds = Dimension::Time.parse(period).unwrap_or(f64::NAN);
    if !(DAY..=3_650.0 * DAY).contains(&seconds) {
        let message = format!("`{period}` is not a time from 1 day to 10 years");
        let help = "the key names the period: growth_per_30d, growth_per_26w, growth_per_365d";
        fields.report(Problem::error(message, entry.key_span).help(help));
        return Quantity::fixed(0.0);
    }
    let spec = Spec {
        compounded: Some(30.0 * DAY / seconds),
        ..spec
    };
    fields.quantity_over(entry, MONTHLY, &spec)
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
