//! The answer in one sentence: the verdict, the number that decides, the limit, and the date.

use super::case::CaseBrief;
use super::requirements::{amount, cut_off_in_words};
use crate::experiment::requirement::{Comparison, Requirement, Subject};
use crate::experiment::results::RequirementRow;
use crate::report::numbers::exact;
use crate::report::view::View;
use crate::report::words;
use crate::stats::Verdict;

/// The answer in one sentence.
#[derive(Clone, Debug)]
pub(in crate::report) struct Headline {
    /// The gravest verdict of the goals that decide; `None` without any.
    pub(in crate::report) verdict: Option<Verdict>,
    /// The case that the sentence is about.
    pub(in crate::report) case: usize,
    /// Name of the goal that the sentence is about; `None` without one.
    pub(in crate::report) goal: Option<String>,
    /// The sentence.
    pub(in crate::report) sentence: String,
    /// What the sentence is about.
    pub(super) subject: Option<Subject>,
}

/// The headline of a study.
pub(super) fn of(views: &[View<'_>], cases: &[CaseBrief]) -> Headline {
    let deciding = (0..cases.len()).filter(|&case| cases[case].decides);
    let deciding: Vec<usize> = deciding.collect();
    // The first of the gravest.
    let gravest = deciding
        .iter()
        .rev()
        .max_by_key(|&&case| cases[case].verdict);
    let Some(&case) = gravest else {
        return without_goals(views, cases);
    };
    let verdict = cases[case].verdict;
    let goals = views[case].goals();
    let row = match verdict {
        Some(Verdict::Holds) | None => tightest(&goals),
        grave => goals.iter().copied().find(|row| Some(row.verdict) == grave),
    };
    let row = row.expect("a case that decides has a goal");
    let mut sentence = name_of(&cases[case], cases.len());
    sentence.push_str(&claim(&views[case], row));
    let alike = goals.iter().filter(|row| Some(row.verdict) == verdict);
    sentence.push_str(&others(alike.count() - 1, verdict));
    let like = deciding
        .iter()
        .filter(|&&other| cases[other].verdict == verdict);
    let like = like.count();
    if deciding.len() > 1 {
        let all = deciding.len();
        let word = verdict.map_or("", words::safety);
        let are = if like == 1 { "is" } else { "are" };
        let count = format!("; {like} of {all} cases that goals name {are} {word}");
        sentence.push_str(&count);
    }
    sentence.push_str(&unasked(&cases[case]));
    Headline {
        verdict,
        case,
        goal: Some(row.requirement.name.clone()),
        sentence: format!("{sentence}."),
        subject: Some(row.requirement.subject.clone()),
    }
}

/// A study whose goals name no case, or that has none, is about its base.
fn without_goals(views: &[View<'_>], cases: &[CaseBrief]) -> Headline {
    let Some((view, case)) = views.first().zip(cases.first()) else {
        return Headline {
            verdict: None,
            case: 0,
            goal: None,
            sentence: "there is no case".to_owned(),
            subject: None,
        };
    };
    let name = name_of(case, cases.len());
    let sentence = match &case.binding {
        Some(binding) => format!(
            "{name}{} {} in {} of draws",
            binding.scope,
            words::does(binding.failure),
            binding.odds()
        ),
        None => format!("{name}nothing breaks in {} draws", exact(case.draws as f64)),
    };
    let subject = view.binding().map(|row| Subject::Failure {
        failure: row.failure,
        scope: view.scope(row.scope),
        within: None,
    });
    Headline {
        verdict: None,
        case: 0,
        goal: None,
        sentence: format!("{sentence}{}.", losses(case)),
        subject,
    }
}

/// The start of a sentence about one of several cases.
fn name_of(case: &CaseBrief, count: usize) -> String {
    if count > 1 {
        format!("{}: ", case.label)
    } else {
        String::new()
    }
}

/// A goal with what the draws say, what is asked for, and when it is missed first.
fn claim(view: &View<'_>, row: &RequirementRow) -> String {
    let requirement = &row.requirement;
    let asked = asked(requirement);
    let Some(estimate) = row.estimate else {
        let why = row.no_value.unwrap_or_default();
        return format!(
            "{} has no value: {why}; asked for {asked}",
            requirement.text
        );
    };
    let value = amount(requirement, view.blueprint(), estimate).with_interval(row.interval);
    match &requirement.subject {
        Subject::Failure { failure, scope, .. } => {
            let does = words::does(*failure);
            let when = first(view, scope, requirement);
            format!("{scope} {does} in {value} of draws, asked for {asked}{when}")
        }
        Subject::Metric { .. } => {
            let name = requirement.text.rsplit_once(')');
            let name = name.map_or(requirement.text.as_str(), |(name, _)| name);
            let cut = cut_off_in_words(view.cut_off_of(&requirement.subject));
            let cut = cut.map_or(String::new(), |cut| format!(" ({cut})"));
            let value = value.strip_prefix("> ").map_or(value.clone(), more_than);
            format!("{name}) is {value}{cut}, asked for {asked}")
        }
    }
}

fn more_than(bound: &str) -> String {
    format!("more than {bound}")
}

/// When the failure of a goal happens first.
fn first(view: &View<'_>, scope: &str, requirement: &Requirement) -> String {
    let Subject::Failure { failure, .. } = &requirement.subject else {
        return String::new();
    };
    let scope = view.scope_named(scope);
    let row = scope.and_then(|scope| view.failure(scope, *failure));
    let first = row.and_then(|row| row.first_seconds.first());
    match first {
        Some(&seconds) if seconds < 1.0 => "; first at the start".to_owned(),
        Some(&seconds) => format!("; first {}", view.timeline.on_day(seconds)),
        None => String::new(),
    }
}

/// The side of the limit that a requirement asks for, as written.
pub(super) fn asked(requirement: &Requirement) -> &str {
    let end = requirement.text.rsplit_once(')');
    end.map_or("", |(_, asked)| asked.trim())
}

/// The goal whose interval comes nearest to its limit.
fn tightest<'a>(goals: &[&'a RequirementRow]) -> Option<&'a RequirementRow> {
    let use_of = |row: &RequirementRow| {
        let limit = row.requirement.limit;
        match row.requirement.comparison {
            Comparison::Less | Comparison::AtMost => row.interval.high / limit,
            Comparison::Greater | Comparison::AtLeast => limit / row.interval.low,
        }
    };
    let goals = goals.iter().rev().copied();
    goals.max_by(|left, right| use_of(left).total_cmp(&use_of(right)))
}

/// How many more goals have the same verdict.
fn others(count: usize, verdict: Option<Verdict>) -> String {
    let (goals, s) = if count == 1 {
        ("goal", "s")
    } else {
        ("goals", "")
    };
    match verdict {
        _ if count == 0 => String::new(),
        Some(Verdict::Holds) => format!("; {count} more {goals} hold{s}"),
        Some(Verdict::Fails) => format!("; {count} more {goals} fail{s}"),
        Some(Verdict::Unsettled) | None => format!("; {count} more {goals} not settled"),
    }
}

/// What a case that holds its goals does wrong all the same.
fn unasked(case: &CaseBrief) -> String {
    if case.verdict != Some(Verdict::Holds) {
        return String::new();
    }
    match (&case.reasons.unasked, &case.binding) {
        (Some(failure), Some(binding)) => format!(
            "; but {} {} in {} of draws, and no goal is about it",
            binding.scope,
            words::does(*failure),
            binding.odds()
        ),
        _ => losses(case),
    }
}

fn losses(case: &CaseBrief) -> String {
    let loss = case.losses.first().filter(|_| case.binding.is_none());
    loss.map_or(String::new(), |(scope, what, share)| {
        format!("; but {} of the {what} of {scope} are lost", share.text())
    })
}
