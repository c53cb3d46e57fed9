//! Charts for a capacity review: the title states the finding, and the limit is a labelled line.
//!
//! A chart is a row of [`CHARTS`]: a file name, a meaning and a function from one case to a figure.
//! The function returns nothing if there is nothing to show. All charts are drawn in the same way.

mod backlog;
mod canvas;
mod comparison;
mod crossing;
mod fan;
mod figure;
mod first_failure;
mod frame;
mod label;
mod memory;
mod needs;
mod page;
mod ports;
mod ranges;
mod replicas;
mod scale;
mod series;
mod slowdown;
mod steps;
mod theme;
mod track;

use figure::Figure;

pub(super) use theme::{STYLE, colour_of};

use super::artifact::slug;
use super::shelf::Filing;
use super::view::View;
use crate::experiment::results::Results;

/// Most cases that each have their own charts.
const CASES_MAX: usize = 4;

/// A chart.
pub(super) struct Chart {
    /// Name of the file without its ending.
    name: &'static str,
    /// What the chart shows, in one sentence, for the documents.
    pub(super) meaning: &'static str,
    /// Whether the chart shows all cases at once.
    all_cases: bool,
    /// The figure of a case; `None` if there is nothing to show.
    figure: fn(&View<'_>) -> Option<Figure>,
}

impl Chart {
    /// Name of the file.
    pub(super) fn file(&self) -> String {
        format!("{}.svg", self.name)
    }
}

/// Charts by name: whether they show all cases, their function and their meaning.
macro_rules! charts {
    ($($name:literal, all_cases: $all_cases:literal, $figure:path, $meaning:literal;)*) => {
        &[$(Chart { name: $name, meaning: $meaning, all_cases: $all_cases, figure: $figure },)*]
    };
}

/// All charts, in the order of the documents.
pub(super) const CHARTS: &[Chart] = charts! {
    "first-failure", all_cases: false, first_failure::figure,
        "Share of draws in which each failure has happened by each instant, with the interval at \
         the horizon.";
    "memory", all_cases: false, memory::figure,
        "Smallest memory limit that the busiest collector of each fleet survives, over time, \
         against the limit it has. A draw counts as above the limit from its first kill at the limit \
         on.";
    "series", all_cases: false, series::figure,
        "Active series of each fleet over time.";
    "replicas", all_cases: false, replicas::figure,
        "Collectors of each autoscaled fleet over time, against the most that its autoscalers may \
         ask for.";
    "ports", all_cases: false, ports::figure,
        "Source ports in use in the fullest set of each egress, over time, against the ports that \
         exist.";
    "slowdown", all_cases: false, slowdown::figure,
        "Response time of applications with collectors over without, on the worst node of each \
         pool, over time.";
    "backlog", all_cases: false, backlog::figure,
        "Unsent samples of each fleet, over time.";
    "comparison", all_cases: true, comparison::figure,
        "Probability of each failure by case with its 95 % interval, or, if nothing fails in any \
         case, the share of the nearest limit (median, p5 to p95).";
    "memory-by-case", all_cases: true, needs::memory,
        "Smallest memory limit that each case needs, in service and if restarted at the horizon \
         (median, p5 to p95), of the fleet that needs most. No mark where a draw in twenty or more \
         is killed, for a kill hides what would have been needed.";
    "loss-by-case", all_cases: true, needs::loss,
        "Share of the samples that is missed or lost in each case (median, p5 to p95), of the fleet \
         that loses most.";
};

/// The places of charts, for the documents.
pub(super) const PLACES: &str = "\
SVG files in `charts/` for the base case. With at most four cases, those of the other cases are in \
`charts/<case>/`; with more, only the base case and the charts of all cases are drawn. A chart is left out if \
it has nothing to show, such as ports without an egress. The title states the finding, the line below \
it the measure; bands reach from the 5th to the 95th percentile of the draws at each point.";

/// A chart of a case, drawn.
pub(super) struct Drawing {
    /// Name of the chart.
    pub(super) name: &'static str,
    /// Whether the chart shows all cases at once.
    pub(super) all_cases: bool,
    /// The title of the chart.
    pub(super) finding: String,
    /// The chart as SVG.
    pub(super) svg: String,
}

impl Drawing {
    /// The chart as a part of a page, which has [`STYLE`] once for all charts.
    pub(super) fn inline(&self) -> String {
        self.svg.replacen(&canvas::styled(), "", 1)
    }
}

/// The charts of a case. Only the base has the charts of all cases.
pub(super) fn of_case(view: &View<'_>, version: &str) -> Vec<Drawing> {
    let is_own = |chart: &&Chart| view.index() == 0 || !chart.all_cases;
    let drawing = |chart: &Chart| {
        let (finding, svg) = draw(chart, view, version)?;
        Some(Drawing {
            name: chart.name,
            all_cases: chart.all_cases,
            finding,
            svg,
        })
    };
    CHARTS.iter().filter(is_own).filter_map(drawing).collect()
}

/// Puts all charts of a study on the shelf.
pub(super) fn render(
    results: &Results,
    version: &str,
    filing: &mut Filing<'_>,
) -> std::io::Result<()> {
    let cases = results.cases.len();
    let own = if cases <= CASES_MAX { cases } else { 1 };
    let mut folders: Vec<String> = Vec::new();
    for (index, view) in View::all(results).take(own).enumerate() {
        let folder = folder(&folders, index, view.name());
        for Drawing { name, svg, .. } in of_case(&view, version) {
            filing.text(&format!("charts/{folder}{name}.svg"), &svg)?;
        }
        folders.push(folder);
    }
    Ok(())
}

/// Longest name of the folder of a case, without a number that tells it from others.
const FOLDER_BYTES_MAX: usize = 48;

/// The folder of a case inside `charts/`. The base has none; every other case has a unique name.
fn folder(taken: &[String], index: usize, name: &str) -> String {
    if index == 0 {
        return String::new();
    }
    let mut name = slug(name);
    // A slug is ASCII. File systems allow 255 bytes, and a reader reads fewer.
    name.truncate(FOLDER_BYTES_MAX);
    if name.is_empty() {
        name = format!("case-{index}");
    }
    let counted = (2..).map(|count| format!("{name}-{count}/"));
    let mut names = std::iter::once(format!("{name}/")).chain(counted);
    let free = names.find(|folder| !taken.contains(folder));
    free.expect("numbers do not end")
}

/// The title of a chart, and its SVG.
fn draw(chart: &Chart, view: &View<'_>, version: &str) -> Option<(String, String)> {
    let figure = (chart.figure)(view)?;
    let study = &view.results.study;
    let case = if chart.all_cases {
        String::new()
    } else {
        format!(" · case {}", view.label())
    };
    let footer = format!(
        "{}{case} · seed {} · {} draws · alloy-sim {version}",
        study.name, study.seed, view.results.draws
    );
    let svg = page::paint(&figure, &footer);
    Some((figure.finding, svg))
}
