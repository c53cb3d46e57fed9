//! Plain values: texts, words, counts, amounts, lengths of time.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::super::quantity::{self, Spec};
use super::super::suggest::suggest;
use super::super::tree::{Node, Value};
use super::super::unit::Dimension;
use super::{Fields, SECONDS_MAX};

impl Fields<'_> {
    /// A text.
    pub(in crate::scenario) fn text(&mut self, key: &'static str, default: Option<&str>) -> String {
        let Some(node) = self.node(key, default.map(Node::text)) else {
            return String::new();
        };
        if let Some(text) = node.as_text() {
            text.to_owned()
        } else {
            self.wrong(
                key,
                format!("`{key}` must be a text, not {}", node.kind()),
                "",
            );
            String::new()
        }
    }

    /// One of the words in `choices`.
    pub(in crate::scenario) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
        default: Option<&str>,
    ) -> Option<T> {
        let stated = self.node(key, default.map(Node::text))?;
        let node = stated.plain();
        let found = node
            .as_text()
            .and_then(|text| choices.iter().find(|(word, _)| *word == text));
        if found.is_none() {
            let text = quantity::inline_short(node);
            let words = choices.iter().map(|(word, _)| *word);
            let help = suggest(text.trim_matches('"'), words);
            self.wrong(key, format!("{text} is no `{key}`"), &help);
        }
        self.note_known(key, &stated, "", None);
        found.map(|(_, value)| *value)
    }

    /// A truth value.
    pub(in crate::scenario) fn boolean(
        &mut self,
        key: &'static str,
        default: Option<bool>,
    ) -> bool {
        let Some(stated) = self.node(key, default.map(Node::boolean)) else {
            return false;
        };
        let node = stated.plain();
        if let Value::Boolean(value) = node.value {
            self.note_known(key, &stated, "", None);
            value
        } else {
            let message = format!("`{key}` must be true or false, not {}", node.kind());
            self.wrong(key, message, "");
            false
        }
    }

    /// A whole number.
    pub(in crate::scenario) fn count(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u32>,
        default: Option<u32>,
    ) -> u32 {
        let fallback = *range.start();
        let Some(stated) = self.node(key, default.map(|value| Node::integer(value.into()))) else {
            return fallback;
        };
        let node = stated.plain();
        let value = if let Value::Integer(value) = node.value {
            u32::try_from(value).ok()
        } else {
            let message = format!("`{key}` must be a whole number, not {}", node.kind());
            self.wrong(key, message, "");
            return fallback;
        };
        if let Some(value) = value.filter(|value| range.contains(value)) {
            self.note_known(key, &stated, Dimension::Number.unit(), Some(value.into()));
            return value;
        }
        let message = format!(
            "{key} = {} is not between {} and {}",
            quantity::inline_short(node),
            range.start(),
            range.end()
        );
        self.wrong(key, message, "");
        fallback
    }

    /// A value without uncertainty.
    pub(in crate::scenario) fn amount(
        &mut self,
        key: &'static str,
        spec: &Spec,
        default: Option<Node>,
    ) -> f64 {
        let Some(node) = self.node(key, default) else {
            return spec.min;
        };
        match quantity::scalar(node.plain(), spec) {
            Ok(value) => {
                self.note_known(key, &node, spec.unit(), Some(value));
                value
            }
            Err(refusal) => {
                self.refuse(refusal);
                spec.min
            }
        }
    }

    /// The same, absent for `word` (`never`, `unlimited`).
    pub(in crate::scenario) fn amount_or(
        &mut self,
        key: &'static str,
        spec: &Spec,
        word: &'static str,
    ) -> Option<f64> {
        let is_word = self
            .take(key)
            .is_none_or(|node| node.as_text() == Some(word));
        if is_word {
            self.resolve(key, Node::text(word));
            return None;
        }
        Some(self.amount(key, spec, None))
    }

    /// A length of time.
    pub(in crate::scenario) fn duration(
        &mut self,
        key: &'static str,
        seconds: RangeInclusive<f64>,
        default: Option<&str>,
    ) -> Duration {
        let max = seconds.end().min(SECONDS_MAX);
        let spec = Spec::unknown(Dimension::Time).between(*seconds.start(), max);
        let value = self.amount(key, &spec, default.map(Node::text));
        Duration::try_from_secs_f64(value).unwrap_or_default()
    }
    /// A list of instants, empty if the file has none, in order of time.
    pub(in crate::scenario) fn instants(&mut self, key: &'static str) -> Vec<Duration> {
        let Some(node) = self.node(key, Some(Node::array(Vec::new()))) else {
            return Vec::new();
        };
        let Some(elements) = node.as_array() else {
            let message = format!("`{key}` must be a list of times, not {}", node.kind());
            self.wrong(key, message, &format!("write {key} = [\"40d\"]"));
            return Vec::new();
        };
        let spec = Spec::unknown(Dimension::Time).between(0.0, SECONDS_MAX);
        let mut instants = Vec::new();
        for element in elements {
            match quantity::scalar(element, &spec) {
                Ok(seconds) => {
                    instants.push(Duration::try_from_secs_f64(seconds).unwrap_or_default());
                }
                Err(refusal) => self.refuse(refusal),
            }
        }
        instants.sort_unstable();
        instants
    }
}
