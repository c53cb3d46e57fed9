//! The JSON Schema of scenario files, from what the reader wants of each key.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::fields::{Shape, Shapes, Sink};
use super::problem::Problems;
use super::quantity::Spec;
use super::read::Files;
use super::required::{self, Required};
use super::tree::Table;
use super::unit::Dimension;
use super::{ReadFile, cases, claim, names, parse, path, read, reference, requirement};
use crate::model::law::form::Domain;

/// The kind of all tables of trends.
const TREND: &str = "trend";

/// Tables that also have any path as a key.
const OPEN: [&str; 2] = ["sweep", "variant.set"];

/// The schema, in JSON. `example` is a scenario that has every section and every table; the reader
/// tells what it wants of each key while it reads the example.
pub fn schema(example: &str, read_file: ReadFile<'_>) -> String {
    let sink = Sink {
        shapes: Some(RefCell::default()),
        ..Sink::default()
    };
    let root = parse::parse(example.as_bytes(), &mut Problems::default());
    let root = root.expect("the example is TOML");
    read_all(&root, &Files::new("example", read_file), &sink);
    let mut shapes = sink.shapes.map(RefCell::into_inner).unwrap_or_default();
    let files = Files::new("example", read_file);
    let read = |root: &Table, sink: &Sink| read_all(root, &files, sink);
    let mut required = required::of(&root, &shapes, &read);
    let of_trends = required.iter().filter(|(kind, _)| is_trend(&shapes, kind));
    let mut of_trends: Vec<String> = of_trends.flat_map(|(_, keys)| keys.clone()).collect();
    of_trends.sort_unstable();
    of_trends.dedup();
    required.insert(TREND.to_owned(), of_trends);
    merge_trends(&mut shapes);
    let described = Described { shapes, required };
    let shapes = &described;
    let mut schema = table("", shapes);
    let head = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "alloy-sim scenario",
        "description": "What exists, what is asked and what must hold: docs/scenario.md.",
        "required": ["format", "meta", "experiment", "workload", "fleet"],
        "$defs": definitions(shapes),
    });
    extend(&mut schema, head);
    let text = serde_json::to_string_pretty(&schema).expect("a schema is plain data");
    format!("{text}\n")
}

/// What is known of all tables.
struct Described {
    shapes: Shapes,
    required: Required,
}

/// Whether the tables of a kind are trends.
fn is_trend(shapes: &Shapes, kind: &str) -> bool {
    let (owner, key) = kind.rsplit_once('.').unwrap_or(("", kind));
    let wanted = shapes.get(owner).and_then(|keys| keys.get(key));
    wanted.is_some_and(|wanted| wanted.contains(&Shape::Trend))
}

/// Makes one table of all trends, since no trend of the example has every key.
fn merge_trends(shapes: &mut Shapes) {
    let mut merged = Shapes::new();
    for (kind, keys) in shapes.iter() {
        let (owner, key) = kind.rsplit_once('.').unwrap_or(("", kind));
        let name = match (is_trend(shapes, kind), is_trend(shapes, owner)) {
            (true, _) => TREND.to_owned(),
            (_, true) => path::below(TREND, key),
            _ => continue,
        };
        let all = merged.entry(name).or_default();
        for (key, wanted) in keys {
            let known = all.entry(key.clone()).or_default();
            let new = wanted.iter().filter(|shape| !known.contains(shape));
            let new: Vec<Shape> = new.cloned().collect();
            known.extend(new);
        }
    }
    shapes.extend(merged);
}

/// Reads the base, the cases and the requirements, so that every reader is asked.
fn read_all(root: &Table, files: &Files<'_>, sink: &Sink) {
    let mut sections = Table::default();
    let drafts = cases::expand(root, sink, &mut sections);
    sink.is_name_lost.set(true);
    let mut scopes = claim::Scopes::new(sink);
    for draft in &drafts {
        let reading = read::read(&draft.tree(root, sink), files, sink);
        scopes.add(&reading.blueprint);
    }
    let known = requirement::Known {
        scopes: &scopes,
        cases: &names::Names::of(&drafts),
    };
    requirement::read(root, known, sink, &mut sections);
}

/// The schema of the table whose kinds are at `kind`.
fn table(kind: &str, known: &Described) -> Value {
    let mut properties = Map::new();
    let mut patterns = Map::new();
    let none = BTreeMap::new();
    for (key, wanted) in known.shapes.get(kind).unwrap_or(&none) {
        let mut schema = value(&path::below(kind, key), wanted, known);
        if key.starts_with("growth_per_") {
            patterns.insert("^growth_per_[0-9]+[dhw]$".to_owned(), schema);
            continue;
        }
        if let Some(text) = description(kind, key) {
            extend(&mut schema, json!({ "description": text }));
        }
        properties.insert(key.clone(), schema);
    }
    let mut schema = json!({ "type": "object", "properties": properties });
    if !patterns.is_empty() {
        extend(&mut schema, json!({ "patternProperties": patterns }));
    }
    if !OPEN.contains(&kind) {
        extend(&mut schema, json!({ "additionalProperties": false }));
        let required = known.required.get(kind).filter(|keys| !keys.is_empty());
        if let Some(keys) = required {
            extend(&mut schema, json!({ "required": keys }));
        }
    }
    schema
}

/// What the page of scenario files says of a key.
fn description(kind: &str, key: &str) -> Option<String> {
    let owner = kind.rsplit('.').next().unwrap_or_default();
    let keys = reference::keys();
    let mut keys = keys.iter().filter(|info| info.key == key);
    let is_owner = |table: &str| {
        let table = table.trim_matches(['[', ']']);
        (!owner.is_empty() && table.ends_with(owner))
            || table.rsplit('.').next() == Some(owner)
            || (owner.is_empty() && table == "the root")
    };
    let info = keys.find(|info| is_owner(&info.table))?;
    info.facts.last().map(|(_, text)| text.clone())
}

/// The schema of a value at `kind` of which all of this is wanted.
fn value(kind: &str, wanted: &[Shape], known: &Described) -> Value {
    let is_default = |shape: &&Shape| matches!(shape, Shape::Default(_));
    let is_open = wanted.iter().all(|shape| is_default(&shape));
    let mut words: Vec<String> = Vec::new();
    let mut schemas: Vec<Value> = Vec::new();
    for shape in wanted {
        match shape {
            Shape::Words(some) => words.extend(some.iter().cloned()),
            // A default that begins with a digit is a value.
            Shape::Default(word)
                if is_open || word.starts_with(|letter: char| letter.is_ascii_digit()) => {}
            Shape::Default(_) if wanted.contains(&Shape::Text) => {}
            Shape::Default(word) => words.push(word.clone()),
            shape => schemas.push(one(kind, shape, known)),
        }
    }
    words.sort_unstable();
    words.dedup();
    if !words.is_empty() {
        schemas.push(json!({ "enum": words }));
    }
    schemas.dedup();
    match schemas.len() {
        // The reader looks at the value itself.
        0 => json!({}),
        1 => schemas.remove(0),
        _ => json!({ "anyOf": schemas }),
    }
}

fn one(kind: &str, shape: &Shape, known: &Described) -> Value {
    let sourced = |plain: Value| {
        let with_source = json!({
            "type": "object",
            "properties": { "value": plain, "source": { "type": "string" } },
            "required": ["value"],
            "additionalProperties": false,
        });
        json!({ "anyOf": [plain, with_source] })
    };
    match shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::Boolean => sourced(json!({ "type": "boolean" })),
        Shape::Words(words) => json!({ "enum": words }),
        Shape::Default(word) => json!({ "const": word }),
        Shape::Count(min, max) => {
            sourced(json!({ "type": "integer", "minimum": min, "maximum": max }))
        }
        Shape::Amount(spec) => sourced(amount(spec)),
        Shape::Quantity(spec) => json!({ "$ref": format!("#/$defs/{}", name(spec)) }),
        Shape::Trend => json!({ "$ref": "#/$defs/trend" }),
        Shape::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Shape::Times => json!({ "type": "array", "items": { "$ref": "#/$defs/time_value" } }),
        Shape::Table => table(kind, known),
        Shape::Tables => {
            let one = table(kind, known);
            let list = json!({ "type": "array", "items": one });
            // `[sweep]` is a list of one.
            if kind == "sweep" {
                json!({ "anyOf": [list, one] })
            } else {
                list
            }
        }
    }
}

/// The name of the definition of a quantity.
fn name(spec: &Spec) -> &'static str {
    match spec.dimension {
        Dimension::Number => "number",
        Dimension::Bytes => "data",
        Dimension::ByteRate => "data_rate",
        Dimension::Time => "time",
        Dimension::Share if spec.domain == Domain::Signed => "growth",
        Dimension::Share => "share",
        Dimension::Cores => "cores",
    }
}

fn amount(spec: &Spec) -> Value {
    json!({ "$ref": format!("#/$defs/{}_value", name(spec)) })
}

/// A value and a quantity of each dimension.
fn definitions(known: &Described) -> Value {
    const DATA: &str = "[0-9][0-9_.]* *(B|[kKMGT]i?B|[kMGT]|[KMGT]i)";
    let text = |pattern: String| json!({ "type": "string", "pattern": format!("^ *{pattern} *$") });
    let number = json!({ "type": "number" });
    let numeral = text("[-+]?[0-9][0-9_.]*".to_owned());
    let cores = text("[0-9][0-9_.]*( *cores?|m)?".to_owned());
    let values = [
        ("number", json!({ "anyOf": [number, numeral] })),
        ("data", text(DATA.to_owned())),
        ("data_rate", text(format!("{DATA}/s"))),
        (
            "time",
            text("([0-9][0-9_.]* *(ns|us|µs|ms|s|m|h|d|w) *)+".to_owned()),
        ),
        ("share", text("[0-9][0-9_.]* *%".to_owned())),
        ("growth", text("[-+]?[0-9][0-9_.]* *%".to_owned())),
        ("cores", json!({ "anyOf": [number, cores] })),
    ];
    let mut all = Map::new();
    for (name, schema) in values {
        let value = json!({ "$ref": format!("#/$defs/{name}_value") });
        let numbers = json!({ "$ref": "#/$defs/number_value" });
        let law = |value: &Value| {
            let keys = ["value", "p5", "p50", "p95", "min", "max", "mean", "sd"];
            keys.map(|key| (key.to_owned(), value.clone()))
        };
        let plain = |properties: Map<String, Value>| json!({ "type": "object", "properties": properties, "additionalProperties": false });
        let mut properties: Map<String, Value> = law(&value).into_iter().collect();
        let median = json!({ "anyOf": [value, plain(properties.clone())] });
        properties.insert("median".to_owned(), median);
        properties.insert(
            "spread".to_owned(),
            plain(law(&numbers).into_iter().collect()),
        );
        for text in ["source", "correlated"] {
            properties.insert(text.to_owned(), json!({ "type": "string" }));
        }
        all.insert(format!("{name}_value"), schema);
        all.insert(
            name.to_owned(),
            json!({ "anyOf": [value, plain(properties)] }),
        );
    }
    let number = json!({ "$ref": "#/$defs/number" });
    all.insert(
        TREND.to_owned(),
        json!({ "anyOf": [number, table(TREND, known)] }),
    );
    Value::Object(all)
}

/// Adds the keys of `more`.
fn extend(schema: &mut Value, more: Value) {
    if let (Value::Object(schema), Value::Object(more)) = (schema, more) {
        schema.extend(more);
    }
}
