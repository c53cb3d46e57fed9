//! Logs: lines in the files of a collector's targets, its reader, and the shards to each endpoint.
//!
//! Work (units × nanoseconds, fixed point) is split exactly. What is written is sent, lost by one
//! cause, or still waits: in files, or in the queues of shards.

mod block;
pub(in crate::model) mod fates;
mod opening;
mod rotation;
mod route;
mod shards;
mod stop;
mod tail;
mod wal;

use crate::model::blueprint::{LogSource, LokiWrite, Overflow};
use crate::model::load::draw::Draw;
use crate::model::load::driver::samples_of;
use crate::model::load::work::portion;
use crate::units::{SimDuration, SimTime, Span};

use fates::{Fates, Shipped};
use opening::Streams;
use wal::Logged;

use super::{Ending, Feed, Kind, Loss, Stream, Total};

pub(in crate::model) use route::LogRoute;
pub(in crate::model) use shards::Limited;
pub(in crate::model) use stop::Farewell;
pub(in crate::model) use tail::{Pace, Positions, Tail};

/// The logs of a fleet.
#[derive(Clone, Debug)]
pub(in crate::model) struct Logs {
    /// The streams of the fleet that are logs.
    own: Vec<usize>,
    /// Where the lines come from.
    source: LogSource,
    /// The sender.
    write: LokiWrite,
    /// The routes to the endpoints.
    pub routes: Vec<LogRoute>,
    /// The reader of each collector.
    tails: Vec<Tail>,
    /// Work of each collector in each stream of `own` that waits in files and queues.
    waiting: Vec<u128>,
    fates: Fates,
    /// Greatest age of a line that was not yet sent.
    lag_peak: SimDuration,
    /// Streams of the API server.
    streams: Streams,
    /// The WAL of each collector, if there is any.
    logged: Logged,
    /// The first loss of lines of the fleet.
    first_loss: Option<Loss>,
    /// Bytes lost with the queues of processes that ended.
    lost_with_processes: f64,
}

/// Share of the batches given up for a limit below which that is no failure: one in a thousand.
///
/// INFERRED: retries make up for nearly all of a slight excess.
const SELDOM: f64 = 1e-3;

/// The random numbers of a fleet.
#[derive(Clone, Copy, Debug)]
pub(in crate::model) struct Luck<'d> {
    pub draw: &'d Draw,
    /// Key of the random streams of the fleet.
    pub key: u64,
}

/// Pods of a workload with `targets` pods that write to a stream at `at`.
pub(super) fn writers(stream: &Stream, targets: f64, at: SimTime) -> f64 {
    match stream.burst {
        None => targets,
        Some(burst) if burst.span.contains(at) => burst.pods.map_or(targets, f64::from),
        Some(_) => 0.0,
    }
}

impl Logs {
    /// The logs among the streams of a fleet of `collectors`, with their routes and sender.
    pub(in crate::model) fn new(
        streams: &[Stream],
        (source, write): (LogSource, LokiWrite),
        routes: Vec<LogRoute>,
        collectors: usize,
    ) -> Self {
        let is_own = |stream: &usize| streams[*stream].kind == Kind::Logs;
        let own: Vec<usize> = (0..streams.len()).filter(is_own).collect();
        let bytes = own.iter().map(|&stream| streams[stream].lines.bytes);
        let fates = Fates::new(bytes.collect(), routes.len());
        let logged = Logged::new(write.wal.is_some(), (collectors, routes.len(), own.len()));
        let tails = if own.is_empty() { 0 } else { collectors };
        Self {
            tails: vec![Tail::Open; tails],
            waiting: vec![0; collectors * own.len()],
            own,
            source,
            write,
            routes,
            fates,
            lag_peak: SimDuration::ZERO,
            streams: Streams::default(),
            logged,
            first_loss: None,
            lost_with_processes: 0.0,
        }
    }

    /// Whether the fleet collects no logs.
    pub(in crate::model) fn is_empty(&self) -> bool {
        self.own.is_empty()
    }

    /// The fates of all lines.
    pub(in crate::model) fn fates(&self) -> &Fates {
        &self.fates
    }

    /// Work of all collectors that waits, per stream.
    fn all_waiting(&self) -> Vec<u128> {
        let mut sum = vec![0; self.own.len()];
        for waiting in self.waiting.chunks_exact(self.own.len().max(1)) {
            for (sum, work) in sum.iter_mut().zip(waiting) {
                *sum += work;
            }
        }
        sum
    }

    /// Bytes of all collectors that wait in files and queues.
    pub(in crate::model) fn pending(&self) -> f64 {
        let waiting = self.all_waiting();
        let bytes = |(slot, &work): (usize, &u128)| self.fates.bytes_of(slot, work);
        let waiting: f64 = waiting.iter().enumerate().map(bytes).sum();
        waiting + self.logged_bytes()
    }

    /// Work of a stream that counts as written, since the horizon began.
    pub(in crate::model) fn written(&self, stream: usize) -> u128 {
        let slot = self.own.iter().position(|&own| own == stream);
        slot.map_or(0, |slot| {
            self.fates.lines[slot].written - self.fates.lines[slot].carried
        })
    }

    /// Work of a stream that an endpoint has accepted.
    pub(in crate::model) fn sent_of(&self, route: usize, stream: usize) -> u128 {
        let slot = self.own.iter().position(|&own| own == stream);
        slot.map_or(0, |slot| {
            self.fates.shipped[route * self.own.len() + slot].sent
        })
    }

    /// Whether an endpoint that is away keeps the collectors of the fleet from taking lines in. Lines that
    /// go to a WAL, or that a full queue drops, are taken in.
    pub(in crate::model) fn are_blocked(&self) -> bool {
        let blocks = self.write.overflow == Overflow::Block && self.write.wal.is_none();
        blocks && self.routes.iter().any(|route| route.is_down)
    }

    /// Greatest age of a line that was not yet sent.
    pub(in crate::model) fn lag_peak(&self) -> SimDuration {
        self.lag_peak
    }

    /// The first loss of lines of the fleet.
    pub(in crate::model) fn first_loss(&self) -> Option<Loss> {
        self.first_loss
    }

    /// Share of the bytes that waited in their files for want of CPU, NaN if nothing was written.
    pub(in crate::model) fn late_share(&self) -> f64 {
        let written = self.fates.read(|lines| lines.written - lines.carried);
        self.fates.read(|lines| lines.late) / written
    }

    /// Counts what all workloads of a fleet write over a span. Adds the core seconds of tailing it.
    pub(super) fn offer(&mut self, total: &Total<'_>, span: Span, core_seconds: &mut f64) {
        for (slot, &stream) in self.own.iter().enumerate() {
            let [work, offered, unowned] = total.work(stream, span);
            let lines = &mut self.fates.lines[slot];
            lines.written += offered;
            lines.missed += unowned;
            let written = samples_of(work, SimDuration::NANO) as f64;
            *core_seconds += total.streams[stream].cores * written / 1e9;
        }
        self.note_streams(total, span);
    }

    /// What a collector that is not in service was offered over a span waits in its files.
    pub(super) fn miss(&mut self, feed: &Feed<'_>, span: Span) {
        for (slot, &stream) in self.own.iter().enumerate() {
            let work = feed.work(stream, span);
            self.waiting[feed.index as usize * self.own.len() + slot] += work;
            if feed.is_relayed() {
                self.fates.lines[slot].written += work;
            }
        }
    }

    /// A collector reads over a span, at these paces; without a limit if there are none. `short` is
    /// the work of each stream for which it had no CPU.
    pub(super) fn serve(
        &mut self,
        feed: &Feed<'_>,
        span: Span,
        (short, paces): (&[u128], &[Pace]),
    ) {
        if self.own.is_empty() {
            return;
        }
        for (slot, &stream) in self.own.iter().enumerate() {
            let short = short.get(stream).copied().unwrap_or(0);
            self.fates.lines[slot].late += short.min(feed.work(stream, span));
        }
        self.advance(feed, span, paces);
        self.read_wal(feed.index, span.to);
    }

    /// A collector reads over a span as its reader can.
    fn advance(&mut self, feed: &Feed<'_>, span: Span, paces: &[Pace]) {
        match self.tails[feed.index as usize] {
            Tail::Open => self.read(feed, span, paces),
            Tail::Blocked { .. } => self.miss(feed, span),
            Tail::Opening(opening) => {
                let opened = opening.until.max(span.from).min(span.to);
                self.read_open(feed, Span::new(span.from, opened), opening);
                if opening.until <= span.to {
                    self.opened(feed.index, opening);
                }
                self.read(feed, Span::new(opened, span.to), paces);
            }
            Tail::Asleep { until, held } => {
                let wakes = until.max(span.from).min(span.to);
                self.miss(feed, Span::new(span.from, wakes));
                if until <= span.to {
                    self.tails[feed.index as usize] = Tail::Open;
                    self.overflow(feed, wakes, held);
                }
                self.read(feed, Span::new(wakes, span.to), paces);
            }
        }
    }

    /// A collector whose shards are awake reads over a span.
    fn read(&mut self, feed: &Feed<'_>, span: Span, paces: &[Pace]) {
        if span.is_empty() {
            return;
        }
        if paces.is_empty() {
            return self.pass(feed, Pace::free(span));
        }
        for &pace in paces {
            let part = Span::new(pace.span.from.max(span.from), pace.span.to.min(span.to));
            if part.from < part.to {
                self.pass(feed, Pace { span: part, ..pace });
            }
        }
    }

    /// A collector sends at a pace over its span. The rest waits in files.
    ///
    /// Simplified: streams that wait leave in one proportion.
    fn pass(&mut self, feed: &Feed<'_>, pace: Pace) {
        let Pace { span, most, .. } = pace;
        let first = feed.index as usize * self.own.len();
        let seconds = span.length().secs_f64();
        let works = self.own.iter().map(|&stream| feed.work(stream, span));
        let works: Vec<u128> = works.collect();
        if feed.is_relayed() {
            for (lines, work) in self.fates.lines.iter_mut().zip(&works) {
                lines.written += work;
            }
        }
        let coming = works.iter().enumerate();
        let coming: f64 = coming
            .map(|(slot, &work)| self.fates.bytes_of(slot, work))
            .sum();
        let offered = self.waiting_bytes(feed.index) + coming;
        let left = if offered > most * seconds {
            1.0 - most * seconds / offered
        } else {
            0.0
        };
        for (slot, work) in works.into_iter().enumerate() {
            let all = self.waiting[first + slot] + work;
            let stays = portion(all, left);
            self.waiting[first + slot] = stays;
            self.accept((feed.index, slot), all - stays, pace.given_up);
        }
        if offered > 0.0 && pace.given_up.is_some_and(|(_, share)| share > SELDOM) {
            self.note_loss(span.from, feed.index);
        }
        if left > 0.0 {
            self.rotate(feed, span.to, 0.0);
            let age = self.waiting_bytes(feed.index) * seconds / coming.max(f64::MIN_POSITIVE);
            let age = age.min(feed.resident.driver.end.secs_f64());
            self.note_lag(SimDuration::from_secs_f64(age));
        }
    }

    /// Work of a stream goes to all endpoints. They may reject some of it, and one may give up some of
    /// it for a limit.
    fn accept(
        &mut self,
        (collector, slot): (u32, usize),
        work: u128,
        given_up: Option<(usize, f64)>,
    ) {
        for route in 0..self.routes.len() {
            if self.log(collector, (route, slot), work) {
                continue;
            }
            let here = given_up.filter(|&(limited, _)| limited == route);
            let lost = here.map_or(0, |(_, share)| portion(work, share));
            self.shipped(route, slot).lost_limited += lost;
            self.accept_on(route, slot, work - lost);
        }
    }

    fn accept_on(&mut self, route: usize, slot: usize, work: u128) {
        let LogRoute {
            given_up, rejected, ..
        } = self.routes[route];
        let part = |work, share: f64| if share > 0.0 { portion(work, share) } else { 0 };
        let lost = part(work, given_up);
        let refused = part(work - lost, rejected);
        let shipped = self.shipped(route, slot);
        shipped.lost_retries += lost;
        shipped.lost_rejected += refused;
        shipped.sent += work - lost - refused;
    }

    fn shipped(&mut self, route: usize, slot: usize) -> &mut Shipped {
        &mut self.fates.shipped[route * self.own.len() + slot]
    }

    /// Bytes of a collector that wait in files and queues.
    pub(in crate::model) fn waiting_bytes(&self, collector: u32) -> f64 {
        let first = collector as usize * self.own.len();
        let bytes = |slot: usize| self.fates.bytes_of(slot, self.waiting[first + slot]);
        (0..self.own.len()).map(bytes).sum()
    }

    /// Bytes per second that a collector sends at most, as its shards allow.
    pub(in crate::model) fn rate_max(&self) -> f64 {
        let rates = self.routes.iter().filter(|route| route.endpoint.is_some());
        let rates = rates.map(|route| self.write.rate(route.batch_seconds));
        rates.fold(f64::INFINITY, f64::min)
    }

    /// From when on a collector reads all its files; never while an endpoint holds it up.
    pub(in crate::model) fn reads_from(&self, collector: u32) -> SimTime {
        match self.tails[collector as usize] {
            Tail::Open => SimTime::ZERO,
            Tail::Blocked { .. } => SimTime::NEVER,
            Tail::Asleep { until, .. } => until,
            Tail::Opening(opening) => opening.until,
        }
    }

    /// Whether a collector has lines that wait, or cannot read.
    pub(in crate::model) fn is_behind(&self, collector: u32) -> bool {
        let first = collector as usize * self.own.len();
        self.tails[collector as usize] != Tail::Open
            || self.waiting[first..][..self.own.len()]
                .iter()
                .any(|&work| work > 0)
    }

    /// Takes `bytes` of what waits in a collector, in one proportion of all streams, and hands the
    /// work of each stream on. Returns the bytes taken.
    fn take(
        &mut self,
        collector: u32,
        bytes: f64,
        mut to: impl FnMut(&mut Self, usize, u128),
    ) -> f64 {
        let held = self.waiting_bytes(collector);
        if bytes <= 0.0 || held <= 0.0 {
            return 0.0;
        }
        let share = (bytes / held).min(1.0);
        let first = collector as usize * self.own.len();
        for slot in 0..self.own.len() {
            let waiting = self.waiting[first + slot];
            let work = if share < 1.0 {
                portion(waiting, share)
            } else {
                waiting
            };
            self.waiting[first + slot] -= work;
            to(self, slot, work);
        }
        held * share
    }

    fn note_lag(&mut self, age: SimDuration) {
        self.lag_peak = self.lag_peak.max(age);
    }

    fn note_loss(&mut self, at: SimTime, collector: u32) {
        if self.first_loss.is_none_or(|first| at < first.at) {
            self.first_loss = Some(Loss { at, collector });
        }
    }

    /// The measured horizon begins.
    pub(super) fn begin_horizon(&mut self) {
        let waiting = self.all_waiting();
        self.fates.begin_horizon(&waiting);
        for (shipped, work) in self.fates.shipped.iter_mut().zip(self.logged.all()) {
            shipped.standing = work;
        }
        (self.lag_peak, self.streams) = (SimDuration::ZERO, Streams::default());
        (self.first_loss, self.lost_with_processes) = (None, 0.0);
    }

    /// Panics if a byte is unaccounted for.
    pub(super) fn assert_conserved(&self, fleet: &str) {
        let logged = self.logged.all();
        self.fates
            .assert_balanced(fleet, (&self.all_waiting(), &logged));
    }
}
