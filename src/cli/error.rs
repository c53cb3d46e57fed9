//! Failures of the environment: a file, a folder, a disk, a terminal.

use std::error::Error as _;
use std::io;
use std::path::{Path, PathBuf};

use super::{Exit, terminal};
use crate::experiment::run::Stopped;
use crate::experiment::store::StoreError;

/// What failed, where, and why. Ends the program with code 1, or 130 after an
/// interruption.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// A call of the operating system failed.
    #[error("failed to {operation}")]
    System {
        /// The operation: words that fit "failed to".
        operation: String,
        /// Why it failed.
        source: io::Error,
    },
    /// A folder stands where a scenario file is wanted.
    #[error(
        "{} is a folder; pass the scenario files in it: {}",
        .0.display(),
        .0.join("*.toml").display()
    )]
    Folder(PathBuf),
    /// The program did not write what it would replace.
    #[error(
        "{} exists and holds no manifest.json of alloy-sim; move it away, or choose another folder \
         with --out",
        .0.display()
    )]
    Foreign(PathBuf),
    /// A file or a link stands where the folder of results is to be.
    #[error("{} is no folder; move it away, or choose another folder with --out", .0.display())]
    NoFolder(PathBuf),
    /// The program did not make the hidden folder that it would work in.
    #[error(
        "{} is not of alloy-sim, which would write results there first; move it away, or choose \
         another folder with --out",
        .0.display()
    )]
    NotOurs(PathBuf),
    /// The user interrupted what was being written, or the wait for it.
    #[error("interrupted")]
    Interrupted,
    /// The page over several scenarios would replace a page of somebody else.
    #[error(
        "{} is no page of alloy-sim; move it away, or choose another folder with --out",
        .0.display()
    )]
    ForeignPage(PathBuf),
    /// Draws cannot be kept or read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Blocks do not make the draws of a study.
    #[error("{0}")]
    WrongBlocks(String),
    /// `init` would overwrite a file.
    #[error("{} exists; alloy-sim init does not overwrite it, give another path", .0.display())]
    Exists(PathBuf),
}

impl Error {
    /// Adds the operation to an I/O error: `.map_err(Error::system("listen for signals"))`.
    pub(super) fn system(operation: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let operation = operation.into();
        |source| Self::System { operation, source }
    }

    /// Adds operation and path to an I/O error: `.map_err(Error::file("read", path))`.
    pub(super) fn file(operation: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        Self::system(format!("{operation} {}", path.display()))
    }

    /// The error with its causes in one line.
    pub(super) fn in_words(&self) -> String {
        let mut text = format!("error: {self}");
        let mut cause = self.source();
        while let Some(source) = cause {
            text = format!("{text}: {source}");
            cause = source.source();
        }
        text
    }
}

/// Prints why a simulation has no results to standard error. Returns how the program ends.
pub(super) fn stopped(why: &Stopped) -> Exit {
    let (exit, help) = match why {
        Stopped::Interrupted => (Exit::Interrupted, ""),
        Stopped::NoThreads(_) | Stopped::Store(_) => (Exit::Machine, ""),
        Stopped::Beyond { .. } => (
            Exit::WrongScenario,
            "\n  lower it or the width of its law, or shorten the horizon",
        ),
        Stopped::Absent => (Exit::Unsettled, ""),
        Stopped::Bug => (Exit::Bug, ""),
    };
    terminal::tell(&format!("error: {why}{help}"));
    exit
}

/// Prints an error to standard error. Returns how the program ends.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it is the end of an error: `.map_err(told)`"
)]
pub(super) fn told(error: Error) -> Exit {
    terminal::tell(&error.in_words());
    match error {
        Error::WrongBlocks(_) => Exit::WrongBlocks,
        Error::Interrupted => Exit::Interrupted,
        _ => Exit::Machine,
    }
}
