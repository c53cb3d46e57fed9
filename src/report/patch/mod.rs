//! A case as text to paste: values of Helm charts, and a variant of the scenario.

mod helm;

use std::fmt::Write as _;

use crate::experiment::study::Case;

/// The variant of a case that is of none.
const BASE: &str = "base";

/// What a case asks of each fleet, as values of Grafana's charts, and as a variant.
pub(super) fn of(case: &Case) -> String {
    let mut text = String::new();
    for fleet in &case.blueprint.fleets {
        text.push_str(&helm::of(fleet));
        text.push('\n');
    }
    let settings = case.settings.iter();
    let settings = settings.map(|(path, value)| format!("\"{path}\" = {value}"));
    let settings = settings.collect::<Vec<_>>().join(", ");
    if case.variant == BASE {
        text.push_str("# For the scenario file. Goals that are to decide on it name it: cases = [\"sized\"]\n");
        let _ = writeln!(
            text,
            "[[variant]]\nname = \"sized\"\nset = {{ {settings} }}"
        );
    } else {
        let _ = writeln!(
            text,
            "# For the scenario file, into the set of the variant {}:\n# {settings}",
            case.variant
        );
    }
    text
}
