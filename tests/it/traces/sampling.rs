//! Tail sampling against a simulation of every trace.

use std::collections::VecDeque;

use alloy_sim::model::record::catalogue::Metric;

use super::{fates, scene, value};

/// A sampler as its code is: a tick each second decides the traces that came `wait` ticks before, and a
/// buffer of `num_traces` traces evicts the oldest. Returns the share of the traces that are evicted before
/// their decision, of those that come after a start-up and early enough to be decided.
fn by_trace(rate: f64, wait: u32, num_traces: usize, seconds: u32) -> f64 {
    // The second of arrival of each trace in memory, and whether it is decided.
    let mut buffer: VecDeque<(u32, bool)> = VecDeque::new();
    let counted = seconds / 4..seconds / 2;
    let (mut came, mut lost, mut due) = (0_u32, 0_u32, 0.0);
    for second in 0..seconds {
        for (at, is_decided) in &mut buffer {
            *is_decided |= *at + wait < second;
        }
        due += rate;
        while due >= 1.0 {
            due -= 1.0;
            buffer.push_back((second, false));
            came += u32::from(counted.contains(&second));
            if buffer.len() > num_traces
                && let Some((at, false)) = buffer.pop_front()
            {
                lost += u32::from(counted.contains(&at));
            }
        }
    }
    f64::from(lost) / f64::from(came)
}

fn sampled(rate: f64) -> f64 {
    let changes = format!(
        r#"
    workload.apps.spans_per_pod = {rate}
    workload.apps.spans_per_trace = 10
    fleet.all.tail_sampling = {{ kept = "10%" }}
    "#
    );
    let scene = scene(&changes);
    let offered = value(&scene, Metric::SpansOffered);
    assert!((fates(&scene) - offered).abs() < 1.0);
    let decided = value(&scene, Metric::SpansNotSampled) + value(&scene, Metric::SpansSent);
    let dropped = value(&scene, Metric::SpansDroppedEarly);
    let traces = value(&scene, Metric::TracesDroppedEarly);
    assert!((traces * 10.0 - dropped).abs() < 1.0);
    if decided > 0.0 {
        let kept = value(&scene, Metric::SpansSent) / decided;
        assert!((kept - 0.1).abs() < 1e-6, "{kept}");
    }
    dropped / (dropped + decided)
}

/// Ten pods with ten spans per trace: as many traces per second as spans per pod.
#[test]
fn nothing_is_lost_up_to_1613_traces_per_second_and_all_from_1667() {
    for (rate, least, most) in [
        (1_000.0, 0.0, 0.0),
        (1_612.0, 0.0, 0.0),
        (1_640.0, 0.45, 0.57),
        (1_667.0, 1.0, 1.0),
        (3_000.0, 1.0, 1.0),
    ] {
        let lost = sampled(rate);
        assert!((least..=most).contains(&lost), "{rate}: {lost}");
        let simulated = by_trace(rate, 30, 50_000, 400);
        assert!(
            (lost - simulated).abs() < 0.06,
            "{rate}: {lost} and {simulated}"
        );
    }
}
