//! Collectors that tail files: outages of endpoints, ends and starts of processes, CPU.

use crate::model::blueprint::{EndpointId, LogSource};
use crate::model::endpoint::Endpoint;
use crate::model::load::draw::Draw;
use crate::model::load::driver::{WEIGHT_BITS, weight_value};
use crate::model::moment::Moment;
use crate::model::pipeline::{
    Ending, Farewell, Kind, Limited, LogRoute, Luck, Pace, Positions, Stream,
};
use crate::model::process::collector::Life;
use crate::model::process::demand::Demand;
use crate::model::record::outcome::RecordKind;
use crate::units::{SimDuration, SimTime, Span};

use super::Fleet;

/// Cores that one pipeline of log lines uses at most: a chain of hand-overs.
///
/// INFERRED: 100,000 lines of 200 B a second on one core, from a measurement of ours (not published)
/// of Alloy 1.18.
const CHAIN_CORES: f64 = 1.0;

/// Seconds for which a request that pushes lines waits on the heap of a collector that cannot take it.
///
/// Source: grafana/alloy, `internal/component/common/net/config.go`, v1.18.1: an answer that comes
/// later than the write time-out of 30 s does not arrive. The number of requests has no limit.
const REQUEST_SECONDS: f64 = 30.0;

impl Fleet<'_> {
    /// The route of log lines to an endpoint.
    pub(super) fn log_route_to(&self, endpoint: EndpointId) -> Option<usize> {
        let mut routes = self.pipelines.logs.routes.iter();
        routes.position(|route| route.endpoint == Some(endpoint))
    }

    /// An endpoint of logs goes down. The shards of all collectors fill, then their readers wait.
    pub(in crate::model) fn block_logs_to(
        &mut self,
        endpoint: EndpointId,
        moment: &mut Moment<'_>,
    ) {
        let Some(route) = self.log_route_to(endpoint) else {
            return;
        };
        self.pipelines.logs.routes[route].is_down = true;
        for index in self.existing() {
            self.settle(index, moment.now);
            if self.collectors[index as usize].life == Life::Up {
                self.pipelines.logs.block(index, moment.now);
                self.fill_shards(index, moment);
            }
        }
    }

    /// An endpoint of logs answers again. Shards notice it at their next attempt.
    pub(in crate::model) fn release_logs_to(
        &mut self,
        endpoint: EndpointId,
        moment: &mut Moment<'_>,
    ) {
        let Some(route) = self.log_route_to(endpoint) else {
            return;
        };
        self.pipelines.logs.routes[route].is_down = false;
        let now = moment.now;
        let luck = Luck {
            draw: moment.draw,
            key: self.plan.key,
        };
        for index in self.existing() {
            self.settle(index, now);
            let feed = self
                .plan
                .feed(index, (&self.collectors, &self.weights), &self.inlet);
            let wakes = self.pipelines.logs.release(&feed, now, luck);
            if let Some(at) = wakes {
                self.send_waiting(index, at, moment);
            }
        }
    }

    /// It has become known how long an endpoint of logs is away. Whoever holds batches for it does so for
    /// as long.
    pub(super) fn wait_for_lines(
        &mut self,
        (id, endpoint): (EndpointId, &Endpoint<'_>),
        moment: &mut Moment<'_>,
    ) {
        let Some(route) = self.log_route_to(id) else {
            return;
        };
        self.settle_all(moment.now);
        self.pipelines.logs.routes[route].follow(endpoint);
        if self.pipelines.logs.routes[route].is_down {
            for index in self.existing() {
                if self.collectors[index as usize].life == Life::Up {
                    self.fill_shards(index, moment);
                }
            }
        }
    }

    /// The queues of a collector fill in an outage, and hold memory until its end.
    fn fill_shards(&mut self, index: u32, moment: &mut Moment<'_>) {
        let now = moment.now;
        let logs = &self.pipelines.logs;
        let lasts = logs.routes.iter().map(|route| route.down_for(now)).max();
        let lasts = lasts.unwrap_or_default();
        let rate = self.lines_at(index, self.plan.resident.driver.segment(now));
        let write = &self.plan.blueprint.loki_write;
        let seconds = lasts.secs_f64();
        let mut bytes = (rate * seconds).min(write.holds_at_first());
        if self.plan.blueprint.log_intake.source == LogSource::Push {
            bytes += rate * seconds.min(REQUEST_SECONDS);
        }
        let live = bytes * write.live_per_byte;
        self.hold_batches(index, (live, now + lasts), moment);
    }

    /// The shards of a collector wake up at `at`, and send what waits. Until then, and until all of
    /// it has left, their queues are full.
    fn send_waiting(&mut self, index: u32, at: SimTime, moment: &mut Moment<'_>) {
        let segment = self.plan.resident.driver.segment(at);
        let inflow = self.lines_at(index, segment);
        let spare = self.pace_in(index, segment, at).most - inflow;
        let waiting = self.pipelines.logs.waiting_bytes(index);
        let write = &self.plan.blueprint.loki_write;
        let live = waiting.min(write.holds_at_first()) * write.live_per_byte;
        let takes = if spare > 0.0 {
            SimDuration::from_secs_f64(waiting / spare)
        } else {
            moment.grid.end.since(at)
        };
        self.note_tailing(
            index,
            (segment, at),
            inflow + waiting.min(spare * 60.0) / 60.0,
        );
        self.hold_batches(index, (live, at + takes), moment);
    }

    /// Bytes of log lines per second of a collector in a segment.
    fn lines_at(&self, index: u32, segment: usize) -> f64 {
        let weights = self.weights_of(index).iter();
        let streams = self.plan.streams.iter().zip(weights).enumerate();
        let logs = streams.filter(|(_, (stream, _))| stream.kind == Kind::Logs);
        let bytes = |(number, (stream, &weight)): (usize, (&Stream, &u32))| {
            let level = self.plan.resident.driver.streams[number].level[segment];
            weight_value(weight) * level * stream.lines.bytes
        };
        logs.map(bytes).sum()
    }

    /// Bytes of log lines per second that a collector exceeds in no segment, with its present weights.
    fn lines_at_most(&self, index: u32) -> f64 {
        let weights = self.weights_of(index).iter().zip(&self.plan.highest);
        let streams = self.plan.streams.iter().zip(weights);
        let logs = streams.filter(|(stream, _)| stream.kind == Kind::Logs);
        logs.map(|(stream, (&weight, highest))| {
            weight_value(weight) * highest.level * stream.lines.bytes
        })
        .sum()
    }

    /// How fast a collector can read lines over a span, by segment; empty where nothing limits it and
    /// nothing waits.
    pub(super) fn paces(&self, index: u32, span: Span, short: &[u128]) -> Vec<Pace> {
        let logs = &self.pipelines.logs;
        if logs.is_empty() {
            return Vec::new();
        }
        let most = logs.rate_max();
        let driver = &self.plan.resident.driver;
        let exceeds = |segment: usize| self.lines_at(index, segment) > most;
        let is_limited = logs.routes.iter().any(LogRoute::is_limited);
        let is_free = short.is_empty() && !is_limited;
        let is_calm = is_free
            && (self.lines_at_most(index) <= most || !driver.segments_in(span).any(exceeds));
        let reads_from = logs.reads_from(index);
        if is_calm && !logs.is_behind(index) || reads_from > span.to {
            return Vec::new();
        }
        let pace = |segment: usize| {
            let from = driver.starts[segment].max(span.from);
            let to = driver.end_of(segment).min(span.to);
            Pace {
                span: Span::new(from, to.max(from)),
                ..self.pace_in(index, segment, to.just_before().max(from))
            }
        };
        let mut paces: Vec<Pace> = Vec::new();
        let mut waiting = logs.waiting_bytes(index);
        for segment in driver.segments_in(span) {
            let pace = pace(segment);
            let reads = pace.span.from >= reads_from;
            if is_calm && reads && waiting <= 0.0 {
                // What has caught up stays so.
                paces.push(Pace::free(Span::new(pace.span.from, span.to)));
                break;
            }
            let spare = if reads { pace.most } else { 0.0 };
            let seconds = pace.span.length().secs_f64();
            waiting += (self.lines_at(index, segment) - spare) * seconds;
            paces.push(pace);
        }
        paces
    }

    /// How fast a collector can read in a segment, as its CPU, its shards and its endpoints allow.
    fn pace_in(&self, index: u32, segment: usize, at: SimTime) -> Pace {
        let inflow = self.lines_at(index, segment);
        let most = self.pipelines.logs.rate_max();
        let most = most.min(self.read_max(index, (segment, at), inflow));
        let mut pace = Pace {
            span: Span::new(at, at),
            most,
            given_up: None,
        };
        if inflow <= 0.0 {
            return pace;
        }
        let routes = self.pipelines.logs.routes.iter().enumerate();
        for (route, way) in routes.filter(|(_, way)| way.is_limited()) {
            for limited in self.limits_of(index, (segment, at), way) {
                if limited.moved < pace.most {
                    pace.most = limited.moved;
                    pace.given_up = Some((route, limited.given_up));
                }
            }
        }
        pace
    }

    /// Bytes per second that a collector has the CPU to read in a segment.
    fn read_max(&self, index: u32, (segment, at): (usize, SimTime), inflow: f64) -> f64 {
        let Demand { tailing, .. } = self.demand_in(index, segment);
        if inflow <= 0.0 || tailing <= 0.0 {
            return f64::INFINITY;
        }
        let (demand, cores) = self.demand_and_cores(index, segment, at);
        let granted = demand.granted(cores);
        let spare = (cores - demand.total()).max(0.0);
        let chain = demand.tailing.max(CHAIN_CORES);
        let tailed = (demand.tailing * granted.lines + spare).min(chain);
        inflow * tailed / demand.tailing
    }

    /// What the limits of an endpoint let a collector move in a segment.
    ///
    /// Simplified: an endpoint deals its capacity out in proportion to what collectors read.
    fn limits_of(
        &self,
        index: u32,
        (segment, at): (usize, SimTime),
        way: &LogRoute,
    ) -> impl Iterator<Item = Limited> {
        let write = &self.plan.blueprint.loki_write;
        let inflow = self.lines_at(index, segment);
        let taken = way.taken_at(at);
        let of_all = if taken < 1.0 {
            Some(write.under_limit(way.request_seconds, (inflow * taken, way.capacity)))
        } else {
            // What is left lets those catch up that are behind.
            let moved = inflow * taken;
            taken.is_finite().then_some(Limited {
                moved,
                given_up: 0.0,
            })
        };
        let over = self.streams_over(index, segment, way.stream_limit());
        let of_streams = (over.bytes > over.limit).then(|| {
            let part = over.bytes / inflow;
            write.under_stream_limit(way.request_seconds, (part, over.limit))
        });
        [of_all, of_streams].into_iter().flatten()
    }

    /// The streams of a collector that write more than `limit` bytes per second each.
    fn streams_over(&self, index: u32, segment: usize, limit: f64) -> Over {
        let mut over = Over::default();
        let weights = self.weights_of(index).iter();
        for (number, (stream, &weight)) in self.plan.streams.iter().zip(weights).enumerate() {
            let each = stream.bytes_per_file();
            if stream.kind == Kind::Logs && each > limit {
                let level = self.plan.resident.driver.streams[number].level[segment];
                let files = weight_value(weight) * level * stream.lines.files;
                over.bytes += files * each;
                over.limit += files * limit;
            }
        }
        over
    }

    /// Notes the CPU demand of a collector that reads `rate` bytes per second.
    fn note_tailing(&mut self, index: u32, (segment, at): (usize, SimTime), rate: f64) {
        let inflow = self.lines_at(index, segment);
        if inflow <= 0.0 {
            return;
        }
        let (demand, _) = self.demand_and_cores(index, segment, at);
        let more = demand.tailing * (rate / inflow - 1.0).max(0.0);
        let cores = demand.total() + more;
        self.tally.catch_up_cores = self.tally.catch_up_cores.max(cores);
    }

    /// A process ends, and with it what its queues hold, or even its files.
    pub(super) fn stop_tail(&mut self, index: u32, ending: Ending, moment: &mut Moment<'_>) {
        if self.pipelines.logs.is_empty() {
            return;
        }
        let now = moment.now;
        let luck = Luck {
            draw: moment.draw,
            key: self.plan.key,
        };
        let how = Farewell {
            ending,
            positions: self.positions(),
            grace: self.plan.blueprint.lifecycle.grace,
        };
        let feed = self
            .plan
            .feed(index, (&self.collectors, &self.weights), &self.inlet);
        let lost = self.pipelines.logs.stop(&feed, (now, luck), how);
        self.note_lost_lines(index, lost, moment);
    }

    /// A process starts. `is_first` says whether there was none before in its place.
    pub(super) fn start_tail(&mut self, index: u32, is_first: bool, moment: &mut Moment<'_>) {
        if self.pipelines.logs.is_empty() {
            return;
        }
        let before = (!is_first).then(|| self.positions());
        let feed = self
            .plan
            .feed(index, (&self.collectors, &self.weights), &self.inlet);
        let lost = self.pipelines.logs.start(&feed, moment.now, before);
        if self.pipelines.logs.routes.iter().any(|route| route.is_down) {
            self.fill_shards(index, moment);
        }
        self.note_lost_lines(index, lost, moment);
    }

    /// Where the positions of the fleet's files are kept: beside its WAL.
    fn positions(&self) -> Positions {
        if self.plan.blueprint.wal.on_volume {
            Positions::Kept
        } else {
            Positions::Lost
        }
    }

    /// Targets have moved to a collector whose weights were `before`.
    pub(super) fn take_over_lines(&mut self, index: u32, before: &[u32], now: SimTime) {
        if self.pipelines.logs.is_empty() || self.collectors[index as usize].life != Life::Up {
            return;
        }
        let feed = self
            .plan
            .feed(index, (&self.collectors, &self.weights), &self.inlet);
        let gain = |stream: usize| feed.weights[stream].saturating_sub(before[stream]);
        self.pipelines.logs.take_over(&feed, now, gain);
    }

    /// The last instant. Accounts for lines that wait.
    pub(super) fn finish_tails(&mut self, end: SimTime, draw: &Draw) {
        let key = self.plan.key;
        for index in self.existing() {
            let feed = self
                .plan
                .feed(index, (&self.collectors, &self.weights), &self.inlet);
            self.pipelines.logs.finish(&feed, end, Luck { draw, key });
        }
    }

    /// Bytes of log lines per second of the whole fleet.
    fn lines_of_all(&self, at: SimTime) -> f64 {
        let driver = &self.plan.resident.driver;
        let segment = driver.segment(at);
        let streams = self.plan.streams.iter().zip(&driver.streams);
        let logs = streams.zip(&self.carried.weights);
        let logs = logs.filter(|((stream, _), _)| stream.kind == Kind::Logs);
        logs.map(|((stream, of), &carried)| {
            carried as f64 / f64::from(1_u32 << WEIGHT_BITS)
                * of.level[segment]
                * stream.lines.bytes
        })
        .sum()
    }

    fn note_lost_lines(&mut self, index: u32, lost: f64, moment: &mut Moment<'_>) {
        if lost < 1.0 {
            return;
        }
        moment.note(self.scope(), Some(index), RecordKind::LogsLost, lost);
        let rate = self.lines_of_all(moment.now);
        let place = (moment.now, index);
        self.pipelines
            .logs
            .note_lost_with_process(place, lost, rate);
    }
}

/// Streams over their limit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Over {
    /// Bytes per second that they write.
    bytes: f64,
    /// Bytes per second that an endpoint takes of them.
    limit: f64,
}
