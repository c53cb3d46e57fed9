//! Other files of a scenario, each read once for all cases.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use super::ReadFile;
use super::preset::Preset;

/// The contents of other files of a scenario.
pub(in crate::scenario) struct Files<'a> {
    /// Name of the scenario file.
    scenario: &'a str,
    read: ReadFile<'a>,
    bytes: RefCell<BTreeMap<String, Result<Vec<u8>, String>>>,
    presets: RefCell<BTreeMap<String, Rc<Preset>>>,
}

impl<'a> Files<'a> {
    /// Files of which none has been read.
    pub(in crate::scenario) fn new(scenario: &'a str, read: ReadFile<'a>) -> Self {
        Self {
            scenario,
            read,
            bytes: RefCell::default(),
            presets: RefCell::default(),
        }
    }

    /// The bytes of a file, or why it cannot be read.
    pub(super) fn get(&self, path: &str) -> Result<Vec<u8>, String> {
        let mut known = self.bytes.borrow_mut();
        let entry = known.entry(path.to_owned());
        entry
            .or_insert_with(|| (self.read)(self.scenario, path))
            .clone()
    }

    /// A path of the scenario as problems show it: relative to the folder that the scenario file's
    /// name is relative to.
    pub(super) fn shown(&self, path: &str) -> String {
        let folder = Path::new(self.scenario).with_file_name("");
        folder.join(path).display().to_string()
    }

    /// The preset called `name`, made by `make` if it is new.
    pub(super) fn preset(&self, name: &str, make: impl FnOnce() -> Preset) -> Rc<Preset> {
        if let Some(known) = self.presets.borrow().get(name) {
            return Rc::clone(known);
        }
        // A preset is made from other presets, so nothing is borrowed meanwhile.
        let preset = Rc::new(make());
        let mut presets = self.presets.borrow_mut();
        presets.insert(name.to_owned(), Rc::clone(&preset));
        preset
    }
}
