//! `[[fleet]]`: collectors of one topology and one configuration.

use std::collections::BTreeSet;

use super::lifecycle::REMOVE;
use super::{
    Context, Dimension, Fields, Node, Problem, Spec, autoscaling, balancer, bytes, chain,
    collector, connectors, cpu, lifecycle, logs, memory, name, preset, profiles, spans,
};
use crate::model::blueprint::signal::Signal;
use crate::model::blueprint::{
    Controller, EndpointId, Fleet, PoolId, Resources, SeriesPerTarget, Workload, WorkloadId,
    WorkloadKind,
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

/// The topology of a fleet, before its settings are read.
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
    traces: Vec<WorkloadId>,
    profiles: Vec<WorkloadId>,
}

impl Collects {
    /// What another fleet may send in place of it.
    fn relayed(&self) -> [(Signal, &[WorkloadId]); 3] {
        [
            (Signal::Metrics, &self.metrics),
            (Signal::Logs, &self.logs),
            (Signal::Traces, &self.traces),
        ]
    }
}

pub(super) fn read(
    fields: &mut Fields<'_>,
    context: &Context<'_>,
    workloads: &[Workload],
) -> Fleet {
    let name = name(fields);
    let layout = fields.choice("topology", &TOPOLOGIES, None);
    let preset = preset::choose(fields, context.files, Some(&context.preset));
    fields.default_to(preset.section("fleet"));
    let collects = collects(fields, context);
    refuse_unstated(fields, &collects.metrics, workloads);
    refuse_settings(fields, layout);
    let [has_no_logs, has_no_traces, has_no_profiles] = lacks(fields, &collects);
    let receives_spans = context.receives(&name, Signal::Traces);
    spans::refuse_without_traces(fields, has_no_traces && !receives_spans);
    let receives_lines = context.receives(&name, Signal::Logs);
    let controller = controller(fields, layout);
    let mut topology = topology(fields, layout);
    let endpoints = ("endpoint", context.endpoints.as_slice());
    let sends_to = fields.references("sends_to", endpoints, EndpointId::new);
    let received = chain::Received {
        name: &name,
        topology: &topology,
        sends_to: &sends_to,
        collects: collects.relayed(),
    };
    let metric_source = chain::source(fields, context, (&received, workloads));
    topology.discovery = chain::discovery(metric_source, &collects.logs, topology.discovery);
    let mut fleet = Fleet {
        name,
        topology,
        autoscaling: None,
        runs_on: runs_on(fields, layout, context, &collects, workloads),
        sends_to,
        resources: resources(fields),
        memory: memory::memory(fields),
        cpu: cpu::cpu(fields),
        own_series: collector::own_series(fields),
        remote_write: collector::remote_write(fields),
        sample_bytes: collector::sample_bytes(fields),
        wal: {
            // Charts install no volume.
            let on_volume = fields.boolean("volume", Some(false));
            collector::wal(fields, on_volume)
        },
        loki_write: collector::loki_write(fields),
        interruptions: collector::interruptions(fields),
        lifecycle: lifecycle::read(fields, controller, &topology),
        otlp: spans::otlp(fields),
        tail_sampling: spans::tail_sampling(fields),
        spanmetrics: connectors::spanmetrics(fields),
        servicegraph: connectors::servicegraph(fields),
        span_costs: spans::costs(fields),
        log_intake: logs::intake(fields, (has_no_logs, receives_lines)),
        pyroscope: profiles::pyroscope(fields, has_no_profiles),
        profile_costs: profiles::costs(fields, !collects.profiles.is_empty()),
        profiles_of: collects.profiles,
        traces_of: collects.traces,
        metric_source,
        metrics_of: collects.metrics,
        logs_of: collects.logs,
    };
    let has_others = !fleet.metrics_of.is_empty() || !fleet.logs_of.is_empty();
    let place = (topology.assignment, has_others);
    balancer::refuse_misplaced(fields, fleet.otlp.balancer, place);
    if let Population::Replicas(start) = topology.population {
        fleet.autoscaling = autoscaling::read(fields, (start, REPLICAS_MAX), &fleet.resources);
        refuse_unreachable(fields, &fleet);
    }
    fleet
}

/// Whether the fleet collects no logs, no traces and no profiles, as far as that can be read.
fn lacks(fields: &Fields<'_>, collects: &Collects) -> [bool; 3] {
    [
        (&collects.logs, "collects.logs"),
        (&collects.traces, "collects.traces"),
        (&collects.profiles, "collects.profiles"),
    ]
    .map(|(ids, key)| ids.is_empty() && !fields.is_any_lost(&["collects", key]))
}

/// Refuses a size to wait for that an autoscaler may never reach.
fn refuse_unreachable(fields: &Fields<'_>, fleet: &Fleet) {
    let is_lost = fields.is_any_lost(&["autoscaling.min", "wait_for_size"]);
    let (wait, plan) = (fleet.lifecycle.wait.size, &fleet.autoscaling);
    let min = plan.as_ref().map(|plan| plan.min).filter(|_| !is_lost);
    if let Some(min) = min.filter(|&min| wait > min) {
        let message = format!(
            "an autoscaler may leave {min} replicas, which never become the {wait} they wait for"
        );
        fields.wrong("wait_for_size", message, "state at most its `min`");
    }
}

/// The workloads of a fleet. A missing list is empty.
fn collects(fields: &mut Fields<'_>, context: &Context<'_>) -> Collects {
    fields.table_or_default("collects", |table| {
        let mut of =
            |signal| table.references(signal, ("workload", &context.workloads), WorkloadId::new);
        Collects {
            metrics: of("metrics"),
            logs: of("logs"),
            traces: of("traces"),
            profiles: of("profiles"),
        }
    })
}

/// Refuses workloads to scrape whose series nobody states.
fn refuse_unstated(fields: &mut Fields<'_>, scraped: &[WorkloadId], workloads: &[Workload]) {
    for id in scraped {
        let workload = workloads.get(id.index());
        let unstated = workload.filter(|of| of.series == SeriesPerTarget::Unstated);
        if let Some(workload) = unstated {
            let name = &workload.name;
            let message = format!("workload `{name}` is scraped and states no series_per_pod");
            let help = "write series_per_pod = { p5 = 500, p95 = 9000 }, or measured = \"file.csv\", \
                        in the workload";
            fields.wrong("collects", message, help);
        }
    }
}

/// The controller of the collectors. The WAL of a `StatefulSet` lies on a volume.
fn controller(fields: &mut Fields<'_>, layout: Layout) -> Controller {
    let words = [
        ("statefulset", Controller::StatefulSet),
        ("deployment", Controller::Deployment),
    ];
    match layout {
        Layout::Centralized => fields.choice("controller", &words, Some("statefulset")),
        Layout::HostDaemon => Controller::DaemonSet,
        Layout::Sidecar => Controller::Pod,
    }
}

/// Refuses settings of other topologies.
fn refuse_settings(fields: &mut Fields<'_>, layout: Layout) {
    if fields.is_any_lost(&["topology"]) {
        // Nobody knows which settings go with it.
        fields.take("discovery");
        return;
    }
    if layout != Layout::HostDaemon {
        let why = "only host daemons choose what they discover";
        fields.forbid("discovery", why, REMOVE);
    }
    let (one_each, unscaled) = match layout {
        Layout::Centralized => return,
        Layout::HostDaemon => (
            "a host daemon has one collector per node",
            "a DaemonSet cannot be scaled by an HPA: it has one pod per node",
        ),
        Layout::Sidecar => (
            "a sidecar has one collector per pod",
            "a sidecar cannot be scaled by an HPA of its own: it follows its pod",
        ),
    };
    for (key, what) in [
        ("replicas", "`replicas` says nothing"),
        ("share", "there is nothing to share"),
        ("controller", "`controller` says nothing"),
    ] {
        fields.forbid(key, &format!("{one_each}, so {what}"), REMOVE);
    }
    if layout == Layout::Sidecar {
        let why = "a sidecar runs in the pods of its workloads, so `runs_on` says nothing";
        fields.forbid("runs_on", why, REMOVE);
    }
    // Daemons and sidecars have no number of replicas that an autoscaler could set.
    let help = "scale the node or the workload, or use a centralized fleet";
    fields.forbid("autoscaling", unscaled, help);
}

/// The topology with its settings.
fn topology(fields: &mut Fields<'_>, layout: Layout) -> Topology {
    match layout {
        Layout::Centralized => {
            let words = [
                ("clustering", Share::Clustering),
                ("hashmod", Share::Hashmod),
                ("load-balancer", Share::LoadBalancer),
            ];
            let is_scaled = fields.is_any_lost(&["topology", "autoscaling"]);
            let least = autoscaling::start(fields).or(is_scaled.then_some(1));
            let replicas = fields.count("replicas", 1..=REPLICAS_MAX, least);
            centralized(replicas, fields.choice("share", &words, Some("clustering")))
        }
        Layout::HostDaemon => {
            let words = [("everything", false), ("node", true)];
            host_daemon(fields.choice("discovery", &words, Some("everything")))
        }
        Layout::Sidecar => sidecar(),
    }
}

/// The pools that the collectors run on. A sidecar runs where its pods run.
fn runs_on(
    fields: &mut Fields<'_>,
    layout: Layout,
    context: &Context<'_>,
    collects: &Collects,
    workloads: &[Workload],
) -> Vec<PoolId> {
    if layout == Layout::Sidecar {
        let collected = collects.metrics.iter().chain(&collects.logs);
        let collected = collected.chain(&collects.traces).chain(&collects.profiles);
        let collected = collected.filter_map(|id| workloads.get(id.index()));
        refuse_machines(fields, collected.clone());
        let pools = collected.flat_map(|workload| &workload.runs_on);
        let pools: BTreeSet<PoolId> = pools.copied().collect();
        return pools.into_iter().collect();
    }
    let pools = fields.references("runs_on", ("pool", &context.pools), PoolId::new);
    if layout == Layout::HostDaemon && fields.is_empty("runs_on") {
        let message = format!("{} is a host daemon without nodes", fields.path());
        fields.wrong("runs_on", message, "write runs_on = [\"cluster.pool\"]");
    }
    pools
}

/// Refuses a machine as a workload of sidecars, since it has no pod to join.
fn refuse_machines<'a>(fields: &Fields<'_>, mut collected: impl Iterator<Item = &'a Workload>) {
    if let Some(workload) = collected.find(|workload| workload.kind == WorkloadKind::Machine) {
        let name = &workload.name;
        let message = format!("a sidecar cannot collect `{name}`, which is machines");
        fields.wrong("collects", message, "collect machines with a host daemon");
    }
}

/// Requests and limits: `"none"`, or a table.
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

/// A request and a limit. Kubernetes refuses a request above its limit.
fn pair(fields: &mut Fields<'_>, key: &'static str, spec: &Spec) -> (Option<f64>, Option<f64>) {
    let read = fields.table(key, |table| {
        let request = table.amount_or("request", spec, "none");
        let limit = table.amount_or("limit", spec, "none");
        if let (Some(request), Some(limit)) = (request, limit)
            && request > limit
            && !table.is_any_lost(&["request", "limit"])
        {
            let limit = spec.dimension.write(limit);
            let message = format!("the {key} request is above its limit, {limit}");
            let problem = Problem::error(message, table.span_of("request"))
                .saying("request")
                .label(table.span_of("limit"), "limit");
            table.report(problem.help("Kubernetes refuses such a pod; lower the request"));
        }
        // Kubernetes: a limit without a request is also the request.
        (request.or(limit), limit)
    });
    read.unwrap_or_default()
}
