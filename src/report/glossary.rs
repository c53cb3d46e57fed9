//! What every word of a result means, from the catalogues that also make `docs/output.md`.

use super::table::TABLES;
use super::words;
use crate::model::record::catalogue::{Failure, Metric, ScopeKind, Track};
use crate::model::record::outcome::RecordKind;

/// A word of a result.
#[derive(Clone, Debug)]
pub struct Term {
    /// The word: `loss_ratio`.
    pub word: &'static str,
    /// The list that has the word: `metrics`.
    pub list: &'static str,
    /// What kind of word it is: `metric of a fleet, in ratio`.
    pub kind: String,
    /// What the word means, as sentences.
    pub meaning: String,
    /// How a claim uses the word; empty for a word of tables.
    pub example: String,
}

/// All words: metrics, failures, tracks, events, and columns of tables.
pub fn glossary() -> Vec<Term> {
    let mut terms: Vec<Term> = Metric::ALL
        .iter()
        .map(|&metric| of_metric(metric))
        .collect();
    terms.extend(Failure::ALL.map(of_failure));
    terms.extend(Track::ALL.iter().map(|track| {
        let info = track.info();
        let unit = words::unit(info.unit);
        let kind = format!(
            "track of {} in timeseries.csv, in {unit}",
            scope(info.scope)
        );
        term(info.name, "tracks", kind, info.meaning)
    }));
    terms.extend(RecordKind::ALL.iter().map(|record| {
        let kind = "event in events.csv".to_owned();
        term(record.word(), "events", kind, record.meaning())
    }));
    for table in TABLES {
        let columns = table.columns.iter().filter(|column| !column.is_pattern());
        terms.extend(columns.map(|column| {
            let kind = format!("column of {}, {}", table.file, column.unit);
            term(column.name, "columns", kind, column.meaning)
        }));
    }
    terms
}

fn term(word: &'static str, list: &'static str, kind: String, meaning: &str) -> Term {
    Term {
        word,
        list,
        kind,
        meaning: meaning.to_owned(),
        example: String::new(),
    }
}

fn of_metric(metric: Metric) -> Term {
    let info = metric.info();
    let unit = words::unit(info.unit);
    let kind = format!("metric of {}, in {unit}", scope(info.scope));
    let place = place(info.scope);
    Term {
        example: format!("p95({} in {place}) < …", info.column),
        ..term(info.column, "metrics", kind, info.meaning)
    }
}

fn of_failure(failure: Failure) -> Term {
    let info = failure.info();
    let kind = format!(
        "failure of {}; what binds: {}",
        scope(info.scope),
        info.binds
    );
    let place = place(info.scope);
    Term {
        example: format!("probability(any {} in {place}) < 1%", info.word),
        ..term(info.word, "failures", kind, info.meaning)
    }
}

/// A scope with its article.
fn scope(kind: ScopeKind) -> String {
    let article = if kind.name().starts_with('e') {
        "an"
    } else {
        "a"
    };
    format!("{article} {}", kind.name())
}

/// How a claim names a scope.
fn place(kind: ScopeKind) -> String {
    let name = if kind == ScopeKind::Pool {
        "<cluster>.<pool>"
    } else {
        "<name>"
    };
    format!("{}.{name}", kind.name())
}
