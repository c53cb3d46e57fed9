//! The segments of a WAL: which are there, and what a truncation takes.

use std::collections::VecDeque;

use crate::units::{SimDuration, SimTime, Span};

/// Bytes of a full WAL segment.
///
/// Source: prometheus/prometheus, `tsdb/wlog/wlog.go`, `DefaultSegmentSize`, v3.13.2.
pub const SEGMENT_BYTES: f64 = 134_217_728.0;

/// Segments of a WAL between two truncations, or a truncation and now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// Start of the first segment of the run.
    from: SimTime,
    /// Number of that segment.
    first: u64,
}

/// The segments of the WAL of one process, numbered in order of time. A segment is closed when it is
/// full, and by every truncation that is not skipped.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Segments {
    /// Samples of a full segment.
    full: f64,
    /// The oldest segment that is still there.
    oldest: u64,
    /// The oldest segment before the last truncation.
    oldest_before: u64,
    /// The last segment that the last truncation took; `None` if it took none.
    taken: Option<u64>,
    /// In order of time; the last run is open. Runs that the last truncation took are still here.
    runs: VecDeque<Run>,
}

impl Segments {
    /// The WAL of a process that starts at `started`, on a volume with `brought` closed segments
    /// since `from`. A segment holds `full` samples.
    ///
    /// Simplified: segments of an earlier process count as equally long.
    pub(super) fn new((from, brought): (SimTime, u64), started: SimTime, full: f64) -> Self {
        let length = started.since(from) / brought.max(1);
        let old = (0..brought).map(|first| Run {
            from: from + length * first,
            first,
        });
        let open = Run {
            from: started,
            first: brought,
        };
        Self {
            full,
            oldest: 0,
            oldest_before: 0,
            taken: None,
            runs: old.chain([open]).collect(),
        }
    }

    /// The closed segments that are still there.
    fn closed(&self, open: u64) -> u64 {
        open - self.oldest
    }

    fn open_run(&self) -> Run {
        *self.runs.back().expect("a WAL has an open segment")
    }

    /// Number of the segment that is open at `at`, after all truncations.
    fn open_at(&self, at: SimTime, written: impl Fn(Span) -> f64) -> u64 {
        let run = self.open_run();
        run.first + self.filled(written(Span::new(run.from, at)))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "float to integer casts saturate"
    )]
    fn filled(&self, samples: f64) -> u64 {
        (samples / self.full).floor() as u64
    }

    /// Closed segments of a process that ends at `at`, with the one that its end closes.
    pub(super) fn closed_by_end(&self, at: SimTime, written: impl Fn(Span) -> f64) -> u64 {
        self.closed(self.open_at(at, written)) + 1
    }

    /// A truncation at `at` closes a segment, and takes the first two thirds of the closed ones.
    ///
    /// Source: grafana/alloy, `internal/static/metrics/wal/wal.go`, `Truncate`, v1.18.1.
    pub(super) fn truncate(&mut self, at: SimTime, written: impl Fn(Span) -> f64) {
        while self.runs.get(1).is_some_and(|run| run.first <= self.oldest) {
            self.runs.pop_front();
        }
        let open = self.open_at(at, written);
        let closed = self.closed(open);
        self.runs.push_back(Run {
            from: at,
            first: open + 1,
        });
        let last = closed.saturating_sub(1) * 2 / 3;
        self.oldest_before = self.oldest;
        self.taken = (last > 0).then_some(self.oldest + last);
        if let Some(taken) = self.taken {
            self.oldest = taken + 1;
        }
    }

    /// The same segments, later by `length`.
    pub(super) fn shift(&mut self, length: SimDuration) {
        for run in &mut self.runs {
            run.from += length;
        }
    }

    /// First instant that the samples of the WAL reach back to.
    pub(super) fn begins(&self, now: SimTime, written: impl Fn(Span) -> f64) -> SimTime {
        self.start_of(self.oldest, now, written)
    }

    /// Samples in the WAL at `now`, after all truncations.
    pub(super) fn samples(&self, now: SimTime, written: impl Fn(Span) -> f64) -> f64 {
        let run = self.run_of(self.oldest);
        let gone = (self.oldest - run.first) as f64 * self.full;
        written(Span::new(run.from, now)) - gone
    }

    /// The run of a segment that is still known.
    fn run_of(&self, segment: u64) -> Run {
        let holds = |run: &&Run| run.first <= segment;
        *self.runs.iter().rfind(holds).unwrap_or(&self.runs[0])
    }

    /// Start of a segment that begins before `now`.
    fn start_of(&self, segment: u64, now: SimTime, written: impl Fn(Span) -> f64) -> SimTime {
        let run = self.run_of(segment);
        let before = segment.saturating_sub(run.first) as f64 * self.full;
        if before <= 0.0 {
            return run.from;
        }
        first_reaching(Span::new(run.from, now), before, written)
    }

    /// First sample that a reader has lost to the last truncation, `None` if it lost nothing. The
    /// next sample that it is to read was written at `position`. The reader has its segment open and
    /// reads it to its end. It fails if the next one is gone.
    ///
    /// Source: prometheus/prometheus, `tsdb/wlog/watcher.go`, `Run` and `watch`, v3.13.2.
    pub(super) fn lost_from(
        &self,
        position: SimTime,
        now: SimTime,
        written: impl Fn(Span) -> f64 + Copy,
    ) -> Option<SimTime> {
        let taken = self.taken?;
        let own = self.segment_at(position, written);
        let own = own.map_or(self.oldest_before, |own| own + 1);
        (own <= taken).then(|| self.start_of(own, now, written))
    }

    /// Start of the last segment that the last truncation took.
    pub(super) fn last_taken(
        &self,
        now: SimTime,
        written: impl Fn(Span) -> f64,
    ) -> Option<SimTime> {
        Some(self.start_of(self.taken?, now, written))
    }

    /// The segment that was open at `position`; `None` if it has long gone.
    fn segment_at(&self, position: SimTime, written: impl Fn(Span) -> f64) -> Option<u64> {
        let place = self.runs.iter().rposition(|run| run.from <= position)?;
        let run = self.runs[place];
        let filled = run.first + self.filled(written(Span::new(run.from, position)));
        let last = self.runs.get(place + 1).map(|next| next.first - 1);
        let own = last.map_or(filled, |last| filled.min(last));
        (own >= self.oldest_before).then_some(own)
    }
}

/// First instant of a span at which `samples` have been written since its start.
fn first_reaching(span: Span, samples: f64, written: impl Fn(Span) -> f64) -> SimTime {
    let (mut low, mut high) = (span.from, span.to);
    while low.just_after() < high {
        let middle = low + SimDuration::from_nanos((high - low).nanos() / 2);
        if written(Span::new(span.from, middle)) >= samples {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}
