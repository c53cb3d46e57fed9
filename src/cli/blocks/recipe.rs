//! What stands beside blocks: all that is needed to make results from them, on another machine too.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::disk;
use crate::cli::Error;
use crate::cli::input::Scenario;
use crate::scenario::{self, DrawsAsked, Overrides, Problem, Source};

/// Name of the file.
const NAME: &str = "study.json";

/// Version of the format of the file.
const FORMAT: u32 = 1;

/// What tells builds of the program apart whose draws may differ.
pub(in crate::cli) const REVISION: &str = env!("ALLOY_SIM_REVISION");

/// A scenario as a command line asked for it, with the files that it names.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) struct Recipe(Value);

impl Recipe {
    /// The recipe of a scenario that was read with these overrides.
    pub(in crate::cli) fn of(
        source: &Source,
        overrides: &Overrides,
        files: &BTreeMap<String, Vec<u8>>,
    ) -> Self {
        let draws = match overrides.draws {
            Some(DrawsAsked::Number(draws)) => json!(draws),
            Some(DrawsAsked::UntilSettled) => json!("until settled"),
            None => Value::Null,
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let files: BTreeMap<&String, String> = files
            .iter()
            .map(|(path, bytes)| (path, text(bytes)))
            .collect();
        Self(json!({
            "program": "alloy-sim",
            "format": FORMAT,
            "version": env!("CARGO_PKG_VERSION"),
            "revision": REVISION,
            "file": source.name,
            "scenario": text(&source.bytes),
            "files": files,
            "set": overrides.settings,
            "case": overrides.cases,
            "draws": draws,
            "seed": overrides.seed,
        }))
    }

    /// Writes the file into a folder, unless it stands there.
    pub(super) fn write(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(NAME);
        let bytes = format!("{:#}\n", self.0);
        if fs::read(&path).is_ok_and(|there| there == bytes.as_bytes()) {
            return Ok(());
        }
        disk::write_whole(&path, bytes.as_bytes()).map_err(Error::file("write", &path))
    }

    /// Reads the file of a folder; `None` if the folder has none of this program.
    pub(in crate::cli) fn read(folder: &Path) -> Option<Self> {
        let bytes = fs::read(folder.join(NAME)).ok()?;
        let value: Value = serde_json::from_slice(&bytes).ok()?;
        (value["program"] == "alloy-sim").then_some(Self(value))
    }

    /// Whether this build of the program made the blocks.
    pub(in crate::cli) fn is_of_this_build(&self) -> bool {
        self.0["revision"] == REVISION && self.0["format"] == FORMAT
    }

    /// What the command line changed.
    pub(in crate::cli) fn overrides(&self) -> Overrides {
        let list = |key: &str| {
            let list = self.0[key].as_array();
            let words = list.into_iter().flatten().filter_map(Value::as_str);
            words.map(str::to_owned).collect()
        };
        let number = self.0["draws"]
            .as_u64()
            .and_then(|draws| u32::try_from(draws).ok());
        let draws = match &self.0["draws"] {
            Value::String(_) => Some(DrawsAsked::UntilSettled),
            _ => number.map(DrawsAsked::Number),
        };
        Overrides {
            draws,
            seed: self.0["seed"].as_u64(),
            settings: list("set"),
            cases: list("case"),
        }
    }

    /// The scenario.
    ///
    /// # Errors
    ///
    /// Its problems. A recipe of this build has none.
    pub(in crate::cli) fn load(&self) -> Result<Scenario, Vec<Problem>> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let source = Source {
            name: text(&self.0["file"]),
            bytes: text(&self.0["scenario"]).into_bytes(),
        };
        let read = |_: &str, path: &str| match &self.0["files"][path] {
            Value::String(text) => Ok(text.clone().into_bytes()),
            _ => Err(format!("{NAME} does not hold it")),
        };
        let sources = [source];
        let loaded = scenario::load(&sources, &read, &self.overrides()).remove(0);
        let [source] = sources;
        loaded.result.map(|checked| Scenario {
            source,
            checked,
            files: BTreeMap::new(),
        })
    }
}

/// Files beside scenarios, kept as they are read.
#[derive(Debug, Default)]
pub(in crate::cli) struct FilesRead(RefCell<BTreeMap<(String, String), Vec<u8>>>);

impl FilesRead {
    /// Reads a file, and keeps it.
    pub(in crate::cli) fn read(
        &self,
        read: impl FnOnce() -> Result<Vec<u8>, String>,
        (scenario, path): (&str, &str),
    ) -> Result<Vec<u8>, String> {
        let bytes = read()?;
        let mut files = self.0.borrow_mut();
        files.insert((scenario.to_owned(), path.to_owned()), bytes.clone());
        Ok(bytes)
    }

    /// Takes the files that a scenario names. They may be large, so nothing of them stays.
    pub(in crate::cli) fn take(&self, scenario: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.0.borrow_mut();
        let own = files.extract_if(.., |(of, _), _| of == scenario);
        own.map(|((_, path), bytes)| (path, bytes)).collect()
    }
}
