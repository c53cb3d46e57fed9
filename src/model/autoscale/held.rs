//! Memory that a process took and does not give back.

/// Highest live bytes of a process: memory that a Go process took it hardly ever gives back.
///
/// Simplified: its resident memory never falls. In a measurement of ours (not published) every
/// transient set a new floor.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Held {
    /// Nanosecond of the start of the process.
    started: u64,
    /// Nanosecond up to which it was looked at.
    up_to: u64,
    live: f64,
}

impl Held {
    /// Follows the process that started at `started` and is accounted for up to `settled`, up to `now`:
    /// `peak(span, floor)` is the highest of its live bytes in a span, or `floor`.
    pub(super) fn follow(
        &mut self,
        (started, settled): (u64, u64),
        now: u64,
        peak: impl Fn((u64, u64), f64) -> f64,
    ) {
        if self.started != started {
            *self = Self {
                started,
                up_to: settled,
                live: 0.0,
            };
        }
        if self.up_to < now {
            self.live = peak((self.up_to, now), self.live);
            self.up_to = now;
        }
    }

    /// The highest live bytes of the process, of which it has `live` now.
    pub(super) fn highest(&self, live: f64) -> f64 {
        self.live.max(live)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_stays_until_the_process_ends() {
        let mut held = Held::default();
        // Live bytes are 30 up to 100, and 10 from then on.
        let peak = |(from, _): (u64, u64), floor: f64| {
            let live: f64 = if from < 100 { 30.0 } else { 10.0 };
            live.max(floor)
        };
        held.follow((5, 5), 60, peak);
        held.follow((5, 60), 150, peak);
        held.follow((5, 150), 200, peak);
        assert_eq!(held.highest(10.0).to_bits(), 30.0_f64.to_bits());
        assert_eq!(held.highest(40.0).to_bits(), 40.0_f64.to_bits());
        held.follow((210, 210), 210, peak);
        assert_eq!(
            held.highest(10.0).to_bits(),
            10.0_f64.to_bits(),
            "a new one"
        );
    }
}
