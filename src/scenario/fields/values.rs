//! Plain values: texts, words, counts, amounts, durations.

use crate::units::SimDuration;
use std::ops::RangeInclusive;

use super::{Dimension, Fields, Node, SECONDS_MAX, Shape, Spec, Value, quantity, suggest};
use crate::scenario::short;

impl Fields<'_> {
    /// A text.
    pub(in crate::scenario) fn text(&mut self, key: &'static str, default: Option<&str>) -> String {
        self.note(key, Some(Shape::Text));
        let Some(node) = self.node(key, default.map(Node::text)) else {
            return String::new();
        };
        let Some(text) = node.as_text() else {
            self.unlike(key, "a text", &node, "");
            return String::new();
        };
        if default.is_none() && text.trim().is_empty() {
            self.lose(key);
            self.wrong(key, format!("`{key}` is empty in {}", self.path()), "");
        }
        text.to_owned()
    }

    /// The text under `name`. An unsuitable text is a problem.
    pub(in crate::scenario) fn name(
        &mut self,
        is_fine: impl Fn(&str) -> bool,
        purpose: &str,
        help: &str,
    ) -> String {
        let name = self.text("name", None);
        if !self.is_any_lost(&["name"]) && !is_fine(&name) {
            let message = format!("`{}` cannot {purpose}", short(&name));
            self.wrong("name", message, help);
        }
        name
    }

    /// The value of one of the words in `choices`. After a problem it is the first of them.
    pub(in crate::scenario) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
        default: Option<&str>,
    ) -> T {
        let (_, fallback) = choices[0];
        let words = choices.iter().map(|(word, _)| (*word).to_owned());
        self.note(key, Some(Shape::Words(words.collect())));
        let Some(stated) = self.node(key, default.map(Node::text)) else {
            return fallback;
        };
        let node = stated.plain();
        let is_it = |&&(word, _): &&(&str, T)| node.as_text() == Some(word);
        if let Some((_, value)) = choices.iter().find(is_it) {
            self.note_known(key, &stated, "", None);
            return *value;
        }
        let text = quantity::inline_short(node);
        let words = choices.iter().map(|(word, _)| *word);
        let help = suggest(text.trim_matches('"'), words);
        self.lose(key);
        self.wrong(key, format!("{text} is no `{key}`"), &help);
        fallback
    }

    /// A truth value.
    pub(in crate::scenario) fn boolean(
        &mut self,
        key: &'static str,
        default: Option<bool>,
    ) -> bool {
        self.note(key, Some(Shape::Boolean));
        let Some(stated) = self.node(key, default.map(Node::boolean)) else {
            return false;
        };
        let node = stated.plain();
        if let Value::Boolean(value) = node.value {
            self.note_known(key, &stated, "", None);
            return value;
        }
        self.unlike(key, "true or false", node, "");
        false
    }

    /// A whole number.
    pub(in crate::scenario) fn count(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u32>,
        default: Option<u32>,
    ) -> u32 {
        let fallback = *range.start();
        self.note(key, Some(Shape::Count(fallback, *range.end())));
        let Some(stated) = self.node(key, default.map(|value| Node::integer(value.into()))) else {
            return fallback;
        };
        let node = stated.plain();
        let Value::Integer(value) = node.value else {
            self.unlike(key, "a whole number", node, "");
            return fallback;
        };
        let value = u32::try_from(value).ok();
        if let Some(value) = value.filter(|value| range.contains(value)) {
            self.note_known(key, &stated, Dimension::Number.unit(), Some(value.into()));
            return value;
        }
        let (value, min, max) = (quantity::inline_short(node), fallback, range.end());
        let message = format!("{key} = {value} is not between {min} and {max}");
        self.lose(key);
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
        self.note(key, Some(Shape::Amount(*spec)));
        let Some(node) = self.node(key, default) else {
            return spec.min;
        };
        match quantity::scalar(node.plain(), spec) {
            Ok(value) => {
                self.note_known(key, &node, spec.unit(), Some(value));
                value
            }
            Err(problem) => {
                self.refuse(key, problem);
                spec.min
            }
        }
    }

    /// A value without uncertainty; `None` for `word` (`never`, `unlimited`).
    pub(in crate::scenario) fn amount_or(
        &mut self,
        key: &'static str,
        spec: &Spec,
        word: &'static str,
    ) -> Option<f64> {
        self.note(key, Some(Shape::Words(vec![word.to_owned()])));
        self.note(key, Some(Shape::Amount(*spec)));
        let node = self.take(key);
        if node.is_none_or(|node| node.as_text() == Some(word)) {
            self.resolve(key, Node::text(word));
            return None;
        }
        Some(self.amount(key, spec, None))
    }

    /// A whole number, or a word for none.
    pub(in crate::scenario) fn count_or(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u32>,
        word: &'static str,
    ) -> Option<u32> {
        self.note(key, Some(Shape::Words(vec![word.to_owned()])));
        self.note(key, Some(Shape::Count(*range.start(), *range.end())));
        let node = self.take(key);
        if node.is_none_or(|node| node.as_text() == Some(word)) {
            self.resolve(key, Node::text(word));
            return None;
        }
        Some(self.count(key, range, None))
    }

    /// A length of time.
    pub(in crate::scenario) fn duration(
        &mut self,
        key: &'static str,
        seconds: RangeInclusive<f64>,
        default: Option<&str>,
    ) -> SimDuration {
        let max = seconds.end().min(SECONDS_MAX);
        let spec = Spec::unknown(Dimension::Time).between(*seconds.start(), max);
        let value = self.amount(key, &spec, default.map(Node::text));
        SimDuration::from_secs_f64(value)
    }

    /// A list of instants, empty if the file has none, in order of time.
    pub(in crate::scenario) fn instants(&mut self, key: &'static str) -> Vec<SimDuration> {
        self.note(key, Some(Shape::Times));
        let Some(node) = self.node(key, Some(Node::array(Vec::new()))) else {
            return Vec::new();
        };
        let Some(elements) = node.as_array() else {
            let help = format!("write {key} = [\"40d\"]");
            self.unlike(key, "a list of times", &node, &help);
            return Vec::new();
        };
        let spec = Spec::unknown(Dimension::Time).between(0.0, SECONDS_MAX);
        let mut instants = Vec::new();
        for element in elements {
            match quantity::scalar(element, &spec) {
                Ok(seconds) => {
                    instants.push(SimDuration::from_secs_f64(seconds));
                }
                Err(problem) => self.refuse(key, problem),
            }
        }
        instants.sort_unstable();
        instants
    }
}
