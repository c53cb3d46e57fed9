//! The numbers of a result, whatever stands beside them.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

/// Last parts of the names of columns and tracks that count.
const COLUMNS: &str = include_str!("columns.txt");

/// Columns that name a row.
const KEYS: [&str; 4] = ["case", "draw", "scope", "track"];

/// Columns of `timeseries.csv` that hold its values.
const BANDS: [&str; 5] = ["seconds", "p05", "p50", "p95", "mean"];

fn counted() -> BTreeSet<&'static str> {
    COLUMNS.lines().collect()
}

/// SHA-256 over the counted columns of `draws.csv` and `timeseries.csv` of a folder.
pub(super) fn hash(folder: &Path) -> String {
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    hash_of(&read("draws.csv"), &read("timeseries.csv"))
}

fn hash_of(draws: &[u8], timeseries: &[u8]) -> String {
    let mut hasher = Sha256::new();
    let counted = counted();
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    feed(
        &mut hasher,
        draws,
        |name| counted.contains(last(name).as_str()),
        |_| true,
    );
    feed(
        &mut hasher,
        timeseries,
        |name| BANDS.contains(&name),
        |track| counted.contains(track),
    );
    let digest = hasher.finalize();
    digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// Feeds the chosen columns, sorted by name, row by row; a row of a track only if it is `followed`.
fn feed(
    hasher: &mut Sha256,
    csv: &[u8],
    chosen: impl Fn(&str) -> bool,
    followed: impl Fn(&str) -> bool,
) {
    let mut reader = csv::Reader::from_reader(csv);
    let header = reader.headers().unwrap().clone();
    let track = header.iter().position(|name| name == "track");
    let mut columns: Vec<(&str, usize)> = header
        .iter()
        .zip(0..)
        .filter(|(name, _)| KEYS.contains(name) || chosen(name))
        .collect();
    columns.sort_unstable();
    let mut line = |cells: Vec<&str>| hasher.update(cells.join(",") + "\n");
    line(columns.iter().map(|&(name, _)| name).collect());
    for row in reader.records() {
        let row = row.unwrap();
        if track.is_none_or(|track| followed(&row[track])) {
            line(columns.iter().map(|&(_, at)| &row[at]).collect());
        }
    }
}

#[test]
fn only_the_counted_numbers_count() {
    let draws = "scenario,case,draw,fleet.a.oom_count,unknown.fleet.a.base_memory\ns,base,0,1,2\n";
    let series = "scenario,case,scope,track,unit,seconds,date,p05,p50,p95,mean\n\
                  s,base,fleet.a,ports,count,0,,1,2,3,2\n";
    let hash = |draws: &str, series: &str| hash_of(draws.as_bytes(), series.as_bytes());
    let before = hash(draws, series);
    let with_column = "case,draw,new,unknown.fleet.a.base_memory,fleet.a.oom_count\nbase,0,7,2,1\n";
    assert_eq!(hash(with_column, series), before, "order and new columns");
    let with_track = format!("{series}s,base,fleet.a,new,count,0,,1,2,3,2\n");
    assert_eq!(hash(draws, &with_track), before, "a new track");
    assert_ne!(hash(&draws.replace(",1,2", ",1,3"), series), before);
    assert_ne!(hash(draws, &series.replace("1,2,3,2", "1,2,4,2")), before);
}
