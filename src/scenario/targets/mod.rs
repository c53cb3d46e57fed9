//! Lists of scraped targets in; targets for the ring, or all problems, out.

mod file_sd;
mod sheet;

use super::Source;
use super::problem::{Problem, Problems, Span};
use crate::model::cluster::ring::{META_PREFIX, Target};

/// Greatest number of targets in a file. The largest known clusters have a tenth of it.
const TARGETS_MAX: usize = 1_000_000;

/// Greatest number of series of one target, as for measured series.
const SERIES_MAX: f64 = 1e9;

/// The label that a scrape needs.
const ADDRESS: &str = "__address__";

/// The format of a list of targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetFormat {
    /// One row per target, one column per label, and a column `series` if known.
    Csv,
    /// Prometheus `file_sd`: groups of targets with their labels, as JSON.
    FileSd,
}

/// The content of a file of targets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TargetList {
    /// The targets in the order of the file, with those of equal labels.
    pub targets: Vec<Target>,
    /// What the file allows and may mislead.
    pub warnings: Vec<Problem>,
}

impl TargetFormat {
    /// The format by the ending of a file's name.
    ///
    /// # Errors
    ///
    /// What to do, if the ending names no format.
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

/// Reads the targets in a file.
///
/// # Errors
///
/// All problems of the file.
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

/// A target with these labels, sorted by name.
fn target(mut labels: Vec<(String, String)>, series: Option<f64>) -> Target {
    labels.sort_unstable();
    Target { labels, series }
}

/// Refuses one target more than a file may have. Returns whether it did.
fn is_too_many(count: usize, problems: &mut Problems) -> bool {
    let is = count > TARGETS_MAX;
    if is {
        let message = format!("the file has more than {TARGETS_MAX} targets");
        problems.push(Problem::error(message, None));
    }
    is
}

/// The number of series in `text`.
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
