//! `docs/validation.md`: what was measured and reported beside what the model says, row by row.
//!
//! `alloy.csv` of `measured` has the rows of a measurement of Alloy; `measured.csv`, `reported.csv` and
//! `known.csv` here name a scenario, a case and a metric for each number. `causes.toml` says why rows miss.

mod case;
mod document;
mod measured;
mod row;

use std::fs;
use std::path::Path;

use case::{Cases, lines};
use document::{Page, document};

/// Draws of a case that is described by its load.
const DRAWS: u32 = 200;

/// A file of this folder, read anew, so that a row needs no build.
fn read(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/validation");
    fs::read_to_string(folder.join(file)).unwrap()
}

fn page() -> Page {
    let mut by_load = Cases::of(DRAWS);
    let mut known = Cases::of(1);
    let rows = |file, cases: &mut Cases| -> Vec<_> {
        let lines = lines(&read(file)).into_iter();
        lines.map(|line| cases.row(line)).collect()
    };
    let mut outages = rows("measured.csv", &mut by_load);
    let reported = rows("reported.csv", &mut by_load);
    let agent = rows("known.csv", &mut known);
    let mut measured = measured::by_load();
    measured.append(&mut outages);
    Page {
        measured,
        reported,
        known: [measured::known(), measured::segments(), agent].concat(),
    }
}

#[test]
fn docs_validation_md_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/validation.md");
    let document = document(&page());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &document).unwrap();
    }
    let file = fs::read_to_string(path).unwrap_or_default();
    assert!(
        file == document,
        "run `UPDATE_DOCS=1 cargo test docs_validation_md`"
    );
}
