//! Ports: which nodes have some, how many addresses help, and what a surge gets.

use alloy_sim::model::record::catalogue::{Failure, Metric};
use alloy_sim::stats::Verdict;

use crate::scenario::checked;
use crate::support::platform::CALM;
use crate::support::scene::{Scene, changed, play, results, variant};

const INVENTORY: &str = include_str!("address-inventory.toml");
const BLOCKS: &str = include_str!("static-blocks.toml");
const SURGE: &str = include_str!("surge-beyond-ports.toml");

const NAT: &str = "egress.nat";

/// The text on the preset `alloy-docs`, in which nothing happens but what the file states.
fn calm(text: &str) -> String {
    let text = text.replacen("format = 1", "format = 1\npreset = \"alloy-docs\"", 1);
    let text = text.replacen("drains = \"never\"\n", "", 1);
    let text = text.replacen("nodes = ", "drains = \"never\"\nnodes = ", 1);
    let fleet = "[[fleet]]\nrestarts = \"never\"\nown_series = 0";
    text.replacen("[[fleet]]", fleet, 1)
}

fn case(text: &str, set: &str) -> Scene {
    // A variant has to differ from its base.
    let set = format!(
        r#"{set}{}"fleet.{}.restart_gap" = "1s""#,
        if set.is_empty() { "" } else { ", " },
        fleet(text)
    );
    play(changed(&calm(text), &set), 1, 1)
}

fn named(text: &str, name: &str) -> Scene {
    play(variant(&calm(text), name), 1, 1)
}

/// Name of the only fleet of a case.
fn fleet(text: &str) -> &'static str {
    if text == INVENTORY { "daemons" } else { "d" }
}

fn near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-6 * expected.abs().max(1.0),
        "{found} is not {expected}"
    );
}

fn of(scene: &Scene, metric: Metric) -> f64 {
    let name = &scene.blueprint.fleets.first().unwrap().name;
    scene.value(&format!("fleet.{name}"), metric)
}

/// Share of the samples that leave with enough ports that leave in `scene`.
fn sent(scene: &Scene, enough: &Scene) -> f64 {
    of(scene, Metric::SamplesSent) / of(enough, Metric::SamplesSent)
}

fn needed(scene: &Scene) -> f64 {
    scene.value(NAT, Metric::AddressesNeeded)
}

/// 31 blocks of 2,048 fit an address, so nine of 40 nodes send nothing.
#[test]
fn nodes_beyond_the_inventory_send_nothing() {
    let enough = case(INVENTORY, r#""egress.nat.addresses" = 2"#);
    assert!(!enough.fails(NAT, Failure::PortsExhausted));
    for (addresses, nodes, served) in [(1, 40, 31.0), (2, 62, 62.0), (2, 70, 62.0), (3, 31, 31.0)] {
        let set = format!(
            r#""egress.nat.addresses" = {addresses}, "cluster.c.pool.workers.nodes" = {nodes}"#
        );
        let scene = case(INVENTORY, &set);
        near(sent(&scene, &enough), served / 40.0);
        near(needed(&scene), f64::ceil(f64::from(nodes) / 31.0));
        let exhausted = served < f64::from(nodes);
        assert_eq!(scene.fails(NAT, Failure::PortsExhausted), exhausted);
    }
    let goals = results(checked(&calm(INVENTORY)).study, 1).requirements;
    assert_eq!(goals.len(), 2);
    assert!(goals.iter().all(|goal| goal.verdict == Verdict::Holds));
}

#[test]
fn static_blocks_come_out_of_the_addresses() {
    let enough = named(BLOCKS, "3 addresses");
    assert!(!enough.fails(NAT, Failure::PortsExhausted));
    let one = case(BLOCKS, "");
    near(sent(&one, &enough), 1_008.0 / 3_000.0);
    near(needed(&one), 3.0);
    let large = named(BLOCKS, "4096 ports per node");
    near(sent(&large, &enough), 15.0 / 3_000.0);
    near(needed(&large), 200.0);
    // Every address holds 1,008 blocks of 64. One port of a block is used.
    let used = |scene: &Scene| scene.value(NAT, Metric::PortsPeak);
    assert!(used(&one) < 2.0 && (used(&one) - used(&enough)).abs() < 1e-9);
    // A block larger than an address helps nobody.
    let none = case(BLOCKS, r#""egress.nat.ports_per_node" = 65536"#);
    near(sent(&none, &enough), 0.0);
    assert!(needed(&none).is_infinite());
}

#[test]
fn the_gateway_adds_the_addresses_that_its_nodes_need() {
    let enough = named(BLOCKS, "3 addresses");
    for provider in ["gcp-static", "gcp-dynamic"] {
        let nat = format!(r#""egress.nat" = {{ provider = "{provider}" }}"#);
        let scene = case(BLOCKS, &nat);
        near(sent(&scene, &enough), 1.0);
        assert!(!scene.fails(NAT, Failure::PortsExhausted));
        // 3,000 blocks of 64, or of 32, which is where a growing block begins.
        let expected = if provider == "gcp-static" { 3.0 } else { 2.0 };
        near(needed(&scene), expected);
    }
    let one = case(
        BLOCKS,
        r#""egress.nat" = { provider = "gcp-dynamic" , addresses = 1 }"#,
    );
    near(sent(&one, &enough), 2_016.0 / 3_000.0);
}

/// 300 nodes have 128 ports per address, at most 1,024. Beyond 1,000 nodes there is no table.
#[test]
fn more_addresses_help_at_the_load_balancer_up_to_its_table() {
    let lb = |nodes: u32, addresses: u32, more: &str| {
        let set = format!(
            r#""cluster.e.pool.n.nodes" = {nodes}, "egress.nat" = {{ provider = "azure-lb", addresses = {addresses}{more} }}"#
        );
        case(BLOCKS, &set)
    };
    let busy = ", background_connections = 60_000";
    // 200 connections of others on each node, and one of its collector.
    for (addresses, suffices) in [(1, false), (2, true)] {
        let scene = lb(300, addresses, busy);
        near(needed(&scene), 2.0);
        assert_eq!(!scene.fails(NAT, Failure::PortsExhausted), suffices);
    }
    let busier = lb(300, 16, ", background_connections = 400_000");
    assert!(needed(&busier).is_infinite());
    let enough = lb(1_000, 1, "");
    near(needed(&enough), 1.0);
    let beyond = lb(1_250, 1, "");
    assert!(needed(&beyond).is_infinite());
    near(sent(&beyond, &enough), 1.0);
    // By hand, 16 nodes of 4,000 ports fit 64,000.
    let by_hand = lb(1_250, 1, ", ports_per_node = 4_000");
    near(sent(&by_hand, &enough), 16.0 / 1_000.0);
    near(needed(&by_hand), f64::ceil(1_250.0 / 16.0));
}

/// 49,751 ports are left for the 245,000 connections that 5,000 drains want on top.
#[test]
fn a_surge_beyond_the_ports_is_slower() {
    let eight = named(SURGE, "8 addresses");
    let one = case(SURGE, "");
    near(
        eight.value(NAT, Metric::PortsWantedPeak),
        one.value(NAT, Metric::PortsWantedPeak),
    );
    near(one.value(NAT, Metric::PortsPeak), 55_000.0);
    near(one.value(NAT, Metric::PortsPeakRatio), 1.0);
    near(needed(&one), 5.0);
    let each = of(&one, Metric::ConnectionsPeak) / 5_000.0;
    assert!((10.9..11.0).contains(&each), "{each} connections each");
    let drain = |scene: &Scene| of(scene, Metric::DrainSeconds);
    // Everybody at eleven shards is slower than at fifty. Who gets fewer than eleven is slower yet.
    let eleven = case(
        SURGE,
        r#""fleet.d.remote_write.shards_max" = 11, "egress.nat.addresses" = 8"#,
    );
    let (fast, even, uneven) = (drain(&eight), drain(&eleven), drain(&one));
    assert!(fast < even && even < uneven, "{fast} {even} {uneven}");
    // 600,000 samples in batches of 2,000: what a single connection would take.
    let alone = drain(&named(SURGE, "background 54000"));
    assert!(uneven < alone, "{alone} alone");
    near(sent(&one, &eight), 1.0);
}

/// The connections of others are there first. A collector has 1 + W / L ports: 1.05 here.
#[test]
fn a_collector_without_a_port_is_silent() {
    let enough = named(SURGE, "8 addresses");
    let ports = enough.value(NAT, Metric::PortsEnd);
    for (name, left) in [("background 54000", 1_000.0), ("background 50000", 5_000.0)] {
        let scene = named(SURGE, name);
        let expected = f64::floor(left * 5_000.0 / ports) / 5_000.0;
        near(sent(&scene, &enough), expected);
        if left < 2_000.0 {
            assert!((0.18..0.20).contains(&expected));
        }
        near(scene.value(NAT, Metric::PortsPeak), 55_000.0);
    }
}

/// A thousand nodes behind `nat`, with two outages that each make a surge.
fn two_outages(nat: &str, second: &str) -> Scene {
    let set = format!(
        r#""egress.nat" = {{ provider = "custom", ports_per_address = 30_000, sharing = "shared", {nat} }},
           "endpoint.backend.connection_lifetime" = "30d",
           "endpoint.backend.outages" = [{{ at = "24h", for = "2h" }}, {second}]"#
    );
    play(changed(CALM, &set.replace('\n', " ")), 1, 1)
}

/// The 29,000 connections of a first surge are idle at 26 h 6 min and held from then on.
#[test]
fn a_second_surge_meets_the_ports_that_the_first_has_left() {
    let second = r#"{ at = "1590m", for = "2h" }"#;
    let free = two_outages(r#"hold = "0s""#, second);
    let held = two_outages(r#"hold = "6h""#, second);
    let evicted = two_outages(
        r#"hold = "6h", admission = { probes = 248, evicting = 120 }"#,
        second,
    );
    let once = two_outages(r#"hold = "6h""#, r#"{ at = "60h", for = "1m" }"#);
    let drain = |scene: &Scene| of(scene, Metric::DrainSeconds);
    assert!(drain(&held) > drain(&free), "one connection each");
    near(drain(&evicted), drain(&free));
    assert!(drain(&once) <= drain(&free));
    for scene in [&free, &held, &evicted] {
        near(scene.value(NAT, Metric::PortsPeak), 30_000.0);
        // A slower drain may lose a little to a truncation.
        assert!((0.999..=1.0).contains(&sent(scene, &free)));
    }
    near(
        held.value(NAT, Metric::PortsEnd),
        free.value(NAT, Metric::PortsEnd) * (1.0 + 6.0 / 720.0),
    );
}

/// Every refused dial, one each five seconds, leaves a port that is held as after a reset.
#[test]
fn refused_dials_hold_ports_as_after_a_reset() {
    let refused = r#""endpoint.backend.outages" = [{ at = "1d", for = "1m", answer = "refused" }]"#;
    for (provider, hold) in [("linux", 10.0), ("azure", 16.0), ("aws", 120.0)] {
        let nat = format!(r#""egress.nat" = {{ provider = "{provider}" }}, {refused}"#);
        let scene = play(changed(CALM, &nat), 1, 1);
        near(scene.value(NAT, Metric::PortsPeak), 1_000.0 * hold / 5.0);
    }
    let stated =
        format!(r#""egress.nat" = {{ provider = "aws", hold_after_reset = "30s" }}, {refused}"#);
    let scene = play(changed(CALM, &stated), 1, 1);
    near(scene.value(NAT, Metric::PortsPeak), 6_000.0);
}

/// A collector of 250,000 samples a second wants 50 shards. Twenty connections carry 20 batches of
/// 2,000 in half a second: 80,000 a second.
#[test]
fn few_connections_carry_all_shards() {
    let one = |nat: &str, more: &str| {
        let set = format!(
            r#""cluster.prod.pool.general.nodes" = 1, "workload.hosts.series_per_target" = 15_000_000,
               "endpoint.backend.latency" = "500ms", "experiment.start" = "cold", "egress.nat" = {nat}{more}"#
        );
        play(changed(CALM, &set.replace('\n', " ")), 1, 1)
    };
    let seconds = 3.0 * 86_400.0;
    let shared =
        r#"{ provider = "custom", ports_per_address = 20, sharing = "shared", hold = "0s" }"#;
    let block = r#"{ provider = "gcp-static", addresses = 1, ports_per_node = 20, hold = "0s" }"#;
    for nat in [shared, block] {
        let scene = one(nat, "");
        assert!((of(&scene, Metric::SamplesSent) / seconds / 80_000.0 - 1.0).abs() < 1e-6);
        near(scene.value(NAT, Metric::PortsPeak), 20.0);
        near(scene.value(NAT, Metric::PortsWantedPeak), 50.0);
        assert!(of(&scene, Metric::LostOverload) > 0.0);
        // More addresses make a pool larger, and no block.
        let expected = if nat == block { f64::INFINITY } else { 3.0 };
        assert_eq!(needed(&scene).to_bits(), expected.to_bits());
    }
    // One connection of HTTP/2 carries all shards.
    let multiplexed = one(shared, r#", "fleet.all.remote_write.http2" = true"#);
    assert!((of(&multiplexed, Metric::SamplesSent) / seconds / 200_000.0 - 1.0).abs() < 1e-6);
}
