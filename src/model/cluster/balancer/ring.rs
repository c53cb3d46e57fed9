//! The ring of the load-balancing exporter.

use crate::model::blueprint::BackendRingVersion;

/// Positions that are tried for a point. If all are taken, the backend has one point less.
///
/// Source: open-telemetry/opentelemetry-collector-contrib, `exporter/loadbalancingexporter`,
/// `consistent_hashing.go`, `linearProbeLimit` (read 2026-11).
const PROBES: u32 = 10;

/// A circle of positions. A key belongs to the first point at or after it; past the last point
/// comes the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BackendRing {
    /// Positions in ascending order, each with the number of its backend.
    points: Vec<(u32, u32)>,
    positions: u32,
}

/// A point before it has found its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Wanted<'a> {
    position: u32,
    hash: u32,
    endpoint: &'a str,
    backend: u32,
}

impl BackendRing {
    /// The ring of backends with these endpoints, numbered as they come.
    pub(super) fn new(version: BackendRingVersion, endpoints: &[(u32, String)]) -> Self {
        let (points, positions) = extent_of(version);
        let mut sorted: Vec<&(u32, String)> = endpoints.iter().collect();
        sorted.sort_unstable_by(|left, right| left.1.cmp(&right.1));
        let mut wanted: Vec<Wanted<'_>> = sorted
            .into_iter()
            .flat_map(|(backend, endpoint)| {
                (0..points).map(move |number| {
                    let hash = point(endpoint, number);
                    Wanted {
                        position: hash % positions,
                        hash,
                        endpoint,
                        backend: *backend,
                    }
                })
            })
            .collect();
        if version == BackendRingVersion::V1_19 {
            wanted.sort_unstable();
        }
        let mut owners = vec![None; positions as usize];
        for point in wanted {
            let tried = (0..PROBES).map(|ahead| (point.position + ahead) % positions);
            let free = tried
                .into_iter()
                .find(|&position| owners[position as usize].is_none());
            if let Some(position) = free {
                owners[position as usize] = Some(point.backend);
            }
        }
        let points = (0..).zip(owners);
        let points = points.filter_map(|(position, owner)| Some((position, owner?)));
        Self {
            points: points.collect(),
            positions,
        }
    }

    /// The backend of the key with this hash; `None` without backends.
    pub(super) fn owner(&self, hash: u32) -> Option<u32> {
        let key = hash % self.positions;
        let next = self.points.partition_point(|&(position, _)| position < key);
        let point = self.points.get(next).or_else(|| self.points.first())?;
        Some(point.1)
    }

    /// The share of all keys that each of `backends` owns.
    pub(super) fn shares(&self, backends: usize) -> Vec<f64> {
        let mut shares = vec![0.0; backends];
        for (arc, owner) in self.arcs() {
            shares[owner as usize] += f64::from(arc) / f64::from(self.positions);
        }
        shares
    }

    /// Lengths of the stretches that end at each point, and their backends.
    fn arcs(&self) -> impl Iterator<Item = (u32, u32)> {
        let last = self.points.last().map_or(0, |&(position, _)| position);
        let mut before = i64::from(last) - i64::from(self.positions);
        self.points.iter().map(move |&(position, owner)| {
            let arc = i64::from(position) - before;
            before = i64::from(position);
            (
                u32::try_from(arc).expect("an arc is part of a circle"),
                owner,
            )
        })
    }

    /// Share of the keys whose backends here and in `other` are not the same one, as `is_same` says.
    pub(super) fn moved(&self, other: &Self, is_same: impl Fn(u32, u32) -> bool) -> f64 {
        if self.points.is_empty() || other.points.is_empty() {
            return 0.0;
        }
        if self.positions != other.positions {
            return 1.0 - self.alike(other, is_same);
        }
        let all = self.points.iter().chain(&other.points);
        let mut edges: Vec<u32> = all.map(|&(position, _)| position).collect();
        edges.sort_unstable();
        edges.dedup();
        let last = edges.last().copied().unwrap_or(0);
        let mut before = i64::from(last) - i64::from(self.positions);
        let mut moved = 0_i64;
        for edge in edges {
            let owners = self.owner(edge).zip(other.owner(edge));
            if owners.is_some_and(|(here, there)| !is_same(here, there)) {
                moved += i64::from(edge) - before;
            }
            before = i64::from(edge);
        }
        moved as f64 / f64::from(self.positions)
    }

    /// Share of the keys that have the same backend in a ring of another version. The position of a
    /// key in one says nothing of its position in the other.
    fn alike(&self, other: &Self, is_same: impl Fn(u32, u32) -> bool) -> f64 {
        let whole = f64::from(self.positions) * f64::from(other.positions);
        let mut alike = 0.0;
        for (here, owner) in self.arcs() {
            let same = other.arcs().filter(|&(_, there)| is_same(owner, there));
            let same: f64 = same.map(|(arc, _)| f64::from(arc)).sum();
            alike += f64::from(here) * same / whole;
        }
        alike
    }
}

/// Points of a backend, and positions of the circle.
///
/// Source: open-telemetry/opentelemetry-collector-contrib, `exporter/loadbalancingexporter`,
/// `consistent_hashing.go`, v0.153 and v0.158: `defaultWeight`, `maxPositions` (read 2026-11).
fn extent_of(version: BackendRingVersion) -> (u32, u32) {
    match version {
        BackendRingVersion::V1_18 => (100, 36_000),
        BackendRingVersion::V1_19 => (200, 131_071),
    }
}

/// The hash of a point: CRC-32 over the endpoint and the number of the point, four bytes with the
/// lowest first.
///
/// Source: open-telemetry/opentelemetry-collector-contrib, `exporter/loadbalancingexporter`,
/// `consistent_hashing.go`, `positionsFor` (read 2026-11).
fn point(endpoint: &str, number: u32) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(endpoint.as_bytes());
    hasher.update(&number.to_le_bytes());
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::properties::properties;

    const V1_18: BackendRingVersion = BackendRingVersion::V1_18;
    const V1_19: BackendRingVersion = BackendRingVersion::V1_19;
    const PODS: [&str; 4] = [
        "10.0.12.7:4317",
        "10.0.12.8:4317",
        "10.3.200.41:4317",
        "10.77.5.251:4317",
    ];

    fn numbered(endpoints: &[&str]) -> Vec<(u32, String)> {
        let owned = endpoints.iter().map(|&endpoint| endpoint.to_owned());
        (0..).zip(owned).collect()
    }

    /// The positions of the first points of `endpoint-1` in the test of the exporter.
    #[test]
    fn points_are_where_the_exporter_puts_them() {
        let positions: Vec<u32> = (0..5).map(|i| point("endpoint-1", i) % 131_071).collect();
        assert_eq!(positions, [0x4be4, 0x1bae2, 0x666a, 0xad6f, 0x1a4c1]);
        let ring = BackendRing::new(V1_19, &numbered(&["endpoint-1"]));
        for position in positions {
            assert!(ring.points.contains(&(position, 0)));
        }
        assert_eq!(ring.points.len(), 200);
    }

    /// Owners and shares as a replay of the exporter's rules in another language has them.
    #[test]
    fn keys_belong_to_whom_a_replay_says() {
        let replays = [
            (
                V1_18,
                [0.233_916_667, 0.296_611_111, 0.208_166_667, 0.261_305_556],
                "310132333101122230331322221312200303030232101233",
                "32011203022332002023102133201022",
            ),
            (
                V1_19,
                [0.281_999_832, 0.246_355_029, 0.212_274_264, 0.259_370_875],
                "101131121330101230303023333032011013121000211323",
                "20113003231033333210220310213003",
            ),
        ];
        for (version, shares, traces, services) in replays {
            let ring = BackendRing::new(version, &numbered(&PODS));
            for (own, replayed) in ring.shares(4).into_iter().zip(shares) {
                assert!((own - replayed).abs() < 1e-9, "{own} and {replayed}");
            }
            let owner = |hash: u32| ring.owner(hash).unwrap().to_string();
            let of_trace = |byte: u8| owner(crc32fast::hash(&[byte; 16]));
            assert_eq!((0..48).map(of_trace).collect::<String>(), traces);
            let of_service =
                |number: u32| owner(super::super::hash_of_service(&format!("shop-{number}")));
            assert_eq!((0..32).map(of_service).collect::<String>(), services);
        }
    }

    /// Random pods of a ring, drawn from a number.
    fn pods(count: u32, seed: u32) -> Vec<(u32, String)> {
        let address = |pod: u32| {
            let mut hasher =
                crate::engine::RandomStreams::new(u64::from(seed), 0).stream(7, 0, pod);
            let byte = |unit: f64| (unit * 256.0).floor();
            let [a, b, c] = [hasher.unit(), hasher.unit(), hasher.unit()].map(byte);
            (pod, format!("10.{a}.{b}.{c}:4317"))
        };
        (0..count).map(address).collect()
    }

    /// The largest share over the mean, as the rings of random pods have it: a median of 400 rings,
    /// whose standard error is below 0.01, against a median of as many.
    #[test]
    fn rings_are_as_uneven_as_they_were_found() {
        let found = [
            (V1_18, 3, 1.08),
            (V1_18, 10, 1.15),
            (V1_19, 5, 1.16),
            (V1_19, 10, 1.19),
        ];
        for (version, count, median) in found {
            let busiest = |seed: u32| {
                let ring = BackendRing::new(version, &pods(count, seed));
                let shares = ring.shares(count as usize).into_iter();
                shares.fold(0.0, f64::max) * f64::from(count)
            };
            let mut all: Vec<f64> = (0..400).map(busiest).collect();
            all.sort_by(f64::total_cmp);
            assert!((all[200] - median).abs() < 0.035, "{count}: {}", all[200]);
        }
    }

    /// A part of 1/(N + 1) moves on a join, all of it to the newcomer, and 1/N on a leave.
    #[test]
    fn a_join_moves_keys_to_the_newcomer() {
        for version in [V1_18, V1_19] {
            let (mut moved, mut left) = (0.0, 0.0);
            for seed in 0..200 {
                let all = pods(9, seed);
                let (before, after) = (
                    BackendRing::new(version, &all[..8]),
                    BackendRing::new(version, &all),
                );
                let share = before.moved(&after, |here, there| here == there);
                // Points of the newcomer may push others by a few positions.
                assert!((share - after.shares(9)[8]).abs() < 0.01);
                moved += share / 200.0;
                left += after.moved(&before, |here, there| here == there) / 200.0;
            }
            // The mean of 200 shares with a deviation of 12 % of 1/9 is within 1 % of it.
            assert!((moved * 9.0 - 1.0).abs() < 0.04, "{moved}");
            assert!((left - moved).abs() < 1e-12);
        }
    }

    #[test]
    fn rings_of_two_versions_agree_on_one_key_in_n() {
        let mut disputed = 0.0;
        for seed in 0..50 {
            let rings = [V1_18, V1_19].map(|version| BackendRing::new(version, &pods(4, seed)));
            let share = rings[0].moved(&rings[1], |here, there| here == there);
            disputed += share / 50.0;
            let keys = (0..20_000_u32).map(|key| crc32fast::hash(&key.to_le_bytes()));
            let found = keys.filter(|&key| rings[0].owner(key) != rings[1].owner(key));
            let found = found.count() as f64 / 20_000.0;
            // Four standard errors of a count.
            assert!((share - found).abs() < 4.0 * 0.0031, "{share} and {found}");
        }
        assert!((disputed - 0.75).abs() < 0.01, "{disputed}");
    }

    proptest! {
        #![proptest_config(properties(24))]

        /// Shares are what lookups of all positions find.
        #[test]
        fn shares_are_what_lookups_find(count in 1_u32..6, seed in any::<u32>(), late in any::<bool>()) {
            let ring = BackendRing::new(if late { V1_19 } else { V1_18 }, &pods(count, seed));
            let mut found = vec![0_u32; count as usize];
            for position in 0..ring.positions {
                found[ring.owner(position).unwrap() as usize] += 1;
            }
            for (found, share) in found.into_iter().zip(ring.shares(count as usize)) {
                prop_assert!((f64::from(found) / f64::from(ring.positions) - share).abs() < 1e-12);
            }
        }
    }
}
