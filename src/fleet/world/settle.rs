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
    fn work(&self, index: u32, stream: usize, (from, to): (u64, u64)) -> u128 {
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

impl FleetState {
    /// CPU demand of a collector in a segment, without garbage collection's price.
    pub(super) fn cores(&self, index: u32, segment: usize) -> f64 {
        let weights = self.weights_of(index).iter().zip(&self.streams).enumerate();
        weights
            .map(|(stream, (&weight, plan))| {
                plan.cores
                    * weight_value(weight)
                    * self.resident.driver.streams[stream].level[segment]
            })
            .sum()
    }

    /// CPU demand of a collector at the end of a segment or at `at`, with the price of garbage
    /// collection.
    pub(super) fn cores_at(&self, index: u32, segment: usize, at: u64) -> f64 {
        let collector = &self.collectors[index as usize];
        let live = self
            .resident
            .live_at(&collector.process, self.weights_of(index), at);
        self.cores(index, segment) * self.memory.gc_factor(live)
    }

    /// Work missed per stream because the CPU was too little; empty if nothing was.
    fn cpu_shortfall(&mut self, index: u32, span: (u64, u64)) -> Vec<u128> {
        let grant = f64::from(self.collectors[index as usize].cpu_grant);
        let cap = self.cpu_cap;
        // Garbage collection at most doubles the demand.
        let calm = |state: &Self, segment| state.cores(index, segment) * 2.0 <= cap;
        if grant >= 1.0
            && (cap.is_infinite() || !self.any_segment(span, |state, s| !calm(state, s)))
        {
            return Vec::new();
        }
        let mut first = None;
        let shares = self.segment_shares(span, |state, segment, at| {
            let demand = state.cores_at(index, segment, at);
            let granted = grant.min(if demand > cap { cap / demand } else { 1.0 });
            if granted < 1.0 && first.is_none() {
                first = Some((at, index, demand));
            }
            1.0 - granted
        });
        if let Some((at, ..)) = first
            && self.cpu_short.is_none_or(|(seen, ..)| at < seen)
        {
            self.cpu_short = first;
        }
        self.shared_work(index, &shares)
    }

    /// Work that the sender could not keep up with, per stream; empty if it could.
    fn sender_excess(&mut self, index: u32, span: (u64, u64)) -> Vec<u128> {
        let capacity = self.sender.capacity();
        let sending = self.collectors[index as usize].sending;
        if matches!(sending, Sending::Stalled { .. })
            || !self.any_segment(span, |state, s| state.carried_by(index, s).1 > capacity)
        {
            return Vec::new();
        }
        let shares = self.segment_shares(span, |state, segment, _| {
            (1.0 - capacity / state.carried_by(index, segment).1).max(0.0)
        });
        if let Some(&((at, _), _)) = shares.iter().find(|(_, share)| *share > 0.0) {
            self.note_data_lost(at, index);
        }
        self.shared_work(index, &shares)
    }

    fn any_segment(&self, (from, to): (u64, u64), test: impl Fn(&Self, usize) -> bool) -> bool {
        let driver = &self.resident.driver;
        (driver.segment(from)..=driver.segment(to - 1)).any(|segment| test(self, segment))
    }

    /// A share for each stretch of a span that lies in one segment.
    fn segment_shares(
        &self,
        (from, to): (u64, u64),
        mut share: impl FnMut(&Self, usize, u64) -> f64,
    ) -> Vec<((u64, u64), f64)> {
        let driver = &self.resident.driver;
        let stretch = |segment: usize| {
            (
                driver.starts[segment].max(from),
                driver.end_of(segment).max(from + 1).min(to),
            )
        };
        (driver.segment(from)..=driver.segment(to - 1))
            .map(|segment| (stretch(segment), share(self, segment, stretch(segment).1)))
            .collect()
    }

    fn shared_work(&self, index: u32, shares: &[((u64, u64), f64)]) -> Vec<u128> {
        let part = |stream: usize| {
            let stretch =
                |&(span, share): &((u64, u64), f64)| portion(self.work(index, stream, span), share);
            shares.iter().map(stretch).sum()
        };
        (0..self.streams.len()).map(part).collect()
    }
}

/// A share of some work, in parts per billion.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of 1e9"
)]
fn portion(work: u128, share: f64) -> u128 {
    let parts = (share.clamp(0.0, 1.0) * 1e9).round() as u128;
    work / 1_000_000_000 * parts + work % 1_000_000_000 * parts / 1_000_000_000
}
