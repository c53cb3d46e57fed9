//! `[[cluster]]` and its pools of nodes.

use super::{Context, Dimension, Fields, Spec, bytes, name, trend};
use crate::model::blueprint::{NodeSize, Pool, ZoneFailure};
use crate::model::law::Quantity;

/// Greatest number of nodes of a pool.
const NODES_MAX: f64 = 1_000_000.0;
/// Greatest number of equal clusters.
const CLUSTERS_MAX: u32 = 10_000;
/// Greatest number of zones.
const ZONES_MAX: u32 = 100;

/// The pools of all clusters, in the order of their names.
pub(super) fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Vec<Pool> {
    let clusters = fields.tables("cluster", |table| {
        let cluster = name(table);
        let count = table.count("count", 1..=CLUSTERS_MAX, Some(1));
        let pools = table.tables("pool", |table| pool(table, &cluster, count, context));
        if pools.is_empty() {
            let message = format!("cluster `{cluster}` has no pool");
            table.wrong("pool", message, "add a [[cluster.pool]] section below it");
        }
        pools
    });
    clusters.into_iter().flatten().collect()
}

fn pool(fields: &mut Fields<'_>, cluster: &str, clusters: u32, context: &Context<'_>) -> Pool {
    fields.default_to(context.preset.section("pool"));
    let name = format!("{cluster}.{}", name(fields));
    let zones = fields.count("zones", 1..=ZONES_MAX, Some(1));
    Pool {
        name,
        clusters,
        nodes: trend::read(fields, "nodes", context, 1.0..=NODES_MAX, None),
        zones,
        node: fields.table("node", size).unwrap_or_else(|| {
            if !fields.has("node") {
                fields.missing("node", "write node = { cpu = 16, memory = \"64GiB\" }");
            }
            NodeSize {
                cpu_cores: 1.0,
                memory: bytes(1.0),
            }
        }),
        drain_interval: drains(fields),
        failure_interval: fields.interval("node_failures"),
        zone_failures: {
            let is_lost = fields.is_any_lost(&["zones"]);
            zone_failures(fields, if is_lost { ZONES_MAX } else { zones })
        },
    }
}

/// Reads what a preset may state of a pool.
pub(super) fn preset(fields: &mut Fields<'_>) {
    drains(fields);
}

fn drains(fields: &mut Fields<'_>) -> Option<Quantity> {
    fields.interval("drains")
}

fn size(fields: &mut Fields<'_>) -> NodeSize {
    let cores = Spec::unknown(Dimension::Cores).between(0.1, 10_000.0);
    let memory = Spec::unknown(Dimension::Bytes).between(16_777_216.0, 1e15);
    NodeSize {
        cpu_cores: fields.amount("cpu", &cores, None),
        memory: bytes(fields.amount("memory", &memory, None)),
    }
}

fn zone_failures(fields: &mut Fields<'_>, zones: u32) -> Vec<ZoneFailure> {
    let mut failures = fields.tables_or_none("zone_failures", |table| ZoneFailure {
        at: table.duration("at", 0.0..=f64::MAX, None),
        lasts: table.duration("for", 1.0..=f64::MAX, None),
        zone: table.count("zone", 0..=zones - 1, Some(0)),
    });
    failures.sort_by_key(|failure| (failure.at, failure.zone));
    failures
}
