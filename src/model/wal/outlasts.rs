//! How long an outage a WAL outlasts.

use crate::model::blueprint::{self, Unchanged};
use crate::units::{SimDuration, SimTime, Span};

use super::{Log, Process, SEGMENT_BYTES, Truncation, Walk, Written};

/// Bytes at an even rate per second.
#[derive(Clone, Copy, Debug)]
struct Even(f64);

impl Written for Even {
    fn samples(&self, span: Span) -> f64 {
        self.0 * span.length().secs_f64()
    }

    fn most(&self, length: SimDuration) -> f64 {
        self.0 * length.secs_f64()
    }
}

/// The longest outage of which no truncation takes a sample, whenever it begins. The process has run
/// for long, and writes `rate` bytes per second to its WAL. `None` without truncations. A
/// reader that lags no more than this at a truncation keeps its place. After a truncation in the
/// outage further ones are skipped until the backlog is too old.
pub fn outlasts(wal: &blueprint::Wal, rate: f64) -> Option<SimDuration> {
    /// Truncations after which a WAL repeats itself.
    const LONG: u64 = 40;
    let every = wal.truncate_every;
    if every.is_zero() {
        return None;
    }
    let truncation = Truncation {
        every,
        keep_min: wal.keep_min,
        keep_max: wal.keep_max,
        skips: wal.unchanged == Unchanged::Skipped,
        full: SEGMENT_BYTES,
        ..Truncation::default()
    };
    let log = Log {
        truncation,
        stalls: Vec::new(),
    };
    let process = Process::new(SimTime::ZERO, SimTime::ZERO);
    let mut walk = Walk::new(&log, &process, None, Even(rate));
    walk.pass(SimTime::ZERO + every * LONG);
    // Small WALs take segments at every other truncation.
    let lags = (0..2).filter_map(|_| {
        walk.truncate();
        walk.lag_that_survives()
    });
    let lag = lags.min()?;
    let is_skipped = truncation.skips && lag >= every;
    Some(if is_skipped {
        lag.max(wal.keep_max.saturating_sub(wal.keep_min))
    } else {
        lag
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: the enumeration of the rule in `tests/it/wal_theory`, to a tenth of an hour.
    #[test]
    fn logs_of_small_collectors_outlast_long_outages() {
        let hours = |series: f64, skips: bool| {
            let wal = blueprint::Wal {
                truncate_every: SimDuration::from_hours(2),
                keep_min: SimDuration::from_mins(5),
                keep_max: SimDuration::from_hours(8),
                unchanged: if skips {
                    Unchanged::Skipped
                } else {
                    Unchanged::Performed
                },
                on_volume: false,
            };
            let length = outlasts(&wal, series / 60.0 * 5.5).expect("it truncates");
            (length.secs_f64() / 360.0).round() / 10.0
        };
        for (series, alloy, agent) in [
            (20e3, 7.9, 6.0),
            (300e3, 7.9, 2.6),
            (1e6, 1.6, 1.6),
            (2e6, 1.4, 1.4),
            (5e6, 1.1, 1.1),
        ] {
            let found = [hours(series, true) - alloy, hours(series, false) - agent];
            assert!(
                found.iter().all(|error| error.abs() < 1e-9),
                "{series}: {found:?}"
            );
        }
    }
}
