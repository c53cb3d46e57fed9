//! The page of a scenario: one self-contained `index.html`, and an index over the scenarios of one
//! command.
//!
//! The page lays a [`Brief`] out, as the answer on the terminal does, and shows the charts of the
//! output folder in line. A page loads nothing, and reads without its script. The script only shows
//! the values of a chart at the pointer.

mod breaks;
mod case;
mod input;
mod nearest;
mod overview;
mod shortcut;
mod watch;

pub use overview::page_of_overviews;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Value, context};

use super::Sources;
use super::answer::short;
use super::artifact::sha256;
use super::brief::{Brief, CaseBrief, Flip, Influence, RequiredRow, Requirements, Row};
use super::chart::{self, Drawing};
use super::numbers::{exact, human};
use super::repeat;
use super::view::View;
use super::words;
use crate::experiment::results::Results;
use crate::model::record::catalogue::Unit;
use crate::stats::Verdict;

/// Name of the page in the output folder, and of the index over several scenarios.
pub(super) const NAME: &str = "index.html";

/// What the page shows, for the documents.
pub(super) const MEANING: &str = "\
The page to show: verdict, cases, charts, what decides, every input with its source, and what to watch. \
One file that loads nothing. `run` with several files also writes `index.html` beside the folders: the \
scenarios of that command, the gravest first.";

/// Most bytes of charts on a page. The cases beyond have a row in the table, and no charts.
const CHARTS_BYTES_MAX: usize = 2_400_000;

/// Lines of the document that says how true the model is.
const VALIDATION: &str = include_str!("../../../docs/validation.md");

/// The page of a study.
pub(super) fn render(results: &Results, brief: &Brief, sources: &Sources<'_>) -> String {
    let shown = shown(results, brief, sources.version);
    let (of_all, of_case): (Vec<_>, Vec<_>) = shown
        .iter()
        .flat_map(|(_, drawings)| drawings)
        .partition(|one| one.all_cases);
    let base = results.study.cases.first();
    let cases = shown
        .iter()
        .map(|(view, drawings)| case::section(view, brief, drawings));
    let has_goals = !brief.goals.list.is_empty();
    let without_verdict = has_goals && brief.headline.verdict.is_none();
    let content = context! {
        version => sources.version,
        name => brief.name.as_str(),
        question => brief.question.as_str(),
        facts => facts(brief),
        verdict => marked(brief.headline.verdict, words::safety, words::unjudged(has_goals)),
        unjudged => without_verdict.then(|| short::unjudged(brief)),
        sentence => brief.headline.sentence.as_str(),
        offers => brief.offers.clone(),
        basis => brief.basis.clone(),
        command => repeat::command(sources.selection),
        scenario_hash => sha256(sources.resolved_toml.as_bytes()),
        rows => rows(brief, &shown),
        has_goals,
        smallest => brief.table.smallest.map(|case| brief.cases[case].label.clone()),
        hidden => results.cases.len() - shown.len(),
        has_charts => !of_case.is_empty(),
        charts => of_all.iter().map(|one| drawing(one)).collect::<Vec<_>>(),
        cases => cases.collect::<Vec<_>>(),
        influences => influences(results, brief),
        about => brief.cases.get(brief.headline.case).map(|case| case.label.clone()),
        goals => required(&brief.goals, words::verdict),
        expectations => required(&brief.expectations, words::expectation),
        inputs => input::groups(&results.study, sources.scenario_text),
        shortcuts => base.map(|base| shortcut::groups(&base.blueprint)).unwrap_or_default(),
        watch => watch::rows(brief),
        validation => validation(),
        nearest => nearest::rows(&View::new(results, 0), VALIDATION),
    };
    filled("page.html", include_str!("page.html"), content)
}

/// A template with its content. Names that end in `.html` escape every value.
fn filled(name: &'static str, template: &'static str, content: Value) -> String {
    const RIGHT: &str = "the templates are part of the program and fit their values";
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    let mut environment = Environment::new();
    environment.set_syntax(syntax.build().expect(RIGHT));
    environment
        .add_template("style.css", include_str!("style.css"))
        .expect(RIGHT);
    environment
        .add_template("script.js", include_str!("script.js"))
        .expect(RIGHT);
    environment.add_global("chart_style", chart::STYLE);
    environment.add_filter("after_parts", breaks::after_parts);
    environment.add_filter("with_units", breaks::with_units);
    environment.add_template(name, template).expect(RIGHT);
    let template = environment.get_template(name).expect(RIGHT);
    template.render(content).expect(RIGHT)
}

/// The cases with charts: base and the case of the headline, then those of the short table, then the others,
/// as far as the page has room. Charts of all cases belong to the base.
fn shown<'a>(results: &'a Results, brief: &Brief, version: &str) -> Vec<(View<'a>, Vec<Drawing>)> {
    let mut order: Vec<usize> = vec![0, brief.headline.case];
    order.extend(&brief.table.shown);
    order.extend(0..results.cases.len());
    let mut shown: Vec<(View<'_>, Vec<Drawing>)> = Vec::new();
    let mut bytes = 0;
    for index in order
        .into_iter()
        .filter(|&index| index < results.cases.len())
    {
        if shown.iter().any(|(view, _)| view.index() == index) {
            continue;
        }
        let view = View::new(results, index);
        let drawings = chart::of_case(&view, version);
        bytes += drawings.iter().map(|one| one.svg.len()).sum::<usize>();
        if bytes > CHARTS_BYTES_MAX && index > 0 {
            break;
        }
        shown.push((view, drawings));
    }
    shown.sort_by_key(|(view, _)| view.index());
    shown
}

/// Draws, seed and dates.
fn facts(brief: &Brief) -> Vec<(&'static str, String)> {
    let draws = exact(f64::from(brief.draws));
    let draws = match brief.replications {
        0 | 1 => draws,
        count => format!("{draws} × {count} replications"),
    };
    let draws = format!("{draws}{}", brief.ending.words());
    vec![
        ("cases", exact(brief.cases.len() as f64)),
        ("draws of each", draws),
        ("seed", brief.seed.to_string()),
        ("horizon", brief.timeline.span()),
    ]
}

/// A chart with its title, which a narrow screen shows above it.
fn drawing(drawing: &Drawing) -> Value {
    context! { svg => drawing.inline(), finding => drawing.finding.as_str() }
}

/// The word for the verdict of a case, and its class in the style.
fn verdict(verdict: Option<Verdict>) -> Value {
    marked(verdict, words::safety, "no value")
}

/// A word for a verdict in the colour of the verdict.
fn marked(verdict: Option<Verdict>, word: fn(Verdict) -> &'static str, none: &str) -> Value {
    let class = match verdict {
        None => "none",
        Some(Verdict::Holds) => "holds",
        Some(Verdict::Unsettled) => "unsettled",
        Some(Verdict::Fails) => "fails",
    };
    context! { class, word => verdict.map_or(none, word) }
}

/// The rows of the table of cases.
fn rows(brief: &Brief, shown: &[(View<'_>, Vec<Drawing>)]) -> Vec<Value> {
    let many_fleets = brief.cases.iter().any(|case| short::fleet_count(case) > 1);
    let rows = brief.cases.iter().zip(&brief.table.rows).enumerate();
    let row = |(index, (case, row)): (usize, (&CaseBrief, &Row))| {
        let first = short::first(row, brief.timeline);
        let requested = row.requested.memory;
        context! {
            index,
            label => case.label.as_str(),
            verdict => verdict(case.verdict),
            decides => case.decides,
            is_shown => shown.iter().any(|(view, _)| view.index() == index),
            is_chosen => index == brief.headline.case,
            is_smallest => brief.table.smallest == Some(index),
            breaks => short::breaks(row),
            first,
            memory => short::memory(row, many_fleets),
            killed => short::killed(row),
            lost => short::lost(row),
            requested => if requested.is_nan() { "–".to_owned() } else { human(requested, Unit::Bytes) },
        }
    };
    rows.map(row).collect()
}

/// The unknowns that move the number of the headline, with what the scenario says of each.
fn influences(results: &Results, brief: &Brief) -> Vec<Value> {
    let case = results.study.cases.get(brief.headline.case);
    let inputs = case.map_or(&[][..], |case| &case.inputs);
    let row = |(one, flip): (&Influence, &Option<Flip>)| {
        let input = inputs.iter().find(|input| input.path == one.path);
        context! {
            path => one.path.as_str(),
            correlation => format!("{:+.2}", one.correlation),
            width => format!("{:.0}", one.correlation.abs() * 100.0),
            worse => if one.correlation > 0.0 { "greater" } else { "smaller" },
            flip => flip.map(Flip::text),
            law => input.map(|input| input.law.as_str()),
            source => input.map(|input| input.source.as_str()),
        }
    };
    brief.influences.iter().zip(&brief.flips).map(row).collect()
}

/// Requirements with their rows.
fn required(requirements: &Requirements, word: fn(Verdict) -> &'static str) -> Vec<Value> {
    let row = |row: &RequiredRow| {
        let value = match row.value {
            Ok((amount, interval)) => amount.with_interval(interval),
            Err(reason) => format!("no value: {reason}"),
        };
        let more = match row.more_draws.map(|draws| exact(draws as f64)) {
            _ if !row.decides => Some("compared only".to_owned()),
            Some(draws) => Some(format!("about {draws} more draws would settle it")),
            None => None,
        };
        let notes: Vec<String> = more.into_iter().chain(row.cut_off_in_words()).collect();
        context! {
            label => row.label.as_str(),
            verdict => marked(row.verdict, word, "–"),
            value,
            note => notes.join("; "),
        }
    };
    let list = requirements.list.iter();
    let list = list.map(|one| {
        context! {
            name => one.name.as_str(),
            claim => one.claim.as_str(),
            reason => one.reason.as_str(),
            rows => one.rows.iter().map(row).collect::<Vec<_>>(),
        }
    });
    list.collect()
}

/// How many observed numbers the model contains.
fn validation() -> Vec<String> {
    let lines = VALIDATION.lines().filter(|line| line.starts_with("**"));
    lines.map(|line| line.replace("**", "")).collect()
}
