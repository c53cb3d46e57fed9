//! A tree to a blueprint: one file per section.
//!
//! Sections of one kind are read in the order of their names, so the order of a file changes
//! nothing.

mod autoscaling;
mod balancer;
mod chain;
mod cluster;
mod collector;
mod connectors;
mod cpu;
mod egress;
mod endpoint;
pub(in crate::scenario) mod experiment;
mod files;
mod fleet;
mod lifecycle;
mod logs;
mod memory;
mod meta;
mod preset;
mod profiles;
mod spans;
mod trend;
mod workload;

use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) use files::Files;

use super::ReadFile;
use super::fields::{Fields, Sink};
use super::problem::Problem;
use super::quantity::Spec;
use super::tree::{Node, Table, Value};
use super::unit::Dimension;
use crate::experiment::study::{Input, Study};
use crate::model::blueprint::signal::Signal;
use crate::model::blueprint::{Blueprint, FleetId};
use crate::units::{Bytes, nearest};
use preset::Preset;

/// One case of a scenario, as read.
pub(super) struct Reading {
    /// The study without its cases and requirements.
    pub(super) study: Study,
    pub(super) blueprint: Blueprint,
    pub(super) inputs: Vec<Input>,
    /// The tree with every default written out, without variants, sweeps, goals and expectations.
    pub(super) resolved: Table,
}

/// What sections need to know of other sections.
struct Context<'a> {
    files: &'a Files<'a>,
    /// The preset of the whole scenario.
    preset: Rc<Preset>,
    /// Weekday of the start, 0 = Monday.
    first_weekday: u8,
    pools: Vec<String>,
    workloads: Vec<String>,
    endpoints: Vec<String>,
    egresses: Vec<String>,
    fleets: Vec<String>,
    /// Signals that fleets receive from other fleets: what stands behind each endpoint.
    behind: Vec<(Signal, Option<FleetId>)>,
}

/// Keys of the root that other modules read.
const ELSEWHERE: [&str; 4] = ["variant", "sweep", "goal", "expect"];

/// Reads one case.
pub(super) fn read(root: &Table, files: &Files<'_>, sink: &Sink) -> Reading {
    let root = sorted(root);
    if loses_a_name(&root) {
        sink.is_name_lost.set(true);
    }
    let mut fields = Fields::new(sink, &root, None, "");
    fields.describe();
    format(&mut fields);
    let preset = preset::choose(&mut fields, files, None);
    let named = fields.table_or_default("meta", meta::read);
    let (study, plan) =
        fields.table_or_default("experiment", |table| experiment::read(table, named));
    let context = Context {
        files,
        preset,
        first_weekday: plan.first_weekday,
        pools: pool_names(&root),
        workloads: names(&root, "workload"),
        endpoints: names(&root, "endpoint"),
        egresses: names(&root, "egress"),
        fleets: names(&root, "fleet"),
        behind: Vec::new(),
    };
    let pools = cluster::read(&mut fields, &context);
    let workloads = fields.tables("workload", |table| workload::read(table, &context));
    let egresses = fields.tables("egress", |table| egress::read(table, &context));
    let endpoints = fields.tables("endpoint", |table| endpoint::read(table, &context));
    let context = Context {
        behind: chain::behind(&endpoints),
        ..context
    };
    let fleets = fields.tables("fleet", |table| fleet::read(table, &context, &workloads));
    let mut blueprint = Blueprint {
        horizon: plan.horizon,
        start: plan.start,
        grid: plan.grid,
        pools,
        workloads,
        fleets,
        endpoints,
        egresses,
    };
    chain::connect(&mut blueprint, &mut fields);
    for key in ELSEWHERE {
        fields.take(key);
    }
    report_duplicates(&fields, &root);
    for key in ["workload", "fleet"] {
        if !fields.has(key) {
            let help = format!("add a [[{key}]] section");
            fields.wrong(key, format!("the scenario has no {key}"), &help);
        }
    }
    let resolved = fields.finish();
    Reading {
        study,
        blueprint,
        inputs: std::mem::take(&mut sink.inputs.borrow_mut()),
        resolved,
    }
}

/// Reads the format of the file, by which a later program knows what the file means.
fn format(fields: &mut Fields<'_>) {
    let node = fields.node("format", None);
    if node.is_some_and(|node| !matches!(node.value, Value::Integer(1))) {
        let message = "this program reads format 1 only";
        fields.wrong("format", message, "write format = 1");
    }
}

/// Sections that others refer to by name.
const NAMED: [&str; 5] = ["cluster", "workload", "fleet", "endpoint", "egress"];

/// Whether the name of a section is missing or empty.
fn loses_a_name(root: &Table) -> bool {
    let is_nameless = |table: &Table| table.name().is_none_or(|name| name.trim().is_empty());
    let mut clusters = tables(root, "cluster");
    NAMED.iter().any(|kind| tables(root, kind).any(is_nameless))
        || clusters.any(|cluster| tables(cluster, "pool").any(is_nameless))
}

/// The tree with the sections of each kind in the order of their names.
fn sorted(root: &Table) -> Table {
    let mut root = root.clone();
    for key in NAMED {
        let sections = sort(&mut root, key).iter_mut();
        for section in sections.filter_map(Node::as_table_mut) {
            sort(section, "pool");
            sort(section, "giant");
        }
    }
    root
}

/// Sorts the sections of a kind in a table by name, and returns them.
fn sort<'a>(table: &'a mut Table, key: &str) -> &'a mut [Node] {
    let Some(Value::Array(nodes)) = table.get_mut(key).map(|node| &mut node.value) else {
        return &mut [];
    };
    nodes.sort_by_cached_key(|node| node.name().map(str::to_owned));
    nodes
}

/// The tables of a section.
fn tables<'a>(root: &'a Table, key: &str) -> impl Iterator<Item = &'a Table> {
    root.get(key).into_iter().flat_map(Node::tables)
}

/// The names of a section, one per table, so that positions are ids.
fn names(root: &Table, key: &str) -> Vec<String> {
    let name = |table: &Table| table.name().unwrap_or_default().to_owned();
    tables(root, key).map(name).collect()
}

/// The names of all pools as references state them, `cluster.pool`.
fn pool_names(root: &Table) -> Vec<String> {
    let mut pools = Vec::new();
    for cluster in tables(root, "cluster") {
        let prefix = cluster.name().unwrap_or_default();
        for pool in names(cluster, "pool") {
            pools.push(format!("{prefix}.{pool}"));
        }
    }
    pools
}

/// Reports a name of two sections of one kind.
fn report_duplicates(fields: &Fields<'_>, root: &Table) {
    for key in [
        "cluster", "workload", "fleet", "endpoint", "egress", "variant", "goal", "expect",
    ] {
        report_duplicates_in(fields, root, key);
    }
    for cluster in tables(root, "cluster") {
        report_duplicates_in(fields, cluster, "pool");
    }
    for workload in tables(root, "workload") {
        report_duplicates_in(fields, workload, "giant");
    }
}

fn report_duplicates_in(fields: &Fields<'_>, table: &Table, kind: &str) {
    let mut first = BTreeMap::new();
    for table in tables(table, kind) {
        if let Some(node) = table.get("name")
            && let Some(name) = node.as_text().filter(|name| !name.is_empty())
            && let Some(span) = first.insert(name, node.span)
        {
            let message = format!("two {kind} sections are called `{name}`");
            let problem = Problem::error(message, node.span)
                .saying("the second")
                .label(span, "the first");
            fields.report(problem);
        }
    }
}

/// Reads the name of a section, which paths and references use.
fn name(fields: &mut Fields<'_>) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_fine = |name: &str| (1..=60).contains(&name.len()) && name.bytes().all(is_plain);
    let help = "paths address sections by name: use up to 60 letters, digits, - and _";
    fields.name(is_fine, "be a name", help)
}

/// A number of bytes, rounded.
fn bytes(value: f64) -> Bytes {
    Bytes::new(nearest(value))
}
