//! A fleet in one draw: its collectors, what they carry, where their samples went.

use std::collections::BTreeMap;

use crate::fleet::blueprint::{PoolId, WorkloadId};
use crate::fleet::collector::{Collector, Life, Sending};
use crate::fleet::driver::{WEIGHT_BITS, samples_of, weight_value};
use crate::fleet::ledger::{Account, Ledger};
use crate::fleet::memory::Memory;
use crate::fleet::ownership::{Sharing, Targets};
use crate::fleet::resident::Resident;
use crate::fleet::sender::Sender;

/// What one stream of a fleet is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stream {
    /// The workload it comes from; `None` for the collector's own series.
    pub workload: Option<WorkloadId>,
    /// Nanoseconds between two scrapes.
    pub interval: u64,
    /// Cores per unit.
    pub cores: f64,
    /// Whether it counts as samples (metrics) or only takes resources (logs).
    pub counts: bool,
    /// Share of the level that ordinary targets make up; giants are the rest.
    pub ordinary: f64,
    /// Series of each giant over those of all targets of the stream in one cluster.
    pub giants: Vec<f64>,
    /// Squared coefficient of variation of an ordinary collector's share (local assignment).
    pub scv: f64,
}

/// A run of collectors that exist for the same reason.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Block {
    /// Index of its first collector in the fleet.
    pub base: u32,
    /// How many exist now.
    pub alive: u32,
    /// The pool whose nodes carry them, if they follow nodes.
    pub pool: Option<PoolId>,
    /// The workload whose pods carry them, if they follow pods.
    pub workload: Option<WorkloadId>,
    /// How many exist in each cell of the grid.
    pub counts: Vec<u32>,
}

/// Replicas of one cluster that share targets.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Index of its first collector in the fleet.
    pub base: u32,
    /// Number of members.
    pub members: u32,
    /// How they share.
    pub sharing: Sharing,
    /// Per stream of the fleet; `None` for streams that are not shared out.
    pub targets: Vec<Option<Targets>>,
    /// Shares by who is up, for the present epoch: a peer that crash-loops asks again and again.
    pub known: BTreeMap<Vec<bool>, Vec<Vec<u32>>>,
}

/// Extremes and sums of one fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct FleetTally {
    pub collectors_start: u32,
    pub series_peak: f64,
    pub series_per_collector_peak: f64,
    pub cpu_peak: f64,
    pub oom_kills: u64,
    pub restarts: u64,
    pub down_nanos: u128,
    pub collector_nanos: u128,
    pub backlog_peak: f64,
    pub backlog_peak_nanos: u64,
    pub drain_peak_nanos: u64,
    pub shards_peak: u32,
    pub connections_peak: u64,
    pub ingest_peak: f64,
    /// Core seconds for logs, which are no samples of the ledger.
    pub log_core_seconds: f64,
    /// Live bytes of the largest replay if all restarted at the end.
    pub restart_live: f64,
}

/// A fleet in one draw.
#[derive(Clone, Debug)]
pub(super) struct FleetState {
    /// Key under which its random numbers are drawn.
    pub key: u64,
    /// Number of its first collector among those of all fleets.
    pub first: u32,
    pub streams: Vec<Stream>,
    pub blocks: Vec<Block>,
    pub groups: Vec<Group>,
    /// Instants at which replaced targets have new keys.
    pub epochs: Vec<u64>,
    pub epoch: u32,
    pub resident: Resident,
    /// Highest level of each stream.
    pub level_max: Vec<f64>,
    pub memory: Memory,
    /// Cores that a collector can have at the most.
    pub cpu_cap: f64,
    /// CPU seconds per scraped sample.
    pub cpu_per_sample: f64,
    /// Seconds between two random restarts of one collector.
    pub restart_seconds: Option<f64>,
    pub sender: Sender,
    /// Endpoints of metrics that do not answer now.
    pub endpoints_down: u32,
    /// First instant at which a process would not have survived a restart.
    pub unsafe_from: u64,
    /// Processes that ended since the unsent samples of the fleet were last looked at.
    pub ends_unnoted: u32,
    /// Collectors from this position on (in order of existence) find no port.
    pub starved_from: u32,
    pub collectors: Vec<Collector>,
    /// Weight of each collector in each stream, collector by collector.
    pub weights: Vec<u32>,
    /// Unsent work of each collector in each stream, collector by collector.
    pub backlog: Vec<u128>,
    /// Sum of the weights that exist, per stream, and the instant it is accounted for.
    pub carried: Vec<u64>,
    pub carried_settled: u64,
    pub ledger: Ledger,
    pub tally: FleetTally,
    /// First instants of failures seen while settling: too little CPU, data lost.
    pub cpu_short: Option<(u64, u32, f64)>,
    pub data_lost: Option<(u64, u32)>,
}

impl FleetState {
    /// Weights of one collector.
    pub(super) fn weights_of(&self, index: u32) -> &[u32] {
        let streams = self.streams.len();
        &self.weights[index as usize * streams..][..streams]
    }

    /// Adds the fleet's total up to `now`, and looks at its highest level since the last time.
    pub(super) fn settle_total(&mut self, now: u64) {
        let (from, to) = (self.carried_settled, now);
        if to <= from {
            return;
        }
        for (stream, account) in self.ledger.accounts.iter_mut().enumerate() {
            let plan = &self.streams[stream];
            let work =
                self.resident.driver.work(stream, from, to) * u128::from(self.carried[stream]);
            if plan.counts {
                account.offered += work;
            } else {
                self.tally.log_core_seconds += plan.cores * samples_of(work, 1) as f64 / 1e9;
            }
        }
        let driver = &self.resident.driver;
        for segment in driver.segment(from)..=driver.segment(to - 1) {
            let (series, rate) = self.total_in(segment);
            self.tally.series_peak = self.tally.series_peak.max(series);
            self.tally.ingest_peak = self.tally.ingest_peak.max(rate);
        }
        self.carried_settled = to;
    }

    /// Active series and samples per second of the whole fleet in a segment.
    pub(super) fn total_in(&self, segment: usize) -> (f64, f64) {
        let unit = f64::from(1_u32 << WEIGHT_BITS);
        let mut total = (0.0, 0.0);
        for (stream, plan) in self
            .streams
            .iter()
            .enumerate()
            .filter(|(_, plan)| plan.counts)
        {
            let level = self.resident.driver.streams[stream].level[segment];
            let series = level * self.carried[stream] as f64 / unit;
            total.0 += series;
            total.1 += series / (plan.interval as f64 / 1e9);
        }
        total
    }

    /// Active series of one collector in a segment, and samples per second.
    pub(super) fn carried_by(&self, index: u32, segment: usize) -> (f64, f64) {
        let mut carried = (0.0, 0.0);
        for (stream, &weight) in self.weights_of(index).iter().enumerate() {
            let plan = &self.streams[stream];
            if plan.counts {
                let level = self.resident.driver.streams[stream].level[segment];
                carried.0 += weight_value(weight) * level;
                carried.1 += weight_value(weight) * level / (plan.interval as f64 / 1e9);
            }
        }
        carried
    }

    /// Samples per second that one collector takes in at `now`.
    pub(super) fn inflow(&self, index: u32, now: u64) -> f64 {
        self.carried_by(index, self.resident.driver.segment(now)).1
    }

    /// Unsent samples of one collector.
    pub(super) fn backlog_samples(&self, index: u32) -> f64 {
        let streams = self.streams.len();
        let backlog = &self.backlog[index as usize * streams..][..streams];
        let samples = |(work, plan): (&u128, &Stream)| samples_of(*work, plan.interval) as f64;
        backlog.iter().zip(&self.streams).map(samples).sum()
    }

    /// Unsent work of all collectors, per stream.
    pub(super) fn pending(&self) -> Vec<u128> {
        let mut pending = vec![0; self.streams.len()];
        for backlog in self.backlog.chunks_exact(self.streams.len()) {
            for (sum, work) in pending.iter_mut().zip(backlog) {
                *sum += work;
            }
        }
        pending
    }

    /// Notes the age of what a collector has not sent, if nothing leaves it.
    pub(super) fn note_age(&mut self, index: u32, now: u64) {
        if let Sending::Stalled { since } = self.collectors[index as usize].sending {
            self.tally.backlog_peak_nanos = self.tally.backlog_peak_nanos.max(now - since);
        }
    }

    /// Notes that a backlog lost samples at `at`.
    pub(super) fn note_data_lost(&mut self, at: u64, index: u32) {
        if self.data_lost.is_none_or(|(first, _)| at < first) {
            self.data_lost = Some((at, index));
        }
    }

    /// Moves a collector's backlog to one of its account's fates; returns the samples moved.
    pub(super) fn lose(&mut self, index: u32, fate: fn(&mut Account) -> &mut u128) -> f64 {
        let samples = self.backlog_samples(index);
        let streams = self.streams.len();
        for stream in 0..streams {
            let work = std::mem::take(&mut self.backlog[index as usize * streams + stream]);
            *fate(&mut self.ledger.accounts[stream]) += work;
        }
        samples
    }

    /// Accounts for one collector up to `now`: what it took in, missed and sent, its memory.
    pub(super) fn settle(&mut self, index: u32, now: u64) {
        let collector = self.collectors[index as usize];
        let span = (collector.settled, now);
        if span.1 <= span.0 {
            return;
        }
        match collector.life {
            Life::Absent => {}
            Life::Down => self.miss(index, span),
            Life::Up => self.serve(index, span),
        }
        self.collectors[index as usize].settled = now;
    }

    fn miss(&mut self, index: u32, span: (u64, u64)) {
        self.tally.down_nanos += u128::from(span.1 - span.0);
        self.tally.collector_nanos += u128::from(span.1 - span.0);
        for stream in 0..self.streams.len() {
            let work = self.work(index, stream, span);
            self.ledger.accounts[stream].missed_down += work;
        }
    }

    fn serve(&mut self, index: u32, span: (u64, u64)) {
        self.tally.collector_nanos += u128::from(span.1 - span.0);
        let collector = self.collectors[index as usize];
        let weights = &self.weights[index as usize * self.streams.len()..][..self.streams.len()];
        let peak = self
            .resident
            .peak(&collector.process, weights, span, collector.live_peak);
        self.collectors[index as usize].live_peak = peak;
        self.look_at_load(index, span, peak);
        let short = self.cpu_shortfall(index, span);
        let over = self.sender_excess(index, span);
        self.forward(index, span, &short, &over);
    }

    /// Looks for the highest series and CPU demand of any one collector.
    fn look_at_load(&mut self, index: u32, (from, to): (u64, u64), live_peak: f64) {
        let gc_factor = self.memory.gc_factor(live_peak);
        let weights = self
            .weights_of(index)
            .iter()
            .zip(&self.streams)
            .zip(&self.level_max);
        let (mut series, mut cores) = (0.0, 0.0);
        for ((&weight, plan), level) in weights {
            let carried = weight_value(weight) * level;
            series += if plan.counts { carried } else { 0.0 };
            cores += carried * plan.cores;
        }
        if series <= self.tally.series_per_collector_peak
            && cores * gc_factor <= self.tally.cpu_peak
        {
            return;
        }
        let driver = &self.resident.driver;
        for segment in driver.segment(from)..=driver.segment(to - 1) {
            let series = self.carried_by(index, segment).0;
            let cores = self.cores(index, segment) * gc_factor;
            self.tally.series_per_collector_peak = self.tally.series_per_collector_peak.max(series);
            self.tally.cpu_peak = self.tally.cpu_peak.max(cores);
        }
    }

    /// Work of one stream that a collector was offered.
    pub(super) fn work(&self, index: u32, stream: usize, (from, to): (u64, u64)) -> u128 {
        let weight = self.weights[index as usize * self.streams.len() + stream];
        if weight == 0 || !self.streams[stream].counts {
            return 0;
        }
        self.resident.driver.work(stream, from, to) * u128::from(weight)
    }

    /// Splits what a collector was offered into missed, sent, lost and backlog.
    fn forward(&mut self, index: u32, span: (u64, u64), short: &[u128], over: &[u128]) {
        let streams = self.streams.len();
        let sending = self.advance_sending(index, span.1);
        for stream in 0..streams {
            let offered = self.work(index, stream, span);
            let missed = short.get(stream).copied().unwrap_or(0).min(offered);
            let taken = offered - missed;
            let excess = over.get(stream).copied().unwrap_or(0).min(taken);
            let account = &mut self.ledger.accounts[stream];
            account.missed_cpu += missed;
            account.scraped += taken;
            let slot = &mut self.backlog[index as usize * streams + stream];
            match sending {
                Flow::Hold => *slot += taken,
                Flow::Pass => {
                    account.lost_overload += excess;
                    account.sent += taken - excess;
                }
                Flow::Drain { left, of } => {
                    let kept = left_over(*slot, left, of);
                    account.lost_overload += excess;
                    account.sent += taken - excess + (*slot - kept);
                    *slot = kept;
                }
                Flow::Cut { left, of } => {
                    let taken_away = left_over(*slot, left, of);
                    account.lost_overload += excess;
                    account.sent += taken - excess + (*slot - taken_away);
                    account.lost_truncation += taken_away;
                    *slot = 0;
                }
            }
        }
    }

    /// What happens to samples up to `now`, and the state of the sender after it.
    fn advance_sending(&mut self, index: u32, now: u64) -> Flow {
        let collector = &mut self.collectors[index as usize];
        match collector.sending {
            Sending::Steady => Flow::Pass,
            Sending::Stalled { .. } => Flow::Hold,
            Sending::Draining(drain) => {
                // A drain that never ends leaves all of the backlog.
                let endless = drain.until == u64::MAX;
                let part = |left, of| if endless { (1, 1) } else { (left, of) };
                let of = drain.until - drain.from;
                if let Some(cut) = drain.cut.filter(|&cut| cut <= now) {
                    collector.sending = Sending::Steady;
                    self.note_data_lost(cut, index);
                    let (left, of) = part(drain.until - cut, of);
                    return Flow::Cut { left, of };
                }
                if drain.until <= now {
                    collector.sending = Sending::Steady;
                    return Flow::Drain { left: 0, of };
                }
                let mut rest = drain;
                rest.from = now;
                collector.sending = Sending::Draining(rest);
                let (left, of) = part(drain.until - now, of);
                Flow::Drain { left, of }
            }
        }
    }
}

/// What happens to samples on a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// They leave.
    Pass,
    /// They stay.
    Hold,
    /// They leave, and `left` of every `of` of the backlog stays.
    Drain { left: u64, of: u64 },
    /// They leave, and `left` of every `of` of the backlog is lost.
    Cut { left: u64, of: u64 },
}

/// `backlog · left / of`, rounded down, without overflow.
fn left_over(backlog: u128, left: u64, of: u64) -> u128 {
    if left == 0 {
        return 0;
    }
    let (left, of) = (u128::from(left), u128::from(of));
    backlog / of * left + backlog % of * left / of
}
