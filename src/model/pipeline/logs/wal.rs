//! The WAL of `loki.write`: lines that an endpoint does not take wait there, for that endpoint alone.

use crate::model::load::work::portion;
use crate::units::{SimDuration, SimTime, Span};

use super::tail::lost_while_away;
use super::{Ending, Feed, Logs, Luck, Positions};

/// Bytes of a full segment.
///
/// Source: grafana/alloy, `internal/component/common/loki/wal/wal.go`, v1.18.1: 128 MiB, the default of
/// Prometheus.
const SEGMENT_BYTES: f64 = 134_217_728.0;

/// Mean time until an old segment is noticed.
///
/// Source: grafana/alloy, `internal/component/common/loki/wal/writer.go`, v1.18.1: a tenth of an hour
/// between two looks.
const NOTICED_AFTER: SimDuration = SimDuration::from_secs(180);

/// The reader of one WAL for one endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Reader {
    /// Lines leave as they are written.
    #[default]
    Open,
    /// The endpoint takes nothing.
    Blocked {
        /// Since when.
        since: SimTime,
        /// Since when this process tries to send.
        tries_since: SimTime,
    },
    /// The endpoint answers again, and its shards sleep their waits out.
    Asleep { until: SimTime },
}

/// The WALs of a fleet. Empty without them.
#[derive(Clone, Debug, Default)]
pub(super) struct Logged {
    /// One per collector and endpoint.
    readers: Vec<Reader>,
    /// Work that waits, per collector, endpoint and stream.
    work: Vec<u128>,
    routes: usize,
    streams: usize,
}

impl Logged {
    pub(super) fn new(is_on: bool, (collectors, routes, streams): (usize, usize, usize)) -> Self {
        let collectors = if is_on { collectors } else { 0 };
        Self {
            readers: vec![Reader::Open; collectors * routes],
            work: vec![0; collectors * routes * streams],
            routes,
            streams,
        }
    }

    /// Work of all collectors that waits, per endpoint and stream.
    pub(super) fn all(&self) -> Vec<u128> {
        let mut sum = vec![0; self.routes * self.streams];
        for of in self.work.chunks_exact(sum.len().max(1)) {
            for (sum, work) in sum.iter_mut().zip(of) {
                *sum += work;
            }
        }
        sum
    }

    fn reader(&mut self, collector: u32, route: usize) -> Option<&mut Reader> {
        let place = collector as usize * self.routes + route;
        self.readers.get_mut(place)
    }

    fn slot(&self, collector: u32, (route, slot): (usize, usize)) -> usize {
        (collector as usize * self.routes + route) * self.streams + slot
    }
}

impl Logs {
    /// Bytes of all collectors that wait in WALs, with several endpoints the mean over them.
    pub(super) fn logged_bytes(&self) -> f64 {
        let all = self.logged.all().into_iter().enumerate();
        let streams = self.own.len().max(1);
        let bytes = all.map(|(place, work)| self.fates.bytes_of(place % streams, work));
        bytes.sum::<f64>() / self.routes.len().max(1) as f64
    }

    /// Whether work of a stream waits in the WAL, because the endpoint of a route does not take it.
    pub(super) fn log(&mut self, collector: u32, place: (usize, usize), work: u128) -> bool {
        let reader = self.logged.reader(collector, place.0);
        if reader.is_none_or(|reader| *reader == Reader::Open) {
            return false;
        }
        let slot = self.logged.slot(collector, place);
        self.logged.work[slot] += work;
        true
    }

    /// Endpoints that are down take nothing of the WAL of a collector from `now` on. Returns whether
    /// it has a WAL, so that its sources go on.
    pub(super) fn block_wal(&mut self, collector: u32, now: SimTime) -> bool {
        for route in 0..self.routes.len() {
            let is_down = self.routes[route].is_down;
            let Some(reader) = self.logged.reader(collector, route) else {
                return false;
            };
            if is_down && !matches!(reader, Reader::Blocked { .. }) {
                *reader = Reader::Blocked {
                    since: now,
                    tries_since: now,
                };
            }
        }
        true
    }

    /// Endpoints answer again. Returns when the last of the shards that slept sends again.
    pub(super) fn release_wal(
        &mut self,
        feed: &Feed<'_>,
        now: SimTime,
        luck: Luck<'_>,
    ) -> Option<SimTime> {
        let mut last = None;
        for route in 0..self.routes.len() {
            let is_down = self.routes[route].is_down;
            let reader = self.logged.reader(feed.index, route).copied();
            let Some(Reader::Blocked { since, tries_since }) = reader.filter(|_| !is_down) else {
                continue;
            };
            let resumes_in = self.settle_route(feed, (route, Span::new(tries_since, now)), luck);
            let until = now + SimDuration::from_secs_f64(resumes_in);
            self.expire((feed.index, route), (Span::new(since, now), until));
            self.note_lag(until - since);
            if let Some(reader) = self.logged.reader(feed.index, route) {
                *reader = Reader::Asleep { until };
            }
            last = last.max(Some(until));
        }
        last
    }

    /// Shards that have slept long enough by `now` send what waits in the WAL.
    ///
    /// Simplified: that takes no time.
    pub(super) fn read_wal(&mut self, collector: u32, now: SimTime) {
        for route in 0..self.routes.len() {
            let Some(reader) = self.logged.reader(collector, route) else {
                return;
            };
            if !matches!(*reader, Reader::Asleep { until } if until <= now) {
                continue;
            }
            *reader = Reader::Open;
            for slot in 0..self.own.len() {
                let place = self.logged.slot(collector, (route, slot));
                let work = std::mem::take(&mut self.logged.work[place]);
                self.accept_on(route, slot, work);
            }
        }
    }

    /// Accounts for what shards have given up by `now`, for endpoints that are still down. Another
    /// process, if there is one, begins anew.
    pub(super) fn settle_wal(&mut self, feed: &Feed<'_>, now: SimTime, luck: Luck<'_>) {
        for route in 0..self.routes.len() {
            let reader = self.logged.reader(feed.index, route).copied();
            let Some(Reader::Blocked { since, tries_since }) = reader else {
                continue;
            };
            if tries_since < now {
                self.settle_route(feed, (route, Span::new(tries_since, now)), luck);
                self.note_lag(now - since);
            }
            if let Some(reader) = self.logged.reader(feed.index, route) {
                *reader = Reader::Blocked {
                    since,
                    tries_since: now,
                };
            }
        }
    }

    /// The last instant. Accounts for endpoints that are still down.
    pub(super) fn finish_wal(&mut self, feed: &Feed<'_>, now: SimTime, luck: Luck<'_>) {
        self.settle_wal(feed, now, luck);
        for route in 0..self.routes.len() {
            let reader = self.logged.reader(feed.index, route).copied();
            if let Some(Reader::Blocked { since, .. }) = reader {
                self.expire((feed.index, route), (Span::new(since, now), now));
            }
        }
    }

    /// Batches of an endpoint that shards gave up in a span. Returns the seconds until they send again.
    fn settle_route(
        &mut self,
        feed: &Feed<'_>,
        (route, span): (usize, Span),
        luck: Luck<'_>,
    ) -> f64 {
        let at = (feed.index, route);
        let rate = self.in_wal(at) / span.length().secs_f64().max(1e-9);
        let toll = self.toll_of(at, span, (rate, luck));
        self.take_logged(at, toll.given_up, |of, work| of.lost_retries += work);
        toll.resumes_in
    }

    /// Segments whose last line was written too long ago are deleted. Lines of the span wait, and are
    /// read at `until`.
    ///
    /// A segment is full after some time, and old a while after its last line. So the points of its
    /// filling matter as those of a file that is rotated do.
    fn expire(&mut self, at: (u32, usize), (span, until): (Span, SimTime)) {
        let Some(wal) = self.write.wal else { return };
        let rate = self.in_wal(at) / span.length().secs_f64().max(1e-9);
        let expired = span.from + wal.keep + NOTICED_AFTER;
        let overdue = until.since(expired).secs_f64();
        let lost = lost_while_away(overdue * rate / SEGMENT_BYTES) * SEGMENT_BYTES;
        if self.take_logged(at, lost, |of, work| of.lost_wal += work) > 0.0 {
            let (collector, _) = at;
            self.note_loss(expired, collector);
        }
    }

    /// Bytes that wait in the WAL of a collector for an endpoint.
    fn in_wal(&self, (collector, route): (u32, usize)) -> f64 {
        let bytes = |slot: usize| {
            let place = self.logged.slot(collector, (route, slot));
            self.fates.bytes_of(slot, self.logged.work[place])
        };
        (0..self.own.len()).map(bytes).sum()
    }

    /// Takes `bytes` of what waits in the WAL of a collector for an endpoint, in one proportion of all
    /// streams. Returns the bytes taken.
    fn take_logged(
        &mut self,
        (collector, route): (u32, usize),
        bytes: f64,
        to: impl Fn(&mut super::Shipped, u128),
    ) -> f64 {
        let all = self.in_wal((collector, route));
        if bytes <= 0.0 || all <= 0.0 {
            return 0.0;
        }
        let share = (bytes / all).min(1.0);
        for slot in 0..self.own.len() {
            let place = self.logged.slot(collector, (route, slot));
            let waits = self.logged.work[place];
            let work = if share < 1.0 {
                portion(waits, share)
            } else {
                waits
            };
            self.logged.work[place] -= work;
            to(self.shipped(route, slot), work);
        }
        all * share
    }

    /// A process ends. Its WAL outlives it on a volume, and the next one sends again what it has not
    /// noted as sent: half a segment in the mean. Returns the bytes lost.
    pub(super) fn stop_wal(
        &mut self,
        feed: &Feed<'_>,
        now: SimTime,
        (ending, positions): (Ending, Positions),
    ) -> f64 {
        if self.write.wal.is_none() {
            return 0.0;
        }
        let is_kept =
            positions == Positions::Kept && matches!(ending, Ending::Asked | Ending::Killed);
        if is_kept {
            for slot in 0..self.own.len() {
                let ever = feed.work(self.own[slot], Span::new(SimTime::ZERO, now));
                let written = self.fates.bytes_of(slot, ever).max(f64::MIN_POSITIVE);
                let again = SEGMENT_BYTES / 2.0 / self.own.len() as f64;
                self.fates.lines[slot].doubled += portion(ever, (again / written).min(1.0));
            }
            return 0.0;
        }
        let mut lost = 0.0;
        for route in 0..self.routes.len() {
            let at = (feed.index, route);
            lost += self.take_logged(at, f64::INFINITY, |of, work| of.lost_restart += work);
            if let Some(reader) = self.logged.reader(feed.index, route) {
                *reader = Reader::Open;
            }
        }
        lost / self.routes.len() as f64
    }
}
