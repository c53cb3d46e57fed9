//! Autoscaled fleets as a whole: the trajectories of the recursion, memory that holds replicas up,
//! what replicas that come and go leave behind.

#![expect(
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "replicas are counted exactly"
)]

use alloy_sim::model::blueprint::Blueprint;
use alloy_sim::model::record::catalogue::{Metric, Track};
use alloy_sim::model::record::outcome::RecordKind;
use alloy_sim::model::world::{Recording, Replication, simulate};

use crate::support::scene::{Scene, blueprint, changed, play};

/// Pods of one core that want 1.5 cores together, 15 from the first hour on and 3 after 5 minutes
/// more, behind a load balancer; a replica is ready and measured at once.
const STEP: &str = r#"
format = 1
preset = "alloy-docs"
meta = { name = "step" }
experiment = { horizon = "2h", draws = 1, start = "cold" }
[[cluster]]
name = "prod"
pool = [{ name = "general", nodes = 40, node = { cpu = 64, memory = "512GiB" }, drains = "never" }]
[[workload]]
name = "apps"
runs_on = ["prod.general"]
pods = { start = 900, steps = [{ at = "1h", factor = 10 }, { at = "65m", factor = 0.2 }] }
series_per_pod = 1000
scrape_interval = "60s"
restarts_per_day = "0%"
[[fleet]]
name = "all"
topology = "centralized"
share = "load-balancer"
controller = "deployment"
replicas = 3
autoscaling = { min = 1, max = 60, cpu = "60%", metric_lag = "0s" }
resources = { cpu = { request = 1, limit = 2 } }
collects = { metrics = ["apps"] }
sends_to = ["backend"]
own_series = 0
cpu_per_sample = "100us"
restarts = "never"
restart_gap = "0s"
leave_takeover = "0s"
[[endpoint]]
name = "backend"
signal = "metrics"
"#;

/// A workload that is five times as large for an hour, on replicas that go by their memory.
const SPIKE: &str = r#"
format = 1
preset = "alloy-docs"
meta = { name = "spike" }
experiment = { horizon = "3d", draws = 1 }
[[cluster]]
name = "prod"
pool = [{ name = "general", nodes = 40, node = { cpu = 64, memory = "512GiB" }, drains = "never" }]
[[workload]]
name = "apps"
runs_on = ["prod.general"]
pods = { start = 1000, steps = [{ at = "10h", factor = 5 }, { at = "11h", factor = 0.2 }] }
series_per_pod = 1000
[[fleet]]
name = "all"
topology = "centralized"
autoscaling = { min = 2, max = 20, memory = "80%" }
resources = { memory = { request = "4GiB" } }
collects = { metrics = ["apps"] }
sends_to = ["backend"]
memory_per_series = "6KB"
base_memory = "120MB"
restarts = "never"
[[endpoint]]
name = "backend"
signal = "metrics"
"#;

/// The same by CPU.
const BY_CPU: &str = r#""fleet.all.autoscaling" = { min = 2, max = 20, cpu = "60%" }, "fleet.all.resources" = { memory = { request = "4GiB" }, cpu = { request = "300m" } }"#;

/// Every change of the number of replicas in one draw: `(seconds, replicas)`.
fn changes(blueprint: &Blueprint, draw: u32) -> Vec<(f64, u32)> {
    let (_, records) = simulate(blueprint, 1, Replication::first_of(draw), Recording::On);
    let scaled = records
        .rows
        .iter()
        .filter(|row| matches!(row.what, RecordKind::ScaledUp | RecordKind::ScaledDown));
    scaled
        .map(|row| (row.at.nanos() as f64 / 1e9, row.value as u32))
        .collect()
}

fn of(scene: &Scene, metric: Metric) -> f64 {
    scene.value("fleet.all", metric)
}

#[test]
fn a_step_of_the_load_is_followed_to_the_second() {
    let step = blueprint(STEP);
    let after = |seconds: f64| 3_600.0 + seconds;
    let expected = [
        (after(0.0), 7),
        (after(15.0), 14),
        (after(30.0), 25),
        (after(585.0), 5),
    ];
    assert_eq!(changes(&step, 0), expected);
    let scene = play(step, 1, 1);
    assert_eq!(of(&scene, Metric::CollectorsPeak), 25.0);
    assert_eq!(of(&scene, Metric::CollectorsStart), 3.0);
    assert_eq!(of(&scene, Metric::CollectorsEnd), 5.0);
    assert_eq!(of(&scene, Metric::ScaleUpCount), 3.0);
    assert_eq!(of(&scene, Metric::ScaleDownCount), 1.0);
    assert_eq!(of(&scene, Metric::PendingSeconds), 0.0);
}

#[test]
fn replicas_without_a_node_wait_for_one() {
    let crowded = changed(
        STEP,
        r#""fleet.all.runs_on" = ["prod.general"], "cluster.prod.pool.general.nodes" = 1, "cluster.prod.pool.general.node.cpu" = 8, "fleet.all.autoscaling.node_provisioning" = "200s""#,
    );
    // Those that wait count as using nothing, which leaves the sum, and so the number, as it was.
    let scaled = changes(&crowded, 0);
    assert_eq!(&scaled[..3], &changes(&blueprint(STEP), 0)[..3]);
    let crowded = play(crowded, 1, 1);
    // A node has room for eight: 6 of 14 wait, 2 of 25 join them, 9 wait for two nodes more.
    let waited = 6.0 * 200.0 + 2.0 * 185.0 + 9.0 * 200.0;
    assert_eq!(of(&crowded, Metric::PendingSeconds), waited);
}

/// 20 of 25 replicas go at once: their targets are missed until the others notice, and half an
/// interval more.
#[test]
fn what_leaving_replicas_had_is_missed_until_others_own_it() {
    let slow = changed(STEP, r#""fleet.all.leave_takeover" = "10s""#);
    let scene = play(slow, 1, 1);
    let per_second = 1_800.0 * 1_000.0 / 60.0;
    let missed = per_second * 20.0 / 25.0 * (10.0 + 30.0);
    let simulated = of(&scene, Metric::MissedDown);
    assert!(
        (simulated / missed - 1.0).abs() < 2e-6,
        "{simulated} is not {missed}"
    );
    assert_eq!(of(&scene, Metric::RestartCount), 0.0);
}

#[test]
fn every_cluster_has_an_autoscaler_of_its_own() {
    let two = changed(STEP, r#""cluster.prod.count" = 2"#);
    let scaled = changes(&two, 0);
    assert_eq!(scaled.len(), 8);
    assert!(
        scaled.chunks(2).all(|both| both[0] == both[1]),
        "{scaled:?}"
    );
    let scene = play(two, 1, 1);
    assert_eq!(of(&scene, Metric::CollectorsPeak), 50.0);
    assert_eq!(of(&scene, Metric::CollectorsEnd), 10.0);
}

/// After a spike of an hour the load is what it was. Memory in proportion to the series would need as
/// many replicas as before; memory that is kept holds every replica up, until processes end.
#[test]
fn memory_that_is_kept_holds_replicas_up() {
    let spike = blueprint(SPIKE);
    let collectors = play(spike, 1, 3).tracks("fleet.all", Track::Collectors);
    // A point every 72 minutes: before the spike, and at the end, 61 hours after it.
    let (request, series) = (4.0 * 1_073_741_824.0, 1e6);
    let own = 2.0 * 120e6 + 75e6 + 1_000.0 * 6_000.0;
    let naive = |replicas: f64| {
        let each = series * 6_000.0 / replicas + own;
        (replicas * each / request / 0.8).ceil()
    };
    for track in &collectors {
        assert!(track[8] <= naive(track[8]), "{track:?}");
        assert!(
            track[60] > 2.0 * naive(track[60]).max(track[8]),
            "{track:?}"
        );
        let after = track[10..].to_vec();
        assert!(after.is_sorted(), "nobody goes: {after:?}");
    }
    let ended = play(changed(SPIKE, r#""fleet.all.restarts" = "8h""#), 1, 3);
    for (ended, kept) in ended
        .values("fleet.all", Metric::CollectorsEnd)
        .into_iter()
        .zip(&collectors)
    {
        assert!(ended < kept[60], "{ended} of {}", kept[60]);
    }
    let by_cpu = play(changed(SPIKE, BY_CPU), 1, 3);
    assert!(of(&by_cpu, Metric::ScaleUpCount) > 0.0);
    let end = by_cpu.values("fleet.all", Metric::CollectorsEnd);
    let start = by_cpu.values("fleet.all", Metric::CollectorsStart);
    // Within the tolerance of a tenth two neighbouring numbers of replicas may rest.
    for (end, start) in end.iter().zip(&start) {
        assert!((end - start).abs() <= 1.0, "{end} after {start}");
    }
}

/// Replicas that go by CPU go soon after the spike, while its dead series are still in the memory of
/// those that stay. They get the targets of the others, and none of their dead series.
#[test]
fn dead_series_do_not_move_with_their_targets() {
    let set = format!(r#"{BY_CPU}, "fleet.all.share" = "load-balancer""#);
    let scene = play(changed(SPIKE, &set), 1, 6);
    assert!(of(&scene, Metric::ScaleDownCount) >= 1.0);
    for track in scene.tracks("fleet.all", Track::Memory) {
        // Up to 48 minutes into the spike, and from there to an hour after it.
        assert!(
            track[10] < 1.25 * track[9],
            "{} then {}",
            track[9],
            track[10]
        );
    }
}

/// Replicas that are scaled away while a rollout replaces them do not hold it up, and their successors
/// do not come to life after them: what is offered stays accounted for in every draw.
#[test]
fn rollouts_outlive_the_replicas_they_replace() {
    let ordered = r#""fleet.all.pod_management" = "ordered""#;
    let deployment = r#""fleet.all.controller" = "deployment", "fleet.all.volume" = false"#;
    for controller in [ordered, deployment] {
        let set = format!(
            r#"{BY_CPU}, {controller}, "fleet.all.updates" = {{ every = "2h", max_unavailable = 1, min_ready = "5m" }}, "fleet.all.resources.cpu.request" = "50m", "workload.apps.pods" = {{ start = 1000, season = {{ daily = "90%" }} }}"#
        );
        let scene = play(changed(SPIKE, &set), 1, 10);
        assert!(of(&scene, Metric::ScaleDownCount) >= 1.0);
        assert!(of(&scene, Metric::RolloutCount) >= 30.0);
        // At most 20 replicas one after another, each ready for 5 minutes after at most one of restart.
        for longest in scene.values("fleet.all", Metric::RolloutPeakSeconds) {
            assert!(longest < 20.0 * 360.0, "{controller}: {longest} s");
        }
    }
}

/// Whoever may have more never has fewer at most.
#[test]
fn a_higher_maximum_never_lowers_the_peak() {
    for share in ["clustering", "hashmod", "load-balancer"] {
        let mut before = vec![0.0; 4];
        for max in [2, 3, 4, 6, 9, 14, 20] {
            let set = format!(
                r#""fleet.all.share" = "{share}", "fleet.all.autoscaling.max" = {max}, "workload.apps.rollouts" = {{ per_day = 6, share = "30%" }}"#
            );
            let peaks =
                play(changed(SPIKE, &set), 1, 4).values("fleet.all", Metric::CollectorsPeak);
            let holds = peaks.iter().zip(&before).all(|(now, before)| now >= before);
            assert!(holds, "{share}: {peaks:?} after {before:?}");
            before = peaks;
        }
        assert!(before.iter().all(|&peak| peak > 4.0), "{share}: {before:?}");
    }
}

/// Replicas that go before the recorded time leave ports to others, whose processes stand for ones that
/// began a truncation earlier: those send again.
#[test]
fn ports_of_replicas_that_went_serve_others() {
    let set = r#""fleet.all.replicas" = 20, "fleet.more" = { topology = "centralized", replicas = 10, collects = { metrics = ["apps"] }, sends_to = ["backend"] }, "endpoint.backend.via" = "nat", "egress.nat" = { provider = "custom", ports_per_address = 15, sharing = "shared", hold = "0s" }, "workload.apps.pods" = 1000"#;
    let scene = play(changed(SPIKE, set), 1, 3);
    assert!(of(&scene, Metric::CollectorsStart) <= 5.0);
    assert_eq!(scene.value("fleet.more", Metric::SamplesPending), 0.0);
}

/// An autoscaler that may change nothing changes nothing: the fleet is the one without it, to the bit.
#[test]
fn a_pinned_autoscaler_is_none() {
    const EVENTFUL: &str = r#""workload.apps.rollouts" = { per_day = 6, share = "30%" }, "fleet.all.restarts" = "2d", "endpoint.backend.outages" = [{ at = "20h", for = "3h" }], "fleet.all.runs_on" = ["prod.general"], "cluster.prod.pool.general.drains" = "1d""#;
    for share in ["clustering", "hashmod", "load-balancer"] {
        let with = |autoscaling: &str, unset: &str| {
            let text = format!(
                "{SPIKE}\n[[variant]]\nname = \"changed\"\nset = {{ {EVENTFUL}, \"fleet.all.share\" = \"{share}\", {autoscaling} }}\nunset = [{unset}]\n"
            );
            play(crate::support::scene::variant(&text, "changed"), 1, 3)
        };
        let pinned = with(
            r#""fleet.all.autoscaling" = { min = 5, max = 5, memory = "80%" }"#,
            "",
        );
        let fixed = with(r#""fleet.all.replicas" = 5"#, r#""fleet.all.autoscaling""#);
        let known = |scene: &Scene| {
            let mut bits = scene.bits("fleet.all");
            bits.retain(|(metric, _)| {
                !matches!(
                    metric,
                    Metric::ScaleUpCount | Metric::ScaleDownCount | Metric::PendingSeconds
                )
            });
            bits
        };
        assert_eq!(known(&pinned), known(&fixed), "{share}");
        assert!(of(&fixed, Metric::RestartCount) > 5.0);
    }
}
