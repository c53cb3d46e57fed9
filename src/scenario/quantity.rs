//! Uncertain quantities as scenario files state them.

use super::problem::Problem;
use super::suggest::suggest;
use super::tree::{Entry, Node, Table};
use super::unit::Dimension;
use super::write::inline;
use crate::experiment::study::Role;
use crate::model::law::form::{Domain, Form};
use crate::model::law::{Law, Quantity};

/// Keys of a quantity's table.
const KEYS: [&str; 10] = [
    "value", "p5", "p50", "p95", "min", "max", "mean", "sd", "median", "spread",
];

/// The key that names an unknown which several quantities share.
pub(super) const CORRELATED: &str = "correlated";

/// Keys that may stand beside those of a form.
const BESIDE: [&str; 2] = ["source", CORRELATED];

/// What a quantity may state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spec {
    pub(super) dimension: Dimension,
    pub(super) domain: Domain,
    /// Least value that may be stated.
    pub(super) min: f64,
    /// Greatest value that may be stated.
    pub(super) max: f64,
    /// Base units per stated unit, such as bytes in a MiB for "per MiB".
    pub(super) per: f64,
    /// Of growth over another time than 30 days, how often that time is in 30 days.
    pub(super) compounded: Option<f64>,
    /// The role of the quantity when it is uncertain.
    pub(super) role: Role,
}

/// Whether a table states a quantity.
pub(super) fn is_quantity(table: &Table) -> bool {
    KEYS.iter().any(|key| table.get(key).is_some())
}

/// Whether what states a number over time is a single quantity, which is its value at all times.
pub(super) fn is_constant(node: &Node) -> bool {
    node.as_table()
        .is_none_or(|table| is_quantity(table) && table.get("start").is_none())
}

impl Spec {
    /// A positive quantity, drawn once per draw, from zero without an upper limit.
    pub(super) const fn unknown(dimension: Dimension) -> Self {
        Self {
            dimension,
            domain: Domain::Positive,
            min: 0.0,
            max: f64::MAX,
            per: 1.0,
            compounded: None,
            role: Role::Unknown,
        }
    }

    /// A share from 0 to 100 %, drawn once per draw.
    pub(super) const fn share() -> Self {
        Self {
            domain: Domain::Fraction,
            max: 1.0,
            ..Self::unknown(Dimension::Share)
        }
    }

    /// This specification, drawn per entity.
    pub(super) const fn spread(self) -> Self {
        Self {
            role: Role::Spread,
            ..self
        }
    }

    /// This specification, drawn per occurrence.
    pub(super) const fn noise(self) -> Self {
        Self {
            role: Role::Noise,
            ..self
        }
    }

    /// The base unit. A quantity per MiB has the unit of one per byte.
    pub(super) const fn unit(&self) -> &'static str {
        match (self.dimension, self.per > 1.0) {
            (Dimension::Bytes, true) => "bytes_per_byte_per_second",
            (Dimension::Time, true) => "seconds_per_byte",
            (dimension, _) => dimension.unit(),
        }
    }

    /// This specification with other bounds.
    pub(super) const fn between(self, min: f64, max: f64) -> Self {
        Self { min, max, ..self }
    }
}

/// A quantity that was read.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) quantity: Quantity,
    /// The law as written.
    pub(super) law: String,
    /// The source that the file gives.
    pub(super) source: Option<String>,
}

/// The forms a quantity can have, for help texts.
const FORMS: &str = "a quantity is a value or a table with { value }, { p5, p95 }, { p50, p95 }, \
                     { p5, p50, p95 }, { min, max }, { mean, sd } or { median, spread }, each with \
                     an optional source and an optional name of an unknown that it is correlated \
                     with";

/// Reads the quantity that `node` states.
pub(super) fn read(node: &Node, spec: &Spec) -> Result<Reading, Problem> {
    let stated = |key: &str| node.as_table()?.get(key);
    let text_of = |key: &str| {
        let text = |node: &Node| {
            let text = node.as_text().map(str::to_owned);
            text.ok_or_else(|| Problem::error(format!("{key} must be a text"), node.span))
        };
        stated(key).map(text).transpose()
    };
    let (source, correlated) = (text_of("source")?, text_of(CORRELATED)?);
    let (centre, spread) = match (node.as_table(), stated("median"), stated("spread")) {
        (Some(table), Some(median), Some(spread)) => {
            let (centre, factor) = (form(median, spec)?, factor(spread)?);
            only(table, &["median", "spread", "source", CORRELATED])?;
            (centre, Some(factor))
        }
        _ => (form(node, spec)?, None),
    };
    let mut quantity = join(centre, spread, node, spec)?;
    if let Some(name) = correlated {
        quantity = quantity.correlated_as(&name);
    }
    Ok(Reading {
        quantity,
        law: law_text(node),
        source,
    })
}

/// A value without uncertainty, in base units and within the bounds.
pub(super) fn scalar(node: &Node, spec: &Spec) -> Result<f64, Problem> {
    let dimension = spec.dimension;
    let refuse = |message| Problem::error(message, node.span);
    if let Some(problem) = without_percent(node, spec) {
        return Err(problem);
    }
    let unlike = || {
        let (wanted, found) = (dimension.example(), inline_short(node));
        refuse(format!("expected {wanted}, found {found}"))
    };
    let value = match (node.as_number(), node.as_text()) {
        (Some(number), _) => dimension.of_number(number).ok_or_else(unlike)?,
        (_, Some(text)) => dimension.parse(text).map_err(refuse)?,
        _ => return Err(unlike()),
    };
    if (spec.min..=spec.max).contains(&value) {
        let value = value / spec.per;
        // Growth compounds.
        let grown = spec
            .compounded
            .map(|power| (value.ln_1p() * power).exp_m1());
        Ok(grown.unwrap_or(value))
    } else {
        Err(refuse(outside(node, spec)))
    }
}

/// The problem of a share that is written as a bare number, which may mean two things.
fn without_percent(node: &Node, spec: &Spec) -> Option<Problem> {
    if spec.dimension != Dimension::Share {
        return None;
    }
    let text = || node.as_text()?.parse().ok();
    let number: f64 = node.as_number().or_else(text)?;
    let is_allowed = |value: f64| (spec.min..=spec.max).contains(&value);
    let percent = |value: f64| format!("\"{}\"", Dimension::Share.write(value));
    let readings = [
        (number, number <= 1.0 || spec.max > 1.0),
        (number / 100.0, true),
    ];
    let readings = readings
        .into_iter()
        .filter(|(value, is_likely)| *is_likely && is_allowed(*value));
    let mut readings: Vec<String> = readings.map(|(value, _)| percent(value)).collect();
    readings.dedup();
    let (wanted, found) = (Dimension::Share.example(), inline_short(node));
    let problem = Problem::error(format!("expected {wanted}, found {found}"), node.span);
    Some(match readings.as_slice() {
        [] => problem,
        readings => problem.help(format!("did you mean {}?", readings.join(" or "))),
    })
}

/// The message for a value outside its bounds.
fn outside(node: &Node, spec: &Spec) -> String {
    let [min, max] = [spec.min, spec.max].map(|bound| spec.dimension.write(bound));
    let value = inline_short(node).replace('"', "");
    if spec.max >= f64::MAX {
        format!("{value} is below the least value, {min}")
    } else {
        format!("{value} is not between {min} and {max}")
    }
}

/// A value, cut to the length of a message.
pub(super) fn inline_short(node: &Node) -> String {
    super::cut(&inline(node), 40)
}

/// The form of a table, or of a single value.
fn form(node: &Node, spec: &Spec) -> Result<Form, Problem> {
    let Some(table) = node.as_table() else {
        return Ok(Form::Value(scalar(node, spec)?));
    };
    let mut keys = KEYS.to_vec();
    keys.retain(|key| table.get(key).is_some());
    for entry in &table.entries {
        if !KEYS.contains(&entry.key.as_str()) && !BESIDE.contains(&entry.key.as_str()) {
            let message = format!("unknown key `{}` in a quantity", entry.key);
            let help = suggest(&entry.key, KEYS.into_iter().chain(BESIDE));
            return Err(Problem::error(message, entry.key_span.or(node.span)).help(help));
        }
    }
    let number = |key: &str| scalar(table.get(key).expect("the keys are there"), spec);
    Ok(match keys.as_slice() {
        ["value"] => Form::Value(number("value")?),
        ["p5", "p95"] => Form::P5P95(number("p5")?, number("p95")?),
        ["p50", "p95"] => Form::P50P95(number("p50")?, number("p95")?),
        ["p5", "p50", "p95"] => Form::P5P50P95(number("p5")?, number("p50")?, number("p95")?),
        ["min", "max"] => Form::MinMax(number("min")?, number("max")?),
        ["mean", "sd"] if spec.compounded.is_some() => {
            let message = "a mean and a deviation do not compound";
            let help = "state the growth over 30 days, or as { p5, p95 }";
            return Err(Problem::error(message, node.span).help(help));
        }
        ["mean", "sd"] => Form::MeanSd(number("mean")?, number("sd")?),
        [] => return Err(Problem::error("an empty table is no quantity", node.span).help(FORMS)),
        _ => {
            let message = match keys.as_slice() {
                [key] => format!("{key} alone makes no quantity"),
                keys => format!("{} together make no quantity", keys.join(", ")),
            };
            return Err(Problem::error(message, node.span).help(FORMS));
        }
    })
}

/// The law of the factors around a median.
fn factor(node: &Node) -> Result<Law, Problem> {
    let spec = Spec::unknown(Dimension::Number);
    form(node, &spec)?
        .factor()
        .map_err(|message| Problem::error(message, node.span))
}

fn only(table: &Table, keys: &[&str]) -> Result<(), Problem> {
    let is_other = |entry: &&Entry| !keys.contains(&entry.key.as_str());
    table.entries.iter().find(is_other).map_or(Ok(()), |entry| {
        let message = format!("`{}` does not go with median and spread", entry.key);
        Err(Problem::error(message, entry.key_span).help(FORMS))
    })
}

/// The quantity of a centre and a spread, in its role.
fn join(centre: Form, spread: Option<Law>, node: &Node, spec: &Spec) -> Result<Quantity, Problem> {
    let law = centre
        .law(spec.domain)
        .map_err(|message| Problem::error(message, node.span))?;
    match (spec.role, spread) {
        (Role::Unknown | Role::Known, None) => Ok(Quantity::unknown(law)),
        (Role::Spread | Role::Noise, None) => Ok(Quantity::spread(law)),
        (Role::Spread | Role::Noise, Some(spread)) => Ok(Quantity {
            spread,
            ..Quantity::unknown(law)
        }),
        (Role::Unknown | Role::Known, Some(_)) => {
            let message = "this quantity is the same everywhere, so it has no spread";
            let help = "give its uncertainty with { p5, p95 } alone";
            Err(Problem::error(message, node.span).help(help))
        }
    }
}

/// The law as written: `p5 500, p95 9000`.
fn law_text(node: &Node) -> String {
    let Some(table) = node.as_table() else {
        return inline(node).replace('"', "");
    };
    let place = |key: &str| KEYS.iter().position(|known| *known == key);
    let stated = table.entries.iter();
    let mut stated: Vec<&Entry> = stated.filter(|entry| place(&entry.key).is_some()).collect();
    stated.sort_by_key(|entry| place(&entry.key));
    let part = |entry: &Entry| match (entry.key.as_str(), law_text(&entry.node)) {
        ("value", text) => text,
        (key, text) if entry.node.as_table().is_some() => format!("{key} ({text})"),
        (key, text) => format!("{key} {text}"),
    };
    let parts: Vec<String> = stated.into_iter().map(part).collect();
    parts.join(", ")
}
