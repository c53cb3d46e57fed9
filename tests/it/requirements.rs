//! Goals and expectations of one file, judged together and apart.

use alloy_sim::experiment::requirement::Kind;
use alloy_sim::experiment::results::Results;
use alloy_sim::stats::Verdict;

use crate::scenario::load_bytes;
use crate::support::scene;

/// One collector with memory to spare, in ten draws and two cases.
const BASE: &str = r#"format = 1
[meta]
name = "one"
question = "Does one collector carry this?"
[experiment]
horizon = "6h"
draws = 10
[[cluster]]
name = "prod"
[[cluster.pool]]
name = "general"
nodes = 2
node = { cpu = 8, memory = "32GiB" }
[[workload]]
name = "apps"
runs_on = ["prod.general"]
pods = 10
series_per_pod = 100
[[fleet]]
name = "metrics"
topology = "centralized"
runs_on = ["prod.general"]
collects = { metrics = ["apps"] }
sends_to = ["mimir"]
replicas = 1
[[endpoint]]
name = "mimir"
signal = "metrics"
[[variant]]
name = "two"
set = { "fleet.metrics.replicas" = 2 }
"#;

/// What ten draws without the event just settle: 0.7^10 is 2.8 %, twice that is more than 5 %.
const JUST: &str = "probability(any oom in fleet.metrics) < 30%";

fn section(kind: &str, name: &str, require: &str, more: &str) -> String {
    format!("[[{kind}]]\nname = \"{name}\"\nrequire = \"{require}\"\n{more}\n")
}

fn results(sections: &[String]) -> Results {
    let text = format!("{BASE}{}", sections.concat());
    let study = load_bytes("one", text.as_bytes()).unwrap().study;
    scene::results(study, 2)
}

#[test]
fn expectations_weaken_no_goal() {
    let goal = section("goal", "a", JUST, "");
    let alone = results(std::slice::from_ref(&goal));
    assert_eq!(alone.gravest(Kind::Goal), Some(Verdict::Holds));
    assert_eq!(alone.gravest(Kind::Expectation), None);

    let expect = |name| section("expect", name, JUST, "");
    let both = results(&[goal.clone(), expect("b")]);
    assert_eq!(both.gravest(Kind::Goal), Some(Verdict::Holds));
    assert_eq!(both.gravest(Kind::Expectation), Some(Verdict::Holds));

    // Two of a kind share the error rate that one has for itself.
    let three = results(&[goal.clone(), expect("b"), expect("c")]);
    assert_eq!(three.gravest(Kind::Goal), Some(Verdict::Holds));
    assert_eq!(three.gravest(Kind::Expectation), Some(Verdict::Unsettled));
    let goals = results(&[goal, section("goal", "b", JUST, "")]);
    assert_eq!(goals.gravest(Kind::Goal), Some(Verdict::Unsettled));
}

#[test]
fn a_case_is_held_to_the_goals_that_name_it_or_else_to_all() {
    let fails = "probability(any oom in fleet.metrics) > 50%";
    let results = results(&[
        section("goal", "of base", JUST, ""),
        section("goal", "of nobody else", fails, "cases = [\"two\"]"),
        section("expect", "as it is", JUST, "cases = [\"two\"]"),
    ]);
    let names = |case: usize| -> Vec<String> {
        let rows = results.goals_of(case).into_iter();
        rows.map(|row| row.requirement.name.clone()).collect()
    };
    assert_eq!(names(0), ["of base"]);
    assert_eq!(names(1), ["of nobody else"]);
    let expectations = results
        .requirements
        .iter()
        .filter(|row| row.requirement.kind == Kind::Expectation);
    let cases: Vec<usize> = expectations.map(|row| row.case).collect();
    assert_eq!(
        cases,
        [1],
        "an expectation speaks of the cases that it names"
    );

    let unnamed = self::results(&[section("goal", "of base", fails, "")]);
    let compared = unnamed.goals_of(1);
    assert_eq!(compared.len(), 1);
    assert!(!compared[0].gates);
    assert_eq!(compared[0].verdict, Verdict::Fails);
}

#[test]
fn the_section_that_replaces_an_expected_failure_can_be_pasted() {
    let claim = "probability(any oom in fleet.metrics) >= 50%";
    let more = "expect = \"fails\"\ncases = [\"two\"]\nreason = \"it has \\\"room\\\"\"";
    let old = format!("{BASE}{}", section("goal", "full", claim, more));
    let problems = load_bytes("one", old.as_bytes()).unwrap_err();
    let help = problems[0].help.as_ref().unwrap();
    let (_, pasted) = help.split_once('\n').unwrap();
    let results = results(&[pasted.to_owned()]);
    assert_eq!(results.gravest(Kind::Expectation), Some(Verdict::Holds));
    let stated = &results.study.requirements[0];
    assert_eq!(stated.name, "full");
    assert_eq!(stated.text, claim.replace(">= 50%", "< 50%"));
    assert_eq!(stated.cases, ["two"]);
    assert_eq!(stated.reason, "it has \"room\"");
}
