//! One line on standard error while scenarios run.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::experiment::run::Progress;
use crate::experiment::study::Study;

/// Name of the scenario, bar, ended draws of all, the present estimate, time left for all
/// scenarios.
const TEMPLATE: &str = "{prefix} {bar:20} {pos}/{len} draws, {msg}, {eta} left";

/// The line of all scenarios. Nothing is shown unless standard error is a terminal.
pub(super) struct ProgressLine {
    bar: ProgressBar,
    names: Vec<String>,
}

impl ProgressLine {
    /// Shows the line of `studies`.
    pub(super) fn new(studies: &[Arc<Study>], quiet: bool) -> Self {
        let names = studies.iter().map(|study| study.name.clone()).collect();
        let style = ProgressStyle::with_template(TEMPLATE).expect("the template is well-formed");
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden())
            .with_style(style)
            .with_message("starting");
        if !quiet && io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        Self { bar, names }
    }

    /// Takes in the progress of the simulation. Called from its threads.
    pub(super) fn update(&self, progress: Progress) {
        if self.bar.is_hidden() {
            return;
        }
        let (name, count) = (&self.names[progress.study], self.names.len());
        self.bar.set_length(progress.draws_total);
        self.bar.set_position(progress.draws_done);
        self.bar.set_prefix(match count {
            1 => name.clone(),
            _ => format!("{name} ({} of {count})", progress.study + 1),
        });
        let (case, percent) = (progress.case + 1, 100.0 * progress.share_failed);
        let message = format!("case {case}, {percent:.1} % with a failure");
        self.bar.set_message(message);
    }

    /// Does `work`, which prints, while the line is hidden.
    pub(super) fn step_aside<T>(&self, work: impl FnOnce() -> T) -> T {
        self.bar.suspend(work)
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        // The last answer replaces the line.
        self.bar.finish_and_clear();
    }
}

/// The line of a search, which does not know how long it takes.
pub(super) struct Spinner(ProgressBar);

impl Spinner {
    /// Shows the line. Nothing is shown unless standard error is a terminal.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        Self(bar)
    }

    /// Takes in the number of draws so far.
    pub(super) fn update(&self, draws: u64) {
        self.0.set_message(format!("{draws} draws"));
        self.0.tick();
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
