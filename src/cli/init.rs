//! `alloy-sim init`: a scenario to start from.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};

use super::arguments::InitArguments;
use super::terminal::Output;
use super::{Error, Exit};
use crate::scenario::STARTER;

/// Writes the starter; never over a file that exists.
pub(super) fn init(arguments: &InitArguments) -> Result<Exit, Error> {
    let path = &arguments.path;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => Error::Exists { path: path.clone() },
            _ => Error::file("create", path)(source),
        })?;
    if let Err(source) = file.write_all(STARTER.as_bytes()) {
        // Half a scenario is worse than none; the write's own error is the one to tell.
        let _ = fs::remove_file(path);
        return Err(Error::file("write", path)(source));
    }
    let mut output = Output::default();
    let path = path.display();
    output.line(&format!("wrote {path}; next: alloy-sim run {path}"));
    output.finish()?;
    Ok(Exit::Good)
}
