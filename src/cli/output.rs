//! The folder of a scenario's results. The folder is written beside its place and swapped in by
//! rename, so that no reader ever sees a mix of old and new.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Error;
use crate::report::Artifact;

/// The file that marks a folder as one of this program.
pub(super) const MANIFEST: &str = "manifest.json";

/// The place of one scenario's results.
#[derive(Debug)]
pub(super) struct Folder {
    out: PathBuf,
    name: String,
}

impl Folder {
    /// Claims the place of scenario `name` in `out`. The place must be writable, and must be free
    /// or hold results of this program.
    ///
    /// Called before anything is simulated, since an hour of simulation must not end in "permission
    /// denied". Also removes what a crash has left there.
    pub(super) fn claim(out: &Path, name: &str) -> Result<Self, Error> {
        let plain = |char: char| char.is_ascii_alphanumeric() || char == '-';
        assert!(
            !name.is_empty() && name.chars().all(plain),
            "a checked scenario has a plain name, not {name:?}"
        );
        let folder = Self {
            out: out.to_owned(),
            name: name.to_owned(),
        };
        let _lock = folder.prepare()?;
        let partial = Partial::create(folder.hidden("partial"))?;
        partial.write(&Artifact {
            name: "probe".into(),
            bytes: b"?".into(),
        })?;
        Ok(folder)
    }

    /// Replaces the content of the place by `artifacts`, all or nothing.
    pub(super) fn replace(&self, artifacts: &[Artifact]) -> Result<(), Error> {
        let _lock = self.prepare()?;
        let partial = Partial::create(self.hidden("partial"))?;
        for artifact in artifacts {
            partial.write(artifact)?;
        }
        self.swap_in(&partial)
    }

    /// Name of the scenario.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Path of the results.
    pub(super) fn path(&self) -> PathBuf {
        self.out.join(&self.name)
    }

    /// A sibling on the same file system that listings and `*` do not show. Scenario names have no
    /// dot, so no two scenarios share a sibling.
    fn hidden(&self, what: &str) -> PathBuf {
        self.out.join(format!(".{}.{what}", self.name))
    }

    /// Makes sure that the place is free or holds results of this program. Other processes stay out
    /// while the lock is held.
    fn prepare(&self) -> Result<Option<File>, Error> {
        fs::create_dir_all(&self.out).map_err(Error::file("create folder", &self.out))?;
        let lock = lock(&self.out);
        self.clear_leftovers()?;
        self.refuse_foreign()?;
        Ok(lock)
    }

    fn swap_in(&self, partial: &Partial) -> Result<(), Error> {
        let (path, old) = (self.path(), self.hidden("old"));
        // A rename cannot replace a folder that is not empty, so the old folder is moved away
        // first. `clear_leftovers` repairs a crash between the two steps.
        let had_old = exists(&path)?;
        if had_old {
            fs::rename(&path, &old).map_err(Error::file("replace", &path))?;
        }
        if let Err(source) = fs::rename(&partial.0, &path) {
            if had_old {
                fs::rename(&old, &path).map_err(Error::file("restore", &path))?;
            }
            return Err(Error::file("create", &path)(source));
        }
        if had_old {
            // The new results are in place. The next `run` removes what is left of the old ones.
            let _ = fs::remove_dir_all(&old);
        }
        Ok(())
    }

    /// Repairs what a killed process has left. Such folders exist only under the lock, so a folder
    /// that is seen under the lock belongs to no process.
    fn clear_leftovers(&self) -> Result<(), Error> {
        let (partial, old) = (self.hidden("partial"), self.hidden("old"));
        if exists(&partial)? {
            fs::remove_dir_all(&partial).map_err(Error::file("remove", &partial))?;
        }
        if exists(&old)? {
            if exists(&self.path())? {
                fs::remove_dir_all(&old).map_err(Error::file("remove", &old))?;
            } else {
                fs::rename(&old, self.path()).map_err(Error::file("restore", &old))?;
            }
        }
        Ok(())
    }

    fn refuse_foreign(&self) -> Result<(), Error> {
        let path = self.path();
        if !exists(&path)? {
            return Ok(());
        }
        let is_folder = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir());
        let ours = fs::read(path.join(MANIFEST)).is_ok_and(|bytes| is_our_manifest(&bytes));
        if is_folder && ours {
            Ok(())
        } else {
            Err(Error::Foreign(path))
        }
    }
}

/// Whether `report` wrote this. Other programs also have a file `manifest.json`.
fn is_our_manifest(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes)
        .is_ok_and(|manifest| manifest["program"] == "alloy-sim")
}

/// Keeps other processes of this program away from the hidden folders in `out` while the lock is
/// held.
///
/// `None` on a file system without locks. There, two simultaneous `run`s of one scenario into one
/// folder can disturb each other.
fn lock(out: &Path) -> Option<File> {
    let folder = File::open(out).ok()?;
    folder.lock().ok()?;
    Some(folder)
}

fn exists(path: &Path) -> Result<bool, Error> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::file("look at", path)(error)),
    }
}

/// A folder that is being written. The folder is removed when dropped, unless it was renamed.
#[derive(Debug)]
struct Partial(PathBuf);

impl Partial {
    fn create(path: PathBuf) -> Result<Self, Error> {
        fs::create_dir(&path).map_err(Error::file("create folder", &path))?;
        Ok(Self(path))
    }

    fn write(&self, artifact: &Artifact) -> Result<(), Error> {
        let path = self.0.join(&artifact.name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(Error::file("create folder", parent))?;
        }
        let write = || {
            let mut file = File::create_new(&path)?;
            file.write_all(&artifact.bytes)?;
            // Some file systems report a full disk only here.
            file.sync_all()
        };
        write().map_err(Error::file("write", &path))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // After the swap there is nothing to remove. After an error that error is the one to
        // report.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifacts(text: &str) -> Vec<Artifact> {
        let manifest = br#"{"program": "alloy-sim"}"#;
        vec![
            Artifact {
                name: "summary.csv".into(),
                bytes: text.into(),
            },
            Artifact {
                name: "chart/memory.svg".into(),
                bytes: text.into(),
            },
            Artifact {
                name: MANIFEST.into(),
                bytes: manifest.into(),
            },
        ]
    }

    fn listing(path: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(path)
            .expect("the folder can be listed")
            .map(|entry| entry.expect("an entry").file_name().into_string())
            .map(|name| name.expect("names are plain"))
            .collect();
        names.sort();
        names
    }

    #[test]
    fn results_replace_results() {
        let out = tempfile::tempdir().unwrap();
        for text in ["first", "second"] {
            let folder = Folder::claim(out.path(), "edge").unwrap();
            folder.replace(&artifacts(text)).unwrap();
            let written = fs::read_to_string(folder.path().join("summary.csv")).unwrap();
            assert_eq!(written, text);
            assert_eq!(listing(out.path()), ["edge"]);
        }
    }

    #[test]
    fn foreign_things_are_left_alone() {
        let out = tempfile::tempdir().unwrap();
        fs::create_dir(out.path().join("photos")).unwrap();
        fs::write(out.path().join("photos/manifest.json"), "{}").unwrap();
        fs::write(out.path().join("notes"), "by hand").unwrap();
        for name in ["photos", "notes"] {
            let error = Folder::claim(out.path(), name).unwrap_err();
            assert!(matches!(error, Error::Foreign { .. }), "{error}");
        }
        assert_eq!(listing(out.path()), ["notes", "photos"]);
    }

    #[test]
    fn a_failed_write_leaves_the_old_results() {
        let out = tempfile::tempdir().unwrap();
        let folder = Folder::claim(out.path(), "edge").unwrap();
        folder.replace(&artifacts("old")).unwrap();
        let mut broken = artifacts("new");
        broken.push(Artifact {
            name: "summary.csv/below-a-file.csv".into(),
            bytes: Vec::new(),
        });
        folder.replace(&broken).unwrap_err();
        let written = fs::read_to_string(folder.path().join("summary.csv")).unwrap();
        assert_eq!(written, "old");
        assert_eq!(listing(out.path()), ["edge"]);
    }

    #[test]
    fn a_crash_between_the_renames_is_repaired() {
        let out = tempfile::tempdir().unwrap();
        let folder = Folder::claim(out.path(), "edge").unwrap();
        folder.replace(&artifacts("old")).unwrap();
        fs::rename(folder.path(), folder.hidden("old")).unwrap();
        fs::create_dir(folder.hidden("partial")).unwrap();
        let folder = Folder::claim(out.path(), "edge").unwrap();
        let written = fs::read_to_string(folder.path().join("summary.csv")).unwrap();
        assert_eq!(written, "old");
        assert_eq!(listing(out.path()), ["edge"]);
    }
}
