//! Autoscalers that rest while nothing can change, against those that never rest.

use super::{Recording, World};
use crate::engine::{Calendar, run};
use crate::model::blueprint::Blueprint;
use crate::model::load::draw::Draw;
use crate::model::record::outcome::{Happening, Outcome};
use crate::scenario::{Overrides, Source, load};
use crate::units::SimTime;

/// Replicas that meet seasons, rollouts, incidents, kills, restarts and an outage.
const EVENTFUL: &str = r#"
format = 1
meta = { name = "eventful" }
experiment = { horizon = "12d", draws = 1 }
[[cluster]]
name = "prod"
count = 2
pool = [{ name = "general", nodes = 3, node = { cpu = 4, memory = "16GiB" }, drains = "3d" }]
[[workload]]
name = "apps"
runs_on = ["prod.general"]
pods = { start = 1200, growth_per_30d = "150%", season = { daily = "40%" }, steps = [{ at = "5d", factor = 3 }, { at = "121h", factor = 0.4 }] }
series_per_pod = { p5 = 200, p95 = 4000 }
rollouts = { per_day = 6, share = "40%" }
incidents = { per_30d = 8, factor = { p5 = 1.3, p95 = 3 }, time_to_fix = "2h" }
[[fleet]]
name = "all"
topology = "centralized"
runs_on = ["prod.general"]
autoscaling = { min = 2, max = 9, cpu = "60%", memory = "70%" }
resources = { memory = { request = "2GiB", limit = "3GiB" }, cpu = { request = 0.2, limit = 1 } }
collects = { metrics = ["apps"] }
sends_to = ["backend"]
restarts = "2d"
[[endpoint]]
name = "backend"
signal = "metrics"
outages = [{ at = "50h", for = "3h" }]
[[variant]]
name = "memory"
set = { "fleet.all.autoscaling" = { min = 2, max = 20, memory = "70%" }, "fleet.all.controller" = "deployment" }
[[variant]]
name = "CPU"
set = { "fleet.all.autoscaling" = { min = 1, max = 20, cpu = "55%", metric_lag = "7s", tolerance = "0%" }, "fleet.all.share" = "load-balancer" }
[[variant]]
name = "slow"
set = { "fleet.all.autoscaling" = { min = 1, max = 8, cpu = "80%", sync = "40s", scale_up_window = "3m", scale_down_window = "1m" }, "fleet.all.share" = "hashmod", "fleet.all.restarts" = "never" }
"#;

fn blueprints() -> Vec<Blueprint> {
    let source = Source {
        name: "eventful".to_owned(),
        bytes: EVENTFUL.into(),
    };
    let read = |_: &str, path: &str| Err(path.to_owned());
    let loaded = load(&[source], &read, &Overrides::default()).remove(0);
    let cases = loaded.result.expect("it loads").study.cases;
    cases.into_iter().map(|case| case.blueprint).collect()
}

/// A draw whose autoscalers rest while nothing can change, or never.
fn play(blueprint: &Blueprint, draw: u32, rests: bool) -> (Outcome, Vec<Happening>) {
    let mut calendar = Calendar::default();
    let mut world = World::new(blueprint, Draw::new(1, draw, 0), Recording::On);
    for fleet in &mut world.fleets {
        fleet.keep_autoscalers_awake(!rests);
    }
    world.plan_everything(&mut calendar);
    let end = SimTime::from_nanos(world.setting.grid.end);
    let events = run(&mut world, &mut calendar, end);
    let (outcome, happened) = world.finish(events);
    (outcome, happened.rows)
}

#[test]
fn an_autoscaler_that_rests_misses_nothing() {
    let (mut scaled, mut events) = (0.0, [0, 0]);
    for blueprint in blueprints() {
        for draw in 0..4 {
            let (rested, rows) = play(&blueprint, draw, true);
            let (wakeful, all_rows) = play(&blueprint, draw, false);
            let bits = |outcome: &Outcome| -> Vec<u64> {
                outcome.values.iter().map(|value| value.to_bits()).collect()
            };
            // Which of two clusters acts first at one instant is nobody's business.
            let lines = |rows: &[Happening]| -> Vec<String> {
                let line = |row: &Happening| format!("{:020} {row:?}", row.at.nanos());
                let mut lines: Vec<String> = rows.iter().map(line).collect();
                lines.sort();
                lines
            };
            let (lines, all_lines) = (lines(&rows), lines(&all_rows));
            for (at, (line, other)) in lines.iter().zip(&all_lines).enumerate() {
                assert_eq!(
                    line,
                    other,
                    "draw {draw}, after {:#?}",
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
