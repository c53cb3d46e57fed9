//! What happened to one collector since it was last touched: what it took in, missed and sent, its
//! memory and its load, in closed form.

use crate::model::load::driver::weight_value;
use crate::model::load::work::{left_over, portion};
use crate::model::pipeline::remote_write::Drain;
use crate::model::process::collector::{Life, Sending};

use super::Fleet;

impl Fleet<'_> {
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
        for stream in 0..self.plan.streams.len() {
            let work = self.work(index, stream, span);
            self.ledger.intakes[stream].missed_down += work;
        }
    }

    fn serve(&mut self, index: u32, span: (u64, u64)) {
        let most = self.most(index);
        if let Some(end) = self.end_of_drain(index, most.rate, span) {
            // From there on it may fall behind.
            self.serve(index, (span.0, end));
            return self.serve(index, (end, span.1));
        }
        self.tally.collector_nanos += u128::from(span.1 - span.0);
        self.hold(index, span.1);
        let collector = self.collectors[index as usize];
        let weights =
            &self.weights[index as usize * self.plan.streams.len()..][..self.plan.streams.len()];
        let peak = self
            .plan
            .resident
            .peak(&collector.process, weights, span, collector.live_peak);
        self.collectors[index as usize].live_peak = peak;
        self.look_at_load((index, most), span, peak);
        self.look_at_log((index, most), span);
        let short = self.cpu_shortfall((index, most), span);
        self.take_in(index, span, &short);
        for route in 0..self.routes.len() {
            self.deliver((index, route), most.rate, span);
        }
    }

    /// The most that a collector with its present weights has to carry at any time.
    fn most(&self, index: u32) -> Most {
        let mut most = Most {
            cores: self.plan.prices.idle_cores,
            ..Most::default()
        };
        let weights = self.weights_of(index).iter().zip(&self.plan.highest);
        for ((&weight, highest), plan) in weights.zip(&self.plan.streams) {
            let carried = weight_value(weight) * highest.level;
            most.cores += weight_value(weight) * highest.cores;
            if plan.counts {
                most.series += carried;
                most.rate += carried / (plan.interval as f64 / 1e9);
            }
        }
        most
    }

    /// Looks for the highest series and CPU demand of any one collector.
    fn look_at_load(&mut self, (index, most): (u32, Most), (from, to): (u64, u64), live_peak: f64) {
        let gc_factor = self.plan.memory.gc_factor(live_peak);
        if most.series <= self.tally.series_per_collector_peak
            && most.cores * gc_factor <= self.tally.cpu_peak
        {
            return;
        }
        let driver = &self.plan.resident.driver;
        for segment in driver.segment(from)..=driver.segment(to - 1) {
            let series = self.carried_by(index, segment).0;
            let cores = self.cores(index, segment) * gc_factor;
            self.tally.series_per_collector_peak = self.tally.series_per_collector_peak.max(series);
            self.tally.cpu_peak = self.tally.cpu_peak.max(cores);
        }
    }

    /// Work of one stream that a collector was offered.
    pub(super) fn work(&self, index: u32, stream: usize, (from, to): (u64, u64)) -> u128 {
        let weight = self.weights[index as usize * self.plan.streams.len() + stream];
        if weight == 0 || !self.plan.streams[stream].counts {
            return 0;
        }
        self.plan.resident.driver.work(stream, from, to) * u128::from(weight)
    }

    /// Splits what a collector was offered into missed and taken in.
    fn take_in(&mut self, index: u32, span: (u64, u64), short: &[u128]) {
        for stream in 0..self.plan.streams.len() {
            let offered = self.work(index, stream, span);
            let unseen = self.plan.streams[stream].unseen;
            let unseen = if unseen > 0.0 {
                portion(offered, unseen)
            } else {
                0
            };
            let seen = offered - unseen;
            let missed = short.get(stream).copied().unwrap_or(0).min(seen);
            let intake = &mut self.ledger.intakes[stream];
            intake.missed_pull += unseen;
            intake.missed_cpu += missed;
            intake.scraped += seen - missed;
            self.taken[stream] = seen - missed;
        }
    }

    /// Splits what a collector took in into sent, lost and backlog, on one route; it takes in at most
    /// `rate_max` samples per second.
    fn deliver(&mut self, (index, route): (u32, usize), rate_max: f64, span: (u64, u64)) {
        let flow = self.advance_sending(index, route, span.1);
        if flow == Flow::Pass && self.may_fall_behind((index, route), rate_max, span) {
            return self.keep_up((index, route), span);
        }
        let streams = self.plan.streams.len();
        let slot = self.queue(index, route) * streams;
        for stream in 0..streams {
            let taken = self.taken[stream];
            let held = self.backlog[slot + stream];
            let (kept, lost) = match flow {
                Flow::Hold => {
                    self.backlog[slot + stream] += taken;
                    continue;
                }
                Flow::Pass => (held, 0),
                Flow::Drain { left, of } => (left_over(held, left, of), 0),
                Flow::Cut { left, of } => (0, left_over(held, left, of)),
            };
            self.backlog[slot + stream] = kept;
            self.accept(route, stream, taken + held - kept - lost);
            self.ledger.deliveries[route * streams + stream].lost_truncation += lost;
        }
    }

    /// Work of one stream reaches an endpoint, which may refuse some of it for good.
    pub(super) fn accept(&mut self, route: usize, stream: usize, work: u128) {
        let rejected = self.routes[route].rejected;
        let refused = if rejected > 0.0 {
            portion(work, rejected)
        } else {
            0
        };
        let delivery = &mut self.ledger.deliveries[route * self.plan.streams.len() + stream];
        delivery.lost_rejected += refused;
        delivery.sent += work - refused;
    }

    /// What happens to samples up to `now`, and the state of the sender after it.
    fn advance_sending(&mut self, index: u32, route: usize, now: u64) -> Flow {
        let queue = self.queue(index, route);
        let sending = &mut self.sending[queue];
        match *sending {
            Sending::Steady => Flow::Pass,
            Sending::Stalled { .. } => Flow::Hold,
            Sending::Draining(drain) => {
                let of = drain.until - drain.from;
                if let Some(cut) = drain.cut.filter(|&cut| cut <= now) {
                    *sending = Sending::Steady;
                    self.note_data_lost(cut, index);
                    let left = drain.until - cut;
                    return Flow::Cut { left, of };
                }
                if drain.until <= now {
                    *sending = Sending::Steady;
                    return Flow::Drain { left: 0, of };
                }
                *sending = Sending::Draining(Drain { from: now, ..drain });
                let left = drain.until - now;
                Flow::Drain { left, of }
            }
        }
    }
}

/// The most that a collector has to carry.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Most {
    /// Active series.
    pub series: f64,
    /// Samples per second.
    pub rate: f64,
    /// Cores, without garbage collection's price.
    pub cores: f64,
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
