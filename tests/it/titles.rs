//! No title of a chart contradicts its picture: what the title says is found anew in the drawn values.
//!
//! The areas of a chart that tell values hold them unrounded in `data-values`: of bands p5, median, p95
//! and the limit; of curves the share of each; of cases the low end, the value and the high end.

use alloy_sim::Draws;
use alloy_sim::experiment::results::Results;
use alloy_sim::report::{Artifact, Sources};

use crate::scenario::checked;
use crate::support::files::render;
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
            let ends = [" ", ";", ","].map(|end| format!(" of {scope}{end}"));
            ends.iter().any(|text| self.title.contains(text))
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

/// The numbers of a text with their scale.
fn numbers(text: &str) -> Vec<f64> {
    let words = text.split(' ').map(|word| word.trim_matches([',', ';']));
    let is_number = |word: &&str| word.starts_with(char::is_numeric);
    words.filter(is_number).map(number).collect()
}

/// Bands against a level.
fn is_level_true(chart: &Chart) -> Result<(), String> {
    let title = chart.title.as_str();
    let points = chart.points();
    let most = |at: usize| points.iter().map(|point| point[at]).fold(0.0, f64::max);
    let highest = most(2);
    // Ports in use cannot exceed the ports that exist.
    let slack = if chart.file == "ports" { 0.999 } else { 1.0 };
    let above = |at: usize| points.iter().any(|point| point[at] > slack * point[3]);
    let marked = title.rsplit_once("; ").map_or("", |(_, end)| end);
    let marks = between(marked, " in ", " of draws").unwrap_or_default();
    if !chart.labels.contains(marks) {
        return Err(format!("no label has {marks}"));
    }
    // Each instant has a band of its own: other draws may be high at other times.
    if title.contains("19 draws of 20") && !title.contains("at any one time") {
        return Err("bands are of one time each".to_owned());
    }
    if title.contains(" is enough") && !marks.is_empty() && numbers(marks)[0] >= 5.0 {
        return Err(format!("it is not enough in {marks}"));
    }
    is_date_true(chart)?;
    let is_half = title.contains("in half of the draws");
    if is_half || title.contains("in 1 draw of 20") {
        let is_so = if is_half {
            above(1)
        } else {
            above(2) && !above(1)
        };
        if !is_so {
            return Err("the bands say otherwise".to_owned());
        }
        let peak = if is_half { most(1) } else { highest };
        let told = between(title, ", ", "× as long at the peak").map_or(1.5, number);
        let is_told = chart.file != "slowdown" || is_near(told, peak);
        return is_told.then_some(()).ok_or(format!("{peak} is the peak"));
    }
    if points.iter().any(|point| point.len() > 3) && above(2) {
        return Err("p95 is above the limit".to_owned());
    }
    let below = between(title, "stays below ", " %").or(between(title, "stay below ", " %"));
    let share = if let Some(text) = below {
        let shares = points.iter().map(|point| point[2] / point[3]);
        Some((text, shares.fold(0.0, f64::max)))
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

/// The day from which a title tells a level to be crossed, beside the day of the label.
fn is_date_true(chart: &Chart) -> Result<(), String> {
    let Some((_, day)) = chart.title.split_once(" from ") else {
        return Ok(());
    };
    let day = day.split([',', ';']).next().unwrap();
    let day = day
        .split(" in ")
        .next()
        .unwrap()
        .replace("the start", "at the start");
    let labels = chart
        .labels
        .lines()
        .filter_map(|line| line.split_once(" over: "));
    let labels: Vec<&str> = labels
        .map(|(_, label)| label.trim_end_matches('…'))
        .collect();
    // Ports have no label, for a line never rises above all of them.
    let is_told = chart.file == "ports" || labels.iter().any(|label| day.starts_with(label));
    is_told
        .then_some(())
        .ok_or(format!("labels have {labels:?}"))
}

/// Bands from their start to their end.
fn is_course_true(chart: &Chart) -> Result<(), String> {
    let title = chart.title.as_str();
    let points = chart.points();
    let (first, last) = (points[0], points[points.len() - 1]);
    let most = |at: usize| points.iter().map(|point| point[at]).fold(0.0, f64::max);
    let check = |told: f64, drawn: f64| {
        let text = format!("{drawn} is drawn for {told}");
        is_near(told, drawn).then_some(()).ok_or(text)
    };
    if let Some((backlog, _)) = title.split_once(" samples") {
        let told = numbers(backlog.rsplit(' ').next().unwrap())[0];
        if let Some(text) = between(title, "half of the draws, ", " in 1 of 20") {
            check(number(text), most(2))?;
            return check(told, most(1));
        }
        if title.contains("its median stays at 0") && most(1) >= 0.01 {
            return Err(format!("the median is {}", most(1)));
        }
        return check(told, most(2));
    }
    let (course, spread) = title.split_once(" in the median").ok_or("no median")?;
    if let Some((_, ends)) = course.split_once(" between ") {
        let medians = points.iter().map(|point| point[1]);
        check(numbers(ends)[0], medians.fold(f64::INFINITY, f64::min))?;
        return check(numbers(ends)[1], most(1));
    }
    let start = course.find(" from ").or(course.find(" at ")).unwrap();
    let told = numbers(&course[start..]);
    check(told[0], first[1]).or_else(|why| if told.len() > 1 { Err(why) } else { Ok(()) })?;
    check(told[told.len() - 1], last[1])?;
    let medians = points.iter().map(|point| point[1]);
    let high = told.iter().copied().fold(0.0, f64::max);
    let low = told.iter().copied().fold(f64::INFINITY, f64::min);
    let outside = |median: &f64| *median > 1.05 * high || *median < 0.95 * low;
    if let Some(median) = medians.clone().find(outside) {
        return Err(format!("the median is {median} on the way"));
    }
    if let Some(text) = between(spread, "above ", " at the end in 1 draw of 20") {
        check(number(text), last[2])?;
        if is_near(last[1], last[2]) && is_near(number(text), last[1]) && last[1] >= last[2] {
            return Err("all draws end alike".to_owned());
        }
    }
    let is_wrong = (course.contains(" grow ") && last[1] < first[1])
        || (course.contains(" shrink ") && last[1] > first[1]);
    let way = "the median goes the other way".to_owned();
    (!is_wrong).then_some(()).ok_or(way)
}

/// Curves of failures.
fn is_curve_true(chart: &Chart) -> Result<(), String> {
    let shares = || {
        chart
            .title
            .match_indices(" %")
            .map(|(at, _)| &chart.title[..at])
    };
    let share = |start: &str| start.rsplit(' ').next().unwrap().parse::<f64>();
    let told: Vec<f64> = shares().filter_map(|start| share(start).ok()).collect();
    let last = &chart.hits[chart.hits.len() - 1].values;
    let is_near = |drawn: f64, told: f64| (drawn * 100.0 - told).abs() <= 0.6;
    if !last.iter().any(|&share| is_near(share, told[0])) {
        return Err(format!("the curves end at {last:?}"));
    }
    let most = last.iter().copied().fold(0.0, f64::max);
    let is_told = told.iter().any(|&told| is_near(most, told));
    is_told
        .then_some(())
        .ok_or(format!("one curve ends at {most}"))
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

fn files(results: &Results) -> Vec<Artifact> {
    let sources = Sources {
        version: "0.1.0",
        scenario_text: "",
        selection: alloy_sim::report::Selection::default(),
        resolved_toml: "",
        environment: &serde_json::Value::Null,
    };
    render(results, &sources)
}

fn charts(results: &Results) -> Vec<Chart> {
    let files = files(results);
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

/// A draw in which a fleet has been killed at its limit counts as above the limit from then on, as
/// `cut_off` of `timeseries.csv` counts it.
#[test]
fn draws_that_are_killed_count_as_above_the_limit() {
    let results = small::memory_bound();
    let files = files(results);
    let table = files
        .iter()
        .find(|file| file.name == "timeseries.csv")
        .unwrap();
    let mut rows = csv::Reader::from_reader(table.bytes.as_slice());
    let head = rows.headers().unwrap().clone();
    let at = |name: &str| head.iter().position(|column| column == name).unwrap();
    let rows = rows.records().map(Result::unwrap);
    let rows = rows.filter(|row| &row[at("case")] == "base" && !row[at("cut_off")].is_empty());
    let killed: Vec<f64> = rows
        .map(|row| row[at("cut_off")].parse().unwrap())
        .collect();
    let charts = charts(results);
    let memory = charts.iter().find(|chart| chart.file == "memory").unwrap();
    // One draw of twenty, in the order of time. Of points with an event two are drawn as one.
    let is_killed = |share: &&f64| **share >= 0.05;
    let is_above = |hit: &&Hit| hit.values[2].is_infinite();
    let above = memory.hits.iter().rev().take_while(is_above).count();
    assert_eq!(above, killed.iter().rev().take_while(is_killed).count());
    assert_eq!(above, memory.hits.iter().filter(is_above).count());
    assert!(above > 0 && above < killed.len(), "{above}");
    assert!(
        memory.labels.contains("p95 &gt; 11 GiB"),
        "{}",
        memory.labels
    );
}

/// The chart of memory is about the fleet of the goal, even where another one is nearer to its limit.
#[test]
fn the_chart_of_memory_is_about_the_fleet_that_decides() {
    let results = |goals: &str| {
        small::central(&format!(
            r#"
            experiment.draws = 10
            experiment.horizon = "5d"
            fleet.edge.topology = "host-daemon"
            fleet.edge.runs_on = ["prod.general"]
            fleet.edge.collects = {{ metrics = ["hosts"] }}
            fleet.edge.sends_to = ["backend"]
            fleet.edge.resources = {{ memory = {{ request = "20GiB", limit = "20GiB" }} }}
            goal = [{goals}]
            "#
        ))
    };
    let title = |goals| {
        let charts = charts(&results(goals));
        charts
            .into_iter()
            .find(|chart| chart.file == "memory")
            .unwrap()
            .title
    };
    let goal =
        r#"{ name = "one", require = "p95(memory_limit_needed_bytes in fleet.edge) < 1GiB" }"#;
    assert!(title(goal).contains(" of fleet.edge "), "{}", title(goal));
    assert!(title("").contains(" of fleet.all "), "{}", title(""));
}

#[test]
fn a_false_title_is_noticed() {
    let mut noticed = 0;
    for mut chart in charts(small::memory_bound()) {
        chart.title = match chart.file.as_str() {
            "memory" => {
                "Memory needed stays below 0.001 % of 1 GiB at any one time in 19 draws of 20"
            }
            "series" => {
                "Active series grow from 1 to 2 in the median, above 3 at the end in 1 draw of 20"
            }
            _ => continue,
        }
        .to_owned();
        assert!(contradiction(&chart).is_some(), "{}", chart.title);
        noticed += 1;
    }
    assert!(noticed > 3, "{noticed}");
}

/// Titles that readers took for false: the chart, its title, a label and its values.
type Seen = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static [f64]],
);

#[test]
fn titles_that_were_false_once_are_noticed() {
    const GIB: f64 = 1_073_741_824.0;
    let seen: [Seen; 8] = [
        (
            "memory",
            "Memory needed stays below 71 % of 8 GiB in 19 draws of 20",
            "p95 5.6 GiB",
            &[&[1.0 * GIB, 3.0 * GIB, 5.65 * GIB, 8.0 * GIB]],
        ),
        (
            "series",
            "Active series grow from 248k to 855k in the median",
            "",
            &[
                &[248e3, 248e3, 248e3],
                &[2.06e6, 2.06e6, 2.06e6],
                &[855e3, 855e3, 855e3],
            ],
        ),
        (
            "series",
            "Active series grow from 1M to 3.75M in the median, above 3.75M at the end in 1 draw of 20",
            "",
            &[&[1e6, 1e6, 1e6], &[3.75e6, 3.75e6, 3.75e6]],
        ),
        (
            "backlog",
            "The backlog reaches 119M samples in half of the draws, 304M in 1 of 20",
            "p95 304M",
            &[&[0.0, 0.0, 304e6], &[0.0, 2e6, 100e6]],
        ),
        (
            "first-failure",
            "Memory binds first: out of memory in 2.5 % of draws by 30 May 2027",
            "",
            &[&[0.85, 0.025]],
        ),
        (
            "memory",
            "No memory limit is set; 374 MiB is enough at any one time in 19 draws of 20; out of memory in 18 % of draws",
            "| memory 18 %",
            &[&[0.0, 0.1 * GIB, 0.36 * GIB]],
        ),
        (
            "slowdown",
            "Neighbours respond half as slow again in half of the draws",
            "",
            &[&[2.0, 100.0, 200.0, 1.5]],
        ),
        (
            "memory",
            "Memory needed is above 8 GiB in 1 draw of 20 from day 5",
            "p95 over: day 4",
            &[&[1.0 * GIB, 3.0 * GIB, 9.0 * GIB, 8.0 * GIB]],
        ),
    ];
    for (file, title, label, values) in seen {
        let hit = |values: &&[f64]| Hit {
            text: "fleet.all, day 1".to_owned(),
            values: values.to_vec(),
        };
        let chart = Chart {
            file: file.to_owned(),
            title: title.to_owned(),
            labels: label.to_owned(),
            hits: values.iter().map(hit).collect(),
        };
        assert!(contradiction(&chart).is_some(), "{title}");
    }
}
