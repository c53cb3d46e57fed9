//! One line on standard error while a scenario runs.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::experiment::plan::Study;
use crate::experiment::run::Progress;

/// Name, bar, draws done of all, the estimate so far, time left.
const TEMPLATE: &str = "{prefix} {bar:20} {pos}/{len} draws, {msg}, {eta} left";

/// The line of one scenario; silent unless standard error is a terminal.
pub(super) struct ProgressLine {
    bar: ProgressBar,
}

impl ProgressLine {
    /// Shows the line of `study`.
    pub(super) fn new(study: &Study, quiet: bool) -> Self {
        let style = ProgressStyle::with_template(TEMPLATE).expect("the template is well-formed");
        let draws = u64::from(study.draws) * study.cases.len().max(1) as u64;
        let bar = ProgressBar::with_draw_target(Some(draws), ProgressDrawTarget::hidden())
            .with_style(style)
            .with_prefix(study.name.clone())
            .with_message("starting");
        if !quiet && io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        Self { bar }
    }

    /// Takes in how far the simulation is; called from its threads.
    pub(super) fn update(&self, progress: Progress) {
        if self.bar.is_hidden() {
            return;
        }
        let Progress {
            case,
            draws_done,
            draws_total,
            failed_draws,
        } = progress;
        let share = 100.0 * f64::from(failed_draws) / f64::from(draws_done.max(1));
        self.bar.set_length(draws_total.into());
        self.bar.set_position(draws_done.into());
        self.bar
            .set_message(format!("case {}, {share:.1} % with a failure", case + 1));
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        // The answer follows in its place.
        self.bar.finish_and_clear();
    }
}
