//! One file to one study: parse, expand, read every case, check the requirements against the cases.

use super::cases::{self, Draft};
use super::claim::Scopes;
use super::document::{Document, Expanded};
use super::fields::{Sink, Slip};
use super::names::{self, Names};
use super::options::Options;
use super::problem::{Problem, Problems, Span};
use super::read::experiment::UNTIL_SETTLED;
use super::read::{self, Files, Reading};
use super::resolved::Resolved;
use super::tree::{Entry, Node, Table, Value};
use super::{
    Checked, DrawsAsked, Loaded, Named, Overrides, ReadFile, Source, check, choice, parse,
    requirement,
};
use crate::experiment::study::{Case, Study};

/// Greatest number of bytes read over all cases. Each case reads the whole tree anew.
const READ_BYTES_MAX: usize = 1 << 30;

/// Most misspelt keys that are read anew as they are meant.
const SLIPS_MAX: usize = 50;

/// Loads a file. Returns also the name that the file gives its scenario.
pub(super) fn load(source: &Source, read: ReadFile<'_>, overrides: &Overrides) -> (Loaded, Named) {
    let options = Options::behind(source.bytes.len(), &overrides.settings);
    let mut problems = Problems::of(&source.name).with_options(options.clone());
    let mut root = parse::parse(&source.bytes, &mut problems);
    if let Some(root) = &mut root {
        options.apply(root, &mut problems);
        override_with(root, overrides);
    }
    let mut sink = Sink::of(problems.clone());
    let (checked, named) = match root {
        Some(mut root) => {
            let meta = root.get("meta").and_then(Node::as_table);
            let name = meta.and_then(|meta| meta.get("name"));
            let is_in_file = |span: &Span| span.end <= source.bytes.len();
            let named = Named {
                name: name.and_then(Node::as_text).unwrap_or_default().to_owned(),
                span: name.and_then(|node| node.span).filter(is_in_file),
            };
            let files = Files::new(&source.name, read);
            let size = source.bytes.len();
            let mut checked = check_tree(&root, size, overrides, &files, &sink);
            // A misspelt key is one mistake. What else is wrong is what is wrong with the key that
            // is meant.
            let mut slips = Vec::new();
            while slips.len() < SLIPS_MAX && !sink.slips.borrow().is_empty() {
                for slip in sink.slips.take() {
                    respell(&mut root, &slip);
                    slips.push(slip.problem);
                }
                sink = Sink::of(problems.clone());
                checked = check_tree(&root, size, overrides, &files, &sink);
            }
            if !slips.is_empty() {
                sink.problems.borrow_mut().forget_warnings();
            }
            for problem in slips {
                sink.report(problem);
            }
            (checked.map(|checked| (checked, root)), named)
        }
        None => (None, Named::default()),
    };
    let has_errors = sink.has_errors();
    let problems = sink.problems.into_inner().into_sorted();
    let result = match checked {
        Some(((study, resolved_toml, expanded), root)) if !has_errors => Ok(Checked {
            study,
            resolved_toml,
            document: Document::new(&source.name, root, options, expanded),
            warnings: problems,
        }),
        _ => Err(problems),
    };
    let file = source.name.clone();
    (Loaded { file, result }, named)
}

/// Gives a misspelt key its name, or removes it where the file also has the key that is meant.
fn respell(table: &mut Table, slip: &Slip) {
    let is_it = |entry: &Entry| entry.key == slip.key && entry.key_span == Some(slip.span);
    if let Some(index) = table.entries.iter().position(is_it) {
        if table.get(&slip.meant).is_some() {
            table.entries.remove(index);
        } else {
            table.entries[index].key.clone_from(&slip.meant);
        }
        return;
    }
    for entry in &mut table.entries {
        match &mut entry.node.value {
            Value::Table(table) => respell(table, slip),
            Value::Array(nodes) => {
                let tables = nodes.iter_mut().filter_map(Node::as_table_mut);
                tables.for_each(|table| respell(table, slip));
            }
            _ => {}
        }
    }
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
            let node = match draws {
                DrawsAsked::Number(draws) => {
                    experiment.remove("draws_max");
                    Node::integer(draws.into())
                }
                DrawsAsked::UntilSettled => Node::text(UNTIL_SETTLED),
            };
            experiment.set("draws", None, node);
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
    overrides: &Overrides,
    files: &Files<'_>,
    sink: &Sink,
) -> Option<(Study, String, Expanded)> {
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
    let mut scopes = Scopes::new(sink);
    scopes.add(&base.blueprint);
    let (mut names, paths) = (Names::of(&drafts), names::paths(&drafts));
    let mut twins = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        if sink.problems.borrow().is_full() {
            return None;
        }
        let reading = read::read(&draft.tree(root, sink), files, sink);
        if !sink.has_errors() {
            resolved.compare(draft, &reading.resolved);
            scopes.add(&reading.blueprint);
            scopes.count(&reading.blueprint);
            match twin(&cases, draft, &reading) {
                None => {
                    let case = draft.case(reading, names.of_draft(index), &paths);
                    cases.push((case, draft.span));
                }
                Some((case, span)) if draft.settings.is_empty() => {
                    twins.push(same(draft, case, *span));
                }
                Some((case, _)) => names.join(index, &case.name),
            }
        }
    }
    for twin in twins {
        sink.report(twin);
    }
    let cases: Vec<Case> = cases.into_iter().map(|(case, _)| case).collect();
    let known = requirement::Known {
        scopes: &scopes,
        cases: &names,
    };
    let requirements = requirement::read(root, known, sink, &mut sections);
    let mut study = Study {
        cases,
        paths: paths.clone(),
        requirements,
        ..base.study
    };
    choice::choose(&mut study, &overrides.cases, &names, root, sink);
    check::bound(&mut study, root, sink);
    if !sink.has_errors() {
        check::refuse(&study, root, sink);
        check::warn(&study, root, sink);
    }
    let first = study.cases.first();
    let is_first = |index: &usize| first.is_some_and(|case| case.name == names.of_draft(*index));
    let start = (0..drafts.len()).find(is_first).unwrap_or(0);
    let start = drafts[start].clone();
    Some((study, resolved.write(sections), Expanded { start, paths }))
}

/// The earlier case that a draft repeats: a point is compared with the points of its variant, and a
/// variant with all variants.
fn twin<'a>(
    cases: &'a [(Case, Option<Span>)],
    draft: &Draft,
    reading: &Reading,
) -> Option<&'a (Case, Option<Span>)> {
    let is_point = !draft.settings.is_empty();
    cases.iter().find(|(case, _)| {
        let is_comparable = if is_point {
            case.variant == draft.variant
        } else {
            case.settings.is_empty()
        };
        is_comparable && case.blueprint == reading.blueprint
    })
}

/// The problem of a variant that repeats a case.
fn same(draft: &Draft, case: &Case, span: Option<Span>) -> Problem {
    let (name, other) = (&draft.variant, &case.name);
    let message = format!("variant `{name}` is the same as `{other}`");
    let help = "it changes nothing that matters; remove it or change something";
    Problem::error(message, draft.span)
        .label(span, "the same")
        .help(help)
}
