//! Uncertain quantities as a file states them.

use super::problem::Span;
use super::suggest::suggest;
use super::tree::{Node, Table};
use super::unit::Dimension;
use super::write::inline;
use crate::experiment::plan::Role;
use crate::model::law::form::{Domain, Form};
use crate::model::law::{Law, Quantity};

/// Keys that a quantity's table may have.
const KEYS: [&str; 10] = [
    "value", "p5", "p50", "p95", "min", "max", "mean", "sd", "median", "spread",
];

/// What a quantity may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spec {
    pub(super) dimension: Dimension,
    pub(super) domain: Domain,
    /// Least value that may be stated.
    pub(super) min: f64,
    /// Greatest value that may be stated.
    pub(super) max: f64,
    /// How many base units the stated unit has, such as bytes in a MiB for "per MiB".
    pub(super) per: f64,
    /// What it is when it is not known.
    pub(super) role: Role,
}

/// Whether a table states a quantity.
pub(super) fn is_quantity(table: &Table) -> bool {
    KEYS.iter().any(|key| table.get(key).is_some())
}

impl Spec {
    /// A positive quantity, drawn once per draw, from zero without a limit.
    pub(super) const fn unknown(dimension: Dimension) -> Self {
        Self {
            dimension,
            domain: Domain::Positive,
            min: 0.0,
            max: f64::MAX,
            per: 1.0,
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

    /// The same, drawn per entity.
    pub(super) const fn spread(self) -> Self {
        Self {
            role: Role::Spread,
            ..self
        }
    }

    /// The same, drawn per occurrence.
    pub(super) const fn noise(self) -> Self {
        Self {
            role: Role::Noise,
            ..self
        }
    }

    /// The base unit: of what is stated per MiB, that per byte.
    pub(super) const fn unit(&self) -> &'static str {
        match (self.dimension, self.per > 1.0) {
            (Dimension::Bytes, true) => "bytes_per_byte_per_second",
            (Dimension::Time, true) => "seconds_per_byte",
            (dimension, _) => dimension.unit(),
        }
    }

    /// The same within other bounds.
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

/// What is wrong with a quantity, and where.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) message: String,
    pub(super) span: Option<Span>,
    pub(super) help: Option<String>,
}

impl Refusal {
    pub(super) fn new(message: impl Into<String>, node: &Node) -> Self {
        Self {
            message: message.into(),
            span: node.span,
            help: None,
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The forms a quantity can have, for help texts.
const FORMS: &str = "a quantity is a value or a table with { value }, { p5, p95 }, { p50, p95 }, \
                     { p5, p50, p95 }, { min, max }, { mean, sd } or { median, spread }, each with \
                     an optional source";

/// The quantity that `node` states.
pub(super) fn read(node: &Node, spec: &Spec) -> Result<Reading, Refusal> {
    let Some(table) = node.as_table() else {
        let form = Form::Value(scalar(node, spec)?);
        return Ok(Reading {
            quantity: join(form, None, node, spec)?,
            law: inline(node).replace('"', ""),
            source: None,
        });
    };
    let source = match table.get("source") {
        None => None,
        Some(source) => Some(
            source
                .as_text()
                .ok_or_else(|| Refusal::new("source must be a text", source))?
                .to_owned(),
        ),
    };
    if let (Some(median), Some(spread)) = (table.get("median"), table.get("spread")) {
        let (centre, factor) = (form(median, spec)?, factor(spread)?);
        only(table, &["median", "spread", "source"])?;
        return Ok(Reading {
            quantity: join(centre, Some(factor), node, spec)?,
            law: law_text(table),
            source,
        });
    }
    Ok(Reading {
        quantity: join(form(node, spec)?, None, node, spec)?,
        law: law_text(table),
        source,
    })
}

/// A value without uncertainty, in base units and within the bounds.
pub(super) fn scalar(node: &Node, spec: &Spec) -> Result<f64, Refusal> {
    let dimension = spec.dimension;
    let refuse = || {
        let message = format!(
            "expected {}, found {}",
            dimension.example(),
            inline_short(node)
        );
        Refusal::new(message, node)
    };
    let value = match (node.as_number(), node.as_text()) {
        (Some(number), _) => dimension.of_number(number).ok_or_else(refuse)?,
        (_, Some(text)) => dimension
            .parse(text)
            .map_err(|message| Refusal::new(message, node))?,
        _ => return Err(refuse()),
    };
    if (spec.min..=spec.max).contains(&value) {
        Ok(value / spec.per)
    } else {
        Err(Refusal::new(outside(node, spec), node))
    }
}

/// Why a value is refused that lies outside its bounds.
fn outside(node: &Node, spec: &Spec) -> String {
    let write = |value: f64| spec.dimension.write(value);
    let value = inline_short(node).replace('"', "");
    if spec.max >= f64::MAX {
        format!("{value} is below the least value, {}", write(spec.min))
    } else {
        format!(
            "{value} is not between {} and {}",
            write(spec.min),
            write(spec.max)
        )
    }
}

/// A value cut to what fits a message.
pub(super) fn inline_short(node: &Node) -> String {
    let text = inline(node);
    if text.chars().count() <= 40 {
        return text;
    }
    let short: String = text.chars().take(37).collect();
    format!("{short}...")
}

/// The form of a table, or of a lone value.
fn form(node: &Node, spec: &Spec) -> Result<Form, Refusal> {
    let Some(table) = node.as_table() else {
        return Ok(Form::Value(scalar(node, spec)?));
    };
    let keys: Vec<&str> = KEYS
        .into_iter()
        .filter(|key| table.get(key).is_some())
        .collect();
    for entry in &table.entries {
        if !KEYS.contains(&entry.key.as_str()) && entry.key != "source" {
            let message = format!("unknown key `{}` in a quantity", entry.key);
            return Err(Refusal {
                message,
                span: entry.key_span.or(node.span),
                help: Some(suggest(&entry.key, KEYS.into_iter().chain(["source"]))),
            });
        }
    }
    let number = |key: &str| scalar(table.get(key).expect("the keys are there"), spec);
    Ok(match keys.as_slice() {
        ["value"] => Form::Value(number("value")?),
        ["p5", "p95"] => Form::P5P95(number("p5")?, number("p95")?),
        ["p50", "p95"] => Form::P50P95(number("p50")?, number("p95")?),
        ["p5", "p50", "p95"] => Form::P5P50P95(number("p5")?, number("p50")?, number("p95")?),
        ["min", "max"] => Form::MinMax(number("min")?, number("max")?),
        ["mean", "sd"] => Form::MeanSd(number("mean")?, number("sd")?),
        [] => return Err(Refusal::new("an empty table is no quantity", node).help(FORMS)),
        _ => {
            let message = match keys.as_slice() {
                [key] => format!("{key} alone makes no quantity"),
                keys => format!("{} together make no quantity", keys.join(", ")),
            };
            return Err(Refusal::new(message, node).help(FORMS));
        }
    })
}

/// The law of the factors around a median.
fn factor(node: &Node) -> Result<Law, Refusal> {
    let spec = Spec::unknown(Dimension::Number);
    form(node, &spec)?
        .factor()
        .map_err(|message| Refusal::new(message, node))
}

fn only(table: &Table, keys: &[&str]) -> Result<(), Refusal> {
    match table
        .entries
        .iter()
        .find(|entry| !keys.contains(&entry.key.as_str()))
    {
        None => Ok(()),
        Some(entry) => Err(Refusal {
            message: format!("`{}` does not go with median and spread", entry.key),
            span: entry.key_span,
            help: Some(FORMS.to_owned()),
        }),
    }
}

/// The quantity of a centre and a spread, in the role it has.
fn join(centre: Form, spread: Option<Law>, node: &Node, spec: &Spec) -> Result<Quantity, Refusal> {
    let law = centre
        .law(spec.domain)
        .map_err(|message| Refusal::new(message, node))?;
    match (spec.role, spread) {
        (Role::Unknown | Role::Known, None) => Ok(Quantity::unknown(law)),
        (Role::Spread | Role::Noise, None) => Ok(Quantity::spread(law)),
        (Role::Spread | Role::Noise, Some(spread)) => Ok(Quantity {
            centre: law,
            spread,
        }),
        (Role::Unknown | Role::Known, Some(_)) => Err(Refusal::new(
            "this quantity is the same everywhere, so it has no spread",
            node,
        )
        .help("give its uncertainty with { p5, p95 } alone")),
    }
}

/// The law as written: `p5 500, p95 9000`.
fn law_text(table: &Table) -> String {
    let part = |entry: &super::tree::Entry| match &entry.node.as_table() {
        Some(inner) => format!("{} ({})", entry.key, law_text(inner)),
        None if entry.key == "value" => inline(&entry.node).replace('"', ""),
        None => format!("{} {}", entry.key, inline(&entry.node).replace('"', "")),
    };
    let stated = table.entries.iter().filter(|entry| entry.key != "source");
    let mut parts: Vec<(usize, String)> = stated
        .map(|entry| {
            (
                KEYS.iter().position(|key| *key == entry.key).unwrap_or(0),
                part(entry),
            )
        })
        .collect();
    parts.sort();
    let parts: Vec<String> = parts.into_iter().map(|(_, part)| part).collect();
    parts.join(", ")
}
