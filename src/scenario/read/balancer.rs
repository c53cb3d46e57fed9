//! `balancer`: what stands before a fleet that receives traces.

use super::{Fields, Node};
use crate::model::blueprint::{
    BackendRingVersion, Balancer, LoadBalancing, Resolver, RingChange, RoutingKey,
};
use crate::model::topology::Assignment;

/// Greatest number of routers before one cluster.
const ROUTERS_MAX: u32 = 1_000;

/// The words for versions of the ring.
const RINGS: [(&str, BackendRingVersion); 2] = [
    ("1.18", BackendRingVersion::V1_18),
    ("1.19", BackendRingVersion::V1_19),
];

/// The words for what decides where a span goes.
const KEYS: [(&str, RoutingKey); 2] = [
    ("trace-id", RoutingKey::TraceId),
    ("service", RoutingKey::Service),
];

/// The words for how routers learn of backends.
const RESOLVERS: [(&str, Resolver); 2] =
    [("dns", Resolver::Dns), ("kubernetes", Resolver::Kubernetes)];

/// `"none"`, or a table.
pub(super) fn balancer(fields: &mut Fields<'_>) -> Balancer {
    let key = "balancer";
    let stated = fields.take(key);
    if stated.is_none_or(|node| node.as_text() == Some("none")) {
        fields.resolve(key, Node::text("none"));
        return Balancer::Plain;
    }
    let kinds = [("load-balancing-exporter", true), ("round-robin", false)];
    let read = fields.table(key, |table| {
        if table.choice("kind", &kinds, None) {
            return Balancer::Exporter(exporter(table));
        }
        for setting in [
            "ring",
            "key",
            "resolver",
            "dns_cache",
            "routers",
            "ring_change",
        ] {
            let why = "a round robin looks at no trace and at no ring";
            table.forbid(setting, why, "remove it");
        }
        Balancer::RoundRobin
    });
    read.unwrap_or(Balancer::Plain)
}

fn exporter(table: &mut Fields<'_>) -> LoadBalancing {
    let ring = table.choice("ring", &RINGS, Some("1.18"));
    let resolver = table.choice("resolver", &RESOLVERS, Some("dns"));
    let dns_cache = if resolver == Resolver::Kubernetes {
        let why = "a watch of the pods asks no DNS";
        table.forbid("dns_cache", why, "remove it");
        crate::units::SimDuration::ZERO
    } else {
        table.duration("dns_cache", 0.0..=3_600.0, Some("0s"))
    };
    LoadBalancing {
        ring,
        key: table.choice("key", &KEYS, Some("trace-id")),
        resolver,
        dns_cache,
        routers: table.count("routers", 1..=ROUTERS_MAX, Some(2)),
        change: table.table("ring_change", |change| ring_change(change, ring)),
    }
}

fn ring_change(change: &mut Fields<'_>, from: BackendRingVersion) -> RingChange {
    let to = change.choice("to", &RINGS, None);
    if to == from && !change.is_any_lost(&["to"]) {
        let help = "state the other version, or remove ring_change";
        change.wrong("to", "the routers have this ring already", help);
    }
    let century = 86_400.0 * 36_500.0;
    RingChange {
        to,
        at: change.duration("at", 0.0..=century, None),
        over: change.duration("over", 0.0..=86_400.0 * 365.0, None),
    }
}

/// Refuses a balancer before collectors that do not share what is pushed, and routers before
/// collectors with other work.
pub(super) fn refuse_misplaced(
    fields: &mut Fields<'_>,
    balancer: Balancer,
    (assignment, has_others): (Assignment, bool),
) {
    if balancer == Balancer::Plain || fields.is_any_lost(&["topology", "share"]) {
        return;
    }
    if assignment != Assignment::Balanced {
        let message = "a balancer stands before replicas that share requests";
        let help = "write topology = \"centralized\" and share = \"load-balancer\"";
        fields.wrong("otlp", message, help);
    }
    if has_others && matches!(balancer, Balancer::Exporter(_)) {
        let message = "a load-balancing exporter stands before a fleet that collects only traces";
        let help = "collect metrics and logs with another fleet";
        fields.wrong("otlp", message, help);
    }
}
