//! Streams of log lines through the API server, which open one after the other.

use crate::model::blueprint::LogSource;
use crate::model::load::driver::{WEIGHT_BITS, weight_value};
use crate::model::load::work::portion;
use crate::units::{SimDuration, SimTime, Span};

use super::{Feed, Logs, Tail, Total};

/// Calls to the API server per second of one process, and how many it makes at once.
///
/// Source: kubernetes/client-go, `rest/config.go`, `DefaultQPS` and `DefaultBurst`; grafana/alloy,
/// `internal/component/loki/source/kubernetes/kubernetes.go`, v1.18.1, sets none.
const CALLS_PER_SECOND: f64 = 5.0;
const CALLS_AT_ONCE: f64 = 10.0;

/// Streams of a collector that open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Opening {
    pub from: SimTime,
    pub until: SimTime,
    /// Share of the streams of the collector that were not open at the start.
    pub share: f64,
}

impl Opening {
    /// Share of the streams of the collector that are not open at `at`.
    pub(super) fn left(&self, at: SimTime) -> f64 {
        let all = self.until.since(self.from).secs_f64();
        let left = self.until.since(at).secs_f64();
        self.share * (left / all.max(f64::MIN_POSITIVE)).min(1.0)
    }
}

/// What a fleet asks of the API server.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Streams {
    /// Most streams that were open at one time.
    peak: f64,
    /// Longest time that a collector took to open its streams.
    opening_peak: SimDuration,
}

impl Logs {
    /// Most streams of all collectors that were open at one time; NaN for other sources.
    pub(in crate::model) fn streams_peak(&self) -> f64 {
        self.of_streams(self.streams.peak)
    }

    /// Longest time that a collector took to open its streams, in seconds; NaN for other sources.
    pub(in crate::model) fn opening_peak(&self) -> f64 {
        self.of_streams(self.streams.opening_peak.secs_f64())
    }

    fn of_streams(&self, value: f64) -> f64 {
        if self.source == LogSource::KubernetesApi {
            value
        } else {
            f64::NAN
        }
    }

    /// Notes the streams of the whole fleet over a span.
    pub(super) fn note_streams(&mut self, total: &Total<'_>, span: Span) {
        if self.source != LogSource::KubernetesApi {
            return;
        }
        let driver = &total.resident.driver;
        let unit = f64::from(1_u32 << WEIGHT_BITS);
        for segment in driver.segments_in(span) {
            let of = |&stream: &usize| {
                let level = driver.streams[stream].level[segment];
                let lines = &total.streams[stream];
                // A burst has no files of its own.
                let files = if lines.burst.is_some() {
                    0.0
                } else {
                    lines.lines.files
                };
                total.carried[stream] as f64 / unit * level * files
            };
            let streams = self.own.iter().map(of).sum();
            self.streams.peak = self.streams.peak.max(streams);
        }
    }

    /// Streams of a collector with these weights at `at`.
    fn streams_of(&self, feed: &Feed<'_>, at: SimTime, weight: impl Fn(usize) -> u32) -> f64 {
        let driver = &feed.resident.driver;
        let segment = driver.segment(at);
        let of = |&stream: &usize| {
            let lines = &feed.streams[stream];
            let files = if lines.burst.is_some() {
                0.0
            } else {
                lines.lines.files
            };
            weight_value(weight(stream)) * driver.streams[stream].level[segment] * files
        };
        self.own.iter().map(of).sum()
    }

    /// A collector begins to open streams with these weights at `now`, on top of those that it has
    /// not opened yet. Its lines wait where they are.
    ///
    /// Simplified: a file that is rotated while its stream waits to be opened loses nothing more.
    pub(super) fn open(&mut self, feed: &Feed<'_>, now: SimTime, gains: impl Fn(usize) -> u32) {
        let all = self.streams_of(feed, now, |stream| feed.weights[stream]);
        let mut left = self.streams_of(feed, now, gains);
        let tail = &mut self.tails[feed.index as usize];
        if let Tail::Opening(opening) = tail {
            left += opening.left(now) * all;
        } else if *tail != Tail::Open {
            return;
        }
        let seconds = (left.min(all) - CALLS_AT_ONCE).max(0.0) / CALLS_PER_SECOND;
        if seconds <= 0.0 {
            return;
        }
        let length = SimDuration::from_secs_f64(seconds);
        *tail = Tail::Opening(Opening {
            from: now,
            until: now + length,
            share: left.min(all) / all,
        });
    }

    /// The last stream of a collector has opened.
    pub(super) fn opened(&mut self, collector: u32, opening: Opening) {
        let length = opening.until - opening.from;
        self.streams.opening_peak = self.streams.opening_peak.max(length);
        self.note_lag(length);
        self.tails[collector as usize] = Tail::Open;
    }

    /// A collector reads the streams that are open. What waited for those that opened in the span is
    /// read as well.
    ///
    /// Simplified: streams open evenly, and what they bring at once takes no time.
    pub(super) fn read_open(&mut self, feed: &Feed<'_>, span: Span, opening: Opening) {
        if span.is_empty() {
            return;
        }
        let (before, after) = (opening.left(span.from), opening.left(span.to));
        let still = if before > 0.0 { after / before } else { 0.0 };
        let first = feed.index as usize * self.own.len();
        for slot in 0..self.own.len() {
            let work = feed.work(self.own[slot], span);
            let waited = self.waiting[first + slot];
            let stays = portion(waited, still) + portion(work, after);
            self.waiting[first + slot] = stays;
            self.accept((feed.index, slot), waited + work - stays, None);
        }
    }

    /// Targets move to a collector at `now`, with these gains of weight in each stream. It begins
    /// with the current file of each container, which the one before had read up to somewhere.
    ///
    /// Source: grafana/alloy, `internal/component/loki/source/kubernetes/kubetail`, v1.18.1: positions
    /// are kept by each process.
    pub(in crate::model) fn take_over(
        &mut self,
        feed: &Feed<'_>,
        now: SimTime,
        gains: impl Fn(usize) -> u32 + Copy,
    ) {
        if self.source != LogSource::KubernetesApi || self.own.is_empty() {
            return;
        }
        self.open(feed, now, gains);
        if now == SimTime::ZERO {
            return;
        }
        for slot in 0..self.own.len() {
            let (stream, weight) = (self.own[slot], feed.weights[self.own[slot]]);
            let gain = f64::from(gains(stream)) / f64::from(weight.max(1));
            let current = self.current_files(feed, slot, now, 0.5);
            self.fates.lines[slot].doubled += portion(current, gain.min(1.0));
        }
    }
}
