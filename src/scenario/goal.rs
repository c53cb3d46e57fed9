//! `[[goal]]`: what the reviewer wants to hold.

use super::cases::BASE;
use super::claim::{self, Scopes};
use super::fields::{Fields, Sink};
use super::problem::Span;
use super::suggest::suggest;
use super::tree::{Node, Table};
use crate::experiment::goal::{Expect, Goal};

/// Greatest number of goals.
const GOALS_MAX: usize = 200;

/// The goals of a scenario, about `scopes`; `cases` are the names of the cases that exist.
pub(super) fn read(
    root: &Table,
    scopes: &Scopes,
    cases: &[String],
    sink: &Sink,
    resolved: &mut Table,
) -> Vec<Goal> {
    let mut only = Table::default();
    if let Some(entry) = root.entry("goal") {
        only.entries.push(entry.clone());
    }
    let mut fields = Fields::new(sink, &only, None, "");
    let goals = fields.tables("goal", |table| goal(table, scopes, cases));
    if goals.len() > GOALS_MAX {
        let message = format!("{} goals are more than {GOALS_MAX}", goals.len());
        fields.wrong("goal", message, "");
    }
    for entry in fields.finish().entries {
        resolved.set(&entry.key, None, entry.node);
    }
    goals.into_iter().flatten().collect()
}

fn goal(fields: &mut Fields<'_>, scopes: &Scopes, cases: &[String]) -> Option<Goal> {
    let name = fields.text("name", None);
    let text = fields.text("require", None);
    let cases = gating(fields, cases);
    let expect = expect(fields);
    if !fields.has("require") || text.is_empty() {
        return None;
    }
    match claim::parse(&text, scopes) {
        Ok(claim) => Some(Goal {
            name,
            text,
            statistic: claim.statistic,
            subject: claim.subject,
            comparison: claim.comparison,
            limit: claim.limit,
            cases,
            expect,
        }),
        Err(refusal) => {
            let span = within(fields.span_of("require"), &text, refusal.start, refusal.end);
            fields.report(fields.problem(refusal.message, span).help(refusal.help));
            None
        }
    }
}

/// The place of a part of a text: one quote after the start, if nothing in it is escaped.
fn within(span: Option<Span>, text: &str, start: usize, end: usize) -> Option<Span> {
    let span = span?;
    if span.end - span.start != text.len() + 2 {
        return Some(span);
    }
    Some(Span {
        start: span.start + 1 + start,
        end: span.start + 1 + end.max(start + 1).min(text.len().max(start)),
    })
}

/// Names of the cases that decide: `base`, `all`, or those listed.
fn gating(fields: &mut Fields<'_>, cases: &[String]) -> Vec<String> {
    let is_all = |node: &Node| node.as_text() == Some("all");
    let Some(node) = fields.take("cases") else {
        fields.resolve("cases", Node::array(vec![Node::text(BASE)]));
        return vec![BASE.to_owned()];
    };
    let listed = node.as_array().unwrap_or_default();
    if is_all(node) || (listed.len() == 1 && is_all(&listed[0])) {
        fields.resolve("cases", Node::text("all"));
        return cases.to_vec();
    }
    let mut names = Vec::new();
    for (name, span) in fields.texts("cases") {
        if cases.contains(&name) {
            names.push(name);
        } else {
            let known = cases.iter().map(String::as_str).chain(["all"]);
            let problem =
                fields.problem(format!("there is no case `{}`", super::short(&name)), span);
            fields.report(problem.help(suggest(&name, known)));
        }
    }
    if listed.is_empty() && node.as_array().is_some() {
        fields.wrong(
            "cases",
            "the goal decides on no case",
            "write cases = [\"base\"] or \"all\"",
        );
    }
    names
}

fn expect(fields: &mut Fields<'_>) -> Expect {
    let words = [("holds", false), ("fails", true)];
    let fails = fields.choice("expect", &words, Some("holds"));
    if fails != Some(true) {
        let why = "only a goal that is expected to fail has a reason";
        fields.forbid("reason", why, "remove it, or write expect = \"fails\"");
        return Expect::Holds;
    }
    let reason = fields.text("reason", None);
    if fields.has("reason") && reason.trim().is_empty() {
        fields.wrong(
            "reason",
            "the reason is empty",
            "say why the model misses it",
        );
    }
    Expect::Fails { reason }
}
