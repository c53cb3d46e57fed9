//! Static sharding by hash modulo the number of peers, as the `hashmod` relabel action does it.

/// The peer, from 0, that owns `key` among `peer_count` peers, which is above zero.
///
/// Simplified: Prometheus takes the low half of an MD5 of the labels' values; any even hash shares
/// alike, so the key of the ring serves here too.
///
/// Source: Prometheus documentation, "Configuration", section `relabel_config`, read 2026-11.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the remainder is below a u32"
)]
pub const fn owner(key: u64, peer_count: u32) -> u32 {
    (key % peer_count as u64) as u32
}

/// The share of targets that change their owner when N peers become N + 1: N/(N + 1), for a key
/// keeps its owner if both remainders agree, which one in N + 1 does.
pub fn moved_share(peer_count_before: u32) -> f64 {
    let before = f64::from(peer_count_before);
    before / (before + 1.0)
}
