//! Autoscalers that skip evaluations that change nothing, compared with autoscalers that skip none.

use super::{Recording, World};
use crate::engine::{Calendar, run};
use crate::model::blueprint::{
    Answer, Autoscaling, Blueprint, Controller, EndpointId, FleetId, Outage, Step, WorkloadId,
    example,
};
use crate::model::law::{Law, Quantity};
use crate::model::load::draw::Draw;
use crate::model::record::outcome::{EventRecord, Outcome};
use crate::model::topology::{Share, centralized};
use crate::model::wal::grid_of;
use crate::units::{Fraction, SimDuration};

/// An autoscaler that evaluates every 15 s and provisions nodes within minutes.
fn autoscaling(max: u32, cpu_percent: Option<u32>, memory_percent: Option<u32>) -> Autoscaling {
    Autoscaling {
        min: 2,
        max,
        memory_percent,
        cpu_percent,
        tolerance: 0.1,
        sync: SimDuration::from_secs(15),
        scale_up_window: SimDuration::ZERO,
        scale_down_window: SimDuration::from_mins(5),
        metric_lag: Quantity::unknown(Law::Uniform {
            min: 15.0,
            max: 60.0,
        }),
        node_provisioning: Law::Uniform {
            min: 180.0,
            max: 240.0,
        },
    }
}

/// Replicas that meet seasons, rollouts, incidents, kills, restarts and an outage.
fn eventful(autoscaling: Autoscaling) -> Blueprint {
    let mut blueprint = example::blueprint(12, autoscaling);
    let count = &mut blueprint.workloads[WorkloadId::new(0)].count;
    count.growth_per_30d = Quantity::fixed(1.5);
    count.season.daily = Fraction::clamped(0.4);
    count.steps = [(120, 3.0), (121, 0.4)]
        .map(|(hours, factor)| Step {
            at: SimDuration::from_hours(hours),
            factor,
        })
        .into();
    blueprint.endpoints[EndpointId::new(0)].outages = vec![Outage {
        at: SimDuration::from_hours(50),
        lasts: SimDuration::from_hours(3),
        answer: Answer::Errors,
    }];
    blueprint
}

/// Autoscalers of both metrics, of memory, of CPU with a lag, and with a long sync period.
fn blueprints() -> [Blueprint; 4] {
    let memory = autoscaling(20, None, Some(70));
    let cpu = Autoscaling {
        min: 1,
        metric_lag: Quantity::fixed(7.0),
        tolerance: 0.0,
        ..autoscaling(20, Some(55), None)
    };
    let slow = Autoscaling {
        min: 1,
        sync: SimDuration::from_secs(40),
        scale_up_window: SimDuration::from_mins(3),
        scale_down_window: SimDuration::from_mins(1),
        ..autoscaling(8, Some(80), None)
    };
    let both = autoscaling(9, Some(60), Some(70));
    let mut blueprints = [both, memory, cpu, slow].map(eventful);
    let all = FleetId::new(0);
    let [_, memory, cpu, slow] = &mut blueprints;
    memory.fleets[all].lifecycle.controller = Controller::Deployment;
    cpu.fleets[all].topology = centralized(1, Share::LoadBalancer);
    slow.fleets[all].topology = centralized(1, Share::Hashmod);
    slow.fleets[all].interruptions.restart_interval = None;
    blueprints
}

/// A draw whose autoscalers skip evaluations that change nothing, or skip none.
fn play(blueprint: &Blueprint, draw: u32, rests: bool) -> (Outcome, Vec<EventRecord>) {
    let mut calendar = Calendar::default();
    let (grid, draw) = (grid_of(blueprint), Draw::new(1, draw, 0));
    let mut world =
        World::new(blueprint, grid, draw, Recording::On).expect("within the exact range");
    for fleet in &mut world.fleets {
        fleet.keep_autoscalers_awake(!rests);
    }
    world.plan_everything(&mut calendar, |_| true);
    let end = world.setting.grid.end;
    let events = run(&mut world, &mut calendar, end);
    let (outcome, records) = world.finish(events);
    (outcome, records.rows)
}

#[test]
fn an_autoscaler_that_rests_misses_nothing() {
    let (mut scaled, mut events) = (0.0, [0, 0]);
    for (case, blueprint) in blueprints().into_iter().enumerate() {
        for draw in 0..4 {
            let (rested, rows) = play(&blueprint, draw, true);
            let (wakeful, all_rows) = play(&blueprint, draw, false);
            let bits = |outcome: &Outcome| -> Vec<u64> {
                outcome.values.iter().map(|value| value.to_bits()).collect()
            };
            // The order of two clusters at one instant does not matter.
            let lines = |rows: &[EventRecord]| -> Vec<String> {
                let line = |row: &EventRecord| format!("{:020} {row:?}", row.at.nanos());
                let mut lines: Vec<String> = rows.iter().map(line).collect();
                lines.sort();
                lines
            };
            let (lines, all_lines) = (lines(&rows), lines(&all_rows));
            for (at, (line, other)) in lines.iter().zip(&all_lines).enumerate() {
                assert_eq!(
                    line,
                    other,
                    "case {case}, draw {draw}, after {:#?}",
                    &lines[at.saturating_sub(6)..at]
                );
            }
            assert_eq!(lines.len(), all_lines.len());
            assert_eq!(bits(&rested), bits(&wakeful));
            assert_eq!(rested.first, wakeful.first);
            scaled += rested.values[3] + rested.values[4];
            events[0] += rested.events_handled;
            events[1] += wakeful.events_handled;
        }
    }
    assert!(scaled > 100.0, "{scaled} changes");
    assert!(events[0] * 4 < events[1], "{events:?}");
}
