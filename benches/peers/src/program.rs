//! A peer outside this process: a program that does a work and prints events and seconds.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where `python/install` puts things.
fn installed(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("target")
        .join(path)
}

/// A peer and how to start it.
pub(crate) struct Program {
    command: PathBuf,
    script: Option<PathBuf>,
    /// Which form of the work, if there are several.
    form: Option<&'static str>,
}

impl Program {
    /// The C program on Cimba's library; `None` if it is not installed.
    pub(crate) fn cimba() -> Option<Self> {
        let command = installed("cimba_events");
        command.exists().then_some(Self {
            command,
            script: None,
            form: None,
        })
    }

    /// The script on `SimPy`, in one of its forms; `None` if that is not installed.
    pub(crate) fn simpy(form: Option<&'static str>) -> Option<Self> {
        let command = installed("python/bin/python");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/simpy_processes.py");
        command.exists().then_some(Self {
            command,
            script: Some(script),
            form,
        })
    }

    /// Events per second of about `events` events of a work, in a fresh process.
    pub(crate) fn rate(&self, work: &str, events: u64) -> Result<f64, String> {
        let mut command = Command::new(&self.command);
        command.args(&self.script).arg(work).arg(events.to_string());
        command.args(self.form);
        let output = command.output().map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut numbers = text.split_whitespace().map(str::parse::<f64>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(events)), Some(Ok(seconds))) => Ok(events / seconds),
            _ => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }
}
