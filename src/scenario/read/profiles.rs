//! Profiles: what a workload offers, and how a fleet takes and sends it.

use super::{Dimension, Fields, Node, Spec};
use crate::model::blueprint::{Backoff, ProfileCosts, ProfileLoad, ProfileSource, Pyroscope};
use crate::model::law::Quantity;

/// Where the rate of profiles comes from.
const RATE_SOURCE: &str = "Alloy docs, pyroscope.scrape: five types each 15 s";

/// Where the size of a profile comes from.
const SIZE_SOURCE: &str = "INFERRED: as the profiles whose cost was measured";

/// The words for who begins a request for a profile.
const SOURCES: [(&str, ProfileSource); 2] = [
    ("scrape", ProfileSource::Scrape),
    ("push", ProfileSource::Push),
];

const fn bytes() -> Spec {
    Spec::unknown(Dimension::Bytes).between(0.0, 1e15)
}

/// Profiles that one pod offers.
pub(super) fn load(fields: &mut Fields<'_>) -> ProfileLoad {
    const TYPES: f64 = 5.0;
    const INTERVAL_SECONDS: f64 = 15.0;
    let rate = Spec::unknown(Dimension::Number).between(0.0, 1e6);
    let size = bytes().between(1.0, 1e9);
    let usual = vec![
        ("value", Node::number(TYPES / INTERVAL_SECONDS)),
        ("source", Node::text(RATE_SOURCE)),
    ];
    let pprof = vec![
        ("value", Node::text("38KB")),
        ("source", Node::text(SIZE_SOURCE)),
    ];
    ProfileLoad {
        per_second: fields.quantity("profiles_per_pod", &rate, Some(Node::table(usual))),
        bytes: fields.quantity("bytes_per_profile", &size, Some(Node::table(pprof))),
    }
}

/// Reads what a preset may state of a fleet.
pub(super) fn preset(fields: &mut Fields<'_>) {
    table(fields, ProfileSource::Scrape);
    costs(fields, true);
}

/// How a fleet takes profiles and sends them.
pub(super) fn pyroscope(fields: &mut Fields<'_>, takes_none: bool) -> Pyroscope {
    let source = if takes_none {
        let why = "the fleet collects no profiles, so this says nothing";
        let help = "write collects = { profiles = [\"<workload>\"] }, or remove it";
        fields.forbid("profile_source", why, help);
        ProfileSource::Scrape
    } else {
        fields.choice("profile_source", &SOURCES, Some("scrape"))
    };
    table(fields, source)
}

fn table(fields: &mut Fields<'_>, source: ProfileSource) -> Pyroscope {
    let time = Spec::unknown(Dimension::Time).between(0.01, 86_400.0);
    fields.table_or_default("pyroscope", |table| Pyroscope {
        source,
        interval: table.duration("scrape_interval", 1.0..=86_400.0, None),
        delta_share: table.amount("delta_share", &Spec::share(), None),
        retries: Backoff {
            attempts: table.count("max_backoff_retries", 1..=1_000, None),
            first_seconds: table.amount("min_backoff_period", &time, None),
            longest_seconds: table.amount("max_backoff_period", &time, None),
        },
        attempt_max: table.duration("remote_timeout", 0.1..=3_600.0, None),
    })
}

/// What profiles cost a collector, if it takes any.
pub(super) fn costs(fields: &mut Fields<'_>, takes_any: bool) -> ProfileCosts {
    let key = "memory_per_profiled_target";
    let per_target = if takes_any {
        fields.quantity(key, &bytes(), None)
    } else {
        fields.take(key);
        Quantity::fixed(0.0)
    };
    let time = Spec::unknown(Dimension::Time).between(0.0, 10.0);
    let factor = Spec::unknown(Dimension::Number).between(0.0, 1_000.0);
    fields.table_or_default("profile_costs", |table| ProfileCosts {
        cpu: table.amount("cpu", &time, None),
        cpu_byte: table.amount("cpu_byte", &time, None),
        per_target,
        stack: table.amount("stack", &bytes(), None),
        garbage_byte: table.amount("garbage_byte", &factor, None),
    })
}
