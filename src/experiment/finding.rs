//! What the deployment guide says about the topologies of a case, where the case triggers it.
//!
//! Source of every statement: Grafana Alloy documentation, "Deploy Grafana Alloy" (read 2026-11), in
//! our own words.

use super::plan::Case;
use super::results::{FailureRow, Finding, MetricRow, Tone};
use crate::model::blueprint::{Blueprint, Fleet, FleetId, PoolId, WorkloadKind};
use crate::model::record::catalogue::{Failure, Metric, Scope};
use crate::model::topology::{Discovery, Population};

/// Series per collector at which the guide looks at scaling out.
///
/// Source: Grafana Alloy documentation, "Deploy Grafana Alloy", as a centralized collection service
/// (read 2026-11).
const SCALE_OUT_SERIES: f64 = 1_000_000.0;

/// Slowdown from which a collector counts as a noisy neighbour here.
const NOISY: f64 = 1.1;

/// CPU cores from which one process for several signals counts as much load here.
const MUCH_LOAD_CORES: f64 = 1.0;

const CENTRAL: &str = "As a centralized collection service";
const DAEMON: &str = "As a host daemon";
const SIDECAR: &str = "As a container sidecar";
const SIGNALS: &str = "Process different types of telemetry in different instances";

/// What a case shows of one fleet.
#[derive(Clone, Copy)]
struct Shown<'a> {
    blueprint: &'a Blueprint,
    id: FleetId,
    fleet: &'a Fleet,
    metrics: &'a [MetricRow],
    failures: &'a [FailureRow],
}

/// Every statement of the guide that a case triggers, against first.
pub(super) fn findings(
    case: &Case,
    metrics: &[MetricRow],
    failures: &[FailureRow],
) -> Vec<Finding> {
    let blueprint = &case.blueprint;
    let mut findings = Vec::new();
    for (id, fleet) in FleetId::all(blueprint.fleets.len()).zip(&blueprint.fleets) {
        let shown = Shown {
            blueprint,
            id,
            fleet,
            metrics,
            failures,
        };
        let of_topology = match fleet.topology.population {
            Population::Replicas(_) => shown.of_centralized(),
            Population::PerNode => shown.of_daemon(),
            Population::PerPod => shown.of_sidecar(),
        };
        let all = of_topology.into_iter().chain(shown.of_any());
        findings.extend(all.flatten().map(|(tone, section, text)| Finding {
            fleet: fleet.name.clone(),
            tone,
            text,
            section,
        }));
    }
    findings.sort_by_key(|finding| finding.tone);
    findings
}

/// A statement, if it is triggered.
fn when(
    triggered: bool,
    (tone, section): (Tone, &'static str),
    text: impl Fn() -> String,
) -> Statement {
    triggered.then(|| (tone, section, text()))
}

type Statement = Option<(Tone, &'static str, String)>;

impl Shown<'_> {
    fn of_centralized(&self) -> Vec<Statement> {
        let applications = self.collects(WorkloadKind::Application);
        vec![
            when(applications, (Tone::For, CENTRAL), || {
                "a few replicas coordinate discovery, scraping and sending for applications, and scale \
                 out with clustering"
                    .to_owned()
            }),
            when(
                self.collects(WorkloadKind::Machine) || self.tails_logs(),
                (Tone::Against, CENTRAL),
                || {
                    "not meant for machine metrics and logs: those need a collector on every machine".to_owned()
                },
            ),
            when(
                !self.fleet.wal.on_volume && !self.fleet.metrics_of.is_empty(),
                (Tone::Against, CENTRAL),
                || {
                    "scraping wants a StatefulSet, whose pods find their write-ahead log again; a Deployment \
                 suits pipelines without state"
                    .to_owned()
                },
            ),
            when(self.shares_nodes(), (Tone::Against, CENTRAL), || {
                "meant for infrastructure of its own, which keeps it from being a noisy neighbour; here \
                 it shares nodes with applications"
                    .to_owned()
            }),
            when(
                !self.shares_nodes() && !self.fleet.runs_on.is_empty(),
                (Tone::For, CENTRAL),
                || {
                    "runs apart from applications, so it cannot be their noisy neighbour; the price is \
                 infrastructure of its own"
                    .to_owned()
                },
            ),
        ]
    }

    fn of_daemon(&self) -> Vec<Statement> {
        let collectors = self.median(Metric::CollectorsEnd);
        vec![
            when(
                self.collects(WorkloadKind::Machine) || self.tails_logs(),
                (Tone::For, DAEMON),
                || {
                    "one collector per machine is what machine metrics and pod logs require"
                        .to_owned()
                },
            ),
            when(self.slowdown() > NOISY, (Tone::Against, DAEMON), || {
                format!(
                    "not for a collector that grows into a noisy neighbour: applications on the worst node \
                     respond {:.1} times as slowly as without it",
                    self.slowdown()
                )
            }),
            when(self.unpredictable(), (Tone::Against, DAEMON), || {
                "not for an unpredictable amount of telemetry: a cardinality incident lands on every \
                 node, and no node can be given more alone"
                    .to_owned()
            }),
            when(
                self.fails(Failure::Oom) || self.fails(Failure::CpuShort),
                (Tone::Against, DAEMON),
                || {
                    "a DaemonSet cannot be scaled by itself: all nodes get the larger limit, or none".to_owned()
                },
            ),
            when(
                self.fleet.topology.discovery == Discovery::Everything,
                (Tone::Against, DAEMON),
                || {
                    format!(
                        "more collectors strain what they all ask: {} of them each watch every pod of \
                         the cluster; filter discovery by node",
                        whole(collectors)
                    )
                },
            ),
            when(self.uses_nat(), (Tone::Limit, DAEMON), || {
                format!(
                    "every collector opens a connection per endpoint through the same egress addresses: \
                     {} collectors with {} each",
                    whole(collectors),
                    match self.fleet.sends_to.len() {
                        1 => "one endpoint".to_owned(),
                        count => format!("{count} endpoints"),
                    }
                )
            }),
        ]
    }

    fn of_sidecar(&self) -> Vec<Statement> {
        let brief = self.collects(WorkloadKind::Job) || self.collects(WorkloadKind::Serverless);
        let lost = self.median(Metric::LostExit);
        vec![
            when(brief, (Tone::For, SIDECAR), || {
                "suits jobs and serverless workloads that push before they end".to_owned()
            }),
            when(
                self.collects(WorkloadKind::Application),
                (Tone::Against, SIDECAR),
                || {
                    format!(
                        "not for long-lived applications: {} collectors instead of a few, each with its own \
                     base of memory, and none scales apart from its pod",
                        whole(self.median(Metric::CollectorsEnd))
                    )
                },
            ),
            when(lost > 0.0, (Tone::Against, SIDECAR), || {
                format!(
                    "without a life cycle of its own it cannot outlast an outage: half of the draws lose \
                     more than {} samples with pods that ended",
                    whole(lost)
                )
            }),
            when(self.slowdown() > NOISY, (Tone::Against, SIDECAR), || {
                "not for a collector that grows into a noisy neighbour of its own pod".to_owned()
            }),
        ]
    }

    fn of_any(&self) -> Vec<Statement> {
        let series = self.median(Metric::SeriesPerCollectorPeak);
        let both = !self.fleet.metrics_of.is_empty() && self.tails_logs();
        vec![
            when(series >= SCALE_OUT_SERIES, (Tone::Limit, CENTRAL), || {
                format!(
                    "around a million active series per collector is where to look at scaling out: the \
                     busiest one carries {:.2} million",
                    series / 1e6
                )
            }),
            when(
                both && self.median(Metric::CpuPeak) > MUCH_LOAD_CORES,
                (Tone::Limit, SIGNALS),
                || "much load of several signals is steadier in processes of their own".to_owned(),
            ),
        ]
    }

    fn median(&self, metric: Metric) -> f64 {
        let here = |row: &&MetricRow| row.scope == Scope::Fleet(self.id) && row.metric == metric;
        self.metrics
            .iter()
            .find(here)
            .map_or(0.0, |row| row.summary.p50)
    }

    fn fails(&self, failure: Failure) -> bool {
        let here = |row: &&FailureRow| row.scope == Scope::Fleet(self.id) && row.failure == failure;
        self.failures
            .iter()
            .find(here)
            .is_some_and(|row| row.draws_with > 0)
    }

    /// Median over draws of the worst slowdown on the nodes that carry the fleet.
    fn slowdown(&self) -> f64 {
        let rows = self
            .metrics
            .iter()
            .filter(|row| row.metric == Metric::SlowdownPeak);
        let here = rows.filter(|row| match row.scope {
            Scope::Pool(pool) => self.pools().any(|of| of == pool),
            _ => false,
        });
        here.map(|row| row.summary.p50).fold(1.0, f64::max)
    }

    fn pools(&self) -> impl Iterator<Item = PoolId> + '_ {
        let of_pods = self
            .fleet
            .metrics_of
            .iter()
            .flat_map(|&id| &self.blueprint.workloads[id].runs_on);
        let own = self.fleet.runs_on.iter();
        let with_pods = self.fleet.topology.population == Population::PerPod;
        own.chain(of_pods.filter(move |_| with_pods)).copied()
    }

    fn collects(&self, kind: WorkloadKind) -> bool {
        self.fleet
            .metrics_of
            .iter()
            .any(|&id| self.blueprint.workloads[id].kind == kind)
    }

    fn tails_logs(&self) -> bool {
        !self.fleet.logs_of.is_empty()
    }

    fn unpredictable(&self) -> bool {
        self.fleet
            .metrics_of
            .iter()
            .any(|&id| self.blueprint.workloads[id].incidents.is_some())
    }

    /// Whether pods that demand something run on the fleet's nodes.
    fn shares_nodes(&self) -> bool {
        let carries = |pool: &PoolId| {
            let on =
                |workload: &&crate::model::blueprint::Workload| workload.runs_on.contains(pool);
            self.blueprint
                .workloads
                .iter()
                .filter(on)
                .any(|workload| workload.kind != WorkloadKind::Machine)
        };
        self.fleet.runs_on.iter().any(carries)
    }

    fn uses_nat(&self) -> bool {
        self.fleet
            .sends_to
            .iter()
            .any(|&id| self.blueprint.endpoints[id].via.is_some())
    }
}

/// A whole number, thousands apart: `32,255`.
fn whole(value: f64) -> String {
    let digits = format!("{:.0}", value.max(0.0));
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
