//! Variants and sweeps: from one tree to the trees of all cases.

use super::fields::{Fields, Sink};
use super::path;
use super::problem::{Problem, Span};
use super::quantity::is_quantity;
use super::read::Reading;
use super::suggest::suggest;
use super::tree::{Entry, Node, Table, Value};
use super::write::inline;
use crate::experiment::study::Case;

/// Greatest number of cases.
pub(super) const CASES_MAX: usize = 1_000;

/// Help for too many cases.
const SWEEP_LESS: &str = "sweep fewer values, or split the scenario";

/// The name of the case without a variant and without settings.
pub(super) const BASE: &str = "base";

/// One case before it is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// Name of the variant; `base` for none.
    pub(super) variant: String,
    /// Settings of the sweep: path and value as written.
    pub(super) settings: Vec<(String, String)>,
    /// Changes of the base, in order.
    pub(super) changes: Vec<Change>,
    /// Place of the variant's name, or of the sweep.
    pub(super) span: Option<Span>,
}

/// A path that a case sets or unsets.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) path: String,
    /// Place of the path.
    pub(super) span: Option<Span>,
    /// The new value; `None` = unset.
    pub(super) value: Option<Node>,
}

impl Change {
    /// Changes `tree`, unless the path leads nowhere.
    pub(super) fn apply(&self, tree: &mut Table) -> Result<(), Problem> {
        match &self.value {
            Some(node) => path::set(tree, &self.path, self.span, node.clone()),
            None => path::unset(tree, &self.path),
        }
    }
}

impl Draft {
    /// The base, without changes.
    pub(super) fn base() -> Self {
        Self {
            variant: BASE.to_owned(),
            ..Self::default()
        }
    }

    /// This draft with one more path set, as a point of a sweep.
    pub(super) fn with(&self, path: &str, span: Option<Span>, value: &Node) -> Self {
        let mut draft = self.clone();
        draft.changes.push(Change {
            path: path.to_owned(),
            span,
            value: Some(value.clone()),
        });
        draft.settings.push((path.to_owned(), inline(value)));
        draft.span = value.span.or(span);
        draft
    }

    /// The case that was read, under its name, with its values at these paths.
    pub(super) fn case(&self, reading: Reading, name: &str, paths: &[String]) -> Case {
        let value = |path: &String| path::get(&reading.resolved, path).map(in_short);
        Case {
            name: name.to_owned(),
            variant: self.variant.clone(),
            settings: self.settings.clone(),
            values: paths.iter().map(value).collect(),
            blueprint: reading.blueprint,
            inputs: reading.inputs,
        }
    }

    /// The tree of this case. Paths that lead nowhere are problems.
    pub(super) fn tree(&self, root: &Table, sink: &Sink) -> Table {
        let mut tree = root.clone();
        for change in &self.changes {
            if let Err(problem) = change.apply(&mut tree) {
                sink.report_stranger(problem.label(change.span, ""));
            }
        }
        tree
    }
}

/// A value as a table of cases shows it: a text without quotes, of a section that it is there, of a
/// trend its start and its growth.
fn in_short(node: &Node) -> String {
    let node = node.plain();
    let Some(table) = node.as_table().filter(|table| !is_quantity(table)) else {
        return node.as_text().map_or_else(|| inline(node), str::to_owned);
    };
    if table.name().is_some() {
        return "yes".to_owned();
    }
    let Some(start) = table.get("start") else {
        return inline(node);
    };
    let grows = |entry: &&Entry| entry.key.starts_with("growth") && in_short(&entry.node) != "0%";
    let growth = table.entries.iter().filter(grows);
    let growth = growth.map(|entry| format!(", {} {}", entry.key, in_short(&entry.node)));
    growth.fold(in_short(start), |text, part| text + &part)
}

/// All cases, base first. `resolved` gets the sections as written.
pub(super) fn expand(root: &Table, sink: &Sink, resolved: &mut Table) -> Vec<Draft> {
    let base = Draft::base();
    let entries = ["variant", "sweep"].map(|key| root.entry(key).cloned());
    let only = Table {
        entries: entries.into_iter().flatten().map(sweep_list).collect(),
    };
    let mut fields = Fields::new(sink, &only, None, "");
    fields.describe();
    let mut drafts = vec![base.clone()];
    drafts.extend(fields.tables("variant", |table| variant(table, &base)));
    let variants = drafts.clone();
    let points = fields.tables("sweep", |table| sweep(table, &variants));
    drafts.extend(points.into_iter().flatten());
    if drafts.len() > CASES_MAX {
        let message = format!("{} cases are more than {CASES_MAX}", drafts.len());
        fields.wrong("sweep", message, SWEEP_LESS);
        drafts.truncate(variants.len());
    }
    resolved.extend(fields.finish());
    drafts
}

/// A table `[sweep]` is a list of one sweep.
fn sweep_list(entry: Entry) -> Entry {
    if entry.key == "sweep" && entry.node.as_table().is_some() {
        let span = entry.node.span;
        let value = Value::Array(vec![entry.node]);
        let node = Node { span, value };
        return Entry { node, ..entry };
    }
    entry
}

/// A variant: the base with some paths set and some unset.
fn variant(fields: &mut Fields<'_>, base: &Draft) -> Draft {
    let is_plain = |letter: char| letter != ',' && letter != '=' && !letter.is_control();
    let is_fine = |name: &str| {
        let is_short = (1..=80).contains(&name.chars().count());
        is_short && name.trim() == name && name.chars().all(is_plain)
    };
    let help = "use up to 80 characters, without comma and =";
    let name = fields.name(is_fine, "name a case", help);
    if name == BASE || name == "all" {
        let help = "the scenario without variants is called base, and all means every case";
        fields.wrong("name", format!("a variant cannot be called `{name}`"), help);
    }
    let mut draft = Draft {
        variant: name,
        span: fields.span_of("name"),
        ..base.clone()
    };
    for (path, span) in fields.texts("unset") {
        let value = None;
        draft.changes.push(Change { path, span, value });
    }
    if let Some(node) = fields.take("set") {
        fields.resolve("set", node.clone());
        match node.as_table() {
            Some(table) => set_all(fields, table, &mut draft),
            None => fields.wrong("set", "`set` must be a table of paths and values", ""),
        }
    }
    if !fields.has("set") && !fields.has("unset") {
        let message = format!("variant `{}` changes nothing", super::short(&draft.variant));
        fields.wrong("name", message, "give it set or unset");
    }
    draft
}

fn set_all(fields: &Fields<'_>, table: &Table, draft: &mut Draft) {
    for entry in &table.entries {
        let (path, span) = (entry.key.clone(), entry.key_span);
        if !path.contains('.') && entry.node.as_table().is_some() {
            let message = format!("`{path}` is not a path to a value");
            let help = "quote the whole path: set = { \"fleet.metrics.replicas\" = 3 }";
            fields.report(Problem::error(message, span).help(help));
            continue;
        }
        let value = Some(entry.node.clone());
        draft.changes.push(Change { path, span, value });
    }
}

/// A path with its values.
struct Axis {
    path: String,
    span: Option<Span>,
    values: Vec<Node>,
}

/// A sweep: the product of its values, for each of its variants.
fn sweep(fields: &mut Fields<'_>, variants: &[Draft]) -> Vec<Draft> {
    let mut chosen = Vec::new();
    let names = if fields.has("variants") {
        fields.texts("variants")
    } else {
        fields.take("variants");
        fields.resolve("variants", Node::array(vec![Node::text(BASE)]));
        vec![(BASE.to_owned(), None)]
    };
    for (name, span) in names {
        if let Some(draft) = variants.iter().find(|draft| draft.variant == name) {
            chosen.push(draft);
        } else {
            let help = suggest(&name, variants.iter().map(|draft| draft.variant.as_str()));
            let message = format!("there is no variant `{name}`");
            fields.report(Problem::error(message, span).help(help));
        }
    }
    let axes = axes(fields);
    let count = axes.iter().fold(chosen.len(), |count, axis| {
        count.saturating_mul(axis.values.len())
    });
    if count > CASES_MAX {
        let message = format!("the sweep makes {count} cases, more than {CASES_MAX}");
        fields.report(Problem::error(message, fields.span()).help(SWEEP_LESS));
        return Vec::new();
    }
    if axes.is_empty() {
        return Vec::new();
    }
    let mut drafts: Vec<Draft> = chosen.into_iter().cloned().collect();
    for axis in &axes {
        let points = |draft: &Draft| {
            let values = axis.values.iter();
            let points = values.map(|value| draft.with(&axis.path, axis.span, value));
            points.collect::<Vec<_>>()
        };
        drafts = drafts.iter().flat_map(points).collect();
    }
    drafts
}

/// The axes of a sweep: all keys except `variants`. Dotted keys without quotes are paths too.
fn axes(fields: &mut Fields<'_>) -> Vec<Axis> {
    let mut axes = Vec::new();
    for entry in fields.rest() {
        fields.resolve(&entry.key, entry.node.clone());
        flatten(&entry.key, entry.key_span, &entry.node, &mut axes);
    }
    if axes.is_empty() {
        let problem = Problem::error("the sweep has no values", fields.span());
        fields.report(problem.help("write \"fleet.metrics.replicas\" = [3, 4, 6]"));
    }
    for axis in &axes {
        if axis.values.is_empty() {
            let problem = Problem::error(format!("`{}` has no values", axis.path), axis.span);
            fields.report(problem.help("a sweep needs a list: [3, 4, 6]"));
        }
    }
    axes
}

fn flatten(path: &str, span: Option<Span>, node: &Node, axes: &mut Vec<Axis>) {
    if let Some(table) = node.as_table() {
        for entry in &table.entries {
            let path = format!("{path}.{}", entry.key);
            flatten(&path, entry.key_span, &entry.node, axes);
        }
        return;
    }
    axes.push(Axis {
        path: path.to_owned(),
        span,
        values: node.as_array().unwrap_or_default().to_vec(),
    });
}
