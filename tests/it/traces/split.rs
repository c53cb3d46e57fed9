//! Traces whose spans reach several collectors, against simulations of single traces.

use alloy_sim::engine::{RandomStream, RandomStreams};
use alloy_sim::model::record::catalogue::Metric;

use super::{text, value};
use crate::support::scene::{Estimate, blueprint, play, results, study};

/// The share of traces that is split, with changes.
fn ratio(changes: &str, draws: u32) -> Estimate {
    let calm = "    workload.apps.restarts_per_day = \"0%\"\n    workload.apps.requests_per_trace = 4\n    fleet.all.replicas = 4\n";
    let scene = play(blueprint(&text(&[calm, changes].concat())), 1, draws);
    Estimate::of(&scene.values("fleet.all", Metric::TracesSplitRatio))
}

fn random() -> RandomStream {
    RandomStreams::new(7, 0).stream(1, 2, 3)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0..count"
)]
fn pick(stream: &mut RandomStream, count: usize) -> usize {
    ((stream.unit() * count as f64) as usize).min(count - 1)
}

/// Each of four requests finds one of four replicas: whole with 4^-3.
#[test]
fn a_round_robin_leaves_few_traces_whole() {
    let share = ratio(
        "    fleet.all.otlp.balancer = { kind = \"round-robin\" }\n",
        1,
    )
    .mean;
    assert!((share - (1.0 - 4_f64.powi(-3))).abs() < 1e-6, "{share}");
    let mut stream = random();
    let is_split = |stream: &mut RandomStream| {
        let first = pick(stream, 4);
        (1..4).any(|_| pick(stream, 4) != first)
    };
    let split = (0..20_000).filter(|_| is_split(&mut stream)).count();
    // Four standard errors of a count.
    assert!((split as f64 / 20_000.0 - share).abs() < 4.0 * 0.000_9);
    let few = "    fleet.all.replicas = 4\n    fleet.all.otlp.balancer = { kind = \"round-robin\" }\n    workload.apps.requests_per_trace = 2\n    workload.apps.restarts_per_day = \"0%\"\n";
    let scene = play(blueprint(&text(few)), 1, 1);
    let traces = value(&scene, Metric::SpansOffered) / 10.0;
    let split = value(&scene, Metric::TracesSplit);
    assert!((split / traces - 0.75).abs() < 1e-6, "{split} of {traces}");
    let http = ratio("    fleet.all.otlp.protocol = \"http\"\n", 1).mean;
    assert!(http.abs() < 1e-12, "an even split is by trace: {http}");
    let single = "    fleet.all.otlp.balancer = { kind = \"round-robin\" }\n    workload.apps.requests_per_trace = 1\n";
    assert!(ratio(single, 1).mean.abs() < 1e-9);
}

/// Connections for life split traces as a round robin does, by the parts of the replicas.
#[test]
fn connections_split_traces_too() {
    let share = ratio("    workload.apps.pods = 400\n", 1).mean;
    assert!((0.95..0.985).contains(&share), "{share}");
}

/// Requests of the services of a trace find the collectors of these services.
#[test]
fn routing_by_service_splits_traces_of_several_services() {
    let by =
        "    fleet.all.otlp.balancer = { kind = \"load-balancing-exporter\", key = \"service\" }\n";
    assert!(ratio(by, 1).mean.abs() < 1e-9, "one service");
    let many = [by, "    workload.apps.services = 1000\n"].concat();
    let share = ratio(&many, 1).mean;
    assert!((0.9..0.99).contains(&share), "{share}");
}

/// Behind routers of two versions a trace is split where its requests meet both, and both disagree.
/// Single traces are simulated: three routers are upgraded within 30 min, one every 10 min.
#[test]
fn two_rings_at_once_split_three_traces_in_four() {
    const TRACES: u32 = 40_000;
    let upgrade = r#"
    fleet.all.otlp.balancer = { kind = "load-balancing-exporter", ring = "1.18", routers = 3, ring_change = { to = "1.19", at = "30m", over = "30m" } }
    "#;
    let modelled = ratio(upgrade, 60).mean;
    let mut stream = random();
    let mut split = 0_u32;
    for _ in 0..TRACES {
        // Minutes of a horizon of two hours. The rings of four pods agree on one key in four.
        let begins = stream.unit() * 120.0;
        let disputed = stream.unit() < 0.75;
        let later = |stream: &mut RandomStream| {
            let router = pick(stream, 3) + 1;
            begins >= 30.0 + 10.0 * router as f64
        };
        let first = later(&mut stream);
        let torn = (1..4).map(|_| later(&mut stream) != first);
        split += u32::from(torn.fold(false, |any, torn| any | torn) && disputed);
    }
    let simulated = f64::from(split) / f64::from(TRACES);
    // Four standard errors of the simulation; the traces in progress are one in a thousand.
    assert!(
        (modelled - simulated).abs() < 4.0 * 0.001_4,
        "{modelled} and {simulated}"
    );
}

/// A rollout moves keys twice a pod. Traces in progress, and those that meet two opinions of three
/// routers within 5 s, are split: 5.4 s of them (a simulation of single traces has 5.5 s).
#[test]
fn a_rollout_splits_the_traces_in_progress() {
    let updates = r#"
    fleet.all.otlp.balancer = { kind = "load-balancing-exporter", routers = 3 }
    fleet.all.updates = { at = ["30m"], max_unavailable = 0, surge = 1, min_ready = "5m" }
    "#;
    let share = ratio(updates, 60).mean;
    // Of five pods, the old one and the new one among them, the next on the ring is one of the two
    // for two keys in five. These keys move. Four pods are replaced.
    let moved = 4.0 * 0.4;
    let expected = moved * 5.4 / 7_200.0;
    assert!(
        (share / expected - 1.0).abs() < 0.1,
        "{share} and {expected}"
    );
    let watched = updates.replace("routers = 3", "resolver = \"kubernetes\"");
    let share = ratio(&watched, 60).mean;
    let expected = moved * 5.0 / 7_200.0;
    assert!(
        (share / expected - 1.0).abs() < 0.1,
        "{share} and {expected}"
    );
}

/// Parts of traces fill the buffer of tail sampling: of 1,000 new traces per second each of four
/// replicas gets a part of 684.
#[test]
fn parts_of_traces_fill_the_buffer() {
    let sampled = r#"
    workload.apps.spans_per_pod = 1000
    workload.apps.requests_per_trace = 4
    workload.apps.restarts_per_day = "0%"
    fleet.all.replicas = 4
    fleet.all.otlp.protocol = "http"
    fleet.all.tail_sampling = { kept = "10%", num_traces = 20000 }
    "#;
    let robin = "    fleet.all.otlp.balancer = { kind = \"round-robin\" }\n";
    let dropped = |changes: &str| {
        let scene = play(blueprint(&text(changes)), 1, 1);
        let offered = value(&scene, Metric::SpansOffered);
        value(&scene, Metric::SpansDroppedEarly) / offered
    };
    // 20,000 places last for 31 s up to 645 new traces per second.
    assert!(dropped(sampled).abs() < 1e-9);
    let expected = 31.0 - 20_000.0 / (1_000.0 * (1.0 - 0.75_f64.powi(4)));
    let share = dropped(&[sampled, robin].concat());
    assert!(
        (share - expected.min(1.0)).abs() < 0.02,
        "{share} and {expected}"
    );
}

/// Whether the base case of a platform says something.
fn says(changes: &str, what: &str) -> bool {
    let results = results(study(&text(changes)), 1);
    let mut findings = results.cases[0].findings.iter();
    findings.any(|finding| finding.text.contains(what))
}

#[test]
fn findings_about_balancers() {
    let base = "    fleet.all.replicas = 4\n    workload.apps.restarts_per_day = \"0%\"\n    workload.apps.requests_per_trace = 4\n    fleet.all.tail_sampling = { kept = \"10%\" }\n";
    let robin = [
        base,
        "    fleet.all.otlp.balancer = { kind = \"round-robin\" }\n",
    ]
    .concat();
    assert!(says(&robin, "98 % of the traces are split"));
    let exporter = "    fleet.all.otlp.balancer = { kind = \"load-balancing-exporter\" }\n";
    let routed = [base, exporter].concat();
    assert!(!says(&routed, "are split"));
    assert!(!says(&routed, "put a load-balancing exporter in front"));
    let rollout = [&routed, "    fleet.all.updates = { at = [\"1h\"] }\n"].concat();
    assert!(says(
        &rollout,
        "a change of the instances or of the routers splits"
    ));
    assert!(says(
        &rollout,
        "give the load-balancing exporter a queue and retries"
    ));
    let service = exporter.replace("exporter\" }", "exporter\", key = \"service\" }");
    assert!(says(
        &[base, &service].concat(),
        "a service stays on one collector"
    ));
    let many = routed.replace("replicas = 4", "replicas = 40");
    assert!(says(&many, "size every collector for the hottest"));
}
