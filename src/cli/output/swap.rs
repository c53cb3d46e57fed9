//! The last steps of new results: onto the disk, and into the place of the old ones.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Mutex;

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::exists;
use crate::cli::Error;

/// Held while old results may be absent. Who ends the process at once waits for it.
pub(in crate::cli) static SWAPPING: Mutex<()> = Mutex::new(());

/// How new results came into their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Way {
    /// In one step. No reader saw the place empty.
    AtOnce,
    /// The old results were moved away first, for the file system refuses the exchange.
    InTwoSteps,
}

/// A step after which a process may be killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Every file is written.
    Written,
    /// What others put into the old results is in the new ones too.
    Kept,
    /// The new results are on the disk.
    Synced,
    /// The old results are moved away, and the new ones not in their place.
    MovedAway,
    /// The new results are in their place.
    Swapped,
    /// So they are after a loss of power.
    Settled,
}

/// How the last steps are done, and who is told after each of them.
#[derive(Clone, Copy)]
pub(super) struct Hands<'a> {
    /// Exchanges two folders.
    pub(super) exchange: fn(&Path, &Path) -> io::Result<()>,
    /// Told after each step. A test kills the process here.
    pub(super) after: &'a dyn Fn(Step),
}

impl Hands<'_> {
    /// As the machine does it.
    pub(super) const PLAIN: Self = Self {
        exchange,
        after: &|_| {},
    };

    /// Puts the folder `new` into `place`. Old results are at `new` or at `old` then.
    pub(super) fn swap(self, new: &Path, place: &Path, old: &Path) -> Result<Way, Error> {
        let _swapping = SWAPPING.lock().expect("nothing panics under this lock");
        if !exists(place)? {
            fs::rename(new, place).map_err(Error::file("create", place))?;
            return Ok(Way::AtOnce);
        }
        if (self.exchange)(new, place).is_ok() {
            return Ok(Way::AtOnce);
        }
        // A rename cannot replace a folder that is not empty. The next process that claims the place
        // repairs a crash between the two steps.
        fs::rename(place, old).map_err(Error::file("replace", place))?;
        (self.after)(Step::MovedAway);
        if let Err(source) = fs::rename(new, place) {
            fs::rename(old, place).map_err(Error::file("restore", place))?;
            return Err(Error::file("create", place)(source));
        }
        Ok(Way::InTwoSteps)
    }
}

/// Exchanges two folders in one step. Not every file system does.
fn exchange(left: &Path, right: &Path) -> io::Result<()> {
    Ok(renameat_with(CWD, left, CWD, right, RenameFlags::EXCHANGE)?)
}

/// Waits until the names in a folder are on the disk.
pub(in crate::cli) fn sync(folder: &Path) -> Result<(), Error> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some file systems have nothing to wait for.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced.map_err(Error::file("sync", folder)),
    }
}

/// Waits until the names in a folder and in all folders in it are on the disk.
pub(super) fn sync_all(folder: &Path) -> Result<(), Error> {
    let listed = fs::read_dir(folder).map_err(Error::file("list", folder))?;
    for entry in listed {
        let entry = entry.map_err(Error::file("list", folder))?;
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            sync_all(&entry.path())?;
        }
    }
    sync(folder)
}
