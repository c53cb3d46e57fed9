//! `autoscaling` of a fleet: a `HorizontalPodAutoscaler` in each cluster.

use super::{Dimension, Fields, Node, Problem, Spec, Value};
use crate::model::blueprint::{Autoscaling, Resources};
use crate::units::{Bytes, SimDuration, floor};

/// Least number of replicas where a file states none.
///
/// Source: Kubernetes documentation, "Horizontal Pod Autoscaling", `minReplicas` (read 2026-11).
const MIN_DEFAULT: u32 = 1;

/// Tolerance: share by which a metric may miss its target.
///
/// Source: Kubernetes documentation, "Horizontal Pod Autoscaling", algorithm details (read 2026-11).
const TOLERANCE_DEFAULT: &str = "10%";

/// Sync period: time between two evaluations.
///
/// Source: Kubernetes documentation, "Horizontal Pod Autoscaling", how it works (read 2026-11).
const SYNC_DEFAULT: &str = "15s";

/// Stabilization windows for scaling up and for scaling down.
///
/// Source: Kubernetes documentation, "Horizontal Pod Autoscaling", default behavior; the same in the
/// Helm chart of grafana/alloy (read 2026-11).
const WINDOW_DEFAULTS: (&str, &str) = ("0s", "5m");

/// Longest window that Kubernetes accepts, in seconds.
///
/// Source: Kubernetes API reference, `HPAScalingRules`, `stabilizationWindowSeconds` (read 2026-11).
const WINDOW_MAX: f64 = 3_600.0;

/// Where the lag of metrics is documented.
const LAG_SOURCE: &str = "kubernetes/autoscaler, cluster-autoscaler FAQ, How fast is HPA: kubelets \
                          measure every 10 s, Metrics Server asks them every minute, read 2026-11; \
                          uniform is INFERRED";

/// Where the time for a new node is documented.
const NODE_SOURCE: &str = "kubernetes/autoscaler, cluster-autoscaler FAQ: 3 to 4 minutes, \
                           read 2026-11";

/// Replicas at the start if the file states none: the minimum of the autoscaler.
pub(super) fn start(fields: &mut Fields<'_>) -> Option<u32> {
    let table = fields.take("autoscaling")?.as_table()?;
    match table.get("min").map(|node| &node.value) {
        Some(Value::Integer(min)) => u32::try_from(*min).ok().filter(|&min| min > 0),
        Some(_) => None,
        None => Some(MIN_DEFAULT),
    }
}

/// The autoscaler of a centralized fleet; `None` without one.
pub(super) fn read(
    fields: &mut Fields<'_>,
    replicas: (u32, u32),
    resources: &Resources,
) -> Option<Autoscaling> {
    let (start, replicas_max) = replicas;
    let lost = fields.is_any_lost(&["resources", "resources.memory", "resources.cpu"]);
    let request = |request: Option<f64>| request.or(lost.then_some(1.0));
    let read = fields.table("autoscaling", |table| {
        let min = table.count("min", 1..=replicas_max, Some(MIN_DEFAULT));
        let max = table.count("max", 1..=replicas_max, None);
        if min > max && !table.is_any_lost(&["min", "max"]) {
            let message = format!("min = {min} is above max = {max}");
            table.wrong("min", message, "");
        }
        let memory_request = request(resources.memory_request.map(Bytes::as_f64));
        let memory_percent = target(table, "memory", memory_request);
        let cpu_percent = target(table, "cpu", request(resources.cpu_request_cores));
        let is_lost = table.is_any_lost(&["memory", "cpu"]);
        if memory_percent.is_none() && cpu_percent.is_none() && !is_lost {
            let message = "an autoscaler needs a metric to go by";
            let help = "write memory = \"80%\", cpu = \"60%\", or both";
            table.report(Problem::error(message, table.span()).help(help));
        }
        let tolerance = Some(Node::text(TOLERANCE_DEFAULT));
        let time = Spec::unknown(Dimension::Time);
        let lag = Node::texts(&[("min", "15s"), ("max", "60s"), ("source", LAG_SOURCE)]);
        let provisioning = Node::texts(&[("min", "3m"), ("max", "4m"), ("source", NODE_SOURCE)]);
        Autoscaling {
            min,
            max,
            memory_percent,
            cpu_percent,
            tolerance: table.amount("tolerance", &Spec::share(), tolerance),
            sync: table.duration("sync", 1.0..=600.0, Some(SYNC_DEFAULT)),
            scale_up_window: window(table, "scale_up_window", WINDOW_DEFAULTS.0),
            scale_down_window: window(table, "scale_down_window", WINDOW_DEFAULTS.1),
            metric_lag: table.quantity("metric_lag", &time.between(0.0, 600.0), Some(lag)),
            node_provisioning: {
                let spec = time.between(0.0, 86_400.0);
                table.law("node_provisioning", &spec, Some(provisioning))
            },
        }
    })?;
    let (min, max) = (read.min, read.max);
    let is_lost = fields.is_any_lost(&["replicas", "autoscaling.min", "autoscaling.max"]);
    let is_outside = min <= max && !(min..=max).contains(&start);
    if is_outside && !is_lost && fields.has("replicas") {
        let message = format!("replicas = {start} is not between min = {min} and max = {max}");
        let help = "an autoscaler starts from replicas; without them, from min";
        fields.wrong("replicas", message, help);
    }
    Some(read)
}

/// Target utilisation of a request, in percent; `None` if this metric decides nothing.
fn target(fields: &mut Fields<'_>, key: &'static str, request: Option<f64>) -> Option<u32> {
    let spec = Spec::unknown(Dimension::Share).between(0.01, 10.0);
    let share = fields.amount_or(key, &spec, "none")?;
    let percent = (share * 100.0).round();
    if (share * 100.0 - percent).abs() > 1e-6 {
        let message = format!("the {key} target of an autoscaler is a whole percent");
        let help = format!("Kubernetes takes no other; write {key} = \"{percent:.0}%\"");
        fields.wrong(key, message, &help);
    }
    if request.is_none() {
        let message = format!("an autoscaler compares {key} with its request, and there is none");
        let help = format!("state resources = {{ {key} = {{ request = … }} }} for the fleet");
        fields.wrong(key, message, &help);
    }
    Some(floor(percent))
}

fn window(fields: &mut Fields<'_>, key: &'static str, default: &str) -> SimDuration {
    fields.duration(key, 0.0..=WINDOW_MAX, Some(default))
}
