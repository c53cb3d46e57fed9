//! Tests of the whole model read like scenarios: text in, the draws of one case out.

use alloy_sim::experiment::results::{CaseResults, Results};
use alloy_sim::experiment::run::{Options, run};
use alloy_sim::experiment::study::{Case, Study};
use alloy_sim::model::blueprint::Blueprint;
use alloy_sim::model::record::catalogue::{Failure, Metric, Scope, Track};
use alloy_sim::model::record::outcome::{Layout, Outcome, TRACK_POINTS};
use alloy_sim::model::world::{Recording, Replication, simulate};

use crate::scenario::checked;

/// Seeds with which theory is tested.
pub(crate) const SEEDS: [u64; 3] = [1, 2, 3];

/// The study of a scenario's text.
pub(crate) fn study(text: &str) -> Study {
    checked(text).study
}

/// The first case of a scenario's text.
pub(crate) fn blueprint(text: &str) -> Blueprint {
    study(text).cases.remove(0).blueprint
}

/// A scenario with some paths set to something else: `"fleet.all.replicas" = 3`.
pub(crate) fn changed(text: &str, set: &str) -> Blueprint {
    let variant = format!("{text}\n[[variant]]\nname = \"changed\"\nset = {{ {set} }}\n");
    self::variant(&variant, "changed")
}

/// The variant of that name of a scenario's text.
pub(crate) fn variant(text: &str, name: &str) -> Blueprint {
    let is_variant = |case: &Case| case.variant == name;
    let cases = study(text).cases;
    cases.into_iter().find(is_variant).unwrap().blueprint
}

/// Every case of a scenario by its name, each simulated for some draws.
pub(crate) fn play_all(text: &str, draws: u32) -> Vec<(String, Scene)> {
    let study = study(text);
    let one = |case: Case| (case.name, play(case.blueprint, study.seed, draws));
    study.cases.into_iter().map(one).collect()
}

/// A whole study on a number of threads.
pub(crate) fn results(study: Study, threads: usize) -> Results {
    let interrupted = std::sync::atomic::AtomicBool::new(false);
    let options = Options {
        threads,
        interrupted: &interrupted,
        on_progress: &|_| {},
        stopwatches: &[],
    };
    run(study, &options).unwrap()
}

/// The outcomes of all draws of a case.
pub(crate) fn outcomes(case: &CaseResults) -> Vec<Outcome> {
    let draws = case.outcomes.open().unwrap();
    draws.collect(|draw| draw.outcome()).unwrap()
}

/// Some draws of one case.
pub(crate) struct Scene {
    pub(crate) blueprint: Blueprint,
    pub(crate) layout: Layout,
    pub(crate) outcomes: Vec<Outcome>,
}

/// Simulates draws `0..draws` of a case with a seed.
pub(crate) fn play(blueprint: Blueprint, seed: u64, draws: u32) -> Scene {
    let one = |draw| {
        simulate(
            &blueprint,
            seed,
            Replication::first_of(draw),
            Recording::Off,
        )
        .0
    };
    Scene {
        outcomes: (0..draws).map(one).collect(),
        layout: Layout::of(&blueprint),
        blueprint,
    }
}

impl Scene {
    /// The scope of that name, as goals write it: `fleet.all`.
    pub(crate) fn scope(&self, name: &str) -> Scope {
        let named = |scope: &Scope| scope.name(&self.blueprint) == name;
        Scope::all(&self.blueprint).into_iter().find(named).unwrap()
    }

    /// A metric of a scope in every draw.
    pub(crate) fn values(&self, scope: &str, metric: Metric) -> Vec<f64> {
        let column = self.layout.column(self.scope(scope), metric).unwrap();
        let value = |outcome: &Outcome| outcome.values[column];
        self.outcomes.iter().map(value).collect()
    }

    /// A metric in the only draw, or its mean over draws.
    pub(crate) fn value(&self, scope: &str, metric: Metric) -> f64 {
        Estimate::of(&self.values(scope, metric)).mean
    }

    /// Seconds to the first occurrence of a failure in every draw.
    pub(crate) fn first(&self, scope: &str, failure: Failure) -> Vec<Option<f64>> {
        let slot = self.layout.failure(self.scope(scope), failure).unwrap();
        self.outcomes
            .iter()
            .map(|outcome| outcome.first[slot])
            .collect()
    }

    /// Whether a failure occurs in any draw.
    pub(crate) fn fails(&self, scope: &str, failure: Failure) -> bool {
        self.first(scope, failure).iter().any(Option::is_some)
    }

    /// The points of a track in every draw.
    pub(crate) fn tracks(&self, scope: &str, track: Track) -> Vec<Vec<f64>> {
        let slot = self.layout.track(self.scope(scope), track).unwrap() * TRACK_POINTS;
        let points = |outcome: &Outcome| {
            let points = outcome.tracks[slot..slot + TRACK_POINTS].iter();
            points.map(|&value| f64::from(value)).collect()
        };
        self.outcomes.iter().map(points).collect()
    }

    /// Every value of a scope, metric by metric, draw by draw, as bits: NaN equals NaN.
    pub(crate) fn bits(&self, scope: &str) -> Bits {
        let scope_id = self.scope(scope);
        let here = self.layout.columns.iter().filter(|(of, _)| *of == scope_id);
        let bits = |&(_, metric): &(Scope, Metric)| {
            let values = self.values(scope, metric).into_iter();
            (metric, values.map(f64::to_bits).collect())
        };
        here.map(bits).collect()
    }
}

/// Metrics of a scope with their bits in every draw.
pub(crate) type Bits = Vec<(Metric, Vec<u64>)>;

/// A mean with its standard error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    pub(crate) mean: f64,
    pub(crate) error: f64,
}

impl Estimate {
    /// Of independent values.
    pub(crate) fn of(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self {
            mean,
            error: (squares / (count - 1.0).max(1.0) / count).sqrt(),
        }
    }

    /// Distance from what theory expects, in standard errors.
    pub(crate) fn z(&self, expected: f64) -> f64 {
        (self.mean - expected) / self.error
    }

    /// Asserts agreement within four standard errors, that these are at most `error_max` of the
    /// expected value, and that a value 5 % off would not agree.
    pub(crate) fn assert_agrees(&self, expected: f64, error_max: f64) {
        let z = self.z(expected);
        assert!(self.error <= error_max * expected, "{self:?} of {expected}");
        assert!(z.abs() <= 4.0, "{self:?} is not {expected}: z {z}");
        let sibling = self.z(1.05 * expected);
        assert!(sibling.abs() > 4.0, "{self:?} would pass for 5 % more");
    }
}
