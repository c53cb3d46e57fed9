//! `alloy-sim init`: a scenario to start from.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use super::arguments::InitArguments;
use super::{Error, Exit, error, terminal};
use crate::scenario::STARTER;

/// Writes the starter scenario, but never over an existing file.
pub(super) fn init(arguments: &InitArguments) -> Result<Exit, Exit> {
    let path = &arguments.path;
    write(path).map_err(error::told)?;
    let path = path.display();
    terminal::print(&format!("wrote {path}; next: alloy-sim run {path}"))
}

fn write(path: &Path) -> Result<(), Error> {
    let mut file = File::create_new(path).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => Error::Exists(path.to_owned()),
        _ => Error::file("create", path)(source),
    })?;
    file.write_all(STARTER.as_bytes()).map_err(|source| {
        // Half a scenario is worse than none. The error of the write is the one to report.
        let _ = fs::remove_file(path);
        Error::file("write", path)(source)
    })
}
