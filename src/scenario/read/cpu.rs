//! CPU that a collector demands.

use super::{Dimension, Fields, Spec};
use crate::model::blueprint::{CpuModel, LogCpu};
use crate::model::law::Quantity;
use crate::units::MIB;

/// CPU seconds that do not depend on a draw.
#[derive(Default)]
struct Terms {
    scraped: f64,
    scraped_label_byte: f64,
    compressed: f64,
    sent: f64,
    sent_further: f64,
    relabel_hit: f64,
    relabel_miss: f64,
    line: f64,
    byte: f64,
    staged_line: f64,
    file: f64,
    found: f64,
    tailing: f64,
}

/// CPU that a collector demands.
pub(super) fn cpu(fields: &mut Fields<'_>) -> CpuModel {
    let time = Spec::unknown(Dimension::Time).between(0.0, 1e6);
    let per_mib = Spec { per: MIB, ..time };
    let cores = Spec::unknown(Dimension::Cores).between(0.0, 1_000.0);
    let factor = Spec::unknown(Dimension::Number).between(0.01, 100.0);
    let share = Spec::share().between(0.0, 0.9);
    let terms = terms(fields);
    let terms = split(fields, terms);
    CpuModel {
        seconds_per_sample: optional(fields, "cpu_per_sample", &time),
        scraped: terms.scraped,
        scraped_label_byte: terms.scraped_label_byte,
        compressed: terms.compressed,
        sent: terms.sent,
        sent_further: terms.sent_further,
        relabel_hit: terms.relabel_hit,
        relabel_miss: terms.relabel_miss,
        seconds_per_scrape: fields.quantity("cpu_per_scrape", &time, None),
        seconds_per_new_series: fields.quantity("cpu_per_new_series", &time, None),
        seconds_per_truncated_series: fields.quantity("cpu_per_truncated_series", &time, None),
        idle_cores: fields.quantity("idle_cpu", &cores, None),
        logs: LogCpu {
            seconds_per_byte: optional(fields, "cpu_per_log_mib", &per_mib),
            idle_cores: terms.tailing,
            line: terms.line,
            byte: terms.byte,
            staged_line: terms.staged_line,
            file: terms.file,
            found: terms.found,
        },
        gc_share: fields.quantity("gc_share", &share, None),
        factor: fields.quantity("cpu_factor", &factor, None),
    }
}

/// A number that replaces terms, if the file or the preset states it.
fn optional(fields: &mut Fields<'_>, key: &'static str, spec: &Spec) -> Option<Quantity> {
    let is_stated = fields.stated(key).is_some();
    is_stated.then(|| fields.quantity(key, spec, None))
}

/// The terms with the part of sending that `cpu_sent_share` states, if it does.
fn split(fields: &mut Fields<'_>, terms: Terms) -> Terms {
    if fields.stated("cpu_sent_share").is_none() {
        return terms;
    }
    let share = fields.amount("cpu_sent_share", &Spec::share(), None);
    let all = terms.scraped + terms.sent;
    Terms {
        scraped: all * (1.0 - share),
        scraped_label_byte: 0.0,
        compressed: 0.0,
        sent: all * share,
        sent_further: all * share,
        ..terms
    }
}

/// CPU seconds of each kind of work.
fn terms(fields: &mut Fields<'_>) -> Terms {
    let time = Spec::unknown(Dimension::Time).between(0.0, 1.0);
    let cores = Spec::unknown(Dimension::Cores).between(0.0, 1_000.0);
    fields.table_or_default("cpu_terms", |table| Terms {
        scraped: table.amount("scraped", &time, None),
        scraped_label_byte: table.amount("scraped_label_byte", &time, None),
        compressed: table.amount("compressed", &time, None),
        sent: table.amount("sent", &time, None),
        sent_further: table.amount("sent_further", &time, None),
        relabel_hit: table.amount("relabel_hit", &time, None),
        relabel_miss: table.amount("relabel_miss", &time, None),
        line: table.amount("line", &time, None),
        byte: table.amount("line_byte", &time, None),
        staged_line: table.amount("staged_line", &time, None),
        file: table.amount("file", &cores, None),
        found: table.amount("poll_with_lines", &time, None),
        tailing: table.amount("tailing", &cores, None),
    })
}
