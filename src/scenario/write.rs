//! A tree to TOML text: sections with headers, everything below a section in one line.

use std::fmt::Write as _;

use super::tree::{Node, Table, Value};

/// The whole document.
pub(super) fn document(root: &Table) -> String {
    let mut text = String::new();
    let (sections, plain): (Vec<_>, Vec<_>) = root
        .entries
        .iter()
        .partition(|entry| entry.node.as_table().is_some() || is_sections(&entry.node));
    for entry in plain {
        assignment(&mut text, &entry.key, &entry.node);
    }
    for entry in sections {
        section(&mut text, &key(&entry.key), &entry.node);
    }
    text
}

/// A value in one line.
pub(super) fn inline(node: &Node) -> String {
    match &node.value {
        Value::Text(value) => string(value),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) => {
            let text = value.to_string();
            let whole = text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-');
            if whole { format!("{text}.0") } else { text }
        }
        Value::Boolean(value) => value.to_string(),
        Value::Date(value) => value.clone(),
        Value::Array(nodes) => {
            let parts: Vec<String> = nodes.iter().map(inline).collect();
            format!("[{}]", parts.join(", "))
        }
        Value::Table(table) if table.entries.is_empty() => "{}".to_owned(),
        Value::Table(table) => {
            let part = |entry: &super::tree::Entry| {
                format!("{} = {}", key(&entry.key), inline(&entry.node))
            };
            let parts: Vec<String> = table.entries.iter().map(part).collect();
            format!("{{ {} }}", parts.join(", "))
        }
    }
}

/// Whether a list is written with one header per element: a list of tables.
fn is_sections(node: &Node) -> bool {
    let nodes = node.as_array().unwrap_or_default();
    !nodes.is_empty() && nodes.iter().all(|node| node.as_table().is_some())
}

/// Whether the elements of a list below a section get their own headers, because they have names.
pub(super) fn is_named_sections(node: &Node) -> bool {
    is_sections(node) && node.tables().all(|table| table.name().is_some())
}

fn section(text: &mut String, path: &str, node: &Node) {
    if let Some(table) = node.as_table() {
        body(text, path, &format!("[{path}]"), table);
    }
    for table in node.tables() {
        body(text, path, &format!("[[{path}]]"), table);
    }
}

fn body(text: &mut String, path: &str, header: &str, table: &Table) {
    let _ = writeln!(text, "\n{header}");
    let (sections, plain): (Vec<_>, Vec<_>) = table
        .entries
        .iter()
        .partition(|entry| is_named_sections(&entry.node));
    for entry in plain {
        assignment(text, &entry.key, &entry.node);
    }
    for entry in sections {
        section(text, &format!("{path}.{}", key(&entry.key)), &entry.node);
    }
}

fn assignment(text: &mut String, name: &str, node: &Node) {
    let _ = writeln!(text, "{} = {}", key(name), inline(node));
}

/// A key, quoted where TOML requires it.
fn key(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !name.is_empty() && name.bytes().all(is_bare) {
        name.to_owned()
    } else {
        string(name)
    }
}

/// A basic string with its escapes.
fn string(value: &str) -> String {
    let mut text = String::from("\"");
    for letter in value.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            letter if letter.is_control() => {
                let _ = write!(text, "\\u{:04X}", u32::from(letter));
            }
            letter => text.push(letter),
        }
    }
    text.push('"');
    text
}
