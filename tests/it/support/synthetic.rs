//! Plausible `Results` without a simulation, the same on every machine.

use alloy_sim::model::blueprint::FleetId;
use std::time::Duration;

use alloy_sim::experiment::goal::{Comparison, Expect, Goal, Statistic, Subject};
use alloy_sim::experiment::plan::{Case, Input, Role, Study};
use alloy_sim::experiment::results::{
    Band, CaseResults, FailureRow, Finding, GoalResult, MetricRow, Results, Tone, TrackRow,
    WorstDraw,
};
use alloy_sim::model::law::Quantity;
use alloy_sim::model::law::form::{Domain, Form};
use alloy_sim::model::record::catalogue::{Failure, Metric, Scope};
use alloy_sim::model::record::outcome::{Happening, Layout, Outcome, TRACK_POINTS, What};
use alloy_sim::model::topology::{Topology, host_daemon};
use alloy_sim::stats::{CONFIDENCE, Proportion, Summary, Verdict};
use alloy_sim::units::SimTime;

pub(crate) use super::synthetic_blueprint::{blueprint, central};
use super::synthetic_draw::{Draw, Luck};

/// Draws of every synthetic case.
pub(crate) const DRAWS: u32 = 400;

/// What a synthetic case is made of.
#[derive(Clone)]
pub(crate) struct Knobs {
    pub(crate) name: String,
    pub(crate) topology: Topology,
    pub(crate) collectors: f64,
    pub(crate) limit_gib: Option<f64>,
    pub(crate) series: f64,
    /// Further fleets, one collector per node each.
    pub(crate) edges: usize,
    /// Ports in use at the start; the capacity decides whether there is an egress at all.
    pub(crate) ports: f64,
    pub(crate) port_capacity: Option<f64>,
    pub(crate) addresses: u32,
    pub(crate) slowdown: f64,
    /// When the endpoint is away, as a share of the horizon.
    pub(crate) outage_at: f64,
    pub(crate) horizon: Duration,
}

impl Knobs {
    /// Five central replicas with 20 GiB and 8 million series over 180 days.
    pub(crate) fn base() -> Self {
        Self {
            name: "base".to_owned(),
            topology: central(5),
            collectors: 5.0,
            limit_gib: Some(20.0),
            series: 8e6,
            edges: 0,
            ports: 11_000.0,
            port_capacity: Some(64_511.0),
            addresses: 1,
            slowdown: 0.03,
            outage_at: 0.22,
            horizon: Duration::from_hours(180 * 24),
        }
    }

    /// One collector per node instead.
    fn host_daemon() -> Self {
        Self {
            name: "host daemon".to_owned(),
            topology: host_daemon(true),
            collectors: 1_000.0,
            limit_gib: Some(1.0),
            ports: 15_000.0,
            slowdown: 0.12,
            ..Self::base()
        }
    }

    /// So many replicas instead.
    fn replicas(count: u32) -> Self {
        Self {
            name: format!("fleet.metrics.replicas = {count}"),
            topology: central(count),
            collectors: f64::from(count),
            ..Self::base()
        }
    }
}

/// A scenario in which memory binds first, with a variant and a larger fleet.
pub(crate) fn memory_bound() -> Results {
    let knobs = [Knobs::base(), Knobs::replicas(7), Knobs::host_daemon()];
    let text = "probability(any oom in fleet.metrics) < 1%";
    let subject = Subject::Failure {
        failure: Failure::Oom,
        scope: "fleet.metrics".to_owned(),
        within: None,
    };
    let mut oom = goal("no OOM", text, subject, 0.01);
    oom.cases = knobs.iter().map(|knobs| knobs.name.clone()).collect();
    results(
        "platform-2027h1",
        Some("2026-12-01"),
        &knobs,
        &[oom, loss_goal()],
    )
}

/// A scenario in which ports bind first, of two fleets, without a date.
pub(crate) fn port_bound() -> Results {
    let knobs = Knobs {
        edges: 1,
        ports: 40_000.0,
        limit_gib: Some(40.0),
        slowdown: 0.2,
        ..Knobs::base()
    };
    let subject = Subject::Failure {
        failure: Failure::PortsExhausted,
        scope: "egress.nat".to_owned(),
        within: None,
    };
    let text = "probability(any ports_exhausted in egress.nat) < 5%";
    let mut ports = goal("ports suffice", text, subject, 0.05);
    let reason = "the platform moves to a second address in May".to_owned();
    ports.expect = Expect::Fails { reason };
    results("edge-ports", None, &[knobs], &[ports, loss_goal()])
}

/// A sweep of many cases without any failure.
pub(crate) fn sweep() -> Results {
    let knobs: Vec<Knobs> = [Knobs::base()]
        .into_iter()
        .chain((9..=16).map(Knobs::replicas))
        .map(|knobs| Knobs {
            limit_gib: Some(40.0),
            port_capacity: None,
            ..knobs
        })
        .collect();
    results("replica-sweep", Some("2026-12-01"), &knobs, &[loss_goal()])
}

/// Results of any cases.
pub(crate) fn results(
    name: &str,
    start_date: Option<&str>,
    knobs: &[Knobs],
    goals: &[Goal],
) -> Results {
    let cases: Vec<CaseResults> = knobs.iter().map(case_results).collect();
    let study = Study {
        name: name.to_owned(),
        question: "Do 5 central replicas carry 8M series to June with P(OOM) below 1 %?".to_owned(),
        start_date: start_date.map(str::to_owned),
        seed: 20_261_122,
        draws: DRAWS,
        replications: 1,
        cases: knobs.iter().map(case).collect(),
        goals: goals.to_vec(),
    };
    let rows = goals.iter().flat_map(|goal| {
        let row = |index| goal_result(goal, &study, &cases[index], index);
        (0..cases.len()).map(row).collect::<Vec<_>>()
    });
    let rows = rows.collect();
    Results {
        study: study.into(),
        cases,
        goals: rows,
        events_handled: 1_200_000,
        collector_days: 360_000.0,
    }
}

fn case(knobs: &Knobs) -> Case {
    let law = Form::P5P95(6_100.0, 12_600.0).law(Domain::Positive);
    Case {
        name: knobs.name.clone(),
        variant: knobs.name.clone(),
        settings: Vec::new(),
        blueprint: blueprint(knobs),
        inputs: vec![Input {
            path: "fleet.metrics.memory_per_series".to_owned(),
            role: Role::Unknown,
            law: "p5 6.1 KB, p95 12.6 KB".to_owned(),
            quantity: Quantity::unknown(law.unwrap()),
            unit: "bytes",
            source: "synthetic".to_owned(),
        }],
    }
}

fn case_results(knobs: &Knobs) -> CaseResults {
    let blueprint = blueprint(knobs);
    let layout = Layout::of(&blueprint);
    let outcome = |draw| {
        Draw {
            knobs,
            blueprint: &blueprint,
            luck: Luck::of(draw),
        }
        .outcome(&layout)
    };
    let outcomes: Vec<Outcome> = (0..DRAWS).map(outcome).collect();
    let failures = failure_rows(&layout, &outcomes);
    let first = failures
        .iter()
        .enumerate()
        .max_by_key(|(_, row)| row.draws_first);
    let binding = first
        .filter(|(_, row)| row.draws_first > 0)
        .map(|(index, _)| index);
    let metrics = metric_rows(&layout, &outcomes);
    CaseResults {
        unknowns: Luck::names(),
        tracks: track_rows(&layout, &outcomes, knobs.horizon.as_secs_f64()),
        nearest: nearest(&metrics),
        findings: findings(knobs),
        worst: Some(worst()),
        layout,
        outcomes,
        metrics,
        failures,
        binding,
    }
}

fn metric_rows(layout: &Layout, outcomes: &[Outcome]) -> Vec<MetricRow> {
    let row = |(index, &(scope, metric)): (usize, &(Scope, Metric))| {
        let values = outcomes.iter().map(|outcome| outcome.values[index]);
        let values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
        Summary::of(&values).map(|summary| MetricRow {
            scope,
            metric,
            summary,
        })
    };
    layout.columns.iter().enumerate().filter_map(row).collect()
}

fn failure_rows(layout: &Layout, outcomes: &[Outcome]) -> Vec<FailureRow> {
    let earliest = |outcome: &Outcome| {
        let times = outcome.first.iter().flatten().copied();
        times.fold(f64::INFINITY, f64::min)
    };
    let row = |(index, &(scope, failure)): (usize, &(Scope, Failure))| {
        let mut first_seconds: Vec<f64> = outcomes
            .iter()
            .filter_map(|outcome| outcome.first[index])
            .collect();
        first_seconds.sort_by(f64::total_cmp);
        let is_first = |outcome: &&Outcome| {
            outcome.first[index].is_some_and(|first| first <= earliest(outcome))
        };
        let draws_with = first_seconds.len();
        FailureRow {
            scope,
            failure,
            draws_with,
            probability: draws_with as f64 / outcomes.len() as f64,
            interval: Proportion::new(draws_with as u64, outcomes.len() as u64)
                .interval(CONFIDENCE),
            draws_first: outcomes.iter().filter(is_first).count(),
            first_seconds,
        }
    };
    layout.failures.iter().enumerate().map(row).collect()
}

fn track_rows(layout: &Layout, outcomes: &[Outcome], horizon: f64) -> Vec<TrackRow> {
    let band = |index: usize, point: usize| {
        let at = index * TRACK_POINTS + point;
        let values = outcomes.iter().map(|outcome| f64::from(outcome.tracks[at]));
        let summary = Summary::of(&values.collect::<Vec<_>>()).unwrap();
        Band {
            seconds: horizon * point as f64 / (TRACK_POINTS - 1) as f64,
            p05: summary.p05,
            p50: summary.p50,
            p95: summary.p95,
            mean: summary.mean,
        }
    };
    let row = |(index, &(scope, track))| TrackRow {
        scope,
        track,
        bands: (0..TRACK_POINTS).map(|point| band(index, point)).collect(),
    };
    layout.tracks.iter().enumerate().map(row).collect()
}

/// The metric that is a share of a limit and whose median is highest.
fn nearest(metrics: &[MetricRow]) -> Option<(Scope, Metric, f64)> {
    let limits = [
        Metric::MemoryPeakRatio,
        Metric::CpuPeakRatio,
        Metric::PortsPeakRatio,
    ];
    let rows = metrics.iter().filter(|row| limits.contains(&row.metric));
    rows.max_by(|a, b| a.summary.p50.total_cmp(&b.summary.p50))
        .map(|row| (row.scope, row.metric, row.summary.p50))
}

fn findings(knobs: &Knobs) -> Vec<Finding> {
    vec![
        Finding {
            fleet: "metrics".to_owned(),
            tone: Tone::Limit,
            text: format!(
                "Above about one million series per collector the guide looks towards horizontal \
                 scaling; here the busiest collector carries {:.2} million.",
                knobs.series / knobs.collectors / 1e6
            ),
            section: "Using as a centralized collection service",
        },
        Finding {
            fleet: "metrics".to_owned(),
            tone: Tone::For,
            text: "Applications on the nodes do not feel a collector that runs elsewhere."
                .to_owned(),
            section: "Using as a centralized collection service",
        },
    ]
}

fn worst() -> WorstDraw {
    let happening = |seconds, member, what, value| Happening {
        at: SimTime::from_secs_f64(seconds),
        scope: Scope::Fleet(FleetId::new(0)),
        member,
        what,
        value,
    };
    WorstDraw {
        draw: 17,
        happenings: vec![
            happening(5.5 * 86_400.0, Some(3), What::OomKilled, 21.7e9),
            happening(5.5 * 86_400.0 + 42.5, Some(3), What::Started, f64::NAN),
        ],
        omitted: 0,
    }
}

fn goal(name: &str, text: &str, subject: Subject, limit: f64) -> Goal {
    Goal {
        name: name.to_owned(),
        text: text.to_owned(),
        statistic: Statistic::Probability,
        subject,
        comparison: Comparison::Less,
        limit,
        cases: vec!["base".to_owned()],
        expect: Expect::Holds,
    }
}

fn loss_goal() -> Goal {
    let subject = Subject::Metric {
        metric: Metric::LossRatio,
        scope: "fleet.metrics".to_owned(),
        exceeds: None,
    };
    let text = "p95(loss_ratio in fleet.metrics) < 0.1%";
    let mut goal = goal("little loss", text, subject, 0.001);
    goal.statistic = Statistic::Quantile(0.95);
    goal
}

fn goal_result(goal: &Goal, study: &Study, case: &CaseResults, index: usize) -> GoalResult {
    let named = |scope: Scope| scope.name(&study.cases[index].blueprint) == goal.subject.scope();
    let (estimate, interval) = match &goal.subject {
        Subject::Failure { failure, .. } => {
            let is_it = |row: &&FailureRow| row.failure == *failure && named(row.scope);
            let row = case.failures.iter().find(is_it).unwrap();
            (row.probability, row.interval)
        }
        Subject::Metric { metric, .. } => {
            let is_it = |row: &&MetricRow| row.metric == *metric && named(row.scope);
            let row = case.metrics.iter().find(is_it).unwrap();
            (row.summary.p95, row.summary.p95_interval)
        }
    };
    let verdict = if interval.high < goal.limit {
        Verdict::Holds
    } else if interval.low > goal.limit {
        Verdict::Fails
    } else {
        Verdict::NotEnoughEvidence
    };
    GoalResult {
        goal: goal.clone(),
        case: index,
        gates: goal.cases.contains(&study.cases[index].name),
        estimate: Some(estimate),
        interval,
        verdict,
        more_draws: (verdict == Verdict::NotEnoughEvidence).then_some(2_600),
    }
}
