//! Bytes to a tree, with every mistake in the TOML syntax.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::letters;
use super::problem::{Problem, Problems, Span};
use super::tree::{Node, Table, Value};

/// Greatest size of a scenario file. Measured series are in their own files.
const FILE_BYTES_MAX: usize = 4 << 20;

/// Deepest nesting of values. No scenario needs half of it.
const DEPTH_MAX: u32 = 24;

/// Most syntax mistakes shown per file. One lost bracket makes many mistakes.
const SYNTAX_PROBLEMS_MAX: usize = 10;

/// Sections that are lists of tables.
const LISTS: [&str; 11] = [
    "cluster",
    "cluster.pool",
    "workload",
    "workload.giant",
    "fleet",
    "endpoint",
    "egress",
    "variant",
    "sweep",
    "goal",
    "expect",
];

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
    if let (false, Some((format, span))) = (errors.is_empty(), other_format(text)) {
        let message = format!("this looks like {format}; a scenario is a TOML file");
        let help = "`alloy-sim init` writes a scenario to start from; Helm values and manifests are not read";
        problems.push(Problem::error(message, Some(span)).help(help));
        return None;
    }
    let inside = |range: Range<usize>| range.start.min(text.len())..range.end.min(text.len());
    let mistakes: Vec<(&str, Option<Range<usize>>)> = errors
        .iter()
        .map(|error| (error.message(), error.span().map(inside)))
        .collect();
    syntax_problems(text, mistakes, problems);
    if errors.is_empty() {
        Some(convert_table(document.get_ref(), 0, problems))
    } else {
        None
    }
}

/// Reports the mistakes in the syntax of a text. What follows from one mistake is left out.
fn syntax_problems(
    text: &str,
    mut mistakes: Vec<(&str, Option<Range<usize>>)>,
    problems: &mut Problems,
) {
    let twins = twin_tables(text);
    if !twins.is_empty() {
        mistakes.retain(|(message, _)| !message.contains("duplicate key"));
    }
    for twin in twins {
        problems.push(twin);
    }
    mistakes.sort_by_key(|(_, place)| place.as_ref().map(|place| place.start));
    for (message, place) in mistakes.into_iter().take(SYNTAX_PROBLEMS_MAX) {
        let pasted = place
            .as_ref()
            .and_then(|place| pasted_yaml(text, place.start));
        if let Some(span) = pasted {
            let message = "this looks like YAML; a scenario is a TOML file";
            let help = "write key = value; Helm values and manifests are not read";
            problems.push(Problem::error(message, Some(span)).help(help));
            // What is wrong below is that it is YAML.
            return;
        }
        problems.push(Problem::error(message, place.map(Into::into)));
    }
}

/// The problems of sections that may stand several times and are written as one table, twice.
fn twin_tables(text: &str) -> Vec<Problem> {
    let mut first: BTreeMap<&str, Span> = BTreeMap::new();
    let mut twins = Vec::new();
    for (line, span) in lines(text) {
        let head = line.split('#').next().unwrap_or_default().trim();
        let name = head
            .strip_prefix('[')
            .and_then(|head| head.strip_suffix(']'));
        let Some(name) = name.filter(|name| LISTS.contains(name)) else {
            continue;
        };
        if let Some(before) = first.insert(name, span) {
            let message = format!("[{name}] stands twice, and a table stands once");
            let problem = Problem::error(message, Some(span))
                .saying("the second")
                .label(Some(before), "the first");
            twins.push(problem.help(format!("write [[{name}]] for each: a list of tables")));
        }
    }
    twins
}

/// The line at `byte`, if it is a line of YAML below TOML.
fn pasted_yaml(text: &str, byte: usize) -> Option<Span> {
    let (line, span) = lines(text).find(|(_, span)| byte <= span.end)?;
    is_yaml(line.trim()).then_some(span)
}

/// The lines of a text with their places.
fn lines(text: &str) -> impl Iterator<Item = (&str, Span)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let span = Span::from(start..start + line.trim_end().len());
        start += line.len();
        (line, span)
    })
}

/// Whether a line is a pair or the start of a document of YAML.
fn is_yaml(line: &str) -> bool {
    let is_key = |key: &str| {
        let mut letters = key.trim_matches('"').chars();
        !key.is_empty() && letters.all(|letter| letter.is_alphanumeric() || "_-./".contains(letter))
    };
    let pair = line.trim_start_matches("- ").split_once(':');
    let is_pair = pair
        .is_some_and(|(key, value)| is_key(key) && (value.is_empty() || value.starts_with(' ')));
    is_pair || line.starts_with("---") || line.starts_with("%YAML")
}

/// The format of a text that is not TOML, with the place that shows it.
fn other_format(text: &str) -> Option<(&'static str, Span)> {
    for (line, span) in lines(text) {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let is_list = content.starts_with("[{") || content == "[";
        return match content {
            _ if content.starts_with('{') || is_list => Some(("JSON", span)),
            _ if is_yaml(content) => Some(("YAML", span)),
            _ => None,
        };
    }
    None
}

/// The value that `text` states, with places in `text`: `3`, `"16GiB"`, `{ p5 = 2, p95 = 6 }`. A
/// shell takes quotes away, so one word that is no other value is a text. `None` without a value.
pub(super) fn value_in(text: &str) -> Option<Node> {
    const BEFORE: &str = "value = ";
    let mut problems = Problems::default();
    let table = parse(format!("{BEFORE}{text}").as_bytes(), &mut problems);
    let is_one = |table: &Table| table.entries.len() == 1 && !problems.has_errors();
    if let Some(mut table) = table.filter(is_one) {
        let node = table.entries.remove(0).node;
        let back = |byte: usize| byte.saturating_sub(BEFORE.len());
        return Some(node.moved(&|span| Some((back(span.start)..back(span.end)).into())));
    }
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || "._-+%/".contains(letter);
    let value = Value::Text(text.to_owned());
    let span = Some((0..text.len()).into());
    (!text.is_empty() && text.chars().all(is_word)).then_some(Node { span, value })
}

fn convert_table(table: &DeTable<'_>, depth: u32, problems: &mut Problems) -> Table {
    let mut converted = Table::default();
    for (key, node) in table {
        let key_span = Some(key.span().into());
        if let Some(problem) = letters::problem(key.get_ref(), false, key_span) {
            problems.push(problem);
        }
        let node = convert(node, depth + 1, problems);
        if let Value::Text(text) = &node.value
            && let Some(problem) = letters::problem(text, key.get_ref() != "name", node.span)
        {
            problems.push(problem);
        }
        converted.set_new(key.get_ref(), key_span, node);
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
            let mut converted = Vec::new();
            for node in nodes {
                let node = convert(node, depth + 1, problems);
                if let Value::Text(text) = &node.value
                    && let Some(problem) = letters::problem(text, true, node.span)
                {
                    problems.push(problem);
                }
                converted.push(node);
            }
            Value::Array(converted)
        }
        DeValue::Table(table) => Value::Table(convert_table(table, depth, problems)),
    };
    Node { span, value }
}
