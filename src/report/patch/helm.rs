//! A fleet as values of the Helm charts `alloy` and `k8s-monitoring`.

use std::fmt::Write as _;

use crate::model::blueprint::{Controller, Fleet, Resources};
use crate::model::topology::Population;
use crate::units::Bytes;

/// The values of a fleet for both charts. A sidecar has no chart: its container gets the resources.
///
/// Source: grafana/alloy operations/helm/charts/alloy/values.yaml (`controller.type`,
/// `controller.replicas`, `alloy.resources`) and grafana/k8s-monitoring-helm
/// charts/k8s-monitoring/docs/collectors/README.md (`collectors.<name>`), read 2026-11.
pub(super) fn of(fleet: &Fleet) -> String {
    let name = &fleet.name;
    let mut text = String::new();
    let controller = match fleet.lifecycle.controller {
        Controller::StatefulSet => "statefulset",
        Controller::Deployment => "deployment",
        Controller::DaemonSet => "daemonset",
        Controller::Pod => {
            let _ = writeln!(text, "# Fleet {name}: the container of the sidecar");
            text.push_str(&resources(&fleet.resources, ""));
            return text;
        }
    };
    let replicas = match (fleet.topology.population, &fleet.autoscaling) {
        (Population::Replicas(replicas), None) => Some(replicas),
        _ => None,
    };
    let _ = writeln!(text, "# Fleet {name}: values of the chart grafana/alloy");
    let _ = writeln!(text, "controller:\n  type: {controller}");
    if let Some(replicas) = replicas {
        let _ = writeln!(text, "  replicas: {replicas}");
    }
    if fleet.wal.on_volume {
        text.push_str(
            "  # the WAL lies on a volume: volumeClaimTemplates, and alloy.storagePath on it\n",
        );
    }
    let _ = writeln!(text, "alloy:\n{}", resources(&fleet.resources, "  "));
    let _ = writeln!(
        text,
        "# Fleet {name}: values of the chart grafana/k8s-monitoring, version 4"
    );
    let _ = writeln!(text, "collectors:\n  alloy-{name}:");
    if let Some(replicas) = replicas {
        let _ = writeln!(text, "    controller:\n      replicas: {replicas}");
    }
    let _ = write!(
        text,
        "    alloy:\n{}",
        resources(&fleet.resources, "      ")
    );
    text
}

/// The block `resources` of a container, after an indent.
fn resources(resources: &Resources, indent: &str) -> String {
    let block = |memory: Option<Bytes>, cores: Option<f64>| {
        let memory = memory.map(|memory| format!("memory: {}", kubernetes(memory)));
        let cores = cores.map(|cores| format!("cpu: {}", millicores(cores)));
        let parts: Vec<String> = cores.into_iter().chain(memory).collect();
        parts.join(", ")
    };
    let requests = block(
        resources.memory_request.or(resources.memory_limit),
        resources.cpu_request_cores,
    );
    let limits = block(resources.memory_limit, resources.cpu_limit_cores);
    let mut text = format!("{indent}resources:\n");
    for (name, values) in [("requests", requests), ("limits", limits)] {
        if !values.is_empty() {
            let _ = writeln!(text, "{indent}  {name}: {{ {values} }}");
        }
    }
    text
}

/// An amount of memory as Kubernetes writes it: `5632Mi`, `4Gi`.
fn kubernetes(memory: Bytes) -> String {
    let bytes = memory.count();
    let units = [("Gi", 1_u64 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)];
    let whole = units.iter().find(|(_, size)| bytes.is_multiple_of(*size));
    match whole {
        Some((unit, size)) => format!("{}{unit}", bytes / size),
        None => bytes.to_string(),
    }
}

/// Cores as Kubernetes writes them: `2`, `250m`.
fn millicores(cores: f64) -> String {
    let milli = (cores * 1_000.0).round();
    if milli % 1_000.0 == 0.0 {
        format!("\"{}\"", milli / 1_000.0)
    } else {
        format!("{milli}m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_in_the_units_of_kubernetes() {
        let of = |bytes| kubernetes(Bytes::new(bytes));
        assert_eq!(of(4 << 30), "4Gi");
        assert_eq!(of(11 << 29), "5632Mi");
        assert_eq!(of(1_000), "1000");
        assert_eq!([2.0, 0.25, 1.5].map(millicores), ["\"2\"", "250m", "1500m"]);
    }
}
