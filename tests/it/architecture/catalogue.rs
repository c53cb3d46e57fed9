//! Every metric, failure and track of the catalogue is named by a test.
//!
//! The rule sees names, not what is asserted of them: `Metric::OomCount` anywhere in the code of a test,
//! but for what several tests share and for these rules. Lists of all, such as `Metric::ALL`, name none.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;

use alloy_sim::model::record::catalogue::{Failure, Metric, Track};

use super::{files_below, root, source};

/// The variants of a type that some code names: `Metric::OomCount`.
fn named(code: &str, of: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for path in source::paths(code) {
        for pair in path.windows(2).filter(|pair| pair[0] == of) {
            found.insert(pair[1].clone());
        }
    }
    found
}

/// The code of all tests that may assert something of their own.
fn tests() -> String {
    let tests = root().join("tests/it");
    let shared = ["support", "architecture"].map(|folder| tests.join(folder));
    let files = files_below(&tests).into_iter();
    let files = files.filter(|path| !shared.iter().any(|folder| path.starts_with(folder)));
    let code = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| source::code_of(&fs::read_to_string(path).unwrap()));
    code.collect()
}

#[track_caller]
fn assert_all_named<Variant: Debug>(of: &str, variants: &[Variant]) {
    let found = named(&tests(), of);
    let all = variants.iter().map(|variant| format!("{variant:?}"));
    let missing: Vec<_> = all.filter(|name| !found.contains(name)).collect();
    assert!(missing.is_empty(), "no test names {of} {missing:?}");
}

#[test]
fn a_test_names_every_metric_failure_and_track() {
    assert_all_named("Metric", Metric::ALL);
    assert_all_named("Failure", &Failure::ALL);
    assert_all_named("Track", &Track::ALL);
}

#[test]
fn names_in_comments_and_lists_of_all_do_not_count() {
    let code = "// Metric::A\nfn f() { g(\"Metric::B\", Metric::C, Track::D, Metric::ALL) }";
    let found = named(&source::code_of(code), "Metric");
    assert_eq!(found, ["ALL", "C"].map(str::to_owned).into());
}
