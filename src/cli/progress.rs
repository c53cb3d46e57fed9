//! One line on standard error while a scenario runs.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::steps::Progress;

/// Name, bar, draws done of all, the estimate so far, time left.
const TEMPLATE: &str = "{prefix} {bar:20} {pos}/{len} draws, {msg}, {eta} left";

/// The line of one scenario; silent unless standard error is a terminal.
pub(super) struct ProgressLine {
    bar: ProgressBar,
}

impl ProgressLine {
    /// Shows the line of scenario `name`.
    pub(super) fn new(name: &str, quiet: bool) -> Self {
        let bar = if quiet || !io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(10))
        };
        let style = ProgressStyle::with_template(TEMPLATE).expect("the template is well-formed");
        bar.set_style(style);
        bar.set_prefix(name.to_owned());
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
