//! A Rust file as the rules see it: its code without comments, strings and tests, and its paths.

use std::iter::Peekable;
use std::str::CharIndices;

/// The code of a file: comments and string contents gone, items under `#[cfg(test)]` too. Lines stay
/// where they are.
pub(super) fn code_of(text: &str) -> String {
    without_tests(&without_comments(text))
}

/// Lines that hold code.
pub(super) fn code_lines(code: &str) -> usize {
    code.lines().filter(|line| !line.trim().is_empty()).count()
}

/// Every path with `::` in it, groups expanded: `a::{b, c::d}` is `a::b` and `a::c::d`.
pub(super) fn paths(code: &str) -> Vec<Vec<String>> {
    let tokens = tokens(code);
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let continues = tokens.get(at + 1).is_some_and(|next| next == "::");
        if is_word(&tokens[at]) && continues {
            at = path(&tokens, at, &mut Vec::new(), &mut paths);
        } else {
            at += 1;
        }
    }
    paths
}

/// Every word of the code.
pub(super) fn words(code: &str) -> Vec<String> {
    let mut words = tokens(code);
    words.retain(|token| is_word(token));
    words
}

/// Reads one path from `at`, after `before`; returns where it ends.
fn path(
    tokens: &[String],
    mut at: usize,
    before: &mut Vec<String>,
    found: &mut Vec<Vec<String>>,
) -> usize {
    let depth = before.len();
    while at < tokens.len() {
        if tokens[at] == "{" {
            at += 1;
            while at < tokens.len() && tokens[at] != "}" {
                at = path(tokens, at, before, found).max(at + 1);
                if tokens.get(at).is_some_and(|token| token == ",") {
                    at += 1;
                }
            }
            before.truncate(depth);
            return at + 1;
        }
        before.push(tokens[at].clone());
        at += 1;
        if tokens.get(at).is_none_or(|token| token != "::") {
            break;
        }
        at += 1;
        // `Vec::<u8>::new` names nothing after its generics that a rule asks for.
        let goes_on = |token: &String| is_word(token) || token == "{" || token == "*";
        if !tokens.get(at).is_some_and(goes_on) {
            break;
        }
    }
    found.push(before.clone());
    before.truncate(depth);
    at
}

fn is_word(token: &str) -> bool {
    let first = token.chars().next();
    first.is_some_and(|first| first.is_alphabetic() || first == '_')
}

/// Words and `::` as they are, everything else as single characters.
pub(super) fn tokens(code: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut chars = code.chars().peekable();
    while let Some(char) = chars.next() {
        let mut token = String::from(char);
        if char.is_alphanumeric() || char == '_' {
            while let Some(next) = chars.next_if(|next| next.is_alphanumeric() || *next == '_') {
                token.push(next);
            }
        } else if char == ':' && chars.next_if_eq(&':').is_some() {
            token = "::".into();
        } else if char.is_whitespace() {
            continue;
        }
        tokens.push(token);
    }
    tokens
}

fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut rest = code;
    let mut kept = String::new();
    while let Some(start) = rest.find(MARK) {
        kept.push_str(&rest[..start]);
        rest = &rest[start + MARK.len()..];
        rest = &rest[end_of_item(rest)..];
    }
    kept + rest
}

/// Where the item at the start of some code ends: at its block or semicolon, or at the comma after a variant,
/// a field or a pattern. What closes around it is not part of it.
fn end_of_item(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, char) in code.char_indices() {
        match char {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' if depth == 0 => return at,
            '}' | ')' | ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(char, '}' | ';' | ',') {
            return at + 1;
        }
    }
    code.len()
}

/// The code of a file with its unit tests.
pub(super) fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut chars = text.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        let rest = &text[at..];
        let in_word = text[..at].ends_with(|before: char| before.is_alphanumeric());
        if rest.starts_with("//") {
            skip_until(&mut chars, text, at, "\n");
            kept.push('\n');
        } else if rest.starts_with("/*") {
            kept.push_str(&newlines(skip_until(&mut chars, text, at, "*/")));
        } else if let Some(hashes) = raw_string(rest).filter(|_| !in_word) {
            let quote = at + rest.find('"').expect("a raw string has a quote");
            let close = format!("\"{}", "#".repeat(hashes));
            while chars.next_if(|(next, _)| *next <= quote).is_some() {}
            kept.push_str("\"\"");
            kept.push_str(&newlines(skip_until(&mut chars, text, quote + 1, &close)));
        } else if char == '"' {
            kept.push_str("\"\"");
            while let Some((_, inside)) = chars.next() {
                match inside {
                    '\\' => drop(chars.next()),
                    '"' => break,
                    '\n' => kept.push('\n'),
                    _ => {}
                }
            }
        } else if char == '\'' && is_char_literal(rest) {
            let length = if rest[1..].starts_with('\\') { 3 } else { 2 };
            chars.nth(length - 2);
            while chars.next().is_some_and(|(_, inside)| inside != '\'') {}
        } else {
            kept.push(char);
        }
    }
    kept
}

/// Moves past `close`, looked for from `from`; gives the text that was skipped.
fn skip_until<'a>(
    chars: &mut Peekable<CharIndices<'_>>,
    text: &'a str,
    from: usize,
    close: &str,
) -> &'a str {
    let end = text[from..].find(close);
    let end = end.map_or(text.len(), |end| from + end + close.len());
    while chars.next_if(|(at, _)| *at < end).is_some() {}
    &text[from..end]
}

fn newlines(text: &str) -> String {
    text.chars().filter(|char| *char == '\n').collect()
}

/// Number of hashes of the raw string that starts here.
fn raw_string(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let quote = inside.trim_start_matches('#');
    quote.starts_with('"').then_some(inside.len() - quote.len())
}

/// Whether a quote starts a character and not a lifetime.
fn is_char_literal(rest: &str) -> bool {
    let mut inside = rest.chars().skip(1);
    match inside.next() {
        Some('\\') => true,
        Some(_) => inside.next() == Some('\''),
        None => false,
    }
}

#[test]
fn comments_strings_and_tests_are_no_code() {
    let text = r##"
//! crate::report
use crate::stats; // crate::cli
/* crate::a
   crate::b */ fn f<'a>(x: &'a str) -> char { let _ = ("crate::c \" {", r#"crate::d " "#, '"', '\''); '{' }
#[cfg(test)]
mod tests { fn g() { crate::e(); } }
#[cfg(test)]
use crate::g;
enum Kind { A, #[cfg(test)] B(crate::i::I) }
fn after(Pair { a, #[cfg(test)] b }: Pair) { crate::units::h() }
"##;
    let code = code_of(text);
    let found: Vec<_> = paths(&code).iter().map(|path| path.join("::")).collect();
    assert_eq!(found, ["crate::stats", "crate::units::h"], "{code}");
    assert_eq!(code_lines(&code), 4, "{code}");
}

#[test]
fn groups_are_expanded() {
    let code = "use crate::{a::{self, B as C}, d}; use std::fs; x::<u8>(); y::z::<u8>::new();";
    let found: Vec<_> = paths(code).iter().map(|path| path.join("::")).collect();
    let expected = ["crate::a::self", "crate::a::B", "crate::d", "std::fs"];
    for path in expected {
        assert!(
            found.iter().any(|found| found == path),
            "{path} in {found:?}"
        );
    }
    assert!(found.iter().any(|found| found.starts_with("y::z")));
}
