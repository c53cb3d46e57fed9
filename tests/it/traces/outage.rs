//! Outages of an endpoint of traces: a queue fills, requests in hand age, and clients are refused.

use alloy_sim::model::record::catalogue::{Failure, Metric};

use super::{fates, scene, value};

/// Twelve minutes in which 100 requests of ten spans come each second.
const OUTAGE: &str = r#"
    endpoint.tempo.outages = [{ at = "1h", for = "12m" }]
"#;

#[track_caller]
fn within(value: f64, (least, most): (f64, f64)) {
    assert!(
        (least..=most).contains(&value),
        "{value} is not within {least} and {most}"
    );
}

/// Source: `docs/model/traces.md`: 1,000 requests are held, about 20 are given up, and about 71,000 never
/// get in. The wait for the first answer adds to the outage.
#[test]
fn a_queue_of_a_thousand_requests_in_twelve_minutes() {
    let scene = scene(OUTAGE);
    let given_up = value(&scene, Metric::SpansSendFailed) / 10.0;
    assert!((given_up - 20.0).abs() < 0.1, "{given_up}");
    let refused = value(&scene, Metric::SpansRefusedReceiver) / 10.0;
    within(refused, (70_980.0, 70_980.0 + 4_500.0));
    assert!((value(&scene, Metric::OtlpQueuePeakRatio) - 1.0).abs() < 1e-6);
    assert!(value(&scene, Metric::SpansEnqueueFailed).abs() < 1e-9);
    // The queue has left again, and every span has a fate.
    assert!(value(&scene, Metric::SpansPending).abs() < 1e-9);
    let offered = value(&scene, Metric::SpansOffered);
    assert!((offered - 7_200_000.0).abs() < 1.0 && (fates(&scene) - offered).abs() < 1.0);
    assert!(
        scene.first("fleet.all", Failure::SpansLost)[0]
            .is_some_and(|at| { (at - 3_610.0).abs() < 1.0 })
    );
}

/// A batch leaves every 200 ms whatever the rate is: 5 requests per second at 1,000 spans per second. The
/// same loss then shows as `enqueue_failed`, and nobody is refused.
#[test]
fn a_batch_hides_what_fails_behind_it() {
    let on = [OUTAGE, "    fleet.all.otlp.batch = true\n"].concat();
    let scene = scene(&on);
    assert!(value(&scene, Metric::SpansRefusedReceiver).abs() < 1e-9);
    // 200 s of spans are held, and two times ten batches of 200 spans are given up.
    let given_up = value(&scene, Metric::SpansSendFailed);
    assert!((given_up - 4_000.0).abs() < 5.0, "{given_up}");
    let failed = value(&scene, Metric::SpansEnqueueFailed);
    within(
        failed,
        (720_000.0 - 204_100.0, 720_000.0 - 204_000.0 + 45_100.0),
    );
    let first = scene.first("fleet.all", Failure::SpansLost)[0];
    assert!(
        first.is_some_and(|at| (at - 3_800.0).abs() < 1.0),
        "{first:?}"
    );
}

/// Whatever bounds a queue, an outage of half its length loses nothing, and one that it just bears less
/// than one twice as long.
#[test]
fn each_size_bounds_its_unit() {
    for (by, size) in [
        ("requests", 6_000.0),
        ("items", 60_000.0),
        ("bytes", 26_820_000.0),
    ] {
        let queue = format!(
            "    fleet.all.otlp.queue_by = \"{by}\"\n    fleet.all.otlp.queue_size = {size}\n"
        );
        let outage = |seconds: u64| {
            let away =
                format!("    endpoint.tempo.outages = [{{ at = \"1h\", for = \"{seconds}s\" }}]\n");
            scene(&[queue.as_str(), &away].concat())
        };
        let refused = |seconds| value(&outage(seconds), Metric::SpansRefusedReceiver);
        // 60,000 spans are a minute's; the first answer comes up to 45 s later.
        assert!(refused(15).abs() < 1e-9, "{by}");
        within(refused(120), (60_000.0 - 1.0, 60_000.0 + 45_001.0));
    }
}

/// A disk keeps what waits over a restart, and holds no more.
#[test]
fn a_disk_is_for_restarts() {
    let restart = r#"
    fleet.all.updates = { at = ["62m"] }
    endpoint.tempo.outages = [{ at = "1h", for = "12m" }]
    "#;
    let lost = |storage: bool| {
        let storage = format!("\n    fleet.all.otlp.storage = {storage}\n");
        let scene = scene(&[restart, &storage].concat());
        assert!((value(&scene, Metric::OtlpQueuePeakRatio) - 1.0).abs() < 1e-6);
        assert!((fates(&scene) - value(&scene, Metric::SpansOffered)).abs() < 1.0);
        value(&scene, Metric::SpansLostRestart)
    };
    assert!((lost(false) - 10_000.0).abs() < 1.0, "{}", lost(false));
    assert!(lost(true).abs() < 1e-9);
}

/// What an endpoint cannot take fills the queue, and the rest never gets in.
#[test]
fn a_slow_endpoint_fills_the_queue() {
    let slow = scene("    endpoint.tempo.capacity = 600\n");
    assert!((value(&slow, Metric::SpansSent) - 600.0 * 7_200.0).abs() < 10.0);
    assert!((value(&slow, Metric::SpansPending) - 10_000.0).abs() < 10.0);
    // Ten consumers with requests of ten spans in hand for 0.1 s each.
    let consumers = scene("    endpoint.tempo.latency = \"125ms\"\n");
    assert!((value(&consumers, Metric::SpansSent) - 800.0 * 7_200.0).abs() < 10.0);
    let rejects = scene("    endpoint.tempo.rejects = \"1%\"\n");
    assert!((value(&rejects, Metric::SpansRejected) - 72_000.0).abs() < 1.0);
    assert!((value(&rejects, Metric::SpansLossRatio) - 0.01).abs() < 1e-6);
}

/// Spans for which nobody is there are missed.
#[test]
fn a_single_replica_that_restarts_misses_spans() {
    let scene = scene(
        "    fleet.all.updates = { at = [\"30m\"], max_unavailable = 1, surge = 0 }\n    fleet.all.restart_gap = \"20s\"\n",
    );
    let missed = value(&scene, Metric::SpansMissedDown);
    within(missed, (20_000.0 - 1.0, 60_000.0));
    assert!((fates(&scene) - value(&scene, Metric::SpansOffered)).abs() < 1.0);
}
