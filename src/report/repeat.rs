//! The command that gives the same results again.

use std::fmt::Write as _;

/// The name that stands for standard input on a command line.
const STANDARD_INPUT: &str = "-";

/// What the command line took of a scenario, and with which values.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selection<'a> {
    /// The scenario file as named; `-` is standard input.
    pub file: &'a str,
    /// Settings as written: `fleet.metrics.replicas=5`.
    pub settings: &'a [String],
    /// Names of the cases that were taken; all if empty.
    pub cases: &'a [String],
    /// Flags on draws and seed with their values, those that were given.
    pub running: &'a [(&'static str, String)],
}

/// The command that gives the same numbers again.
pub(super) fn command(selection: Selection<'_>) -> String {
    let file = selection.file;
    let mut command = format!("alloy-sim run {}", quoted(&named(file)));
    let settings = selection.settings.iter().map(|text| ("--set", text));
    let cases = selection.cases.iter().map(|text| ("--case", text));
    let running = selection.running.iter().map(|(flag, text)| (*flag, text));
    for (flag, text) in settings.chain(cases).chain(running) {
        let _ = write!(command, " {flag} {}", quoted(text));
    }
    if file == STANDARD_INPUT {
        command.push_str("  # with the same text on standard input");
    }
    command
}

/// A file as an argument. A name that begins with a hyphen would be a flag.
fn named(file: &str) -> String {
    if file.starts_with('-') && file != STANDARD_INPUT {
        return format!("./{file}");
    }
    file.to_owned()
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
    use super::{Selection, command, quoted};

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

    #[test]
    fn the_file_is_named_as_it_was() {
        let of = |file| {
            command(Selection {
                file,
                running: &[("--seed", "7".to_owned())],
                ..Selection::default()
            })
        };
        assert_eq!(
            of("../my fleet.toml"),
            "alloy-sim run '../my fleet.toml' --seed 7"
        );
        assert_eq!(of("-x.toml"), "alloy-sim run ./-x.toml --seed 7");
        let piped = "alloy-sim run - --seed 7  # with the same text on standard input";
        assert_eq!(of("-"), piped);
    }
}
