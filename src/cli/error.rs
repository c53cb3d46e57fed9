//! The environment failed us: a file, a folder, a disk, a terminal.

use std::error::Error as _;
use std::io;
use std::path::{Path, PathBuf};

use super::terminal;

/// What failed, where, and why; ends the program with code 1.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// An operation on a file or folder failed.
    #[error("failed to {operation} {}", path.display())]
    File {
        /// What we tried: a verb that fits "failed to".
        operation: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A folder stands where a scenario file is wanted.
    #[error(
        "{} is a folder; pass the scenario files in it: {}",
        path.display(),
        path.join("*.toml").display()
    )]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// What would be replaced was not written by us.
    #[error(
        "{} exists and holds no manifest.json of alloy-sim; move it away, or choose another folder \
         with --out",
        path.display()
    )]
    Foreign {
        /// The folder or file in the way.
        path: PathBuf,
    },
    /// `init` would overwrite a file.
    #[error("{} exists; alloy-sim init does not overwrite it, give another path", path.display())]
    Exists {
        /// The file in the way.
        path: PathBuf,
    },
    /// Standard output does not take the answer.
    #[error("failed to write to standard output")]
    Stdout {
        /// Why it failed.
        source: io::Error,
    },
    /// The operating system gives no threads.
    #[error("failed to start worker threads: {reason}")]
    Threads {
        /// Why it failed.
        reason: String,
    },
    /// The operating system does not let us hear signals.
    #[error("failed to listen for signals")]
    Signals {
        /// Why it failed.
        source: io::Error,
    },
}

impl Error {
    /// Adds operation and path to an I/O error: `.map_err(Error::file("read", path))`.
    pub(super) fn file(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File {
            operation,
            path: path.to_owned(),
            source,
        }
    }
}

/// Prints an error with its causes to standard error.
pub(super) fn show(error: &Error) {
    let mut text = format!("error: {error}");
    let mut cause = error.source();
    while let Some(source) = cause {
        text.push_str(": ");
        text.push_str(&source.to_string());
        cause = source.source();
    }
    terminal::tell(&text);
}
