//! Paths that address a tree by names: `fleet.metrics.replicas`, `cluster.prod.pool.general.node`.

use super::problem::Span;
use super::suggest::suggest;
use super::tree::{Node, Table, Value};

/// Sections that are the same in every case, with what to say of them.
const FIXED: [(&str, &str); 10] = [
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
        "experiment.replications",
        "replications are the same in every case",
    ),
    (
        "experiment.start_date",
        "the date is the same in every case",
    ),
];

/// What is wrong with a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PathProblem {
    pub(super) message: String,
    pub(super) help: String,
}

/// What a path ends in.
enum Place<'t, 'p> {
    /// A key of a table.
    Key(&'t mut Table, &'p str),
    /// A named section of a list: the list, the section's kind and its name.
    Section(&'t mut Vec<Node>, &'p str, &'p str),
}

/// Sections that are addressed by their names.
const SECTIONS: [&str; 7] = [
    "cluster", "workload", "fleet", "endpoint", "egress", "pool", "giant",
];

/// Puts `node` where `path` points. Missing tables along the path are made if they have no name. A
/// table put at the name of a section is that section.
pub(super) fn set(
    root: &mut Table,
    path: &str,
    span: Option<Span>,
    mut node: Node,
) -> Result<(), PathProblem> {
    match resolve(root, path, span)? {
        Place::Key(table, key) => table.set(key, span, node),
        Place::Section(nodes, kind, name) => {
            let Value::Table(table) = &mut node.value else {
                return Err(not_a_section(path, kind));
            };
            table.set(
                "name",
                span,
                Node {
                    span,
                    value: Value::Text(name.to_owned()),
                },
            );
            match position(nodes, name) {
                Some(index) => nodes[index] = node,
                None => nodes.push(node),
            }
        }
    }
    Ok(())
}

/// Takes away what `path` points at: a key, or a whole section by its name.
pub(super) fn unset(root: &mut Table, path: &str) -> Result<(), PathProblem> {
    match resolve(root, path, None)? {
        Place::Key(table, key) => {
            if table.remove(key) {
                return Ok(());
            }
            let keys: Vec<&str> = table
                .entries
                .iter()
                .map(|entry| entry.key.as_str())
                .collect();
            Err(PathProblem {
                message: format!("there is no `{}` to unset", super::short(path)),
                help: suggest(key, keys),
            })
        }
        Place::Section(nodes, kind, name) => {
            let index = position(nodes, name).ok_or_else(|| missing(kind, name, nodes))?;
            nodes.remove(index);
            Ok(())
        }
    }
}

/// What `path` ends in.
fn resolve<'t, 'p>(
    root: &'t mut Table,
    path: &'p str,
    span: Option<Span>,
) -> Result<Place<'t, 'p>, PathProblem> {
    refuse_fixed(path)?;
    let mut segments: Vec<&'p str> = path.split('.').collect();
    let key = segments.pop().unwrap_or_default();
    if key.is_empty() || segments.iter().any(|segment| segment.is_empty()) {
        return Err(PathProblem {
            message: format!("`{}` is not a path", super::short(path)),
            help: "write a path as fleet.metrics.replicas".to_owned(),
        });
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
                return Err(PathProblem {
                    message: format!("`{segment}` in `{path}` is {kind}, not a table"),
                    help: "a path goes through tables only".to_owned(),
                });
            }
        };
    }
    if key == "name" {
        return Err(PathProblem {
            message: "names are the same in every case".to_owned(),
            help: "paths and references use them; add a second section instead".to_owned(),
        });
    }
    if SECTIONS.contains(&key) {
        return Err(not_a_section(path, key));
    }
    Ok(Place::Key(table, key))
}

/// A path to all sections of a kind, or a value that cannot be a section.
fn not_a_section(path: &str, kind: &str) -> PathProblem {
    PathProblem {
        message: format!("`{}` is not one {kind} section", super::short(path)),
        help: format!("name a key, {kind}.<name>.<key>, or a section with a table as its value"),
    }
}

/// Where the section called `name` is in its list.
fn position(nodes: &[Node], name: &str) -> Option<usize> {
    let has_name = |node: &Node| node.as_table().and_then(Table::name) == Some(name);
    nodes.iter().position(has_name)
}

/// A lone number of pods or nodes becomes the table it stands for.
fn widen(node: &mut Node, segment: &str) {
    let is_trend = segment == "pods" || segment == "nodes";
    let is_lone = match &node.value {
        Value::Array(_) => false,
        Value::Table(table) => {
            table.get("start").is_none()
                && ["p5", "p50", "min", "mean", "value"]
                    .iter()
                    .any(|key| table.get(key).is_some())
        }
        _ => true,
    };
    if is_trend && is_lone {
        let mut table = Table::default();
        table.set("start", None, node.clone());
        node.value = Value::Table(table);
    }
}

/// The element called `name` of a list of sections.
fn named<'t>(nodes: &'t mut [Node], kind: &str, name: &str) -> Result<&'t mut Table, PathProblem> {
    let index = position(nodes, name).ok_or_else(|| missing(kind, name, nodes))?;
    match &mut nodes[index].value {
        Value::Table(table) => Ok(table),
        _ => Err(missing(kind, name, &[])),
    }
}

fn missing(kind: &str, name: &str, nodes: &[Node]) -> PathProblem {
    let names = nodes
        .iter()
        .filter_map(|node| node.as_table().and_then(Table::name));
    PathProblem {
        message: format!("there is no {kind} called `{}`", super::short(name)),
        help: suggest(name, names),
    }
}

fn refuse_fixed(path: &str) -> Result<(), PathProblem> {
    let is_below = |section: &str| {
        path.strip_prefix(section)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    match FIXED.iter().find(|(section, _)| is_below(section)) {
        None => Ok(()),
        Some((_, why)) => Err(PathProblem {
            message: format!("`{}` cannot change between cases", super::short(path)),
            help: (*why).to_owned(),
        }),
    }
}
