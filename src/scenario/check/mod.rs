//! What a study may not state, and warnings of what may mislead.

mod absence;
mod autoscaling;
mod envelope;
mod evidence;
mod exact;
mod limits;
mod reach;
mod room;
mod sizes;
mod volume;

pub(in crate::scenario) use self::evidence::bound;

use super::fields::Sink;
use super::problem::{Problem, Span};
use super::tree::Table;
use crate::experiment::study::{Case, Study};

/// A warning or an error before it has a place: where it points, its message, its help.
struct Warning {
    section: &'static str,
    name: String,
    key: &'static str,
    message: String,
    help: String,
}

impl Warning {
    /// A warning about a key of the section with this name.
    fn new(
        (section, name, key): (&'static str, &str, &'static str),
        message: String,
        help: impl Into<String>,
    ) -> Self {
        Self {
            section,
            name: name.to_owned(),
            key,
            message,
            help: help.into(),
        }
    }
}

/// Adds the errors of a study whose every key may be right: together they make too much. An error of
/// several cases is reported once, for the first of them.
pub(super) fn refuse(study: &Study, root: &Table, sink: &Sink) {
    let mut said: Vec<(String, &'static str)> = Vec::new();
    for case in &study.cases {
        for excess in exact::excesses(&case.blueprint) {
            let subject = (excess.name.clone(), excess.key);
            if said.contains(&subject) {
                continue;
            }
            said.push(subject);
            let message = of_case(case, excess.message);
            let span = place(root, excess.section, &excess.name, excess.key);
            sink.report(Problem::error(message, span).help(excess.help));
        }
    }
}

/// A message with the name of its case, unless the case is the base.
fn of_case(case: &Case, message: String) -> String {
    if case.settings.is_empty() && case.variant == super::cases::BASE {
        return message;
    }
    let name = super::short(&case.name);
    format!("in case `{name}`: {message}")
}

/// Adds the warnings of a study. Cases trigger different warnings, so all cases are examined. A
/// warning of several cases is reported once, for the first of them.
pub(super) fn warn(study: &Study, root: &Table, sink: &Sink) {
    let mut said: Vec<(&'static str, String, &'static str)> = Vec::new();
    for case in &study.cases {
        let mut warnings = reach::warnings(&case.blueprint);
        warnings.extend(envelope::warnings(&case.blueprint));
        warnings.extend(room::warnings(&case.blueprint));
        warnings.extend(sizes::warnings(&case.blueprint));
        warnings.extend(autoscaling::warnings(&case.blueprint));
        warnings.extend(volume::warnings(&case.blueprint, root));
        for warning in warnings {
            let subject = (warning.section, warning.name.clone(), warning.key);
            if said.contains(&subject) {
                continue;
            }
            said.push(subject);
            let message = of_case(case, warning.message);
            let span = place(root, warning.section, &warning.name, warning.key);
            sink.report(Problem::warning(message, span).help(warning.help));
        }
    }
    absence::warn(study, root, sink);
    limits::warn(study, root, sink);
    evidence::warn(study, root, sink);
}

/// The place of a key of a named section, or else of its header.
pub(super) fn place(root: &Table, section: &str, name: &str, key: &str) -> Option<Span> {
    let nodes = root.get(section)?.as_array()?;
    let node = nodes.iter().find(|node| node.name() == Some(name))?;
    let inner = node.as_table()?.get(key);
    inner.and_then(|node| node.span).or(node.span)
}
