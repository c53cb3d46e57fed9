//! Live bytes that grow evenly, stay, and fall evenly to zero.

use crate::units::SimTime;

/// Live bytes of a process that grow from an instant on, stay, and fall to zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ramp {
    /// When they begin to grow.
    pub from: SimTime,
    /// Live bytes then.
    pub at_from: f64,
    /// When they are highest.
    pub full: SimTime,
    /// Live bytes then.
    pub live: f64,
    /// When they begin to fall.
    pub until: SimTime,
    /// First instant without them.
    pub gone: SimTime,
}

impl Ramp {
    /// Live bytes at `at`.
    pub fn at(&self, at: SimTime) -> f64 {
        let part = |from: SimTime, to: SimTime| {
            at.since(from).nanos() as f64 / to.since(from).nanos().max(1) as f64
        };
        if at >= self.gone || at < self.from {
            0.0
        } else if at < self.full {
            self.at_from + (self.live - self.at_from) * part(self.from, self.full)
        } else if at < self.until {
            self.live
        } else {
            self.live * (1.0 - part(self.until, self.gone))
        }
    }

    /// The most live bytes from `at` on.
    pub fn most(&self, at: SimTime) -> f64 {
        if at < self.full {
            self.live.max(self.at_from)
        } else {
            self.at(at)
        }
    }

    /// The next instant after `at` at which the slope changes.
    pub fn next(&self, at: SimTime) -> SimTime {
        if at >= self.gone {
            return SimTime::NEVER;
        }
        let edges = [self.from, self.full, self.until, self.gone];
        let mut later = edges.into_iter().filter(|&edge| edge > at);
        later.next().unwrap_or(SimTime::NEVER)
    }

    /// An upper bound of this ramp and another one together, as one ramp.
    #[must_use]
    pub fn beside(self, other: Self) -> Self {
        if self.live <= 0.0 {
            return other;
        }
        if other.live <= 0.0 {
            return self;
        }
        Self {
            from: self.from.min(other.from),
            at_from: self.at_from + other.at_from,
            full: self.full.max(other.full),
            live: self.live + other.live,
            until: self.until.max(other.until),
            gone: self.gone.max(other.gone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAMP: Ramp = Ramp {
        from: SimTime::from_nanos(100),
        at_from: 10.0,
        full: SimTime::from_nanos(200),
        live: 110.0,
        until: SimTime::from_nanos(300),
        gone: SimTime::from_nanos(400),
    };

    #[test]
    fn it_grows_and_stays_and_falls() {
        let at = |nanos| RAMP.at(SimTime::from_nanos(nanos));
        for (nanos, live) in [
            (99, 0.0),
            (100, 10.0),
            (150, 60.0),
            (250, 110.0),
            (350, 55.0),
            (400, 0.0),
        ] {
            assert!((at(nanos) - live).abs() < 1e-9, "{nanos}");
        }
        assert!((RAMP.most(SimTime::ZERO) - 110.0).abs() < 1e-9);
        assert!((RAMP.most(SimTime::from_nanos(350)) - 55.0).abs() < 1e-9);
        assert_eq!(RAMP.next(SimTime::from_nanos(200)), RAMP.until);
    }

    #[test]
    fn two_are_never_below_their_sum_at_the_top() {
        let both = RAMP.beside(RAMP);
        assert!((both.at(RAMP.full) - 220.0).abs() < 1e-9);
        assert_eq!(RAMP.beside(Ramp::default()), RAMP);
    }
}
