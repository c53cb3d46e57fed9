//! `[[fleet]]`: collectors of one topology and one configuration.

use super::super::fields::Fields;
use super::super::quantity::Spec;
use super::super::tree::Node;
use super::super::unit::Dimension;
use super::{Context, autoscaling, bytes, collector, lifecycle, name, preset};
use crate::model::blueprint::{
    Controller, EndpointId, Fleet, PoolId, Resources, Workload, WorkloadId, WorkloadKind,
};
use crate::model::topology::{Population, Share, Topology, centralized, host_daemon, sidecar};

/// Greatest number of replicas in one cluster.
const REPLICAS_MAX: u32 = 10_000;

/// The words for topologies.
const TOPOLOGIES: [(&str, Layout); 3] = [
    ("centralized", Layout::Centralized),
    ("host-daemon", Layout::HostDaemon),
    ("sidecar", Layout::Sidecar),
];

/// Which topology a fleet has, before its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Centralized,
    HostDaemon,
    Sidecar,
}

/// The workloads of a fleet, by signal.
struct Collects {
    metrics: Vec<WorkloadId>,
    logs: Vec<WorkloadId>,
}

pub(super) fn read(
    fields: &mut Fields<'_>,
    context: &Context<'_>,
    workloads: &[Workload],
) -> Fleet {
    let name = name(fields);
    let layout = fields.choice("topology", &TOPOLOGIES, None);
    let layout = layout.unwrap_or(Layout::Centralized);
    let preset = preset::choose(fields, context.files, Some(&context.preset));
    fields.default_to(preset.section("fleet"));
    let collects = collects(fields, context);
    let controller = controller(fields, layout);
    refuse_autoscaling(fields, layout);
    let topology = topology(fields, layout);
    let mut fleet = Fleet {
        name,
        topology,
        autoscaling: None,
        runs_on: runs_on(fields, layout, context, &collects, workloads),
        sends_to: fields.references(
            "sends_to",
            ("endpoint", &context.endpoints),
            EndpointId::new,
        ),
        resources: resources(fields),
        memory: collector::memory(fields),
        cpu: collector::cpu(fields),
        own_series: collector::own_series(fields),
        remote_write: collector::remote_write(fields),
        sample_bytes: collector::sample_bytes(fields),
        wal: {
            let is_set = controller == Controller::StatefulSet;
            let on_volume = fields.boolean("volume", Some(is_set));
            collector::wal(fields, on_volume)
        },
        interruptions: collector::interruptions(fields),
        lifecycle: lifecycle::read(fields, controller, &topology),
        metrics_of: collects.metrics,
        logs_of: collects.logs,
    };
    if let Population::Replicas(start) = topology.population {
        fleet.autoscaling = autoscaling::read(fields, (start, REPLICAS_MAX), &fleet.resources);
        let (wait, plan) = (fleet.lifecycle.wait.size, &fleet.autoscaling);
        if let Some(min) = plan.as_ref().map(|plan| plan.min).filter(|&min| wait > min) {
            let message = format!(
                "an autoscaler may leave {min} replicas, which never become the {wait} they wait for"
            );
            fields.wrong("wait_for_size", message, "state at most its `min`");
        }
    }
    fleet
}

/// The workloads it collects; a missing list is empty.
fn collects(fields: &mut Fields<'_>, context: &Context<'_>) -> Collects {
    fields.table_or_default("collects", |table| {
        for signal in ["traces", "profiles"] {
            if table.take(signal).is_some() {
                let message = format!("collecting {signal} comes with a later version");
                table.wrong(signal, message, "this version collects metrics and logs");
            }
        }
        Collects {
            metrics: table.references("metrics", ("workload", &context.workloads), WorkloadId::new),
            logs: table.references("logs", ("workload", &context.workloads), WorkloadId::new),
        }
    })
}

/// What runs the collectors; the WAL of a `StatefulSet` lies on a volume.
fn controller(fields: &mut Fields<'_>, layout: Layout) -> Controller {
    let words = [
        ("statefulset", Controller::StatefulSet),
        ("deployment", Controller::Deployment),
    ];
    match layout {
        Layout::Centralized => fields
            .choice("controller", &words, Some("statefulset"))
            .unwrap_or(Controller::StatefulSet),
        Layout::HostDaemon => Controller::DaemonSet,
        Layout::Sidecar => Controller::Pod,
    }
}

/// The topology with the settings it has; settings of other topologies are errors.
fn topology(fields: &mut Fields<'_>, layout: Layout) -> Topology {
    if layout != Layout::Centralized {
        let help = "remove it; in a variant, name it in unset";
        let why = match layout {
            Layout::HostDaemon => "a host daemon has one collector per node",
            _ => "a sidecar has one collector per pod",
        };
        fields.forbid(
            "replicas",
            &format!("{why}, so `replicas` says nothing"),
            help,
        );
        fields.forbid(
            "share",
            &format!("{why}, so there is nothing to share"),
            help,
        );
        fields.forbid(
            "controller",
            &format!("{why}, so `controller` says nothing"),
            help,
        );
    }
    if layout != Layout::HostDaemon {
        let why = "only host daemons choose what they discover";
        fields.forbid(
            "discovery",
            why,
            "remove it; in a variant, name it in unset",
        );
    }
    match layout {
        Layout::Centralized => {
            let words = [
                ("clustering", Share::Clustering),
                ("hashmod", Share::Hashmod),
                ("load-balancer", Share::LoadBalancer),
            ];
            let least = autoscaling::start(fields);
            let replicas = fields.count("replicas", 1..=REPLICAS_MAX, least);
            let share = fields.choice("share", &words, Some("clustering"));
            centralized(replicas, share.unwrap_or(Share::Clustering))
        }
        Layout::HostDaemon => {
            let words = [("node", true), ("everything", false)];
            let node_only = fields.choice("discovery", &words, Some("everything"));
            host_daemon(node_only.unwrap_or(false))
        }
        Layout::Sidecar => sidecar(),
    }
}

/// The pools that carry the collectors; a sidecar runs where its pods run.
fn runs_on(
    fields: &mut Fields<'_>,
    layout: Layout,
    context: &Context<'_>,
    collects: &Collects,
    workloads: &[Workload],
) -> Vec<PoolId> {
    if layout == Layout::Sidecar {
        let why = "a sidecar runs in the pods of its workloads, so `runs_on` says nothing";
        fields.forbid("runs_on", why, "remove it; in a variant, name it in unset");
        refuse_machines(fields, collects, workloads);
        let mut pools: Vec<PoolId> = collects
            .metrics
            .iter()
            .chain(&collects.logs)
            .filter_map(|id| workloads.get(id.index()))
            .flat_map(|workload| workload.runs_on.iter().copied())
            .collect();
        pools.sort_unstable();
        pools.dedup();
        return pools;
    }
    let pools = fields.references("runs_on", ("pool", &context.pools), PoolId::new);
    if layout == Layout::HostDaemon && fields.is_empty("runs_on") {
        let message = format!("{} is a host daemon without nodes", fields.path());
        fields.wrong("runs_on", message, "write runs_on = [\"cluster.pool\"]");
    }
    pools
}

/// Nodes have no pod that a sidecar could join.
fn refuse_machines(fields: &Fields<'_>, collects: &Collects, workloads: &[Workload]) {
    let machine = collects
        .metrics
        .iter()
        .chain(&collects.logs)
        .filter_map(|id| workloads.get(id.index()))
        .find(|workload| workload.kind == WorkloadKind::Machine);
    if let Some(workload) = machine {
        let message = format!(
            "a sidecar cannot collect `{}`, which is machines",
            workload.name
        );
        fields.wrong("collects", message, "collect machines with a host daemon");
    }
}

/// What the platform gives: `"none"`, or requests and limits.
fn resources(fields: &mut Fields<'_>) -> Resources {
    let is_none = |node: &Node| node.as_text() == Some("none");
    if fields.take("resources").is_none_or(is_none) {
        fields.resolve("resources", Node::text("none"));
        return Resources::default();
    }
    let memory = Spec::unknown(Dimension::Bytes).between(1_048_576.0, 1e15);
    let cores = Spec::unknown(Dimension::Cores).between(0.001, 10_000.0);
    let read = fields.table("resources", |table| {
        let (cpu_request_cores, cpu_limit_cores) = pair(table, "cpu", &cores);
        let (memory_request, memory_limit) = pair(table, "memory", &memory);
        Resources {
            cpu_request_cores,
            cpu_limit_cores,
            memory_request: memory_request.map(bytes),
            memory_limit: memory_limit.map(bytes),
        }
    });
    read.unwrap_or_default()
}

/// A request and a limit; Kubernetes refuses a request above its limit.
fn pair(fields: &mut Fields<'_>, key: &'static str, spec: &Spec) -> (Option<f64>, Option<f64>) {
    let read = fields.table(key, |table| {
        let request = table.amount_or("request", spec, "none");
        let limit = table.amount_or("limit", spec, "none");
        if let (Some(request), Some(limit)) = (request, limit)
            && request > limit
        {
            let write = |value: f64| spec.dimension.write(value);
            let problem = table
                .problem(
                    format!("the {key} request is above its limit, {}", write(limit)),
                    table.span_of("request"),
                )
                .saying("request")
                .label(table.span_of("limit"), "limit");
            table.report(problem.help("Kubernetes refuses such a pod; lower the request"));
        }
        // Kubernetes: a limit without a request is the request too.
        (request.or(limit), limit)
    });
    read.unwrap_or_default()
}

/// Daemons and sidecars have no number of replicas that an autoscaler could set.
fn refuse_autoscaling(fields: &mut Fields<'_>, layout: Layout) {
    let why = match layout {
        Layout::Centralized => return,
        Layout::HostDaemon => "a DaemonSet cannot be scaled by an HPA: it has one pod per node",
        Layout::Sidecar => "a sidecar cannot be scaled by an HPA of its own: it follows its pod",
    };
    let help = "scale the node or the workload, or use a centralized fleet";
    fields.forbid("autoscaling", why, help);
}
