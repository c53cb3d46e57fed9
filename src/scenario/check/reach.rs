//! Warnings of telemetry that no fleet collects or sends, or that no endpoint takes.

use super::{Warning, envelope};
use crate::model::blueprint::signal::Signal;
use crate::model::blueprint::{
    Blueprint, Endpoint, EndpointId, Fleet, LogSource, Workload, WorkloadId, WorkloadKind,
};
use crate::model::law::Law;
use crate::model::topology::{Discovery, Population, Tenancy};
use crate::units::SimDuration;
pub(super) fn warnings(blueprint: &Blueprint) -> Vec<Warning> {
    let workloads = WorkloadId::all(blueprint.workloads.len()).zip(&blueprint.workloads);
    let endpoints = EndpointId::all(blueprint.endpoints.len()).zip(&blueprint.endpoints);
    let mut warnings = Vec::new();
    warnings.extend(workloads.filter_map(|(id, of)| of_workload(id, of, blueprint)));
    warnings.extend(endpoints.flat_map(|(id, of)| of_endpoint(id, of, blueprint)));
    let fleets = blueprint.fleets.iter();
    warnings.extend(fleets.clone().flat_map(|fleet| of_fleet(fleet, blueprint)));
    warnings.extend(
        fleets
            .clone()
            .filter_map(|fleet| of_streams(fleet, blueprint)),
    );
    warnings.extend(fleets.flat_map(|fleet| of_attempts(fleet, blueprint)));
    warnings
}

fn of_workload(id: WorkloadId, workload: &Workload, blueprint: &Blueprint) -> Option<Warning> {
    let mut fleets = blueprint.fleets.iter();
    let is_tailed = fleets.clone().any(|fleet| fleet.logs_of.contains(&id));
    let is_traced = fleets.clone().any(|fleet| fleet.traces_of.contains(&id));
    let is_profiled = fleets.clone().any(|fleet| fleet.profiles_of.contains(&id));
    let is_scraped = fleets.any(|fleet| fleet.metrics_of.contains(&id));
    let is_collected = is_tailed || is_traced || is_profiled || is_scraped;
    let has_spans = workload.spans.per_second.centre != Law::Fixed(0.0);
    let has_logs = workload.logs.bytes_per_second.centre != Law::Fixed(0.0);
    let name = &workload.name;
    if !is_collected {
        let message = format!("no fleet collects workload `{name}`");
        let help = format!("add it to a fleet: collects = {{ metrics = [\"{name}\"] }}");
        Some(Warning::new(("workload", name, "name"), message, help))
    } else if has_logs && !is_tailed {
        let message = format!("no fleet collects the logs of workload `{name}`");
        let help = format!("add it to a fleet: collects = {{ logs = [\"{name}\"] }}");
        let place = ("workload", name.as_str(), "logs_per_pod");
        Some(Warning::new(place, message, help))
    } else if has_spans && !is_traced {
        let message = format!("no fleet collects the traces of workload `{name}`");
        let help = format!("add it to a fleet: collects = {{ traces = [\"{name}\"] }}");
        let place = ("workload", name.as_str(), "spans_per_pod");
        Some(Warning::new(place, message, help))
    } else {
        None
    }
}

fn of_endpoint(id: EndpointId, endpoint: &Endpoint, blueprint: &Blueprint) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let name = &endpoint.name;
    let mut say = |key: &'static str, message: String, help: &str| {
        warnings.push(Warning::new(("endpoint", name, key), message, help));
    };
    let mut fleets = blueprint.fleets.iter();
    if !fleets.any(|fleet| fleet.sends_to.contains(&id)) {
        let message = format!("no fleet sends to endpoint `{name}`");
        let help = "name it in the sends_to of a fleet, or remove it";
        say("name", message, help);
    }
    let mut outages = endpoint.outages.iter();
    if outages.any(|outage| outage.at >= blueprint.horizon) {
        let message = format!("an outage of endpoint `{name}` starts after the horizon");
        let help = "it changes nothing; set it earlier or the horizon later";
        say("outages", message, help);
    }
    warnings
}

fn of_fleet(fleet: &Fleet, blueprint: &Blueprint) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let name = &fleet.name;
    let mut say = |key: &'static str, message: String, help: &str| {
        warnings.push(Warning::new(("fleet", name, key), message, help));
    };
    let signals = [
        (Signal::Metrics, &fleet.metrics_of),
        (Signal::Logs, &fleet.logs_of),
        (Signal::Traces, &fleet.traces_of),
        (Signal::Profiles, &fleet.profiles_of),
    ];
    if signals.iter().all(|(_, workloads)| workloads.is_empty()) {
        let help = "write collects = { metrics = [\"<workload>\"] }";
        say("collects", format!("fleet `{name}` collects nothing"), help);
    }
    for (signal, workloads) in signals {
        let takes = |id: &EndpointId| blueprint.endpoints[*id].signal == signal;
        if !workloads.is_empty() && !fleet.sends_to.iter().any(takes) {
            let signal = signal.name();
            let message = format!("fleet `{name}` collects {signal} and sends them nowhere");
            let help = "name an endpoint of that signal in sends_to";
            say("sends_to", message, help);
        }
    }
    let takes = |id: &EndpointId| blueprint.endpoints[*id].signal == Signal::Metrics;
    if fleet.derives_series() && !fleet.sends_to.iter().any(takes) {
        let message = format!("fleet `{name}` derives series from spans and sends them nowhere");
        let help = "name an endpoint of metrics in sends_to";
        say("sends_to", message, help);
    }
    let is_late = |at: &SimDuration| *at >= blueprint.horizon;
    if fleet.lifecycle.updates.at.iter().any(is_late) {
        let message = format!("a rollout of fleet `{name}` starts after the horizon");
        let help = "it changes nothing; set it earlier or the horizon later";
        say("updates", message, help);
    }
    if fleet.topology.tenancy == Tenancy::SharedPod {
        let is_job = |id: &&WorkloadId| blueprint.workloads[**id].kind == WorkloadKind::Job;
        for (signal, workloads) in &signals[2..] {
            if let Some(id) = workloads.iter().find(is_job) {
                let workload = &blueprint.workloads[*id].name;
                let signal = signal.name();
                let message =
                    format!("the {signal} of jobs of `{workload}` in sidecars are not simulated");
                let help = "let a fleet of its own receive them, or remove them here";
                say("collects", message, help);
            }
        }
        let workloads = fleet.metrics_of.iter().chain(&fleet.logs_of);
        let pushed = fleet.traces_of.iter().chain(&fleet.profiles_of);
        let mut workloads = workloads.chain(pushed);
        let kind = |id: &WorkloadId| blueprint.workloads[*id].kind;
        if let Some(id) = workloads.find(|id| kind(id) == WorkloadKind::Application) {
            let workload = &blueprint.workloads[*id].name;
            let message = format!("sidecars collect `{workload}`, a long-lived application");
            let help = "the deployment guide advises sidecars for jobs, serverless services and \
                        air-gapped applications only";
            say("topology", message, help);
        }
    }
    warnings
}

/// A warning of a daemon that reads every container of its cluster through the API server.
fn of_streams(fleet: &Fleet, blueprint: &Blueprint) -> Option<Warning> {
    let name = &fleet.name;
    let reads_all = fleet.log_intake.source == LogSource::KubernetesApi
        && fleet.topology.population == Population::PerNode
        && fleet.topology.discovery == Discovery::Everything;
    if !reads_all {
        return None;
    }
    let streams = envelope::streams_without_filter(fleet, blueprint);
    let message = format!(
        "each collector of fleet `{name}` discovers every container, so without a filter it reads all \
         of them: {streams:.0} streams through the API server in place of one per container"
    );
    let help = "set discovery = \"node\", and filter by node in the configuration \
                (grafana/alloy issue 4787: four clusters were throttled, at 3 GB per collector)";
    Some(Warning::new(("fleet", name, "log_source"), message, help))
}

/// Warnings of endpoints of traces that answer later than an attempt to send waits.
fn of_attempts(fleet: &Fleet, blueprint: &Blueprint) -> Vec<Warning> {
    let most = fleet.otlp.retry.attempt_max.secs_f64();
    let endpoints = fleet.sends_to.iter().map(|id| &blueprint.endpoints[*id]);
    let traced = endpoints.filter(|endpoint| {
        endpoint.signal == Signal::Traces && !fleet.traces_of.is_empty() && most > 0.0
    });
    let slow = traced.filter(|endpoint| endpoint.latency.centre.median() > most);
    let warning = |endpoint: &Endpoint| {
        let (name, sender) = (&endpoint.name, &fleet.name);
        let message = format!(
            "endpoint `{name}` answers later than fleet `{sender}` waits: an attempt times out after \
             {most} s"
        );
        let help = "each attempt would fail in truth, which is not simulated: raise attempt_timeout in \
                    the fleet's otlp, or correct the latency";
        Warning::new(("endpoint", name, "latency"), message, help)
    };
    slow.map(warning).collect()
}
