//! Bytes to a tree, with every mistake in the TOML syntax.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, Problems};
use super::tree::{Node, Table, Value};

/// Greatest size of a scenario file. Measured series are in their own files.
const FILE_BYTES_MAX: usize = 4 << 20;

/// Deepest nesting of values. No scenario needs half of it.
const DEPTH_MAX: u32 = 24;

/// Most syntax mistakes shown per file. One lost bracket makes many mistakes.
const SYNTAX_PROBLEMS_MAX: usize = 10;

/// The document in `bytes`. Its problems go to `problems`.
pub(super) fn parse(bytes: &[u8], problems: &mut Problems) -> Option<Table> {
    if bytes.len() > FILE_BYTES_MAX {
        let message = format!(
            "the file has {} bytes, more than the {FILE_BYTES_MAX} a scenario may have",
            bytes.len()
        );
        problems.push(Problem::error(message, None));
        return None;
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("byte {} is not UTF-8 text", error.valid_up_to());
            let help = "a scenario is a TOML file in UTF-8";
            problems.push(Problem::error(message, None).help(help));
            return None;
        }
    };
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors.iter().take(SYNTAX_PROBLEMS_MAX) {
        let inside = |range: Range<usize>| range.start.min(text.len())..range.end.min(text.len());
        let span = error.span().map(|range| inside(range).into());
        problems.push(Problem::error(error.message(), span));
    }
    if errors.is_empty() {
        Some(convert_table(document.get_ref(), 0, problems))
    } else {
        None
    }
}

fn convert_table(table: &DeTable<'_>, depth: u32, problems: &mut Problems) -> Table {
    let mut converted = Table::default();
    for (key, node) in table {
        let key_span = Some(key.span().into());
        converted.set_new(key.get_ref(), key_span, convert(node, depth + 1, problems));
    }
    // The parser sorts by key. People expect variants and settings in the order of the file.
    converted.entries.sort_by_key(|entry| entry.key_span);
    converted
}

fn convert(node: &Spanned<DeValue<'_>>, depth: u32, problems: &mut Problems) -> Node {
    let span = Some(node.span().into());
    if depth > DEPTH_MAX {
        let message = format!("values are nested more than {DEPTH_MAX} deep");
        problems.push(Problem::error(message, span));
        return Node::boolean(false);
    }
    let value = match node.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Boolean(value) => Value::Boolean(*value),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Integer(number) => {
            let value = i64::from_str_radix(number.as_str(), number.radix());
            if value.is_err() {
                problems.push(Problem::error("the number is too large", span));
            }
            Value::Integer(value.unwrap_or(0))
        }
        DeValue::Float(number) => match number.as_str().parse() {
            Ok(value) if f64::is_finite(value) => Value::Float(value),
            _ => {
                let help = "write \"never\" or \"unlimited\" where a key knows it";
                problems.push(Problem::error("the number is not finite", span).help(help));
                Value::Integer(0)
            }
        },
        DeValue::Array(nodes) => {
            let nodes = nodes.iter();
            Value::Array(
                nodes
                    .map(|node| convert(node, depth + 1, problems))
                    .collect(),
            )
        }
        DeValue::Table(table) => Value::Table(convert_table(table, depth, problems)),
    };
    Node { span, value }
}
