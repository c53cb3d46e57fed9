//! No shipped file calls safe what goes wrong.

use std::collections::BTreeSet;
use std::path::Path;

/// Failures that nobody calls safe.
const GRAVE: [&str; 4] = ["oom", "node_oom", "data_lost", "ports_exhausted"];

/// Share of the draws in which a case that goals call safe may have one of them.
const SHARE_MAX: f64 = 0.1;

/// Rows of a table as pairs of column and cell.
fn rows(folder: &Path, file: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_path(folder.join(file)).unwrap();
    let header = reader.headers().unwrap().clone();
    let records = reader.records().map(Result::unwrap);
    let pairs = records.map(|record| {
        let cells = header.iter().zip(&record);
        cells
            .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
            .collect()
    });
    pairs.collect()
}

fn cell<'a>(row: &'a [(String, String)], column: &str) -> &'a str {
    let found = row.iter().find(|(name, _)| name == column);
    &found.unwrap().1
}

/// Cases that goals call safe although something grave happens in them.
pub(super) fn violations(folder: &Path) -> Vec<String> {
    let goals = rows(folder, "goals.csv").into_iter();
    let goals = goals.filter(|row| cell(row, "kind") == "goal" && cell(row, "gates") == "true");
    // The run ended with 0, so every goal that decides holds.
    let safe: BTreeSet<String> = goals.map(|row| cell(&row, "case").to_owned()).collect();
    let grave = rows(folder, "summary.csv").into_iter().filter(|row| {
        safe.contains(cell(row, "case"))
            && cell(row, "statistic") == "probability"
            && GRAVE.contains(&cell(row, "metric"))
            && cell(row, "value").parse::<f64>().unwrap() > SHARE_MAX
    });
    let line = |row: Vec<_>| {
        let [name, case, failure, share] =
            ["scenario", "case", "metric", "value"].map(|column| cell(&row, column).to_owned());
        format!("{name}: {case} is called safe beside {failure} in {share} of the draws")
    };
    grave.map(line).collect()
}

#[test]
fn a_safe_case_that_goes_wrong_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let put = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
    put(
        "goals.csv",
        "kind,case,gates\ngoal,base,true\ngoal,b,false\nexpectation,c,true\n",
    );
    let summary = |share: &str| {
        let row = |case| format!("s,{case},oom,probability,{share}\n");
        format!(
            "scenario,case,metric,statistic,value\n{}{}{}",
            row("base"),
            row("b"),
            row("c")
        )
    };
    put("summary.csv", &summary("0.48"));
    let expected = "s: base is called safe beside oom in 0.48 of the draws";
    assert_eq!(violations(folder.path()), [expected]);
    put("summary.csv", &summary("0.05"));
    assert_eq!(violations(folder.path()), [""; 0]);
}
