//! What is random: what is spread between targets reaches sums, and what fleets share.

use alloy_sim::model::record::catalogue::{Failure, Metric, Track};
use alloy_sim::model::record::outcome::Outcome;
use alloy_sim::model::world::unknowns;

use crate::support::platform::of_pods;
use crate::support::scene::{Scene, blueprint, play, variant};

/// Whether `share` of what `values` come from lies below `limit`, within four standard errors.
fn splits(values: &[f64], share: f64, limit: f64) -> bool {
    let below = values.iter().filter(|&&value| value < limit).count() as f64;
    let count = values.len() as f64;
    let error = (share * (1.0 - share) / count).sqrt();
    (below / count - share).abs() <= 4.0 * error
}

/// The shares are those of the sum of ten lognormals with p5 = 30,000 and p95 = 450,000, from 400,000 sums that
/// a program in another language drew.
#[test]
fn the_total_of_few_large_targets_varies() {
    let text = include_str!("few-large-targets.toml");
    let scene = play(blueprint(text), 7, 400);
    let total = scene.values("fleet.m", Metric::SeriesActivePeak);
    for (share, limit) in [
        (0.05, 965_000.0),
        (0.25, 1_275_000.0),
        (0.5, 1_551_000.0),
        (0.75, 1_897_000.0),
        (0.95, 2_560_000.0),
    ] {
        assert!(splits(&total, share, limit), "{share}: {limit}");
    }
    assert!(!splits(&total, 0.5, 1_631_000.0 * 1.1));
    // The median of a target is unknown as well, and the sum is no narrower for it.
    let drawn = play(variant(text, "median drawn"), 7, 400);
    let [known, unknown] = [&scene, &drawn].map(|scene| spread(scene, "fleet.m").0);
    assert!(unknown > known, "{unknown} after {known}");
}

/// The variance of the total series of a fleet over its squared mean, and that mean.
fn spread(scene: &Scene, fleet: &str) -> (f64, f64) {
    let totals = scene.values(fleet, Metric::SeriesActivePeak);
    let count = totals.len() as f64;
    let mean = totals.iter().sum::<f64>() / count;
    let squares: f64 = totals.iter().map(|total| (total - mean).powi(2)).sum();
    (squares / (count - 1.0) / mean.powi(2), mean)
}

/// A lognormal with p5 = 500 and p95 = 2,000.
const SIGMA: f64 = 0.421_402;

/// Around the number of targets that are followed one by one, nothing jumps. 400 draws: the standard error of a
/// variance is about 7 %, and a sibling with half of the targets has twice the variance.
#[test]
fn the_variance_of_a_total_falls_with_the_number_of_targets() {
    let scv = (SIGMA * SIGMA).exp_m1();
    let each = 1_000.0 * (SIGMA * SIGMA / 2.0).exp();
    for (pods, share) in [
        (4, "clustering"),
        (300, "hashmod"),
        (4_096, "clustering"),
        (4_097, "clustering"),
        (50_000, "load-balancer"),
    ] {
        let text = of_pods(&format!(
            r#"
            experiment.horizon = "1h"
            experiment.start = "cold"
            workload.apps.pods = {pods}
            workload.apps.series_per_pod = {{ p5 = 500, p95 = 2000 }}
            fleet.all.replicas = 3
            fleet.all.share = "{share}"
        "#
        ));
        let (found, mean) = spread(&play(blueprint(&text), 5, 400), "fleet.all");
        let expected = scv / f64::from(pods);
        assert!(
            (found / expected - 1.0).abs() < 0.3,
            "{pods}: {found}, not {expected}"
        );
        let total = each * f64::from(pods);
        let z = (mean / total - 1.0) / (expected / 400.0).sqrt();
        assert!(z.abs() < 4.0, "{pods}: {mean}, not {total}");
    }
}

/// Two clusters of two targets each vary on their own: the sum of both has half the variance of one.
#[test]
fn every_cluster_has_its_own_total() {
    let text = of_pods(
        r#"
        experiment.horizon = "1h"
        experiment.start = "cold"
        cluster.prod.count = 2
        workload.apps.pods = 2
        workload.apps.series_per_pod = { p5 = 500, p95 = 2000 }
    "#,
    );
    let scene = play(blueprint(&text), 5, 400);
    let scv = (SIGMA * SIGMA).exp_m1();
    let (found, _) = spread(&scene, "fleet.all");
    assert!((found * 4.0 / scv - 1.0).abs() < 0.4, "{found}");
    // One collector per cluster: its share of the total is no constant.
    let largest = scene.values("fleet.all", Metric::SeriesPerCollectorPeak);
    let totals = scene.values("fleet.all", Metric::SeriesActivePeak);
    let uneven = largest.iter().zip(&totals);
    let uneven = uneven.filter(|&(largest, total)| largest / total > 0.55);
    assert!(uneven.count() > 200);
}

#[test]
fn targets_that_are_alike_have_a_known_total() {
    for pods in [10, 5_000] {
        let text = of_pods(&format!("workload.apps.pods = {pods}"));
        let scene = play(blueprint(&text), 5, 3);
        let total = 1_000.0 * f64::from(pods);
        for found in scene.values("fleet.all", Metric::SeriesActivePeak) {
            assert!((found / total - 1.0).abs() < 1e-9, "{found}");
        }
    }
}

/// The unknowns of a scene whose path ends so, one row per draw.
fn unknowns_of(scene: &Scene, ending: &str) -> Vec<Vec<f64>> {
    let names = unknowns(&scene.blueprint);
    let places: Vec<usize> = (0..names.len())
        .filter(|&place| names[place].ends_with(ending))
        .collect();
    let row = |outcome: &Outcome| {
        places
            .iter()
            .map(|&place| outcome.unknowns[place])
            .collect()
    };
    scene.outcomes.iter().map(row).collect()
}

/// Two fleets of the preset `alloy-docs`, one of which is changed.
fn two_fleets(changes: &str) -> Scene {
    let text = of_pods(&format!(
        r#"
        preset = "alloy-docs"
        experiment.horizon = "1h"
        experiment.start = "cold"
        fleet.edge.topology = "host-daemon"
        fleet.edge.runs_on = ["prod.general"]
        fleet.edge.collects = {{ metrics = ["apps"] }}
        fleet.edge.sends_to = ["backend"]
        {changes}
    "#
    ));
    play(blueprint(&text), 5, 20)
}

fn are_equal(row: &[f64]) -> bool {
    row[0].to_bits() == row[1].to_bits()
}

/// Bytes per series of two fleets of one program are one unknown, in whatever case. A fleet that states its own
/// has its own.
#[test]
fn constants_of_a_program_are_drawn_once() {
    let both = two_fleets("");
    for key in [
        "memory_per_series",
        "cpu_per_sample",
        "restarts",
        "gc_share",
    ] {
        let rows = unknowns_of(&both, key);
        assert!(
            rows.iter().all(|row| row.len() == 2 && are_equal(row)),
            "{key}"
        );
        assert!(rows.windows(2).all(|pair| pair[0] != pair[1]), "{key}");
    }
    let own = two_fleets(r#"fleet.edge.memory_per_series = { p50 = "6KB", p95 = "12KB" }"#);
    let rows = unknowns_of(&own, "memory_per_series");
    assert!(!rows.iter().any(|row| are_equal(row)));
    // The other fleet sees what it saw.
    let before = unknowns_of(&both, "all.memory_per_series");
    assert_eq!(unknowns_of(&own, "all.memory_per_series"), before);
    let named = two_fleets(
        r#"fleet.edge.memory_per_series = { p50 = "6KB", p95 = "12KB", correlated = "program.memory_per_series" }"#,
    );
    let rows = unknowns_of(&named, "memory_per_series");
    assert!(rows.iter().all(|row| are_equal(row)));
}

#[test]
fn workloads_may_share_an_unknown() {
    let grown = |[left, right]: [&str; 2]| {
        let growth = |name: &str| match name {
            "" => r#"{ p5 = "1%", p95 = "4%" }"#.to_owned(),
            name => format!(r#"{{ p5 = "1%", p95 = "4%", correlated = "{name}" }}"#),
        };
        let text = of_pods(&format!(
            r#"
            experiment.start = "cold"
            experiment.horizon = "1h"
            workload.apps.pods = {{ start = 1000, growth_per_30d = {} }}
            workload.web.runs_on = ["prod.general"]
            workload.web.pods = {{ start = 10, growth_per_30d = {} }}
            workload.web.series_per_pod = 10
        "#,
            growth(left),
            growth(right)
        ));
        unknowns_of(&play(blueprint(&text), 5, 20), "growth_per_30d")
    };
    let rows = grown(["growth", "growth"]);
    assert!(rows.iter().all(|row| row.len() == 2 && are_equal(row)));
    assert!(rows.windows(2).all(|pair| pair[0] != pair[1]));
    for names in [["", ""], ["growth", ""], ["growth", "other"]] {
        assert!(!grown(names).iter().any(|row| are_equal(row)), "{names:?}");
    }
}

/// A sidecar whose pod has a thousand times the series of the mean is counted as it is.
#[test]
fn no_collector_is_too_large_to_be_counted() {
    let text = of_pods(
        r#"
        experiment.horizon = "1h"
        experiment.start = "cold"
        workload.apps.pods = 2000
        workload.apps.measured = [1]
        fleet = [{ name = "all", topology = "sidecar", collects = { metrics = ["apps"] }, sends_to = ["backend"] }]
    "#,
    );
    let large = vec!["1"; 1_999].join(", ");
    let text = text.replace("series_per_pod = 1000", "");
    let text = text.replace(
        "measured = [1]",
        &format!("measured = [2_000_000, {large}]"),
    );
    let scene = play(blueprint(&text), 3, 20);
    let largest = scene.values("fleet.all", Metric::SeriesPerCollectorPeak);
    let seen = largest.iter().filter(|&&largest| largest > 1e6);
    // 2,000 pods take each value with 1/2,000: a large one is there in 1 − 1/e of the draws.
    assert!(seen.clone().count() >= 5, "{largest:?}");
    for &largest in seen {
        assert!((largest / 2e6 - 1.0).abs() < 1e-3, "{largest}");
    }
}

/// Two clusters that share nothing. `changes` are about the second one.
fn two_islands(changes: &str) -> Scene {
    let text = of_pods(&format!(
        r#"
        preset = "alloy"
        experiment.horizon = "2d"
        cluster.prod.pool = [{{ name = "general", nodes = 10, node = {{ cpu = 4, memory = "16GiB" }}, drains = "5d", node_failures = "20d" }}]
        workload.apps.pods = {{ start = 200, growth_per_30d = "20%" }}
        workload.apps.series_per_pod = {{ p5 = 500, p95 = 2000 }}
        workload.apps.rollouts = {{ per_day = 6, share = "30%" }}
        workload.apps.incidents = {{ per_30d = 20, factor = 3, time_to_fix = "2h" }}
        fleet.all.replicas = 3
        fleet.all.runs_on = ["prod.general"]
        fleet.all.restarts = "1d"
        fleet.all.updates = {{ every = "2d" }}
        fleet.all.resources = {{ memory = {{ limit = "1200MiB" }} }}
        endpoint.backend.outages = [{{ at = "12h", for = "30m" }}]
        cluster.other.pool = [{{ name = "nodes", nodes = 5, node = {{ cpu = 4, memory = "16GiB" }}, drains = "5d" }}]
        workload.far.runs_on = ["other.nodes"]
        workload.far.pods = 100
        workload.far.series_per_pod = {{ p5 = 500, p95 = 2000 }}
        workload.far.rollouts = {{ per_day = 6 }}
        fleet.far.topology = "host-daemon"
        fleet.far.runs_on = ["other.nodes"]
        fleet.far.collects = {{ metrics = ["far"] }}
        fleet.far.sends_to = ["elsewhere"]
        fleet.far.restarts = "1d"
        endpoint.elsewhere.signal = "metrics"
        endpoint.elsewhere.outages = [{{ at = "20h", for = "10m" }}]
        {changes}
    "#
    ));
    play(blueprint(&text), 11, 12)
}

/// What a fleet in a cluster of its own is set to changes nothing elsewhere, to the bit, and something there.
#[test]
fn a_fleet_in_a_cluster_of_its_own_changes_no_draws_of_another() {
    const HERE: [&str; 3] = ["fleet.all", "pool.prod.general", "endpoint.backend"];
    const THERE: [&str; 3] = ["fleet.far", "pool.other.nodes", "endpoint.elsewhere"];
    let usual = two_islands("");
    let kills = usual.values("fleet.all", Metric::RestartCount);
    assert!(kills.iter().sum::<f64>() > 0.0);
    for every in ["10m", "1h", "5h", "12h"] {
        let changed = two_islands(&format!("fleet.far.wal.truncate_every = \"{every}\""));
        for scope in HERE {
            assert!(changed.bits(scope) == usual.bits(scope), "{scope}, {every}");
        }
        assert!(changed.bits(THERE[0]) != usual.bits(THERE[0]), "{every}");
        assert!(
            changed.tracks("fleet.all", Track::Memory) == usual.tracks("fleet.all", Track::Memory)
        );
        let oom = |scene: &Scene| scene.first("fleet.all", Failure::Oom);
        assert_eq!(oom(&changed), oom(&usual));
        let offered = changed.values("fleet.far", Metric::SamplesOffered);
        assert!(offered.iter().all(|&offered| offered > 1e6), "{offered:?}");
    }
    // The other way round.
    let changed = two_islands("fleet.all.wal.truncate_every = \"6h\"");
    for scope in THERE {
        assert!(changed.bits(scope) == usual.bits(scope), "{scope}");
    }
    assert!(changed.bits(HERE[0]) != usual.bits(HERE[0]));
}

/// A fleet that is the only one of its case has the same draws as one beside another.
#[test]
fn a_fleet_that_is_added_elsewhere_changes_nothing() {
    let usual = two_islands("fleet.far.wal.truncate_every = \"12h\"");
    let more = two_islands(
        r#"fleet.far.wal.truncate_every = "12h"
        fleet.third.topology = "centralized"
        fleet.third.replicas = 2
        fleet.third.collects = { metrics = ["third"] }
        fleet.third.sends_to = ["third"]
        fleet.third.wal.truncate_every = "7h"
        cluster.third.pool = [{ name = "nodes", nodes = 5, node = { cpu = 4, memory = "16GiB" } }]
        workload.third.runs_on = ["third.nodes"]
        workload.third.pods = 100
        workload.third.series_per_pod = 100
        endpoint.third.signal = "metrics""#,
    );
    for scope in [
        "fleet.all",
        "fleet.far",
        "pool.other.nodes",
        "endpoint.backend",
    ] {
        assert!(more.bits(scope) == usual.bits(scope), "{scope}");
    }
}
