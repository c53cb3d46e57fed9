//! More of one thing, never less of another: what must hold for any numbers, on small random
//! scenarios. Frame: fixed placement, names kept, the same draws on both sides.

use alloy_sim::model::record::catalogue::{Failure, Metric};
use proptest::prelude::*;

use crate::support::platform::{of_jobs, of_pods};
use crate::support::properties::properties;
use crate::support::scene::{Estimate, Scene, changed, play};

/// A small platform near its limits, without what a test adds.
const SMALL: &str = r#"
    preset = "alloy-docs"
    experiment.horizon = "10d"
    cluster.prod.pool = [{ name = "general", nodes = 6, node = { cpu = 16, memory = "64GiB" } }]
    workload.apps.pods = { start = 100, growth_per_30d = { p5 = "2%", p95 = "40%" }, season = { daily = "20%" } }
    workload.apps.series_per_pod = { p5 = 400, p95 = 9000 }
    workload.apps.rollouts = { per_day = 3, share = "30%" }
    fleet.all.replicas = 3
    endpoint.backend.via = "nat"
    egress = [{ name = "nat", provider = "custom", ports_per_address = 20, sharing = "shared", hold = "1m" }]
"#;

/// Jobs whose sidecars compete for a few ports.
const FEW_PORTS: &str = r#"
    experiment.horizon = "6h"
    workload.batch.jobs = { per_hour = 400, lifetime = { p50 = "90s", p95 = "9m" } }
    endpoint.backend.via = "nat"
    egress = [{ name = "nat", provider = "custom", ports_per_address = 5, sharing = "shared", hold = "30s" }]
"#;

const DRAWS: u32 = 6;

fn small(set: &str) -> Scene {
    play(changed(&of_pods(SMALL), set), 1, DRAWS)
}

fn mean(scene: &Scene, metric: Metric) -> f64 {
    Estimate::of(&scene.values("fleet.all", metric)).mean
}

/// The topologies, with what else they need set.
fn topology() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just(r#""fleet.all.share" = "clustering""#),
        Just(r#""fleet.all.share" = "hashmod""#),
        Just(r#""fleet.all.controller" = "deployment""#),
        Just(
            r#""fleet.all" = { topology = "host-daemon", runs_on = ["prod.general"], collects = { metrics = ["apps"] }, sends_to = ["backend"] }"#
        ),
        Just(
            r#""fleet.all" = { topology = "sidecar", collects = { metrics = ["apps"] }, sends_to = ["backend"] }"#
        ),
    ]
}

proptest! {
    #![proptest_config(properties(32))]

    /// Until the first kill under the smaller limit both are the same, so it holds draw by draw; from a
    /// cold start, for a running fleet may have had its first kill before the recorded time.
    #[test]
    fn more_memory_never_brings_an_earlier_kill(
        topology in topology(),
        mebibytes in 200..4_000_u32,
        more in 1..2_000_u32,
    ) {
        let first = |limit: u32| {
            let limit = format!(r#"{topology}, "experiment.start" = "cold", "fleet.all.resources" = {{ memory = {{ limit = "{limit}MiB" }} }}"#);
            small(&limit).first("fleet.all", Failure::Oom)
        };
        for (less, more) in first(mebibytes).into_iter().zip(first(mebibytes + more)) {
            let never = f64::INFINITY;
            prop_assert!(less.unwrap_or(never) <= more.unwrap_or(never), "{less:?} {more:?}");
        }
    }

    /// Without limits nothing but memory itself changes.
    #[test]
    fn more_bytes_or_series_never_need_less_memory(
        topology in topology(),
        bytes in 3_000..12_000_u32,
        series in 100..9_000_u32,
        factor in 1.0..2.0_f64,
    ) {
        let needed = |bytes: f64, series: f64| {
            let set = format!(
                r#"{topology}, "fleet.all.memory_per_series" = "{bytes}B", "workload.apps.series_per_pod" = {series}"#
            );
            let scene = small(&set);
            let values = |metric| scene.values("fleet.all", metric);
            [values(Metric::MemoryLimitNeeded), values(Metric::MemoryPeak), values(Metric::MemoryRestartPeak)]
        };
        let (bytes, series) = (f64::from(bytes), f64::from(series));
        let base = needed(bytes, series);
        for more in [needed(bytes * factor, series), needed(bytes, series * factor)] {
            for (base, more) in base.iter().flatten().zip(more.iter().flatten()) {
                prop_assert!(more >= base, "{base} {more}");
            }
        }
    }

    #[test]
    fn one_more_address_never_blocks_more(addresses in 1..8_u32, jobs in 100..1_000_u32) {
        let lost = |addresses: u32| {
            let set = format!(
                r#""workload.batch.jobs.per_hour" = {jobs}, "egress.nat.addresses" = {addresses}"#
            );
            mean(&play(changed(&of_jobs(FEW_PORTS), &set), 1, DRAWS), Metric::LostExit)
        };
        prop_assert!(lost(addresses + 1) <= lost(addresses));
    }

    /// On average over draws: which truncation an outage meets is chance.
    #[test]
    fn a_longer_outage_never_loses_less(
        topology in topology(),
        minutes in 5..1_200_u32,
        longer in 1.2..3.0_f64,
    ) {
        let lost = |minutes: f64| {
            let outage = format!(r#"[{{ at = "2d", for = "{minutes}m" }}]"#);
            mean(&small(&format!(r#"{topology}, "endpoint.backend.outages" = {outage}"#)), Metric::LossRatio)
        };
        prop_assert!(lost(f64::from(minutes) * longer) >= lost(f64::from(minutes)));
    }

    #[test]
    fn without_failures_nothing_restarts(topology in topology(), seed in 0..1_000_u64) {
        let set = |restarts: &str| format!(
            r#"{topology}, "fleet.all.restarts" = "{restarts}", "cluster.prod.pool.general.drains" = "never""#
        );
        let scene = play(changed(&of_pods(SMALL), &set("never")), seed, 2);
        for metric in [Metric::RestartCount, Metric::DownSeconds, Metric::OomCount, Metric::MissedDown] {
            prop_assert!(mean(&scene, metric) <= 0.0, "{metric:?}");
        }
        prop_assert!(mean(&small(&set("1d")), Metric::RestartCount) > 0.0);
    }
}
