//! Answers as one JSON document, which `docs/answer.schema.json` describes.
//!
//! Numbers are in base units, and a number that is not finite is null. The fields stand in the order of
//! importance, as in the answer on the terminal.

mod compared;
mod ran;
mod sized;

use serde::Serialize;

use crate::experiment::size::{Found, Sizing};
use crate::model::blueprint;
use crate::report::brief::{Brief, SizeBrief};
use crate::report::compare::Compared;
use crate::report::numbers::bounds;
use crate::report::repeat::Selection;
use crate::stats::{CONFIDENCE, Interval};

/// Name and version of the schema. A field that is removed or that changes its meaning makes a new
/// version; a field that is added does not.
const SCHEMA: &str = "alloy-sim/answer/1";

/// How a command ends.
#[derive(Clone, Debug, Serialize)]
pub struct Ending {
    /// The exit code.
    pub code: u8,
    /// What the code means.
    pub meaning: String,
}

/// What an answer states beside its numbers.
#[derive(Clone, Debug)]
pub struct Frame<'a> {
    /// The folder of the results; `None` if it was not written.
    pub folder: Option<&'a str>,
    /// What the command line changed of the scenario and took of it.
    pub selection: Selection<'a>,
    /// The end that follows from this answer alone.
    pub ending: Ending,
}

/// One answer, ready for a document.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct JsonAnswer(Content);

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Content {
    Ran(Box<ran::Ran>),
    Sized(Box<sized::Sized>),
    Compared(Box<compared::Comparison>),
}

/// The answer to `run` for one scenario.
pub fn answer_json(brief: &Brief, frame: &Frame<'_>) -> JsonAnswer {
    JsonAnswer(Content::Ran(Box::new(ran::of(brief, frame))))
}

/// The answer to `size`.
pub fn size_json(brief: &SizeBrief, sizing: &Sizing, found: &Found) -> JsonAnswer {
    JsonAnswer(Content::Sized(Box::new(sized::of(brief, sizing, found))))
}

/// The answer to `compare`.
pub fn compared_json(compared: &Compared) -> JsonAnswer {
    JsonAnswer(Content::Compared(Box::new(compared::of(compared))))
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    version: &'a str,
    command: &'a str,
    exit: Ending,
    answers: &'a [JsonAnswer],
    without_results: &'a [String],
}

/// The document of a command. `without_results` are the names of scenarios that have no answer.
pub fn json_document(
    (command, version): (&str, &str),
    answers: &[JsonAnswer],
    without_results: &[String],
    exit: Ending,
) -> String {
    let document = Document {
        schema: SCHEMA,
        version,
        command,
        exit,
        answers,
        without_results,
    };
    serde_json::to_string_pretty(&document).expect("an answer is plain data")
}

/// The ends of an interval; an end that the draws do not bound is null.
#[derive(Clone, Debug, Serialize)]
struct Ends {
    low: Option<f64>,
    high: Option<f64>,
    confidence: f64,
}

/// The ends of an interval, if the draws bound any.
fn ends(interval: Interval) -> Option<Ends> {
    let (low, high) = bounds(interval);
    (low.is_some() || high.is_some()).then_some(Ends {
        low,
        high,
        confidence: CONFIDENCE,
    })
}

/// What all collectors request; null where nothing is stated.
#[derive(Clone, Debug, Serialize)]
struct Requested {
    memory_bytes: f64,
    memory_limits_bytes: f64,
    cores: f64,
    addresses: u64,
    volumes: f64,
}

impl From<blueprint::Requested> for Requested {
    fn from(requested: blueprint::Requested) -> Self {
        Self {
            memory_bytes: requested.memory,
            memory_limits_bytes: requested.memory_limits,
            cores: requested.cores,
            addresses: requested.addresses,
            volumes: requested.volumes,
        }
    }
}
