//! Whether collectors fit their limits, and whether enough of them exist for the size they wait
//! for.

use super::Warning;
use crate::model::blueprint::{Blueprint, Fleet, MemoryTest};
use crate::model::topology::Population;

pub(super) fn warnings(blueprint: &Blueprint) -> Vec<Warning> {
    let starved = blueprint.fleets.iter().filter_map(starved);
    let hesitant = blueprint.fleets.iter().filter_map(hesitant);
    starved.chain(hesitant).collect()
}

/// Warns of a cluster that needs all its members, and so stops scraping whenever one restarts.
fn hesitant(fleet: &Fleet) -> Option<Warning> {
    let wait = fleet.lifecycle.wait;
    let Population::Replicas(replicas) = fleet.topology.population else {
        return None;
    };
    (wait.size > 1 && wait.size == replicas).then(|| {
        let name = &fleet.name;
        let message = format!(
            "fleet `{name}` takes no targets whenever one of its {replicas} replicas is away"
        );
        let help =
            "state a smaller wait_for_size; Alloy's docs advise well below the wanted number";
        Warning::new(("fleet", name, "wait_for_size"), message, help)
    })
}

/// Bytes that a collector without any series needs, in the median.
fn empty_bytes(fleet: &Fleet) -> f64 {
    let base = fleet.memory.base.centre.median() + fleet.memory.components.centre.median();
    match fleet.memory.test {
        MemoryTest::Direct => base,
        MemoryTest::GarbageCollected => {
            let outside = fleet.memory.outside_heap.centre.median();
            base * 1.05 * fleet.memory.heap.overhead + outside
        }
    }
}

fn starved(fleet: &Fleet) -> Option<Warning> {
    let limit = fleet.resources.memory_limit?;
    let empty = empty_bytes(fleet);
    (limit.as_f64() < empty).then(|| {
        let (name, limit, empty) = (&fleet.name, limit.as_f64() / 1e6, empty / 1e6);
        let message = format!(
            "the memory limit of fleet `{name}`, {limit:.0} MB, is below what an empty collector \
             needs, {empty:.0} MB"
        );
        let help = "raise the limit, or state base_memory if yours is smaller";
        Warning::new(("fleet", name, "resources"), message, help)
    })
}
