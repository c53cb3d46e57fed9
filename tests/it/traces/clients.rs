//! Clients that send refused spans again, against a simulation of single requests.

use std::collections::VecDeque;

use alloy_sim::model::record::catalogue::Metric;

use super::{FATES, fates, scene, value};
use crate::support::scene::Scene;

/// An outage, after which the first attempt comes within a tenth of a second.
fn outage(seconds: u32, client: &str) -> Scene {
    let changes = format!(
        r#"
    endpoint.tempo.outages = [{{ at = "1h", for = "{seconds}s" }}]
    fleet.all.otlp.retry_initial = "100ms"
    fleet.all.otlp.retry_interval_max = "100ms"
    fleet.all.otlp.retry_jitter = "0%"
    workload.apps.restarts_per_day = "0%"
    fleet.all.otlp.client = "{client}"
    "#
    );
    scene(&changes)
}

/// Spans lost of ten clients that each push ten requests of ten spans per second: request by request,
/// in steps of 10 ms. The queue of the collector has 1,000 requests. A client holds 256 requests, and
/// gives up one that is a minute old.
fn simulated(seconds: u32, retries: bool) -> f64 {
    const HELD: usize = 256;
    let mut clients: Vec<VecDeque<u32>> = vec![VecDeque::new(); 10];
    let (mut queue, mut lost) = (0_u32, 0_u32);
    for step in 0..30_000_u32 {
        let is_away = step < seconds * 100;
        // Ten consumers have a request in hand for 10 ms each.
        if !is_away {
            queue = queue.saturating_sub(10);
        }
        for (number, held) in (0..).zip(&mut clients) {
            if step % 10 == number {
                held.push_back(step);
            }
            while held.front().is_some_and(|&since| step - since > 6_000) {
                held.pop_front();
                lost += 1;
            }
        }
        // Whoever comes first finds room, one request at a time and each client in turn.
        let mut waiting = true;
        while queue < 1_000 && waiting {
            waiting = false;
            for turn in 0..clients.len() {
                let turn = (turn + step as usize) % clients.len();
                if queue < 1_000 && clients[turn].pop_front().is_some() {
                    queue += 1;
                    waiting = true;
                }
            }
        }
        for held in &mut clients {
            let most = if retries { HELD } else { 0 };
            lost += u32::try_from(held.len().saturating_sub(most)).unwrap();
            held.truncate(most);
        }
    }
    10.0 * f64::from(lost)
}

/// A queue of 10 s fills, and clients bridge what comes then: 25.6 s of their spans.
#[test]
fn clients_bridge_what_the_queue_does_not() {
    for seconds in [8, 20, 34, 50, 120] {
        for client in ["drop", "retry"] {
            let scene = outage(seconds, client);
            let (sum, offered) = (fates(&scene), value(&scene, Metric::SpansOffered));
            assert!((sum - offered).abs() < 1.0, "{sum} of {offered}: {FATES:?}");
            let lost = value(&scene, Metric::SpansRefusedReceiver);
            let expected = simulated(seconds, client == "retry");
            // A tenth of a second of 1,000 spans per second, and what the steps of the simulation leave.
            assert!(
                (lost - expected).abs() < 300.0,
                "{seconds}, {client}: {lost} and {expected}"
            );
        }
    }
}

/// A collector that is away for less than clients hold loses nothing.
#[test]
fn clients_bridge_a_restart() {
    let restart = r#"
    workload.apps.restarts_per_day = "0%"
    fleet.all.updates = { at = ["30m"], max_unavailable = 1, surge = 0, min_ready = "1m" }
    "#;
    for (gap, client, lost) in [
        (20.0, "drop", 20_000.0),
        (20.0, "retry", 0.0),
        (60.0, "retry", 60_000.0 - 25_600.0),
    ] {
        let settings = format!(
            "    fleet.all.restart_gap = \"{gap}s\"\n    fleet.all.otlp.client = \"{client}\"\n"
        );
        let scene = scene(&[restart, &settings].concat());
        let (sum, offered) = (fates(&scene), value(&scene, Metric::SpansOffered));
        assert!((sum - offered).abs() < 1.0, "{sum} of {offered}");
        let missed = value(&scene, Metric::SpansMissedDown);
        assert!((missed - lost).abs() < 1.0, "{gap}, {client}: {missed}");
    }
}
