//! What a collector keeps in memory.

use super::super::quantity;
use super::{Dimension, Fields, Node, Spec};
use crate::model::blueprint::{
    Destinations, Garbage, HeapModel, HolderBytes, Holders, LogMemory, MemoryModel, MemoryTest,
    Pages, SoftLimit, Stacks,
};
use crate::units::MIB;

/// The words for what sends to several endpoints.
const DESTINATIONS: [(&str, Destinations); 2] = [
    ("components", Destinations::Components),
    ("blocks", Destinations::Blocks),
];

const TESTS: [(&str, MemoryTest); 2] = [
    ("garbage-collected", MemoryTest::GarbageCollected),
    ("direct", MemoryTest::Direct),
];

const fn bytes() -> Spec {
    Spec::unknown(Dimension::Bytes).between(0.0, 1e15)
}

const fn count() -> Spec {
    Spec::unknown(Dimension::Number)
}

/// What a collector keeps in memory.
pub(super) fn memory(fields: &mut Fields<'_>) -> MemoryModel {
    contain_targets(fields);
    let bytes = bytes();
    let per_mib = Spec { per: MIB, ..bytes };
    let is_stated = fields.stated("memory_per_series").is_some();
    let factor = count().between(0.01, 100.0);
    let memory = MemoryModel {
        label_bytes: fields.quantity("label_bytes", &bytes.between(0.0, 1e6), None),
        holders: holders(fields),
        per_series: is_stated
            .then(|| fields.quantity("memory_per_series", &bytes.between(1.0, 1e9), None)),
        relabel_stages: fields.quantity("relabel_stages", &count().between(0.0, 20.0), None),
        relabel_cache: fields.amount("relabel_cache", &count().between(1.0, 1e12), None),
        destinations: fields.choice("destinations", &DESTINATIONS, None),
        per_target: fields.quantity("memory_per_target", &bytes, None),
        per_compressed_target: fields.amount("memory_per_compressed_target", &bytes, None),
        is_compressed: fields.boolean("compressed_pages", None),
        per_busy_shard: fields.quantity("memory_per_busy_shard", &bytes, None),
        base: fields.quantity("base_memory", &bytes, None),
        components: fields.quantity("components_memory", &bytes, None),
        outside_heap: fields.quantity("outside_heap", &bytes, None),
        per_watched_pod: fields.quantity("memory_per_watched_pod", &bytes, None),
        discovery_components: fields.amount(
            "discovery_components",
            &count().between(0.0, 1_000.0),
            None,
        ),
        logs: LogMemory {
            per_byte_per_second: fields.quantity("memory_per_log_mib_per_second", &per_mib, None),
            per_file: fields.amount("memory_per_file", &bytes, None),
            of_stages: fields.amount("memory_of_log_stages", &bytes, None),
            stages: fields.quantity("log_stages", &count().between(0.0, 20.0), None),
        },
        factor: fields.quantity("memory_factor", &factor, None),
        growth_per_day: fields.quantity("memory_growth_per_day", &bytes, None),
        replay_peak: fields.law("replay_peak", &count().between(1.0, 100.0), None),
        heap: heap(fields),
        pages: Pages {
            binary: fields.quantity("binary_pages", &bytes, None),
            active_share: fields.amount("active_pages", &Spec::share(), None),
        },
        idle: fields.amount("idle_memory", &bytes, None),
        test: fields.choice("memory_test", &TESTS, None),
    };
    gogc_applies(fields, &memory);
    memory
}

/// A file that states `memory_per_series` and nothing of targets has measured both together.
fn contain_targets(fields: &mut Fields<'_>) {
    if !fields.has("memory_per_series") {
        return;
    }
    for key in [
        "memory_per_target",
        "memory_per_compressed_target",
        "stack_per_target",
    ] {
        let source = "contained in memory_per_series, which this scenario states";
        let parts = vec![("value", Node::text("0B")), ("source", Node::text(source))];
        fields.suppose(key, Node::table(parts));
    }
}

/// Refuses `gogc` beside bytes that are stated directly. Such bytes hold as they are, that is at
/// GOGC = 100.
fn gogc_applies(fields: &Fields<'_>, memory: &MemoryModel) {
    let gogc = memory.heap.gogc;
    let is_read = !fields.is_any_lost(&["gogc", "memory_test"]);
    if is_read && memory.test == MemoryTest::Direct && (gogc - 100.0).abs() > 0.0 {
        let message = format!("gogc = {gogc} means nothing where memory_test is \"direct\"");
        let help = "remove gogc: the bytes that are stated hold as they are; or set \
                    memory_test = \"garbage-collected\" for a process written in Go";
        fields.wrong("gogc", message, help);
    }
}

/// What each holder keeps of a series.
fn holders(fields: &mut Fields<'_>) -> Holders {
    let bytes = bytes().between(0.0, 1e9);
    let per_byte = count().between(0.0, 1_000.0);
    fields.table_or_default("series_holders", |table| {
        let mut holder = |fixed: &'static str, labels: &'static str| HolderBytes {
            fixed: table.amount(fixed, &bytes, None),
            per_label_byte: table.amount(labels, &per_byte, None),
        };
        let scrape = holder("scrape", "scrape_labels");
        let wal = holder("wal", "wal_labels");
        let queue = holder("queue", "queue_labels");
        let relabel = holder("relabel", "relabel_labels");
        let relabel_entry = holder("relabel_entry", "relabel_entry_labels");
        let dropped = holder("dropped", "dropped_labels");
        let replayed = holder("replayed", "replayed_labels");
        let wal_entry = table.amount("wal_entry", &bytes, None);
        let moved = table.amount("moved", &bytes, None);
        let all = [scrape, wal, queue].map(|holder| holder.at(1.0));
        if all.iter().sum::<f64>() + wal_entry <= 0.0 {
            let help = "one of scrape, wal and queue is above zero";
            table.wrong("wal", "nothing holds the bytes of a series", help);
        }
        Holders {
            scrape,
            wal,
            wal_entry,
            queue,
            relabel,
            relabel_entry,
            dropped,
            replayed,
            moved,
        }
    })
}

/// How the heap grows over its live bytes.
fn heap(fields: &mut Fields<'_>) -> HeapModel {
    let bytes = bytes();
    let gogc = fields.amount("gogc", &count().between(10.0, 1_000.0), None);
    let soft_limit = soft_limit(fields);
    let per_target = fields.amount("stack_per_target", &bytes, None);
    let per_file = fields.amount("stack_per_file", &bytes, None);
    fields.table_or_default("heap", |table| {
        let factor = count().between(0.1, 10.0);
        HeapModel {
            gogc,
            soft_limit,
            collected_at: table.amount("collected_at", &Spec::share().between(0.1, 1.0), None),
            forced_every: table
                .duration("forced_every", 0.0..=86_400.0, None)
                .secs_f64(),
            overhead: table.amount("overhead", &factor, None),
            stacks: Stacks {
                base: table.amount("base_stacks", &bytes, None),
                per_target,
                per_file,
                overhead: table.amount("stack_overhead", &factor, None),
            },
            garbage: garbage(table),
        }
    })
}

/// What a process allocates.
fn garbage(table: &mut Fields<'_>) -> Garbage {
    let bytes = bytes();
    let rate = Spec::unknown(Dimension::ByteRate).between(0.0, 1e15);
    Garbage {
        idle: table.amount("garbage_idle", &rate, None),
        per_sample: table.amount("garbage_per_sample", &bytes, None),
        per_scrape: table.amount("garbage_per_scrape", &bytes, None),
        per_relabel_miss: table.amount("garbage_per_relabel_miss", &bytes, None),
        per_line: table.amount("garbage_per_line", &bytes, None),
        per_line_byte: table.amount("garbage_per_line_byte", &count().between(0.0, 1e6), None),
        per_poll: table.amount("garbage_per_poll", &bytes, None),
    }
}

/// `gomemlimit`: `"off"`, a share of the limit of the container, or bytes.
fn soft_limit(fields: &mut Fields<'_>) -> SoftLimit {
    let key = "gomemlimit";
    let stated = fields.stated(key).map(|node| node.plain().clone());
    let Some(node) = stated else {
        fields.missing(key, "write gomemlimit = \"90%\", \"900MiB\" or \"off\"");
        return SoftLimit::Off;
    };
    if node.as_text() == Some("off") {
        fields.amount_or(key, &bytes(), "off");
        return SoftLimit::Off;
    }
    let share = Spec::share().between(0.01, 1.0);
    if quantity::scalar(&node, &share).is_ok() {
        SoftLimit::OfLimit(fields.amount(key, &share, None))
    } else {
        SoftLimit::Bytes(fields.amount(key, &bytes().between(1_048_576.0, 1e15), None))
    }
}
