//! The size of the platform that a scenario describes, as a table.

use std::fmt::Write as _;

use super::numbers::human;
use crate::experiment::study::Study;
use crate::model::blueprint::Size;
use crate::model::record::catalogue::Unit;

/// What is shown of a size: its name, its unit and its value.
type Row = (&'static str, Unit, fn(&Size) -> f64);

const ROWS: [Row; 6] = [
    ("nodes", Unit::Count, |size| size.nodes),
    ("pods", Unit::Count, |size| size.pods),
    ("series", Unit::Count, |size| size.series),
    ("collectors", Unit::Count, |size| size.collectors),
    ("memory requested", Unit::Bytes, |size| {
        size.requested.memory
    }),
    ("CPU requested", Unit::Cores, |size| size.requested.cores),
];

/// The medians of the first case at the start and at the horizon, and from where to where they go
/// over all cases. Without any case the text is empty.
pub fn platform(study: &Study) -> String {
    let sizes: Vec<[Size; 2]> = study
        .cases
        .iter()
        .map(|case| case.blueprint.sizes())
        .collect();
    let Some([start, horizon]) = sizes.first() else {
        return String::new();
    };
    let first = &study.cases[0].name;
    let many = sizes.len() > 1;
    let mut text = format!(
        "  {:<18}{:>14}{:>17}",
        first, "at the start", "at the horizon"
    );
    let over = format!("   over {} cases", sizes.len());
    let _ = writeln!(text, "{}", if many { &over } else { "" });
    for (name, unit, value) in ROWS {
        // Nobody has a part of a pod.
        let value = |size: &Size| {
            if unit == Unit::Count {
                value(size).round()
            } else {
                value(size)
            }
        };
        let all = sizes.iter().flatten().map(value);
        let (least, most) = all.fold((f64::INFINITY, 0.0_f64), |(least, most), value| {
            (least.min(value), most.max(value))
        });
        if most == 0.0 {
            continue;
        }
        // Where some fleet requests none, there is no sum.
        let shown = |value: f64| {
            if value.is_nan() {
                "–".to_owned()
            } else {
                human(value, unit)
            }
        };
        let [start, horizon] = [value(start), value(horizon)].map(shown);
        let _ = write!(text, "  {name:<18}{start:>14}{horizon:>17}");
        let has_gap = sizes.iter().flatten().any(|size| value(size).is_nan());
        let least = if has_gap { f64::NAN } else { least };
        let [least, most] = [least, most].map(shown);
        let _ = match many {
            true if least == most => writeln!(text, "   {most}"),
            true => writeln!(text, "   {least} to {most}"),
            false => writeln!(text),
        };
    }
    text
}
