//! Targets as a Prometheus `file_sd` file in JSON.
//!
//! Every value is first taken as a piece of the text, so that a problem can show it.

use std::fmt::{Formatter, Result as FormatResult};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::super::problem::{Problem, Problems, Span};
use super::super::suggest::suggest;
use super::ADDRESS;
use crate::model::cluster::ring::Target;

/// Keys of a group.
const KEYS: [&str; 3] = ["targets", "labels", "series"];

/// An example of a file, for help texts.
const EXAMPLE: &str =
    "write [{\"targets\": [\"10.0.0.1:8080\"], \"labels\": {\"job\": \"api\"}, \"series\": 1200}]";

/// The targets of the groups of `text`.
pub(super) fn read(text: &str, problems: &mut Problems) -> Vec<Target> {
    let mut reader = Reader {
        text,
        problems,
        targets: Vec::new(),
        with_series: None,
        without_series: None,
    };
    let document = text.trim_start_matches('\u{feff}');
    match serde_json::from_str::<&RawValue>(document) {
        Ok(document) => reader.document(document),
        Err(error) => {
            let span = place_of(text, document, &error);
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            let problem = Problem::error(message, Some(span)).help(EXAMPLE);
            reader.problems.push(problem);
        }
    }
    reader.targets
}

/// The file while it is read.
struct Reader<'a, 'p> {
    text: &'a str,
    problems: &'p mut Problems,
    targets: Vec<Target>,
    /// The first group with a number of series, and the first group without.
    with_series: Option<Span>,
    without_series: Option<Span>,
}

/// An object with its keys in the order of the text, duplicates included.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Reader<'a, '_> {
    fn document(&mut self, document: &'a RawValue) {
        let Ok(groups) = serde_json::from_str::<Vec<&RawValue>>(document.get()) else {
            return self.refuse(document, "the file", "a list of groups");
        };
        for group in groups {
            self.group(group);
            if self.problems.is_full() || super::is_too_many(self.targets.len(), self.problems) {
                return;
            }
        }
        if let (Some(with), Some(without)) = (self.with_series, self.without_series) {
            let problem = Problem::error("the group has no number of series", Some(without))
                .label(Some(with), "this one has")
                .help("where series are given, every group needs them");
            self.problems.push(problem);
        }
    }

    fn group(&mut self, group: &'a RawValue) {
        let Some(fields) = self.object(group, "a group") else {
            return;
        };
        let (mut addresses, mut labels, mut series) = (None, Vec::new(), None);
        let mut states_series = false;
        for (key, value) in fields {
            match key.as_str() {
                "targets" => addresses = Some(self.addresses(value)),
                "labels" => labels = self.labels(value),
                "series" => {
                    let span = self.span(value);
                    states_series = true;
                    series = super::series(value.get(), span, self.problems);
                    self.with_series.get_or_insert(span);
                }
                other => {
                    let message = format!("a group has no key `{}`", super::super::short(other));
                    self.wrong(value, message, &suggest(other, KEYS));
                }
            }
        }
        let Some(addresses) = addresses else {
            return self.wrong(group, "the group has no `targets`", EXAMPLE);
        };
        if !states_series && !addresses.is_empty() {
            self.without_series.get_or_insert(self.span(group));
        }
        for address in addresses {
            let mut labels = labels.clone();
            labels.retain(|(name, _)| name != ADDRESS);
            labels.push((ADDRESS.to_owned(), address));
            self.targets.push(super::target(labels, series));
        }
    }

    fn addresses(&mut self, list: &'a RawValue) -> Vec<String> {
        let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(list.get()) else {
            self.refuse(list, "`targets`", "a list of addresses");
            return Vec::new();
        };
        let mut addresses = Vec::new();
        for item in items {
            match self.string(item, "an address") {
                Some(address) if address.is_empty() => {
                    self.wrong(item, "the address is empty", EXAMPLE);
                }
                address => addresses.extend(address),
            }
        }
        addresses
    }

    /// The labels that count.
    fn labels(&mut self, object: &'a RawValue) -> Vec<(String, String)> {
        let mut labels = Vec::new();
        for (name, value) in self.object(object, "`labels`").unwrap_or_default() {
            let what = format!("the label `{}`", super::super::short(&name));
            if let Some(value) = self.string(value, &what)
                && super::counts(&name)
            {
                labels.push((name, value));
            }
        }
        labels
    }

    /// The keys and values of an object.
    fn object(&mut self, raw: &'a RawValue, what: &str) -> Option<Vec<(String, &'a RawValue)>> {
        let Ok(Object(fields)) = serde_json::from_str(raw.get()) else {
            self.refuse(raw, what, "an object");
            return None;
        };
        let mut keys: Vec<&str> = fields.iter().map(|(key, _)| key.as_str()).collect();
        keys.sort_unstable();
        if let Some(twice) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
            let message = format!("the key `{}` stands twice", super::super::short(twice[0]));
            self.problems
                .push(Problem::error(message, Some(self.span(raw))));
        }
        Some(fields)
    }

    fn string(&mut self, raw: &'a RawValue, what: &str) -> Option<String> {
        let text = serde_json::from_str(raw.get()).ok();
        if text.is_none() {
            self.refuse(raw, what, "text in quotes");
        }
        text
    }

    fn refuse(&mut self, raw: &'a RawValue, what: &str, wanted: &str) {
        let found = match raw.get().as_bytes().first() {
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b'"') => "text",
            Some(b't' | b'f') => "a boolean",
            Some(b'n') => "null",
            _ => "a number",
        };
        self.wrong(raw, format!("{what} is {found}, not {wanted}"), EXAMPLE);
    }

    fn wrong(&mut self, raw: &RawValue, message: impl Into<String>, help: &str) {
        let problem = Problem::error(message, Some(self.span(raw)));
        self.problems.push(problem.help(help));
    }

    /// The place of a value in the file, its first line. The value is a piece of the file's own
    /// text.
    fn span(&self, raw: &RawValue) -> Span {
        let start = raw.get().as_ptr().addr() - self.text.as_ptr().addr();
        let first = raw.get().lines().next().unwrap_or_default();
        Span::from(start..start + first.len())
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object<'de>;

            fn expecting(&self, formatter: &mut Formatter<'_>) -> FormatResult {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    fields.push(entry);
                }
                Ok(Object(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// The byte at which a syntax error lies.
fn place_of(text: &str, document: &str, error: &serde_json::Error) -> Span {
    let lines = document.split_inclusive('\n');
    let before: usize = lines
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let place = before + error.column().saturating_sub(1);
    let place = (place + text.len() - document.len()).min(text.len());
    Span::from(place..(place + 1).min(text.len()))
}
