//! Owners of given targets, the load of each peer, and the targets that move while peers are away.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ring, target_key};

/// One scraped endpoint: its labels, and its series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// Names and values of the labels that count, sorted by name. Labels that begin with `__meta_`
    /// do not count.
    pub labels: Vec<(String, String)>,
    /// Series of the target, if known.
    pub series: Option<f64>,
}

impl Target {
    /// The key by which the ring finds the owner of the target.
    pub fn key(&self) -> u64 {
        let labels = self.labels.iter();
        target_key(labels.map(|(name, value)| (name.as_str(), value.as_str())))
    }
}

/// A member of the ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Name of the peer, which decides its keys.
    pub name: String,
    /// Whether the peer takes part. Otherwise it is away.
    pub is_up: bool,
}

/// A target with its owners, as numbers of peers.
#[derive(Clone, Debug, PartialEq)]
pub struct Owned {
    /// The target.
    pub target: Target,
    /// Key of the target.
    pub key: u64,
    /// The peer that owns the target now.
    pub owner: usize,
    /// The peer that owns the target while all peers are up.
    pub owner_all_up: usize,
}

/// The load of a peer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Load {
    /// Targets.
    pub targets: usize,
    /// Series of the targets whose series are known.
    pub series: f64,
}

/// All targets with their owners.
#[derive(Clone, Debug, PartialEq)]
pub struct Census {
    /// All peers, up or not.
    pub peers: Vec<Peer>,
    /// The share of the key space that each peer owns now.
    pub key_shares: Vec<f64>,
    /// Distinct targets, in the order of the input.
    pub owned: Vec<Owned>,
    /// Targets left out, because an earlier target has the same key.
    pub duplicates: usize,
}

impl Census {
    /// Finds the owners of `targets`; `None` if no peer is up. Alloy cannot tell targets with one
    /// key apart, so only the first of them stays.
    pub fn take(peers: Vec<Peer>, targets: Vec<Target>) -> Option<Self> {
        let names: Vec<&str> = peers.iter().map(|peer| peer.name.as_str()).collect();
        let ring = Ring::new(&names);
        let is_up = |peer: usize| peers[peer].is_up;
        let given = targets.len();
        let mut seen = BTreeSet::new();
        let mut owned = Vec::with_capacity(given);
        for target in targets {
            let key = target.key();
            if seen.insert(key) {
                owned.push(Owned {
                    target,
                    key,
                    owner: ring.owner_among(key, is_up)?,
                    owner_all_up: ring.owner(key)?,
                });
            }
        }
        Some(Self {
            key_shares: ring.shares_among(is_up),
            duplicates: given - owned.len(),
            peers,
            owned,
        })
    }

    /// Whether the series of any target are known.
    pub fn has_series(&self) -> bool {
        self.owned.iter().any(|owned| owned.target.series.is_some())
    }

    /// The load of each peer now.
    pub fn loads(&self) -> Vec<Load> {
        let mut loads = vec![Load::default(); self.peers.len()];
        for owned in &self.owned {
            loads[owned.owner].add(&owned.target);
        }
        loads
    }

    /// The load of all peers together.
    pub fn total(&self) -> Load {
        let mut load = Load::default();
        for owned in &self.owned {
            load.add(&owned.target);
        }
        load
    }

    /// The load that moved because peers are away, by the peer that took it over.
    pub fn moved(&self) -> BTreeMap<usize, Load> {
        let mut moved: BTreeMap<usize, Load> = BTreeMap::new();
        let strays = |owned: &&Owned| owned.owner != owned.owner_all_up;
        for owned in self.owned.iter().filter(strays) {
            moved.entry(owned.owner).or_default().add(&owned.target);
        }
        moved
    }

    /// The target with the most series, the first of several. `None` where no series are known.
    pub fn largest<'a>(&'a self) -> Option<(&'a Owned, f64)> {
        let known = |owned: &'a Owned| Some((owned, owned.target.series?));
        let sized = self.owned.iter().filter_map(known);
        sized.reduce(|most, next| if next.1 > most.1 { next } else { most })
    }
}

impl Load {
    fn add(&mut self, target: &Target) {
        self.targets += 1;
        self.series += target.series.unwrap_or(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers(count: usize, down: &[usize]) -> Vec<Peer> {
        let peer = |number| Peer {
            name: format!("alloy-{number}"),
            is_up: !down.contains(&number),
        };
        (0..count).map(peer).collect()
    }

    fn targets(count: u32) -> Vec<Target> {
        let target = |number: u32| Target {
            labels: vec![("__address__".into(), format!("10.0.0.{number}:80"))],
            series: Some(f64::from(number)),
        };
        (0..count).map(target).collect()
    }

    #[test]
    fn loads_add_up_and_only_targets_of_the_absent_move() {
        let census = Census::take(peers(4, &[1]), targets(1_000)).unwrap();
        let loads = census.loads();
        assert_eq!(loads[1], Load::default());
        assert_eq!(loads.iter().map(|load| load.targets).sum::<usize>(), 1_000);
        let sum: f64 = loads.iter().map(|load| load.series).sum();
        assert!((sum - 499_500.0).abs() < 1e-6 && (census.total().series - sum).abs() < 1e-6);
        assert!(census.key_shares[1].abs() < 1e-15);

        let all_up = Census::take(peers(4, &[]), targets(1_000)).unwrap();
        assert!(all_up.moved().is_empty());
        let (before, moved) = (all_up.loads(), census.moved());
        for peer in [0, 2, 3] {
            assert_eq!(
                before[peer].targets + moved[&peer].targets,
                loads[peer].targets
            );
        }
        let left: usize = moved.values().map(|load| load.targets).sum();
        assert_eq!((left, moved.len()), (before[1].targets, 3));
    }

    #[test]
    fn targets_with_one_key_are_one_target() {
        let mut twice = targets(10);
        twice.extend(targets(3));
        twice[12].series = Some(1e6);
        let census = Census::take(peers(2, &[]), twice).unwrap();
        assert_eq!((census.owned.len(), census.duplicates), (10, 3));
        let (largest, series) = census.largest().unwrap();
        assert_eq!(largest.target.labels[0].1, "10.0.0.9:80");
        assert!((series - 9.0).abs() < 1e-15);
    }

    #[test]
    fn without_a_peer_there_is_no_owner() {
        assert_eq!(Census::take(peers(2, &[0, 1]), targets(1)), None);
        assert_eq!(Census::take(Vec::new(), targets(1)), None);
    }
}
