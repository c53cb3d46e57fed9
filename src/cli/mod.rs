//! Arguments, files, terminal, exit codes: the only place with I/O and a wall clock.
//!
//! A command reads files, hands their bytes to the layers below, and writes the bytes that come
//! back. The layers below decide what a scenario means and what a result says.

mod arguments;
mod help;
mod run;

mod blocks;

mod check;
mod compare;
mod explain;
mod init;
mod merge;
mod ring;
mod share;
mod shell;
mod size;

mod index;
mod input;
mod output;
pub mod problem;

mod budget;
mod bug;
mod environment;
mod error;
mod exit;
mod progress;
mod session;
mod signals;
mod terminal;
mod timings;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command};
use error::Error;
use exit::Exit;

/// Runs the command of the arguments: the whole program.
///
/// Ends the process with code 2 for wrong arguments, and with 0 after help or version.
pub fn main() -> ExitCode {
    bug::install_hook();
    let arguments = Arguments::parse();
    terminal::paint(arguments.color);
    if let Err(error) = signals::survive_file_limits() {
        return error::told(error).into();
    }
    let end = match arguments.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Merge(arguments) => merge::merge(&arguments),
        Command::Compare(arguments) => compare::compare(&arguments),
        Command::Size(arguments) => size::size(&arguments),
        Command::Check(arguments) => check::check(&arguments),
        Command::Init(arguments) => init::init(&arguments),
        Command::Ring(arguments) => ring::ring(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Completions(arguments) => shell::completions(arguments.shell),
        Command::Man => shell::man(),
        Command::Schema(arguments) => shell::schema(arguments.answer),
    };
    let (Ok(exit) | Err(exit)) = end;
    exit.into()
}
