//! A bug of ours: say where it happened and how to report it, then go on with the next scenario.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Mutex;

use super::terminal;
use crate::experiment::current::{self, CurrentDraw};

/// The scenario that runs, for the hook, which hears of a panic on any thread.
static RUNNING: Mutex<Option<Running>> = Mutex::new(None);

#[derive(Clone, Debug)]
struct Running {
    scenario: String,
    seed: u64,
    /// One report per scenario: a thousand draws with one bug are one bug.
    reported: bool,
}

/// Makes a panic print what a maintainer needs.
pub(super) fn install_hook() {
    panic::set_hook(Box::new(report));
}

/// Runs `work` for a scenario; `None` if it hit a bug, which the hook has reported.
pub(super) fn guard<T>(scenario: &str, seed: u64, work: impl FnOnce() -> T) -> Option<T> {
    let set = |running| {
        *RUNNING.lock().expect("nothing panics under this lock") = running;
    };
    set(Some(Running {
        scenario: scenario.to_owned(),
        seed,
        reported: false,
    }));
    // What `work` owns is dropped with it, so nothing broken can be seen afterwards.
    let done = panic::catch_unwind(AssertUnwindSafe(work)).ok();
    set(None);
    done
}

fn report(info: &PanicHookInfo<'_>) {
    let running = {
        let mut running = RUNNING.lock().expect("nothing panics under this lock");
        let before = running.clone();
        if let Some(running) = running.as_mut() {
            running.reported = true;
        }
        before
    };
    if running.as_ref().is_some_and(|running| running.reported) {
        return;
    }
    let place = info.location().map(ToString::to_string);
    let text = message(
        info.payload_as_str().unwrap_or("unknown"),
        &place.unwrap_or_default(),
        running.as_ref(),
        current::current(),
    );
    terminal::tell(&text);
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        terminal::tell(&backtrace.to_string());
    }
}

fn message(
    what: &str,
    place: &str,
    running: Option<&Running>,
    draw: Option<CurrentDraw>,
) -> String {
    let running = running.map_or_else(String::new, |Running { scenario, seed, .. }| {
        format!("\n  scenario {scenario}, seed {seed}")
    });
    let draw = draw.map_or_else(String::new, |CurrentDraw { case, draw }| {
        format!(", case {case}, draw {draw}")
    });
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "error: a bug in alloy-sim {version}: {what}\n  at {place}{running}{draw}\n  \
         please report it with these lines and the scenario file"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_where_it_happened() {
        let running = Running {
            scenario: "edge".into(),
            seed: 42,
            reported: false,
        };
        let draw = CurrentDraw { case: 2, draw: 17 };
        let text = message(
            "ports went negative",
            "a.rs:1:2",
            Some(&running),
            Some(draw),
        );
        for part in [
            "ports went negative",
            "a.rs:1:2",
            "scenario edge, seed 42, case 2, draw 17",
            "please report it",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn work_that_panics_has_no_result() {
        assert_eq!(guard("edge", 1, || 3), Some(3));
        assert_eq!(
            guard("edge", 1, || -> u8 { panic!("as this test wants") }),
            None
        );
    }
}
