//! Texts below the help of commands: examples, what to know, exit codes.

/// The exit codes of `run`, which has all that there are.
macro_rules! exit_codes {
    () => {
        "
    0  every goal and every expectation holds
    1  the machine failed us: a file, a disk, a terminal
    2  wrong arguments
    3  a scenario is wrong or beyond a budget; nothing was simulated
    5  the draws do not settle a goal or an expectation
    6  blocks of draws are missing, double, damaged or foreign
   99  a goal or an expectation fails
  101  a bug in alloy-sim
  130  interrupted"
    };
}

/// The exit codes with their meanings, a line each.
pub(super) const EXIT_CODES: &str = exit_codes!();

/// What follows the help of the program.
pub(super) const AFTER_HELP: &str = concat!(
    "\
Example:
  alloy-sim init && alloy-sim run alloy-sim.toml

Exit codes:",
    exit_codes!()
);

/// What follows the help of `run`.
pub(super) const AFTER_RUN: &str = concat!(
    "\
Examples:
  alloy-sim run scenarios/*.toml
  alloy-sim run --draws 200 --out draft platform.toml
  alloy-sim run platform.toml --set fleet.metrics.replicas=5 --case base
  sed s/centralized/host-daemon/ platform.toml | alloy-sim run -
  alloy-sim run platform.toml --format json | jq -r '.answers[].sentence'

A value of --set is written as in a scenario file; one word needs no quotes. With --case a goal
decides on those of its cases that are taken. It decides nothing if none of them is.

The answer goes to standard output, progress and problems to standard error. With --format json it is
one document, which `alloy-sim schema --answer` describes; with markdown, a comment for a review.
It is written when the last scenario ends. Results of a scenario
replace its folder in DIR when its last case is done; finished scenarios stay after Ctrl-C.

Exit codes (of several files the first of 130, 101, 1, 6, 3, 99, 5, 0 that occurred):",
    exit_codes!()
);

/// What follows the help of `merge`.
pub(super) const AFTER_MERGE: &str = concat!(
    "\
Example:
  alloy-sim run platform.toml --shard 1/3 --out a     # on three machines
  alloy-sim run platform.toml --shard 2/3 --out b
  alloy-sim run platform.toml --shard 3/3 --out c
  alloy-sim merge a b c

The results are those of one run, to the byte. A scenario that runs until it is settled may need more
draws than the shares have computed. Then merge says so and ends with 5: run every share once more.

Exit codes:",
    exit_codes!()
);

/// What follows the help of `compare`, with its exit codes.
pub(super) const AFTER_COMPARE: &str = "\
Examples:
  alloy-sim compare platform.toml platform.toml:replicas=5
  alloy-sim compare now.toml proposed.toml --fail-if \"oom worse by more than 1%\"
  alloy-sim compare output/now output/proposed --format markdown > comment.md

Scenarios are simulated with the draws and the seed of the first, so draws are compared in pairs.
Folders of unequal seed or version are compared without pairs. Of unequal draws the first are taken.
Unequal horizons are refused.

Exit codes:
    0  the condition is met, or there is none
    1  the machine failed us: a file cannot be read
    2  wrong arguments
    3  a scenario or a folder is wrong or beyond a budget, or the condition is about nothing in it
    5  the draws do not settle the condition
   99  the condition fails
  130  interrupted";

/// What follows the help of `size`, with its exit codes.
pub(super) const AFTER_SIZE: &str = "\
Examples:
  alloy-sim size platform.toml
  alloy-sim size platform.toml --free fleet.metrics.replicas=2..8 \\
      --free fleet.metrics.resources.memory.limit=2GiB..16GiB
  alloy-sim size platform.toml --free egress.nat.addresses=1..8 --minimize addresses

Where a memory limit is free and its request is not, the request is the limit.

Exit codes:
    0  a size is named
    1  the machine failed us: a file cannot be read
    2  wrong arguments
    3  the scenario is wrong, beyond a budget, or has no goal
    5  the draws do not settle whether some size holds
   99  no size of the ranges holds every goal
  130  interrupted";

/// What follows the help of `check`.
pub(super) const AFTER_CHECK: &str = "\
Example:
  alloy-sim check --deny-warnings scenarios/*.toml

The row `estimated` is what a run takes. For events and time the beginning of up to 40 draws is
simulated, for half a second. Nothing is simulated of a scenario that exceeds --max-memory.

Exit codes:
    0  no scenario has a problem
    1  the machine failed us: a file cannot be read
    2  wrong arguments
    3  a scenario is wrong, takes more than a budget, or has a warning with --deny-warnings";

/// What follows the help of `init`.
pub(super) const AFTER_INIT: &str = "\
Example:
  alloy-sim init capacity.toml && alloy-sim run capacity.toml
  alloy-sim init --template memory-limit my-limit.toml

Exit codes:
    0  the file is written
    1  the machine failed us, or the file exists
    2  wrong arguments";

/// What follows the help of `explain`.
pub(super) const AFTER_EXPLAIN: &str = "\
Examples:
  alloy-sim explain fleet.metrics.replicas
  alloy-sim explain loss_ratio
  alloy-sim explain 99
  alloy-sim explain otlp

Exit codes:
    0  the word is explained
    1  the machine failed us: a terminal
    2  wrong arguments, or nothing explains the word";

/// What follows the help of `completions`.
pub(super) const AFTER_COMPLETIONS: &str = "\
Examples:
  alloy-sim completions bash > ~/.local/share/bash-completion/completions/alloy-sim
  alloy-sim completions zsh > ~/.zfunc/_alloy-sim
  alloy-sim completions fish > ~/.config/fish/completions/alloy-sim.fish";

/// How `ring` is used.
pub(super) const USAGE_RING: &str =
    "alloy-sim ring <FILE> --peers <NAME>... [--down <NAME>...] [--owners]";

/// What follows the help of `ring`.
pub(super) const AFTER_RING: &str = "\
Examples:
  alloy-sim ring targets.csv --peers alloy-{0..4}
  alloy-sim ring targets.json --peers alloy-0,alloy-1,alloy-2 --down alloy-1
  alloy-sim ring targets.csv --peers alloy-{0..4} --owners > owners.csv

Names may stand apart or with commas between. In a .csv the header names the labels, each row is a
target, an empty cell is a label it does not have, and a column `series` holds its series. In a
.json, groups as for Prometheus' file_sd may have a number \"series\", of each of their targets.

Give the labels that prometheus.scrape receives; all of them but __meta_* decide the owner.
What a peer that joins takes over is what moves while it is down.

Exit codes:
    0  the owners are shown
    1  the machine failed us: the file cannot be read
    2  wrong arguments
    3  the file of targets is wrong";
