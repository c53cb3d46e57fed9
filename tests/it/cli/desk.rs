//! A folder with scenarios in it, and the real program run there.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_alloy-sim");

/// A scenario of one collector with memory to spare and one goal, `require` of it.
pub(super) fn scenario_with_goal(name: &str, draws: u32, require: &str, more: &str) -> String {
    format!(
        r#"format = 1
[meta]
name = "{name}"
question = "Does one collector carry this?"
[experiment]
horizon = "1d"
seed = 1
draws = {draws}
[[cluster]]
name = "prod"
[[cluster.pool]]
name = "general"
nodes = 2
node = {{ cpu = 8, memory = "32GiB" }}
[[workload]]
name = "apps"
kind = "application"
runs_on = ["prod.general"]
pods = 10
series_per_pod = 100
scrape_interval = "60s"
[[fleet]]
name = "metrics"
topology = "centralized"
volume = false
runs_on = ["prod.general"]
collects = {{ metrics = ["apps"] }}
sends_to = ["mimir"]
replicas = 1
resources = {{ memory = {{ request = "4GiB", limit = "4GiB" }}, cpu = {{ request = 1 }} }}
[[endpoint]]
name = "mimir"
signal = "metrics"
via = "private"
latency = {{ p50 = "100ms", p95 = "300ms" }}
[[goal]]
name = "no OOM"
require = "{require}"
{more}
"#
    )
}

/// A scenario that runs in a moment and holds its goal.
pub(super) fn tiny_scenario(name: &str) -> String {
    scenario_with_goal(name, 10, HOLDS, "")
}

/// A goal that it holds in any number of draws from ten on.
pub(super) const HOLDS: &str = "probability(any oom in fleet.metrics) < 50%";
/// A goal that it fails.
pub(super) const FAILS: &str = "probability(any oom in fleet.metrics) > 50%";
/// A goal that ten draws cannot settle.
pub(super) const UNSETTLED: &str = "probability(any oom in fleet.metrics) < 1%";

/// A folder to work in.
pub(super) struct Desk(TempDir);

impl Desk {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(super) fn program(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .current_dir(self.0.path())
            .env_remove("COLUMNS")
            .env_remove("RUST_BACKTRACE");
        command
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::from(self.program().args(arguments).output().unwrap())
    }

    pub(super) fn shell(&self, script: &str) -> Ended {
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).current_dir(self.0.path());
        Ended::from(command.env("PROGRAM", PROGRAM).output().unwrap())
    }

    /// What the manifest in `folder` says that the results are.
    pub(super) fn result_hash(&self, folder: &str) -> String {
        let manifest = fs::read_to_string(self.path(folder).join("manifest.json")).unwrap();
        let hash = manifest.lines().find(|line| line.contains("result_sha256"));
        hash.unwrap().to_owned()
    }

    /// Everything in a folder, hidden things too.
    pub(super) fn listing(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.path(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// How a process ended.
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    /// Checks the code and that standard error names each of `parts`.
    #[track_caller]
    pub(super) fn expect(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        for part in parts {
            assert!(self.stderr.contains(part), "{part} in: {}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}
