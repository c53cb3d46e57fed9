//! A bug of the program: reports where it happened and how to report it, then goes on with the next
//! scenario.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::{Arc, Mutex};

use super::terminal;
use crate::experiment::current::{self, Current};
use crate::experiment::study::Study;

/// The running scenarios, for the panic hook, which is called on any thread.
static RUNNING: Mutex<Vec<Running>> = Mutex::new(Vec::new());

#[derive(Clone, Debug)]
struct Running {
    scenario: String,
    seed: u64,
    /// One report per scenario: a bug in a thousand draws is one bug.
    reported: bool,
}

/// Makes a panic print what a maintainer needs.
pub(super) fn install_hook() {
    panic::set_hook(Box::new(report));
}

/// Lets the hook name these studies.
pub(super) fn watch(studies: &[Arc<Study>]) {
    let running = studies.iter().map(|study| Running {
        scenario: study.name.clone(),
        seed: study.seed,
        reported: false,
    });
    *RUNNING.lock().expect("nothing panics under this lock") = running.collect();
}

/// The result of `work`; `None` after a bug, which the hook has reported.
pub(super) fn guard<T>(work: impl FnOnce() -> T) -> Option<T> {
    // What `work` owns is dropped with it, so no broken state can be seen afterwards.
    panic::catch_unwind(AssertUnwindSafe(work)).ok()
}

fn report(info: &PanicHookInfo<'_>) {
    let current = current::current();
    let running = {
        let mut all = RUNNING.lock().expect("nothing panics under this lock");
        let running = current.and_then(|current| all.get_mut(current.study));
        running.map(|running| {
            let before = running.clone();
            running.reported = true;
            before
        })
    };
    if running.as_ref().is_some_and(|running| running.reported) {
        return;
    }
    let place = info.location().map(ToString::to_string);
    let text = message(
        info.payload_as_str().unwrap_or("unknown"),
        &place.unwrap_or_default(),
        running.as_ref(),
        current.and_then(|Current { draw, .. }| draw),
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
    draw: Option<(usize, u32)>,
) -> String {
    let running = running.map_or_else(String::new, |Running { scenario, seed, .. }| {
        format!("\n  scenario {scenario}, seed {seed}")
    });
    let draw = draw.map_or_else(String::new, |(case, draw)| {
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
        let text = message(
            "ports went negative",
            "a.rs:1:2",
            Some(&running),
            Some((2, 17)),
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
        assert_eq!(guard(|| 3), Some(3));
        assert_eq!(guard(|| -> u8 { panic!("as this test wants") }), None);
    }
}
