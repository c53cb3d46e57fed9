//! `[[egress]]`: ways out, with the limits of their providers.

use super::{Context, Dimension, Fields, Node, Value, name};
use crate::model::blueprint::Egress;
use crate::model::egress::{Admission, NatLimits, PoolKey, PortBlock, Provider};
use crate::units::SimDuration;

/// Most source ports of one address.
const PORTS_MAX: u32 = NatLimits::PLAIN.ports_per_address;
/// Greatest number of addresses.
const ADDRESSES_MAX: u32 = 100_000;

pub(super) fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Egress {
    fields.default_to(context.preset.section("egress"));
    let name = name(fields);
    if name == "private" {
        let help = "via = \"private\" means a path without NAT";
        fields.wrong("name", "`private` cannot be the name of an egress", help);
    }
    let named = provider(fields);
    // Nobody knows the limits of a provider that could not be read.
    let lost = fields
        .is_any_lost(&["provider"])
        .then_some(NatLimits::PLAIN);
    let limits = limits(fields, named.map(Provider::limits).or(lost));
    let grows = named.is_some_and(Provider::adds_addresses) && limits.has_growing_inventory();
    let addresses = addresses(fields, &limits, grows);
    if let (Some(addresses), Some(max)) = (addresses, limits.addresses_max)
        && addresses > max
        && !fields.is_any_lost(&["addresses", "addresses_max"])
    {
        let message = format!("{addresses} addresses are more than the {max} of this provider");
        let help = "raise addresses_max if your quota allows more";
        fields.wrong("addresses", message, help);
    }
    Egress {
        name,
        limits,
        addresses,
        background_connections: fields.count("background_connections", 0..=u32::MAX, Some(0)),
    }
}

/// The number of addresses; `None` if the gateway adds addresses by itself, as some do `by_default`.
fn addresses(fields: &mut Fields<'_>, limits: &NatLimits, by_default: bool) -> Option<u32> {
    const AUTOMATIC: &str = "automatic";
    let word = fields.take("addresses").and_then(Node::as_text);
    let is_given = fields.has("addresses");
    if word != Some(AUTOMATIC) && (is_given || !by_default) {
        return Some(fields.count("addresses", 1..=ADDRESSES_MAX, Some(1)));
    }
    if !limits.has_growing_inventory() && !fields.is_any_lost(&["provider", "sharing"]) {
        let message = "only a gateway that gives each node ports of its own adds addresses";
        let help = "state a number of addresses, or sharing = \"per-node\"";
        fields.wrong("addresses", message, help);
    }
    fields.resolve("addresses", Node::text(AUTOMATIC));
    None
}

/// Reads what a preset may state of an egress, if it states anything.
pub(super) fn preset(fields: &mut Fields<'_>) {
    if fields.stated("provider").is_some() {
        provider(fields);
    }
}

/// The provider with this name; `None` for `custom` and for an unknown name.
fn provider(fields: &mut Fields<'_>) -> Option<Provider> {
    let named = Provider::NAMED.map(|provider| (provider.name(), Some(provider)));
    let words: Vec<_> = std::iter::once(("custom", None)).chain(named).collect();
    fields.choice("provider", &words, None)
}

/// The limits: the provider's record with the overrides of the file, or all of them from the file.
fn limits(fields: &mut Fields<'_>, named: Option<NatLimits>) -> NatLimits {
    let ports = named.map(|limits| limits.ports_per_address);
    let max = named.and_then(|limits| limits.addresses_max);
    NatLimits {
        ports_per_address: fields.count("ports_per_address", 1..=PORTS_MAX, ports),
        addresses_max: addresses_max(fields, max),
        sharing: sharing(fields, named.map(|limits| limits.sharing)),
        hold_after_close: {
            let hold = named.map(|limits| time(limits.hold_after_close));
            fields.duration("hold", 0.0..=86_400.0, hold.as_deref())
        },
        hold_after_reset: hold_after_reset(
            fields,
            named.and_then(|limits| limits.hold_after_reset),
        ),
        admission: admission(fields, named.map(|limits| limits.admission)),
        ..named.unwrap_or(NatLimits::PLAIN)
    }
}

fn time(length: SimDuration) -> String {
    Dimension::Time.write(length.secs_f64())
}

/// The hold after a reset: without one of its own, that after any close.
fn hold_after_reset(fields: &mut Fields<'_>, default: Option<SimDuration>) -> Option<SimDuration> {
    if default.is_none() && !fields.has("hold_after_reset") {
        return None;
    }
    let default = default.map(time);
    Some(fields.duration("hold_after_reset", 0.0..=86_400.0, default.as_deref()))
}

fn addresses_max(fields: &mut Fields<'_>, default: Option<u32>) -> Option<u32> {
    let word = fields.take("addresses_max").and_then(Node::as_text);
    let is_given = fields.has("addresses_max");
    if word == Some("unlimited") || (!is_given && default.is_none()) {
        fields.resolve("addresses_max", Node::text("unlimited"));
        return None;
    }
    Some(fields.count("addresses_max", 1..=ADDRESSES_MAX, default))
}

/// Which connections compete, with the port block where each node has one.
fn sharing(fields: &mut Fields<'_>, default: Option<PoolKey>) -> PoolKey {
    let words = [
        ("per-destination", PoolKey::PerDestination),
        ("shared", PoolKey::Shared),
        (
            "per-node",
            PoolKey::PerNodeBlock(PortBlock::Static { ports: 64 }),
        ),
    ];
    let word = default.map(|key| match key {
        PoolKey::PerDestination => "per-destination",
        PoolKey::Shared => "shared",
        PoolKey::PerNodeBlock(_) => "per-node",
    });
    let key = fields.choice("sharing", &words, word);
    let PoolKey::PerNodeBlock(fallback) = key else {
        if fields.is_any_lost(&["provider", "sharing"]) {
            fields.take("ports_per_node");
            return key;
        }
        let why = "only sharing = \"per-node\" gives each node ports of its own";
        fields.forbid("ports_per_node", why, "");
        return key;
    };
    let default = match default {
        Some(PoolKey::PerNodeBlock(block)) => Some(block),
        _ => None,
    };
    PoolKey::PerNodeBlock(block(fields, default).unwrap_or(fallback))
}

/// The ports of a node as the provider's table has them.
const BY_NODES: &str = "by-nodes";

/// A port block: `ports_per_node = 64`, `{ min = 32, max = 65536 }` where blocks grow, or
/// `"by-nodes"` where the provider has a table.
fn block(fields: &mut Fields<'_>, default: Option<PortBlock>) -> Option<PortBlock> {
    let table = default.filter(|block| matches!(block, PortBlock::Tiers { .. }));
    let default = default.map(|block| match block {
        PortBlock::Tiers { .. } => Node::text(BY_NODES),
        PortBlock::Static { ports } => Node::integer(ports.into()),
        PortBlock::Dynamic {
            ports_min,
            ports_max,
        } => Node::table(vec![
            ("min", Node::integer(ports_min.into())),
            ("max", Node::integer(ports_max.into())),
        ]),
    });
    let node = fields.node("ports_per_node", default)?;
    let port = |node: Option<&Node>| match node.map(|node| &node.value) {
        Some(Value::Integer(ports @ 1..=65_536)) => u32::try_from(*ports).ok(),
        _ => None,
    };
    let block = match node.as_table() {
        None if node.as_text() == Some(BY_NODES) => table,
        None => port(Some(&node)).map(|ports| PortBlock::Static { ports }),
        Some(table) => match (port(table.get("min")), port(table.get("max"))) {
            (Some(ports_min), Some(ports_max)) if ports_min <= ports_max => {
                Some(PortBlock::Dynamic {
                    ports_min,
                    ports_max,
                })
            }
            _ => None,
        },
    };
    if block.is_none() {
        let help = "write ports_per_node = 64, or ports_per_node = { min = 32, max = 65536 }";
        let message = "ports_per_node must be from 1 to 65536";
        fields.wrong("ports_per_node", message, help);
    }
    block
}

/// The admission: `"hard"`, `"evict-oldest"`, or `{ probes = 128 }`.
fn admission(fields: &mut Fields<'_>, default: Option<Admission>) -> Admission {
    let default = default.map_or(Node::text("hard"), |admission| match admission {
        Admission::Hard => Node::text("hard"),
        Admission::EvictOldest => Node::text("evict-oldest"),
        Admission::Probes(probes) => Node::table(vec![("probes", Node::integer(probes.into()))]),
        Admission::Evicting { probes, evicting } => Node::table(vec![
            ("probes", Node::integer(probes.into())),
            ("evicting", Node::integer(evicting.into())),
        ]),
    });
    let Some(node) = fields.node("admission", Some(default)) else {
        return Admission::Hard;
    };
    let count = |key: &str| {
        let count = node.as_table().and_then(|table| table.get(key));
        match count.map(|node| &node.value) {
            Some(Value::Integer(count @ 1..=65_536)) => u32::try_from(*count).ok(),
            _ => None,
        }
    };
    let is_stated = node
        .as_table()
        .is_some_and(|table| table.get("evicting").is_some());
    match (node.as_text(), count("probes"), count("evicting")) {
        (Some("hard"), ..) => Admission::Hard,
        (Some("evict-oldest"), ..) => Admission::EvictOldest,
        (_, Some(probes), None) if !is_stated => Admission::Probes(probes),
        (_, Some(probes), Some(evicting)) if evicting <= probes => {
            Admission::Evicting { probes, evicting }
        }
        _ => {
            let help = "write \"hard\", \"evict-oldest\", { probes = 128 } or \
                { probes = 248, evicting = 120 }";
            fields.wrong("admission", "this is no rule of admission", help);
            Admission::Hard
        }
    }
}
