//! What goes to standard output and standard error, and what kind of terminal they are.

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};

use super::Error;

/// Columns of the answer if nothing says otherwise; also the width in pipes, so that a saved answer
/// does not depend on the window.
const WIDTH_DEFAULT: usize = 80;

/// Standard output. A reader that has seen enough (`| head`) is no error: what follows is dropped.
#[derive(Debug, Default)]
pub(super) struct Output {
    failure: Option<io::Error>,
}

impl Output {
    /// Writes `text` and a line end. A failure is kept for [`Output::finish`]: results on the disk
    /// are worth more than an answer that nobody hears.
    pub(super) fn line(&mut self, text: &str) {
        if self.failure.is_none() {
            let mut stdout = io::stdout().lock();
            let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
            self.failure = written.err();
        }
    }

    /// Whether everything went out.
    pub(super) fn finish(self) -> Result<(), Error> {
        match self.failure {
            Some(source) if source.kind() != ErrorKind::BrokenPipe => Err(Error::Stdout { source }),
            _ => Ok(()),
        }
    }
}

/// Writes `text` and a line end to standard error. Nobody is left to tell if that fails, and
/// `eprintln!` would panic.
pub(super) fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// `n` of something: `1 case`, `2 cases`.
pub(super) fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// Whether standard output shows colours.
pub(super) fn stdout_has_colour() -> bool {
    io::stdout().is_terminal() && colour_wanted()
}

/// Whether standard error shows colours.
pub(super) fn stderr_has_colour() -> bool {
    io::stderr().is_terminal() && colour_wanted()
}

/// See <https://no-color.org>: set and not empty means no colour.
fn colour_wanted() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Columns that the answer may use.
pub(super) fn width() -> usize {
    std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok())
        .filter(|columns| (40..=200).contains(columns) && io::stdout().is_terminal())
        .unwrap_or(WIDTH_DEFAULT)
}
