//! The shortcuts of the model that a scenario meets, from the document that lists all.

use minijinja::{Value, context};

use crate::model::blueprint::{Blueprint, Fleet};

/// The document. A test compares its table with the code.
const DOCUMENT: &str = include_str!("../../../docs/model/simplifications.md");

/// The rows of the table that are about parts which the blueprint has.
pub(super) fn rows(blueprint: &Blueprint) -> Vec<Value> {
    let rows = DOCUMENT.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.trim_end_matches('|').split(" | ");
        let place = cells.next()?.trim_end_matches('`');
        Some((place, cells.next()?, cells.next()?))
    });
    let rows = rows.filter(|(place, ..)| is_met(place, blueprint));
    let row = |(place, what, cost): (&str, &str, &str)| {
        let (what, cost) = (what.replace('`', ""), cost.replace('`', ""));
        context! { place, what, cost }
    };
    rows.map(row).collect()
}

/// Whether a part of the code has something to do in a blueprint.
fn is_met(place: &str, blueprint: &Blueprint) -> bool {
    let any = |has: fn(&Fleet) -> bool| blueprint.fleets.iter().any(has);
    let about = |parts: &[&str]| parts.iter().any(|part| place.contains(part));
    if about(&["/egress/", "/nat.rs"]) {
        !blueprint.egresses.is_empty()
    } else if about(&["/logs/", "/tails.rs", "/relay.rs"]) {
        any(|fleet| !fleet.logs_of.is_empty())
    } else if about(&["/traces/", "/spans.rs", "/connectors.rs", "/balancer/"]) {
        any(|fleet| !fleet.traces_of.is_empty())
    } else if about(&["/profiles/"]) {
        any(|fleet| !fleet.profiles_of.is_empty())
    } else if about(&["/wal/", "/remote_write/", "/metrics/", "/scrape.rs"]) {
        any(Fleet::has_series)
    } else if about(&["/autoscale/", "/scaling.rs", "/usage.rs"]) {
        any(|fleet| fleet.autoscaling.is_some())
    } else if about(&["/job/"]) {
        blueprint
            .workloads
            .iter()
            .any(|workload| workload.jobs.is_some())
    } else {
        true
    }
}
