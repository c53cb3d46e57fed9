//! A case as text to paste: values of Helm charts, and a variant of the scenario.

mod helm;

use std::fmt::Write as _;

use crate::experiment::study::Case;

/// What a case asks of each fleet, as values of Grafana's charts, and as a variant.
pub(super) fn of(case: &Case) -> String {
    let mut text = String::new();
    for fleet in &case.blueprint.fleets {
        text.push_str(&helm::of(fleet));
        text.push('\n');
    }
    text.push_str("# For the scenario file:\n[[variant]]\nname = \"sized\"\n");
    let settings = case.settings.iter();
    let settings = settings.map(|(path, value)| format!("\"{path}\" = {value}"));
    let settings = settings.collect::<Vec<_>>().join(", ");
    let _ = writeln!(text, "set = {{ {settings} }}");
    text
}
