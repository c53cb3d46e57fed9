//! Peaks of what fleets send, each over one window.

use crate::model::endpoint::{Endpoint, Rates};
use crate::model::record::window::{PEAK_WINDOW, per_second};
use crate::units::{SimDuration, SimTime};

use super::{CatchUpDemand, Fleet};

/// Collectors begin at `now` to work off their backlogs for an endpoint. Notes what they send, and
/// the CPU that each of them takes for it.
pub(super) fn note_surge(
    fleets: &mut [Fleet<'_>],
    (endpoint, now): (&mut Endpoint<'_>, SimTime),
    demands: &[CatchUpDemand],
) {
    if demands.is_empty() {
        return;
    }
    let mut rates = Rates::default();
    for demand in demands {
        let fleet = &mut fleets[demand.fleet.index()];
        let more = fleet.more_sent(demand, now);
        fleet.note_catch_up(demand.queue.collector, now, more);
        let samples = demand.pause.inflow + more;
        rates.inflow += demand.pause.inflow;
        rates.samples += samples;
        rates.bytes += samples * fleet.wire_per_sample();
    }
    endpoint.note_catch_up(now, rates);
}

/// The most that fleets send at one time while no backlog is worked off, jobs included.
pub(in crate::model) fn steady_peak(fleets: &[&Fleet<'_>]) -> Rates {
    if let [only] = fleets {
        return sum_of(fleets, &[only.tally.ingest_peak]);
    }
    let numbered = fleets.iter().enumerate();
    let mut steps: Vec<(SimTime, usize, f64)> = numbered
        .flat_map(|(number, fleet)| {
            let steps = fleet.carried.steps.iter().flatten();
            steps.map(move |&(at, rate)| (at, number, rate))
        })
        .collect();
    steps.sort_by_key(|&(at, number, _)| (at, number));
    let mut rates = vec![0.0; fleets.len()];
    let mut peak = Rates::default();
    for together in steps.chunk_by(|one, next| one.0 == next.0) {
        for &(_, number, rate) in together {
            rates[number] = rate;
        }
        let sum = sum_of(fleets, &rates);
        peak.inflow = peak.inflow.max(sum.inflow);
        peak.samples = peak.samples.max(sum.samples);
        peak.bytes = peak.bytes.max(sum.bytes);
    }
    peak
}

/// What fleets send together at these rates, with their jobs when most of them run.
fn sum_of(fleets: &[&Fleet<'_>], rates: &[f64]) -> Rates {
    let mut sum = Rates::default();
    for (fleet, rate) in fleets.iter().zip(rates) {
        let samples = rate + fleet.inflow_of_jobs();
        sum.inflow += samples;
        sum.samples += samples;
        sum.bytes += samples * fleet.wire_per_sample();
    }
    sum
}

impl Fleet<'_> {
    /// Samples per second on top of its inflow that a collector sends in the window in which it
    /// begins to work off a backlog.
    fn more_sent(&self, demand: &CatchUpDemand, now: SimTime) -> f64 {
        let most = demand.rate - demand.pause.inflow;
        let backlog = demand.pause.backlog;
        if backlog <= 0.0 {
            return most;
        }
        let queue = self.pipelines.metrics.queue(demand.queue);
        match queue.drained_at() {
            Some(until) => per_second(backlog, until.since(now)),
            // It never catches up.
            None => most.min(per_second(backlog, SimDuration::ZERO)),
        }
    }

    /// Notes what the fleet sends from `at` on while no backlog is worked off, if others send to the
    /// same endpoints.
    pub(super) fn note_step(&mut self, at: SimTime, rate: f64) {
        let Some(steps) = &mut self.carried.steps else {
            return;
        };
        if steps
            .last()
            .is_none_or(|&(_, last): &(SimTime, f64)| last.to_bits() != rate.to_bits())
        {
            steps.push((at, rate));
        }
    }
}

/// Cores of `seconds` core seconds of work on one thread, over the window in which it is done.
pub(super) fn cores_of_burst(seconds: f64) -> f64 {
    (seconds / PEAK_WINDOW.secs_f64()).min(1.0)
}
