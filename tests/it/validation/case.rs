//! A line of a CSV: what was observed, and the scenario, case and metric that answer to it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use alloy_sim::model::record::catalogue::Metric;
use serde::Deserialize;

use super::row::{Band, Observed, Row};
use crate::support::scene::{Scene, play, study};

/// A line as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    id: String,
    about: String,
    what: String,
    source: String,
    scenario: String,
    case: String,
    scope: String,
    metric: String,
    /// `metric of case`: what the metric is divided by, draw by draw.
    over: String,
    unit: String,
    /// What the metric is divided by besides: series, collectors, samples per second.
    per: f64,
    least: Option<f64>,
    most: Option<f64>,
    role: String,
}

/// The lines of a file.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let lines = reader.deserialize().map(|line| line.unwrap());
    lines.collect()
}

/// Cases that were simulated, by file and name.
pub(super) struct Cases {
    draws: u32,
    scenes: BTreeMap<(String, String), Scene>,
}

impl Cases {
    pub(super) const fn of(draws: u32) -> Self {
        Self {
            draws,
            scenes: BTreeMap::new(),
        }
    }

    /// Every draw of a case, simulated when it is first asked for.
    fn scene(&mut self, file: &str, name: &str) -> &Scene {
        let draws = self.draws;
        let key = (file.to_owned(), name.to_owned());
        self.scenes.entry(key).or_insert_with(|| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
            let study = study(&fs::read_to_string(path).unwrap());
            let case = study.cases.into_iter().find(|case| case.name == name);
            let case = case.unwrap_or_else(|| panic!("{file} has no case `{name}`"));
            play(case.blueprint, study.seed, draws)
        })
    }

    fn values(&mut self, line: &Line, case: &str, metric: &str) -> Vec<f64> {
        let found = Metric::from_column(metric);
        let metric = found.unwrap_or_else(|| panic!("{}: no metric `{metric}`", line.id));
        self.scene(&line.scenario, case).values(&line.scope, metric)
    }

    pub(super) fn row(&mut self, line: Line) -> Row {
        let mut values = self.values(&line, &line.case, &line.metric);
        if let Some((metric, case)) = line.over.split_once(" of ") {
            let over = self.values(&line, case, metric);
            let pairs = values.iter_mut().zip(over);
            pairs.for_each(|(value, over)| *value /= over);
        }
        let unit = factor(&line.unit) * line.per;
        Row {
            band: Band::of(values).map(|band| band.divided_by(unit)),
            observed: Observed {
                least: line.least,
                most: line.most,
            },
            id: line.id,
            about: line.about,
            what: line.what,
            source: format!("{}, [scenario](../{})", line.source, line.scenario),
            role: line.role,
            unit: line.unit,
        }
    }
}

/// What a unit is in the unit of its metric.
fn factor(unit: &str) -> f64 {
    match unit {
        "KB" => 1e3,
        "MB" | "million samples" => 1e6,
        "GB" => 1e9,
        "MiB" | "MiB/s" => 1_048_576.0,
        "GiB" => 1_073_741_824.0,
        "millicores" => 1e-3,
        "%" => 1e-2,
        _ => 1.0,
    }
}
