//! The shortcuts of the model that a scenario meets, from the document that lists all.

use minijinja::{Value, context};

use crate::model::blueprint::{Blueprint, Fleet};

/// The document. A test compares its table with the code.
const DOCUMENT: &str = include_str!("../../../docs/model/simplifications.md");

/// Where simplifications push the answer, as the document says it, and what that means to a reader.
const DIRECTIONS: [(&str, &str); 3] = [
    (
        "up",
        "Push the answer up: less need, loss or failure in truth",
    ),
    (
        "down",
        "Push the answer down: more need, loss or failure in truth",
    ),
    ("either", "Push it either way, or only in details"),
];

/// The rows of the table that are about parts which the blueprint has, by where they push the answer.
pub(super) fn groups(blueprint: &Blueprint) -> Vec<Value> {
    let rows = DOCUMENT.lines().filter_map(|line| {
        let cells = line.strip_prefix("| `")?.trim_end_matches('|').trim_end();
        let mut cells = cells.split(" | ");
        let place = cells.next()?.trim_end_matches('`');
        Some((place, [cells.next()?, cells.next()?, cells.next()?]))
    });
    let rows: Vec<_> = rows.filter(|(place, _)| is_met(place, blueprint)).collect();
    let group = |(word, title): (&str, &str)| {
        let own = rows.iter().filter(|(_, [_, _, pushes])| *pushes == word);
        let own = own.map(|&(place, [what, cost, _])| {
            let (what, cost) = (what.replace('`', ""), cost.replace('`', ""));
            context! { place, what, cost }
        });
        context! { title, rows => own.collect::<Vec<_>>() }
    };
    DIRECTIONS.into_iter().map(group).collect()
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
