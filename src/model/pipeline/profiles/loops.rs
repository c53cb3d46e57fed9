//! The loops of a collector, one per target and type: each has one profile in hand, and waits with it.

use crate::engine::RandomStream;
use crate::model::blueprint::Backoff;
use crate::units::{SimTime, Span};

/// Loops of a collector that are followed one by one through an outage.
///
/// Simplified: of more loops so many stand for all. Their phases are spread evenly.
const FOLLOWED: u32 = 128;

/// What the loops of a collector do.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Loops {
    /// Each asks for a profile at every tick of its interval.
    #[default]
    Running,
    /// An endpoint takes nothing.
    Waiting {
        /// Since when.
        since: SimTime,
    },
    /// All endpoints answer again, and loops sleep their waits out.
    Resuming(Resuming),
}

/// Loops that sleep their waits out after an outage.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Resuming {
    /// The end of the outage.
    from: SimTime,
    /// Seconds from then on after which each loop goes on, ascending.
    wakes: Vec<f64>,
    /// Share of what falls due while its loop sleeps that nobody ever asks for.
    pub skipped: f64,
}

impl Resuming {
    /// Mean share of the loops that sleep over a span.
    pub(super) fn asleep(&self, span: Span) -> f64 {
        let (from, to) = self.seconds(span);
        let slept = |&wake: &f64| (wake.min(to) - from).max(0.0);
        let all = (to - from).max(f64::MIN_POSITIVE) * self.wakes.len() as f64;
        (self.wakes.iter().map(slept).sum::<f64>() / all).min(1.0)
    }

    /// Of the loops that sleep at the start of a span, the share that has woken by its end.
    pub(super) fn woken(&self, span: Span) -> f64 {
        let (from, to) = self.seconds(span);
        let awake = |at: f64| self.wakes.partition_point(|&wake| wake <= at);
        let asleep = self.wakes.len() - awake(from);
        if asleep == 0 {
            return 1.0;
        }
        (awake(to) - awake(from)) as f64 / asleep as f64
    }

    /// Whether all loops have woken by `at`.
    pub(super) fn is_over(&self, at: SimTime) -> bool {
        let last = self.wakes.last().copied().unwrap_or(0.0);
        at.since(self.from).secs_f64() >= last
    }

    fn seconds(&self, span: Span) -> (f64, f64) {
        let since = |at: SimTime| at.since(self.from).secs_f64();
        (since(span.from), since(span.to))
    }
}

/// What the loops of a collector made of an outage.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Toll {
    /// Share of what fell due in the outage that was given up.
    pub given_up: f64,
    /// Share of it that nobody ever asks for.
    pub skipped: f64,
    /// Share of what falls due later, while its loop sleeps, that nobody ever asks for.
    skipped_later: f64,
    /// Seconds from the end of the outage after which each loop goes on, ascending.
    wakes: Vec<f64>,
    /// Seconds from the start of the outage to the first profile given up, if any.
    pub first: Option<f64>,
}

impl Toll {
    /// Seconds from the end of the outage until the last loop goes on.
    pub(super) fn last_wake(&self) -> f64 {
        self.wakes.last().copied().unwrap_or(0.0)
    }

    /// The loops after the outage, which ends at `from`.
    pub(super) fn resuming(self, from: SimTime) -> Resuming {
        Resuming {
            from,
            wakes: self.wakes,
            skipped: self.skipped_later,
        }
    }
}

/// An outage, as one loop meets it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Away {
    /// Length in seconds.
    pub seconds: f64,
    /// Seconds until an attempt fails.
    pub attempt_seconds: f64,
    /// Seconds between two ticks of a loop.
    pub interval: f64,
}

/// Profiles of one loop.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Course {
    /// Due in the outage.
    due: f64,
    given_up: f64,
    skipped: f64,
    /// Due after the outage, before the loop goes on.
    due_later: f64,
    skipped_later: f64,
    /// Seconds from the end of the outage until the loop goes on.
    wakes: f64,
    /// Seconds from the start of the outage to the first profile given up, if any.
    first: Option<f64>,
}

impl Away {
    /// What `loops` loops of a collector make of the outage.
    pub(super) fn toll(self, retries: &Backoff, loops: f64, luck: &mut RandomStream) -> Toll {
        let count = if loops < f64::from(FOLLOWED) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "fewer than those that are followed"
            )]
            let count = loops.round() as u32;
            count.max(1)
        } else {
            FOLLOWED
        };
        let mut sum = Course::default();
        let mut wakes = Vec::new();
        for number in 0..count {
            let phase = (f64::from(number) + luck.unit()) / f64::from(count);
            let of = self.course(retries, phase * self.interval, luck);
            sum.due += of.due;
            sum.given_up += of.given_up;
            sum.skipped += of.skipped;
            sum.due_later += of.due_later;
            sum.skipped_later += of.skipped_later;
            sum.first = [sum.first, of.first].into_iter().flatten().reduce(f64::min);
            wakes.push(of.wakes);
        }
        wakes.sort_by(f64::total_cmp);
        let share = |part: f64, all: f64| if all > 0.0 { part / all } else { 0.0 };
        Toll {
            given_up: share(sum.given_up, sum.due),
            skipped: share(sum.skipped, sum.due),
            skipped_later: share(sum.skipped_later, sum.due_later),
            wakes,
            first: sum.first,
        }
    }

    /// A loop whose first tick in the outage comes after `first` seconds. The ticker of a loop that
    /// waits keeps one tick; the loop acts on it at once when it goes on. All others are gone.
    ///
    /// Source: grafana/alloy, `internal/component/pyroscope/scrape/scrape_loop.go`, v1.18.1, and Go's
    /// `time.Ticker`, whose channel holds one tick.
    fn course(self, retries: &Backoff, first: f64, luck: &mut RandomStream) -> Course {
        if first >= self.seconds {
            return Course::default();
        }
        let outage = self.seconds - first;
        let course = retries.course((outage, self.attempt_seconds), self.interval, luck);
        let ticks = |until: f64| (until / self.interval).ceil();
        let due = ticks(outage);
        let given_up = course.given_up.len() as f64;
        let in_hand = f64::from(u8::from(course.since < outage));
        // A tick that came after the profile in hand.
        let is_kept = due > (course.since / self.interval).floor() + 1.0;
        let kept = f64::from(u8::from(is_kept));
        let due_later = ticks(outage + course.resumes_in) - due;
        let kept_later = (1.0 - kept).min(due_later);
        Course {
            due,
            given_up,
            skipped: (due - given_up - in_hand - kept).max(0.0),
            due_later,
            skipped_later: (due_later - kept_later).max(0.0),
            wakes: course.resumes_in,
            first: course.given_up.first().map(|at| first + at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::RandomStreams;
    use crate::units::SimDuration;

    const RETRIES: Backoff = Backoff {
        attempts: 10,
        first_seconds: 0.5,
        longest_seconds: 300.0,
    };

    fn away(seconds: f64) -> Away {
        Away {
            seconds,
            attempt_seconds: 0.0,
            interval: 15.0,
        }
    }

    /// A hundred seconds have six or seven ticks of a loop: one is in hand, one is kept, and the
    /// others are gone.
    #[test]
    fn a_loop_has_one_profile_in_hand_and_one_tick() {
        for seed in 0..200 {
            let luck = &mut RandomStreams::new(7, 0).stream(1, 2, seed);
            let course = away(100.0).course(&RETRIES, 10.0, luck);
            assert!((course.due - 6.0).abs() < 1e-9 && course.given_up <= 0.0);
            assert!((course.skipped - 4.0).abs() < 1e-9);
            assert!((course.skipped_later - course.due_later).abs() < 1e-9);
            assert!((0.0..=256.0).contains(&course.wakes));
            let unharmed = away(5.0).course(&RETRIES, 10.0, luck);
            assert_eq!(unharmed, Course::default());
        }
    }

    /// After an outage of ten minutes each loop has given one or two profiles up.
    #[test]
    fn a_profile_is_given_up_after_its_tenth_attempt() {
        let luck = &mut RandomStreams::new(7, 0).stream(1, 2, 3);
        let toll = away(600.0).toll(&RETRIES, 1e6, luck);
        // One or two of forty.
        assert!(
            (1.0 / 41.0..2.0 / 39.0).contains(&toll.given_up),
            "{toll:?}"
        );
        assert!(
            toll.first
                .is_some_and(|first| (255.5..400.0).contains(&first))
        );
        assert!(toll.given_up + toll.skipped < 1.0);
    }

    #[test]
    fn loops_wake_one_after_the_other() {
        let toll = Toll {
            wakes: vec![0.0, 10.0, 20.0, 30.0],
            ..Toll::default()
        };
        let start = SimTime::ZERO + SimDuration::from_secs(100);
        let resuming = toll.resuming(start);
        let at = |seconds| start + SimDuration::from_secs(seconds);
        let close =
            |value: f64, expected: f64| assert!((value - expected).abs() < 1e-12, "{value}");
        close(resuming.asleep(Span::new(at(0), at(20))), 50.0 / 80.0);
        close(resuming.woken(Span::new(at(0), at(20))), 2.0 / 3.0);
        close(resuming.woken(Span::new(at(20), at(30))), 1.0);
        assert!(!resuming.is_over(at(29)) && resuming.is_over(at(30)));
    }
}
