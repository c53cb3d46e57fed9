//! `alloy-sim explain`: what a key, a word of a result or an exit code means.

use std::fmt::Write as _;

use super::arguments::{ExplainArguments, wrong_word};
use super::help::EXIT_CODES;
use super::{Exit, terminal};
use crate::report::{self, Term};
use crate::scenario::{self, AnswerWord, KeyInfo};

/// Columns of text.
const WIDTH: usize = 80;

/// The list of exit codes.
const CODES: &str = "codes";

/// The list of keys.
const KEYS: &str = "keys";

/// What the keys of growth begin with; any time may follow.
const GROWTH: &str = "growth_per_";

/// The key of growth that has an article.
const GROWTH_KEY: &str = "growth_per_30d";

/// Prints what the word means, or what the list holds.
pub(super) fn explain(arguments: &ExplainArguments) -> Result<Exit, Exit> {
    let book = Book::new();
    let word = arguments.word.trim();
    let text = book.list(word).or_else(|| book.articles(word));
    let text = text.unwrap_or_else(|| {
        let end = word.rsplit('.').next().unwrap_or(word);
        wrong_word(word, &scenario::near(end, book.words())).exit()
    });
    terminal::print(text.trim_end())
}

/// Everything that can be explained.
struct Book {
    keys: Vec<KeyInfo>,
    terms: Vec<Term>,
    answer: Vec<AnswerWord>,
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
            answer: scenario::answer_words(),
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
        let parts = self.keys.iter().flat_map(|info| info.parts.iter().copied());
        let answer = self.answer.iter().map(|answer| answer.word);
        keys.chain(terms)
            .chain(parts)
            .chain(answer)
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

    /// All articles about `word`: a word, or a path to a section or a key.
    fn articles(&self, word: &str) -> Option<String> {
        let mut text = String::new();
        for (_, meaning) in self.codes.iter().filter(|(code, _)| *code == word) {
            let _ = writeln!(text, "{word}: exit code");
            wrap(&mut text, meaning, 2);
        }
        for answer in self
            .answer
            .iter()
            .filter(|answer| is_same(answer.word, word))
        {
            let _ = writeln!(text, "{}: {}", answer.word, answer.kind);
            wrap(&mut text, answer.meaning, 2);
        }
        for term in self.terms.iter().filter(|term| is_same(term.word, word)) {
            let _ = writeln!(text, "{}: {}", term.word, term.kind);
            wrap(&mut text, &term.meaning, 2);
            if !term.example.is_empty() {
                wrap(&mut text, &format!("in a claim: {}", term.example), 2);
            }
        }
        let mut keys = self.keys_at(word);
        if keys.is_empty() && text.is_empty() {
            keys = self.with_part(word);
        }
        for info in keys {
            let _ = writeln!(text, "{}: key of {}", info.key, info.table);
            for (head, fact) in &info.facts {
                wrap(&mut text, &format!("{head}: {fact}"), 2);
            }
        }
        let section = word.split_once('.').filter(|(_, rest)| !rest.contains('.'));
        if let (true, Some((section, _))) = (text.is_empty(), section) {
            return self.list(section);
        }
        (!text.is_empty()).then_some(text)
    }

    /// The keys at a path: those of the tables that the path names, if it names any. Else the key on the path
    /// whose table has this inner key.
    fn keys_at(&self, path: &str) -> Vec<&KeyInfo> {
        let mut steps: Vec<&str> = path.split('.').collect();
        let last = steps.pop().unwrap_or_default();
        let key = if last.starts_with(GROWTH) {
            GROWTH_KEY
        } else {
            last
        };
        let found = self.keys.iter().filter(|info| is_same(info.key, key));
        let found: Vec<&KeyInfo> = found.collect();
        let is_named = |info: &&KeyInfo| steps.contains(&name(&info.table));
        let named: Vec<&KeyInfo> = found.iter().copied().filter(is_named).collect();
        if !named.is_empty() {
            return named;
        }
        let mut outer = self.with_part(key);
        outer.retain(|info| steps.contains(&info.key) && is_named(info));
        if outer.is_empty() { found } else { outer }
    }

    /// The keys whose value has an inner key or a text of this name.
    fn with_part(&self, part: &str) -> Vec<&KeyInfo> {
        let has_part = |info: &&KeyInfo| info.parts.iter().any(|own| is_same(own, part));
        self.keys.iter().filter(has_part).collect()
    }
}

/// Whether two words are the same, however they are joined and in letters of any size.
fn is_same(one: &str, other: &str) -> bool {
    let plain = |word: &str| word.to_lowercase().replace(['-', '_'], " ");
    plain(one) == plain(other)
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
