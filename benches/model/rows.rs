//! What the rows of `benches/model` simulate; tests simulate the same with small input.

use std::sync::Mutex;

use alloy_sim::Draws;
use alloy_sim::experiment::study::{Case, Study};
use alloy_sim::model::world::{Recording, Replication, simulate};
use alloy_sim::units::SimDuration;

use super::load;

/// A case of a file of `benches/scenarios`.
pub(crate) struct Row {
    /// Name of the row.
    pub(crate) name: &'static str,
    text: &'static str,
    case: &'static str,
    /// What makes it small.
    small: &'static str,
}

/// Ten thousand daemons in which hardly anything happens.
pub(crate) const STEADY: Row = Row {
    name: "steady-daemons",
    text: include_str!("../scenarios/steady-daemons.toml"),
    case: "base",
    small: r#""cluster.prod.pool.general.nodes" = 20"#,
};

/// The same with logs and traces.
pub(crate) const ALL_SIGNALS: Row = Row {
    name: "all-signals",
    text: include_str!("../scenarios/all-signals.toml"),
    ..STEADY
};

/// The same with rollouts and outages.
pub(crate) const UNSTEADY: Row = Row {
    name: "unsteady-daemons",
    text: include_str!("../scenarios/unsteady-daemons.toml"),
    ..STEADY
};

/// The same on nodes that are shared with applications.
pub(crate) const CONTENDED: Row = Row {
    name: "contended-daemons",
    text: include_str!("../scenarios/contended-daemons.toml"),
    case: "base",
    small: r#""cluster.prod.pool.general.nodes" = 20, "workload.apps.pods" = 200"#,
};

/// A million sidecars.
pub(crate) const MILLION: Row = Row {
    name: "many-sidecars",
    text: include_str!("../scenarios/many-sidecars.toml"),
    case: "base",
    small: r#""cluster.prod.pool.general.nodes" = 2, "workload.apps.pods.start" = 50"#,
};

/// A thousand of them.
pub(crate) const THOUSAND: Row = Row {
    name: "thousand-sidecars",
    case: "thousand",
    ..MILLION
};

/// 150,000 sidecars at once that live for two hours.
pub(crate) const SHORT_LIVED: Row = Row {
    name: "short-lived-sidecars",
    text: include_str!("../scenarios/short-lived-sidecars.toml"),
    case: "base",
    small: r#""cluster.batch.pool.workers.nodes" = 20, "workload.jobs.jobs.per_hour" = 300"#,
};

/// How much of a row is simulated.
#[derive(Clone, Copy)]
pub(crate) enum Size {
    /// What its file says.
    Full,
    /// Few collectors and two days, to see that it works.
    Small,
}

impl Row {
    /// The only case of the row.
    pub(crate) fn study(&self, size: Size) -> Study {
        let Self {
            name,
            text,
            case,
            small,
        } = self;
        match size {
            Size::Full => only_case(load::check(name, text).study, case),
            Size::Small => {
                let variant = format!("[[variant]]\nname = \"small\"\nset = {{ {small} }}\n");
                let study = load::check(name, &format!("{text}\n{variant}")).study;
                with_horizon(only_case(study, "small"), 2)
            }
        }
    }
}

fn only_case(mut study: Study, name: &str) -> Study {
    study.cases.retain(|case| case.name == name);
    assert_eq!(study.cases.len(), 1, "{} has the case {name}", study.name);
    study
}

/// A study that is simulated for at most so many days.
pub(crate) fn with_horizon(mut study: Study, days: u64) -> Study {
    for Case { blueprint, .. } in &mut study.cases {
        blueprint.horizon = blueprint.horizon.min(SimDuration::from_hours(24 * days));
    }
    study
}

/// Simulates one draw; returns its collector-days. Of daemons these are node-days.
pub(crate) fn draw(study: &Study, draw: u32) -> f64 {
    let blueprint = &study.cases[0].blueprint;
    let (outcome, _) = simulate(
        blueprint,
        study.seed,
        Replication::first_of(draw),
        Recording::Off,
    );
    outcome.collector_days
}

/// Simulates so many draws on so many threads.
pub(crate) fn draws(mut study: Study, draws: u32, threads: usize) -> f64 {
    study.draws = Draws::Fixed(draws);
    let days = Mutex::new(0.0);
    load::run(vec![study], threads, &|_, results| {
        let results = results.expect("nothing interrupts it");
        *days.lock().expect("nothing panics under this lock") = results.collector_days;
    });
    days.into_inner().expect("nothing panics under this lock")
}
