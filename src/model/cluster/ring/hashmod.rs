//! Static sharding by hash modulo the number of peers, as the `hashmod` relabel action does it.

/// The peer, from 0, that owns `key` among `peer_count` peers, which is above zero.
///
/// Simplified: Prometheus takes the low half of an MD5 of the labels' values; any even hash shares
/// alike, so the key of the ring serves here too.
///
/// Source: Prometheus documentation, "Configuration", section `relabel_config`, read 2026-11.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the remainder is below a usize"
)]
pub const fn owner(key: u64, peer_count: usize) -> usize {
    (key % peer_count as u64) as usize
}

/// The share of targets that change their owner when N peers become N + 1: N/(N + 1), for a key
/// keeps its owner if both remainders agree, which one in N + 1 does.
pub fn moved_share(peer_count_before: usize) -> f64 {
    let before = peer_count_before as f64;
    before / (before + 1.0)
}
