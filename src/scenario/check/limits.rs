//! Whether the values of a goal or an expectation can be on both sides of its limit.

use super::super::claim;
use super::super::fields::Sink;
use super::super::problem::{Problem, Span};
use super::super::requirement::{section, within};
use super::super::tree::Table;
use super::super::unit::Dimension;
use super::place;
use crate::experiment::requirement::{Comparison, Requirement, Statistic, Subject};
use crate::experiment::study::Study;
use crate::model::record::catalogue::{Metric, Unit};

/// A ratio from here on, written without `%`, is taken for a percentage.
const RATIO_UNLIKELY: f64 = 10.0;

/// A limit with what is compared with it.
struct Limit<'a> {
    /// The metric that is compared; `None` = a probability.
    metric: Option<Metric>,
    unit: Unit,
    comparison: Comparison,
    value: f64,
    /// The limit as written.
    text: &'a str,
}

/// What a limit decides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Both sides are possible.
    Binds,
    /// Every value is on the required side.
    Always,
    /// No value is on the required side.
    Never,
    /// Every value but the greatest is on the required side.
    AlmostAlways,
    /// The limit is so far out that a percentage was meant.
    Percentage,
}

/// Warns of limits that decide nothing.
pub(super) fn warn(study: &Study, root: &Table, sink: &Sink) {
    for requirement in &study.requirements {
        let (kind, name) = (requirement.kind, &requirement.name);
        let key = place(root, section(kind), name, "require");
        let places = claim::limits(&requirement.text);
        if let Some(problem) = tiny_percentile(requirement, key) {
            sink.report(problem);
        }
        for (index, (limit, part)) in limits(requirement).into_iter().zip(places).enumerate() {
            let subject = match index {
                0 => format!("{} `{name}`", kind.word()),
                _ => format!("the condition in {} `{name}`", kind.word()),
            };
            if let Some(says) = limit.says() {
                let span = within(key, &requirement.text, part);
                let problem = Problem::warning(format!("{subject} {says}"), span);
                sink.report(problem.help(limit.help()));
            }
        }
    }
}

/// A warning of a percentile below the first: `p0.95` where `p95` was meant.
fn tiny_percentile(requirement: &Requirement, key: Option<Span>) -> Option<Problem> {
    let Statistic::Quantile(share) = requirement.statistic else {
        return None;
    };
    if share >= 0.01 {
        return None;
    }
    let (written, part) = claim::statistic_in(&requirement.text);
    let (kind, name) = (requirement.kind.word(), &requirement.name);
    let percent = Dimension::Share.write(share);
    let meant = (share * 1e8).round() / 1e4;
    let message =
        format!("{kind} `{name}` asks for {written}, which all but {percent} of draws exceed");
    let span = within(key, &requirement.text, part);
    Some(Problem::warning(message, span).help(format!("did you mean p{meant}?")))
}

/// Whether the draws can decide a requirement either way.
pub(super) fn bind(requirement: &Requirement) -> bool {
    let mut limits = limits(requirement).into_iter();
    limits.all(|limit| limit.effect() == Effect::Binds)
}

/// The limit of a requirement, then that of the condition in its brackets.
fn limits(requirement: &Requirement) -> Vec<Limit<'_>> {
    let mut texts = claim::limits(&requirement.text)
        .into_iter()
        .map(|part| &requirement.text[part]);
    let metric = match (requirement.statistic, &requirement.subject) {
        (Statistic::Mean | Statistic::Quantile(_), Subject::Metric { metric, .. }) => Some(*metric),
        _ => None,
    };
    let mut limits = vec![Limit {
        metric,
        unit: requirement.unit(),
        comparison: requirement.comparison,
        value: requirement.limit,
        text: texts.next().unwrap_or_default(),
    }];
    if let Subject::Metric {
        metric,
        exceeds: Some((comparison, value)),
        ..
    } = requirement.subject
    {
        limits.push(Limit {
            metric: Some(metric),
            unit: metric.info().unit,
            comparison,
            value,
            text: texts.next().unwrap_or_default(),
        });
    }
    limits
}

impl Limit<'_> {
    fn effect(&self) -> Effect {
        use Comparison::{AtLeast, AtMost, Greater, Less};
        let (value, greatest) = (self.value, self.unit.greatest());
        let is_one = self.unit == Unit::Share && value >= 1.0;
        match self.comparison {
            Less if value > greatest => Effect::Always,
            AtMost if value >= greatest => Effect::Always,
            Greater if value < 0.0 => Effect::Always,
            AtLeast if value <= 0.0 => Effect::Always,
            Less if value <= 0.0 => Effect::Never,
            AtMost if value < 0.0 => Effect::Never,
            Greater if value >= greatest => Effect::Never,
            AtLeast if value > greatest => Effect::Never,
            // A share of a metric may be meant to stay below 100 %, if the file says so.
            Less if is_one && (self.is_bare() || self.metric.is_none()) => Effect::AlmostAlways,
            _ if self.unit == Unit::Ratio && self.is_bare() && value >= RATIO_UNLIKELY => {
                Effect::Percentage
            }
            _ => Effect::Binds,
        }
    }

    /// Whether the limit has no percent sign.
    fn is_bare(&self) -> bool {
        !self.text.ends_with('%')
    }

    /// What the limit makes of the claim, unless it binds.
    fn says(&self) -> Option<String> {
        let (what, percent) = (self.name(), self.value * 100.0);
        let range = match self.unit {
            Unit::Share => format!("{what} lies between 0 % and 100 %"),
            _ => format!("{what} is never below 0"),
        };
        match self.effect() {
            Effect::Binds => None,
            Effect::Always => Some(format!("always holds: {range}")),
            Effect::Never => Some(format!("can never hold: {range}")),
            Effect::AlmostAlways if self.metric.is_none() => {
                Some("holds unless its event happens in every draw".to_owned())
            }
            Effect::AlmostAlways => Some(format!("holds unless {what} is 100 %")),
            Effect::Percentage => Some(format!("compares {what} with {percent:.0} %")),
        }
    }

    /// What is compared, as a message names it.
    fn name(&self) -> String {
        self.metric.map_or("a probability".to_owned(), |metric| {
            format!("`{}`", metric.info().column)
        })
    }

    fn help(&self) -> String {
        let percentages = match self.unit {
            Unit::Share => 1.0..=100.0,
            Unit::Ratio => RATIO_UNLIKELY..=f64::MAX,
            _ => f64::NAN..=f64::NAN,
        };
        match self.unit {
            _ if self.is_bare() && percentages.contains(&self.value) => {
                let (text, percent) = (self.text, self.value * 100.0);
                format!("did you mean {text} %? {text} alone is {percent:.0} %")
            }
            Unit::Share => "state a limit above 0 % and below 100 %".to_owned(),
            _ => "state a limit above 0".to_owned(),
        }
    }
}
