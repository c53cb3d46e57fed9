//! The grammar of requirements: `probability(any oom in fleet.metrics within 90d) < 1%`.
//!
//! ```text
//! claim     = statistic "(" subject ")" sign limit
//! statistic = "probability" | "mean" | "median" | "p" digits
//! subject   = "any" failure "in" scope [ "within" time ]
//!           | metric "in" scope [ sign limit ]
//! ```
//! `share of collectors with oom` is `oom_collector_ratio`. `oom per collector-month` is
//! `oom_per_collector_month`.

use std::collections::BTreeMap;
use std::ops::Range;

use super::fields::Sink;
use super::problem::Problem;
use super::suggest::{suggest, suggest_few};
use super::unit::Dimension;
use crate::experiment::requirement::Subject;
use crate::model::blueprint::{Blueprint, Fleet};
use crate::model::record::catalogue::{Failure, Metric, Scope, ScopeKind, Unit};
use crate::model::topology::Population;
use crate::stats::{Claim, Comparison, Interval, Statistic};
use crate::units::SimDuration;

/// Scopes and names that claims can use: everything that exists in some case.
#[derive(Clone, Debug, Default)]
pub(super) struct Scopes {
    named: Vec<(ScopeKind, String)>,
    /// Whether a mistake hides a name, so that any name may exist.
    is_name_lost: bool,
    /// Endless if it could not be read, since any time may be within it then.
    horizon: SimDuration,
    /// The most collectors that each fleet has in any case; infinite where it follows nodes or pods.
    collectors: BTreeMap<String, f64>,
}

impl Scopes {
    /// No scopes yet. With a name lost in what was read, every name is taken to exist.
    pub(super) fn new(sink: &Sink) -> Self {
        Self {
            is_name_lost: sink.is_name_lost.get(),
            horizon: if sink.is_lost("experiment.horizon") {
                SimDuration::MAX
            } else {
                SimDuration::ZERO
            },
            ..Self::default()
        }
    }

    /// Adds everything that exists in a case.
    pub(super) fn add(&mut self, blueprint: &Blueprint) {
        self.horizon = self.horizon.max(blueprint.horizon);
        for scope in Scope::all(blueprint) {
            let named = (scope.kind(), scope.name(blueprint));
            if !self.named.contains(&named) {
                self.named.push(named);
            }
        }
    }

    /// Counts the collectors of a case that is free of mistakes.
    pub(super) fn count(&mut self, blueprint: &Blueprint) {
        for fleet in &blueprint.fleets {
            let name = format!("fleet.{}", fleet.name);
            let most = self.collectors.entry(name).or_default();
            *most = most.max(collectors_max(fleet, blueprint));
        }
    }

    /// Where the draws of a subject lie.
    fn range(&self, subject: &Subject) -> Interval {
        let Subject::Metric { metric, scope, .. } = subject else {
            return Interval::new(0.0, 1.0);
        };
        let range = match metric {
            Metric::CollectorsStart | Metric::CollectorsEnd | Metric::CollectorsPeak => {
                self.collectors.get(scope).map(|&most| (0.0, most))
            }
            _ => metric.range(self.horizon.secs_f64()),
        };
        range.map_or(Interval::UNBOUNDED, |(low, high)| Interval::new(low, high))
    }
}

/// The most collectors that a fleet can have.
fn collectors_max(fleet: &Fleet, blueprint: &Blueprint) -> f64 {
    let Population::Replicas(replicas) = fleet.topology.population else {
        return f64::INFINITY;
    };
    let scaled = fleet.autoscaling.as_ref().map_or(replicas, |plan| plan.max);
    f64::from(scaled.max(replicas)) * f64::from(blueprint.clusters_of(fleet))
}

/// Greatest length of a claim, in bytes.
const LENGTH_MAX: usize = 400;

/// An example, for help texts.
const EXAMPLE: &str = "write, for example, probability(any oom in fleet.metrics) < 1%, or \
                       p95(memory_peak_bytes in fleet.metrics) < 16GiB";

/// Phrases, and the metric that each stands for.
const PHRASES: [(&str, Metric); 2] = [
    ("share of collectors with oom", Metric::OomCollectorRatio),
    ("oom per collector-month", Metric::OomRate),
];

/// A part of the claim with its place.
#[derive(Clone, Copy, Debug)]
struct Part<'a> {
    text: &'a str,
    start: usize,
}

impl Part<'_> {
    /// The bytes `from..to` of this part, without space around.
    fn slice(self, from: usize, to: usize) -> Self {
        let text = &self.text[from..to];
        let trimmed = text.trim_start();
        Self {
            start: self.start + from + text.len() - trimmed.len(),
            text: trimmed.trim_end(),
        }
    }

    /// The parts before and after the first `word` that stands alone.
    fn split(self, word: &str) -> Option<(Self, Self)> {
        let at = self.text.find(&format!(" {word} "))?;
        Some((
            self.slice(0, at),
            self.slice(at + word.len() + 2, self.text.len()),
        ))
    }

    /// Splits a part into what is measured and where. `before` is the text before this part.
    fn split_at_in(self, before: &str) -> Result<(Self, Self), Problem> {
        self.split("in").ok_or_else(|| {
            let what = super::short(self.text);
            let help = format!("say where: {before}{what} in fleet.<name>; {EXAMPLE}");
            self.refuse("the claim does not say in what", help)
        })
    }

    fn refuse(self, message: impl Into<String>, help: impl Into<String>) -> Problem {
        let part = self.start..self.start + self.text.len().max(1);
        Problem::error(message, Some(part.into())).help(help)
    }
}

/// The claim in `text` about what exists in some case. The place of a problem is relative to
/// `text`.
pub(super) fn parse(text: &str, scopes: &Scopes) -> Result<(Claim, Subject), Problem> {
    let whole = Part { text, start: 0 };
    let whole = whole.slice(0, text.len());
    if text.len() > LENGTH_MAX {
        return Err(whole.refuse("the claim is too long", EXAMPLE));
    }
    let (Some(open), Some(close)) = (whole.text.find('('), whole.text.rfind(')')) else {
        return Err(whole.refuse("a claim is a statistic of something with a limit", EXAMPLE));
    };
    if close < open {
        return Err(whole.refuse("the brackets are the wrong way round", EXAMPLE));
    }
    if let Some(further) = further_claim(whole) {
        let help = "write a section of its own for each claim; all goals must hold";
        return Err(further.refuse("a requirement makes one claim, and here is another", help));
    }
    let (before, inner) = (whole.slice(0, open), whole.slice(open + 1, close));
    let tail = whole.slice(close + 1, whole.text.len());
    let plainly = |problem: Problem| match meant(before, inner, tail, scopes) {
        Some(text) => problem.help(format!("write {text}")),
        None => problem,
    };
    let statistic = statistic(before).map_err(plainly)?;
    let Some((between, comparison, limit)) = comparison(tail) else {
        return Err(tail.refuse("the claim has no limit", EXAMPLE));
    };
    if !between.text.is_empty() {
        let message = format!("`{}` stands before the sign", between.text);
        return Err(between.refuse(message, EXAMPLE));
    }
    let subject = subject(inner, statistic, scopes).map_err(plainly)?;
    let limit = match (&statistic, &subject) {
        (Statistic::Mean | Statistic::Quantile(_), Subject::Metric { metric, .. }) => {
            amount(limit, metric.info().unit)?
        }
        _ => probability(limit)?,
    };
    let range = scopes.range(&subject);
    let claim = Claim {
        statistic,
        comparison,
        limit,
        range,
    };
    Ok((claim, subject))
}

/// What follows the first claim of a text that makes several.
fn further_claim(whole: Part<'_>) -> Option<Part<'_>> {
    let lower = whole.text.to_ascii_lowercase();
    let joins = [" and ", " or ", " && ", " || "];
    let at = joins.iter().filter_map(|join| lower.find(join)).min()?;
    let is_between = lower[..at].contains(')') && lower[at..].contains('(');
    is_between.then(|| whole.slice(at, whole.text.len()))
}

/// The claim about a failure that somebody means who writes `P(OOM) < 1%`.
fn meant(before: Part<'_>, inner: Part<'_>, tail: Part<'_>, scopes: &Scopes) -> Option<String> {
    if !is_chance(before.text) || inner.text.starts_with("any ") {
        return None;
    }
    let lower = inner.text.to_lowercase();
    let words = lower.strip_prefix("any ").unwrap_or(&lower);
    let word = words.split(" in ").next().unwrap_or(words);
    let failure = Failure::from_word(word.trim())?.info();
    let of_kind = |(kind, _): &&(ScopeKind, String)| *kind == failure.scope;
    let mut known = scopes.named.iter().filter(of_kind).map(|(_, name)| name);
    let named = known
        .clone()
        .find(|name| inner.text.contains(name.as_str()));
    let scope = named.or(known.next())?;
    let limit = comparison(tail).filter(|(_, _, limit)| probability(*limit).is_ok());
    let limit = limit.map_or("< 1%", |_| tail.text);
    Some(format!(
        "probability(any {} in {scope}) {limit}",
        failure.word
    ))
}

/// Whether a word stands for a probability.
fn is_chance(word: &str) -> bool {
    let words = ["p", "pr", "prob", "chance", "probability"];
    words.contains(&word.to_lowercase().as_str())
}

/// The statistic as written, with its place.
pub(super) fn statistic_in(text: &str) -> (&str, Range<usize>) {
    let whole = Part { text, start: 0 };
    let part = whole.slice(0, text.find('(').unwrap_or_default());
    (part.text, part.start..part.start + part.text.len())
}

/// The places of the limits in the text of a claim: of the claim itself, then of the condition in
/// its brackets.
pub(super) fn limits(text: &str) -> Vec<Range<usize>> {
    let whole = Part { text, start: 0 };
    let (Some(open), Some(close)) = (text.find('('), text.rfind(')')) else {
        return Vec::new();
    };
    let tail = comparison(whole.slice(close + 1, text.len()));
    let condition = comparison(whole.slice(open + 1, close));
    let limits = tail.into_iter().chain(condition);
    limits
        .map(|(_, _, limit)| limit.start..limit.start + limit.text.len())
        .collect()
}

fn statistic(part: Part<'_>) -> Result<Statistic, Problem> {
    let known = "probability mean median p5 p50 p90 p95 p99".split(' ');
    let quantile = |digits: &str| -> Option<Statistic> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        let is_number = digits.bytes().all(is_digit);
        let percent: f64 = digits.parse().ok().filter(|_| is_number)?;
        (0.0 < percent && percent < 100.0).then_some(Statistic::Quantile(percent / 100.0))
    };
    match part.text {
        "probability" => Ok(Statistic::Probability),
        "mean" => Ok(Statistic::Mean),
        "median" => Ok(Statistic::Quantile(0.5)),
        text => text.strip_prefix('p').and_then(quantile).ok_or_else(|| {
            let help = if is_chance(text) {
                "did you mean `probability`?".to_owned()
            } else {
                suggest(text, known)
            };
            part.refuse(format!("`{text}` is no statistic"), help)
        }),
    }
}

/// The first sign, with the parts before and after it.
fn comparison(part: Part<'_>) -> Option<(Part<'_>, Comparison, Part<'_>)> {
    use Comparison::{AtLeast, AtMost, Greater, Less};
    let at = part.text.find(['<', '>'])?;
    let is_here = |comparison: &Comparison| part.text[at..].starts_with(comparison.sign());
    // The longer signs come first, since they begin with the shorter ones.
    let mut signs = [AtMost, AtLeast, Less, Greater].into_iter();
    let comparison = signs.find(is_here)?;
    let after = part.slice(at + comparison.sign().len(), part.text.len());
    Some((part.slice(0, at), comparison, after))
}

fn subject(part: Part<'_>, statistic: Statistic, scopes: &Scopes) -> Result<Subject, Problem> {
    let is_probability = statistic == Statistic::Probability;
    if let Some(after) = part.text.strip_prefix("any ") {
        let part = part.slice(part.text.len() - after.len(), part.text.len());
        if !is_probability {
            let help = format!(
                "a failure has a probability; a metric has a mean and quantiles; {EXAMPLE}"
            );
            return Err(part.refuse("only a probability speaks of failures", help));
        }
        return failure(part, scopes);
    }
    let (body, exceeds) = match comparison(part) {
        Some((body, sign, limit)) => (body, Some((sign, limit))),
        None => (part, None),
    };
    let (name, scope) = body.split_at_in("")?;
    let metric = metric(name)?;
    let scope = scope_of(scope, metric.info().scope, name, scopes)?;
    let limited = |(sign, limit)| Ok((sign, amount(limit, metric.info().unit)?));
    let exceeds = exceeds.map(limited).transpose()?;
    match (is_probability, exceeds.is_some()) {
        (true, false) => {
            let message = "a probability of a metric needs a limit in the brackets";
            let help = format!("write probability({} in {scope} > limit) < 5%", name.text);
            Err(name.refuse(message, help))
        }
        (false, true) => {
            let help = format!("write probability({}) instead", part.text);
            Err(part.refuse("only a probability compares inside the brackets", help))
        }
        _ => Ok(Subject::Metric {
            metric,
            scope,
            exceeds,
        }),
    }
}

fn failure(part: Part<'_>, scopes: &Scopes) -> Result<Subject, Problem> {
    let (body, within) = match part.split("within") {
        Some((body, time)) => (body, Some(window(time, scopes)?)),
        None => (part, None),
    };
    let (word, scope) = body.split_at_in("any ")?;
    let Some(failure) = Failure::from_word(word.text) else {
        let known = Failure::ALL.map(|failure| failure.info().word);
        let message = format!("there is no failure `{}`", word.text);
        return Err(word.refuse(message, suggest_few(word.text, known, "failures")));
    };
    let scope = scope_of(scope, failure.info().scope, word, scopes)?;
    Ok(Subject::Failure {
        failure,
        scope,
        within,
    })
}

fn window(part: Part<'_>, scopes: &Scopes) -> Result<SimDuration, Problem> {
    let seconds = Dimension::Time
        .parse(part.text)
        .map_err(|message| part.refuse(message, ""))?;
    let horizon = scopes.horizon.secs_f64();
    if seconds > 0.0 && seconds <= horizon {
        return Ok(SimDuration::from_secs_f64(seconds));
    }
    let message = format!("{} is not within the horizon", part.text);
    let help = format!("the horizon is {}", Dimension::Time.write(horizon));
    Err(part.refuse(message, help))
}

fn metric(part: Part<'_>) -> Result<Metric, Problem> {
    let phrase = PHRASES.into_iter().find(|(phrase, _)| *phrase == part.text);
    let found = phrase.map(|(_, metric)| metric);
    found.or(Metric::from_column(part.text)).ok_or_else(|| {
        if Failure::from_word(part.text).is_some() {
            let help = format!("write: any {} in …", part.text);
            return part.refuse(format!("`{}` is a failure, not a metric", part.text), help);
        }
        let known = Metric::ALL.iter().map(|metric| metric.info().column);
        let phrases = PHRASES.iter().map(|(phrase, _)| *phrase);
        let message = format!("there is no metric `{}`", super::short(part.text));
        part.refuse(
            message,
            suggest_few(part.text, phrases.chain(known), "metrics"),
        )
    })
}

/// The scope called `name`, if it exists and is of the right kind.
fn scope_of(
    part: Part<'_>,
    kind: ScopeKind,
    name: Part<'_>,
    scopes: &Scopes,
) -> Result<String, Problem> {
    let exists = scopes.named.iter().find(|(_, name)| name == part.text);
    let message = match exists {
        Some((other, _)) if *other == kind => return Ok(part.text.to_owned()),
        None if scopes.is_name_lost => return Ok(part.text.to_owned()),
        Some((other, _)) => {
            let (kind, other) = (kind.name(), other.name());
            format!("`{}` belongs to {kind}, not to {other}", name.text)
        }
        None => format!("there is no scope `{}`", super::short(part.text)),
    };
    let of_kind = scopes.named.iter().filter(|(other, _)| *other == kind);
    let known = of_kind.map(|(_, name)| name.as_str());
    Err(part.refuse(message, suggest(part.text, known)))
}

/// The dimension of a metric's values.
pub(super) fn dimension(unit: Unit) -> Dimension {
    match unit {
        Unit::Bytes => Dimension::Bytes,
        Unit::Seconds => Dimension::Time,
        Unit::Share | Unit::Ratio | Unit::Factor => Dimension::Share,
        Unit::Cores => Dimension::Cores,
        Unit::BytesPerSecond => Dimension::ByteRate,
        Unit::Count | Unit::Samples | Unit::SamplesPerSecond | Unit::PerCollectorMonth => {
            Dimension::Number
        }
    }
}

/// A limit in the unit of a metric.
fn amount(part: Part<'_>, unit: Unit) -> Result<f64, Problem> {
    let dimension = match dimension(unit) {
        Dimension::Share => return share(part),
        dimension => dimension,
    };
    let help = "the limit has the unit of the metric";
    dimension
        .parse(part.text)
        .map_err(|message| part.refuse(message, help))
}

/// A share: `5%` or 0.05.
fn share(part: Part<'_>) -> Result<f64, Problem> {
    let text = part.text;
    let value = Dimension::Share.parse(text);
    let value = value.or_else(|_| Dimension::Number.parse(text));
    value.map_err(|_| part.refuse(format!("`{text}` is not a share"), "write 1% or 0.01"))
}

fn probability(part: Part<'_>) -> Result<f64, Problem> {
    let value = share(part)?;
    if (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    let message = format!("{} is not a probability", part.text);
    let help = if part.text.ends_with('%') || value < 0.0 {
        "a probability lies between 0% and 100%".to_owned()
    } else {
        format!(
            "a probability lies between 0% and 100%; did you mean {}%?",
            part.text
        )
    };
    Err(part.refuse(message, help))
}
