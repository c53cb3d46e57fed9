//! The files of a result, in memory.

use alloy_sim::experiment::results::Results;
use alloy_sim::report::{self, Artifact, Sources};

/// All files of the output folder.
pub(crate) fn render(results: &Results, sources: &Sources<'_>) -> Vec<Artifact> {
    let mut files = Vec::new();
    report::render(results, sources, &mut files).unwrap();
    files
}
