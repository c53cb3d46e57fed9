//! `[[goal]]` and `[[expect]]`: what a reviewer needs to hold, and what a file states about the model.

use std::ops::Range;

use super::cases::BASE;
use super::claim::{self, Scopes};
use super::fields::{Fields, Sink};
use super::names::Names;
use super::problem::{Problem, Span};
use super::quantity::Spec;
use super::tree::{Node, Table, Value};
use super::unit::Dimension;
use super::write;
use crate::experiment::requirement::{Comparison, Kind, Requirement, Statistic, Subject};
use crate::stats::{Claim, Interval};

/// Greatest number of goals, and of expectations.
const COUNT_MAX: usize = 200;

/// The section of each kind, in the order in which the requirements of a study stand.
const SECTIONS: [(&str, Kind); 2] = [("goal", Kind::Goal), ("expect", Kind::Expectation)];

/// What requirements can use: scopes, names and cases that exist.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) scopes: &'a Scopes,
    pub(super) cases: &'a Names,
}

/// The name of the section that holds requirements of a kind.
pub(super) const fn section(kind: Kind) -> &'static str {
    match kind {
        Kind::Goal => SECTIONS[0].0,
        Kind::Expectation => SECTIONS[1].0,
    }
}

/// The goals of a scenario, then its expectations.
pub(super) fn read(
    root: &Table,
    known: Known<'_>,
    sink: &Sink,
    resolved: &mut Table,
) -> Vec<Requirement> {
    let mut only = Table::default();
    for (key, _) in SECTIONS {
        only.entries.extend(root.entry(key).cloned());
    }
    let mut fields = Fields::new(sink, &only, None, "");
    fields.describe();
    let mut requirements = Vec::new();
    for (key, kind) in SECTIONS {
        let read = fields.tables(key, |table| requirement(table, kind, known));
        if read.len() > COUNT_MAX {
            let message = format!("{} {key} sections are more than {COUNT_MAX}", read.len());
            fields.wrong(key, message, "");
        }
        requirements.extend(read.into_iter().flatten());
    }
    resolved.extend(fields.finish());
    requirements
}

fn requirement(fields: &mut Fields<'_>, kind: Kind, known: Known<'_>) -> Option<Requirement> {
    let name = fields.text("name", None);
    let text = fields.text("require", None);
    let cases = gating(fields, known.cases);
    let report = |mut problem: Problem| {
        let part = problem.labels.pop().map(|label| label.span);
        let span = within(fields.span_of("require"), &text, part.unwrap_or_default());
        fields.report(problem.label(span, ""));
    };
    let claim = match text.trim() {
        "" => None,
        _ => claim::parse(&text, known.scopes).map_err(report).ok(),
    };
    let reason = match kind {
        Kind::Goal => {
            refuse_expectation(
                fields,
                &text,
                claim.as_ref().map(|(claim, _)| claim.comparison),
            );
            String::new()
        }
        Kind::Expectation => fields.text("reason", Some("")),
    };
    let range = stated_range(fields, claim.as_ref());
    let (claim, subject) = claim?;
    Some(Requirement {
        kind,
        name,
        text,
        statistic: claim.statistic,
        subject,
        comparison: claim.comparison,
        limit: claim.limit,
        range: range.unwrap_or(claim.range),
        cases,
        reason,
    })
}

/// The range in which every draw of a mean lies, if the file states it.
fn stated_range(fields: &mut Fields<'_>, claim: Option<&(Claim, Subject)>) -> Option<Interval> {
    let unit = match claim {
        Some((claim, Subject::Metric { metric, .. })) if claim.statistic == Statistic::Mean => {
            metric.info().unit
        }
        _ => {
            let why = "only a mean needs a range; a probability and a quantile need none";
            fields.forbid("range", why, "remove it");
            return None;
        }
    };
    let dimension = match claim::dimension(unit) {
        Dimension::Share => Dimension::Number,
        dimension => dimension,
    };
    let spec = Spec::unknown(dimension);
    let ends = fields.table("range", |table| {
        let is_bare = |node: Option<&Node>| node.is_some_and(|node| node.as_number().is_some());
        let are_bare = is_bare(table.take("min")) && is_bare(table.take("max"));
        let min = table.amount("min", &spec, None);
        if are_bare && table.is_any_lost(&["min"]) {
            // Two ends without a unit are one mistake.
            return (min, min);
        }
        let max = table.amount("max", &spec, None);
        if min >= max && !table.is_any_lost(&["min", "max"]) {
            table.wrong("max", "a range ends above its beginning", "");
        }
        (min, max)
    });
    let (min, max) = ends.filter(|(min, max)| min < max)?;
    Some(Interval::new(min, max))
}

/// Refuses `expect` and `reason` in a goal, which older files have. The error shows the section to
/// write.
fn refuse_expectation(fields: &mut Fields<'_>, text: &str, comparison: Option<Comparison>) {
    let expect = fields.take("expect").and_then(Node::as_text);
    let reason = fields.take("reason");
    let key = if fields.has("expect") {
        "expect"
    } else {
        "reason"
    };
    if !fields.has(key) {
        return;
    }
    if expect == Some("holds") && reason.is_none() {
        let help = "remove it; what a file states about the model is an [[expect]] section";
        fields.wrong(key, "a goal has no `expect`: it is meant to hold", help);
        return;
    }
    let require = match comparison {
        // An expectation of failure is stated as the contrary claim.
        Some(comparison) if expect == Some("fails") => contrary(text, comparison),
        _ => text.to_owned(),
    };
    let message =
        format!("a goal has no `{key}`: what a file states about the model is an [[expect]]");
    let instead = block(fields, require);
    fields.wrong(
        key,
        message,
        &format!("write this instead of the goal:\n{instead}"),
    );
}

/// The section that replaces a goal, as text.
fn block(fields: &mut Fields<'_>, require: String) -> String {
    let mut table = Table::default();
    for key in ["name", "require", "cases", "reason"] {
        if let Some(node) = fields.take(key) {
            table.set(key, None, node.clone());
        }
    }
    table.set("require", None, Node::text(require));
    let sections = Node::array(vec![Node::new(Value::Table(table))]);
    let mut root = Table::default();
    root.set(section(Kind::Expectation), None, sections);
    write::document(&root).trim().to_owned()
}

/// The contrary claim: it holds where the claim of this text fails.
fn contrary(text: &str, comparison: Comparison) -> String {
    let sign = match comparison {
        Comparison::Less => ">=",
        Comparison::AtMost => ">",
        Comparison::Greater => "<=",
        Comparison::AtLeast => "<",
    };
    // The required sign stands after the last closing bracket.
    let (before, after) = text.rsplit_once(')').unwrap_or((text, ""));
    let limit = after.trim().trim_start_matches(comparison.sign()).trim();
    format!("{}) {sign} {limit}", before.trim())
}

/// The place of a part of a text. The text begins one quote after the start, and nothing in it is
/// escaped.
pub(super) fn within(span: Option<Span>, text: &str, part: Range<usize>) -> Option<Span> {
    let span = span?;
    if span.end - span.start != text.len() + 2 {
        return Some(span);
    }
    Some(Span {
        start: span.start + 1 + part.start,
        end: span.start + 1 + part.end.min(text.len().max(part.start)),
    })
}

/// Names of the cases that decide: `base`, `all`, or a list.
fn gating(fields: &mut Fields<'_>, cases: &Names) -> Vec<String> {
    let is_all = |node: &Node| node.as_text() == Some("all");
    let Some(node) = fields.take("cases") else {
        fields.resolve("cases", Node::array(vec![Node::text(BASE)]));
        return vec![BASE.to_owned()];
    };
    let listed = node.as_array().unwrap_or_default();
    if is_all(node) || (listed.len() == 1 && is_all(&listed[0])) {
        fields.resolve("cases", Node::text("all"));
        return cases.all().map(str::to_owned).collect();
    }
    let mut names = Vec::new();
    for (name, span) in fields.texts("cases") {
        if let Some(case) = cases.find(&name) {
            names.push(case.to_owned());
        } else {
            let message = format!("there is no case `{}`", super::short(&name));
            fields.report(Problem::error(message, span).help(cases.suggest(&name)));
        }
    }
    fields.resolve("cases", Node::array(names.iter().map(Node::text).collect()));
    if listed.is_empty() && node.as_array().is_some() {
        let help = "write cases = [\"base\"] or \"all\"";
        fields.wrong("cases", "the list of cases is empty", help);
    }
    names
}
