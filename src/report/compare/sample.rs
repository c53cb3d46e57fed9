//! One side of a comparison: the draws of one case, from the tables of a result.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::experiment::results::Results;
use crate::report::table;

/// The draws of one case, as `draws.csv` states them.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Name for readers.
    pub(super) name: String,
    pub(super) origin: Origin,
    /// What all fleets request, by column of `cases.csv`; NaN where nothing is stated.
    pub(super) requested: BTreeMap<String, f64>,
    /// One value per draw in each column of `draws.csv`, NaN where it is empty.
    pub(super) columns: BTreeMap<String, Vec<f64>>,
}

/// What must be equal for draws to share their luck.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(super) struct Origin {
    pub(super) seed: u64,
    pub(super) draws: u32,
    pub(super) version: String,
    pub(super) replications: u32,
    pub(super) horizon_seconds: f64,
}

impl Origin {
    /// Whether draws with the same number share their luck.
    pub(super) fn shares_luck_with(&self, other: &Self) -> bool {
        let luck = |of: &Self| (of.seed, of.version.clone(), of.replications);
        luck(self) == luck(other)
    }
}

impl Sample {
    /// The case of a result folder: the bytes of its `manifest.json`, `cases.csv` and `draws.csv`.
    /// Without a name of a case, its first case.
    ///
    /// # Errors
    ///
    /// What is wrong with the folder, or that it has no such case.
    pub fn of_files(
        [manifest, cases, draws]: [&[u8]; 3],
        case: Option<&str>,
        name: &str,
    ) -> Result<Self, String> {
        let origin = serde_json::from_slice(manifest)
            .map_err(|error| format!("its manifest.json is not one of a result: {error}"))?;
        Self::of_tables(origin, [cases, draws], case, name)
    }

    /// The first case of results.
    ///
    /// # Errors
    ///
    /// If draws cannot be read.
    pub fn of_results(results: &Results, version: &str, name: &str) -> std::io::Result<Self> {
        let origin = Origin {
            seed: results.study.seed,
            draws: results.draws,
            version: version.to_owned(),
            replications: results.study.replications,
            horizon_seconds: results.study.horizon().secs_f64(),
        };
        let [cases, draws] = table::cases_and_draws(results)?;
        let sample = Self::of_tables(origin, [&cases, &draws], None, name);
        Ok(sample.expect("tables of ours can be read"))
    }

    /// Its first draws, so that both sides have as many.
    pub(super) fn first(&self, draws: u32) -> Self {
        let mut first = self.clone();
        for values in first.columns.values_mut() {
            values.truncate(draws as usize);
        }
        first
    }

    /// Whether every draw is the same to the bit, and what is requested too; an empty cell is the
    /// same as an empty one.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        let bits = |of: &BTreeMap<String, Vec<f64>>| -> Vec<(String, Vec<u64>)> {
            let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect();
            let columns = of.iter();
            columns
                .map(|(name, values)| (name.clone(), bits(values)))
                .collect()
        };
        let requested = |of: &Self| -> Vec<u64> {
            of.requested.values().map(|value| value.to_bits()).collect()
        };
        bits(&self.columns) == bits(&other.columns) && requested(self) == requested(other)
    }

    /// Whether a kill at the memory limit cut the memory of a fleet off in any draw.
    pub(super) fn is_cut_off(&self, scope: &str) -> bool {
        let cut = self.columns.get(&format!("{scope}{}", table::CUT_OFF));
        cut.is_some_and(|draws| draws.contains(&1.0))
    }

    /// A comparison needs no more than two tables.
    fn of_tables(
        origin: Origin,
        [cases, draws]: [&[u8]; 2],
        case: Option<&str>,
        name: &str,
    ) -> Result<Self, String> {
        let cases = Rows::read(cases, "cases.csv")?;
        let names = cases
            .texts("case")
            .ok_or("its cases.csv has no column `case`")?;
        let at = match case {
            None => 0,
            Some(case) => names
                .iter()
                .position(|name| *name == case)
                .ok_or_else(|| format!("it has no case `{case}`; it has {}", names.join("; ")))?,
        };
        let case = *names.get(at).ok_or("its cases.csv is empty")?;
        let requested = cases.head.iter().enumerate();
        let requested = requested.filter(|(_, head)| head.starts_with("requested_"));
        let requested =
            requested.map(|(column, head)| (head.clone(), number(&cases.rows[at][column])));
        let draws = Rows::read(draws, "draws.csv")?;
        let of_draw = draws
            .texts("case")
            .ok_or("its draws.csv has no column `case`")?;
        let is_own = |row: &usize| of_draw[*row] == case;
        let own: Vec<usize> = (0..draws.rows.len()).filter(is_own).collect();
        let is_number = |head: &str| !["scenario", "case", "draw"].contains(&head);
        let columns = draws.head.iter().enumerate();
        let columns = columns.filter(|(_, head)| is_number(head));
        let columns = columns.map(|(column, head)| {
            let values = own.iter().map(|&row| number(&draws.rows[row][column]));
            (head.clone(), values.collect())
        });
        Ok(Self {
            name: name.to_owned(),
            origin,
            requested: requested.collect(),
            columns: columns.collect(),
        })
    }
}

/// A table as text.
struct Rows {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Rows {
    fn read(bytes: &[u8], file: &str) -> Result<Self, String> {
        let wrong = |error: csv::Error| format!("its {file} cannot be read: {error}");
        let mut reader = csv::Reader::from_reader(bytes);
        let owned = |record: &csv::StringRecord| {
            let cells = record.iter().map(table::text_of);
            cells.map(str::to_owned).collect()
        };
        let head = owned(reader.headers().map_err(wrong)?);
        let rows = reader.records().map(|record| Ok(owned(&record?)));
        let rows: Result<_, csv::Error> = rows.collect();
        Ok(Self {
            head,
            rows: rows.map_err(wrong)?,
        })
    }

    fn texts(&self, name: &str) -> Option<Vec<&str>> {
        let column = self.head.iter().position(|head| head == name)?;
        let texts = self.rows.iter().map(|row| row[column].as_str());
        Some(texts.collect())
    }
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}
