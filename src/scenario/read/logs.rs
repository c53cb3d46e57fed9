//! Where a fleet gets its lines from.

use super::{Dimension, Fields, Spec};
use crate::model::blueprint::{LogIntake, LogSource};
use crate::model::law::Quantity;

/// The words for sources.
const SOURCES: [(&str, LogSource); 4] = [
    ("files", LogSource::Files),
    ("kubernetes-api", LogSource::KubernetesApi),
    ("journald", LogSource::Journald),
    ("push", LogSource::Push),
];

/// How a fleet takes log lines in. `tails_none` says that it collects no logs itself, `receives` that
/// other fleets send lines to it.
pub(super) fn intake(fields: &mut Fields<'_>, (tails_none, receives): (bool, bool)) -> LogIntake {
    let source = if receives {
        let source = fields.choice("log_source", &SOURCES, Some("push"));
        if source != LogSource::Push {
            let message = "other fleets push their lines to it";
            fields.wrong("log_source", message, "write log_source = \"push\"");
        }
        LogSource::Push
    } else if tails_none {
        let why = "the fleet collects no logs, so this says nothing";
        let help = "write collects = { logs = [\"<workload>\"] }, or remove it";
        fields.forbid("log_source", why, help);
        LogSource::Files
    } else {
        fields.choice("log_source", &SOURCES, Some("files"))
    };
    LogIntake {
        source,
        per_stream: per_stream(fields, source == LogSource::KubernetesApi),
    }
}

/// Reads what a preset may state of a fleet.
pub(super) fn preset(fields: &mut Fields<'_>) {
    per_stream(fields, true);
}

/// Live bytes per stream of the API server, where there is any.
fn per_stream(fields: &mut Fields<'_>, has_streams: bool) -> Quantity {
    let key = "memory_per_log_stream";
    if !has_streams {
        fields.take(key);
        return Quantity::fixed(0.0);
    }
    let bytes = Spec::unknown(Dimension::Bytes).between(0.0, 1e12);
    fields.quantity(key, &bytes, None)
}
