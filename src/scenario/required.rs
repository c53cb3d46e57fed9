//! The keys that a table must have: those whose lack the reader calls a mistake.

use std::collections::BTreeMap;

use super::fields::{Shapes, Sink};
use super::path;
use super::preset::{BUILT_IN, BuiltIn};
use super::tree::{Entry, Node, Table, Value};

/// The keys that every table of a kind must have, by kind.
pub(super) type Required = BTreeMap<String, Vec<String>>;

/// A step from a table to a node below it.
#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Index(usize),
}

/// Where the tables of a kind stand.
type Places = BTreeMap<String, Vec<Vec<Step>>>;

/// The keys that the tables of `root` must have. `read` reads a scenario. A key is required if the reader
/// misses it in each table of its kind, under every preset.
pub(super) fn of(root: &Table, shapes: &Shapes, read: &dyn Fn(&Table, &Sink)) -> Required {
    let mut places = Places::new();
    collect(root, "", &mut Vec::new(), shapes, &mut places);
    let under = |preset: &BuiltIn| {
        let mut root = root.clone();
        root.set("preset", None, Node::text(preset.name));
        root
    };
    let roots: Vec<Table> = BUILT_IN.iter().map(under).collect();
    let keys_of = |(kind, tables): (&String, &Vec<Vec<Step>>)| {
        // An empty table tells at once which keys may be required.
        let emptied = tables.first().and_then(|place| without(root, place, None));
        let mut keys = emptied.map_or_else(Vec::new, |root| missed(&root, read));
        let own = shapes.get(kind);
        keys.retain(|key| own.is_some_and(|own| own.contains_key(key)));
        keys.retain(|key| {
            let mut all = roots
                .iter()
                .flat_map(|root| tables.iter().map(move |place| (root, place)));
            all.all(|(root, place)| {
                let scenario = without(root, place, Some(key));
                scenario.is_some_and(|scenario| missed(&scenario, read).contains(key))
            })
        });
        (kind.clone(), keys)
    };
    places.iter().map(keys_of).collect()
}

/// The tables whose keys are described, with their kinds.
fn collect(table: &Table, kind: &str, at: &mut Vec<Step>, shapes: &Shapes, into: &mut Places) {
    into.entry(kind.to_owned()).or_default().push(at.clone());
    for Entry { key, node, .. } in &table.entries {
        let below = path::below(kind, key);
        if !shapes.contains_key(&below) {
            continue;
        }
        at.push(Step::Key(key.clone()));
        match &node.value {
            Value::Table(inner) => collect(inner, &below, at, shapes, into),
            Value::Array(nodes) => {
                for (index, node) in nodes.iter().enumerate() {
                    if let Value::Table(inner) = &node.value {
                        at.push(Step::Index(index));
                        collect(inner, &below, at, shapes, into);
                        at.pop();
                    }
                }
            }
            _ => {}
        }
        at.pop();
    }
}

/// The scenario without a key of one of its tables, or without all of them; `None` if the table does
/// not have the key.
fn without(root: &Table, place: &[Step], key: Option<&str>) -> Option<Table> {
    let mut scenario = Node::new(Value::Table(root.clone()));
    let mut node = &mut scenario;
    for step in place {
        node = match (step, &mut node.value) {
            (Step::Key(key), Value::Table(table)) => table.get_mut(key)?,
            (Step::Index(index), Value::Array(nodes)) => nodes.get_mut(*index)?,
            _ => return None,
        };
    }
    let Value::Table(table) = &mut node.value else {
        return None;
    };
    match key {
        None => table.entries.clear(),
        Some(key) => {
            let index = table.entries.iter().position(|entry| entry.key == key)?;
            table.entries.remove(index);
        }
    }
    match scenario.value {
        Value::Table(table) => Some(table),
        _ => None,
    }
}

/// The keys that the reader misses in a scenario, in order.
fn missed(scenario: &Table, read: &dyn Fn(&Table, &Sink)) -> Vec<String> {
    let sink = Sink::default();
    read(scenario, &sink);
    let problems = sink.problems.into_inner().into_sorted();
    let keys = problems.iter().filter_map(|problem| {
        let (key, rest) = problem.message.strip_prefix('`')?.split_once('`')?;
        rest.starts_with(" is missing in ").then(|| key.to_owned())
    });
    let mut keys: Vec<String> = keys.collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}
