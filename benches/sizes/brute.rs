//! Brute force: every size by itself, judged as `alloy-sim run` judges a file that states it.
//!
//! Two shortcuts change no answer. A size with more events than can hold with all draws is given up. The
//! sizes above the first that holds are not simulated.

use std::sync::atomic::AtomicBool;

use alloy_sim::Draws;
use alloy_sim::experiment::block::{Block, Worker};
use alloy_sim::experiment::requirement::{Requirement, Statistic, Subject};
use alloy_sim::experiment::run::{self, Options};
use alloy_sim::experiment::size::Sizing;
use alloy_sim::experiment::study::{Case, Study};
use alloy_sim::model::record::catalogue::{Failure, Metric, Scope};
use alloy_sim::model::record::outcome::{Figures as _, Layout, Outcome};
use alloy_sim::stats::{Claim, Evidence, Verdict, decide};

/// Draws of every size.
pub(crate) const DRAWS: u32 = 1_000;

/// Draws that are simulated at a time.
const STEP: u32 = 20;

/// The smallest size whose draws show that every goal holds.
pub(crate) fn named(sizing: &Sizing) -> Option<usize> {
    let study = &sizing.study;
    let most: Vec<usize> = study.requirements.iter().map(most).collect();
    let named = (0..study.cases.len()).find(|&size| holds(study, size, &most))?;
    assert!(is_safe(study, named), "a run of the size agrees");
    Some(named)
}

/// The most events with which a goal alone holds, of all draws.
fn most(goal: &Requirement) -> usize {
    let holds = |events: &usize| {
        let draws = (0..DRAWS as usize).map(|draw| f64::from(u8::from(draw < *events)));
        let evidence = claim(goal).evidence(&draws.collect::<Vec<_>>());
        decide(&[evidence], Verdict::ALPHA) == [Verdict::Holds]
    };
    (0..DRAWS as usize)
        .take_while(holds)
        .last()
        .expect("some limit can be kept")
}

fn claim(goal: &Requirement) -> Claim {
    assert_eq!(
        goal.statistic,
        Statistic::Probability,
        "the grids ask for probabilities"
    );
    Claim {
        statistic: goal.statistic,
        comparison: goal.comparison,
        limit: goal.limit,
        range: goal.range,
    }
}

/// Whether all draws of a size show that every goal holds.
fn holds(study: &Study, size: usize, most: &[usize]) -> bool {
    let case = &study.cases[size];
    let layout = Layout::of(&case.blueprint);
    let mut worker = Worker::default();
    let mut numbers: Vec<Vec<f64>> = vec![Vec::new(); study.requirements.len()];
    for first in (0..DRAWS).step_by(STEP as usize) {
        let block = Block {
            case: size,
            draws: first..first + STEP,
        };
        let drawn = block
            .simulate(study, &mut worker)
            .expect("nothing stops a block");
        for (goal, numbers) in study.requirements.iter().zip(&mut numbers) {
            let outcomes = drawn.iter().map(|drawn| &drawn.outcome);
            numbers.extend(outcomes.map(|outcome| event(goal, case, &layout, outcome)));
        }
        let events = numbers.iter().map(|numbers| numbers.iter().sum::<f64>());
        if events.zip(most).any(|(events, &most)| events > most as f64) {
            return false;
        }
    }
    let evidence = study.requirements.iter().zip(&numbers);
    let evidence = evidence.map(|(goal, numbers)| claim(goal).evidence(numbers));
    let evidence: Vec<Evidence> = evidence.collect();
    let verdicts = decide(&evidence, Verdict::ALPHA);
    verdicts.iter().all(|verdict| *verdict == Verdict::Holds)
}

/// 1 if the failure of a goal happens in a draw, or the fleet has no collector in service; else 0.
fn event(goal: &Requirement, case: &Case, layout: &Layout, outcome: &Outcome) -> f64 {
    let Subject::Failure { failure, .. } = goal.subject else {
        panic!("the grids ask for failures");
    };
    let mut scopes = Scope::all(&case.blueprint).into_iter();
    let scope = scopes.find(|scope| scope.name(&case.blueprint) == goal.subject.scope());
    let scope = scope.expect("every size has the scope");
    let position = layout
        .failure(scope, failure)
        .expect("the scope has the failure");
    let collectors = layout.column(scope, Metric::CollectorsEnd);
    let is_unserved = collectors.is_some_and(|column| outcome.unserved.contains(&column));
    if is_unserved && failure != Failure::Pending {
        return 1.0;
    }
    outcome.share(position, f64::INFINITY)
}

/// Whether `alloy-sim run` says the same of a file that states this size.
fn is_safe(study: &Study, size: usize) -> bool {
    let case = study.cases[size].clone();
    let mut requirements = study.requirements.clone();
    for goal in &mut requirements {
        goal.cases = vec![case.name.clone()];
    }
    let alone = Study {
        cases: vec![case],
        requirements,
        draws: Draws::Fixed(DRAWS),
        ..study.clone()
    };
    let options = Options {
        threads: 1,
        interrupted: &AtomicBool::new(false),
        on_progress: &|_| {},
        stopwatches: &[],
    };
    let results = run::run(alone, &options).expect("nothing stops the run");
    let mut rows = results.requirements.iter();
    rows.all(|row| row.verdict == Verdict::Holds)
}
