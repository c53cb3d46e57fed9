//! Paths that address a tree by names: `fleet.metrics.replicas`, `cluster.prod.pool.general.node`.

use super::problem::{Problem, Span};
use super::quantity::is_constant;
use super::suggest::suggest;
use super::tree::{Node, Table, Value};

/// Sections that are the same in every case, each with the reason.
const FIXED: [(&str, &str); 11] = [
    ("format", "the format is the same in every case"),
    (
        "meta",
        "the name and the question are the same in every case",
    ),
    ("variant", "a variant cannot change variants"),
    ("sweep", "a variant cannot change sweeps"),
    ("goal", "goals are the same in every case"),
    ("expect", "expectations are the same in every case"),
    (
        "experiment.seed",
        "all cases see the same luck, so the seed is one",
    ),
    (
        "experiment.draws",
        "cases are compared draw by draw, so their number is one",
    ),
    (
        "experiment.draws_max",
        "cases are compared draw by draw, so their number is one",
    ),
    (
        "experiment.replications",
        "replications are the same in every case",
    ),
    (
        "experiment.start_date",
        "the date is the same in every case",
    ),
];

/// The place that a path ends in.
enum Place<'t, 'p> {
    /// A key of a table.
    Key(&'t mut Table, &'p str),
    /// A named section of a list: the list, the kind of the section, and its name.
    Section(&'t mut Vec<Node>, &'p str, &'p str),
}

/// Sections that are addressed by their names.
const SECTIONS: [&str; 7] = [
    "cluster", "workload", "fleet", "endpoint", "egress", "pool", "giant",
];

/// Sections that only the file itself can state.
const OF_THE_FILE: [&str; 5] = ["format", "variant", "sweep", "goal", "expect"];

/// Puts `node` where `path` points in the base, which is more than a case may change.
pub(super) fn set_base(
    root: &mut Table,
    path: &str,
    span: Option<Span>,
    node: Node,
) -> Result<(), Problem> {
    let section = path.split('.').next().unwrap_or_default();
    if OF_THE_FILE.contains(&section) {
        let message = format!("`{}` cannot be set from outside", super::short(path));
        let help = "change it in the file; --set takes what a variant may set, meta and experiment";
        return Err(Problem::error(message, None).help(help));
    }
    put(root, path, span, node)
}

/// Puts `node` where `path` points in a case. Missing tables along the path are made if they need no name. A
/// table put at the name of a section is that section.
pub(super) fn set(
    root: &mut Table,
    path: &str,
    span: Option<Span>,
    node: Node,
) -> Result<(), Problem> {
    refuse_fixed(path)?;
    put(root, path, span, node)
}

fn put(root: &mut Table, path: &str, span: Option<Span>, mut node: Node) -> Result<(), Problem> {
    match resolve(root, path, span)? {
        Place::Key(table, key) => table.set(key, span, node),
        Place::Section(nodes, kind, name) => {
            let Some(table) = node.as_table_mut() else {
                return Err(not_a_section(path, kind));
            };
            let value = Value::Text(name.to_owned());
            table.set("name", span, Node { span, value });
            match position(nodes, name) {
                Some(index) => nodes[index] = node,
                None => nodes.push(node),
            }
        }
    }
    Ok(())
}

/// Removes what `path` points at: a key, or a whole section by its name.
pub(super) fn unset(root: &mut Table, path: &str) -> Result<(), Problem> {
    refuse_fixed(path)?;
    match resolve(root, path, None)? {
        Place::Key(table, key) => {
            if table.remove(key) {
                return Ok(());
            }
            let keys = table.entries.iter().map(|entry| entry.key.as_str());
            let message = format!("there is no `{}` to unset", super::short(path));
            Err(Problem::error(message, None).help(suggest(key, keys)))
        }
        Place::Section(nodes, kind, name) => {
            let index = position(nodes, name).ok_or_else(|| missing(kind, name, nodes))?;
            nodes.remove(index);
            Ok(())
        }
    }
}

/// What `path` points at: a key, or a whole section by its name.
pub(super) fn get<'t>(root: &'t Table, path: &str) -> Option<&'t Node> {
    let mut segments = path.split('.');
    let mut node = root.get(segments.next()?)?;
    for segment in segments {
        node = match &node.value {
            Value::Table(table) => table.get(segment)?,
            Value::Array(nodes) => &nodes[position(nodes, segment)?],
            _ => return None,
        };
    }
    Some(node)
}

/// The path of a key in the table at `path`, which is empty for the root.
pub(super) fn below(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// The place that `path` ends in.
fn resolve<'t, 'p>(
    root: &'t mut Table,
    path: &'p str,
    span: Option<Span>,
) -> Result<Place<'t, 'p>, Problem> {
    let mut segments: Vec<&'p str> = path.split('.').collect();
    let key = segments.pop().unwrap_or_default();
    if key.is_empty() || segments.iter().any(|segment| segment.is_empty()) {
        let message = format!("`{}` is not a path", super::short(path));
        let help = "write a path as fleet.metrics.replicas";
        return Err(Problem::error(message, None).help(help));
    }
    let mut table = root;
    let mut segments = segments.into_iter();
    while let Some(segment) = segments.next() {
        if table.get(segment).is_none() {
            let value = if SECTIONS.contains(&segment) {
                Value::Array(Vec::new())
            } else {
                Value::Table(Table::default())
            };
            table.set(segment, span, Node { span, value });
        }
        let node = table
            .get_mut(segment)
            .expect("it was there or has just been made");
        widen(node, segment);
        let kind = node.kind();
        table = match &mut node.value {
            Value::Table(table) => table,
            Value::Array(nodes) if SECTIONS.contains(&segment) => match segments.next() {
                Some(name) => named(nodes, segment, name)?,
                None => return Ok(Place::Section(nodes, segment, key)),
            },
            _ => {
                let message = format!("`{segment}` in `{path}` is {kind}, not a table");
                let help = "a path goes through tables only";
                return Err(Problem::error(message, None).help(help));
            }
        };
    }
    if key == "name" && path != "meta.name" {
        let help = "paths and references use them; add a second section instead";
        return Err(Problem::error("names are the same in every case", None).help(help));
    }
    if SECTIONS.contains(&key) {
        return Err(not_a_section(path, key));
    }
    Ok(Place::Key(table, key))
}

/// The problem of a path to all sections of a kind, or of a value that cannot be a section.
fn not_a_section(path: &str, kind: &str) -> Problem {
    let message = format!("`{}` is not one {kind} section", super::short(path));
    let help = format!("name a key, {kind}.<name>.<key>, or a section with a table as its value");
    Problem::error(message, None).help(help)
}

/// Position of the section called `name` in its list.
fn position(nodes: &[Node], name: &str) -> Option<usize> {
    nodes.iter().position(|node| node.name() == Some(name))
}

/// Turns a single number of pods or nodes into the table that it stands for.
fn widen(node: &mut Node, segment: &str) {
    let is_trend = segment == "pods" || segment == "nodes";
    let is_list = node.as_array().is_some();
    if is_trend && !is_list && is_constant(node) {
        node.value = Node::table(vec![("start", node.clone())]).value;
    }
}

/// The section called `name` in a list of sections.
fn named<'t>(nodes: &'t mut [Node], kind: &str, name: &str) -> Result<&'t mut Table, Problem> {
    let index = position(nodes, name).ok_or_else(|| missing(kind, name, nodes))?;
    let table = nodes[index].as_table_mut();
    Ok(table.expect("only a table has a name"))
}

fn missing(kind: &str, name: &str, nodes: &[Node]) -> Problem {
    let names = nodes.iter().filter_map(Node::name);
    let message = format!("there is no {kind} called `{}`", super::short(name));
    Problem::error(message, None).help(suggest(name, names))
}

fn refuse_fixed(path: &str) -> Result<(), Problem> {
    let is_below = |section: &str| {
        path.strip_prefix(section)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    match FIXED.iter().find(|(section, _)| is_below(section)) {
        None => Ok(()),
        Some((_, why)) => {
            let message = format!("`{}` cannot change between cases", super::short(path));
            Err(Problem::error(message, None).help(*why))
        }
    }
}
