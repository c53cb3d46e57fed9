//! Names of cases for tables and charts: short, and still different from each other.

use std::collections::{BTreeMap, BTreeSet};

/// Most letters of a short name.
const LETTERS_MAX: usize = 36;

/// A key and its value, or a key and a key below it.
type Leaf<'a> = (&'a str, &'a str);

/// The short name of each case, in the same order. A table as value becomes the leaves in which
/// cases differ. Of names that are still too long, the part that they share is cut.
pub(super) fn short(names: &[&str]) -> Vec<String> {
    let full: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let leaves = with_leaves(names);
    let leaves = if are_distinct(&leaves) { leaves } else { full };
    let cut = cut(&leaves);
    if are_distinct(&cut) { cut } else { leaves }
}

fn are_distinct(names: &[String]) -> bool {
    names.iter().collect::<BTreeSet<_>>().len() == names.len()
}

/// The names with tables as the leaves that differ: `resources.memory=4Gi`.
fn with_leaves(names: &[&str]) -> Vec<String> {
    let split: Vec<Vec<&str>> = names.iter().map(|&name| parts(name)).collect();
    let mut values: BTreeMap<Leaf<'_>, BTreeSet<&str>> = BTreeMap::new();
    for (key, leaves) in split.iter().flatten().filter_map(|part| table(part)) {
        for (leaf, value) in leaves {
            values.entry((key, leaf)).or_default().insert(value);
        }
    }
    let differs = |key, leaf| values[&(key, leaf)].len() > 1;
    let told = |part| match table(part) {
        None => str::to_owned(part),
        Some((key, leaves)) => {
            let told = leaves.iter().filter(|leaf| differs(key, leaf.0));
            let mut values: Vec<&str> = told.map(|leaf| leaf.1).collect();
            if values.is_empty() {
                values = leaves.iter().map(|leaf| leaf.1).collect();
            }
            values.dedup();
            format!("{key}={}", values.join("/"))
        }
    };
    let name = |parts: Vec<_>| parts.into_iter().map(told).collect::<Vec<_>>().join(", ");
    split.clone().into_iter().map(name).collect()
}

/// A part whose value is a table: its key and its leaves, also those of tables in it.
fn table(part: &str) -> Option<(&str, Vec<Leaf<'_>>)> {
    let (key, value) = part.split_once('=')?;
    let inner = value.trim().strip_prefix('{')?.strip_suffix('}')?;
    let leaves_of = |part| {
        if let Some((_, leaves)) = table(part) {
            return Some(leaves);
        }
        let (key, value): Leaf<'_> = str::split_once(part, '=')?;
        Some(vec![(key.trim(), value.trim().trim_matches('"'))])
    };
    let leaves: Option<Vec<Vec<Leaf<'_>>>> = parts(inner).into_iter().map(leaves_of).collect();
    Some((key, leaves?.concat()))
}

/// The parts between commas that stand outside of brackets.
fn parts(text: &str) -> Vec<&str> {
    let (mut depth, mut start) = (0, 0);
    let mut parts = Vec::new();
    for (at, letter) in text.char_indices() {
        match letter {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

/// Names that are too long, without what they share at their start, then without their middle.
fn cut(names: &[String]) -> Vec<String> {
    let is_long = |name: &&String| name.chars().count() > LETTERS_MAX;
    let long: Vec<&String> = names.iter().filter(is_long).collect();
    let shared = shared_start(&long);
    let cut = |name: &String| {
        if !is_long(&name) {
            return name.clone();
        }
        let rest = &name[shared..];
        let start = if shared > 0 { "…" } else { "" };
        let letters: Vec<char> = rest.chars().collect();
        let room = LETTERS_MAX - start.chars().count();
        if letters.len() <= room {
            return format!("{start}{rest}");
        }
        let (head, tail) = (room / 2, room - room / 2 - 1);
        let head: String = letters[..head].iter().collect();
        let tail: String = letters[letters.len() - tail..].iter().collect();
        format!("{start}{head}…{tail}")
    };
    names.iter().map(cut).collect()
}

/// Bytes that all names start with, up to the end of a word.
fn shared_start(names: &[&String]) -> usize {
    let [first, others @ ..] = names else {
        return 0;
    };
    if others.is_empty() {
        return 0;
    }
    let shared = |other: &&String| {
        first
            .bytes()
            .zip(other.bytes())
            .take_while(|(a, b)| a == b)
            .count()
    };
    let shared = others.iter().map(shared).min().unwrap_or(0);
    let ends = first
        .char_indices()
        .filter(|(at, letter)| at + letter.len_utf8() <= shared && !letter.is_alphanumeric());
    ends.map(|(at, letter)| at + letter.len_utf8())
        .next_back()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_told_by_the_leaves_that_differ() {
        let of = |size: &str, cpu: &str| {
            format!("replicas=2, resources={{ cpu = {cpu}, memory = {{ request = \"{size}\" }} }}")
        };
        let names = [of("4Gi", "1"), of("8Gi", "1")];
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(short(&names)[1], "replicas=2, resources=8Gi");
        let names = [
            "base",
            "memory={ request = \"4Gi\", limit = \"4Gi\" }",
            "memory={ request = \"4Gi\", limit = \"8Gi\" }",
        ];
        assert_eq!(short(&names), ["base", "memory=4Gi", "memory=8Gi"]);
        let names = [names[1], "memory={ request = \"2Gi\", limit = \"8Gi\" }"];
        assert_eq!(short(&names), ["memory=4Gi", "memory=2Gi/8Gi"]);
    }

    /// What differs stays, at the start or at the end; a name that cannot be cut stays whole.
    #[test]
    fn cut_names_still_differ() {
        let start = "a name that is as long as the names of people who like long names,";
        let names = [
            format!("{start} one"),
            format!("{start} two"),
            "base".to_owned(),
        ];
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(short(&names), ["…one", "…two", "base"]);
        let long = "x".repeat(50);
        let names = [format!("{long}1{long}"), format!("{long}2{long}")];
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(short(&names), names);
    }
}
