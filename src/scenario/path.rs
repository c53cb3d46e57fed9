//! Paths that address a tree by names: `fleet.metrics.replicas`, `cluster.prod.pool.general.node`.

use super::problem::Span;
use super::suggest::suggest;
use super::tree::{Node, Table, Value};

/// Sections that are the same in every case, with what to say of them.
const FIXED: [(&str, &str); 9] = [
    ("format", "the format is the same in every case"),
    (
        "meta",
        "the name and the question are the same in every case",
    ),
    ("variant", "a variant cannot change variants"),
    ("sweep", "a variant cannot change sweeps"),
    ("goal", "goals are the same in every case"),
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

/// Puts `node` where `path` points; tables on the way are made if they have no name.
pub(super) fn set(
    root: &mut Table,
    path: &str,
    span: Option<Span>,
    node: Node,
) -> Result<(), PathProblem> {
    let (table, key) = resolve(root, path, span)?;
    table.set(key, span, node);
    Ok(())
}

/// Takes away what `path` points at.
pub(super) fn unset(root: &mut Table, path: &str) -> Result<(), PathProblem> {
    let (table, key) = resolve(root, path, None)?;
    if table.remove(key) {
        return Ok(());
    }
    let keys: Vec<&str> = table
        .entries
        .iter()
        .map(|entry| entry.key.as_str())
        .collect();
    Err(PathProblem {
        message: format!("there is no `{path}` to unset"),
        help: suggest(key, keys),
    })
}

/// The table that a path ends in, and its last key.
fn resolve<'t, 'p>(
    root: &'t mut Table,
    path: &'p str,
    span: Option<Span>,
) -> Result<(&'t mut Table, &'p str), PathProblem> {
    refuse_fixed(path)?;
    let mut segments: Vec<&str> = path.split('.').collect();
    let key = segments.pop().unwrap_or_default();
    if key.is_empty() || segments.iter().any(|segment| segment.is_empty()) {
        return Err(PathProblem {
            message: format!("`{}` is not a path", super::short(path)),
            help: "write a path as fleet.metrics.replicas".to_owned(),
        });
    }
    let mut table = root;
    let mut segments = segments.into_iter().peekable();
    while let Some(segment) = segments.next() {
        if table.get(segment).is_none() {
            let is_section = [
                "cluster", "workload", "fleet", "endpoint", "egress", "pool", "giant",
            ];
            if is_section.contains(&segment) {
                return Err(missing(segment, segments.peek().unwrap_or(&key), &[]));
            }
            table.set(
                segment,
                span,
                Node {
                    span,
                    value: Value::Table(Table::default()),
                },
            );
        }
        let node = table
            .get_mut(segment)
            .expect("it was there or has just been made");
        widen(node, segment);
        let kind = node.kind();
        table = match &mut node.value {
            Value::Table(table) => table,
            Value::Array(nodes) => {
                let Some(name) = segments.next() else {
                    return Err(PathProblem {
                        message: format!("`{path}` names no {segment} section"),
                        help: format!("write {segment}.<name>.{key}"),
                    });
                };
                named(nodes, segment, name)?
            }
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
    Ok((table, key))
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
    let has_name = |node: &Node| node.as_table().and_then(Table::name) == Some(name);
    let Some(index) = nodes.iter().position(has_name) else {
        let names: Vec<&str> = nodes
            .iter()
            .filter_map(|node| node.as_table().and_then(Table::name))
            .collect();
        return Err(missing(kind, name, &names));
    };
    match &mut nodes[index].value {
        Value::Table(table) => Ok(table),
        _ => Err(missing(kind, name, &[])),
    }
}

fn missing(kind: &str, name: &str, names: &[&str]) -> PathProblem {
    PathProblem {
        message: format!("there is no {kind} called `{}`", super::short(name)),
        help: suggest(name, names.iter().copied()),
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
