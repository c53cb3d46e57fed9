//! `alloy-sim explain`: what a key, a word of a result or an exit code means.

use std::fmt::Write as _;

use super::arguments::{EXIT_CODES, ExplainArguments, wrong_word};
use super::{Exit, terminal};
use crate::report::{self, Term};
use crate::scenario::{self, KeyInfo};

/// Columns of text.
const WIDTH: usize = 80;

/// The list of exit codes.
const CODES: &str = "codes";

/// The list of keys.
const KEYS: &str = "keys";

/// Prints what the word means, or what the list holds.
pub(super) fn explain(arguments: &ExplainArguments) -> Result<Exit, Exit> {
    let book = Book::new();
    let word = arguments.word.trim();
    let text = book.list(word).or_else(|| book.articles(word));
    let text = text.unwrap_or_else(|| wrong_word(word, &scenario::near(word, book.words())).exit());
    terminal::print(text.trim_end())
}

/// Everything that can be explained.
struct Book {
    keys: Vec<KeyInfo>,
    terms: Vec<Term>,
    /// Exit codes with their meanings.
    codes: Vec<(&'static str, &'static str)>,
}

impl Book {
    fn new() -> Self {
        let codes = EXIT_CODES
            .lines()
            .filter_map(|line| line.trim().split_once("  "));
        Self {
            keys: scenario::keys(),
            terms: report::glossary(),
            codes: codes.collect(),
        }
    }

    /// Every word that has an article or is a list.
    fn words(&self) -> impl Iterator<Item = &str> {
        let keys = self.keys.iter().map(|info| info.key);
        let terms = self.terms.iter().map(|term| term.word);
        let codes = self.codes.iter().map(|(code, _)| *code);
        let tables = self.keys.iter().map(|info| name(&info.table));
        let lists = self.terms.iter().map(|term| term.list);
        keys.chain(terms)
            .chain(codes)
            .chain(tables)
            .chain(lists)
            .chain([KEYS, CODES])
    }

    /// What stands under `word`, if it is the name of a list.
    fn list(&self, word: &str) -> Option<String> {
        let mut text = String::new();
        match word {
            CODES => text.push_str(EXIT_CODES.trim_start_matches('\n')),
            KEYS => {
                let mut tables: Vec<&str> =
                    self.keys.iter().map(|info| info.table.as_str()).collect();
                tables.dedup();
                for table in tables {
                    let keys = self.keys.iter().filter(|info| info.table == table);
                    let keys: Vec<&str> = keys.map(|info| info.key).collect();
                    let _ = writeln!(text, "{table}");
                    wrap(&mut text, &keys.join(", "), 2);
                }
            }
            _ => {
                for info in self.keys.iter().filter(|info| name(&info.table) == word) {
                    summary(
                        &mut text,
                        info.key,
                        info.facts.last().map_or("", |(_, text)| text),
                    );
                }
                for term in self.terms.iter().filter(|term| term.list == word) {
                    summary(&mut text, term.word, &term.meaning);
                }
            }
        }
        (!text.is_empty()).then_some(text)
    }

    /// All articles about `word`: a word, or a path that ends in a key.
    fn articles(&self, word: &str) -> Option<String> {
        let mut text = String::new();
        for (_, meaning) in self.codes.iter().filter(|(code, _)| *code == word) {
            let _ = writeln!(text, "{word}: exit code");
            wrap(&mut text, meaning, 2);
        }
        for term in self.terms.iter().filter(|term| term.word == word) {
            let _ = writeln!(text, "{word}: {}", term.kind);
            wrap(&mut text, &term.meaning, 2);
            if !term.example.is_empty() {
                wrap(&mut text, &format!("in a claim: {}", term.example), 2);
            }
        }
        for info in self.keys_at(word) {
            let _ = writeln!(text, "{}: key of {}", info.key, info.table);
            for (head, fact) in &info.facts {
                wrap(&mut text, &format!("{head}: {fact}"), 2);
            }
        }
        (!text.is_empty()).then_some(text)
    }

    /// The keys at a path: those of the tables that the path names, if it names any.
    fn keys_at(&self, path: &str) -> Vec<&KeyInfo> {
        let mut parts: Vec<&str> = path.split('.').collect();
        let key = parts.pop().unwrap_or_default();
        let found: Vec<&KeyInfo> = self.keys.iter().filter(|info| info.key == key).collect();
        let is_named = |info: &&KeyInfo| parts.contains(&name(&info.table));
        let named: Vec<&KeyInfo> = found.iter().copied().filter(is_named).collect();
        if named.is_empty() { found } else { named }
    }
}

/// The name of a table without its brackets: `fleet`, `pool`, `otlp`.
fn name(table: &str) -> &str {
    let table = table.trim_matches(['[', ']']);
    table.rsplit('.').next().unwrap_or(table)
}

/// A word with its meaning below.
fn summary(text: &mut String, word: &str, meaning: &str) {
    let _ = writeln!(text, "{word}");
    wrap(text, meaning, 4);
}

/// Adds words in lines of the width, indented.
fn wrap(text: &mut String, words: &str, indent: usize) {
    let mut column = 0;
    for word in words.split_whitespace() {
        let length = word.chars().count();
        if column == 0 || column + 1 + length > WIDTH {
            let line = if column == 0 { "" } else { "\n" };
            let _ = write!(text, "{line}{:indent$}{word}", "");
            column = indent + length;
        } else {
            let _ = write!(text, " {word}");
            column += 1 + length;
        }
    }
    text.push('\n');
}
