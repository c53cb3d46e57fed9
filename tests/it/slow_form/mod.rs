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
mod compare;
mod event_loop;
mod life;
mod next;
mod plan;
mod ring;
mod sending;
mod tally;

use alloy_sim::model::blueprint::Blueprint;
use alloy_sim::model::law::Quantity;
use alloy_sim::model::record::outcome::Layout;
use alloy_sim::model::world::{Recording, Replication, simulate};

use crate::support::properties::seed;
use collector::{Delivery, Moves};
use compare::differences;
use event_loop::Slow;
use plan::{Plan, STREAMS};
use tally::Tally;

/// The two forms of fleet `kind` in a draw of its own: what they differ in, and what happened.
fn check(seed: u64, kind: u32, nodes: f64, stretch: u32) -> (Vec<String>, Tally) {
    let mut blueprint = blueprints::unlike(kind, nodes);
    blueprint.horizon = blueprint.horizon * u64::from(stretch);
    let (found, tally) = check_one(seed, kind, &blueprint);
    let named = |line| format!("kind {kind} on {nodes} nodes, {stretch} times as long: {line}");
    (found.into_iter().map(named).collect(), tally)
}

/// The two forms of a fleet in the draw numbered `kind`.
fn check_one(seed: u64, kind: u32, blueprint: &Blueprint) -> (Vec<String>, Tally) {
    let (fast, _) = simulate(blueprint, seed, Replication::first_of(kind), Recording::Off);
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
    let records: [(&str, Test); 8] = [
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
    for (what, test) in records {
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
    type Fate = fn(&Delivery) -> [u128; STREAMS];
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
