//! Ports: which nodes have some, how many addresses help, and what a surge gets.

use alloy_sim::model::record::catalogue::{Failure, Metric};

use crate::support::platform::CALM;
use crate::support::scene::{Scene, changed, play, variant};

const INVENTORY: &str = include_str!("address-inventory.toml");
const BLOCKS: &str = include_str!("static-blocks.toml");
const SURGE: &str = include_str!("surge-beyond-ports.toml");

const NAT: &str = "egress.nat";

/// The text on the preset `alloy-docs`, without restarts and drains.
fn calm(text: &str) -> String {
    let text = text.replacen("format = 1", "format = 1\npreset = \"alloy-docs\"", 1);
    let text = text.replacen("drains = \"never\"\n", "", 1);
    let text = text.replacen("nodes = ", "drains = \"never\"\nnodes = ", 1);
    text.replacen("[[fleet]]", "[[fleet]]\nrestarts = \"never\"\nown_series = 0", 1)
}

fn case(text: &str, set: &str) -> Scene {
    play(changed(&calm(text), set), 1, 1)
}

fn near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-6 * expected.abs().max(1.0),
        "{found} is not {expected}"
    );
}

/// Share of the scraped samples that a fleet sends.
fn sent(scene: &Scene, fleet: &str) -> f64 {
    let value = |metric| scene.value(fleet, metric);
    value(Metric::SamplesSent) / value(Metric::SamplesScraped)
}

fn needed(scene: &Scene) -> f64 {
    scene.value(NAT, Metric::AddressesNeeded)
}

#[test]
fn debug_ports() {
    let _ = (CALM, Scene::fails);
    for (text, fleet) in [(INVENTORY, "fleet.daemons"), (BLOCKS, "fleet.d"), (SURGE, "fleet.d")] {
        let mut names = vec!["base"];
        for name in ["4096 ports per node", "3 addresses", "8 addresses", "background 54000", "background 50000"] {
            if text.contains(&format!("\"{name}\"")) { names.push(name); }
        }
        for name in names {
            let scene = play(variant(&calm(text), name), 1, 1);
            println!("== {name}");
            for metric in [Metric::PortsPeak, Metric::PortsPeakRatio, Metric::PortsWantedPeak, Metric::PortsEnd, Metric::PortsBlockedPeak, Metric::PortsBlockedSeconds, Metric::AddressesNeeded] {
                println!("{metric:?} {}", scene.value(NAT, metric));
            }
            for metric in [Metric::DrainSeconds, Metric::ShardsPeak, Metric::ConnectionsPeak, Metric::SamplesPending, Metric::LossRatio, Metric::LostTruncation] {
                println!("{metric:?} {}", scene.value(fleet, metric));
            }
            println!("sent {}", sent(&scene, fleet));
        }
    }
}

/// 31 blocks of 2,048 fit an address, so nine of 40 nodes send nothing. Series are the same on each.
#[test]
fn nodes_beyond_the_inventory_send_nothing() {
    let one = case(INVENTORY, "");
    assert!(one.fails(NAT, Failure::PortsExhausted));
    near(needed(&one), 2.0);
    near(sent(&one, "fleet.daemons"), 31.0 / 40.0);
}
