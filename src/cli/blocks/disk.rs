//! Blocks as files of a hidden folder beside the results.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Recipe;
use crate::cli::Error;
use crate::cli::environment::Clock;
use crate::experiment::outcomes::Key;
use crate::experiment::store::{Store, StoreError};

/// End of the names of blocks.
const ENDING: &str = ".block";

/// Blocks that are not written yet have at most so many bytes.
const PENDING_MAX: usize = 8 << 20;

/// Blocks are written at least so often. A study of a blink writes none.
const PENDING_FOR: Duration = Duration::from_secs(1);

/// Blocks in files. What is read may lie in several folders; what is written goes to one.
pub(in crate::cli) struct Disk {
    folder: PathBuf,
    /// What stands beside the blocks.
    recipe: Recipe,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Blocks that are not written yet.
    pending: BTreeMap<Key, Arc<[u8]>>,
    pending_bytes: usize,
    /// Files of blocks that may be read, by the names of their keys.
    files: BTreeMap<String, PathBuf>,
    /// When blocks were written last.
    written: Duration,
}

impl Disk {
    /// Blocks of a study in a folder. What the folder holds is left alone, and is not read.
    pub(in crate::cli) fn new(folder: PathBuf, recipe: Recipe) -> Self {
        Self {
            folder,
            recipe,
            clock: Clock::start(),
            state: Mutex::default(),
        }
    }

    /// Also reads these files.
    pub(in crate::cli) fn with(self, files: BTreeMap<String, PathBuf>) -> Self {
        self.locked(|state| state.files = files);
        self
    }

    /// Writes what is not written yet.
    pub(in crate::cli) fn flush(&self) -> Result<(), Error> {
        self.locked(|state| self.write(state))
    }

    /// Removes all blocks.
    pub(in crate::cli) fn clear(&self) -> Result<(), Error> {
        self.locked(|state| *state = State::default());
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Error::file("remove", &self.folder)(error))
            }
            _ => Ok(()),
        }
    }

    /// The folder of the blocks.
    pub(in crate::cli) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Number of blocks that are kept.
    pub(in crate::cli) fn count(&self) -> usize {
        self.locked(|state| state.files.len() + state.pending.len())
    }

    fn write(&self, state: &mut State) -> Result<(), Error> {
        if state.pending.is_empty() {
            return Ok(());
        }
        let create = |folder| fs::create_dir_all(folder).map_err(Error::file("create", folder));
        create(&self.folder)?;
        self.recipe.write(&self.folder).inspect_err(|_| {
            // A folder without blocks helps nobody. One with blocks stays.
            let _ = fs::remove_dir(&self.folder);
        })?;
        while let Some((key, bytes)) = state.pending.pop_first() {
            let path = self.folder.join(format!("{key}{ENDING}"));
            if let Err(error) = write_whole(&path, &bytes) {
                state.pending.insert(key, bytes);
                return Err(Error::file("write", &path)(error));
            }
            state.files.insert(key.to_string(), path);
        }
        state.pending_bytes = 0;
        state.written = self.clock.elapsed();
        Ok(())
    }

    fn locked<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().expect("nothing panics under this lock"))
    }
}

impl Store for Disk {
    fn put(&self, key: &Key, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.locked(|state| {
            state.pending_bytes += bytes.len();
            state.pending.insert(*key, bytes.into());
            let is_due = self.clock.elapsed() >= state.written + PENDING_FOR;
            if is_due || state.pending_bytes > PENDING_MAX {
                self.write(state).map_err(|error| in_words(&error))?;
            }
            Ok(())
        })
    }

    fn load(&self, key: &Key) -> Result<Option<Arc<[u8]>>, StoreError> {
        let path = self.locked(|state| match state.pending.get(key) {
            Some(bytes) => Err(Arc::clone(bytes)),
            None => Ok(state.files.get(&key.to_string()).cloned()),
        });
        match path {
            Err(bytes) => Ok(Some(bytes)),
            Ok(None) => Ok(None),
            Ok(Some(path)) => {
                let bytes = fs::read(&path).map_err(failed(&path))?;
                Ok(Some(bytes.into()))
            }
        }
    }

    fn part(&self, key: &Key, bytes: Range<u64>) -> Result<Vec<u8>, StoreError> {
        let path = self.locked(|state| {
            // A block is read in parts only where all blocks together are large.
            self.write(state).map_err(|error| in_words(&error))?;
            let path = state.files.get(&key.to_string()).cloned();
            path.ok_or_else(|| StoreError(format!("block {key} is gone")))
        })?;
        let read = || {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(bytes.start))?;
            let length = usize::try_from(bytes.end - bytes.start).map_err(io::Error::other)?;
            let mut part = vec![0; length];
            file.read_exact(&mut part)?;
            Ok(part)
        };
        read().map_err(failed(&path))
    }
}

/// The files of blocks in a folder, by the names of their keys.
pub(in crate::cli) fn files(folder: &Path) -> Result<BTreeMap<String, PathBuf>, Error> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(Error::file("list", folder))? {
        let path = entry.map_err(Error::file("list", folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(key) = name.and_then(|name| name.strip_suffix(ENDING)) {
            files.insert(key.to_owned(), path);
        }
    }
    Ok(files)
}

/// Writes a file so that it is there as a whole, or not at all.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A name of this process, so that two processes do not write one file.
    let partial = path.with_extension(format!("{}.partial", std::process::id()));
    let write = || {
        File::create(&partial)?.write_all(bytes)?;
        fs::rename(&partial, path)
    };
    write().inspect_err(|_| {
        let _ = fs::remove_file(&partial);
    })
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    move |error| in_words(&Error::file("read", path)(error))
}

/// The error without the word that begins a message.
fn in_words(error: &Error) -> StoreError {
    let text = error.in_words();
    StoreError(text.trim_start_matches("error: ").to_owned())
}
