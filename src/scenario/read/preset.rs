//! `preset`: the defaults of a scenario or of a fleet.
//!
//! A preset is a part of the program, a file of the user, or a table in place of the name. The
//! functions that read a scenario read all three, so a mistake in a preset has the same message.

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use super::super::parse;
use super::super::preset::{ALIAS, BUILT_IN, BuiltIn, DEFAULT};
use super::super::problem::Problems;
use super::super::quantity::{CORRELATED, is_quantity};
use super::super::suggest::suggest;
use super::files::Files;
use super::{
    Fields, Node, Sink, Table, Value, cluster, collector, egress, endpoint, format, workload,
};
use crate::experiment::study::{Input, Role};

/// Reads what a preset may state of a section.
type Read = fn(&mut Fields<'_>);

/// The sections for which a preset has defaults.
const SECTIONS: [(&str, Read); 5] = [
    ("fleet", collector::preset),
    ("workload", workload::preset),
    ("pool", cluster::preset),
    ("endpoint", endpoint::preset),
    ("egress", egress::preset),
];

/// A preset that was read.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Preset {
    /// The preset in a resolved scenario: the name of a preset of the program, or everything that a
    /// file states.
    stated: Node,
    /// The defaults of each section.
    sections: Table,
}

impl Preset {
    /// The defaults of a section.
    pub(super) fn section(&self, key: &str) -> Table {
        let section = self.sections.get(key).and_then(Node::as_table);
        section.cloned().unwrap_or_default()
    }
}

/// The preset that a table names, or else `outer`, or else the default of the program.
pub(super) fn choose(
    fields: &mut Fields<'_>,
    files: &Files<'_>,
    outer: Option<&Rc<Preset>>,
) -> Rc<Preset> {
    let program = || part_of_program(DEFAULT, files, fields.sink());
    let fallback = outer.map_or_else(program, Rc::clone);
    let chosen = match fields.take("preset").map(|node| (node, &node.value)) {
        None => None,
        Some((_, Value::Text(name))) => named(fields, name, files),
        Some((node, Value::Table(table))) => {
            let inner = Fields::new(fields.sink(), table, node.span, &fields.below("preset"));
            let sections = sections(inner, Some(DEFAULT), files);
            let stated = node.clone();
            Some(Rc::new(Preset { stated, sections }))
        }
        Some((node, _)) => {
            fields.unlike("preset", "a name", node, "");
            None
        }
    };
    let chosen = chosen.unwrap_or(fallback);
    fields.note_word("preset", chosen.stated.as_text().unwrap_or("a table"));
    fields.resolve("preset", chosen.stated.clone());
    chosen
}

/// The preset called `name`; `None` with a problem if it does not exist.
fn named(fields: &Fields<'_>, name: &str, files: &Files<'_>) -> Option<Rc<Preset>> {
    let sink = fields.sink();
    let full_name = if name == ALIAS { DEFAULT.name } else { name };
    if let Some(part) = BUILT_IN.into_iter().find(|part| part.name == full_name) {
        return Some(part_of_program(part, files, sink));
    }
    let ending = Path::new(name).extension();
    if ending.is_none_or(|ending| ending != "toml") {
        let known = suggest(name, BUILT_IN.map(|part| part.name));
        let help = format!("{known}; or the path of a file of yours, such as \"mine.toml\"");
        let message = format!("\"{}\" is no `preset`", crate::scenario::short(name));
        fields.wrong("preset", message, &help);
        return None;
    }
    match files.get(name) {
        Ok(bytes) => Some(files.preset(name, || of_user(name, &bytes, files, sink))),
        Err(message) => {
            let help = "the path of a preset is relative to the scenario file";
            fields.wrong("preset", message, help);
            None
        }
    }
}

/// A preset of the program.
fn part_of_program(part: BuiltIn, files: &Files<'_>, sink: &Sink) -> Rc<Preset> {
    files.preset(part.name, || {
        let sections = in_file(part.name, part.text.as_bytes(), sink, |table, own| {
            sections(Fields::new(own, &table, None, ""), None, files)
        });
        Preset {
            stated: Node::text(part.name),
            sections: sections.unwrap_or_default(),
        }
    })
}

/// The preset in a file of the user.
fn of_user(name: &str, bytes: &[u8], files: &Files<'_>, sink: &Sink) -> Preset {
    let read = in_file(&files.shown(name), bytes, sink, |mut table, own| {
        for entry in &mut table.entries {
            if let Value::Table(section) = &mut entry.node.value {
                add_source(section, name);
            }
        }
        Preset {
            sections: sections(Fields::new(own, &table, None, ""), Some(DEFAULT), files),
            stated: Node::new(Value::Table(table)),
        }
    });
    // A scenario with a mistake is never used. The default lets the reading go on.
    read.unwrap_or_else(|| Preset::clone(&part_of_program(DEFAULT, files, sink)))
}

/// The result of `read` for a file; `None` with an error. The problems of the file go to `sink`.
fn in_file<T>(
    shown: &str,
    bytes: &[u8],
    sink: &Sink,
    read: impl FnOnce(Table, &Sink) -> T,
) -> Option<T> {
    let text: Arc<str> = String::from_utf8_lossy(bytes).into();
    let mut problems = Problems::beside(shown, text);
    let table = parse::parse(bytes, &mut problems);
    let own = Sink::of(problems);
    let value = table.map(|table| read(table, &own));
    let problems = own.problems.into_inner();
    let has_errors = problems.has_errors();
    sink.problems.borrow_mut().adopt(problems);
    value.filter(|_| !has_errors)
}

/// Reads all sections. What the preset does not state comes from the preset it is based on, by
/// default `base`.
fn sections(mut fields: Fields<'_>, base: Option<BuiltIn>, files: &Files<'_>) -> Table {
    let sink = fields.sink();
    let inputs = sink.inputs.borrow().len();
    format(&mut fields);
    fields.text("about", Some(""));
    let base = based_on(&mut fields).or(base);
    let base = base.map(|part| part_of_program(part, files, sink));
    for (key, read) in SECTIONS {
        fields.table_or_default(key, |table| {
            if let Some(base) = &base {
                table.default_to(base.section(key));
            }
            read(table);
        });
    }
    // A constant is an input of the sections that use it, not of the preset.
    let stated = sink.inputs.borrow_mut().split_off(inputs);
    let fleet = fields.below("fleet");
    let mut sections = fields.finish();
    for Input { path, role, .. } in stated {
        let inside = path.rsplit_once('.').filter(|(path, _)| *path == fleet);
        if let Some((_, key)) = inside.filter(|_| role == Role::Unknown) {
            draw_once(&mut sections, key);
        }
    }
    sections
}

/// Makes an unknown constant of a program the same for all fleets of that program, in all cases.
/// All presets describe one program or a relative of it, so one constant has one name in all of
/// them.
fn draw_once(sections: &mut Table, key: &str) {
    let fleet = sections.get_mut("fleet").and_then(Node::as_table_mut);
    let constant = fleet.and_then(|fleet| fleet.get_mut(key));
    let constant = constant.and_then(Node::as_table_mut);
    if let Some(constant) = constant.filter(|constant| constant.get(CORRELATED).is_none()) {
        constant.set(CORRELATED, None, Node::text(format!("program.{key}")));
    }
}

/// The preset of the program that this preset is based on.
fn based_on(fields: &mut Fields<'_>) -> Option<BuiltIn> {
    let parts = BUILT_IN.map(|part| (part.name, Some(part)));
    let alias = [(ALIAS, Some(DEFAULT))];
    if fields.has("based_on") {
        fields.choice("based_on", &[parts.as_slice(), &alias].concat(), None)
    } else {
        None
    }
}

/// Gives `source` to every value without a source.
fn add_source(table: &mut Table, source: &str) {
    for entry in &mut table.entries {
        match &mut entry.node.value {
            Value::Table(inner) if !is_quantity(inner) => add_source(inner, source),
            Value::Table(inner) if inner.get("source").is_some() => {}
            Value::Table(inner) => inner.set("source", None, Node::text(source)),
            _ => {
                let stated = entry.node.clone();
                let parts = vec![("value", stated), ("source", Node::text(source))];
                entry.node.value = Node::table(parts).value;
            }
        }
    }
}
