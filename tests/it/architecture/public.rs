//! The rule that what is public has a caller outside its file.
//!
//! The rule compares words. It knows no types: an item whose name stands in another file for
//! something else passes unseen, and so does an item that only other unused items call.

use std::collections::{BTreeMap, BTreeSet};

use super::source;

/// Items without a caller in `src`, each with its reason.
const EXCEPTIONS: [(&str, &str); 0] = [];

/// A public item of a file.
struct Item {
    name: String,
    is_type: bool,
}

/// The public items of `files`, names and code, that the code of no other of the files names.
///
/// A type may also be used by what its own file gives away, so it counts as used where its file
/// names it outside the heads of its `impl`s.
pub(super) fn unused(files: &[(String, String)]) -> Vec<String> {
    let tokens = files
        .iter()
        .map(|(name, code)| (name, source::tokens(code)));
    let tokens: BTreeMap<_, _> = tokens.collect();
    let mut users = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (file, tokens) in &tokens {
        for word in without_reexports(tokens) {
            users.entry(word).or_default().insert(file);
        }
    }
    let mut found = Vec::new();
    for (file, tokens) in &tokens {
        for Item { name, is_type } in public_items(tokens) {
            let elsewhere = users[&*name].iter().any(|user| user != file);
            let given_away = is_type && mentions(tokens, &name) > 1;
            if !elsewhere && !given_away {
                found.push(format!(
                    "{file}: `{name}` is public and has no caller outside"
                ));
            }
        }
    }
    found
}

/// `pub fn`, `pub(super) struct` and so on.
fn public_items(tokens: &[String]) -> Vec<Item> {
    let is = |at: usize, token: &str| tokens.get(at).is_some_and(|found| found == token);
    let mut items = Vec::new();
    for at in (0..tokens.len()).filter(|&at| is(at, "pub")) {
        let mut next = at + 1;
        if is(next, "(") {
            next += tokens[next..]
                .iter()
                .position(|token| token == ")")
                .unwrap()
                + 1;
        }
        if is(next + 1, "fn") {
            next += 1; // `const fn`
        }
        let [kind, name, ..] = &tokens[next..] else {
            continue;
        };
        let is_type = ["struct", "enum", "trait", "type"].contains(&kind.as_str());
        if is_type || ["fn", "const", "static"].contains(&kind.as_str()) {
            let name = name.clone();
            items.push(Item { name, is_type });
        }
    }
    items
}

/// How often a file names a type, the heads of its `impl`s aside.
fn mentions(tokens: &[String], name: &str) -> usize {
    let before = std::iter::once("").chain(tokens.iter().map(String::as_str));
    let named = tokens
        .iter()
        .zip(before)
        .filter(|(token, before)| *token == name && !["impl", "for"].contains(before));
    named.count()
}

/// The words of a file, those of `pub use …;` aside: to hand an item on is not to use it.
fn without_reexports(tokens: &[String]) -> Vec<&str> {
    let mut words = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let until = |token: &str| tokens[at..].iter().position(|found| found == token);
        let first = until("use").unwrap_or(usize::MAX);
        let is_reexport = tokens[at] == "pub"
            && (first == 1
                || (tokens[at + 1] == "(" && until(")").is_some_and(|end| end + 1 == first)));
        if is_reexport {
            at += until(";").unwrap_or(0);
        }
        words.push(&*tokens[at]);
        at += 1;
    }
    words
}

/// [`unused`] without the exceptions; an exception that has a caller now is found as well.
pub(super) fn violations(files: &[(String, String)]) -> Vec<String> {
    let excepted = |line: &str, name: &str| line.contains(&format!("`{name}`"));
    let (allowed, mut found): (Vec<_>, Vec<_>) = unused(files)
        .into_iter()
        .partition(|line| EXCEPTIONS.iter().any(|(name, _)| excepted(line, name)));
    for (name, reason) in EXCEPTIONS {
        if !allowed.iter().any(|line| excepted(line, name)) {
            found.push(format!("`{name}` needs no exception ({reason})"));
        }
    }
    found
}

#[test]
fn a_public_item_without_a_caller_is_caught() {
    let code = "
pub struct Pool;
impl Pool { pub fn take(&self) {} pub const fn peak(&self) -> u32 { 1 } fn own(&self) { self.peak() } }
pub(super) const PORTS: u32 = 1;
pub struct Share;
impl fmt::Debug for Share {}
pub fn share() -> Grant { Grant }
pub struct Grant;
#[cfg(test)]
pub fn helper() {}
";
    let file = |name: &str, code: &str| (name.to_owned(), source::code_of(code));
    let caller = "pub use a::{PORTS, Share}; use a::{Pool, share}; fn f() { share(); pool.take() }";
    let found = unused(&[file("a.rs", code), file("b.rs", caller)]);
    let expected = ["peak", "PORTS", "Share"]
        .map(|name| format!("a.rs: `{name}` is public and has no caller outside"));
    assert_eq!(found, expected);
}
