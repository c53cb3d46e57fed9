//! CPU and memory of one collector, and jobs that nobody sees.

use alloy_sim::model::record::catalogue::{Failure, Metric};

use super::assert_all;
use crate::support::platform::{of_jobs, of_pods};
use crate::support::scene::{Estimate, SEEDS, Scene, blueprint, changed, play};

/// A collector with 1,000 series once a minute, three times as many after a day: one core second per
/// scrape, and nearly three quarters of a core for nothing.
const PROCESS: &str = r#"
    experiment.horizon = "2d"
    cluster.prod.pool = [{ name = "general", nodes = 1, node = { cpu = 4, memory = "16GiB" } }]
    workload.apps.pods = { start = 1, steps = [{ at = "24h", factor = 3 }] }
    workload.apps.scrape_timeout = "60s"
    fleet = [{ name = "all", topology = "host-daemon", runs_on = ["prod.general"], collects = { metrics = ["apps"] }, sends_to = ["backend"] }]
    fleet.all.resources = { cpu = { limit = 1 } }
    fleet.all.cpu_per_sample = "1ms"
    fleet.all.cpu_per_scrape = "0s"
    fleet.all.cpu_per_new_series = "0s"
"#;

/// The collector with so many cores for nothing.
fn idle(cores: f64) -> Scene {
    let set = format!(r#""fleet.all.idle_cpu" = {cores}"#);
    play(changed(&of_pods(PROCESS), &set), 1, 1)
}

/// At three quarters of a core a scrape takes 1/(1 - 3/4) times the core second that it costs, as in a
/// queue with processor sharing. In three quarters of all periods two threads use up the quota of one core
/// after 50 of 100 milliseconds.
#[test]
fn a_scrape_takes_its_cost_over_what_is_left() {
    let demand = 0.7 + 3.0 / 60.0;
    let expected = [
        ("fleet.all", Metric::CpuPeak, demand),
        ("fleet.all", Metric::CpuPeakRatio, demand),
        ("fleet.all", Metric::ScrapePeak, 4.0 + 0.75 * 0.05),
    ];
    let scene = idle(0.7);
    assert_all(&scene, &idle(0.735), &expected);
    assert!(!scene.fails("fleet.all", Failure::CpuShort));
}

/// From the day on which more than one core is wanted, scrapes take as much longer than their interval as
/// is wanted over what there is.
#[test]
fn a_collector_is_short_of_cpu_from_the_step_on() {
    let scene = idle(0.97);
    let demand = 0.97 + 3.0 / 60.0;
    let expected = [("fleet.all", Metric::ScrapePeak, 60.0 * demand)];
    assert_all(&scene, &idle(1.018_5), &expected);
    let first = scene.first("fleet.all", Failure::CpuShort);
    assert_eq!(first, [Some(86_400.0)]);
    // What there is no CPU for is missed from then on.
    let missed = scene.value("fleet.all", Metric::MissedCpu);
    let due = 3_000.0 * 1_440.0 * (1.0 - 1.0 / demand);
    assert!((missed - due).abs() <= 1.0, "{missed} is not {due}");
}

/// 1,000 series of 10 kB, half as much again while their log is read back.
#[test]
fn a_replay_needs_its_factor() {
    let replay = |factor: f64| {
        let set = format!(
            r#""workload.apps.pods" = 1, "fleet.all.idle_cpu" = 0, "fleet.all.volume" = true, "fleet.all.restarts" = "1h", "fleet.all.replay_peak" = {factor}"#
        );
        play(changed(&of_pods(PROCESS), &set), 1, 1)
    };
    let expected = [
        ("fleet.all", Metric::MemoryReplayPeak, 15e6),
        ("fleet.all", Metric::MemoryRestartPeak, 15e6),
    ];
    assert_all(&replay(1.5), &replay(1.575), &expected);
}

/// Jobs of half an interval, scraped at a uniform phase: half of them end unseen.
#[test]
fn half_of_the_jobs_of_half_an_interval_are_unseen() {
    for seed in SEEDS {
        let cold = of_jobs("experiment.start = \"cold\"");
        let scene = play(blueprint(&cold), seed, 600);
        let unseen = scene.values("fleet.all", Metric::JobsUnseen);
        Estimate::of(&unseen).assert_agrees(600.0, 0.005);
    }
}

/// A central fleet counts the ones that are expected.
#[test]
fn a_central_fleet_expects_as_many() {
    let central = |per_hour: u32| {
        let text = of_jobs(&format!(
            r#"
            fleet.all.topology = "centralized"
            fleet.all.replicas = 1
            workload.batch.jobs.per_hour = {per_hour}"#
        ));
        play(blueprint(&text), 1, 1)
    };
    let expected = [("fleet.all", Metric::JobsUnseen, 600.0)];
    assert_all(&central(1_200), &central(1_260), &expected);
}
