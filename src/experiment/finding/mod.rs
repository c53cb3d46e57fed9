//! What the deployment guide says about the topologies of a case, where the case triggers it.
//!
//! Source of every statement: Grafana Alloy documentation, "Deploy Grafana Alloy" (read 2026-11), in
//! our own words.

mod connectors;
mod logs;
mod profiles;
mod spans;

use super::results::{FailureRow, Finding, MetricRow, Tone};
use super::study::Case;
use crate::model::blueprint::signal::MetricSource;
use crate::model::blueprint::{
    Blueprint, Controller, Fleet, FleetId, PoolId, Workload, WorkloadKind,
};
use crate::model::record::catalogue::{Failure, Metric, Scope};
use crate::model::topology::{Discovery, Population};
use crate::model::wal::outlasts;
use crate::units::{Bytes, MIB};

/// Series per collector at which the guide recommends to scale out.
///
/// Source: Grafana Alloy documentation, "Deploy Grafana Alloy", as a centralized collection service
/// (read 2026-11).
const SCALE_OUT_SERIES: f64 = 1_000_000.0;

/// Slowdown from which a collector counts as a noisy neighbour.
const NOISY: f64 = 1.1;

/// CPU cores from which one process for several signals counts as much load.
const MUCH_LOAD_CORES: f64 = 1.0;

const CENTRAL: &str = "As a centralized collection service";
const DAEMON: &str = "As a host daemon";
const SIDECAR: &str = "As a container sidecar";
const WAL: &str = "not of the guide: the code of prometheus.remote_write";
const SIGNALS: &str = "Process different types of telemetry in different instances";

/// What a case shows of one fleet, and the statements of the guide that it triggers.
struct Shown<'a> {
    blueprint: &'a Blueprint,
    id: FleetId,
    fleet: &'a Fleet,
    metrics: &'a [MetricRow],
    failures: &'a [FailureRow],
    uncut: Uncut<'a>,
    findings: Vec<Finding>,
}

/// Median and 95th percentile of a metric that a kill cuts off, infinite where it does. `None` where
/// none can.
pub(super) type Uncut<'a> = &'a dyn Fn(Scope, Metric) -> Option<[f64; 2]>;

/// Every statement of the guide that a case triggers, statements against first.
pub(super) fn findings(
    case: &Case,
    metrics: &[MetricRow],
    failures: &[FailureRow],
    uncut: Uncut<'_>,
) -> Vec<Finding> {
    let blueprint = &case.blueprint;
    let mut findings = Vec::new();
    for (id, fleet) in FleetId::all(blueprint.fleets.len()).zip(&blueprint.fleets) {
        let mut shown = Shown {
            blueprint,
            id,
            fleet,
            metrics,
            failures,
            uncut,
            findings,
        };
        match fleet.topology.population {
            Population::Replicas(_) => shown.of_centralized(),
            Population::PerNode => shown.of_daemon(),
            Population::PerPod => shown.of_sidecar(),
        }
        shown.of_any();
        shown.of_traces();
        shown.of_connectors();
        shown.of_profiles();
        findings = shown.findings;
    }
    findings.sort_by_key(|finding| finding.tone);
    findings
}

impl Shown<'_> {
    /// Adds a statement of a section if it is triggered.
    fn when(
        &mut self,
        triggered: bool,
        (tone, section): (Tone, &'static str),
        text: impl Into<String>,
    ) {
        if triggered {
            self.findings.push(Finding {
                fleet: self.fleet.name.clone(),
                tone,
                text: text.into(),
                section,
            });
        }
    }

    fn of_centralized(&mut self) {
        let scrapes = self.scrapes();
        let applications = self.collects(WorkloadKind::Application) && scrapes;
        let text = "a few replicas coordinate discovery, scraping and sending for applications, \
                    and scale out with clustering";
        self.when(applications, (Tone::For, CENTRAL), text);

        let machines = self.collects(WorkloadKind::Machine) || self.tails_logs();
        let text =
            "not meant for machine metrics and logs: those need a collector on every machine";
        self.when(machines, (Tone::Against, CENTRAL), text);

        let is_stateless = self.fleet.lifecycle.controller == Controller::Deployment;
        let text = "scraping wants a StatefulSet, whose pods find their write-ahead log again; a \
                    Deployment suits pipelines without state";
        self.when(is_stateless && scrapes, (Tone::Against, CENTRAL), text);
        self.of_volume(!self.fleet.metrics_of.is_empty());
        self.of_outages();

        let text = "meant for infrastructure of its own, which keeps it from being a noisy \
                    neighbour; here it shares nodes with applications";
        self.when(self.shares_nodes(), (Tone::Against, CENTRAL), text);

        let apart = !self.shares_nodes() && !self.fleet.runs_on.is_empty();
        let text = "runs apart from applications, so it cannot be their noisy neighbour; the \
                    price is infrastructure of its own";
        self.when(apart, (Tone::For, CENTRAL), text);
    }

    /// How long an outage may last before a truncation takes unsent samples.
    fn of_outages(&mut self) {
        /// Hours from which on the WAL is no reason to worry.
        const LONG: f64 = 4.0;
        /// Share of the offered samples below which the WAL says nothing of the usual load.
        const SCRAPED_MIN: f64 = 0.9;
        let collectors = self.median(Metric::CollectorsEnd).max(1.0);
        let samples = self.median(Metric::SamplesScraped) / collectors;
        let bytes = samples * self.fleet.sample_bytes.logged.centre.median();
        let rate = bytes / self.blueprint.horizon.secs_f64();
        let Some(length) = outlasts(&self.fleet.wal, rate) else {
            return;
        };
        let hours = length.secs_f64() / 3_600.0;
        let text = format!(
            "a mean collector writes {:.1} MiB of write-ahead log per truncation period, so its log \
             outlasts an outage of {hours:.1} h; one of 20,000 series outlasts 8 h, one of a million \
             or two about an hour and a half",
            rate * self.fleet.wal.truncate_every.secs_f64() / MIB
        );
        let tone = if hours > LONG { Tone::For } else { Tone::Limit };
        // What hardly scrapes, as in a crash loop, writes little, and no outage is to blame.
        let offered = self.median(Metric::SamplesOffered) / collectors;
        let is_usual = samples > 0.0 && samples >= SCRAPED_MIN * offered;
        self.when(is_usual, (tone, WAL), text);
    }

    /// What a volume costs and saves.
    fn of_volume(&mut self, scrapes: bool) {
        let on_volume = self.fleet.wal.on_volume;
        let text = "no volume, as the charts install it: a restart begins with an empty write-ahead \
                    log, without a replay and without dead series; unsent samples are lost with a \
                    volume, too";
        self.when(scrapes && !on_volume, (Tone::For, WAL), text);

        let peak = self.median(Metric::WalPeak) / MIB;
        let text = format!(
            "a volume saves no unsent sample, for a new sender starts at its own start; it costs \
             {peak:.0} MiB of disk at its peak and a replay at every start, which brings dead series \
             back"
        );
        self.when(scrapes && on_volume, (Tone::Against, WAL), text);
    }

    fn of_daemon(&mut self) {
        let machines = self.collects(WorkloadKind::Machine) || self.tails_logs();
        let text = "one collector per machine is what machine metrics and pod logs require";
        self.when(machines, (Tone::For, DAEMON), text);

        let slowdown = self.slowdown();
        let text = format!(
            "not for a collector that grows into a noisy neighbour: applications on the worst \
             node respond {slowdown:.1} times as slowly as without it"
        );
        self.when(slowdown > NOISY, (Tone::Against, DAEMON), text);

        let text = "not for an unpredictable amount of telemetry: a cardinality incident lands on \
                    every node, and no node can be given more alone";
        self.when(self.unpredictable(), (Tone::Against, DAEMON), text);

        let is_small = self.fails(Failure::Oom) || self.fails(Failure::CpuShort);
        let text =
            "a DaemonSet cannot be scaled by itself: all nodes get the larger limit, or none";
        self.when(is_small, (Tone::Against, DAEMON), text);

        let collectors = whole(self.median(Metric::CollectorsEnd));
        let everything = self.fleet.topology.discovery == Discovery::Everything;
        let text = format!(
            "more collectors strain what they all ask: {collectors} of them each watch every pod \
             of the cluster; filter discovery by node"
        );
        self.when(everything, (Tone::Against, DAEMON), text);

        let endpoints = match self.fleet.sends_to.len() {
            1 => "one endpoint".to_owned(),
            count => format!("{count} endpoints"),
        };
        let text = format!(
            "every collector opens a connection per endpoint through the same egress addresses: \
             {collectors} collectors with {endpoints} each"
        );
        self.when(self.uses_nat(), (Tone::Limit, DAEMON), text);
        self.of_outages();
    }

    fn of_sidecar(&mut self) {
        let brief = self.collects(WorkloadKind::Job) || self.collects(WorkloadKind::Serverless);
        let text = "suits jobs and serverless workloads that push before they end";
        self.when(brief, (Tone::For, SIDECAR), text);

        let applications = self.collects(WorkloadKind::Application);
        let collectors = whole(self.median(Metric::CollectorsEnd));
        let text = format!(
            "not for long-lived applications: {collectors} collectors instead of a few, each with \
             its own base of memory, and none scales apart from its pod"
        );
        self.when(applications, (Tone::Against, SIDECAR), text);

        let lost = self.median(Metric::LostExit);
        let text = format!(
            "without a life cycle of its own it cannot outlast an outage: half of the draws lose \
             more than {} samples with pods that ended",
            whole(lost)
        );
        self.when(lost > 0.0, (Tone::Against, SIDECAR), text);

        let text = "not for a collector that grows into a noisy neighbour of its own pod";
        self.when(self.slowdown() > NOISY, (Tone::Against, SIDECAR), text);
    }

    fn of_any(&mut self) {
        let series = self.median(Metric::SeriesPerCollectorPeak);
        let text = format!(
            "around a million active series per collector is where to look at scaling out: the \
             busiest one carries {:.2} million",
            series / 1e6
        );
        self.when(series >= SCALE_OUT_SERIES, (Tone::Limit, CENTRAL), text);
        self.bytes_per_series(series);

        let signals = [
            &self.fleet.metrics_of,
            &self.fleet.logs_of,
            &self.fleet.traces_of,
            &self.fleet.profiles_of,
        ];
        let both = signals.into_iter().filter(|of| !of.is_empty()).count() > 1;
        let is_much = self.median(Metric::CpuPeak) > MUCH_LOAD_CORES;
        let text = "much load of several signals is steadier in processes of their own";
        self.when(both && is_much, (Tone::Limit, SIGNALS), text);
        if self.tails_logs() {
            self.of_logs();
        }
    }

    /// Where the guide's bytes per series stand, for a collector whose memory is mostly series.
    fn bytes_per_series(&mut self, series: f64) {
        const MANY: f64 = 100_000.0;
        let kilobytes = |bytes: f64| format!("{:.1} KB", bytes / series.max(1.0) / 1e3);
        let Some([median, p95]) = self.memory(Metric::ResidentPeak, kilobytes) else {
            return;
        };
        let text = format!(
            "reckon with 10 KB per series: here the busiest collector has {median} of resident \
             memory per active series in the median, and {p95} at the 95th percentile"
        );
        self.when(series >= MANY, (Tone::Limit, CENTRAL), text);
    }

    fn row(&self, metric: Metric) -> Option<&MetricRow> {
        let here = |row: &&MetricRow| row.scope == Scope::Fleet(self.id) && row.metric == metric;
        self.metrics.iter().find(here)
    }

    /// Median and 95th percentile of a size of memory as text. Where a kill cut it off, nobody saw how
    /// much more than the limit it would have been.
    fn memory(&self, metric: Metric, text: impl Fn(f64) -> String) -> Option<[String; 2]> {
        let limit = self.fleet.resources.memory_limit.map(Bytes::as_f64);
        let of_kills = limit.zip((self.uncut)(Scope::Fleet(self.id), metric));
        if let Some((limit, ends)) = of_kills {
            let end = |bytes: f64| {
                if bytes.is_finite() {
                    text(bytes)
                } else {
                    format!("more than {}", text(limit))
                }
            };
            return Some(ends.map(end));
        }
        let summary = self.row(metric)?.summary;
        Some([summary.p50, summary.p95].map(text))
    }

    fn median(&self, metric: Metric) -> f64 {
        self.row(metric).map_or(0.0, |row| row.summary.p50)
    }

    fn fails(&self, failure: Failure) -> bool {
        let here = |row: &&FailureRow| row.scope == Scope::Fleet(self.id) && row.failure == failure;
        let row = self.failures.iter().find(here);
        row.is_some_and(|row| row.draws_with > 0)
    }

    /// Median over draws of the worst slowdown on the nodes of the fleet.
    fn slowdown(&self) -> f64 {
        let is_here = |row: &&MetricRow| match (row.metric, row.scope) {
            (Metric::SlowdownPeak, Scope::Pool(pool)) => self.pools().any(|of| of == pool),
            _ => false,
        };
        let here = self.metrics.iter().filter(is_here);
        here.map(|row| row.summary.p50).fold(1.0, f64::max)
    }

    fn pools(&self) -> impl Iterator<Item = PoolId> + '_ {
        let of_pods = self.scraped().flat_map(|workload| &workload.runs_on);
        let own = self.fleet.runs_on.iter();
        let with_pods = self.fleet.topology.population == Population::PerPod;
        own.chain(of_pods.filter(move |_| with_pods)).copied()
    }

    /// The workloads whose metrics the fleet collects.
    fn scraped(&self) -> impl Iterator<Item = &Workload> {
        let ids = self.fleet.metrics_of.iter();
        ids.map(|&id| &self.blueprint.workloads[id])
    }

    fn scrapes(&self) -> bool {
        let pulls = self.fleet.metric_source == MetricSource::Scrape;
        pulls && !self.fleet.metrics_of.is_empty()
    }

    fn collects(&self, kind: WorkloadKind) -> bool {
        self.scraped().any(|workload| workload.kind == kind)
    }

    fn tails_logs(&self) -> bool {
        !self.fleet.logs_of.is_empty()
    }

    fn unpredictable(&self) -> bool {
        self.scraped().any(|workload| workload.incidents.is_some())
    }

    /// Whether pods with a demand run on the fleet's nodes.
    fn shares_nodes(&self) -> bool {
        let runs_here = |pool: &PoolId| self.fleet.runs_on.contains(pool);
        self.blueprint.workloads.iter().any(|workload| {
            workload.kind != WorkloadKind::Machine && workload.runs_on.iter().any(runs_here)
        })
    }

    fn uses_nat(&self) -> bool {
        let mut endpoints = self.fleet.sends_to.iter();
        endpoints.any(|&id| self.blueprint.endpoints[id].via.is_some())
    }
}

/// A whole number with commas between thousands: `32,255`.
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
