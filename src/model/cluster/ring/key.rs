//! The key of a target on the ring.

use xxhash_rust::xxh64::Xxh64;

/// The byte after each name and each value, which cannot occur in UTF-8.
///
/// Source: prometheus/prometheus, `model/labels`, `Labels.Hash`, read 2026-11.
const SEPARATOR: &[u8] = &[0xff];

/// Labels with this prefix are not part of a target's identity.
///
/// Source: grafana/alloy, `internal/component/discovery/distributed_targets.go`, `keyFor`, read 2026-11.
pub const META_PREFIX: &str = "__meta_";

/// The key of a target with these labels, in any order. The key is the xxhash64 over name, 0xff,
/// value, 0xff of each label, sorted by name. Labels that begin with `__meta_` are left out.
///
/// Source: grafana/alloy, `internal/component/discovery/distributed_targets.go`, `keyFor`, read 2026-11.
pub fn target_key<'a>(labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> u64 {
    let mut labels: Vec<_> = labels
        .into_iter()
        .filter(|(name, _)| !name.starts_with(META_PREFIX))
        .collect();
    labels.sort_unstable();
    let mut hash = Xxh64::new(0);
    for (name, value) in labels {
        for part in [name.as_bytes(), SEPARATOR, value.as_bytes(), SEPARATOR] {
            hash.update(part);
        }
    }
    hash.digest()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_meta_labels_do_not_matter() {
        let key = target_key([
            ("namespace", "ns-29"),
            ("job", "job-5"),
            ("__meta_kubernetes_pod_uid", "changes"),
            ("__address__", "10.34.122.92:8080"),
        ]);
        assert_eq!(key, 0x9f4c_dbb6_a85d_fbf0);
        assert_ne!(target_key([("a", "bc")]), target_key([("ab", "c")]));
    }
}
