//! Whether collectors can live at all in what they are given.

use super::Finding;
use crate::fleet::blueprint::{Blueprint, Fleet, MemoryTest};

pub(super) fn findings(blueprint: &Blueprint) -> Vec<Finding> {
    blueprint.fleets.iter().filter_map(starved).collect()
}

/// What a collector without a single series needs, in the median.
fn empty_bytes(fleet: &Fleet) -> f64 {
    let base = fleet.memory.base.centre.median();
    match fleet.memory.test {
        MemoryTest::Direct => base,
        MemoryTest::GarbageCollected => base * 1.05 + fleet.memory.outside_heap.centre.median(),
    }
}

fn starved(fleet: &Fleet) -> Option<Finding> {
    let limit = fleet.resources.memory_limit?;
    let empty = empty_bytes(fleet);
    (limit.as_f64() < empty).then(|| Finding {
        section: "fleet",
        name: fleet.name.clone(),
        key: "resources",
        message: format!(
            "the memory limit of fleet `{}`, {:.0} MB, is below what an empty collector needs, {:.0} MB",
            fleet.name,
            limit.as_f64() / 1e6,
            empty / 1e6
        ),
        help: "raise the limit, or state base_memory if yours is smaller".to_owned(),
    })
}
