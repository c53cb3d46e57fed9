//! What studies take, held against what they may take.

use clap::Args;

use super::input::{self, Scenario};
use super::{Exit, environment};
use crate::experiment::estimate::{Estimate, Look};
use crate::experiment::study::Study;
use crate::report;
use crate::scenario::{Problem, Severity, read_bytes};

/// What a study may take. What takes more is refused before anything is simulated.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Budget {
    /// Refuse a scenario of more events than this, as estimated
    #[arg(long, value_name = "N", default_value = "1e12", value_parser = events)]
    max_events: f64,
    /// Refuse a scenario that needs more memory than this, as estimated
    #[arg(long, value_name = "BYTES", default_value = "4GiB", value_parser = memory)]
    max_memory: f64,
}

/// A number of events.
fn events(text: &str) -> Result<f64, &'static str> {
    let number = text.parse().ok().filter(|number: &f64| *number >= 1.0);
    number.ok_or("write a number from 1, such as 1e12")
}

/// A number of bytes.
fn memory(text: &str) -> Result<f64, String> {
    let bytes = read_bytes(text)?;
    if bytes >= 1.0 {
        Ok(bytes)
    } else {
        Err("write a number of bytes, such as 8GiB".to_owned())
    }
}

/// How closely a study is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// As closely as an estimate needs that is shown.
    Shown,
    /// Only as closely as the budget needs.
    Judged,
}

impl Budget {
    /// Refuses scenarios that take more than they may.
    pub(super) fn judge(
        &self,
        scenarios: &[Scenario],
        threads: usize,
        is_over: &dyn Fn() -> bool,
    ) -> Result<(), Exit> {
        let mut exit = Exit::Good;
        for scenario in scenarios {
            let study = &scenario.checked.study;
            let estimate = self.estimate(study, threads, (Care::Judged, is_over));
            if let Some(problem) = self.refusal(scenario, &estimate) {
                input::show_problems(&[problem], &scenario.source);
                exit = Exit::WrongScenario;
            }
        }
        match exit {
            Exit::Good => Ok(()),
            _ => Err(exit),
        }
    }

    /// What a study takes. Nothing of it is simulated if it needs more memory than it may.
    pub(super) fn estimate(
        &self,
        study: &Study,
        threads: usize,
        (care, is_over): (Care, &dyn Fn() -> bool),
    ) -> Estimate {
        let estimate = Estimate::of(study, threads);
        if estimate.memory > self.max_memory {
            return estimate;
        }
        let budget = (self.max_events, self.max_memory);
        if care == Care::Judged && estimate.is_far_below(study, budget) {
            return estimate;
        }
        let look = Look {
            clock: &environment::thread_time,
            is_over,
        };
        estimate.with_events(study, look)
    }

    /// Why a scenario is refused, if it takes more than it may.
    pub(super) fn refusal(&self, scenario: &Scenario, estimate: &Estimate) -> Option<Problem> {
        let events = estimate.run.map_or(0.0, |run| run.events);
        let (message, help) = if estimate.memory > self.max_memory {
            report::too_much_memory(estimate, self.max_memory)
        } else if events > self.max_events {
            report::too_many_events(estimate, events, self.max_events)
        } else {
            return None;
        };
        Some(Problem {
            severity: Severity::Error,
            message,
            file: scenario.source.name.clone(),
            text: None,
            labels: Vec::new(),
            help: Some(help),
        })
    }
}
