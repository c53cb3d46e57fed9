//! Loops of `pyroscope.scrape`, tick by tick, through one outage.

use alloy_sim::engine::{RandomStream, RandomStreams};

const INTERVAL: f64 = 15.0;
const ATTEMPTS: i32 = 10;

/// What many loops go through: an outage from the start on, and some time after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene {
    /// Seconds of the outage.
    pub(super) outage: f64,
    /// Seconds until an attempt fails.
    pub(super) attempt: f64,
    /// Seconds until the end.
    pub(super) end: f64,
}

/// What became of the profiles of one loop.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fate {
    pub(super) due: f64,
    pub(super) given_up: f64,
    pub(super) skipped: f64,
    /// Seconds from the end of the outage to the first profile that arrives.
    pub(super) late: f64,
}

impl Scene {
    /// So many loops, with phases at random.
    pub(super) fn run(&self, loops: u32) -> Vec<Fate> {
        let luck = |number| RandomStreams::new(11, 0).stream(3, 4, number);
        (0..loops)
            .map(|number| self.one(&mut luck(number)))
            .collect()
    }

    /// One loop, whose ticker keeps a single tick while the loop is busy.
    fn one(&self, luck: &mut RandomStream) -> Fate {
        let mut fate = Fate::default();
        let mut tick = luck.unit() * INTERVAL;
        let (mut now, mut kept) = (0.0, false);
        let mut has_arrived = false;
        loop {
            let asked_at = if kept {
                now
            } else {
                fate.due += 1.0;
                tick += INTERVAL;
                tick - INTERVAL
            };
            kept = false;
            if asked_at >= self.end {
                fate.due -= 1.0;
                return fate;
            }
            now = asked_at;
            let mut failed = 0;
            while now < self.outage && failed < ATTEMPTS {
                now += self.attempt;
                failed += 1;
                if failed < ATTEMPTS {
                    let least = 0.5 * 2.0_f64.powi(failed - 1);
                    now += least * (1.0 + luck.unit());
                }
            }
            if failed == ATTEMPTS {
                fate.given_up += 1.0;
            } else if !has_arrived {
                has_arrived = true;
                fate.late = (now - self.outage).max(0.0);
            }
            while tick <= now {
                fate.due += 1.0;
                fate.skipped += f64::from(u8::from(kept));
                kept = true;
                tick += INTERVAL;
            }
        }
    }
}
