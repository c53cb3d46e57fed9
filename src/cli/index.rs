//! The page over the scenarios of one command, beside their folders.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::Error;
use crate::report::Artifact;

/// What marks a page as one of this program.
const MARK: &[u8] = b"<meta name=\"generator\" content=\"alloy-sim ";

/// The place of the page.
#[derive(Debug)]
pub(super) struct Index {
    path: PathBuf,
}

impl Index {
    /// Claims the place in `out`. The place must be free, or hold a page of this program.
    ///
    /// Called before anything is simulated, as for the folders of results.
    pub(super) fn claim(out: &Path) -> Result<Self, Error> {
        let path = out.join("index.html");
        match fs::read(&path) {
            Ok(bytes) if bytes.windows(MARK.len()).any(|part| part == MARK) => Ok(Self { path }),
            Ok(_) => Err(Error::ForeignPage(path)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self { path }),
            Err(error) => Err(Error::file("read", &path)(error)),
        }
    }

    /// Replaces the page at once: readers see the old page or the new one.
    pub(super) fn replace(&self, page: &Artifact) -> Result<(), Error> {
        // A name of this process, so that two commands into one folder do not write one file.
        let name = format!(".index.{}.partial", std::process::id());
        let partial = self.path.with_file_name(name);
        let write = || {
            let mut file = File::create(&partial)?;
            file.write_all(&page.bytes)?;
            file.sync_all()?;
            fs::rename(&partial, &self.path)
        };
        write().map_err(|source| {
            let _ = fs::remove_file(&partial);
            Error::file("write", &self.path)(source)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_replaces_a_page_and_nothing_else() {
        let out = tempfile::tempdir().unwrap();
        let path = out.path().join("index.html");
        for version in ["1", "2"] {
            let bytes = [MARK, version.as_bytes()].concat();
            let name = "index.html".to_owned();
            let index = Index::claim(out.path()).unwrap();
            index.replace(&Artifact { name, bytes }).unwrap();
            assert!(fs::read_to_string(&path).unwrap().ends_with(version));
            assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1);
        }
        fs::write(&path, "<p>by hand</p>").unwrap();
        let error = Index::claim(out.path()).unwrap_err();
        assert!(matches!(error, Error::ForeignPage(_)), "{error}");
    }
}
