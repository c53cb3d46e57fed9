//! Lists of scraped targets in, what the ring needs to know of them or all problems out.

mod file_sd;
mod sheet;

use super::Source;
use super::problem::{Problem, Problems, Span};
use crate::model::cluster::ring::{META_PREFIX, Target};

/// Greatest number of targets in a file; the largest clusters that are known have a tenth.
const TARGETS_MAX: usize = 1_000_000;

/// Most series that one target can have, as for measured series.
const SERIES_MAX: f64 = 1e9;

/// The label without which nothing can be scraped.
const ADDRESS: &str = "__address__";

/// How a list of targets is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetFormat {
    /// One row per target, one column per label, if known a column `series`.
    Csv,
    /// Prometheus `file_sd`: groups of targets with their labels, as JSON.
    FileSd,
}

/// What a file of targets holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TargetList {
    /// The targets in the order of the file, those with equal labels too.
    pub targets: Vec<Target>,
    /// What may mislead.
    pub warnings: Vec<Problem>,
}

impl TargetFormat {
    /// The format that the end of a file's name tells.
    ///
    /// # Errors
    ///
    /// What to do if it tells none.
    pub fn of_file(name: &str) -> Result<Self, Box<Problem>> {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending.to_ascii_lowercase().as_str() {
            "csv" => return Ok(Self::Csv),
            "json" => return Ok(Self::FileSd),
            _ => {}
        }
        let message = "the name of the file ends neither in .csv nor in .json";
        let problem = Problem::error(message, None).help(
            "targets are a CSV file whose header names the labels, or a Prometheus file_sd file \
             in JSON; convert YAML first",
        );
        let file = name.to_owned();
        Err(Box::new(Problem { file, ..problem }))
    }
}

/// The targets in a file.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn read_targets(source: &Source, format: TargetFormat) -> Result<TargetList, Vec<Problem>> {
    let mut problems = Problems::of(&source.name);
    let targets = match std::str::from_utf8(&source.bytes) {
        Ok(text) if text.trim().is_empty() => {
            problems.push(Problem::error("the file is empty", None));
            Vec::new()
        }
        Ok(text) => match format {
            TargetFormat::Csv => sheet::read(text, &mut problems),
            TargetFormat::FileSd => file_sd::read(text, &mut problems),
        },
        Err(error) => {
            let message = format!("byte {} is not UTF-8 text", error.valid_up_to());
            problems.push(Problem::error(message, None).help("save the file as UTF-8"));
            Vec::new()
        }
    };
    if targets.is_empty() && !problems.has_errors() {
        problems.push(Problem::error("the file has no targets", None));
    }
    if problems.has_errors() {
        return Err(problems.into_sorted());
    }
    Ok(TargetList {
        targets,
        warnings: problems.into_sorted(),
    })
}

/// Whether a label is part of a target's identity.
fn counts(name: &str) -> bool {
    !name.starts_with(META_PREFIX)
}

/// A target with these labels, in the order of names.
fn target(mut labels: Vec<(String, String)>, series: Option<f64>) -> Target {
    labels.sort_unstable();
    Target { labels, series }
}

/// Refuses one target more than a file may have; says whether it did.
fn is_too_many(count: usize, problems: &mut Problems) -> bool {
    let is = count > TARGETS_MAX;
    if is {
        let message = format!("the file has more than {TARGETS_MAX} targets");
        problems.push(Problem::error(message, None));
    }
    is
}

/// The number of series that `text` states.
fn series(text: &str, span: Span, problems: &mut Problems) -> Option<f64> {
    let value = text.parse().ok();
    let value = value.filter(|value| (0.0..=SERIES_MAX).contains(value));
    if value.is_none() && text.is_empty() {
        let help = "write 0 if it has none; where series are given, every target needs them";
        let problem = Problem::error("the target has no number of series", Some(span));
        problems.push(problem.help(help));
    } else if value.is_none() {
        let message = format!("`{}` is no number of series", super::short(text));
        let help = "write digits alone, as 12500; at most 1000000000";
        problems.push(Problem::error(message, Some(span)).help(help));
    }
    value
}
