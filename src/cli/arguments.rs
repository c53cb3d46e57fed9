//! The arguments of the program.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::builder::{NonEmptyStringValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

use super::budget::Budget;
use super::help::{
    AFTER_CHECK, AFTER_COMPARE, AFTER_COMPLETIONS, AFTER_EXPLAIN, AFTER_HELP, AFTER_INIT,
    AFTER_MERGE, AFTER_RING, AFTER_RUN, AFTER_SIZE, USAGE_RING,
};
use crate::experiment::share::Share;
use crate::experiment::size::Free;
use crate::model::cluster::ring::Peer;
use crate::report::Condition;
use crate::scenario::{DrawsAsked, Overrides, TargetFormat, read_free, read_limit};

/// Most peers of a ring: as many as replicas in a scenario.
const PEERS_MAX: usize = 10_000;

/// How a command line asks for as many draws as settle the verdicts.
const UNTIL_SETTLED: &str = "until-settled";

/// Capacity simulation for fleets of Grafana Alloy collectors: how many, of what size, what breaks
/// first, and when.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Use colours: auto (on a terminal, if the environment allows it), always or never
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub(super) color: Colour,
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
}

/// When output has colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    /// On a terminal, if the environment allows it
    Auto,
    /// Everywhere, in pipes too
    Always,
    /// Nowhere
    Never,
}

/// What of a scenario is taken, and with which values.
#[derive(Debug, Args)]
pub(super) struct Selection {
    /// Set a value as if the files stated it: fleet.metrics.replicas=5; repeatable
    #[arg(long, value_name = "PATH=VALUE", value_parser = setting)]
    pub(super) set: Vec<String>,
    /// Take only this case: base, a variant, replicas=5; repeatable
    #[arg(long, value_name = "NAME")]
    pub(super) case: Vec<String>,
}

/// How a command simulates, and how it writes its answer.
#[derive(Debug, Args)]
pub(super) struct Running {
    /// Seed of the random numbers, instead of the one in the scenario
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Threads to use [default: all cores]; results do not depend on it
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,
    /// How the answer is written: text, json or markdown
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value_t,
        hide_possible_values = true
    )]
    pub(super) format: Format,
    #[command(flatten)]
    pub(super) budget: Budget,
}

/// A number of draws, or as many as settle the verdicts.
fn draws(text: &str) -> Result<DrawsAsked, String> {
    if matches!(text, UNTIL_SETTLED | "until settled") {
        return Ok(DrawsAsked::UntilSettled);
    }
    match text.parse() {
        Ok(number @ 1..) => Ok(DrawsAsked::Number(number)),
        _ => Err("write a number from 1, or until-settled".to_owned()),
    }
}

/// The flags on draws and seed with their values, those that were given.
pub(super) fn running_flags(overrides: &Overrides) -> Vec<(&'static str, String)> {
    let draws = overrides.draws.map(|draws| match draws {
        DrawsAsked::Number(number) => number.to_string(),
        DrawsAsked::UntilSettled => UNTIL_SETTLED.to_owned(),
    });
    let seed = overrides.seed.map(|seed| seed.to_string());
    let flags = [("--draws", draws), ("--seed", seed)].into_iter();
    flags
        .filter_map(|(flag, value)| Some((flag, value?)))
        .collect()
}

/// A path with a value.
fn setting(text: &str) -> Result<String, &'static str> {
    match text.split_once('=') {
        Some((path, value)) if !path.trim().is_empty() && !value.trim().is_empty() => {
            Ok(text.to_owned())
        }
        _ => Err("write a path, = and a value: fleet.metrics.replicas=5"),
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Simulate scenarios and say whether their goals hold
    Run(RunArguments),
    /// Make the results of a run from shares of its draws
    Merge(MergeArguments),
    /// Find the smallest fleet that holds every goal of a scenario
    Size(SizeArguments),
    /// Hold two cases, files or results against each other, draw by draw
    Compare(CompareArguments),
    /// Read scenarios, show all their problems, and estimate what a run takes
    Check(CheckArguments),
    /// Write a commented scenario to start from
    Init(InitArguments),
    /// Show which peer of an Alloy cluster owns which targets
    Ring(RingArguments),
    /// Say what a key of a scenario, a metric, a failure or an exit code means
    Explain(ExplainArguments),
    /// Print the completions of a shell
    Completions(CompletionsArguments),
    /// Print the manual page
    Man,
    /// Print the JSON Schema of scenario files, for editors, or of answers
    Schema(SchemaArguments),
}

/// Arguments of `run`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_RUN)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "flags do not depend on each other"
)]
pub(super) struct RunArguments {
    /// Scenario files; all are checked before anything is simulated; - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) selection: Selection,
    /// Folder for results; each scenario gets a folder of its name in it
    #[arg(short, long, value_name = "DIR", default_value = "output")]
    pub(super) out: PathBuf,
    /// Draws per case, instead of those in the scenarios: a number, or until-settled
    #[arg(short = 'n', long, value_name = "N", value_parser = draws)]
    pub(super) draws: Option<DrawsAsked>,
    #[command(flatten)]
    pub(super) running: Running,
    /// Everything in the answer: what breaks case by case, every goal, the numbers, the guide
    #[arg(short, long)]
    pub(super) details: bool,
    /// One line per scenario, no progress
    #[arg(short, long, conflicts_with = "details")]
    pub(super) quiet: bool,
    /// Say on standard error where the time went, per scenario
    #[arg(long)]
    pub(super) timings: bool,
    #[command(flatten)]
    pub(super) blocks: BlockArguments,
}

/// What happens to draws that are kept on the disk.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "flags do not depend on each other"
)]
pub(super) struct BlockArguments {
    /// Go on with the draws of an interrupted run
    #[arg(long)]
    pub(super) resume: bool,
    /// Keep the draws in DIR/.NAME.blocks once the results are written
    #[arg(long)]
    pub(super) keep_blocks: bool,
    /// Compute only a share of the draws, such as 1/3, for alloy-sim merge
    #[arg(
        long,
        value_name = "I/N",
        value_parser = share,
        conflicts_with_all = ["resume", "keep_blocks", "details", "timings", "format"]
    )]
    pub(super) shard: Option<Share>,
}

/// A share of the draws: `1/3`.
fn share(text: &str) -> Result<Share, String> {
    let parts = text.split_once('/');
    let parts = parts.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    match parts {
        Some((number, of)) if (1..=of).contains(&number) => Ok(Share { number, of }),
        _ => Err("write a share and the number of shares, such as 1/3".to_owned()),
    }
}

/// Arguments of `merge`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_MERGE)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "flags do not depend on each other"
)]
pub(super) struct MergeArguments {
    /// Folders that --shard wrote to, or the .NAME.blocks folders in them
    #[arg(required = true, value_name = "DIR")]
    pub(super) folders: Vec<PathBuf>,
    /// Folder for results; each scenario gets a folder of its name in it
    #[arg(short, long, value_name = "DIR", default_value = "output")]
    pub(super) out: PathBuf,
    /// Threads to use [default: all cores]; results do not depend on it
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,
    /// How the answer is written: text, json or markdown
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value_t,
        hide_possible_values = true
    )]
    pub(super) format: Format,
    /// Everything in the answer
    #[arg(short, long)]
    pub(super) details: bool,
    /// One line per scenario, no progress
    #[arg(short, long, conflicts_with = "details")]
    pub(super) quiet: bool,
}

/// Arguments of `size`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_SIZE)]
pub(super) struct SizeArguments {
    /// Scenario file; a case of it is sized for the goals that name it, or else for all goals
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Start from the values of this case: a variant, replicas=5 [default: base]
    #[arg(long, value_name = "NAME")]
    pub(super) case: Option<String>,
    /// What may change: a path and its values [default: replicas and memory limit of the only fleet]
    #[arg(short, long, value_name = "PATH=LOW..HIGH[/STEP]", value_parser = read_free)]
    pub(super) free: Vec<Free>,
    /// Set a path, as if the file stated it; repeatable
    #[arg(long, value_name = "PATH=VALUE")]
    pub(super) set: Vec<String>,
    /// What to save first; what is left of memory, CPU, addresses and volumes breaks ties
    #[arg(short, long, value_name = "WHAT", value_enum, default_value_t)]
    pub(super) minimize: Minimize,
    /// How sure the answer must be
    #[arg(long, value_name = "PERCENT", default_value = "95%", value_parser = confidence)]
    pub(super) confidence: f64,
    /// Most draws of a look, instead of those in the scenario; up to four times as many confirm a size
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    pub(super) draws: Option<u32>,
    #[command(flatten)]
    pub(super) running: Running,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_COMPARE)]
pub(super) struct CompareArguments {
    /// A scenario file or a result folder, with :CASE after it for another case than its base
    #[arg(value_name = "A")]
    pub(super) first: String,
    /// What is held against it
    #[arg(value_name = "B")]
    pub(super) second: String,
    /// Fail if B is worse than A by more than a limit
    #[arg(long, value_name = "CONDITION", value_parser = condition)]
    pub(super) fail_if: Option<Condition>,
    /// Draws per case, instead of those in the first scenario
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) draws: Option<u32>,
    #[command(flatten)]
    pub(super) running: Running,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For a terminal
    #[default]
    Text,
    /// One document for programs: docs/answer.schema.json
    Json,
    /// A comment of one screen for a review
    Markdown,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub(super) struct SchemaArguments {
    /// The schema of the answers that --format json writes instead
    #[arg(long)]
    pub(super) answer: bool,
}

/// `oom worse by more than 1%`, or `fleet.metrics.loss_ratio worse by more than 0.1%`.
fn condition(text: &str) -> Result<Condition, String> {
    let example = "write \"oom worse by more than 1%\"";
    let parts = text.split_once(" worse by more than ");
    let (subject, most) = parts.ok_or_else(|| format!("`{text}` is no condition; {example}"))?;
    let most = read_limit(most.trim()).map_err(|why| format!("{why}; {example}"))?;
    Ok(Condition {
        text: text.to_owned(),
        subject: subject.trim().to_owned(),
        most,
    })
}

/// What a size is small in.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Minimize {
    /// Memory that all collectors request.
    #[default]
    Memory,
    /// Cores that all collectors request.
    Cpu,
    /// Egress addresses.
    Addresses,
    /// Volumes of collectors.
    Volumes,
}

/// A confidence between 50 % and 100 %, as a share.
fn confidence(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim().parse::<f64>();
    let percent = number.map_err(|_| format!("`{text}` is not a share; write 95%"))?;
    if percent > 50.0 && percent < 100.0 {
        Ok(percent / 100.0)
    } else {
        Err("a confidence lies between 50% and 100%; write 95%".to_owned())
    }
}

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_CHECK)]
pub(super) struct CheckArguments {
    /// Scenario files; - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) selection: Selection,
    /// Treat warnings as problems
    #[arg(long)]
    pub(super) deny_warnings: bool,
    /// Threads that a run is to use [default: all cores]
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,
    #[command(flatten)]
    pub(super) budget: Budget,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_INIT)]
pub(super) struct InitArguments {
    /// File to write; a file that exists is left alone [default: alloy-sim.toml, or NAME.toml]
    #[arg(value_name = "PATH")]
    pub(super) path: Option<PathBuf>,
    /// Start from a shipped scenario instead, one for each decision
    #[arg(short, long, value_name = "NAME")]
    pub(super) template: Option<String>,
    /// List the shipped scenarios with their questions; write nothing
    #[arg(short, long, conflicts_with_all = ["path", "template"])]
    pub(super) list: bool,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_EXPLAIN)]
pub(super) struct ExplainArguments {
    /// A key or its path, a word of a result, an exit code, or a list: keys, fleet, metrics, failures, tracks,
    /// events, columns, codes
    #[arg(value_name = "WORD")]
    pub(super) word: String,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_COMPLETIONS)]
pub(super) struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(super) shell: clap_complete::Shell,
}

/// Arguments of `ring`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_RING, override_usage = USAGE_RING)]
pub(super) struct RingArguments {
    /// Targets: a .csv with a column per label, or a .json as for Prometheus; - is CSV on standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Names of all peers, as a live cluster lists them at /api/v0/web/peers
    #[arg(short, long, required = true, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    #[arg(value_parser = peer_name())]
    pub(super) peers: Vec<String>,
    /// Those of the peers that are away; shows who takes over what
    #[arg(short, long, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    #[arg(value_parser = peer_name())]
    pub(super) down: Vec<String>,
    /// Print every target with its owner as CSV instead
    #[arg(long)]
    pub(super) owners: bool,
}

impl RingArguments {
    /// All peers, each up or away, with at least one up.
    ///
    /// # Errors
    ///
    /// What is wrong with the names.
    pub(super) fn ring_peers(&self) -> Result<Vec<Peer>, clap::Error> {
        let mut names = BTreeSet::new();
        let twice = self.peers.iter().find(|&name| !names.insert(name));
        let stranger = self.down.iter().find(|name| !names.contains(name));
        let is_up = |name: &String| !self.down.contains(name);
        let wrong = if self.peers.len() > PEERS_MAX {
            format!("there are more than {PEERS_MAX} peers")
        } else if let Some(name) = twice {
            format!("the peer '{name}' is named twice")
        } else if let Some(name) = stranger {
            format!("'{name}' is down but not among the peers; --peers names all")
        } else if !self.peers.iter().any(is_up) {
            "all peers are down; one must stay up".to_owned()
        } else {
            let peer = |name: &String| Peer {
                name: name.clone(),
                is_up: is_up(name),
            };
            return Ok(self.peers.iter().map(peer).collect());
        };
        Err(wrong_names(&wrong))
    }
}

/// A parser of peer names. After `--peers a b` the file would be taken for one more peer, which is
/// hard to see. No peer has such a name.
fn peer_name() -> impl TypedValueParser<Value = String> {
    NonEmptyStringValueParser::new().try_map(|name| {
        if name == "-" || TargetFormat::of_file(&name).is_ok() {
            return Err("this is the file of targets; put it before the options, or -- before it");
        }
        Ok(name)
    })
}

/// An error about names of peers, as clap shows its own.
fn wrong_names(message: &str) -> clap::Error {
    wrong("ring", message)
}

/// An error about details that a format does not have.
pub(super) fn wrong_details(command: &str) -> clap::Error {
    wrong(
        command,
        "--details is for text; json has everything, and markdown is one screen",
    )
}

/// An error about a word that nothing explains, with words that are near.
pub(super) fn wrong_word(word: &str, near: &[&str]) -> clap::Error {
    let near: Vec<String> = near.iter().map(|near| format!("'{near}'")).collect();
    let meant = match near.as_slice() {
        [] => "try a list: keys, metrics, failures, codes".to_owned(),
        near => format!("did you mean {}?", near.join(" or ")),
    };
    wrong("explain", &format!("nothing explains '{word}'; {meant}"))
}

/// An error about a name that no template has.
pub(super) fn wrong_template(name: &str, near: &[&str]) -> clap::Error {
    let meant = match near {
        [] => String::new(),
        near => format!("did you mean '{}'? ", near.join("' or '")),
    };
    wrong(
        "init",
        &format!("no template is called '{name}'; {meant}--list shows all"),
    )
}

/// An error of a command, as clap shows its own.
fn wrong(command: &str, message: &str) -> clap::Error {
    let mut all = Arguments::command();
    all.build();
    let command = all.find_subcommand_mut(command);
    let command = command.expect("the command exists");
    command.error(ErrorKind::ValueValidation, message)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Arguments;

    #[test]
    fn arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
