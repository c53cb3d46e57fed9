//! No title of a chart contradicts its picture: what the title says is found anew in the drawn values.
//!
//! The areas of a chart that tell values hold them unrounded in `data-values`: of bands p5, median, p95
//! and the limit; of curves the share of each; of cases the low end, the value and the high end.

use alloy_sim::Draws;
use alloy_sim::experiment::results::Results;
use alloy_sim::report::{Sources, render};

use crate::scenario::checked;
use crate::support::scene::results;
use crate::support::small;

/// An area that tells values.
struct Hit {
    text: String,
    values: Vec<f64>,
}

/// A chart as a reader sees it.
struct Chart {
    file: String,
    title: String,
    labels: String,
    hits: Vec<Hit>,
}

impl Chart {
    fn read(file: &str, svg: &str) -> Self {
        let title = between(svg, "<title>", "</title>").unwrap();
        let hit = |part: &str| Hit {
            text: between(part, "<title>", "</title>").unwrap().to_owned(),
            values: between(part, "data-values=\"", "\"")
                .unwrap()
                .split(' ')
                .map(|value| value.parse().unwrap())
                .collect(),
        };
        let texts = svg
            .split("<text")
            .skip(1)
            .filter_map(|part| between(part, ">\n", "\n</text>"));
        Self {
            file: file
                .rsplit('/')
                .next()
                .unwrap()
                .trim_end_matches(".svg")
                .to_owned(),
            title: title.to_owned(),
            labels: texts.collect::<Vec<_>>().join("\n"),
            hits: svg.split("<rect class=\"hit\"").skip(1).map(hit).collect(),
        }
    }

    /// The points of the panel that the title names, or of the only one.
    fn points(&self) -> Vec<&[f64]> {
        let named = |hit: &&Hit| {
            let scope = hit.text.split(", ").next().unwrap();
            self.title.contains(&format!(" of {scope} "))
                || self.title.contains(&format!(" of {scope};"))
        };
        let any = self.hits.iter().any(|hit| named(&hit));
        let hits = self.hits.iter().filter(|hit| !any || named(hit));
        hits.map(|hit| hit.values.as_slice()).collect()
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?
        .1
        .split_once(end)
        .map(|(text, _)| text)
}

/// The number before a word: `stays below 57 % of` with ` %` is 57.
fn number(text: &str) -> f64 {
    let digits = text.trim().replace(',', "");
    let scale = match digits.chars().last() {
        Some('k') => 1e3,
        Some('M') => 1e6,
        Some('G') => 1e9,
        Some('T') => 1e12,
        _ => 1.0,
    };
    let digits = digits.trim_end_matches(['k', 'M', 'G', 'T']);
    digits
        .parse::<f64>()
        .unwrap_or_else(|_| panic!("a number: {text}"))
        * scale
}

fn is_near(told: f64, drawn: f64) -> bool {
    (told - drawn).abs() <= 0.006 * drawn.abs().max(told.abs()) + 1e-9
}

/// Why the picture says otherwise than the title.
fn contradiction(chart: &Chart) -> Option<String> {
    let wrong = |why: String| Some(format!("{}: \"{}\", but {why}", chart.file, chart.title));
    let is_true = match chart.file.as_str() {
        "memory" | "ports" | "slowdown" => is_level_true(chart),
        "series" | "replicas" | "backlog" => is_course_true(chart),
        "first-failure" => is_curve_true(chart),
        _ => are_cases_true(chart),
    };
    match is_true {
        Ok(()) => None,
        Err(why) => wrong(why),
    }
}

/// Bands against a level.
fn is_level_true(chart: &Chart) -> Result<(), String> {
    let title = chart.title.as_str();
    let points = chart.points();
    let highest = points.iter().map(|point| point[2]).fold(0.0, f64::max);
    // Ports in use cannot exceed the ports that exist.
    let slack = if chart.file == "ports" { 0.999 } else { 1.0 };
    let above = |at: usize| points.iter().any(|point| point[at] > slack * point[3]);
    let marked = title.split_once("; ").map_or("", |(_, end)| end);
    let marks = between(marked, " in ", " of draws").unwrap_or_default();
    if !chart.labels.contains(marks) {
        return Err(format!("no label has {marks}"));
    }
    if title.contains("in half of the draws") {
        return above(1)
            .then_some(())
            .ok_or("no median is above".to_owned());
    }
    if title.contains("in 1 draw of 20") {
        let is_so = above(2) && !above(1);
        return is_so
            .then_some(())
            .ok_or("the bands say otherwise".to_owned());
    }
    if points.iter().any(|point| point.len() > 3) && above(2) {
        return Err("p95 is above the limit".to_owned());
    }
    let share = if let Some(text) =
        between(title, "stays below ", " %").or(between(title, "stay below ", " %"))
    {
        Some((
            text,
            points
                .iter()
                .map(|point| point[2] / point[3])
                .fold(0.0, f64::max),
        ))
    } else {
        between(title, "at most ", " % slower").map(|text| (text, highest - 1.0))
    };
    match share {
        Some((text, drawn)) if number(text) / 100.0 < drawn - 1e-9 => {
            Err(format!("p95 reaches {drawn}"))
        }
        Some((text, drawn)) if number(text) / 100.0 > 1.2 * drawn + 0.01 => {
            Err(format!("p95 is {drawn} at most"))
        }
        _ => Ok(()),
    }
}

/// Bands from their start to their end.
fn is_course_true(chart: &Chart) -> Result<(), String> {
    let title = chart.title.as_str();
    let points = chart.points();
    let (first, last) = (points[0], points[points.len() - 1]);
    let most = |at: usize| points.iter().map(|point| point[at]).fold(0.0, f64::max);
    let check = |told: &str, drawn: f64| {
        is_near(number(told), drawn)
            .then_some(())
            .ok_or(format!("{drawn} is drawn for {told}"))
    };
    if let Some(text) = between(title, " from ", " to ") {
        check(text, first[1])?;
        let end = if chart.file == "series" {
            between(title, "above ", " in 1")
        } else {
            between(title, "end at ", ",")
        };
        check(
            end.unwrap(),
            if chart.file == "series" {
                last[2]
            } else {
                last[1]
            },
        )?;
        let is_wrong = (title.contains(" grow ") && last[1] < first[1])
            || (title.contains(" shrink ") && last[1] > first[1]);
        return if is_wrong {
            Err("the median goes the other way".to_owned())
        } else {
            Ok(())
        };
    }
    if let Some(text) = between(title, "half of the draws, ", " in 1 of 20") {
        check(text, most(2))?;
        return check(between(title, "reaches ", " samples").unwrap(), most(1));
    }
    if let Some(text) = between(title, "reaches ", " samples") {
        return check(text, most(2));
    }
    let is_steady = (last[1] / first[1] - 1.0).abs() < 0.025;
    is_steady.then_some(()).ok_or("the median moves".to_owned())
}

/// Curves of failures.
fn is_curve_true(chart: &Chart) -> Result<(), String> {
    let told = number(
        between(&chart.title, " in ", " % of draws")
            .and_then(|text| text.rsplit([' ', ':']).next())
            .filter(|text| text.parse::<f64>().is_ok())
            .or(between(&chart.title, ": ", " % of draws").and_then(|text| text.rsplit(' ').next()))
            .unwrap(),
    );
    let last = &chart.hits[chart.hits.len() - 1].values;
    let is_drawn = last.iter().any(|share| (share * 100.0 - told).abs() <= 0.6);
    is_drawn
        .then_some(())
        .ok_or(format!("the curves end at {last:?}"))
}

/// Cases side by side.
fn are_cases_true(chart: &Chart) -> Result<(), String> {
    let title = chart.title.as_str();
    let case = |hit: &Hit| hit.text.split('\n').next().unwrap().to_owned();
    let first_key = |hit: &&Hit| {
        let key = |hit: &Hit| {
            hit.text
                .split('\n')
                .nth(1)
                .unwrap()
                .split(char::is_numeric)
                .next()
                .unwrap()
                .to_owned()
        };
        key(hit) == key(&chart.hits[0])
    };
    let of = |name: &str, at: usize| {
        let hits = chart.hits.iter().filter(|hit| case(hit) == name);
        hits.map(|hit| hit.values[at])
            .fold(f64::NEG_INFINITY, f64::max)
    };
    let extreme = |name: &str, at: usize, sign: f64| {
        let own = of(name, at);
        let all = chart.hits.iter().map(|hit| of(&case(hit), at));
        let beaten = all
            .into_iter()
            .any(|other| sign * other > sign * own + 1e-12);
        if beaten {
            Err(format!("case {name} is not the extreme one"))
        } else {
            Ok(())
        }
    };
    if let Some(ends) = between(title, "at most ", ", in 19 draws") {
        // The names of cases may have commas themselves.
        let names = || chart.hits.iter().map(case);
        let is_high = |name: &String| ends.ends_with(&format!(" in case {name}"));
        let is_low = |name: &String| ends.contains(&format!(" in case {name}, "));
        let longest = |names: Vec<String>| names.into_iter().max_by_key(String::len);
        let low = longest(names().filter(is_low).collect()).ok_or("no such case")?;
        let high = longest(names().filter(is_high).collect()).ok_or("no such case")?;
        extreme(&low, 2, -1.0)?;
        return extreme(&high, 2, 1.0);
    }
    if let Some((_, worst)) = title.split_once(" of draws in case ") {
        let hits: Vec<&Hit> = chart.hits.iter().filter(first_key).collect();
        let most = hits
            .iter()
            .max_by(|a, b| a.values[1].total_cmp(&b.values[1]))
            .unwrap();
        let share = most.values[1];
        let named = hits.iter().filter(|hit| worst.starts_with(&case(hit)));
        let is_most = named.into_iter().any(|hit| hit.values[1] >= share);
        return is_most
            .then_some(())
            .ok_or(format!("case {} is worse", case(most)));
    }
    if title.starts_with("Nothing breaks") {
        let most = chart
            .hits
            .iter()
            .max_by(|a, b| a.values[2].total_cmp(&b.values[2]))
            .unwrap();
        return title
            .contains(&case(most))
            .then_some(())
            .ok_or(format!("case {} comes nearer", case(most)));
    }
    Ok(())
}

fn charts(results: &Results) -> Vec<Chart> {
    let sources = Sources {
        version: "0.1.0",
        scenario_text: "",
        selection: alloy_sim::report::Selection::default(),
        resolved_toml: "",
        environment: &serde_json::Value::Null,
    };
    let files = render(results, &sources);
    let charts = files.iter().filter(|file| file.name.starts_with("charts/"));
    charts
        .map(|file| Chart::read(&file.name, std::str::from_utf8(&file.bytes).unwrap()))
        .collect()
}

#[track_caller]
fn assert_true(name: &str, results: &Results) -> usize {
    let charts = charts(results);
    let wrong: Vec<String> = charts.iter().filter_map(contradiction).collect();
    assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
    charts.len()
}

#[test]
fn titles_of_the_shipped_scenarios_are_true() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mut study = checked(&std::fs::read_to_string(&path).unwrap()).study;
        study.draws = Draws::Fixed(8);
        let charts = assert_true(&path.display().to_string(), &results(study, 2));
        assert!(charts > 0);
    }
}

/// Fleets of any size, with and without room, outages and growth.
#[test]
fn titles_of_random_scenarios_are_true() {
    let pick = |seed: u64, turn: u64, among: &[&str]| {
        let mixed = (seed * 16 + turn + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
        among[usize::try_from(mixed).unwrap() % among.len()].to_owned()
    };
    let mut charts = 0;
    for seed in 0..20 {
        let limit = pick(
            seed,
            0,
            &["2GiB", "6GiB", "9GiB", "11GiB", "14GiB", "40GiB"],
        );
        let changes = format!(
            r#"
            experiment.draws = 30
            experiment.seed = {seed}
            experiment.horizon = "{}"
            experiment.start_date = "2027-01-01"
            fleet.all.replicas = {}
            fleet.all.resources.memory = {{ request = "{limit}", limit = "{limit}" }}
            cluster.prod.pool.telemetry.nodes = 16
            endpoint.backend.outages = {}
            egress.nat.background_connections = {}
            sweep = {{ "fleet.all.replicas" = [{}, 12] }}
            "#,
            pick(seed, 1, &["2d", "20d", "90d", "180d"]),
            pick(seed, 2, &["3", "5", "8"]),
            pick(
                seed,
                3,
                &[
                    "[]",
                    "[{ at = \"1d\", for = \"20m\" }]",
                    "[{ at = \"30h\", for = \"3h\" }]"
                ]
            ),
            pick(seed, 4, &["100", "60000", "64400"]),
            pick(seed, 5, &["4", "6", "10"]),
        );
        charts += assert_true(&format!("{seed}: {changes}"), &small::central(&changes));
    }
    assert!(charts > 60, "{charts} charts");
}

#[test]
fn a_false_title_is_noticed() {
    let mut noticed = 0;
    for mut chart in charts(small::memory_bound()) {
        chart.title = match chart.file.as_str() {
            "memory" => "Memory needed stays below 0.001 % of 1 GiB in 19 draws of 20",
            "series" => "Active series grow from 1 to 2, above 3 in 1 draw of 20",
            _ => continue,
        }
        .to_owned();
        assert!(contradiction(&chart).is_some(), "{}", chart.title);
        noticed += 1;
    }
    assert!(noticed > 3, "{noticed}");
}
