//! What others put into a folder of results. New results do not cost it.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry, File};
use std::io;
use std::path::{Path, PathBuf};

use super::MANIFEST;
use crate::cli::Error;

/// Puts everything in the results `old` that the program did not write into the results `new` as well.
/// Returns the paths in `new`. A name that `new` has already becomes another one.
pub(super) fn keep(old: &Path, new: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut keeping = Keeping {
        ours: ours(old)?,
        new,
        kept: Vec::new(),
    };
    keeping.walk(old, Path::new(""), Path::new(""))?;
    keeping.kept.sort();
    Ok(keeping.kept)
}

/// Paths of the files that the program wrote, by the manifest, and of their folders.
fn ours(results: &Path) -> Result<BTreeSet<PathBuf>, Error> {
    let path = results.join(MANIFEST);
    let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
    let manifest: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let artifacts = manifest["artifacts"].as_object().into_iter().flatten();
    let files = artifacts.map(|(name, _)| Path::new(name));
    let files = files.chain([Path::new(MANIFEST)]);
    let with_folders = files.flat_map(Path::ancestors).map(Path::to_owned);
    Ok(with_folders.collect())
}

struct Keeping<'a> {
    ours: BTreeSet<PathBuf>,
    new: &'a Path,
    kept: Vec<PathBuf>,
}

impl Keeping<'_> {
    /// Keeps what is in `folder`, which is `from` in the old results and `to` in the new ones.
    fn walk(&mut self, folder: &Path, from: &Path, to: &Path) -> Result<(), Error> {
        let listed = fs::read_dir(folder).map_err(Error::file("list", folder))?;
        for entry in listed {
            let entry = entry.map_err(Error::file("list", folder))?;
            self.entry(&entry, &from.join(entry.file_name()), to)?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: &DirEntry, from: &Path, to: &Path) -> Result<(), Error> {
        let path = entry.path();
        let kind = entry.file_type().map_err(Error::file("look at", &path))?;
        let is_ours = self.ours.contains(from);
        if !kind.is_dir() {
            if !is_ours {
                let to = to.join(self.free(to, &entry.file_name(), false));
                link(&path, &self.new.join(&to))?;
                self.kept.push(to);
            }
            return Ok(());
        }
        let to = to.join(self.free(to, &entry.file_name(), true));
        if !is_ours {
            let folder = self.new.join(&to);
            match fs::create_dir(&folder) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                created => created.map_err(Error::file("create folder", &folder))?,
            }
        }
        self.walk(&path, from, &to)
    }

    /// `name`, or a name like it that nothing in the folder `to` of the new results has. Folders share a
    /// name.
    fn free(&self, to: &Path, name: &OsStr, is_folder: bool) -> OsString {
        let fits = |name: &OsStr| {
            let there = fs::symlink_metadata(self.new.join(to).join(name));
            there.map_or(true, |there| is_folder && there.is_dir())
        };
        let mut free = name.to_owned();
        while !fits(&free) {
            free.push(".kept");
        }
        free
    }
}

/// The same file at another path too, so that a kill at any moment leaves it at one of them.
fn link(from: &Path, to: &Path) -> Result<(), Error> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(Error::file("create folder", parent))?;
    }
    // Some file systems have no links.
    let copy = || {
        if !fs::metadata(from)?.is_file() {
            return Err(io::Error::from(io::ErrorKind::Unsupported));
        }
        fs::copy(from, to)?;
        File::open(to)?.sync_all()
    };
    let linked = fs::hard_link(from, to).or_else(|_| copy());
    linked.map_err(Error::file("keep", from))
}
