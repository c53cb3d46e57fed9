//! Memory that a process does not give back.

use crate::units::{SimTime, Span};

/// Highest live bytes of a process, since Go hardly ever gives memory back.
///
/// Simplified: anonymous memory never falls. In a measurement of ours (not published) every
/// transient set a new floor.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Held {
    /// When the process started.
    started: SimTime,
    /// Instant up to which the process has been followed.
    up_to: SimTime,
    live: f64,
}

impl Held {
    /// Follows a process up to `now`. `settled` is its time from its start to its last touch.
    /// `peak(span, floor)` gives its highest live bytes in a span, or `floor`.
    pub(super) fn follow(&mut self, settled: Span, now: SimTime, peak: impl Fn(Span, f64) -> f64) {
        if self.started != settled.from {
            *self = Self {
                started: settled.from,
                up_to: settled.to,
                live: 0.0,
            };
        }
        if self.up_to < now {
            self.live = peak(Span::new(self.up_to, now), self.live);
            self.up_to = now;
        }
    }

    /// The highest live bytes of a process that has `live` now.
    pub(super) fn highest(&self, live: f64) -> f64 {
        self.live.max(live)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_stays_until_the_process_ends() {
        let at = SimTime::from_nanos;
        let settled = |from, to| Span::new(at(from), at(to));
        let mut held = Held::default();
        // Live bytes are 30 up to 100, and 10 from then on.
        let peak = |span: Span, floor: f64| {
            let live: f64 = if span.from < at(100) { 30.0 } else { 10.0 };
            live.max(floor)
        };
        held.follow(settled(5, 5), at(60), peak);
        held.follow(settled(5, 60), at(150), peak);
        held.follow(settled(5, 150), at(200), peak);
        assert_eq!(held.highest(10.0).to_bits(), 30.0_f64.to_bits());
        assert_eq!(held.highest(40.0).to_bits(), 40.0_f64.to_bits());
        held.follow(settled(210, 210), at(210), peak);
        assert_eq!(
            held.highest(10.0).to_bits(),
            10.0_f64.to_bits(),
            "a new one"
        );
    }
}
