//! One collector, stepped from change to change.

use super::plan::{Plan, STREAMS, Segment};

/// Series that died evenly between two instants, or all at once.
#[derive(Clone, Copy, Debug)]
struct Cohort {
    from: u64,
    to: u64,
    units: [f64; STREAMS],
}

impl Cohort {
    /// Whether the series of a step die as those of a stretch of time before it.
    fn goes_on_as(&self, step: &Self) -> bool {
        let length = |cohort: &Self| (cohort.to - cohort.from) as f64;
        let is_alike = |(own, next): (&f64, &f64)| {
            let (own, next) = (own / length(self), next / length(step));
            (own - next).abs() <= 1e-12 * own
        };
        let mut pairs = self.units.iter().zip(&step.units);
        self.to == step.from && self.from < self.to && pairs.all(is_alike)
    }
}

/// Where in its life a collector is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Life {
    /// Its node has not been there yet.
    Never,
    /// Its node is gone.
    Gone,
    Down,
    /// Its log is read back.
    Starting,
    Serving,
}

/// What a collector is doing with what it takes in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sending {
    Steady,
    /// `own`: start of the segment that the reader has open. `is_lost`: it has lost all that follows.
    Stalled {
        since: u64,
        own: u64,
        is_lost: bool,
    },
    /// `behind`: age of the oldest unsent sample at `from`.
    Draining {
        from: u64,
        until: u64,
        behind: u64,
    },
}

/// What happened to series that had moved away while they were still there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Moves {
    /// Nothing.
    #[default]
    Apart,
    /// Others joined them, which a log lets go at another time.
    Summed,
    /// A truncation in an outage did not remove them.
    Held,
}

/// What waits for one endpoint.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub sending: Sending,
    pub backlog: [u128; STREAMS],
    /// The part of the backlog that lies in the segment that a waiting reader has open.
    pub in_own: Option<[u128; STREAMS]>,
}

/// Work (series · nanoseconds in units of 2⁻³²) by fate on the way in, per stream.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Intake {
    pub offered: [u128; STREAMS],
    pub scraped: [u128; STREAMS],
    pub missed: [u128; STREAMS],
}

/// The same on the way to one endpoint.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Delivery {
    /// What the endpoint had before the recorded time and another one had not.
    pub earlier: [u128; STREAMS],
    pub sent: [u128; STREAMS],
    pub lost_restart: [u128; STREAMS],
    pub lost_truncation: [u128; STREAMS],
    pub lost_overload: [u128; STREAMS],
    pub lost_exit: [u128; STREAMS],
}

/// One collector.
#[derive(Clone, Debug)]
pub(super) struct Collector {
    pub weights: [u32; STREAMS],
    /// When the others have its targets, if it is away.
    pub taken_at: u64,
    pub life: Life,
    /// Start of the process, from which truncations count.
    pub started: u64,
    /// The truncation that comes next.
    pub truncates_at: u64,
    /// One per endpoint.
    pub queues: Vec<Queue>,
    /// What has died and is still in the table of the WAL, and in the queue.
    dead: [Vec<Cohort>; 2],
    /// What has moved away and is still there.
    moved: [Vec<Cohort>; 2],
    /// Whether what had moved away was still there at an awkward moment.
    pub moves: Moves,
    /// What each truncation of this process has left, if it removed anything.
    truncated: Vec<Option<u64>>,
    /// Starts of the closed segments of its WAL, and of the open one.
    pub closed: Vec<u64>,
    pub open_from: u64,
    /// Up to when series and samples were free to go at the last truncation.
    pub mark: Option<i128>,
    /// Nothing dies before the first log of a running fleet begins.
    wal_from: u64,
    pub interrupted_at: u64,
    pub starts_at: u64,
    pub drawn: u32,
    pub streak: u32,
    /// First kill of a crash loop.
    pub looping_since: u64,
    /// First kill since its last long time in service, whoever helped since.
    pub failing_since: Option<u64>,
    /// Live bytes with which it was last killed; in a crash loop that cannot end, the most.
    pub killed_live: f64,
    /// Starts still to come that cannot succeed, and the time from one to the next.
    pub futile: u64,
    pub cycle: u64,
    /// Live bytes and series in the WAL at the end of the last process.
    pub logged: (f64, f64),
    pub live_peak: f64,
    pub kills: u32,
}

fn fixed(level: f64) -> u128 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "levels are small"
    )]
    let fixed = (level * 256.0).round() as u64;
    fixed.into()
}

/// The value of a weight.
pub(super) fn times(weight: u32) -> f64 {
    f64::from(weight) / f64::from(1 << 24)
}

impl Collector {
    pub(super) fn new(weights: [u32; STREAMS], endpoints: usize) -> Self {
        let queue = Queue {
            sending: Sending::Steady,
            backlog: [0; STREAMS],
            in_own: None,
        };
        Self {
            weights,
            taken_at: 0,
            life: Life::Never,
            started: 0,
            truncates_at: u64::MAX,
            queues: vec![queue; endpoints],
            dead: [Vec::new(), Vec::new()],
            moved: [Vec::new(), Vec::new()],
            moves: Moves::Apart,
            truncated: Vec::new(),
            closed: Vec::new(),
            open_from: 0,
            mark: None,
            wal_from: 0,
            interrupted_at: u64::MAX,
            starts_at: u64::MAX,
            drawn: 0,
            streak: 0,
            looping_since: 0,
            failing_since: None,
            killed_live: 0.0,
            futile: 0,
            cycle: 0,
            logged: (0.0, 0.0),
            live_peak: 0.0,
            kills: 0,
        }
    }

    pub(super) fn exists(&self) -> bool {
        !matches!(self.life, Life::Never | Life::Gone)
    }

    /// Whether it was killed twice or more, and has not served for ten minutes since.
    pub(super) fn loops_at(&self, now: u64) -> bool {
        let is_new = now.saturating_sub(self.started) <= 600_000_000_000;
        self.exists() && self.streak > 1 && (!self.is_up() || is_new)
    }

    /// Whether it has a process.
    pub(super) fn is_up(&self) -> bool {
        matches!(self.life, Life::Starting | Life::Serving)
    }

    /// A process begins; without a volume, with an empty log.
    pub(super) fn begin(&mut self, now: u64, started: u64, every: u64, keeps_log: bool) {
        self.life = Life::Starting;
        self.started = started;
        self.truncates_at = started + every;
        self.starts_at = u64::MAX;
        self.wal_from = started.max(now);
        self.truncated.clear();
        (self.open_from, self.mark) = (started, None);
        if keeps_log {
            // Replay reads the records of all that the queue has not let go.
            let [log, queue] = &mut self.dead;
            log.clone_from(queue);
        } else {
            self.dead = [Vec::new(), Vec::new()];
            self.moved = [Vec::new(), Vec::new()];
            self.closed.clear();
        }
    }

    /// It carries something else from now on. Series that are scraped elsewhere stay as dead ones do, if it
    /// is up.
    pub(super) fn reweigh(&mut self, weights: [u32; STREAMS], segment: &Segment, now: u64) {
        let before = std::mem::replace(&mut self.weights, weights);
        if self.is_up() && before != weights {
            self.note_moves(Moves::Summed, now);
            let lost = |stream: usize| before[stream].saturating_sub(weights[stream]);
            self.leave_behind(std::array::from_fn(lost), 1.0, (segment, now));
        }
    }

    /// Something happens at `now` to what has moved earlier, if it is still there.
    pub(super) fn note_moves(&mut self, what: Moves, now: u64) {
        let mut earlier = self.moved.iter().flatten();
        if earlier.any(|cohort| cohort.to < now) {
            self.moves = self.moves.max(what);
        }
    }

    /// A part of what some weights are worth moves away.
    pub(super) fn leave_behind(
        &mut self,
        weights: [u32; STREAMS],
        part: f64,
        (segment, now): (&Segment, u64),
    ) {
        let units = |stream: usize| segment.level[stream] * times(weights[stream]) * part;
        let units: [f64; STREAMS] = std::array::from_fn(units);
        if units.iter().all(|&units| units == 0.0) {
            return;
        }
        self.note_moves(Moves::Summed, now);
        let (from, to) = (now, now);
        for moved in &mut self.moved {
            moved.push(Cohort { from, to, units });
        }
    }

    /// The process ends with what it has not sent to each endpoint.
    pub(super) fn end(&mut self, segment: &Segment, plan: &Plan<'_>) -> Vec<[u128; STREAMS]> {
        // One that dies while it replays leaves the WAL as it was.
        if self.life == Life::Serving {
            let series = self.series(segment) + self.died(0);
            let live = self.live(segment, plan);
            let fits = (plan.live_max() / live).min(1.0);
            self.logged = (live.min(plan.live_max()), series * fits);
            self.closed.push(self.open_from);
        }
        self.life = Life::Down;
        self.truncates_at = u64::MAX;
        self.interrupted_at = u64::MAX;
        let end = |queue: &mut Queue| {
            (queue.sending, queue.in_own) = (Sending::Steady, None);
            std::mem::take(&mut queue.backlog)
        };
        self.queues.iter_mut().map(end).collect()
    }

    fn died(&self, holder: usize) -> f64 {
        sum(&self.dead[holder])
    }

    /// Active series.
    pub(super) fn series(&self, segment: &Segment) -> f64 {
        let levels = segment.level.iter().zip(self.weights);
        levels.map(|(level, weight)| level * times(weight)).sum()
    }

    /// Samples per second taken in.
    pub(super) fn inflow(&self, segment: &Segment, intervals: [u64; STREAMS]) -> f64 {
        let rate = |stream: usize| {
            segment.level[stream] * times(self.weights[stream]) / (intervals[stream] as f64 / 1e9)
        };
        (0..STREAMS).map(rate).sum()
    }

    /// Live bytes now.
    pub(super) fn live(&self, segment: &Segment, plan: &Plan<'_>) -> f64 {
        let gone = [0, 1].map(|holder| self.died(holder) + sum(&self.moved[holder]));
        let gone = plan.per_series.wal * gone[0] + plan.per_series.queue * gone[1];
        segment.common + plan.per_series.all() * self.series(segment) + gone
    }

    /// Live bytes at the end of a step during which nothing else changes.
    pub(super) fn live_after(&self, segment: &Segment, plan: &Plan<'_>, step: (u64, u64)) -> f64 {
        let died: f64 = self.dying(segment, step).iter().sum();
        self.live(segment, plan) + (plan.per_series.wal + plan.per_series.queue) * died
    }

    fn dying(&self, segment: &Segment, (from, to): (u64, u64)) -> [f64; STREAMS] {
        let length = to.saturating_sub(from.max(self.wal_from)) as f64;
        std::array::from_fn(|stream| segment.dying[stream] * times(self.weights[stream]) * length)
    }

    /// Series that fell away when one segment gave way to the next at `now` have died.
    pub(super) fn cross_edge(&mut self, before: &Segment, after: &Segment, now: u64) {
        if now <= self.wal_from {
            return;
        }
        let units = std::array::from_fn(|stream| {
            let fall = (before.level[stream] - after.level[stream]).max(0.0);
            fall * times(self.weights[stream])
        });
        for dead in &mut self.dead {
            dead.push(Cohort {
                from: now,
                to: now,
                units,
            });
        }
    }

    /// A step in which nothing changes but what grows: series die, samples are taken in and sent.
    pub(super) fn step(
        &mut self,
        segment: &Segment,
        (from, to): (u64, u64),
        (intake, deliveries): (&mut Intake, &mut [Delivery]),
    ) {
        let units = self.dying(segment, (from, to));
        let step = Cohort { from, to, units };
        for dead in &mut self.dead {
            match dead.last_mut() {
                Some(last) if last.goes_on_as(&step) => {
                    last.to = to;
                    for (sum, more) in last.units.iter_mut().zip(units) {
                        *sum += more;
                    }
                }
                _ if units.iter().any(|&units| units > 0.0) => dead.push(step),
                _ => {}
            }
        }
        for stream in 0..STREAMS {
            let work = u128::from(self.weights[stream])
                * fixed(segment.level[stream])
                * u128::from(to - from);
            intake.offered[stream] += work;
            if !self.is_up() {
                intake.missed[stream] += work;
                continue;
            }
            intake.scraped[stream] += work;
            for (queue, delivery) in self.queues.iter_mut().zip(&mut *deliveries) {
                let backlog = &mut queue.backlog[stream];
                if matches!(queue.sending, Sending::Stalled { is_lost: true, .. }) {
                    delivery.lost_truncation[stream] += work;
                    continue;
                }
                *backlog += work;
                if let Sending::Draining { until, .. } = queue.sending {
                    let left = share(*backlog - work, until - to, until - from);
                    delivery.sent[stream] += *backlog - left;
                    *backlog = left;
                }
            }
        }
    }

    /// A truncation: what died before `kept` leaves the table of the WAL; the queue lets go of what the
    /// third truncation before has left.
    pub(super) fn truncate(&mut self, kept: Option<u64>) {
        self.truncated.push(kept);
        let queued = self.truncated.len().checked_sub(4);
        let queued = queued.and_then(|earlier| self.truncated[earlier]);
        for gone in [&mut self.dead, &mut self.moved] {
            forget(&mut gone[0], kept);
            forget(&mut gone[1], queued);
        }
    }

    /// Unsent samples, whole ones of each stream to each endpoint.
    pub(super) fn unsent(&self, intervals: [u64; STREAMS]) -> f64 {
        self.queues
            .iter()
            .map(|queue| queue.unsent(intervals))
            .sum()
    }
}

impl Queue {
    /// Sends what a sender of so many samples per second can in a step of which it has taken in all, if
    /// nothing stops it; returns the samples that stay.
    pub(super) fn send(
        &mut self,
        (from, to): (u64, u64),
        capacity: f64,
        intervals: [u64; STREAMS],
        delivery: &mut Delivery,
    ) -> f64 {
        let in_samples =
            |stream: usize| self.backlog[stream] as f64 / 2_f64.powi(32) / intervals[stream] as f64;
        let held: f64 = (0..STREAMS).map(in_samples).sum();
        let sendable = capacity * (to - from) as f64 / 1e9;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "billionths"
        )]
        let parts = if held > sendable {
            (sendable / held * 1e9).round() as u64
        } else {
            1_000_000_000
        };
        for (sent, backlog) in delivery.sent.iter_mut().zip(&mut self.backlog) {
            let part = share(*backlog, parts, 1_000_000_000);
            *sent += part;
            *backlog -= part;
        }
        (held - sendable).max(0.0)
    }

    /// Unsent samples, whole ones of each stream.
    pub(super) fn unsent(&self, intervals: [u64; STREAMS]) -> f64 {
        samples(self.backlog, intervals)
    }
}

fn sum(cohorts: &[Cohort]) -> f64 {
    cohorts.iter().flat_map(|cohort| cohort.units).sum()
}

fn forget(dead: &mut Vec<Cohort>, kept: Option<u64>) {
    let Some(kept) = kept else { return };
    dead.retain(|cohort| cohort.to > kept);
    for cohort in dead {
        if cohort.from < kept {
            let share = (cohort.to - kept) as f64 / (cohort.to - cohort.from) as f64;
            cohort.units = cohort.units.map(|units| units * share);
            cohort.from = kept;
        }
    }
}

/// Whole samples of some work, all streams together.
pub(super) fn samples(work: [u128; STREAMS], intervals: [u64; STREAMS]) -> f64 {
    let whole = |stream: usize| ((work[stream] >> 32) / u128::from(intervals[stream])) as f64;
    (0..STREAMS).map(whole).sum()
}

pub(super) fn share(whole: u128, part: u64, of: u64) -> u128 {
    let (part, of) = (u128::from(part), u128::from(of));
    whole / of * part + whole % of * part / of
}
