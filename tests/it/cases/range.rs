//! What can be counted exactly, and what happens beyond.

use std::sync::atomic::AtomicBool;

use alloy_sim::experiment::run::{Options, Stopped, run};
use alloy_sim::experiment::study::Study;
use alloy_sim::model::load::driver::EXTENT_MAX;
use alloy_sim::model::record::catalogue::Metric;
use alloy_sim::model::wal::grid_of;
use alloy_sim::model::world::{Recording, Replication, Scratch, Simulation};

use crate::invalid::messages;
use crate::scenario::load_bytes;
use crate::support::platform::platform;
use crate::support::scene::{blueprint, changed, play, study};

const NEGATIVE: &str = include_str!("ledger-overflow-negative.toml");
const PANIC: &str = include_str!("ledger-overflow-panic.toml");
const SILENT: &str = include_str!("ledger-overflow-silent.toml");

/// Every draw is likely to stay within the range for each quantity alone; both together may not.
pub(crate) const BEYOND: &str = include_str!("beyond-in-a-draw.toml");

fn with(text: &str, set: &str) -> String {
    format!("{text}\n[[variant]]\nname = \"changed\"\nset = {{ {set} }}\n")
}

#[test]
fn what_cannot_be_counted_is_refused_with_path_and_bound() {
    for (text, path) in [
        (NEGATIVE, "workload.w.series_per_pod"),
        (PANIC, "workload.w.series_per_pod"),
        (SILENT, "workload.w.series_per_pod"),
    ] {
        let shown = messages("test.toml", text.as_bytes());
        assert!(shown.starts_with("error"), "{shown}");
        for part in [
            path,
            "99.9999th percentile",
            "at most",
            "help: lower",
            "series_per_pod =",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    }
}

/// The silent input with fewer series: 100 pods for the one that is accepted.
#[test]
fn each_quantity_is_refused_by_its_own_path() {
    let few = SILENT.replace("pods = 1000000", "pods = 100");
    let of = |set: &str| messages("test.toml", with(&few, set).as_bytes());
    for (set, path) in [
        (
            r#""workload.w.pods" = { p5 = 1, p95 = 1e4 }"#,
            "workload.w.pods",
        ),
        (
            r#""workload.w.pods" = { start = 100, growth_per_30d = { p5 = "-60%", p95 = "70%" } }"#,
            "workload.w.pods.growth_per_30d",
        ),
        (
            r#""workload.w.incidents" = { per_30d = 1, factor = { p50 = 1, p95 = 4 }, time_to_fix = "1h" }"#,
            "workload.w.incidents.factor",
        ),
    ] {
        let shown = of(set);
        assert!(shown.contains(&format!("`{path}` makes")), "{set}: {shown}");
        assert!(shown.contains("in case `changed`"), "{set}: {shown}");
    }
    for (from, to, path) in [
        ("horizon = \"30d\"", "horizon = \"3000d\"", "series_per_pod"),
        (
            "restarts_per_day",
            "giant = [{ name = \"g\", series = { p5 = 1e5, p95 = 1e9 } }]\nrestarts_per_day",
            "giant.g.series",
        ),
    ] {
        let shown = messages("test.toml", few.replace(from, to).as_bytes());
        let makes = format!("error: `workload.w.{path}` makes");
        assert!(shown.starts_with(&makes), "{shown}");
    }
}

/// Own series and the nodes of machines belong to what is checked.
#[test]
fn own_series_and_nodes_are_checked() {
    let own = with(
        &SILENT
            .replace("pods = 1000000", "pods = 1")
            .replace("horizon = \"30d\"", "horizon = \"300d\""),
        r#""fleet.f.own_series" = 1e7, "fleet.f.replicas" = 10000"#,
    );
    let shown = messages("test.toml", own.as_bytes());
    assert!(shown.contains("`fleet.f.own_series` makes"), "{shown}");
    let machines = platform(
        r#"
        experiment.horizon = "300d"
        workload.hosts.series_per_target = 1000000
        cluster.prod.pool = [{ name = "general", nodes = { p50 = 1000, p95 = 100000 }, node = { cpu = 64, memory = "512GiB" } }]
    "#,
    );
    let shown = messages("test.toml", machines.as_bytes());
    assert!(shown.contains("nodes of prod.general` makes"), "{shown}");
    let few = machines.replace("p95 = 100000", "p95 = 1100");
    assert!(few != machines);
    let shown = messages("test.toml", few.as_bytes());
    assert!(!shown.contains("makes"), "{shown}");
}

#[test]
fn just_within_the_range_everything_is_counted() {
    // A cold start, so that no backlog of the warm-up counts as well.
    let few = SILENT.replace("pods = 1000000", "pods = 100");
    let few = few.replace("draws = 1\n", "draws = 1\nstart = \"cold\"\n");
    for (set, minutes) in [
        (r#""fleet.f.replicas" = 2"#, 1.0),
        (
            r#""workload.w.pods" = 100, "workload.w.scrape_interval" = "1s""#,
            1.0 / 60.0,
        ),
        (r#""workload.w.pods" = 50, "fleet.f.replicas" = 1"#, 2.0),
    ] {
        let blueprint = changed(&few, set);
        let end = grid_of(&blueprint).end.nanos() as f64;
        assert!(1e11 * end < EXTENT_MAX && 2e11 * end > EXTENT_MAX);
        let scene = play(blueprint, 1, 1);
        let expected = 1e11 * 30.0 * 1_440.0 / minutes;
        let offered = scene.value("fleet.f", Metric::SamplesOffered);
        assert!(
            (offered / expected - 1.0).abs() < 1e-9,
            "{set}: {offered:e}"
        );
        let scraped = scene.value("fleet.f", Metric::SamplesScraped);
        let missed =
            scene.value("fleet.f", Metric::MissedDown) + scene.value("fleet.f", Metric::MissedCpu);
        assert!(((scraped + missed) / offered - 1.0).abs() < 1e-9, "{set}");
    }
}

/// The first draw of the base that has no world, one by one.
fn first_beyond(study: &Study) -> u32 {
    let blueprint = &study.cases[0].blueprint;
    let is_beyond = |&draw: &u32| {
        let which = Replication::first_of(draw);
        let mut scratch = Scratch::default();
        Simulation::new(blueprint, study.seed, which, Recording::Off, &mut scratch).is_err()
    };
    (0..study.draws.most()).find(is_beyond).unwrap()
}

#[test]
fn a_draw_beyond_the_range_has_its_path_and_its_number() {
    let interrupted = AtomicBool::new(false);
    // The first one by its number, whatever the threads do.
    let first = first_beyond(&study(BEYOND));
    for threads in [1, 2, 4] {
        let options = Options {
            threads,
            interrupted: &interrupted,
            on_progress: &|_| {},
            stopwatches: &[],
        };
        let stopped = run(study(BEYOND), &options).unwrap_err();
        let Stopped::Beyond { case, beyond, draw } = &stopped else {
            panic!("{stopped:?}");
        };
        assert_eq!(
            (case.as_str(), beyond.path.as_str()),
            ("base", "workload.w.series_per_pod")
        );
        assert_eq!(*draw, first);
        assert!(beyond.value > beyond.most, "{beyond:?}");
        assert!(
            stopped
                .to_string()
                .contains(&format!("draw {draw} of case base"))
        );
    }
    let most = EXTENT_MAX / grid_of(&blueprint(BEYOND)).end.nanos() as f64;
    assert!(load_bytes("test.toml", BEYOND.as_bytes()).is_ok() && most > 1e12);
}
