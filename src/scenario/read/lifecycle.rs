//! How the collectors of a fleet are stopped, started and replaced.

use super::super::fields::Shape;
use super::super::quantity::scalar;
use super::{Dimension, Fields, Node, Spec, Value};
use crate::model::blueprint::CountOrPercent::{Count, Share};
use crate::model::blueprint::{
    Controller, CountOrPercent, DEPLOYMENT_SHARE, GRACE, Lifecycle, MIN_READY, PodManagement,
    Updates, WaitForSize,
};
use crate::model::topology::{Assignment, Population, Topology};

/// Longest time that these keys may state, in seconds: a day.
const DAY: f64 = 86_400.0;
/// Greatest number of collectors that these keys may state.
const COLLECTORS_MAX: u32 = 1_000_000;

/// Help for a key that has no effect.
pub(super) const REMOVE: &str = "remove it; in a variant, name it in unset";

pub(super) fn read(
    fields: &mut Fields<'_>,
    controller: Controller,
    topology: &Topology,
) -> Lifecycle {
    let grace = Dimension::Time.write(GRACE.secs_f64());
    Lifecycle {
        controller,
        grace: fields.duration("grace", 0.0..=DAY, Some(&grace)),
        updates: updates(fields, controller),
        pod_management: pod_management(fields, controller),
        wait: wait(fields, topology),
    }
}

/// Rollouts of the fleet. A sidecar is replaced with its pod.
fn updates(fields: &mut Fields<'_>, controller: Controller) -> Updates {
    let mut none = Lifecycle::of(controller).updates;
    if controller == Controller::Pod {
        let why = "a sidecar is updated with its pod, so it has no updates of its own";
        fields.forbid("updates", why, "state the workload's `rollouts` instead");
        return none;
    }
    let is_deployment = controller == Controller::Deployment;
    let is_lost = fields.is_any_lost(&["topology", "controller"]);
    if is_deployment {
        none.max_unavailable = Share(DEPLOYMENT_SHARE);
        none.surge = Share(DEPLOYMENT_SHARE);
    }
    fields.table_or_default("updates", |table| {
        let ready = Dimension::Time.write(MIN_READY.secs_f64());
        let updates = Updates {
            every: table.interval("every"),
            at: table.instants("at"),
            max_unavailable: portion(table, "max_unavailable", none.max_unavailable),
            surge: if is_deployment || is_lost {
                portion(table, "surge", none.surge)
            } else {
                let why = "only a Deployment starts new pods before old ones stop";
                table.forbid("surge", why, REMOVE);
                none.surge
            },
            min_ready: table.duration("min_ready", 0.0..=DAY, Some(&ready)),
        };
        let nothing = |portion| matches!(portion, Count(0) | Share(0.0));
        let says = |keys: &[&str]| keys.iter().any(|key| table.has(key));
        if says(&["max_unavailable", "surge", "min_ready"]) && !says(&["every", "at"]) {
            let help = "state every = \"30d\" or at = [\"10d\"], or every = \"never\"";
            table.wrong("every", "these updates never happen", help);
        }
        let is_nothing = nothing(updates.max_unavailable) && nothing(updates.surge);
        let is_read = !table.is_any_lost(&["max_unavailable", "surge"]);
        if is_nothing && is_read && states_none(table, "max_unavailable") {
            let message = "with max_unavailable = 0 no collector is ever replaced";
            table.wrong("max_unavailable", message, "allow at least 1");
        }
        updates
    })
}

/// Whether the file states 0 or 0 % for `key`. Any other value without an effect has its own
/// problem.
fn states_none(fields: &mut Fields<'_>, key: &'static str) -> bool {
    fields.take(key).is_some_and(|node| match &node.value {
        Value::Integer(count) => *count == 0,
        _ => scalar(node, &Spec::share()).is_ok_and(|share| share <= 0.0),
    })
}

/// A count, or a share as a text with a percent sign.
fn portion(fields: &mut Fields<'_>, key: &'static str, default: CountOrPercent) -> CountOrPercent {
    let (count, share) = match default {
        Count(count) => (count, 0.0),
        Share(share) => (1, share),
    };
    fields.wants(key, Shape::Count(0, COLLECTORS_MAX));
    fields.wants(key, Shape::Amount(Spec::share()));
    let is_count = match fields.take(key) {
        Some(node) => matches!(node.value, Value::Integer(_)),
        None => matches!(default, Count(_)),
    };
    if is_count {
        return Count(fields.count(key, 0..=COLLECTORS_MAX, Some(count)));
    }
    let share = Node::text(Dimension::Share.write(share));
    Share(fields.amount(key, &Spec::share(), Some(share)))
}

/// The pod management. Only a `StatefulSet` can start its pods one after the other.
fn pod_management(fields: &mut Fields<'_>, controller: Controller) -> PodManagement {
    let words = [
        ("parallel", PodManagement::Parallel),
        ("ordered", PodManagement::Ordered),
    ];
    match controller {
        Controller::StatefulSet | Controller::Deployment => {
            let chosen = fields.choice("pod_management", &words, Some("parallel"));
            if controller == Controller::Deployment && chosen == PodManagement::Ordered {
                let message = "a Deployment starts its pods at once, never in order";
                let help = "use controller = \"statefulset\"";
                fields.wrong("pod_management", message, help);
            }
            chosen
        }
        Controller::DaemonSet | Controller::Pod => {
            let why = "only a StatefulSet can start its pods in order";
            fields.forbid("pod_management", why, REMOVE);
            PodManagement::Parallel
        }
    }
}

/// The size to wait for. Only peers of a ring wait for each other.
fn wait(fields: &mut Fields<'_>, topology: &Topology) -> WaitForSize {
    let Population::Replicas(replicas) = topology.population else {
        for key in ["wait_for_size", "wait_timeout"] {
            fields.forbid(key, "only clustered replicas wait for each other", REMOVE);
        }
        return WaitForSize::default();
    };
    let wait = WaitForSize {
        size: fields.count("wait_for_size", 0..=COLLECTORS_MAX, Some(0)),
        timeout: fields.duration("wait_timeout", 0.0..=f64::MAX, Some("0s")),
    };
    if fields.is_any_lost(&["topology", "share", "replicas", "wait_for_size"]) {
        return wait;
    }
    if wait.size > 0 && topology.assignment != Assignment::Ring {
        let message = "only clustered replicas wait for each other";
        fields.wrong("wait_for_size", message, "use share = \"clustering\"");
    } else if wait.size > replicas && !fields.has("autoscaling") {
        let size = wait.size;
        let message = format!("{replicas} replicas never become the {size} they wait for");
        fields.wrong("wait_for_size", message, "state at most `replicas`");
    }
    if !wait.timeout.is_zero() && wait.size == 0 && fields.has("wait_timeout") {
        let message = "wait_timeout says nothing without wait_for_size";
        fields.wrong("wait_timeout", message, REMOVE);
    }
    wait
}
