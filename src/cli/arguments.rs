//! What the user typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Capacity simulation for fleets of Grafana Alloy collectors: how many, of what size, what breaks
/// first, and when.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Simulate scenarios and say whether their goals hold
    Run(RunArguments),
    /// Read scenarios and show all their problems; simulate nothing
    Check(CheckArguments),
    /// Write a commented scenario to start from
    Init(InitArguments),
}

/// Arguments of `run`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_RUN)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "flags do not depend on each other"
)]
pub(super) struct RunArguments {
    /// Scenario files; all are checked before anything is simulated
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Folder for results; each scenario gets a folder of its name in it
    #[arg(short, long, value_name = "DIR", default_value = "output")]
    pub(super) out: PathBuf,
    /// Draws per case, instead of the number in the scenarios
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) draws: Option<u32>,
    /// Seed of the random numbers, instead of the one in the scenarios
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Threads to use [default: all cores]; results do not depend on it
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,
    /// One line per scenario, no progress
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Say on standard error where the time went, per scenario
    #[arg(long)]
    pub(super) timings: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_CHECK)]
pub(super) struct CheckArguments {
    /// Scenario files
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Treat warnings as problems
    #[arg(long)]
    pub(super) deny_warnings: bool,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_INIT)]
pub(super) struct InitArguments {
    /// File to write; a file that exists is left alone
    #[arg(value_name = "PATH", default_value = "alloy-sim.toml")]
    pub(super) path: PathBuf,
}

const AFTER_HELP: &str = "\
Example:
  alloy-sim init && alloy-sim run alloy-sim.toml

Exit codes:
    0  every goal holds
    1  the machine failed us: a file, a disk, a terminal
    2  wrong arguments
    3  a scenario is wrong; nothing was simulated
    5  the draws do not settle a goal
   99  a goal fails
  101  a bug in alloy-sim
  130  interrupted";

const AFTER_RUN: &str = "\
Examples:
  alloy-sim run scenarios/*.toml
  alloy-sim run --draws 200 --out draft platform.toml

The answer goes to standard output, progress and problems to standard error. Results of a scenario
replace its folder in DIR when its last case is done; finished scenarios stay after Ctrl-C.

Exit codes (of several files the first of 130, 101, 1, 3, 99, 5, 0 that occurred):
    0  every goal holds
    1  the machine failed us: a file, a disk, a terminal
    2  wrong arguments
    3  a scenario is wrong; nothing was simulated
    5  the draws do not settle a goal
   99  a goal fails
  101  a bug in alloy-sim
  130  interrupted";

const AFTER_CHECK: &str = "\
Example:
  alloy-sim check --deny-warnings scenarios/*.toml

Exit codes:
    0  no scenario has a problem
    1  the machine failed us: a file cannot be read
    2  wrong arguments
    3  a scenario is wrong, or has a warning with --deny-warnings";

const AFTER_INIT: &str = "\
Example:
  alloy-sim init capacity.toml && alloy-sim run capacity.toml

Exit codes:
    0  the file is written
    1  the machine failed us, or the file exists
    2  wrong arguments";

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Arguments;

    #[test]
    fn arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
