//! The WAL of one process at an even rate, in exact integers: Alloy's truncation loop and Prometheus'
//! reader, one step after another. Written from the source, not from the model.

/// Bytes of a full segment.
const SEGMENT: u128 = 128 << 20;
pub(crate) const MINUTE: u64 = 60_000_000_000;
pub(crate) const HOUR: u64 = 60 * MINUTE;

/// The rule of a WAL.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// Bytes of the WAL per second: a numerator and a denominator.
    pub(crate) rate: (u64, u64),
    pub(crate) every: u64,
    pub(crate) keep_min: u64,
    pub(crate) keep_max: u64,
    /// Whether a truncation is skipped while the time up to which it may go does not move.
    pub(crate) skips: bool,
}

impl Rule {
    /// Alloy's rule for so many series at 60 s and 5.5 bytes per sample.
    pub(crate) fn alloy(series: u64) -> Self {
        Self {
            rate: (11 * series, 120),
            every: 2 * HOUR,
            keep_min: 5 * MINUTE,
            keep_max: 8 * HOUR,
            skips: true,
        }
    }
}

/// Where the reader is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reader {
    AtHead,
    /// It waits since then, in the segment that starts at `own`. It loses all from `lost_from` on.
    Waits {
        since: u64,
        own: u64,
        lost_from: Option<u64>,
    },
    /// It catches up evenly from a lag.
    CatchesUp {
        from: u64,
        until: u64,
        lag: u64,
    },
}

/// One process and its WAL.
#[derive(Clone, Debug)]
pub(super) struct Oracle {
    rule: Rule,
    now: u64,
    /// Closed segments: start, end, filled.
    closed: Vec<(u64, u64, u128)>,
    open_from: u64,
    fill: u128,
    next: u64,
    has_sent: bool,
    mark: Option<i128>,
    reader: Reader,
    /// Nanoseconds of data that truncations took.
    pub(super) lost: u64,
    /// Nanoseconds of data that ends of processes took.
    pub(super) lost_at_ends: u64,
    /// The fullest that the WAL has been, in bytes times nanoseconds times the denominator of the rate.
    fullest: u128,
    /// How far back it reached before and after each truncation that was not skipped.
    pub(super) reach: Vec<(u64, u64)>,
    /// The first truncation that took something unsent.
    pub(super) first_loss: Option<u64>,
}

impl Oracle {
    pub(super) fn new(rule: Rule) -> Self {
        Self {
            rule,
            now: 0,
            closed: Vec::new(),
            open_from: 0,
            fill: 0,
            next: rule.every,
            has_sent: true,
            mark: None,
            reader: Reader::AtHead,
            lost: 0,
            lost_at_ends: 0,
            fullest: 0,
            reach: Vec::new(),
            first_loss: None,
        }
    }

    /// A process that starts while its endpoint is away.
    pub(super) fn born_into_an_outage(rule: Rule) -> Self {
        let mut one = Self::new(rule);
        one.has_sent = false;
        one.wait();
        one
    }

    fn full(&self) -> u128 {
        SEGMENT * 1_000_000_000 * u128::from(self.rule.rate.1)
    }

    /// Bytes of the fullest WAL so far.
    pub(super) fn bytes_peak(&self) -> f64 {
        self.fullest as f64 / 1e9 / self.rule.rate.1 as f64
    }

    fn write_to(&mut self, to: u64) {
        let rate = u128::from(self.rule.rate.0);
        while self.now < to {
            let needs = u64::try_from((self.full() - self.fill).div_ceil(rate)).unwrap();
            let step = needs.min(to - self.now);
            self.fill += rate * u128::from(step);
            self.now += step;
            if self.fill >= self.full() {
                let rest = self.fill - self.full();
                self.closed.push((self.open_from, self.now, self.full()));
                (self.open_from, self.fill) = (self.now, rest);
            }
        }
        let closed: u128 = self.closed.iter().map(|closed| closed.2).sum();
        self.fullest = self.fullest.max(closed + self.fill);
    }

    /// Runs up to an instant, with all truncations before it.
    pub(super) fn run(&mut self, to: u64) {
        while self.next < to {
            self.end_catching_up(self.next);
            self.write_to(self.next);
            self.next += self.rule.every;
            self.truncate();
        }
        self.end_catching_up(to);
        self.write_to(to);
    }

    fn end_catching_up(&mut self, now: u64) {
        if matches!(self.reader, Reader::CatchesUp { until, .. } if until <= now) {
            self.reader = Reader::AtHead;
        }
    }

    /// The next sample that the reader is to read.
    fn position(&self) -> u64 {
        match self.reader {
            Reader::AtHead => self.now,
            Reader::Waits { since, .. } => since,
            Reader::CatchesUp { from, until, lag } => {
                let left =
                    u128::from(lag) * u128::from(until - self.now) / u128::from(until - from);
                self.now - u64::try_from(left).unwrap()
            }
        }
    }

    fn truncate(&mut self) {
        let Rule {
            keep_min, keep_max, ..
        } = self.rule;
        let oldest = i128::from(self.now) - i128::from(keep_max);
        let sent = i128::from(match self.reader {
            Reader::Waits { since, .. } => since,
            // What catches up moves on, by however little.
            Reader::AtHead | Reader::CatchesUp { .. } => self.now,
        });
        let sent = self.has_sent.then_some(sent - i128::from(keep_min));
        let mark = sent.map_or(oldest, |sent| sent.max(oldest));
        if self.rule.skips && self.mark.replace(mark) == Some(mark) {
            return;
        }
        let closed = self.closed.len();
        let before = self.start();
        self.closed.push((self.open_from, self.now, self.fill));
        (self.open_from, self.fill) = (self.now, 0);
        let last = closed.saturating_sub(1) * 2 / 3;
        if last > 0 {
            self.overtake(last);
            self.closed.drain(..=last);
        }
        self.reach
            .push((self.now - before, self.now - self.start()));
    }

    fn start(&self) -> u64 {
        self.closed.first().map_or(self.open_from, |first| first.0)
    }

    /// The reader has its segment open, and fails if the next one is gone.
    fn overtake(&mut self, last: usize) {
        let position = self.position();
        let start = match self.reader {
            Reader::Waits { own, .. } => own,
            _ => self.holding(position),
        };
        // A segment that has gone, but is still open to the reader, is in no list.
        let own = self.closed.iter().position(|closed| closed.0 == start);
        if own.is_some_and(|own| own >= last) || start == self.open_from {
            return;
        }
        let from = own
            .map_or(self.closed[0].0, |own| self.closed[own].1)
            .max(position);
        let now = self.now;
        match &mut self.reader {
            Reader::AtHead => return,
            Reader::Waits { lost_from, .. } => {
                lost_from.get_or_insert(from);
            }
            Reader::CatchesUp { .. } => {
                self.lost += now - from;
                self.reader = Reader::AtHead;
            }
        }
        self.first_loss.get_or_insert(now);
    }

    /// Start of the segment in which something was written, as far as it is known.
    fn holding(&self, position: u64) -> u64 {
        let mut starts = self
            .closed
            .iter()
            .map(|closed| closed.0)
            .chain([self.open_from]);
        starts.rfind(|&start| start <= position).unwrap_or(0)
    }

    /// The endpoint goes away.
    pub(super) fn wait(&mut self) {
        self.reader = Reader::Waits {
            since: self.now,
            own: self.open_from,
            lost_from: None,
        };
    }

    /// The endpoint answers. What waits is worked off evenly within `takes`.
    pub(super) fn resume(&mut self, takes: u64) {
        let Reader::Waits {
            since, lost_from, ..
        } = self.reader
        else {
            return;
        };
        self.has_sent = true;
        self.reader = Reader::CatchesUp {
            from: self.now,
            until: self.now + takes,
            lag: self.now - since,
        };
        if let Some(from) = lost_from {
            self.lost += self.now - from;
            self.reader = Reader::AtHead;
        }
    }

    /// The process ends, and another one starts after `gap`, with the WAL on a `volume` or without.
    pub(super) fn restart(&mut self, gap: u64, volume: bool) {
        let is_away = match self.reader {
            Reader::Waits {
                since, lost_from, ..
            } => {
                let kept = lost_from.unwrap_or(self.now);
                self.lost += self.now - kept;
                self.lost_at_ends += kept - since;
                true
            }
            Reader::AtHead | Reader::CatchesUp { .. } => {
                self.lost_at_ends += self.now - self.position();
                false
            }
        };
        self.closed.push((self.open_from, self.now, self.fill));
        if !volume {
            self.closed.clear();
        }
        self.now += gap;
        (self.open_from, self.fill) = (self.now, 0);
        (self.next, self.mark) = (self.now + self.rule.every, None);
        (self.reader, self.has_sent) = (Reader::AtHead, !is_away);
        if is_away {
            self.wait();
        }
    }
}
