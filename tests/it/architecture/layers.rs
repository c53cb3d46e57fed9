//! The table of layers, read from ARCHITECTURE.md so that text and test cannot differ.

use std::collections::{BTreeMap, BTreeSet};

use super::source;

/// One row of the table.
#[derive(Debug)]
pub(super) struct Layer {
    /// Layers it may use besides itself; `None` for all.
    uses: Option<BTreeSet<String>>,
    /// Outside crates it may use, by their names in code.
    crates: BTreeSet<String>,
}

/// The whole table.
#[derive(Debug)]
pub(super) struct Layers {
    rows: BTreeMap<String, Layer>,
    anywhere: BTreeSet<String>,
    tests: BTreeSet<String>,
}

impl Layers {
    /// Reads the table under the heading `## Layers`: layer, layers it may use, outside crates.
    pub(super) fn read(document: &str) -> Self {
        let mut read = Self {
            rows: BTreeMap::new(),
            anywhere: BTreeSet::new(),
            tests: BTreeSet::new(),
        };
        let section = document.split("\n## Layers\n").nth(1).unwrap();
        let section = section.split("\n## ").next().unwrap();
        for row in section.lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            let [_, name, uses, crates, ..] = cells[..] else {
                panic!("a row has three columns: {row}");
            };
            let crates = words(crates);
            match name.trim_matches('`') {
                "anywhere" => read.anywhere = crates,
                "tests" => read.tests = crates,
                name => {
                    let uses = (uses != "all").then(|| words(uses));
                    read.rows.insert(name.into(), Layer { uses, crates });
                }
            }
        }
        assert!(read.rows.len() > 2, "the table has rows");
        read
    }

    /// Names of the layers.
    pub(super) fn names(&self) -> BTreeSet<String> {
        self.rows.keys().cloned().collect()
    }

    /// Every outside crate of the table.
    pub(super) fn crates(&self) -> BTreeSet<String> {
        let of_layers = self.rows.values().flat_map(|layer| &layer.crates);
        let others = self.anywhere.iter().chain(&self.tests);
        of_layers.chain(others).cloned().collect()
    }

    /// What the code of the file `path` (from `src/`, as `model/egress/aws.rs`) uses against the table;
    /// unit tests may use the crates of tests as well, and no further layers.
    pub(super) fn violations(&self, path: &str, code: &str, with_tests: bool) -> Vec<String> {
        let modules: Vec<_> = path.trim_end_matches(".rs").split('/').collect();
        let modules = modules.strip_suffix(&["mod"]).unwrap_or(&modules);
        let name = modules[0];
        let Some(layer) = self.rows.get(name) else {
            return vec![format!("{path}: {name} is no layer of the table")];
        };
        let known = self.crates();
        let mut found = BTreeSet::new();
        for path in source::paths(code) {
            let supers = path.iter().take_while(|part| *part == "super").count();
            let inside = match path[0].as_str() {
                "crate" => path.get(1),
                // Enough `super`s lead out of the layer.
                "super" if supers >= modules.len() => path.get(supers),
                outside => {
                    let of_tests = with_tests && self.tests.contains(outside);
                    let allowed = of_tests
                        || self.anywhere.contains(outside)
                        || layer.crates.contains(outside);
                    if known.contains(outside) && !allowed {
                        found.insert(outside.to_owned());
                    }
                    None
                }
            };
            let Some(used) = inside.filter(|used| self.rows.contains_key(*used)) else {
                continue;
            };
            let allowed = layer.uses.as_ref().is_none_or(|uses| uses.contains(used));
            if used != name && !allowed {
                found.insert(used.clone());
            }
        }
        let words = found.iter();
        words
            .map(|used| format!("{path}: `{name}` must not use `{used}`"))
            .collect()
    }
}

/// The names of a cell, without quotes and dashes.
fn words(cell: &str) -> BTreeSet<String> {
    let names = cell.split(',').map(|name| name.trim().trim_matches('`'));
    names
        .filter(|name| !name.is_empty() && *name != "–")
        .map(|name| name.replace('-', "_"))
        .collect()
}
