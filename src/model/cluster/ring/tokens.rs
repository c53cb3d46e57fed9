//! Tokens on a circle of 64-bit numbers.

use xxhash_rust::xxh64::Xxh64;

/// Tokens that each peer puts on the ring.
///
/// Source: grafana/alloy, `internal/service/cluster/cluster.go`, `tokensPerNode`, read 2026-11.
const TOKENS_PER_PEER: u32 = 512;

/// Alloy's consistent hash ring over a fixed list of peers.
///
/// A key belongs to the next token at or after it; past the last token comes the first. A lookup
/// skips peers that are down: their tokens lead to the next peer that is up. A ring rebuilt without
/// these peers would give the same answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring {
    /// Ascending; separate from the owners, so that a search reads nothing else.
    tokens: Vec<u64>,
    /// The peer of each token.
    owners: Vec<u32>,
    peer_count: usize,
}

impl Ring {
    /// The ring of peers with these names, numbered in this order. Names decide everything and
    /// should be unique; the order decides nothing.
    pub fn new<Name: AsRef<str>>(names: &[Name]) -> Self {
        let mut marks: Vec<(u64, u32)> = (0..)
            .zip(names)
            .flat_map(|(peer, name)| tokens_of(name.as_ref()).map(move |token| (token, peer)))
            .collect();
        // Of two peers with the same token, the peer with the lesser name comes first.
        marks.sort_unstable_by(|a, b| {
            let name = |peer: u32| names[peer as usize].as_ref();
            a.0.cmp(&b.0).then_with(|| name(a.1).cmp(name(b.1)))
        });
        let (tokens, owners) = marks.into_iter().unzip();
        Self {
            tokens,
            owners,
            peer_count: names.len(),
        }
    }

    /// The peer that owns `key` while all peers are up; `None` without peers.
    pub fn owner(&self, key: u64) -> Option<usize> {
        self.owners
            .get(self.position(key))
            .map(|&peer| peer as usize)
    }

    /// The peer that owns `key` among the peers for which `is_up` holds; `None` if it holds for
    /// none.
    pub fn owner_among(&self, key: u64, is_up: impl Fn(usize) -> bool) -> Option<usize> {
        self.owner_from(self.position(key), is_up)
    }

    /// [`Self::owner_among`] for the keys that belong to the token number `position`.
    pub fn owner_from(&self, position: usize, is_up: impl Fn(usize) -> bool) -> Option<usize> {
        let (before, after) = self.owners.split_at(position.min(self.owners.len()));
        after
            .iter()
            .chain(before)
            .map(|&peer| peer as usize)
            .find(|&peer| is_up(peer))
    }

    /// The share of all keys that each peer owns, among the peers for which `is_up` holds. The
    /// shares add up to one; all are zero if `is_up` holds for none.
    pub fn shares_among(&self, is_up: impl Fn(usize) -> bool) -> Vec<f64> {
        let mut owned = vec![0_u128; self.peer_count];
        let live = || {
            let marks = self.tokens.iter().zip(&self.owners);
            marks
                .map(|(&token, &peer)| (token, peer as usize))
                .filter(|&(_, peer)| is_up(peer))
        };
        let Some((last, _)) = live().last() else {
            return vec![0.0; owned.len()];
        };
        // The first arc begins after the last token. With a single token it is the whole circle.
        let mut previous = u128::from(last);
        let mut lap = CIRCLE;
        for (token, peer) in live() {
            let token = u128::from(token) + lap;
            owned[peer] += token - previous;
            (previous, lap) = (token - lap, 0);
        }
        owned
            .into_iter()
            .map(|arc| arc as f64 / CIRCLE as f64)
            .collect()
    }

    /// The number of the token, in ascending order, that `key` belongs to; zero without tokens.
    pub fn position(&self, key: u64) -> usize {
        let next = self.tokens.partition_point(|&token| token < key);
        if next == self.tokens.len() { 0 } else { next }
    }
}

/// Number of keys.
const CIRCLE: u128 = 1 << 64;

/// The tokens of the peer `name`: states of one running xxhash64 over the name. For each token the
/// hash continues by one byte, the token's number modulo 256.
///
/// Source: grafana/ckit, `internal/chash/ring.go`, `SetNodes`, read 2026-11.
fn tokens_of(name: &str) -> impl Iterator<Item = u64> {
    let mut hash = Xxh64::new(0);
    hash.update(name.as_bytes());
    (0..TOKENS_PER_PEER).map(move |number| {
        hash.update(&[number.to_le_bytes()[0]]);
        hash.digest()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|peer| format!("alloy-{peer}")).collect()
    }

    /// Evenly spread keys that are independent of the tokens.
    fn keys() -> impl Iterator<Item = u64> {
        (0..100_000_u64).map(|key| xxhash_rust::xxh64::xxh64(&key.to_le_bytes(), 7))
    }

    #[test]
    fn an_empty_ring_owns_nothing_and_one_peer_owns_all() {
        let empty = Ring::new::<&str>(&[]);
        assert_eq!(
            (empty.owner(5), empty.owner_among(5, |_| true)),
            (None, None)
        );
        assert!(empty.shares_among(|_| true).is_empty());
        let one = Ring::new(&["alloy-0"]);
        assert_eq!((one.owner(0), one.owner(u64::MAX)), (Some(0), Some(0)));
        assert!((one.shares_among(|_| true)[0] - 1.0).abs() < 1e-15);
        assert_eq!(one.owner_among(5, |_| false), None);
        assert!(one.shares_among(|_| false)[0].abs() < 1e-15);
    }

    #[test]
    fn a_token_owns_itself_and_what_lies_before_it() {
        let ring = Ring::new(&names(3));
        let (first, last) = (ring.tokens[0], ring.tokens[ring.tokens.len() - 1]);
        assert_eq!(ring.owner(first), Some(ring.owners[0] as usize));
        assert_eq!(ring.owner(first + 1), Some(ring.owners[1] as usize));
        assert_eq!(
            ring.owner(last),
            ring.owners.last().map(|&peer| peer as usize)
        );
        assert_eq!(ring.owner(last + 1), Some(ring.owners[0] as usize));
    }

    #[test]
    fn the_order_of_names_decides_nothing() {
        let (forward, mut backward) = (names(4), names(4));
        backward.reverse();
        let (left, right) = (Ring::new(&forward), Ring::new(&backward));
        for key in keys().take(1_000) {
            let name = |ring: &Ring, names: &[String]| names[ring.owner(key).unwrap()].clone();
            assert_eq!(name(&left, &forward), name(&right, &backward));
        }
    }

    #[test]
    fn skipping_a_peer_is_building_without_it() {
        let all = names(5);
        let (without, numbers) = ([&all[..2], &all[3..]].concat(), [0, 1, 3, 4]);
        let (ring, rebuilt) = (Ring::new(&all), Ring::new(&without));
        for key in keys().take(10_000) {
            let owner = rebuilt.owner(key).map(|peer| numbers[peer]);
            assert_eq!(ring.owner_among(key, |peer| peer != 2), owner);
        }
        let shares = ring.shares_among(|peer| peer != 2);
        for (peer, share) in rebuilt.shares_among(|_| true).into_iter().enumerate() {
            assert!((shares[numbers[peer]] - share).abs() < 1e-15);
        }
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn shares_are_what_lookups_find() {
        let ring = Ring::new(&names(7));
        let mut found = [0_u32; 7];
        for key in keys() {
            found[ring.owner(key).unwrap()] += 1;
        }
        for (count, share) in found.into_iter().zip(ring.shares_among(|_| true)) {
            // Five standard deviations of a binomial count.
            let error = (share * (1.0 - share) / 1e5).sqrt();
            assert!((f64::from(count) / 1e5 - share).abs() < 5.0 * error);
        }
    }

    #[test]
    fn a_join_moves_its_share_to_the_newcomer_only() {
        for before in [3, 10, 50] {
            let (old, new) = (Ring::new(&names(before)), Ring::new(&names(before + 1)));
            let moved: Vec<_> = keys()
                .filter(|&key| old.owner(key) != new.owner(key))
                .collect();
            assert!(moved.iter().all(|&key| new.owner(key) == Some(before)));
            let share = moved.len() as f64 / 1e5;
            assert!((share - new.shares_among(|_| true)[before]).abs() < 0.005);
            // The tokens' own spread, sqrt((N - 1)/(512 N)), is 4 to 5 %. The bound is four of
            // these.
            let even = 1.0 / (before + 1) as f64;
            assert!((share / even - 1.0).abs() < 0.18, "{before}: {share}");
        }
    }

    #[test]
    fn a_leave_moves_only_its_own_and_to_all_others() {
        let ring = Ring::new(&names(10));
        let mut gains = [0_u32; 10];
        for key in keys() {
            let (before, after) = (ring.owner(key), ring.owner_among(key, |peer| peer != 4));
            assert!(before == after || before == Some(4));
            gains[after.unwrap()] += u32::from(before != after);
        }
        let moved: u32 = gains.iter().sum();
        assert!((f64::from(moved) / 1e5 - ring.shares_among(|_| true)[4]).abs() < 0.005);
        // A survivor gets about 57 of the leaver's arcs, whose lengths are exponential: 19 %
        // spread. The bound is four of these.
        gains[4] = moved / 9;
        for gain in gains {
            assert!((f64::from(gain) / f64::from(moved) * 9.0 - 1.0).abs() < 0.75);
        }
    }
}
