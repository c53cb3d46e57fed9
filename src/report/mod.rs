//! Results to bytes: tables, charts, the answer on the terminal. Never simulates, never opens
//! files, reads no clock.
//!
//! [`brief()`] turns the results of a study into values. [`answer()`] lays the brief out for a
//! terminal, and is what a reviewer reads first. [`render()`] puts the files of the output folder on a
//! [`Shelf`].
//! [`page_of_overviews()`] is the index over several scenarios.
//! The same scenario, seed and version give the same bytes, except the `environment` block of the
//! manifest. [`output_doc()`] is the document that explains every column and chart.
//! [`ring_answer()`] and [`ring_owners()`] show the owner of each target.

mod answer;
mod artifact;
mod brief;
mod case_names;
mod chart;
mod compare;
mod estimate;
mod glossary;
mod manifest;
mod need;
mod numbers;
mod output_doc;
mod page;
mod patch;
mod platform;
mod repeat;
mod ring;
mod shelf;
mod table;
mod timeline;
mod view;
mod words;

pub use answer::{
    Ending, Frame, JsonAnswer, Style, answer, answer_json, answer_markdown, answers_markdown,
    compared_json, compared_markdown, compared_text, details, json_document, overview, size_answer,
    size_json, size_markdown,
};
pub use artifact::Artifact;
pub use brief::{Brief, Overview, SizeBrief, brief, size_brief};
pub use compare::{Compared, Condition, Sample, compare};
pub use estimate::{estimated, too_many_events, too_much_memory};
pub use glossary::{Term, glossary};
pub use output_doc::output_doc;
pub use page::page_of_overviews;
pub use platform::platform;
pub use repeat::Selection;
pub use ring::{ring_answer, ring_owners};
pub use shelf::{Content, Shelf};

use shelf::Filing;

use crate::experiment::results::Results;

/// The inputs of the results, for the manifest and the footers.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// Version of the program.
    pub version: &'a str,
    /// The scenario file as written.
    pub scenario_text: &'a str,
    /// What the command line changed of the scenario and took of it.
    pub selection: Selection<'a>,
    /// The scenario after defaults, presets and variants, as TOML.
    pub resolved_toml: &'a str,
    /// Host facts, threads, wall seconds and UTC time. Only this part may differ between two runs.
    pub environment: &'a serde_json::Value,
}

/// Puts all files of the output folder on `shelf`, in the order of the documents, the manifest last.
///
/// # Errors
///
/// The error of the shelf, which then gets no more files.
pub fn render(
    results: &Results,
    sources: &Sources<'_>,
    shelf: &mut dyn Shelf,
) -> std::io::Result<()> {
    let mut filing = Filing::new(shelf);
    table::render(results, &mut filing)?;
    chart::render(results, sources.version, &mut filing)?;
    let page = page::render(results, &brief(results)?, sources);
    filing.text(page::NAME, &page)?;
    filing.text("scenario.toml", sources.resolved_toml)?;
    let manifest = manifest::render(results, sources, filing.listed());
    filing.text(manifest::NAME, &manifest)
}
