//! Capacity simulation for fleets of Grafana Alloy collectors.
//!
//! A *scenario* describes *fleets* of collectors. An *experiment* simulates its cases in the
//! *engine*. The layer *stats* condenses what happened, and a *report* shows it. The types of time,
//! bytes and shares are *units*. Modules are layers, listed here from the bottom up: a layer uses
//! only layers above it in the list.
//!
//! # Entry points
//!
//! | to | call |
//! |---|---|
//! | check scenario files, all problems at once | [`load`] |
//! | resolve one more case of a checked scenario | [`Document::case`] |
//! | run one study, or several side by side | [`run`], [`run_all`] |
//! | simulate some draws of one case | [`Block::simulate`] |
//! | answer on a terminal | [`answer`] |
//! | make the files of the output folder | [`render`] |
//! | explain these files | [`output_doc`] |
//! | read the targets of a ring, show their owners | [`read_targets`], [`ring_answer`], [`ring_owners`] |
//!
//! The feature `cli`, on by default, adds the program `alloy-sim`. Without it nothing here opens a
//! file, reads a clock or prints.
//!
//! ```
//! use std::sync::atomic::AtomicBool;
//!
//! use alloy_sim::scenario::STARTER;
//! use alloy_sim::{DrawsAsked, Options, Overrides, Source, Style, answer, brief, load, run};
//!
//! let source = Source {
//!     name: "starter.toml".into(),
//!     bytes: STARTER.into(),
//! };
//! let read = |_: &str, path: &str| Err(format!("{path} is not there"));
//! let overrides = Overrides {
//!     draws: Some(DrawsAsked::Number(10)),
//!     ..Overrides::default()
//! };
//! let loaded = load(&[source], &read, &overrides).remove(0);
//! let checked = loaded.result.expect("the starter has no mistakes");
//! let options = Options {
//!     threads: 2,
//!     interrupted: &AtomicBool::new(false),
//!     on_progress: &|_| {},
//!     stopwatches: &[],
//! };
//! let results = run(checked.study, &options).expect("nothing interrupts it");
//! let style = Style {
//!     colour: false,
//!     width: 80,
//! };
//! let brief = brief(&results).expect("its draws are in memory");
//! assert!(answer(&brief, style).contains("my-fleet"));
//! ```

pub mod units;

pub mod engine;
pub mod stats;

pub mod model;

pub mod experiment;

pub mod report;
pub mod scenario;

#[cfg(feature = "cli")]
pub mod cli;

pub use experiment::archive::Archive;
pub use experiment::block::{Block, Worker};
pub use experiment::draws::Draws;
pub use experiment::results::Results;
pub use experiment::run::{Options, Stopped, run, run_all};
pub use experiment::study::{Case, Study};
pub use report::{
    Artifact, Brief, Shelf, Sources, Style, answer, brief, output_doc, render, ring_answer,
    ring_owners,
};
pub use scenario::{Checked, Document, DrawsAsked, Loaded, Overrides, Source, load, read_targets};

/// The random cases of property tests, the same beside the code as in `tests/it`.
#[cfg(test)]
#[path = "../tests/it/support/properties.rs"]
mod properties;
