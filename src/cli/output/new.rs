//! A folder of results that is being written.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cli::Error;
use crate::report::{Content, Shelf};

/// A folder that takes the files of a result. It is removed when dropped, unless it was moved away.
#[derive(Debug)]
pub(super) struct NewFolder<'a> {
    path: PathBuf,
    interrupted: &'a AtomicBool,
    /// Why the last file was not taken.
    failure: Option<Error>,
}

impl<'a> NewFolder<'a> {
    /// An empty folder. Takes nothing any more once it is `interrupted`.
    pub(super) fn create(path: PathBuf, interrupted: &'a AtomicBool) -> Result<Self, Error> {
        fs::create_dir(&path).map_err(Error::file("create folder", &path))?;
        Ok(Self {
            path,
            interrupted,
            failure: None,
        })
    }

    /// The path of the folder.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Why a file was not taken; `source` if every file was.
    pub(super) fn failure(&mut self, source: io::Error) -> Error {
        let failure = self.failure.take();
        failure.unwrap_or_else(|| Error::file("write", &self.path)(source))
    }

    /// Takes a file.
    pub(super) fn take(&self, name: &str, content: Content<'_>) -> Result<(), Error> {
        let path = self.path.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(Error::file("create folder", parent))?;
        }
        let file = File::create_new(&path).map_err(Error::file("create", &path))?;
        let mut sink = Sink {
            file,
            interrupted: self.interrupted,
            was_refused: false,
        };
        let written = content(&mut sink);
        // Some file systems report a full disk only here.
        let written = written.and_then(|()| sink.file.sync_all());
        match written {
            Err(_) if sink.was_refused => Err(Error::Interrupted),
            written => written.map_err(Error::file("write", &path)),
        }
    }
}

impl Shelf for NewFolder<'_> {
    fn file(&mut self, name: &str, content: Content<'_>) -> io::Result<()> {
        self.take(name, content).map_err(|error| {
            self.failure = Some(error);
            io::Error::other("the file was not taken")
        })
    }
}

impl Drop for NewFolder<'_> {
    fn drop(&mut self) {
        // After the swap the old results stand here. After an error that error is the one to report.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// A file that takes bytes until the user interrupts.
struct Sink<'a> {
    file: File,
    interrupted: &'a AtomicBool,
    was_refused: bool,
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.interrupted.load(Ordering::Relaxed) {
            self.was_refused = true;
            // Of the kind `Interrupted` it would be tried again for ever by `write_all`.
            return Err(io::Error::other("interrupted"));
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
