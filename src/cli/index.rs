//! The page over the scenarios of one command, beside their folders.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::Error;
use super::output::{self, Workshop};
use crate::report::Artifact;

/// What marks a page as one of this program.
const MARK: &[u8] = b"<meta name=\"generator\" content=\"alloy-sim ";

/// The place of the page.
#[derive(Debug)]
pub(super) struct Index {
    out: PathBuf,
    path: PathBuf,
}

impl Index {
    /// Claims the place in `out`. The place must be free, or hold a page of this program.
    ///
    /// Called before anything is simulated, as for the folders of results.
    pub(super) fn claim(out: &Path) -> Result<Self, Error> {
        let (out, path) = (out.to_owned(), out.join("index.html"));
        match fs::read(&path) {
            Ok(bytes) if bytes.windows(MARK.len()).any(|part| part == MARK) => {
                Ok(Self { out, path })
            }
            Ok(_) => Err(Error::ForeignPage(path)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self { out, path }),
            Err(error) => Err(Error::file("read", &path)(error)),
        }
    }

    /// Replaces the page at once: readers see the old page or the new one.
    pub(super) fn replace(&self, page: &Artifact, interrupted: &AtomicBool) -> Result<(), Error> {
        let workshop = Workshop::enter(&self.path, interrupted)?;
        let new = workshop.path("new");
        let write = || {
            let mut file = File::create(&new)?;
            file.write_all(&page.bytes)?;
            file.sync_all()?;
            fs::rename(&new, &self.path)
        };
        write().map_err(|source| {
            let _ = fs::remove_file(&new);
            Error::file("write", &self.path)(source)
        })?;
        output::sync(&self.out)
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
            let heard_nothing = AtomicBool::new(false);
            index
                .replace(&Artifact { name, bytes }, &heard_nothing)
                .unwrap();
            assert!(fs::read_to_string(&path).unwrap().ends_with(version));
            assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1);
        }
        fs::write(&path, "<p>by hand</p>").unwrap();
        let error = Index::claim(out.path()).unwrap_err();
        assert!(matches!(error, Error::ForeignPage(_)), "{error}");
    }
}
