//! The index over the scenarios of one command, the gravest first.

use minijinja::context;

use super::{NAME, filled, marked};
use crate::report::artifact::Artifact;
use crate::report::brief::Overview;
use crate::report::words;

/// The index. A scenario without results has no page, and its name stands in `missing`.
pub fn page_of_overviews(overviews: &[Overview], missing: &[String], version: &str) -> Artifact {
    let mut overviews: Vec<&Overview> = overviews.iter().collect();
    overviews.sort_by_key(|one| std::cmp::Reverse(one.gravity()));
    let row = |one: &&Overview| {
        context! {
            name => one.name.as_str(),
            verdict => marked(one.verdict, words::safety, words::unjudged(one.has_goals)),
            expectations => one.expectations.map(words::expectation),
            sentence => one.sentence.as_str(),
        }
    };
    let content = context! {
        version,
        missing => missing.to_vec(),
        rows => overviews.iter().map(row).collect::<Vec<_>>(),
    };
    Artifact::text(
        NAME,
        &filled("overview.html", include_str!("overview.html"), content),
    )
}
