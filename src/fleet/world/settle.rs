//! What happened to one collector since it was last touched: what it took in, missed and sent, its
//! memory and its load, in closed form.

use crate::fleet::collector::{Life, Sending};
use crate::fleet::driver::weight_value;

use super::fleet::FleetState;

impl FleetState {
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
        let most = self.most(index);
        self.look_at_load((index, most), span, peak);
        let short = self.cpu_shortfall((index, most), span);
        let over = self.sender_excess((index, most), span);
        self.forward(index, span, &short, &over);
    }

    /// The most that a collector with its present weights has to carry at any time.
    fn most(&self, index: u32) -> Most {
        let mut most = Most::default();
        let weights = self.weights_of(index).iter().zip(&self.level_max);
        for ((&weight, level), plan) in weights.zip(&self.streams) {
            let carried = weight_value(weight) * level;
            most.cores += carried * plan.cores;
            if plan.counts {
                most.series += carried;
                most.rate += carried / (plan.interval as f64 / 1e9);
            }
        }
        most
    }

    /// Looks for the highest series and CPU demand of any one collector.
    fn look_at_load(&mut self, (index, most): (u32, Most), (from, to): (u64, u64), live_peak: f64) {
        let gc_factor = self.memory.gc_factor(live_peak);
        if most.series <= self.tally.series_per_collector_peak
            && most.cores * gc_factor <= self.tally.cpu_peak
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

/// `backlog · left / of`, rounded down, without overflow.
pub(super) fn left_over(backlog: u128, left: u64, of: u64) -> u128 {
    if left == 0 {
        return 0;
    }
    let (left, of) = (u128::from(left), u128::from(of));
    backlog / of * left + backlog % of * left / of
}
