//! The folder of a scenario's results. The folder is written in a hidden workshop beside its place, and
//! exchanged with the old results in one step. So a reader sees the old results or the new ones, and
//! never none.

mod kept;
mod new;
mod swap;
#[cfg(test)]
mod tests;
mod workshop;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::Error;
use crate::report::Shelf;

use new::NewFolder;
use swap::{Hands, Step};
pub(super) use swap::{SWAPPING, Way, sync};
pub(super) use workshop::Workshop;

/// The file that marks a folder as one of this program.
pub(super) const MANIFEST: &str = "manifest.json";

/// Names in a workshop: the results that are being written, and the old ones between two renames.
const NEW: &str = "new";
const OLD: &str = "old";

/// The place of one scenario's results.
#[derive(Debug)]
pub(super) struct Folder {
    out: PathBuf,
    name: String,
}

/// How results were replaced.
#[derive(Debug)]
pub(super) struct Replaced {
    /// How the new ones came into their place.
    pub(super) way: Way,
    /// What others had put into the old ones, and is in the new ones too.
    pub(super) kept: Vec<PathBuf>,
}

impl Folder {
    /// Claims the place of scenario `name` in `out`. The place must be writable, and must be free
    /// or hold results of this program.
    ///
    /// Called before anything is simulated, since an hour of simulation must not end in "permission
    /// denied". Also removes what a crash has left there.
    pub(super) fn claim(out: &Path, name: &str, interrupted: &AtomicBool) -> Result<Self, Error> {
        let plain = |char: char| char.is_ascii_alphanumeric() || char == '-';
        assert!(
            !name.is_empty() && name.chars().all(plain),
            "a checked scenario has a plain name, not {name:?}"
        );
        let folder = Self {
            out: out.to_owned(),
            name: name.to_owned(),
        };
        let workshop = folder.enter(interrupted)?;
        let probe = NewFolder::create(workshop.path(NEW), interrupted)?;
        probe.take("probe", &mut |sink| sink.write_all(b"?"))?;
        Ok(folder)
    }

    /// Replaces the content of the place by the files that `render` puts on a shelf, all or nothing.
    pub(super) fn replace(
        &self,
        interrupted: &AtomicBool,
        render: impl FnOnce(&mut dyn Shelf) -> io::Result<()>,
    ) -> Result<Replaced, Error> {
        self.replace_by(Hands::PLAIN, interrupted, render)
    }

    fn replace_by(
        &self,
        hands: Hands<'_>,
        interrupted: &AtomicBool,
        render: impl FnOnce(&mut dyn Shelf) -> io::Result<()>,
    ) -> Result<Replaced, Error> {
        let workshop = self.enter(interrupted)?;
        let (place, old) = (self.path(), workshop.path(OLD));
        let mut new = NewFolder::create(workshop.path(NEW), interrupted)?;
        render(&mut new).map_err(|source| new.failure(source))?;
        (hands.after)(Step::Written);
        let kept = if exists(&place)? {
            kept::keep(&place, new.path())?
        } else {
            Vec::new()
        };
        (hands.after)(Step::Kept);
        swap::sync_all(new.path())?;
        (hands.after)(Step::Synced);
        let way = hands.swap(new.path(), &place, &old)?;
        (hands.after)(Step::Swapped);
        sync(workshop.folder())?;
        sync(&self.out)?;
        (hands.after)(Step::Settled);
        if way == Way::InTwoSteps {
            // The new results are in place. The next process removes what is left of the old ones.
            let _ = fs::remove_dir_all(&old);
        }
        Ok(Replaced { way, kept })
    }

    /// Name of the scenario.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Path of the results.
    pub(super) fn path(&self) -> PathBuf {
        self.out.join(&self.name)
    }

    /// Enters the workshop, repairs what a killed process has left, and makes sure that the place is
    /// free or holds results of this program.
    fn enter(&self, interrupted: &AtomicBool) -> Result<Workshop, Error> {
        make(&self.out)?;
        let workshop = Workshop::enter(&self.path(), interrupted)?;
        self.clear_leftovers(&workshop)?;
        self.refuse_foreign()?;
        Ok(workshop)
    }

    fn clear_leftovers(&self, workshop: &Workshop) -> Result<(), Error> {
        let (new, old) = (workshop.path(NEW), workshop.path(OLD));
        if exists(&old)? && !exists(&self.path())? {
            fs::rename(&old, self.path()).map_err(Error::file("restore", &old))?;
        }
        for left in [new, old] {
            if exists(&left)? {
                fs::remove_dir_all(&left).map_err(Error::file("remove", &left))?;
            }
        }
        Ok(())
    }

    /// An error unless the place is free, or holds results of this program.
    fn refuse_foreign(&self) -> Result<(), Error> {
        let path = self.path();
        let kind = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            metadata => metadata.map_err(Error::file("look at", &path))?.file_type(),
        };
        if !kind.is_dir() {
            return Err(Error::NoFolder(path));
        }
        let manifest = path.join(MANIFEST);
        match fs::read(&manifest) {
            Ok(bytes) if is_our_manifest(&bytes) => Ok(()),
            Ok(_) => Err(Error::Foreign(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::Foreign(path)),
            Err(error) => Err(Error::file("read", &manifest)(error)),
        }
    }
}

/// Whether `report` wrote this. Other programs also have a file `manifest.json`.
fn is_our_manifest(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes)
        .is_ok_and(|manifest| manifest["program"] == "alloy-sim")
}

/// Makes a folder and what is missing above it, on the disk too.
fn make(folder: &Path) -> Result<(), Error> {
    let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let missing: Vec<&Path> = folder.ancestors().take_while(is_missing).collect();
    fs::create_dir_all(folder).map_err(Error::file("create folder", folder))?;
    for made in missing {
        let above = made.parent().filter(|above| !above.as_os_str().is_empty());
        sync(above.unwrap_or(Path::new(".")))?;
    }
    Ok(())
}

fn exists(path: &Path) -> Result<bool, Error> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::file("look at", path)(error)),
    }
}
