//! The answer to `compare`.

use serde::Serialize;

use super::{Ends, ends};
use crate::report::brief::{Amount, Form};
use crate::report::compare::{Compared, Row};
use crate::report::words;

#[derive(Clone, Debug, Serialize)]
pub(super) struct Comparison {
    a: String,
    b: String,
    sentence: String,
    pairing: String,
    rows: Vec<Line>,
    draws: Option<Draws>,
    condition: Option<Condition>,
}

#[derive(Clone, Debug, Serialize)]
struct Line {
    label: String,
    subject: String,
    unit: Option<&'static str>,
    a: Option<Side>,
    b: Option<Side>,
    difference: Option<f64>,
    interval: Option<Ends>,
}

#[derive(Clone, Debug, Serialize)]
struct Side {
    value: f64,
    is_above: bool,
}

/// Draws by which side fails in them.
#[derive(Clone, Debug, Serialize)]
struct Draws {
    both_fail: usize,
    only_a_fails: usize,
    only_b_fails: usize,
    neither_fails: usize,
}

#[derive(Clone, Debug, Serialize)]
struct Condition {
    text: String,
    verdict: &'static str,
}

/// The answer of two cases side by side.
pub(super) fn of(compared: &Compared) -> Comparison {
    let [a, b] = compared.names.clone();
    let table = compared.table;
    let condition = compared.condition.as_ref();
    Comparison {
        a,
        b,
        sentence: format!("{}.", compared.sentence),
        pairing: compared.pairing.clone(),
        rows: compared.rows.iter().map(line).collect(),
        draws: table.map(|[both, first, second, neither]| Draws {
            both_fail: both,
            only_a_fails: first,
            only_b_fails: second,
            neither_fails: neither,
        }),
        condition: condition.map(|(text, verdict)| Condition {
            text: text.clone(),
            verdict: words::passes(*verdict),
        }),
    }
}

fn line(row: &Row) -> Line {
    let side = |amount: Amount| Side {
        value: amount.value,
        is_above: amount.form == Form::Exceeded,
    };
    let [a, b] = row.sides;
    let unit = a.or(b).map(|amount| words::unit(amount.unit));
    let interval = row.difference.and_then(|(_, interval)| interval);
    Line {
        label: row.label.clone(),
        subject: row.subject.clone(),
        unit,
        a: a.map(side),
        b: b.map(side),
        difference: row.difference.map(|(amount, _)| amount.value),
        interval: interval.and_then(ends),
    }
}
