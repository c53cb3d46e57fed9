//! Verdicts: how often they are false, and what they need.

use alloy_sim::experiment::study::Study;
use alloy_sim::stats::Verdict;

use crate::invalid::messages;
use crate::support::platform::of_pods;
use crate::support::scene::{results, study};

const MEAN_GOAL: &str = include_str!("mean-goal.toml");

/// The first verdict of a study with a seed.
fn verdict(study: &Study, seed: u64) -> Verdict {
    let study = Study {
        seed,
        ..study.clone()
    };
    results(study, 1).requirements[0].verdict
}

/// The mean is 1.02: 98 % of the draws are 1, and the others are 2. Half of the seeds see no 2 at all.
#[test]
fn equal_draws_of_a_mean_are_no_certainty() {
    let unknown = study(MEAN_GOAL);
    let stated = study(&format!("{MEAN_GOAL}\nrange = {{ min = 1, max = 2 }}"));
    let wide = study(&format!("{MEAN_GOAL}\nrange = {{ min = 0, max = 1000 }}"));
    let seeds = 1..=200;
    let false_holds = |study: &Study| {
        let holds = seeds
            .clone()
            .filter(|&seed| verdict(study, seed) == Verdict::Holds);
        holds.count()
    };
    for seed in seeds.clone() {
        assert_eq!(verdict(&unknown, seed), Verdict::Unsettled);
    }
    // At 5 % of 200 seeds four standard errors are 12.
    assert!(false_holds(&stated) <= 10 + 12);
    assert_eq!(false_holds(&wide), 0);
    let shown = messages("test.toml", MEAN_GOAL.as_bytes());
    assert!(
        shown.contains("no number of draws settles the mean"),
        "{shown}"
    );
    assert!(shown.contains("range = { min = "), "{shown}");
}

/// The same draws against a limit that is far away, and against one that is not reached.
#[test]
fn a_stated_range_lets_a_mean_be_settled() {
    for (limit, wanted) in [("< 1.9", Verdict::Holds), ("> 1.9", Verdict::Fails)] {
        let text = MEAN_GOAL.replace("< 1.01", limit);
        let stated = study(&format!("{text}\nrange = {{ min = 1, max = 2 }}"));
        assert_eq!(verdict(&stated, 1), wanted, "{limit}");
        assert_eq!(verdict(&study(&text), 1), Verdict::Unsettled, "{limit}");
        // A draw outside the stated range takes the verdict away.
        let wrong = study(&format!("{text}\nrange = {{ min = 1.5, max = 2 }}"));
        assert_eq!(verdict(&wrong, 1), Verdict::Unsettled, "{limit}");
    }
}

/// The blueprint says how many collectors three replicas are.
#[test]
fn the_number_of_replicas_has_a_known_range() {
    let goal = |claim: &str, autoscaling: &str| {
        let text = of_pods(&format!(
            r#"
            experiment.draws = 100
            experiment.horizon = "1h"
            experiment.start = "cold"
            fleet.all.replicas = 3
            {autoscaling}
        "#
        ));
        let text = format!("{text}\n[[goal]]\nname = \"count\"\nrequire = \"{claim}\"\n");
        (study(&text), messages("test.toml", text.as_bytes()))
    };
    let (replicas, shown) = goal("mean(collectors_end in fleet.all) > 2.5", "");
    assert_eq!(
        replicas.requirements[0].range.high.to_bits(),
        3.0_f64.to_bits()
    );
    assert!(!shown.contains("settles the mean"), "{shown}");
    assert_eq!(verdict(&replicas, 1), Verdict::Holds);
    let (bytes, shown) = goal("mean(memory_peak_bytes in fleet.all) < 1TB", "");
    assert!(shown.contains("settles the mean"), "{shown}");
    assert_eq!(verdict(&bytes, 1), Verdict::Unsettled);
}

#[test]
fn a_range_belongs_to_a_mean_and_has_two_ends() {
    let with = |claim: &str, range: &str| {
        let text = MEAN_GOAL.replace("mean(collectors_end in fleet.d) < 1.01", claim);
        messages("test.toml", format!("{text}\nrange = {range}").as_bytes())
    };
    let p95 = with("p95(collectors_end in fleet.d) < 3", "{ min = 0, max = 5 }");
    assert!(p95.contains("only a mean needs a range"), "{p95}");
    let mean = "mean(memory_peak_bytes in fleet.d) < 3GiB";
    let turned = with(mean, r#"{ min = "2GiB", max = "1GiB" }"#);
    assert!(
        turned.contains("a range ends above its beginning"),
        "{turned}"
    );
    let half = with(mean, r#"{ min = "2GiB" }"#);
    assert!(half.contains("`max` is missing"), "{half}");
    let fine = with(mean, r#"{ min = "0B", max = "16GiB" }"#);
    assert!(!fine.contains("settles the mean"), "{fine}");
}

/// A fleet that is killed at every start demands no CPU, and a goal on its CPU does not hold.
#[test]
fn who_never_served_has_no_cpu_demand() {
    const GOALS: [&str; 3] = [
        "p95(cpu_demand_peak_cores in fleet.metrics) < 1000",
        "p95(cpu_demand_peak_ratio in fleet.metrics) < 1000",
        "p95(scrape_peak_seconds in fleet.metrics) < 1h",
    ];
    let with_goals = |text: &str| {
        let goals = GOALS.iter().enumerate();
        let goals = goals.map(|(number, claim)| {
            format!("\n[[goal]]\nname = \"cpu {number}\"\nrequire = \"{claim}\"")
        });
        let text = format!("{text}{}", goals.collect::<String>());
        let mut study = study(&text);
        study
            .requirements
            .retain(|requirement| requirement.name.starts_with("cpu"));
        results(study, 1).requirements
    };
    let dead = include_str!("restart-of-the-dead.toml");
    let dead = &dead.replacen("format = 1", "format = 1\npreset = \"alloy-docs\"", 1);
    for row in with_goals(dead) {
        assert_eq!(row.verdict, Verdict::Fails, "{}", row.requirement.text);
        assert!(row.n < 20, "{} of 100 draws", row.n);
    }
    let alive = dead.replace("768MiB", "48GiB");
    for row in with_goals(&alive) {
        assert_eq!(row.verdict, Verdict::Holds, "{}", row.requirement.text);
    }
}
