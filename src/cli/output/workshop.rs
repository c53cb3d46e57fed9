//! The hidden folder beside a place, in which what goes there is made.
//!
//! `.edge.alloy-sim` is the workshop of `edge`. Its file `lock` marks it as one of this program, and
//! says which process works in it. What a killed process leaves there, the next one clears away.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::cli::{Error, terminal};

/// Name of the file that marks a workshop.
const LOCK: &str = "lock";

/// How the text of the lock begins. A process that was killed may leave it empty.
const MARK: &str = "alloy-sim";

/// How often a process that waits looks again.
const PAUSE: Duration = Duration::from_millis(20);

/// A workshop in which this process works, and no other.
#[derive(Debug)]
pub(in crate::cli) struct Workshop {
    path: PathBuf,
    /// Held open, since closing it ends the lock.
    _lock: File,
    /// `false` on a file system without locks, where another process may be in here as well.
    is_locked: bool,
}

impl Workshop {
    /// Enters the workshop of `place`. Waits while another process works there, and says so.
    pub(in crate::cli) fn enter(place: &Path, interrupted: &AtomicBool) -> Result<Self, Error> {
        let path = beside(place);
        let mut has_told = false;
        loop {
            let Some(lock) = open(&path)? else {
                continue;
            };
            let is_locked = match lock.try_lock() {
                Ok(()) => true,
                Err(TryLockError::Error(_)) => false,
                Err(TryLockError::WouldBlock) => {
                    if !has_told {
                        has_told = true;
                        terminal::tell(&waiting(&lock, place));
                    }
                    if interrupted.load(Ordering::Relaxed) {
                        return Err(Error::Interrupted);
                    }
                    thread::sleep(PAUSE);
                    continue;
                }
            };
            // The process that held the lock may have taken the file away.
            if !is_at(&lock, &path.join(LOCK)) {
                continue;
            }
            sign(&lock).map_err(Error::file("write", &path.join(LOCK)))?;
            return Ok(Self {
                path,
                _lock: lock,
                is_locked,
            });
        }
    }

    /// The path of something in the workshop.
    pub(in crate::cli) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The folder itself.
    pub(super) fn folder(&self) -> &Path {
        &self.path
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let others = fs::read_dir(&self.path).map_or(usize::MAX, Iterator::count);
        // What is left keeps its mark. Without a lock another process may be about to work here.
        if self.is_locked && others == 1 {
            let _ = fs::remove_file(self.path.join(LOCK));
            let _ = fs::remove_dir(&self.path);
        }
    }
}

/// The workshop of a place, on the same file system. Listings and `*` do not show it.
fn beside(place: &Path) -> PathBuf {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    place.with_file_name(format!(".{name}.alloy-sim"))
}

/// Opens the lock in `folder`, and makes both where they are missing. `None` if another process got in
/// between, so that it is worth another try.
fn open(folder: &Path) -> Result<Option<File>, Error> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(Error::file("create folder", folder)(error));
        }
        _ => {}
    }
    match fs::symlink_metadata(folder) {
        // A link leads to a place that may be anybody's.
        Ok(there) if !there.is_dir() => return Err(Error::NotOurs(folder.to_owned())),
        _ => {}
    }
    let path = folder.join(LOCK);
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    match options.open(&path) {
        Ok(lock) if is_ours(&lock) => return Ok(Some(lock)),
        Ok(_) => return Err(Error::NotOurs(folder.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(Error::file("open", &path)(error)),
    }
    // A process that leaves takes the lock away last, so only an empty folder can be one of ours.
    let inside = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        inside => inside.map_err(Error::file("list", folder))?,
    };
    if inside.count() > 0 {
        return match path.try_exists() {
            Ok(true) => Ok(None),
            _ => Err(Error::NotOurs(folder.to_owned())),
        };
    }
    match options.create_new(true).open(&path) {
        Ok(lock) => Ok(Some(lock)),
        Err(error) => match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound => Ok(None),
            _ => Err(Error::file("create", &path)(error)),
        },
    }
}

/// Whether this program wrote a lock.
fn is_ours(lock: &File) -> bool {
    text(lock).is_ok_and(|text| text.is_empty() || text.starts_with(MARK))
}

/// The text of a lock, or its beginning.
fn text(lock: &File) -> io::Result<String> {
    let mut bytes = Vec::new();
    lock.take(64).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether an open file is the one at `path`.
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let [open, there] = [file.metadata(), fs::symlink_metadata(path)];
    let both = open.and_then(|open| Ok((identity(open), identity(there?))));
    both.is_ok_and(|(open, there)| open == there)
}

/// Writes into a lock who holds it.
fn sign(mut lock: &File) -> io::Result<()> {
    lock.rewind()?;
    lock.set_len(0)?;
    writeln!(lock, "{MARK}, process {}", process::id())
}

/// Whom a process waits for.
fn waiting(mut lock: &File, place: &Path) -> String {
    let text = lock.rewind().and_then(|()| text(lock));
    let text = text.unwrap_or_default();
    let holder = text.rsplit_once(' ').map_or("", |(_, number)| number);
    let holder = match holder.trim().parse::<u32>() {
        Ok(number) => format!("process {number}"),
        Err(_) => "another process".to_owned(),
    };
    format!(
        "waiting for {holder}, which writes into {}",
        place.display()
    )
}
