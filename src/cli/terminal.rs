//! Writes standard output and standard error, and knows what kind of terminal they are.

use std::io::{self, ErrorKind, IsTerminal, Write as _};
use std::sync::OnceLock;

use super::arguments::Colour;
use super::{Error, Exit, error};
use crate::report::{self, JsonAnswer, Style};

/// Default width of the answer, also in pipes, so that a saved answer does not depend on the
/// window.
const WIDTH_DEFAULT: usize = 100;

/// Standard output. A reader that has closed it (`| head`) is no error, and further text is
/// dropped.
#[derive(Debug, Default)]
pub(super) struct Output {
    failure: Option<io::Error>,
}

impl Output {
    /// Writes `text` and a line end. A failure is kept for [`Output::finish`]: results on the disk
    /// are worth more than an answer without a reader.
    pub(super) fn line(&mut self, text: &str) {
        if self.failure.is_none() {
            let mut stdout = io::stdout().lock();
            let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
            self.failure = written.err();
        }
    }

    /// Reports an error if any text was not written.
    pub(super) fn finish(self) -> Result<(), Exit> {
        match self.failure {
            Some(source) if source.kind() != ErrorKind::BrokenPipe => {
                let error = Error::system("write to standard output")(source);
                Err(error::told(error))
            }
            _ => Ok(()),
        }
    }
}

/// Writes `text` and a line end to standard output, for a command that writes nothing else there.
pub(super) fn print(text: &str) -> Result<Exit, Exit> {
    let mut output = Output::default();
    output.line(text);
    output.finish().map(|()| Exit::Good)
}

/// The document of a command that ends so.
pub(super) fn document(
    command: &str,
    answers: &[JsonAnswer],
    without_results: &[String],
    exit: Exit,
) -> String {
    let by = (command, env!("CARGO_PKG_VERSION"));
    report::json_document(by, answers, without_results, exit.ending(command))
}

/// Writes `text` and a line end to standard error. A failure is ignored, since no stream is left to
/// report it, and `eprintln!` would panic.
pub(super) fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// `n` of something: `1 case`, `2 cases`.
pub(super) fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// What the user asked for; until then colours follow the terminal.
static COLOUR: OnceLock<Colour> = OnceLock::new();

/// Remembers when to use colours, for all that is written from now on.
pub(super) fn paint(colour: Colour) {
    // The arguments are parsed once, so nothing is remembered yet.
    let _ = COLOUR.set(colour);
}

/// Whether a stream shows colours. See <https://no-color.org>: a variable that is not empty means
/// none. `CLICOLOR_FORCE` means colours in pipes too.
pub(super) fn has_colour(stream: &impl IsTerminal) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is = |name, wanted: &str| std::env::var_os(name).is_some_and(|value| value == wanted);
    match COLOUR.get().unwrap_or(&Colour::Auto) {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto if set("NO_COLOR") => false,
        Colour::Auto if set("CLICOLOR_FORCE") => !is("CLICOLOR_FORCE", "0"),
        Colour::Auto => stream.is_terminal() && !is("TERM", "dumb"),
    }
}

/// How an answer is shown on standard output.
pub(super) fn style() -> Style {
    let columns = std::env::var("COLUMNS").ok();
    let columns = columns.and_then(|columns| columns.parse().ok());
    let is_usable = |columns: &usize| (40..=200).contains(columns) && io::stdout().is_terminal();
    Style {
        colour: has_colour(&io::stdout()),
        width: columns.filter(is_usable).unwrap_or(WIDTH_DEFAULT),
    }
}
