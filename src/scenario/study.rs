//! One file to one study: parse, expand, read every case, check the requirements against the cases.

use super::cases::{self, Draft};
use super::claim::Scopes;
use super::document::Document;
use super::fields::Sink;
use super::problem::{Problem, Problems, Span};
use super::read::{self, Files, Reading};
use super::resolved::Resolved;
use super::tree::{Node, Table};
use super::{Checked, Loaded, Named, Overrides, ReadFile, Source, check, parse, requirement};
use crate::experiment::study::{Case, Study};

/// Greatest number of bytes read over all cases. Each case reads the whole tree anew.
const READ_BYTES_MAX: usize = 1 << 30;

/// Loads a file. Returns also the name that the file gives its scenario.
pub(super) fn load(source: &Source, read: ReadFile<'_>, overrides: &Overrides) -> (Loaded, Named) {
    let mut problems = Problems::of(&source.name);
    let root = parse::parse(&source.bytes, &mut problems);
    let sink = Sink::of(problems);
    let (checked, named) = match root {
        Some(mut root) => {
            override_with(&mut root, overrides);
            let meta = root.get("meta").and_then(Node::as_table);
            let name = meta.and_then(|meta| meta.get("name"));
            let named = Named {
                name: name.and_then(Node::as_text).unwrap_or_default().to_owned(),
                span: name.and_then(|node| node.span),
            };
            let files = Files::new(&source.name, read);
            let checked = check_tree(&root, source.bytes.len(), &files, &sink);
            (checked.map(|checked| (checked, root)), named)
        }
        None => (None, Named::default()),
    };
    let has_errors = sink.has_errors();
    let problems = sink.problems.into_inner().into_sorted();
    let result = match checked {
        Some(((study, resolved_toml), root)) if !has_errors => Ok(Checked {
            study,
            resolved_toml,
            document: Document::new(&source.name, root),
            warnings: problems,
        }),
        _ => Err(problems),
    };
    let file = source.name.clone();
    (Loaded { file, result }, named)
}

/// Replaces settings of the file by those of the command line.
fn override_with(root: &mut Table, overrides: &Overrides) {
    if overrides.draws.is_none() && overrides.seed.is_none() {
        return;
    }
    if root.get("experiment").is_none() {
        root.set("experiment", None, Node::table(Vec::new()));
    }
    let experiment = root.get_mut("experiment");
    if let Some(experiment) = experiment.and_then(Node::as_table_mut) {
        if let Some(draws) = overrides.draws {
            experiment.set("draws", None, Node::integer(draws.into()));
        }
        if let Some(seed) = overrides.seed {
            let node =
                i64::try_from(seed).map_or_else(|_| Node::text(seed.to_string()), Node::integer);
            experiment.set("seed", None, node);
        }
    }
}

/// The study of a tree; `None` if it has no cases to compare.
fn check_tree(
    root: &Table,
    size: usize,
    files: &Files<'_>,
    sink: &Sink,
) -> Option<(Study, String)> {
    let base = read::read(root, files, sink);
    let mut resolved = Resolved::new(base.resolved);
    let mut sections = Table::default();
    let drafts = cases::expand(root, sink, &mut sections);
    if size.saturating_mul(drafts.len()) > READ_BYTES_MAX {
        let count = drafts.len();
        let message = format!("{count} cases of {size} bytes are too much to read");
        let help = "keep long lists in a CSV file, or sweep fewer values";
        sink.report(Problem::error(message, None).help(help));
        return None;
    }
    let mut cases: Vec<(Case, Option<Span>)> = Vec::new();
    let mut scopes = Scopes::default();
    scopes.add(&base.blueprint);
    let mut twins = Vec::new();
    for draft in &drafts {
        if sink.problems.borrow().is_full() {
            return None;
        }
        let reading = draft.read(root, files, sink);
        if !sink.has_errors() {
            resolved.compare(draft, &reading.resolved);
            scopes.add(&reading.blueprint);
            scopes.count(&reading.blueprint);
            twins.extend(add(&mut cases, draft, reading));
        }
    }
    for twin in twins {
        sink.report(twin);
    }
    let names: Vec<String> = drafts.iter().map(Draft::name).collect();
    let cases: Vec<Case> = cases.into_iter().map(|(case, _)| case).collect();
    let kept: Vec<String> = cases.iter().map(|case| case.name.clone()).collect();
    // With errors there are no cases. Requirements are then checked against the names alone.
    let known = if cases.is_empty() { &names } else { &kept };
    let known = requirement::Known {
        scopes: &scopes,
        cases: known,
    };
    let requirements = requirement::read(root, known, sink, &mut sections);
    let study = Study {
        cases,
        requirements,
        ..base.study
    };
    if !sink.has_errors() {
        check::refuse(&study, root, sink);
        check::warn(&study, root, sink);
    }
    Some((study, resolved.write(sections)))
}

/// Adds a case unless an earlier case of its variant is the same. Two variants that are the same
/// are a problem.
fn add(cases: &mut Vec<(Case, Option<Span>)>, draft: &Draft, reading: Reading) -> Option<Problem> {
    let is_point = !draft.settings.is_empty();
    let same = cases.iter().find(|(case, _)| {
        let is_comparable = if is_point {
            case.variant == draft.variant
        } else {
            case.settings.is_empty()
        };
        is_comparable && case.blueprint == reading.blueprint
    });
    if let Some((other, span)) = same {
        let (name, other) = (&draft.variant, &other.name);
        let message = format!("variant `{name}` is the same as `{other}`");
        let problem = Problem::error(message, draft.span);
        let help = "it changes nothing that matters; remove it or change something";
        return (!is_point).then(|| problem.label(*span, "the same").help(help));
    }
    cases.push((draft.case(reading), draft.span));
    None
}
