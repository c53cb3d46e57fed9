//! The ring against a second, naive computation of its tokens and arcs, and against its promise about
//! joins.

use alloy_sim::fleet::ring::Ring;
use xxhash_rust::xxh64::xxh64;

/// Peers of the rings that are looked at.
const PEERS: [usize; 3] = [1, 5, 100];

fn names(count: usize) -> Vec<String> {
    (0..count).map(|peer| format!("alloy-{peer}")).collect()
}

/// The tokens of a peer, each hashed from its beginning: the name and one byte for every token so far.
fn tokens(name: &str) -> Vec<u64> {
    let mut bytes = name.as_bytes().to_vec();
    let next = |byte: u8| {
        bytes.push(byte);
        xxh64(&bytes, 0)
    };
    (0..=255).chain(0..=255).map(next).collect()
}

/// How many of the 2^64 keys each peer owns: a token owns the keys after the token before it.
fn arcs(names: &[String]) -> Vec<u128> {
    let marks = names.iter().enumerate();
    let mut marks: Vec<(u64, usize)> = marks
        .flat_map(|(peer, name)| tokens(name).into_iter().map(move |token| (token, peer)))
        .collect();
    marks.sort_unstable();
    let mut arcs = vec![0; names.len()];
    let circle = 1_u128 << 64;
    for (at, &(token, peer)) in marks.iter().enumerate() {
        let (before, lap) = match at {
            0 => (marks[marks.len() - 1].0, circle),
            _ => (marks[at - 1].0, 0),
        };
        arcs[peer] += u128::from(token) + lap - u128::from(before);
    }
    assert_eq!(arcs.iter().sum::<u128>(), circle);
    arcs
}

#[test]
fn every_share_is_that_of_a_naive_count() {
    for count in PEERS {
        let names = names(count);
        let shares = Ring::new(&names).shares();
        assert_eq!(shares.len(), count);
        for (share, arc) in shares.into_iter().zip(arcs(&names)) {
            let expected = arc as f64 / 2_f64.powi(64);
            assert!((share - expected).abs() < 1e-15, "{share} {expected}");
            // The tokens' own spread, sqrt((N - 1)/(512 N)), is at most 4.4 %; four of these.
            let even = 1.0 / count as f64;
            assert!((share / even - 1.0).abs() < 0.18, "{count}: {share}");
        }
    }
}

#[test]
fn a_join_moves_one_share_and_all_of_it_to_the_newcomer() {
    let keys: Vec<u64> = (0..10_000_u64)
        .map(|key| xxh64(&key.to_le_bytes(), 7))
        .collect();
    for before in PEERS {
        let (old, new) = (Ring::new(&names(before)), Ring::new(&names(before + 1)));
        let mut moved = 0_u32;
        for &key in &keys {
            let (from, to) = (old.owner(key), new.owner(key));
            assert!(
                from == to || to == Some(before),
                "{before}: {from:?} {to:?}"
            );
            moved += u32::from(from != to);
        }
        let found = f64::from(moved) / keys.len() as f64;
        // Against the newcomer's own arcs only the keys are random: four times their binomial error.
        let share = arcs(&names(before + 1))[before] as f64 / 2_f64.powi(64);
        let error = (share * (1.0 - share) / keys.len() as f64).sqrt();
        assert!(
            (found - share).abs() < 4.0 * error,
            "{before}: {found} {share}"
        );
        // Against 1/(N + 1) the arcs are too: with N + 1 peers they spread by sqrt(N/(512 (N + 1))).
        let peers = before as f64 + 1.0;
        let arcs_error = (before as f64 / (512.0 * peers)).sqrt() / peers;
        let error = error.hypot(arcs_error);
        assert!(
            (found - 1.0 / peers).abs() < 4.0 * error,
            "{before}: {found}"
        );
    }
}
