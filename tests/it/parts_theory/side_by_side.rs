//! What is computed for many at once, against the same one by one: the totals of the nodes of a pool, and
//! collectors of a fleet at one instant.

use alloy_sim::model::fleet::snapshot::{Between, Needs, Snapshot};
use alloy_sim::model::load::driver::{Driver, StreamDriver, weight_value};
use alloy_sim::model::load::timeline::Episode;
use alloy_sim::model::node::latency::{LANES, Pairs, slowdown, slowdowns};
use alloy_sim::model::node::waterfill::Contender;
use alloy_sim::model::node::{Contention, NodeState, NodeTotals};
use alloy_sim::model::wal::{Coefficient, Extra, Process, Resident, Truncation};
use alloy_sim::units::{SimDuration, SimTime};
use proptest::prelude::*;

use crate::support::properties::properties;

/// Cores of a machine, and for each lane a share of them and a load below it, up to a hair.
fn lanes() -> impl Strategy<Value = (f64, Vec<(f64, f64)>)> {
    let part = prop_oneof![0.001..1.0_f64, Just(1.0), 0.999_999..1.0_f64];
    let load = prop_oneof![1e-6..0.999_999_f64, 0.99..0.999_999_9_f64];
    let cores = prop_oneof![0.1..4.0_f64, Just(16.0), 1.0..300.0_f64];
    (cores, prop::collection::vec((part, load), LANES))
}

/// A pool: cores, weight of the applications, demand of each node, and fleets of collectors: weight,
/// cap, and the demand of each collector; one is below zero where none is in service.
type Pool = (f64, f64, Vec<f64>, Vec<(f64, f64, Vec<f64>)>);

fn pool() -> impl Strategy<Value = Pool> {
    (0.5..40.0_f64, 1.0..500.0_f64, 1_usize..30).prop_flat_map(|(cores, weight, nodes)| {
        let demand = prop_oneof![4 => 0.0..1.1_f64, 1 => Just(0.0)];
        let demands = prop::collection::vec(demand.prop_map(move |part| part * cores), nodes);
        let wanted = prop_oneof![
            6 => 0.0..0.1_f64,
            1 => 0.0..1.0_f64,
            1 => Just(0.0),
            1 => Just(-1.0 / cores)
        ];
        let wanted = wanted.prop_map(move |part| part * cores);
        let cap = prop_oneof![Just(f64::INFINITY), 0.05..2.0_f64];
        let fleet = (1.0..300.0_f64, cap, prop::collection::vec(wanted, nodes));
        let fleets = prop::collection::vec(fleet, 0..4);
        (Just(cores), Just(weight), demands, fleets)
    })
}

fn contenders_on(fleets: &[(f64, f64, Vec<f64>)], node: usize) -> Vec<Contender> {
    let contender = |(weight, cap, demands): &(f64, f64, Vec<f64>)| Contender {
        weight: *weight,
        demand: demands[node],
        cap: *cap,
    };
    let contenders = fleets.iter().map(contender);
    contenders
        .filter(|contender| contender.demand >= 0.0)
        .collect()
}

/// What a look at a node shows is what water-filling finds. With one collector a calm node's index is
/// the same to the last bit; with more, their demands are added in another order, and an error of some
/// last bits in the share grows as the slowdown itself, which is at most the inverse of what is free.
fn check_sight(state: NodeState, contention: &Contention<'_>) {
    let wanted: f64 = contention.collectors.iter().map(|c| c.limit()).sum();
    let demand = contention.application.demand;
    match state {
        NodeState::Idle => assert!(demand <= 0.0),
        NodeState::Calm {
            index,
            demand: everybody,
        } => {
            assert!(demand > 0.0 && contention.level().is_infinite());
            let noise = contention.noise();
            let expected = noise.index();
            let slack = if contention.collectors.len() < 2 {
                0.0
            } else {
                1e-13 * expected * noise.with_collectors.factor()
            };
            assert!(
                (index - expected).abs() <= slack,
                "{index} is not {expected}"
            );
            assert!((everybody - (demand + wanted)).abs() <= 1e-14 * everybody);
        }
        NodeState::Busy => {
            let left = (contention.cores - wanted) * (1.0 - 1e-9);
            let level = left / contention.application.weight;
            let is_served = |c: &Contender| c.limit() / c.weight < level;
            let all_served = contention.collectors.iter().all(is_served);
            assert!(demand > 0.0 && (demand >= left || !all_served));
        }
    }
}

/// A fleet in which things die, one process of it, and an instant.
#[derive(Clone, Debug)]
struct Scene {
    resident: Resident,
    process: Process,
    weights: Vec<u32>,
    at: SimTime,
}

const END: SimTime = SimTime::from_nanos(20_000);

fn scene() -> impl Strategy<Value = Scene> {
    let levels = prop::collection::vec(prop::collection::vec(0.0..100.0_f64, 40), 1..4);
    let truncation = (
        prop_oneof![Just(0_u64), 300..3_000_u64],
        0..200_u64,
        prop_oneof![Just(0.0), 0.0..1.0_f64],
    );
    let stall = (1..END.nanos(), 1..4_000_u64);
    let process = (0..END.nanos(), 0..3_000_u64, 0..1_000_u64);
    let stalls = prop::option::of(stall);
    (levels, truncation, stalls, process, 0..END.nanos()).prop_map(
        |(levels, (every, keep_min, queued), stalls, (started, log, residue), at)| {
            let starts: Vec<SimTime> = (0..40)
                .map(|segment| SimTime::from_nanos(segment * 500))
                .collect();
            let streams = levels.len();
            let stream = |level| StreamDriver::new(&starts, END, level, &[0.000_1; 40]);
            let streams_of = levels.into_iter().map(stream).collect();
            let driver = Driver {
                starts: starts.clone(),
                end: END,
                streams: streams_of,
                common_live: (0..40).map(|segment| f64::from(segment % 7)).collect(),
            };
            let coefficient = |stream: usize| Coefficient {
                resident: [5.0, 0.0, 1.0][stream],
                active: [0.5, 2.0, 0.0][stream],
            };
            let truncation = Truncation {
                every: SimDuration::from_nanos(every),
                keep_min: SimDuration::from_nanos(keep_min),
                keep_max: SimDuration::from_nanos(1_500),
                in_queues: queued,
                queue_periods: 2,
                full: f64::INFINITY,
                skips: true,
            };
            let stall = |(from, length)| Episode {
                from: SimTime::from_nanos(from),
                to: SimTime::from_nanos(from + length),
                size: 1.0,
            };
            let at = SimTime::from_nanos(at);
            let started = SimTime::from_nanos(started).min(at);
            let extra = |length: u64| Extra {
                live: residue as f64,
                until: started + SimDuration::from_nanos(length),
            };
            let kept_from = started.before(SimDuration::from_nanos(log));
            let mut process = Process::new(started, kept_from);
            process.residue = [residue, 2 * residue].map(extra);
            process.shards = extra(residue / 3);
            Scene {
                resident: Resident::new(
                    driver,
                    (0..streams).map(coefficient).collect(),
                    (truncation, stalls.map(stall).into_iter().collect()),
                    100,
                ),
                process,
                weights: vec![1 << 24, 1 << 20, 3 << 23][..streams].to_vec(),
                at,
            }
        },
    )
}

proptest! {
    #![proptest_config(properties(2_000))]

    #[test]
    fn slowdowns_of_many_lanes_are_those_of_each((cores, lanes) in lanes()) {
        let shares: [f64; LANES] = std::array::from_fn(|lane| lanes[lane].0 * cores);
        let loads: [f64; LANES] = std::array::from_fn(|lane| lanes[lane].1 * shares[lane]);
        let Pairs { on_shares, on_all } = slowdowns(&loads, &shares, cores);
        for lane in 0..LANES {
            let expected = slowdown(loads[lane], shares[lane]).factor();
            prop_assert_eq!(on_shares[lane].to_bits(), expected.to_bits());
            let expected = slowdown(loads[lane], cores).factor();
            prop_assert_eq!(on_all[lane].to_bits(), expected.to_bits());
        }
    }

    #[test]
    fn a_board_shows_what_water_filling_finds((cores, weight, demands, fleets) in pool()) {
        let mut totals = NodeTotals::default();
        totals.clear(demands.len(), cores, weight);
        totals.want(1.0, Some(&demands));
        for (weight, cap, wanted) in &fleets {
            let alike = Contender { weight: *weight, demand: 0.0, cap: *cap };
            totals.add(wanted, alike);
        }
        for first in (0..demands.len()).step_by(LANES) {
            for (node, state) in (first..).zip(totals.look(first)) {
                if node >= demands.len() {
                    prop_assert_eq!(state, NodeState::Idle);
                    continue;
                }
                let application = totals.application(node);
                prop_assert_eq!(application.demand.to_bits(), demands[node].to_bits());
                let collectors = contenders_on(&fleets, node);
                let contention = Contention { cores, application, collectors: &collectors };
                check_sight(state, &contention);
            }
        }
    }

    /// Sums of a few terms in another order: some last bits.
    #[test]
    fn a_snapshot_knows_each_process(scene in scene()) {
        let Scene { resident, process, weights, at } = scene;
        let cores = [0.1, 0.02, 0.003];
        let streams = resident.driver.streams.len();
        let snapshot = Snapshot::new(&resident, at, (cores.into_iter().take(streams), 0.5));
        let exact = resident.live_at(&process, &weights, at);
        let live = snapshot.live(&process, &weights);
        prop_assert!((live - exact).abs() <= 1e-12 * exact, "{} is not {}", live, exact);
        let Needs { cores: demand, live_most: most } = snapshot.look(&process, &weights);
        prop_assert!(most >= exact, "{} is below {}", most, exact);
        let Between { least, most } = snapshot.live_between(&process, &weights);
        prop_assert!(least <= exact && exact <= most);
        let stream = |(stream, weight): (usize, &u32)| {
            cores[stream] * weight_value(*weight)
        };
        let expected = 0.5 + weights.iter().enumerate().map(stream).sum::<f64>();
        prop_assert!((demand - expected).abs() <= 1e-14 * expected);
    }
}
