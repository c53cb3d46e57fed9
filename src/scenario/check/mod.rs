//! What is allowed and may mislead: warnings about a study that can run.

mod autoscaling;
mod envelope;
mod evidence;
mod reach;
mod sizes;

use super::fields::Sink;
use super::problem::Span;
use super::tree::{Node, Table};
use crate::experiment::plan::Study;

/// A finding before it has a place: where to point, what to say, what to do.
pub(super) struct Finding {
    pub(super) section: &'static str,
    pub(super) name: String,
    pub(super) key: &'static str,
    pub(super) message: String,
    pub(super) help: String,
}

/// Adds the warnings of a study. Cases differ in what they trigger, so all are looked at; what
/// several trigger is said once, for the first.
pub(super) fn warn(study: &Study, root: &Table, sink: &Sink) {
    let mut said: Vec<(&'static str, String, &'static str)> = Vec::new();
    for case in &study.cases {
        let mut findings = reach::findings(&case.blueprint);
        findings.extend(envelope::findings(&case.blueprint));
        findings.extend(sizes::findings(&case.blueprint));
        findings.extend(autoscaling::findings(&case.blueprint));
        for finding in findings {
            let subject = (finding.section, finding.name.clone(), finding.key);
            if said.contains(&subject) {
                continue;
            }
            said.push(subject);
            let mut problems = sink.problems.borrow_mut();
            let message = if case.settings.is_empty() && case.variant == super::cases::BASE {
                finding.message
            } else {
                format!(
                    "in case `{}`: {}",
                    super::short(&case.name),
                    finding.message
                )
            };
            let span = place(root, finding.section, &finding.name, finding.key);
            let problem = problems.warning(message, span).help(finding.help);
            problems.push(problem);
        }
    }
    evidence::warn(study, root, sink);
}

/// Where a key of a named section stands, or its header.
pub(super) fn place(root: &Table, section: &str, name: &str, key: &str) -> Option<Span> {
    let nodes = root
        .get(section)
        .and_then(Node::as_array)
        .unwrap_or_default();
    let has_name = |node: &&Node| node.as_table().and_then(Table::name) == Some(name);
    let node = nodes.iter().find(has_name)?;
    let inner = node.as_table().and_then(|table| table.get(key));
    inner.and_then(|node| node.span).or(node.span)
}
