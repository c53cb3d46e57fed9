//! Fleets that send to fleets: an endpoint behind which a fleet stands.

use super::super::suggest::suggest;
use super::{Context, Fields};
use crate::model::blueprint::signal::{MetricSource, Signal};
use crate::model::blueprint::{
    Blueprint, Endpoint, EndpointId, FleetId, Workload, WorkloadId, WorkloadKind,
};
use crate::model::law::Law;
use crate::model::topology::{Discovery, Population, Topology};

/// The word for an endpoint behind which no fleet stands.
const NONE: &str = "none";

/// The fleet behind an endpoint.
pub(super) fn backend(
    fields: &mut Fields<'_>,
    (signal, fleets): (Signal, &[String]),
) -> Option<FleetId> {
    let name = fields.text("fleet", Some(NONE));
    if name == NONE {
        return None;
    }
    let found = fleets.iter().position(|fleet| *fleet == name);
    if found.is_none() {
        let help = suggest(&name, fleets.iter().map(String::as_str));
        fields.stranger("fleet", format!("there is no fleet `{name}`"), &help);
    }
    if signal == Signal::Profiles {
        let message = format!("{} between fleets come with a later version", signal.name());
        let help = "let the fleet collect them itself";
        fields.wrong("fleet", message, help);
    }
    found.map(FleetId::new)
}

/// Refuses what an endpoint states beside the fleet that stands behind it.
pub(super) fn refuse_beside_a_fleet(fields: &mut Fields<'_>, endpoint: &Endpoint) {
    let stated = [
        ("outages", !endpoint.outages.is_empty()),
        ("capacity", endpoint.capacity_samples_per_second.is_some()),
        ("rejects", endpoint.rejects.centre != Law::Fixed(0.0)),
    ];
    for (key, _) in stated.into_iter().filter(|(_, is_stated)| *is_stated) {
        let why = "a fleet stands behind the endpoint, and what happens to it decides this";
        fields.wrong(key, why, "remove it, or the fleet");
    }
}

/// What stands behind each endpoint.
pub(super) fn behind(endpoints: &[Endpoint]) -> Vec<(Signal, Option<FleetId>)> {
    let behind = endpoints.iter().map(|of| (of.signal, of.backend));
    behind.collect()
}

impl Context<'_> {
    /// Whether other fleets send a signal to the fleet of this name.
    pub(super) fn receives(&self, fleet: &str, signal: Signal) -> bool {
        let own = self.fleets.iter().position(|name| name == fleet);
        let is_it = |fleet: &FleetId| Some(fleet.index()) == own;
        let mut behind = self.behind.iter();
        behind.any(|(of, fleet)| *of == signal && fleet.as_ref().is_some_and(is_it))
    }
}

/// What a fleet collects itself of the signals that other fleets send to it.
pub(super) struct Received<'a> {
    /// The name of the fleet.
    pub name: &'a str,
    pub topology: &'a Topology,
    /// The endpoints that it sends to.
    pub sends_to: &'a [EndpointId],
    /// The workloads that it collects, by signal.
    pub collects: [(Signal, &'a [WorkloadId]); 3],
}

/// Reads how metrics come to a fleet. Refuses what a fleet that others send to cannot do.
pub(super) fn source(
    fields: &mut Fields<'_>,
    context: &Context<'_>,
    (of, workloads): (&Received<'_>, &[Workload]),
) -> MetricSource {
    let words = [
        ("scrape", MetricSource::Scrape),
        ("push", MetricSource::Push),
    ];
    let receives = |signal: Signal| context.receives(of.name, signal);
    let usual = if receives(Signal::Metrics) {
        "push"
    } else {
        "scrape"
    };
    let source = fields.choice("metric_source", &words, Some(usual));
    if receives(Signal::Metrics) && source == MetricSource::Scrape {
        let message = "other fleets push their metrics to it";
        fields.wrong("metric_source", message, "write metric_source = \"push\"");
    }
    for (signal, collected) in of.collects {
        if receives(signal) && !collected.is_empty() {
            let signal = signal.name();
            let message = format!("other fleets send {signal} to it, so it collects none itself");
            let help = "let another fleet collect them, and send them here";
            fields.wrong("collects", message, help);
        }
    }
    let is_behind = Signal::ALL.into_iter().any(receives);
    if is_behind && !matches!(of.topology.population, Population::Replicas(_)) {
        let message = "other fleets send to it, so it must be centralized";
        fields.wrong("topology", message, "write topology = \"centralized\"");
    }
    refuse_jobs(fields, context, (of, workloads));
    refuse_derived(fields, context, of);
    source
}

/// Refuses sidecars of jobs that send to a fleet.
fn refuse_jobs(
    fields: &mut Fields<'_>,
    context: &Context<'_>,
    (of, workloads): (&Received<'_>, &[Workload]),
) {
    let is_behind = |id: &EndpointId| matches!(context.behind.get(id.index()), Some((_, Some(_))));
    let is_job = |id: &WorkloadId| {
        let workload = workloads.get(id.index());
        workload.is_some_and(|workload| workload.kind == WorkloadKind::Job)
    };
    let mut collected = of.collects.iter().flat_map(|(_, ids)| ids.iter());
    let per_pod = of.topology.population == Population::PerPod;
    if per_pod && of.sends_to.iter().any(is_behind) && collected.any(is_job) {
        let message = "what sidecars of jobs send to a fleet is not followed";
        let help =
            "let the jobs push to that fleet: it collects them with metric_source = \"push\"";
        fields.wrong("sends_to", message, help);
    }
}

/// Refuses series that are derived from spans and sent to a fleet.
fn refuse_derived(fields: &mut Fields<'_>, context: &Context<'_>, of: &Received<'_>) {
    let takes_metrics = |id: &EndpointId| {
        let behind = context.behind.get(id.index());
        matches!(behind, Some((Signal::Metrics, Some(_))))
    };
    if of.sends_to.iter().any(takes_metrics) {
        let why = "what a fleet derives from spans is not followed to another fleet";
        let help = "derive it in the fleet that receives the spans last";
        for key in ["spanmetrics", "servicegraph"] {
            fields.forbid(key, why, help);
        }
    }
}

/// Where a fleet with this source of metrics discovers its targets.
pub(super) fn discovery(
    source: MetricSource,
    tailed: &[WorkloadId],
    usual: Discovery,
) -> Discovery {
    // Clients find their receiver, so there is nothing to discover.
    if source == MetricSource::Push && tailed.is_empty() {
        Discovery::Nothing
    } else {
        usual
    }
}

/// Gives each fleet that others send to the workloads of these. Refuses fleets that send to themselves.
pub(super) fn connect(blueprint: &mut Blueprint, fields: &mut Fields<'_>) {
    let gateways = blueprint.gateways();
    for &gateway in &gateways {
        for client in blueprint.clients(gateway) {
            let from = &blueprint.fleets[client.fleet];
            let (metrics, traces) = (from.metrics_of.clone(), from.traces_of.clone());
            let logs = from.logs_of.clone();
            let into = &mut blueprint.fleets[gateway];
            match client.signal {
                Signal::Metrics => add(&mut into.metrics_of, metrics),
                Signal::Traces => add(&mut into.traces_of, traces),
                Signal::Logs => add(&mut into.logs_of, logs),
                Signal::Profiles => {}
            }
        }
    }
    let all = FleetId::all(blueprint.fleets.len());
    let mut in_circles =
        all.filter(|id| !gateways.contains(id) && !blueprint.clients(*id).is_empty());
    if let Some(id) = in_circles.next() {
        let name = &blueprint.fleets[id].name;
        let message = format!("what fleet `{name}` sends comes back to it, through endpoints");
        fields.wrong("endpoint", message, "let one of the fleets send elsewhere");
    }
}

fn add(to: &mut Vec<WorkloadId>, workloads: Vec<WorkloadId>) {
    to.extend(workloads);
    to.sort_unstable();
    to.dedup();
}
