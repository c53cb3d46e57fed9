//! What one pod takes from its node.

use super::{Dimension, Fields, Node, Spec};
use crate::model::blueprint::PodDemand;

pub(super) fn read(fields: &mut Fields<'_>) -> PodDemand {
    let cores = Spec::unknown(Dimension::Cores).between(0.0, 10_000.0);
    let memory = Spec::unknown(Dimension::Bytes).between(0.0, 1e15);
    let zero = || Some(Node::integer(0));
    let nothing = || Some(Node::text("0B"));
    PodDemand {
        cpu_cores: fields.quantity("cpu_per_pod", &cores.spread(), zero()),
        memory_bytes: fields.quantity("memory_per_pod", &memory, nothing()),
        cpu_request_cores: fields.amount("cpu_request_per_pod", &cores, zero()),
        memory_request_bytes: fields.amount("memory_request_per_pod", &memory, nothing()),
    }
}
