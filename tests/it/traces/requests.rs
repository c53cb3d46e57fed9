//! The sending queue against a simulation of every request, with a retry clock of its own.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use alloy_sim::engine::{RandomStream, RandomStreams};
use alloy_sim::model::record::catalogue::Metric;
use alloy_sim::units::SimDuration;

use super::{text, value};
use crate::support::scene::{Estimate, blueprint, play};

/// What became of the requests of an hour and a half.
#[derive(Clone, Copy, Debug, Default)]
struct Fates {
    refused: f64,
    given_up: f64,
}

/// One attempt of a request that a consumer has in hand: when, since when, and how many failed before.
type Attempt = (u64, u64, u32);

const SECOND: u64 = 1_000_000_000;

/// Ten consumers and a queue of a thousand requests, the ones in hand included. A hundred requests come each
/// second, and an answer takes 10 ms. The endpoint is away for `away` seconds.
fn by_request(away: u64, stream: &mut RandomStream) -> Fates {
    let (down, up) = (600 * SECOND, (600 + away) * SECOND);
    let mut fates = Fates::default();
    let (mut waiting, mut in_hand) = (0_u32, BinaryHeap::<Reverse<Attempt>>::new());
    for arrival in 0..540_000_u64 {
        let now = arrival * SECOND / 100;
        // Consumers act up to now.
        while let Some(&Reverse((at, since, failed))) = in_hand.peek()
            && at <= now
        {
            in_hand.pop();
            let is_away = (down..up).contains(&at);
            let wait = (5.0 * 1.5_f64.powi(failed.cast_signed())).min(30.0) * (0.5 + stream.unit());
            let wait = SimDuration::from_secs_f64(wait).nanos();
            if is_away && at + wait - since <= 300 * SECOND {
                in_hand.push(Reverse((at + wait, since, failed + 1)));
                continue;
            }
            fates.given_up += f64::from(u8::from(is_away));
            // An answer frees the consumer 10 ms later; a request that is given up frees it at once.
            let free = if is_away { at } else { at + SECOND / 100 };
            if waiting > 0 {
                waiting -= 1;
                in_hand.push(Reverse((free, free, 0)));
            }
        }
        if waiting + u32::try_from(in_hand.len()).unwrap() >= 1_000 {
            fates.refused += 1.0;
        } else if in_hand.len() < 10 {
            in_hand.push(Reverse((now, now, 0)));
        } else {
            waiting += 1;
        }
    }
    fates
}

/// A simulation of every request, and the fluid of the model: what is refused and what is given up.
#[test]
fn a_queue_is_what_its_requests_are() {
    const RUNS: u32 = 20;
    for away in [120_u64, 400, 720] {
        let runs: Vec<Fates> = (0..RUNS)
            .map(|run| by_request(away, &mut RandomStreams::new(3, run).stream(1, away, 0)))
            .collect();
        let mean = |of: fn(&Fates) -> f64| runs.iter().map(of).sum::<f64>() / f64::from(RUNS);
        let changes = format!(
            "    endpoint.tempo.outages = [{{ at = \"10m\", for = \"{away}s\" }}]\n    experiment.horizon = \"90m\"\n"
        );
        let scene = play(blueprint(&text(&changes)), 3, RUNS);
        let requests = |metric| Estimate::of(&scene.values("fleet.all", metric)).mean / 10.0;
        let given_up = requests(Metric::SpansSendFailed);
        let simulated = mean(|fates| fates.given_up);
        assert!(
            (given_up - simulated).abs() < 0.6,
            "{away}: {given_up} and {simulated}"
        );
        let refused = requests(Metric::SpansRefusedReceiver);
        let simulated = mean(|fates| fates.refused);
        let error = refused / simulated - 1.0;
        assert!(error.abs() < 0.02, "{away}: {refused} and {simulated}");
        assert!(value(&scene, Metric::SpansPending).abs() < 1e-9);
    }
}
