//! What the reader of a collector's log files does.

use crate::units::{SimTime, Span};

use super::opening::Opening;

/// The state of the reader of a collector's log files. An endpoint that takes nothing holds up all
/// files of the collector.
///
/// Source: grafana/alloy, `internal/component/common/loki/fanout.go` and
/// `client/consumer_fanout.go`, v1.18.1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::model) enum Tail {
    /// Lines are read as they are written, as far as CPU and shards allow.
    #[default]
    Open,
    /// An endpoint takes nothing.
    Blocked {
        /// Since when.
        since: SimTime,
    },
    /// All endpoints answer again, and the shards sleep out their waits.
    Asleep {
        /// Until when.
        until: SimTime,
        /// Bytes that they hold.
        held: f64,
    },
    /// Streams of the API server open one after the other.
    Opening(Opening),
}

/// How fast a collector can read over a span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Pace {
    pub span: Span,
    /// Bytes per second, as CPU, shards and endpoints allow.
    pub most: f64,
    /// The route whose endpoint answers 429, and the share of the lines that shards give up for it.
    pub given_up: Option<(usize, f64)>,
}

impl Pace {
    /// Nothing limits it.
    pub(in crate::model) fn free(span: Span) -> Self {
        Self {
            span,
            most: f64::INFINITY,
            given_up: None,
        }
    }
}

/// Where the positions of the files are kept that a process has read up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Positions {
    /// On a volume that survives the process.
    Kept,
    /// In the container. The next process reads every file from its beginning.
    Lost,
}

/// Files that a reader loses while it is away and so many `files` are written. It is the mean over
/// readers at any point of their rotation. The reader goes on in the file that it finds. What a rotated
/// file held is lost.
///
/// Source: arithmetic. With a share `u` of the file left to write, uniform from 0 to 1, `x` times a
/// file overtakes `u + floor(x - u)` files for `x >= u`.
pub(in crate::model) fn lost_while_away(files: f64) -> f64 {
    if files < 1.0 {
        files * files / 2.0
    } else {
        files - 0.5
    }
}

/// The same of a reader that is held up. It reads its open file to the end, and then goes on in the
/// file that it finds.
///
/// Source: arithmetic. `floor(x - u)` files lie between the two for `x >= u`. Their mean is `x - 1`.
pub(in crate::model) fn lost_while_held(files: f64) -> f64 {
    (files - 1.0).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Enumerates points of the rotation.
    #[test]
    fn means_over_the_points_of_a_rotation() {
        const POINTS: u32 = 100_000;
        for files in [0.0, 0.2, 0.9, 1.0, 1.4, 2.5, 7.0] {
            let points = (0..POINTS).map(|point| (f64::from(point) + 0.5) / f64::from(POINTS));
            let (mut away, mut held) = (0.0, 0.0);
            for left in points.filter(|&left| files >= left) {
                let between = (files - left).floor();
                away += left + between;
                held += between;
            }
            let mean = |sum: f64| sum / f64::from(POINTS);
            // A step of the enumeration is off by at most one file in one point of `POINTS`.
            let error = 2.0 / f64::from(POINTS);
            assert!(
                (mean(away) - lost_while_away(files)).abs() < error,
                "{files}"
            );
            assert!(
                (mean(held) - lost_while_held(files)).abs() < error,
                "{files}"
            );
        }
    }
}
