//! The slow form: host-daemon fleets, and replicas on a ring, stepped through one event per change, as the
//! oracle of the fast form, which evaluates steady collectors in closed form. Fleets have one or two
//! workloads and send to one or two endpoints that are away at times.
//!
//! It shares with the fast form what is drawn (random numbers by name, the workload's [`Timeline`], the
//! owners of targets) and the rules of the model, none of its arithmetic: no `Resident` or `StreamDriver`.
//! How a sender catches up is the fast form's: [`Sender`] has an oracle of its own, in `parts_theory`.
//!
//! Counts of events are equal exactly. Everything else is equal to 1e-9 of its scale: levels and
//! live bytes are sums of at most some hundred floats, summed in different orders (relative 1e-13),
//! so an instant at which memory crosses a limit may differ by some 100 ns, 1e-12 of the horizon,
//! and with it every sum over time. Whole samples may differ by one per stream. What follows from a
//! number of whole samples divided by a rate may differ by that many samples over that rate.
//!
//! Where more is allowed, the field says why.
//!
//! [`Timeline`]: alloy_sim::model::load::timeline::Timeline
//! [`Sender`]: alloy_sim::model::pipeline::remote_write::Sender

mod blueprints;
mod collector;
mod event_loop;
mod life;
mod next;
mod plan;
mod ring;
mod sending;
mod tally;

use alloy_sim::model::blueprint::{Blueprint, EndpointId, FleetId};
use alloy_sim::model::law::Quantity;
use alloy_sim::model::record::catalogue::{Failure, Metric, Scope};
use alloy_sim::model::record::outcome::{Layout, Outcome};
use alloy_sim::model::world::{Recording, simulate};

use crate::support::properties::seed;
use collector::{Delivery, Life, Moves};
use event_loop::Slow;
use plan::Plan;
use tally::Tally;

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
    (at - slow.plan.grid.lead) as f64 / 1e9
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
/// what they hold in each step, in billionths; with the steps of three replicas these add up.
fn relative(slow: &Slow<'_>) -> f64 {
    if slow.plan.ring.is_some() && slow.tally.lagged {
        1e-6
    } else {
        RELATIVE
    }
}

fn samples(slow: &Slow<'_>, tally: &Tally) -> Vec<Field> {
    let intake = &tally.intake;
    let endpoints = tally.deliveries.len() as f64;
    let streams = plan::STREAMS as f64 * endpoints;
    let offered = slow.whole(intake.offered);
    let scraped = slow.whole(intake.scraped);
    let field = |metric, value: f64| Field {
        within: offered * relative(slow) + streams,
        ..exact(metric, value)
    };
    let work = |fate: fn(&Delivery) -> [u128; plan::STREAMS]| slow.whole(tally.delivered(fate));
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
            // The fast form looks at a fleet that cannot keep up now and then only, and not right before
            // a truncation takes what waits for one endpoint while more comes to wait for another one.
            within: if tally.lagged {
                f64::INFINITY
            } else if endpoints > 1.0 {
                tally.backlog_peak * 0.2
            } else {
                tally.backlog_peak * RELATIVE + streams * collectors
            },
            ..field(Metric::BacklogPeak, tally.backlog_peak)
        },
        Field {
            // Whole samples of each stream, at the slowest rate. The inflow of a replica, by which the age
            // is meant, changes by half while another one is away; the fast form looks some time later.
            within: if slow.plan.ring.is_some() && tally.lagged {
                age * 0.5
            } else {
                age * RELATIVE + plan::STREAMS as f64 / spare
            },
            ..field(Metric::BacklogPeakSeconds, age)
        },
        Field {
            // What is to spare while a sender catches up may be little.
            within: plan::STREAMS as f64 / spare + tally.drain_peak as f64 / 1e9 * 1e-6,
            ..field(Metric::DrainSeconds, tally.drain_peak as f64 / 1e9)
        },
    ]
}

/// What each endpoint got.
fn endpoints(slow: &Slow<'_>, tally: &Tally) -> Vec<Field> {
    let mut fields = Vec::new();
    for (endpoint, delivery) in tally.deliveries.iter().enumerate() {
        let sent = slow.whole(delivery.sent);
        let within = slow.whole(tally.intake.offered) * relative(slow) + plan::STREAMS as f64;
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
                ratio * RELATIVE + 5.0 / tally.backlog_peak.max(5.0),
            ),
        ]);
    }
    fields
}

/// Every field in which the two forms differ.
fn differences(slow: &Slow<'_>, fast: &Outcome, layout: &Layout) -> Vec<String> {
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

/// The two forms of fleet `kind` in a draw of its own: what they differ in, and what happened.
fn check(seed: u64, kind: u32, nodes: f64, stretch: u32) -> (Vec<String>, Tally) {
    let mut blueprint = blueprints::unlike(kind, nodes);
    blueprint.horizon *= stretch;
    let (found, tally) = check_one(seed, kind, &blueprint);
    let named = |line| format!("kind {kind} on {nodes} nodes, {stretch} times as long: {line}");
    (found.into_iter().map(named).collect(), tally)
}

/// The two forms of a fleet in the draw numbered `kind`.
fn check_one(seed: u64, kind: u32, blueprint: &Blueprint) -> (Vec<String>, Tally) {
    let (fast, _) = simulate(blueprint, seed, (kind, 0), Recording::Off);
    let slow = Slow::run(Plan::draw(blueprint, seed, kind));
    let found = differences(&slow, &fast, &Layout::of(blueprint));
    (found, slow.tally)
}

/// Panics with all differences; returns what happened in each fleet.
fn compare(kinds: std::ops::Range<u32>, nodes: f64, stretch: u32) -> Vec<Tally> {
    let seed = seed();
    let checked = kinds.map(|kind| check(seed, kind, nodes, stretch));
    let (found, tallies): (Vec<_>, Vec<_>) = checked.unzip();
    let found = found.concat();
    assert!(found.is_empty(), "{}", found.join("\n"));
    tallies
}

#[test]
fn two_hundred_unlike_collectors_are_the_same_in_both_forms() {
    type Test = fn(&Tally) -> bool;
    let tallies = compare(0..200, 1.0, 1);
    // The comparison means something: whatever can happen happens to some of them, with any seed.
    let happened: [(&str, Test); 8] = [
        ("restarts without kills", |tally| {
            tally.kills == 0 && tally.restarts > 0
        }),
        ("kills", |tally| tally.kills > 0),
        ("calm", |tally| tally.restarts == 0),
        ("backlogs lost with a process", |tally| {
            tally.deliveries[0].lost_restart[0] > 0
        }),
        ("backlogs lost to truncations", |tally| {
            tally.deliveries[0].lost_truncation[0] > 0
        }),
        ("overload", |tally| tally.lagged),
        ("stops that take their whole time", |tally| {
            tally.stop_peak >= 2.0
        }),
        ("slow drains", |tally| tally.drain_peak > 600_000_000_000),
    ];
    for (what, test) in happened {
        let count = tallies.iter().filter(|tally| test(tally)).count();
        assert!(count >= 3, "{what}: {count} of 200");
    }
}

/// Weak senders that restart every other hour are stopped while they catch up.
#[test]
fn restless_collectors_are_the_same_in_both_forms() {
    let seed = seed();
    let check = |kind: u32| {
        let mut blueprint = blueprints::unlike(kind, 1.0);
        let often = Quantity::fixed(5_400.0);
        blueprint.fleets[0].interruptions.restart_interval = Some(often);
        check_one(seed, kind, &blueprint)
    };
    let kinds = (0..200).filter(|kind| kind % 5 < 2);
    let (found, tallies): (Vec<_>, Vec<_>) = kinds.map(check).unzip();
    let found = found.concat();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let flushed = tallies.iter().filter(|tally| tally.flushed > 0).count();
    let lost = |tally: &&Tally| tally.deliveries[0].lost_restart[0] > 0;
    let lost = tallies.iter().filter(lost).count();
    assert!(
        flushed >= 10 && lost >= 10,
        "{flushed} flushed, {lost} lost"
    );
}

#[test]
fn fleets_whose_nodes_come_and_go_are_the_same_in_both_forms() {
    let tallies = compare(0..24, 15.0, 1);
    let left = tallies
        .iter()
        .filter(|tally| tally.deliveries[0].lost_exit[0] > 0);
    assert!(left.count() >= 1, "some node left with a backlog");
}

/// Compares fleets of some kinds, with a node or with seven; returns what happened in each.
fn compare_all(kinds: std::ops::Range<u32>, of: fn(u32, f64) -> Blueprint) -> Vec<Tally> {
    let seed = seed();
    let check = |kind: u32| {
        let nodes = if kind.is_multiple_of(10) { 7.0 } else { 1.0 };
        let (found, tally) = check_one(seed, kind, &of(kind, nodes));
        let named = |line| format!("kind {kind} on {nodes} nodes: {line}");
        (found.into_iter().map(named).collect::<Vec<_>>(), tally)
    };
    let (found, tallies): (Vec<_>, Vec<_>) = kinds.map(check).unzip();
    let found = found.concat();
    assert!(found.is_empty(), "{}", found.join("\n"));
    tallies
}

/// In how many of some fleets something happened.
fn count(tallies: &[Tally], test: impl Fn(&&Tally) -> bool) -> usize {
    tallies.iter().filter(test).count()
}

#[test]
fn two_workloads_are_the_same_in_both_forms() {
    let tallies = compare_all(0..160, blueprints::with_machines);
    let both = |tally: &&Tally| {
        let lost = tally.deliveries[0].lost_restart;
        lost[0] > 0 && lost[1] > 0
    };
    let both = count(&tallies, both);
    assert!(both >= 3, "{both} lost backlogs of both workloads");
}

#[test]
fn two_endpoints_are_the_same_in_both_forms() {
    type Fate = fn(&Delivery) -> [u128; plan::STREAMS];
    let tallies = compare_all(0..160, blueprints::with_archive);
    let fates: [(&str, Fate); 4] = [
        ("restart", |delivery| delivery.lost_restart),
        ("truncation", |delivery| delivery.lost_truncation),
        ("overload", |delivery| delivery.lost_overload),
        ("earlier", |delivery| delivery.earlier),
    ];
    for (what, fate) in fates {
        // What one endpoint loses and the other one does not.
        let differ = |tally: &&Tally| fate(&tally.deliveries[0]) != fate(&tally.deliveries[1]);
        let differ = count(&tallies, differ);
        assert!(differ >= 1, "{what}: {differ} of 160");
    }
}

#[test]
fn rings_of_three_are_the_same_in_both_forms() {
    let tallies = compare_all(0..120, |kind, _| blueprints::ring(kind));
    let restarted = count(&tallies, |tally| tally.restarts > 0);
    assert!(restarted >= 60, "{restarted} of 120 had a restart");
    // Nothing dies of a constant workload, so that memory is the same as well.
    let tallies = compare_all(0..60, |kind, _| {
        blueprints::constant(blueprints::ring(kind))
    });
    let moved = count(&tallies, |tally| {
        tally.restarts > 0 && tally.moves == Moves::Apart
    });
    assert!(
        moved >= 10,
        "{moved} of 60 had a restart after which all is the same"
    );
}

#[test]
fn all_of_it_together_is_the_same_in_both_forms() {
    let tallies = compare_all(0..160, |kind, _| blueprints::everything(kind));
    let restarted = count(&tallies, |tally| tally.restarts > 0);
    let compared = count(&tallies, |tally| tally.moves != Moves::Held);
    assert!(
        restarted >= 80 && compared >= 30,
        "{restarted} of 160 had a restart, {compared} are the same in memory"
    );
}

#[test]
fn sums_over_a_quarter_are_the_same_in_both_forms() {
    compare(0..12, 1.0, 15);
}
