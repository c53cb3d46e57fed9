//! A bounded sending queue against the theory of queues.

use alloy_sim::model::record::catalogue::Metric;

use super::{scene, value};

/// Probability that a request finds all places taken, in a queue with Poisson arrivals, `servers` with
/// exponential times and `places` in all, at `load` times what the servers can do: M/M/c/K.
fn blocked(servers: u32, places: u32, load: f64) -> f64 {
    let offered = load * f64::from(servers);
    // The probability of each state over that of the fullest, from the top down.
    let (mut below, mut sum) = (1.0, 1.0);
    for state in (0..places).rev() {
        below *= f64::from((state + 1).min(servers)) / offered;
        sum += below;
    }
    1.0 / sum
}

/// Consumers have a request of ten spans in hand for 100 ms, so ten of them send 1,000 spans per second.
/// Of what comes beyond that a queue of 1,000 requests loses `1 - 1/load`, as M/M/c/K says. Below it
/// theory loses one request in 10^90 at four fifths, and the fluid none.
#[test]
fn a_bounded_queue_loses_what_theory_says() {
    for consumers in [1_u32, 10] {
        for load in [0.8, 1.1, 1.5, 2.0] {
            let most = 100.0 * f64::from(consumers);
            let each = load * most / 10.0;
            let scene = scene(&format!(
                r#"
    endpoint.tempo.latency = "100ms"
    endpoint.tempo.errors = "0%"
    workload.apps.spans_per_pod = {each}
    workload.apps.restarts_per_day = "0%"
    fleet.all.otlp.consumers = {consumers}
    "#
            ));
            let offered = value(&scene, Metric::SpansOffered);
            let pending = value(&scene, Metric::SpansPending);
            let lost = value(&scene, Metric::SpansRefusedReceiver);
            // What fills the queue at the beginning is not lost, as it is not in the long run.
            let share = (lost + pending) / offered;
            let theory = blocked(consumers, 1_000, load);
            assert!(
                (share - theory).abs() < 1e-4,
                "{consumers}, {load}: {share}, not {theory}"
            );
        }
    }
}
