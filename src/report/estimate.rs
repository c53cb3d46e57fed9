//! What a study takes, in words.

use super::numbers::{bytes, count, human};
use crate::experiment::estimate::Estimate;
use crate::model::record::catalogue::Unit;

const GIB: f64 = 1_073_741_824.0;

/// A run that is not worth a number takes less than this many seconds.
const SHORT: f64 = 2.0;

/// The estimate as a row below the table of the platform.
pub fn estimated(estimate: &Estimate, threads: usize) -> String {
    let mut parts = Vec::new();
    if let Some(run) = estimate.run {
        parts.push(format!("{} events", count(run.events)));
    }
    parts.push(format!("{} of memory", bytes(estimate.memory)));
    parts.push(format!("{} of disk", bytes(estimate.disk)));
    if let Some(run) = estimate.run {
        let threads = (threads as f64).min(estimate.draws).max(1.0);
        let seconds = run.seconds / threads;
        parts.push(if seconds < SHORT {
            "less than 2 s".to_owned()
        } else {
            format!("about {}", human(seconds, Unit::Seconds))
        });
    }
    format!("  {:<18}{}", "estimated", parts.join(", "))
}

/// What is wrong with a study that needs more memory than `most`, and what helps.
pub fn too_much_memory(estimate: &Estimate, most: f64) -> (String, String) {
    let message = format!(
        "a run needs about {} of memory, more than {}: {} collectors, {} draws in all",
        bytes(estimate.memory),
        bytes(most),
        count(estimate.collectors),
        count(estimate.draws),
    );
    let help = format!(
        "describe a part of the platform, take fewer cases, draws or --threads, or allow \
         --max-memory {:.0}GiB",
        (estimate.memory / GIB).ceil(),
    );
    (message, help)
}

/// What is wrong with a study of more `events` than `most`, and what helps.
pub fn too_many_events(estimate: &Estimate, events: f64, most: f64) -> (String, String) {
    let message = format!(
        "a run has about {} events, more than {}: {} in each of {} draws",
        count(events),
        count(most),
        count(events / estimate.draws),
        count(estimate.draws),
    );
    let help = format!(
        "take a shorter horizon or fewer draws, or allow --max-events 1e{:.0}",
        events.log10().ceil(),
    );
    (message, help)
}
