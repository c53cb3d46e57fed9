//! Whether telemetry reaches anybody: what nobody collects, sends or takes.

use super::Finding;
use crate::model::blueprint::signal::Signal;
use crate::model::blueprint::{Blueprint, EndpointId, Fleet, WorkloadId, WorkloadKind};
use crate::model::law::Law;
use crate::model::topology::Life;
use crate::units::SimDuration;
pub(super) fn findings(blueprint: &Blueprint) -> Vec<Finding> {
    let mut findings = workloads(blueprint);
    findings.extend(endpoints(blueprint));
    for fleet in &blueprint.fleets {
        findings.extend(fleet_findings(fleet, blueprint));
    }
    findings
}

fn workloads(blueprint: &Blueprint) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (id, workload) in WorkloadId::all(blueprint.workloads.len()).zip(&blueprint.workloads) {
        let has_logs = workload.log_bytes_per_second.centre != Law::Fixed(0.0);
        let is_scraped = blueprint
            .fleets
            .iter()
            .any(|fleet| fleet.metrics_of.contains(&id));
        let is_tailed = blueprint
            .fleets
            .iter()
            .any(|fleet| fleet.logs_of.contains(&id));
        let name = workload.name.clone();
        if !is_scraped && !is_tailed {
            findings.push(Finding {
                section: "workload",
                message: format!("no fleet collects workload `{name}`"),
                help: format!("add it to a fleet: collects = {{ metrics = [\"{name}\"] }}"),
                name,
                key: "name",
            });
        } else if has_logs && !is_tailed {
            findings.push(Finding {
                section: "workload",
                message: format!("no fleet collects the logs of workload `{name}`"),
                help: format!("add it to a fleet: collects = {{ logs = [\"{name}\"] }}"),
                name,
                key: "logs_per_pod",
            });
        }
    }
    findings
}

fn endpoints(blueprint: &Blueprint) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (id, endpoint) in EndpointId::all(blueprint.endpoints.len()).zip(&blueprint.endpoints) {
        let name = endpoint.name.clone();
        if !blueprint
            .fleets
            .iter()
            .any(|fleet| fleet.sends_to.contains(&id))
        {
            findings.push(Finding {
                section: "endpoint",
                message: format!("no fleet sends to endpoint `{name}`"),
                help: "name it in the sends_to of a fleet, or remove it".to_owned(),
                name: name.clone(),
                key: "name",
            });
        }
        if endpoint.signal != Signal::Metrics && !endpoint.outages.is_empty() {
            findings.push(Finding {
                section: "endpoint",
                message: format!(
                    "outages of endpoint `{name}` change nothing: it takes no metrics"
                ),
                help: "this version follows the backlogs of metrics only".to_owned(),
                name,
                key: "outages",
            });
            continue;
        }
        let late = endpoint
            .outages
            .iter()
            .find(|outage| outage.at >= blueprint.horizon);
        if late.is_some() {
            findings.push(Finding {
                section: "endpoint",
                message: format!("an outage of endpoint `{name}` starts after the horizon"),
                help: "it changes nothing; set it earlier or the horizon later".to_owned(),
                name,
                key: "outages",
            });
        }
    }
    findings
}

fn fleet_findings(fleet: &Fleet, blueprint: &Blueprint) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut say = |key: &'static str, message: String, help: &str| {
        findings.push(Finding {
            section: "fleet",
            name: fleet.name.clone(),
            key,
            message,
            help: help.to_owned(),
        });
    };
    let name = &fleet.name;
    if fleet.metrics_of.is_empty() && fleet.logs_of.is_empty() {
        let help = "write collects = { metrics = [\"<workload>\"] }";
        say("collects", format!("fleet `{name}` collects nothing"), help);
    }
    for (signal, workloads) in [
        (Signal::Metrics, &fleet.metrics_of),
        (Signal::Logs, &fleet.logs_of),
    ] {
        let takes = |id: &EndpointId| blueprint.endpoints[*id].signal == signal;
        if !workloads.is_empty() && !fleet.sends_to.iter().any(takes) {
            let signal = signal.name();
            let message = format!("fleet `{name}` collects {signal} and sends them nowhere");
            say(
                "sends_to",
                message,
                "name an endpoint of that signal in sends_to",
            );
        }
    }
    let is_late = |at: &SimDuration| *at >= blueprint.horizon;
    if fleet.lifecycle.updates.at.iter().any(is_late) {
        let message = format!("a rollout of fleet `{name}` starts after the horizon");
        let help = "it changes nothing; set it earlier or the horizon later";
        say("updates", message, help);
    }
    if fleet.topology.life == Life::WithPod {
        let is_long_lived =
            |id: &&WorkloadId| blueprint.workloads[**id].kind == WorkloadKind::Application;
        if let Some(id) = fleet
            .metrics_of
            .iter()
            .chain(&fleet.logs_of)
            .find(is_long_lived)
        {
            let workload = &blueprint.workloads[*id].name;
            let message = format!("sidecars collect `{workload}`, a long-lived application");
            let help = "the deployment guide advises sidecars for jobs, serverless services and \
                        air-gapped applications only";
            say("topology", message, help);
        }
    }
    findings
}
