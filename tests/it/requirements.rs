//! Goals and expectations of one file, judged together and apart.

use alloy_sim::experiment::requirement::Kind;
use alloy_sim::experiment::results::{RequirementRow, Results};
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

/// A collector that crash-loops in about 39 % of the draws.
const DEAD: &str = include_str!("accepted/cases/draws-without-a-value.toml");

fn rows_of(text: &str, sections: &[String]) -> Vec<RequirementRow> {
    let text = text.replacen("format = 1", "format = 1\npreset = \"alloy-docs\"", 1);
    let text = format!("{text}\n{}", sections.concat());
    let study = load_bytes("dead", text.as_bytes()).unwrap().study;
    scene::results(study, 2).requirements
}

#[test]
fn a_draw_without_service_is_beyond_any_limit() {
    // Nothing rests at the horizon in a crash loop; what a restart needs is known from the kills.
    let rest = "memory_rest_bytes in fleet.f";
    let rows = rows_of(
        DEAD,
        &[
            section("goal", "used", &format!("median({rest}) > 1MiB"), ""),
            section(
                "goal",
                "used mostly",
                &format!("probability({rest} > 1MiB) > 80%"),
                "",
            ),
            section("goal", "mean", &format!("mean({rest}) < 9000GiB"), ""),
            section("goal", "at rest", &format!("p95({rest}) < 9000GiB"), ""),
            section("expect", "too large", &format!("p95({rest}) > 9000GiB"), ""),
            section(
                "expect",
                "often",
                &format!("probability({rest} < 9000GiB) < 70%"),
                "",
            ),
        ],
    );
    let verdict = |name: &str| {
        let row = rows.iter().find(|row| row.requirement.name == name);
        row.unwrap().verdict
    };
    let (restarts, rests) = rows.split_at(2);
    for row in restarts {
        assert_eq!((row.n, row.draws), (400, 400), "{}", row.requirement.name);
    }
    for row in rests {
        let name = &row.requirement.name;
        assert!((220..270).contains(&row.n), "{name}: {}", row.n);
        assert_eq!((row.draws, row.no_value), (400, None), "{name}");
    }
    assert_eq!(verdict("a restart at the end fits"), Verdict::Fails);
    assert_eq!(verdict("the same as a probability"), Verdict::Fails);
    assert_eq!(verdict("mean"), Verdict::Fails);
    assert_eq!(verdict("at rest"), Verdict::Fails);
    // A goal never holds because its collectors are dead, and 61 % of the draws are alive.
    assert_eq!(verdict("used"), Verdict::Holds);
    assert_eq!(verdict("used mostly"), Verdict::Fails);
    assert_eq!(verdict("too large"), Verdict::Holds);
    assert_eq!(verdict("often"), Verdict::Holds);
}

/// After a kill at the limit the peers' memory was seen, and nobody saw what the killed one needed.
#[test]
fn a_need_that_a_kill_cuts_off_is_beyond_any_limit() {
    let need = "memory_limit_needed_bytes in fleet.f";
    let rows = rows_of(
        DEAD,
        &[
            section("goal", "need", &format!("p95({need}) < 9000GiB"), ""),
            section("goal", "mean", &format!("mean({need}) < 9000GiB"), ""),
            section("expect", "huge", &format!("p95({need}) > 9000GiB"), ""),
        ],
    );
    let row = |name: &str| {
        rows.iter()
            .find(|row| row.requirement.name == name)
            .unwrap()
    };
    assert_eq!(row("need").verdict, Verdict::Fails);
    assert_eq!(row("mean").verdict, Verdict::Fails);
    assert_eq!(row("huge").verdict, Verdict::Holds);
    assert_eq!((row("need").n, row("need").draws), (400, 400));
}

#[test]
fn a_goal_on_what_has_no_meaning_does_not_hold_and_says_why() {
    for (claim, reason) in [
        (
            "p95(scale_up_count in fleet.metrics) < 9",
            "the fleet has no autoscaler",
        ),
        (
            "probability(scale_down_count in fleet.metrics > 1) < 50%",
            "the fleet has no autoscaler",
        ),
        (
            "p95(not_ready_seconds in fleet.metrics) < 1h",
            "no cluster of the fleet waits for a size",
        ),
        (
            "median(rollout_peak_seconds in fleet.metrics) < 1h",
            "no rollout of the collectors began",
        ),
    ] {
        let results = results(&[
            section("goal", "alive", JUST, ""),
            section("goal", "meant", claim, ""),
            section("expect", "meant", claim, ""),
        ]);
        for row in results.requirements.iter().filter(|row| row.gates) {
            if row.requirement.name == "alive" {
                // What has no value weakens no evidence.
                assert_eq!(row.verdict, Verdict::Holds, "{claim}");
                continue;
            }
            assert_eq!(row.verdict, Verdict::Fails, "{claim}");
            assert_eq!(
                (row.n, row.estimate, row.no_value),
                (0, None, Some(reason)),
                "{claim}"
            );
        }
        assert_eq!(results.gravest(Kind::Goal), Some(Verdict::Fails), "{claim}");
    }
}

/// A count without a bound, whose true mean is above the limit. Most samples of 30 draws are equal.
const MEAN: &str = include_str!("accepted/cases/mean-goal.toml");

#[test]
fn the_mean_of_a_metric_without_a_known_range_is_unsettled() {
    for seed in 1..=20 {
        let text = MEAN.replacen("draws = 30", &format!("draws = 30\nseed = {seed}"), 1);
        let checked = load_bytes("mean", text.as_bytes()).unwrap();
        assert!(
            checked
                .warnings
                .iter()
                .any(|warning| warning.message.contains("the mean of goal `few`")),
            "{:?}",
            checked.warnings
        );
        let results = scene::results(checked.study, 2);
        assert_eq!(
            results.gravest(Kind::Goal),
            Some(Verdict::Unsettled),
            "{seed}"
        );
        assert_eq!(results.requirements[0].more_draws, None);
    }
}

#[test]
fn the_mean_of_a_share_is_settled_by_its_range() {
    let mean = |limit| format!("mean(oom_collector_ratio in fleet.metrics) < {limit}");
    // Ten draws without a kill bound their mean by 29.5 %; one look alone would by 1 − 0.05^(1/10).
    let verdict = |limit| {
        let results = results(&[section("goal", "a", &mean(limit), "")]);
        results.gravest(Kind::Goal).unwrap()
    };
    assert_eq!(verdict("30%"), Verdict::Holds);
    assert_eq!(verdict("29%"), Verdict::Unsettled);
}
