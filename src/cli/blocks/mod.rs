//! Draws that are kept on the disk until the results of their study are complete.

mod disk;
mod recipe;

pub(super) use disk::{Disk, files};
pub(super) use recipe::{FilesRead, REVISION, Recipe};
