//! Draws that are kept on the disk until the results of their study are complete.

mod disk;
mod recipe;

use std::path::{Path, PathBuf};

pub(super) use disk::{Disk, files};
pub(super) use recipe::{FilesRead, REVISION, Recipe};

/// The hidden folder in `out` for the draws of scenario `name`, until its results are complete.
pub(super) fn folder_of(out: &Path, name: &str) -> PathBuf {
    out.join(format!(".{name}.blocks"))
}
