//! The ring against owners and shares that grafana/ckit computed.

use std::collections::BTreeMap;

use alloy_sim::model::cluster::ring::{Ring, target_key};
use serde::Deserialize;

/// One cluster: the share of each node, owners of plain keys, and targets with their keys.
#[derive(Deserialize)]
struct Vector {
    nodes: Vec<String>,
    share: BTreeMap<String, f64>,
    owners: BTreeMap<String, String>,
    labels: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    labels: BTreeMap<String, String>,
    hash: String,
    owner: String,
}

fn key(hexadecimal: &str) -> u64 {
    u64::from_str_radix(hexadecimal, 16).unwrap()
}

#[test]
fn the_ring_is_alloys() {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../fixtures/ring-vectors.json")).unwrap();
    assert_eq!(vectors.len(), 2);
    for vector in vectors {
        let ring = Ring::new(&vector.nodes);
        let owner = |key: u64| vector.nodes[ring.owner(key).unwrap()].as_str();
        for (name, share) in vector.nodes.iter().zip(ring.shares_among(|_| true)) {
            assert!(
                (share - vector.share[name]).abs() < 1e-15,
                "{name}: {share}"
            );
        }
        for (hash, expected) in &vector.owners {
            assert_eq!(owner(key(hash)), expected, "{hash}");
        }
        for target in vector.labels {
            let labels = target
                .labels
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()));
            let found = target_key(labels);
            assert_eq!(found, key(&target.hash));
            assert_eq!(owner(found), target.owner);
        }
    }
}
