//! Field by field: what the fast form says, and what the slow one.

use alloy_sim::model::blueprint::{EndpointId, FleetId};
use alloy_sim::model::record::catalogue::{Failure, Metric, Scope};
use alloy_sim::model::record::outcome::{Layout, Outcome};

use super::collector::{Delivery, Life, Moves};
use super::event_loop::Slow;
use super::plan::STREAMS;
use super::tally::Tally;

/// Greatest relative difference of two floats.
const RELATIVE: f64 = 1e-9;

/// What one field must be, and by how much it may differ.
struct Field {
    scope: Scope,
    metric: Metric,
    value: f64,
    within: f64,
    /// By how much more the fast form may be above it.
    above: f64,
}

fn exact(metric: Metric, value: f64) -> Field {
    Field {
        scope: Scope::Fleet(FleetId::new(0)),
        metric,
        value,
        within: 0.0,
        above: 0.0,
    }
}

fn close(metric: Metric, value: f64) -> Field {
    Field {
        within: value.abs() * RELATIVE,
        ..exact(metric, value)
    }
}

/// Seconds from the start of the recorded time.
fn seconds(slow: &Slow<'_>, at: u64) -> f64 {
    (at - slow.plan.grid.warm_up.nanos()) as f64 / 1e9
}

fn counts(slow: &Slow<'_>, tally: &Tally) -> Vec<Field> {
    let existed = slow.collectors.iter().filter(|one| one.life != Life::Never);
    let killed = slow.collectors.iter().filter(|one| one.kills > 0);
    let exist = slow.collectors.iter().filter(|one| one.exists());
    let killed = killed.count() as f64 / existed.count() as f64;
    let down = tally.down_nanos as f64 / 1e9;
    vec![
        exact(Metric::CollectorsStart, tally.collectors_start as f64),
        exact(Metric::CollectorsEnd, exist.count() as f64),
        exact(Metric::OomCount, tally.kills.into()),
        exact(Metric::OomCollectorRatio, killed),
        exact(Metric::RestartCount, tally.restarts.into()),
        Field {
            // The fast form takes all series of one collector for as busy as the busiest of them.
            within: f64::from(slow.shards_peak_at_most() - slow.shards_peak()),
            ..exact(Metric::ShardsPeak, slow.shards_peak().into())
        },
        Field {
            within: RELATIVE * tally.stop_peak + 1e-6,
            ..close(Metric::StopSeconds, tally.stop_peak)
        },
        Field {
            // A stop lasts as long as the other one, but for 1e-6 s.
            within: down * RELATIVE + f64::from(tally.restarts) * 1e-6,
            ..close(Metric::DownSeconds, down)
        },
        close(
            Metric::OomRate,
            f64::from(tally.kills) / (tally.lived_nanos as f64 / 1e9 / (30.0 * 86_400.0)),
        ),
        close(Metric::SeriesActivePeak, tally.series_peak),
        close(Metric::SeriesActiveEnd, tally.series_end),
        close(Metric::SeriesPerCollectorPeak, tally.series_of_one_peak),
    ]
}

fn memory(slow: &Slow<'_>, tally: &Tally) -> Vec<Field> {
    let plan = &slow.plan;
    let mut peaks: Vec<f64> = slow.collectors.iter().map(|one| one.live_peak).collect();
    peaks.retain(|&peak| peak > 0.0);
    peaks.sort_unstable_by(f64::total_cmp);
    let Some(&highest) = peaks.last() else {
        // Nobody ever served.
        return vec![close(Metric::MemoryPeak, f64::NAN)];
    };
    // What has moved is one sum in the fast form, with what had died of it before, and log and queues let
    // go of all of it together with the last; the slow form lets it go by and by. In an outage the fast
    // form lets it go, and the slow form does not.
    let (below, above) = match tally.moves {
        Moves::Apart => (RELATIVE, RELATIVE),
        Moves::Summed => (1e-6, 0.2),
        Moves::Held => (f64::INFINITY, f64::INFINITY),
    };
    let close = |metric, value: f64| Field {
        within: value.abs() * below,
        above: value.abs() * above,
        ..exact(metric, value)
    };
    let median = alloy_sim::stats::quantile(&peaks, 0.5);
    let needed = plan.limit_needed(highest);
    let someone_restarts = tally.restart_live > 0.0;
    let restarted = |value: f64| if someone_restarts { value } else { f64::NAN };
    vec![
        close(Metric::MemoryPeak, plan.resident(highest)),
        close(Metric::MemoryPeakMedian, plan.resident(median)),
        close(Metric::MemoryLimitNeeded, needed),
        close(Metric::MemoryPeakRatio, plan.counted(highest) / plan.limit),
        close(
            Metric::MemoryRestartPeak,
            restarted(plan.limit_needed(tally.restart_live)),
        ),
        close(
            Metric::MemoryRestartRatio,
            restarted(plan.counted(tally.restart_live) / plan.limit),
        ),
        close(
            Metric::MemorySum,
            peaks.iter().map(|&peak| plan.resident(peak)).sum(),
        ),
    ]
}

/// Greatest difference of samples, over those that are offered. Senders that cannot keep up send a share of
/// what they hold in each step, in billionths, and lose a share by their lag, of which the slow form knows
/// whole samples; with the steps of three replicas these add up. What a truncation takes, the fast form
/// reckons by present weights.
fn relative(slow: &Slow<'_>) -> f64 {
    let loses = |delivery: &Delivery| delivery.lost_truncation.iter().any(|&work| work > 0);
    let is_cut = slow.tally.deliveries.iter().any(loses);
    match (slow.plan.ring.is_some(), slow.tally.lagged, is_cut) {
        (true, _, true) => 1e-4,
        (true, true, _) => 1e-6,
        (false, true, _) => 1e-7,
        _ => RELATIVE,
    }
}

/// Greatest difference of the highest backlog. The fast form looks at a fleet that cannot keep up now and
/// then only, and not right before a truncation takes what waits.
fn backlog_within(slow: &Slow<'_>, parts: f64) -> f64 {
    let tally = &slow.tally;
    let loses = |delivery: &Delivery| delivery.lost_truncation.iter().any(|&work| work > 0);
    if tally.lagged {
        f64::INFINITY
    } else if tally.deliveries.iter().any(loses) {
        tally.backlog_peak
    } else if tally.deliveries.len() > 1 {
        tally.backlog_peak * 0.2
    } else {
        tally.backlog_peak * RELATIVE + parts
    }
}

fn samples(slow: &Slow<'_>, tally: &Tally) -> Vec<Field> {
    let intake = &tally.intake;
    let endpoints = tally.deliveries.len() as f64;
    let streams = STREAMS as f64 * endpoints;
    let offered = slow.whole(intake.offered);
    let scraped = slow.whole(intake.scraped);
    let field = |metric, value: f64| Field {
        within: offered * relative(slow) + streams,
        ..exact(metric, value)
    };
    let work = |fate: fn(&Delivery) -> [u128; STREAMS]| slow.whole(tally.delivered(fate));
    let pending = slow
        .collectors
        .iter()
        .map(|one| one.unsent(slow.plan.intervals));
    let lost = [
        work(|delivery| delivery.lost_restart),
        work(|delivery| delivery.lost_truncation),
        work(|delivery| delivery.lost_overload),
        work(|delivery| delivery.lost_exit),
    ];
    let missed = slow.whole(intake.missed);
    let gone = missed + lost.iter().sum::<f64>() / endpoints;
    let spare = (0..slow.plan.endpoints()).map(|endpoint| slow.plan.shard_rate(endpoint));
    let spare = spare.fold(f64::INFINITY, f64::min);
    let collectors = slow.collectors.len() as f64;
    let age = tally.backlog_age_peak as f64 / 1e9;
    let due = scraped * endpoints - work(|delivery| delivery.earlier);
    vec![
        field(Metric::SamplesOffered, offered),
        field(Metric::SamplesScraped, scraped),
        field(Metric::MissedDown, missed),
        exact(Metric::MissedCpu, 0.0),
        field(Metric::SamplesDue, due),
        field(Metric::SamplesSent, work(|delivery| delivery.sent)),
        Field {
            within: offered * relative(slow) + streams * collectors,
            ..field(Metric::SamplesPending, pending.sum())
        },
        field(Metric::LostRestart, lost[0]),
        field(Metric::LostTruncation, lost[1]),
        field(Metric::LostOverload, lost[2]),
        field(Metric::LostExit, lost[3]),
        Field {
            within: relative(slow) + 5.0 / offered,
            ..field(Metric::LossRatio, gone / offered)
        },
        Field {
            within: backlog_within(slow, streams * collectors),
            ..field(Metric::BacklogPeak, tally.backlog_peak)
        },
        Field {
            // Whole samples of each stream, at the slowest rate. The inflow of a replica, by which the age
            // is meant, changes by half while another one is away; the fast form looks some time later.
            // The slow form looks right after each fall of the inflow.
            within: if slow.plan.ring.is_some() && tally.lagged {
                age * 0.5
            } else if tally.lagged {
                age * 0.05
            } else {
                age * RELATIVE + STREAMS as f64 / spare
            },
            ..field(Metric::BacklogPeakSeconds, age)
        },
        Field {
            // What is to spare while a sender catches up may be little.
            within: STREAMS as f64 / spare + tally.drain_peak as f64 / 1e9 * 1e-6,
            ..field(Metric::DrainSeconds, tally.drain_peak as f64 / 1e9)
        },
    ]
}

/// What each endpoint got.
fn endpoints(slow: &Slow<'_>, tally: &Tally) -> Vec<Field> {
    let mut fields = Vec::new();
    for (endpoint, delivery) in tally.deliveries.iter().enumerate() {
        let sent = slow.whole(delivery.sent);
        let within = slow.whole(tally.intake.offered) * relative(slow) + STREAMS as f64;
        let fates = [
            delivery.lost_restart,
            delivery.lost_truncation,
            delivery.lost_overload,
            delivery.lost_exit,
        ];
        let lost: f64 = fates.iter().map(|&work| slow.whole(work)).sum();
        let of_endpoint = |metric, value: f64, within: f64| Field {
            scope: Scope::Endpoint(EndpointId::new(endpoint)),
            within,
            ..exact(metric, value)
        };
        let ratio = tally.catch_up_ratio[endpoint];
        fields.extend([
            of_endpoint(Metric::EndpointSent, sent, within),
            of_endpoint(Metric::EndpointLost, lost, 4.0 * within),
            of_endpoint(
                Metric::CatchUpRatio,
                ratio,
                ratio * 10.0 * relative(slow) + 5.0 / tally.backlog_peak.max(5.0),
            ),
        ]);
    }
    fields
}

/// Every field in which the two forms differ.
pub(super) fn differences(slow: &Slow<'_>, fast: &Outcome, layout: &Layout) -> Vec<String> {
    let tally = &slow.tally;
    let mut fields = counts(slow, tally);
    fields.extend(memory(slow, tally));
    fields.extend(samples(slow, tally));
    fields.extend(endpoints(slow, tally));
    let mut found = Vec::new();
    for field in fields {
        let value = fast.values[layout.column(field.scope, field.metric).unwrap()];
        let differs = if value.is_nan() || field.value.is_nan() {
            value.is_nan() != field.value.is_nan()
        } else {
            let above = value - field.value;
            above < -field.within || above > field.within + field.above
        };
        if differs {
            found.push(format!(
                "{:?}: fast {value}, slow {}",
                field.metric, field.value
            ));
        }
    }
    let firsts = [
        (Failure::Oom, tally.first_kill),
        (Failure::DataLost, tally.first_loss),
        (Failure::RestartUnsafe, tally.first_unsafe),
    ];
    for (failure, expected) in firsts {
        let expected = expected.map(|at| seconds(slow, at));
        let value = fast.first[layout
            .failure(Scope::Fleet(FleetId::new(0)), failure)
            .unwrap()];
        let differs = match (value, expected) {
            (Some(value), Some(expected)) => (value - expected).abs() > expected * RELATIVE + 1e-6,
            (None, None) => false,
            _ => true,
        };
        if differs {
            found.push(format!("{failure:?}: fast {value:?}, slow {expected:?}"));
        }
    }
    found
}
