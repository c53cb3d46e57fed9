//! The command that gives the same results again.

use std::fmt::Write as _;

use super::brief::Brief;

/// What the command line took of a scenario, and with which values.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selection<'a> {
    /// Settings as written: `fleet.metrics.replicas=5`.
    pub settings: &'a [String],
    /// Names of the cases that were taken; all if empty.
    pub cases: &'a [String],
}

/// The command that gives the same bytes again, from a file that is named after its scenario.
pub(super) fn command(brief: &Brief, selection: Selection<'_>) -> String {
    let Brief {
        name, draws, seed, ..
    } = brief;
    let mut command = format!("alloy-sim run {name}.toml --draws {draws} --seed {seed}");
    let settings = selection.settings.iter().map(|text| ("--set", text));
    let cases = selection.cases.iter().map(|text| ("--case", text));
    for (flag, text) in settings.chain(cases) {
        let _ = write!(command, " {flag} {}", quoted(text));
    }
    command
}

/// A word of a shell.
fn quoted(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "=._-/:%,+".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_shell_reads_what_was_meant() {
        assert_eq!(
            quoted("fleet.metrics.replicas=5"),
            "fleet.metrics.replicas=5"
        );
        assert_eq!(quoted("replicas = 5"), "'replicas = 5'");
        assert_eq!(quoted("a={ it's = 1 }"), r"'a={ it'\''s = 1 }'");
        assert_eq!(quoted(""), "''");
    }
}
