//! How a sender catches up, against a simulation of every sample, batch, retry and tick.

use std::collections::VecDeque;

use alloy_sim::model::blueprint::RemoteWrite;
use alloy_sim::model::pipeline::remote_write::{Pause, Reach, Recovery, Sender};

const BATCH: u64 = 2_000;
const SHARDS_MAX: usize = 50;
/// Full batches that wait in the queue of a shard.
const QUEUED: usize = 5;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count"
)]
fn whole(count: f64) -> u64 {
    count as u64
}

fn index(count: u64) -> usize {
    usize::try_from(count).expect("shards are few")
}

/// One shard: its queue, the batch that fills, the batch on its way.
#[derive(Clone, Debug, Default)]
struct Shard {
    queue: VecDeque<u64>,
    filling: u64,
    /// Samples, when the first attempt began, when the present one ends, the wait after a failure.
    sending: Option<(u64, f64, f64, f64)>,
    /// When a batch leaves that is not full.
    deadline: f64,
}

/// A sender and its log, stepped from one instant to the next at which anything happens.
pub(super) struct Naive {
    now: f64,
    /// Samples per second, one by one at even distances.
    inflow: f64,
    latency: f64,
    outage: (f64, f64),
    read: u64,
    sent: u64,
    shards: Vec<Shard>,
    next_shard: usize,
    /// The number that starts when the old shards have sent what they hold.
    changing: Option<usize>,
    next_tick: f64,
    counted: [f64; 3],
    rates: Option<[f64; 3]>,
    last_success: f64,
    fixed_until: f64,
    first_success: Option<f64>,
    /// Whether a truncation takes what is unread when the outage ends.
    pub(super) overtaken: bool,
    /// Samples that it takes.
    pub(super) lost: u64,
    peak: usize,
}

impl Naive {
    pub(super) fn new(inflow: f64, latency: f64, outage: (f64, f64), tick: f64) -> Self {
        let shards = whole((inflow * latency / BATCH as f64).ceil());
        Self {
            now: 0.0,
            inflow,
            latency,
            outage,
            read: 0,
            sent: 0,
            shards: vec![Shard::default(); index(shards.max(1))],
            next_shard: 0,
            changing: None,
            next_tick: tick,
            counted: [0.0; 3],
            rates: None,
            last_success: 0.0,
            fixed_until: 0.0,
            first_success: None,
            overtaken: false,
            lost: 0,
            peak: 0,
        }
    }

    fn written(&self) -> u64 {
        whole(self.inflow * self.now)
    }

    /// The reader deals samples out to the shards in turn and waits for all when one is full.
    fn read(&mut self) {
        if self.changing.is_some() {
            return;
        }
        while self.read < self.written() {
            let count = self.shards.len();
            let shard = &mut self.shards[self.next_shard % count];
            if shard.filling == BATCH {
                if shard.queue.len() == QUEUED {
                    return;
                }
                shard.queue.push_back(BATCH);
                shard.filling = 0;
            }
            shard.filling += 1;
            self.read += 1;
            self.next_shard += 1;
        }
    }

    fn is_up(&self, at: f64) -> bool {
        at < self.outage.0 || at >= self.outage.1
    }

    /// Idle shards take their next batch; attempts that end now succeed or wait to be repeated.
    fn send(&mut self) {
        for index in 0..self.shards.len() {
            if let Some((samples, begun, at, wait)) = self.shards[index].sending
                && at <= self.now
            {
                if self.is_up(self.now - self.latency) || wait < 0.0 {
                    self.succeed(index, samples, begun);
                } else {
                    self.shards[index].sending = None;
                }
            }
            let stopping = self.changing.is_some();
            let shard = &mut self.shards[index];
            if shard.sending.is_some() {
                continue;
            }
            let partial = shard.filling > 0 && (stopping || shard.deadline <= self.now);
            let batch = shard.queue.pop_front().or_else(|| {
                (shard.filling == BATCH || partial).then(|| std::mem::take(&mut shard.filling))
            });
            if shard.deadline <= self.now {
                shard.deadline = self.now + 5.0;
            }
            if let Some(samples) = batch {
                shard.deadline = self.now + 5.0;
                self.attempt(index, samples);
            }
        }
        if self.shards.iter().all(|shard| shard.sending.is_none())
            && let Some(count) = self.changing.take()
        {
            let fresh = Shard {
                deadline: self.now + 5.0,
                ..Shard::default()
            };
            self.shards = vec![fresh; count];
            self.peak = self.peak.max(count);
        }
    }

    /// A batch is refused until the endpoint is back, at waits that double up to 5 s, and then takes
    /// one latency.
    fn attempt(&mut self, index: usize, samples: u64) {
        let begun = self.now;
        let (mut at, mut wait) = (begun, 0.03);
        while !self.is_up(at) {
            self.fixed_until = self.fixed_until.max(at + 2.0 * f64::min(wait, 5.0));
            at += f64::min(wait, 5.0);
            wait *= 2.0;
        }
        self.shards[index].sending = Some((samples, begun, at + self.latency, -1.0));
    }

    fn succeed(&mut self, index: usize, samples: u64, begun: f64) {
        self.shards[index].sending = None;
        self.sent += samples;
        self.counted[1] += samples as f64;
        self.counted[2] += self.now - begun;
        self.last_success = self.now;
        if self.now > self.outage.1 && self.first_success.is_none() {
            self.first_success = Some(self.now);
        }
    }

    fn tick(&mut self, read_before: &mut u64) {
        self.counted[0] = (self.written() - *read_before) as f64;
        *read_before = self.written();
        let news = self.counted.map(|count| count / 10.0);
        self.counted = [0.0; 3];
        let rates = self.rates.get_or_insert(news);
        for (rate, new) in rates.iter_mut().zip(news) {
            *rate += 0.2 * (new - *rate);
        }
        let [inflow, outflow, seconds] = *rates;
        self.next_tick += 10.0;
        if outflow <= 0.0 {
            return;
        }
        let delay = (self.written() - self.sent) as f64 / self.inflow;
        let wanted = (seconds / outflow * (inflow + 0.05 * delay * inflow)).ceil();
        let present = self.shards.len() as f64;
        if (0.7 * present <= wanted && wanted <= 1.3 * present)
            || (wanted < present && delay > 10.0)
        {
            return;
        }
        let wanted = index(whole(wanted)).clamp(1, SHARDS_MAX);
        if wanted != self.shards.len()
            && self.now - self.last_success <= 10.0
            && self.now >= self.fixed_until
            && self.changing.is_none()
        {
            self.changing = Some(wanted);
        }
    }

    /// The next instant at which anything happens.
    fn next(&self) -> f64 {
        let mut next = self.next_tick;
        for shard in &self.shards {
            let at = shard.sending.map_or(shard.deadline, |(_, _, at, _)| at);
            next = next.min(if at > self.now { at } else { f64::INFINITY });
            if shard.sending.is_none() {
                // The next sample may complete a batch.
                let left = BATCH.saturating_sub(shard.filling) * self.shards.len() as u64;
                next = next.min(self.now + left.max(1) as f64 / self.inflow);
            }
        }
        next
    }

    /// Unsent samples at the end of the outage, and seconds from there until no more are unsent than
    /// `usual`. Goes on for two minutes after it, for the shards that are wanted then.
    pub(super) fn run(&mut self, usual: f64) -> (f64, f64) {
        let (mut backlog, mut drained) = (None, None);
        let mut written = 0;
        let unsent = |naive: &Self| (naive.written() - naive.sent) as f64;
        loop {
            self.now = self
                .next()
                .min(backlog.map_or(self.outage.1, |_| f64::INFINITY));
            if self.overtaken && backlog.is_none() && self.now >= self.outage.1 {
                // The reader begins anew; what it skips counts as sent.
                let queued = self.read - self.sent;
                self.lost = self.written() - self.read;
                self.read = self.written();
                self.sent = self.read - queued;
            }
            self.read();
            self.send();
            self.read();
            if self.now >= self.next_tick {
                self.tick(&mut written);
                self.send();
            }
            if self.now >= self.outage.1 {
                let backlog = *backlog.get_or_insert(unsent(self));
                if self.first_success.is_some() && unsent(self) <= usual {
                    let at = *drained.get_or_insert(self.now);
                    if self.now > at + 120.0 {
                        return (backlog, at - self.outage.1);
                    }
                }
            }
            assert!(self.now < 1e6, "never caught up");
        }
    }
}

fn sender(latency_seconds: f64) -> Sender {
    let settings = RemoteWrite {
        samples_per_send: 2_000,
        shards_min: 1,
        shards_max: 50,
        samples_read_per_second: u32::MAX,
        http2: false,
    };
    Sender {
        settings,
        latency_seconds,
    }
}

/// Both forms of a pause of `seconds` that begins after ten minutes: (drain, peak) of each.
fn both(inflow: f64, latency: f64, seconds: f64, tick: f64) -> ((f64, usize), Recovery) {
    let outage = (600.0, 600.0 + seconds);
    let mut naive = Naive::new(inflow, latency, outage, tick);
    // What is always unsent: batches that fill for five seconds and take their latency.
    let usual = inflow * (15.0 + latency) + 1.0;
    let (backlog, drained) = naive.run(usual);
    let wait = f64::min(seconds + 0.03, 5.0);
    let resumed = naive.first_success.expect("it succeeds") - outage.1 - latency;
    let pause = Pause {
        seconds,
        backlog: backlog - usual,
        inflow,
        tick_in: 10.0 - (outage.1 - tick).rem_euclid(10.0),
        retry_phase: (resumed / wait).clamp(0.0, 1.0),
        attempt_seconds: 0.0,
    };
    let recovery = sender(latency).recover(&pause, Reach::of_cpu(f64::INFINITY));
    ((drained, naive.peak), recovery)
}

/// Pauses of a minute to an hour, of collectors of 5,000 to 1,000,000 series.
fn pauses() -> impl Iterator<Item = (f64, f64, f64)> {
    let of = |series: f64| {
        let lengths = [60.0, 300.0, 900.0, 3_600.0];
        let both = move |seconds| [0.1, 0.5].map(|latency| (series / 60.0, latency, seconds));
        lengths.into_iter().flat_map(both)
    };
    [5e3, 2e4, 1e5, 1e6].into_iter().flat_map(of)
}

#[test]
fn catching_up_takes_as_long_as_batch_by_batch() {
    for (inflow, latency, seconds) in pauses() {
        for tick in [3.1, 7.7] {
            let ((drained, peak), fast) = both(inflow, latency, seconds, tick);
            let case = format!("{inflow}/s, {latency} s, pause of {seconds} s, tick at {tick}");
            // The last samples fill no batch and wait for its deadline of 5 s; where the shards change,
            // those dealt out to the new ones wait once more. The rest agrees within 1 %.
            let waits = if peak == 0 { 5.0 } else { 10.0 };
            let within = waits + 0.01 * drained;
            let found = fast.seconds;
            assert!(
                (drained - found).abs() <= within,
                "{case}: {drained} or {found} s"
            );
            // A step of the rule apart at the most: 30 %, and one shard by rounding.
            let (peak, found) = (peak.max(1) as f64, f64::from(fast.shards_peak));
            assert!(
                (peak - found).abs() <= 0.3 * peak + 1.0,
                "{case}: {peak} or {found} shards"
            );
        }
    }
}

#[test]
fn a_long_backlog_drains_within_one_percent_of_batch_by_batch() {
    for (latency, seconds) in [(0.1, 7_200.0), (0.5, 1_800.0), (0.5, 3_600.0)] {
        let ((drained, peak), fast) = both(1e6 / 60.0, latency, seconds, 5.0);
        let found = fast.seconds;
        assert!(
            (drained / found - 1.0).abs() < 0.01,
            "{latency} s: {drained} or {found} s"
        );
        assert_eq!((peak, fast.shards_peak), (50, 50));
    }
}

/// A truncation that takes the backlog does not take the batch that has waited out the outage: its
/// duration alone makes the sender want all shards.
#[test]
fn shards_jump_even_when_nothing_is_left_to_send() {
    for (series, tick) in [(5e3, 3.1), (5e3, 7.7), (2e4, 3.1), (2e4, 7.7)] {
        let (inflow, latency, seconds) = (series / 60.0, 0.1, 7_200.0);
        let outage = (600.0, 600.0 + seconds);
        let mut naive = Naive::new(inflow, latency, outage, tick);
        naive.overtaken = true;
        naive.run(inflow * (15.0 + latency) + 1.0);
        let resumed = naive.first_success.expect("it succeeds") - outage.1 - latency;
        let pause = Pause {
            seconds,
            backlog: 0.0,
            inflow,
            tick_in: 10.0 - (outage.1 - tick).rem_euclid(10.0),
            retry_phase: (resumed / 5.0).clamp(0.0, 1.0),
            attempt_seconds: 0.0,
        };
        let recovery = sender(latency).recover(&pause, Reach::of_cpu(f64::INFINITY));
        let (peak, found) = (naive.peak, recovery.shards_peak);
        assert!(
            peak >= 25 && found >= 25,
            "{series}: {peak} or {found} shards"
        );
    }
}

/// Share of pauses after which at least 25 shards are at work, over all phases of tick and retry.
fn share_of_jumps(series: f64, latency: f64, seconds: f64) -> f64 {
    let inflow = series / 60.0;
    let pause = |tick: u32, retry: u32| Pause {
        seconds,
        backlog: inflow * seconds,
        inflow,
        tick_in: 0.25 + 0.5 * f64::from(tick),
        retry_phase: 0.025 + 0.05 * f64::from(retry),
        attempt_seconds: 0.0,
    };
    let jumps = |index: u32| {
        let pause = pause(index % 20, index / 20);
        sender(latency)
            .recover(&pause, Reach::of_cpu(f64::INFINITY))
            .shards_peak
            >= 25
    };
    (0..400).filter(|&index| jumps(index)).count() as f64 / 400.0
}

/// Computed with a simulation of the rule by others, 60 trials each.
#[test]
fn shards_jump_as_often_as_computed_elsewhere() {
    let table = [
        (5e3, 0.1, [0.0, 0.0, 0.0, 0.80, 1.0]),
        (5e3, 0.5, [0.0, 0.0, 0.68, 1.0, 1.0]),
        (2e4, 0.1, [0.0, 0.0, 0.58, 1.0, 1.0]),
        (2e4, 0.5, [0.0, 0.62, 1.0, 1.0, 1.0]),
        (1e5, 0.1, [0.0, 0.47, 1.0, 1.0, 1.0]),
        (1e5, 0.5, [0.0, 1.0, 1.0, 1.0, 1.0]),
        (1e6, 0.1, [0.0, 1.0, 1.0, 1.0, 1.0]),
        (1e6, 0.5, [1.0, 1.0, 1.0, 1.0, 1.0]),
    ];
    for (series, latency, expected) in table {
        for (seconds, expected) in [60.0, 300.0, 900.0, 3_600.0, 7_200.0]
            .into_iter()
            .zip(expected)
        {
            let found = share_of_jumps(series, latency, seconds);
            let expected: f64 = expected;
            // Three standard errors of 60 trials; none where all or nothing was found.
            let error = (expected * (1.0 - expected) / 60.0).sqrt();
            let case = format!("{series} series, {latency} s, {seconds} s: {found}");
            assert!((found - expected).abs() <= 3.0 * error + 0.01, "{case}");
        }
    }
}

/// Measured on Prometheus 2.42 in agent mode: 20,100 samples per second, refused for 150 s, drained by
/// one shard about 6 s after the endpoint was back, limited by CPU (1.5 us per sample).
#[test]
fn a_fast_endpoint_needs_no_more_shards() {
    for (tick, retry) in [(0.5, 0.0), (5.0, 0.5), (9.5, 1.0)] {
        let pause = Pause {
            seconds: 150.0,
            backlog: 20_100.0 * 150.0,
            inflow: 20_100.0,
            tick_in: tick,
            retry_phase: retry,
            attempt_seconds: 0.0,
        };
        let recovery = sender(0.002).recover(&pause, Reach::of_cpu(1.0 / 1.5e-6));
        assert_eq!(recovery.shards_peak, 1);
        let sending = recovery.seconds - retry * 5.0;
        assert!((4.0..8.0).contains(&sending), "{sending} s");
    }
}
