//! Scrapes of a collector with less CPU than it demands: how long they take, and which fail.

use crate::stats::{crossing, normal_cdf};

/// Share of the CPU time of a sample that is spent until its page has been read. The time-out of a
/// scrape bounds that part.
///
/// INFERRED: 1.6 of 5.62 microseconds, for reading compressed pages. Scraping takes 1.88 besides,
/// and sending 2.14. All three are from a measurement of ours (not published) of Prometheus 2.42 in
/// agent mode, whose scraper Alloy uses.
const FETCH_SHARE: f64 = 1.6 / (1.6 + 1.88 + 2.14);

/// Standard deviation of the logarithm of sizes below which targets count as equal.
const ALIKE: f64 = 1e-3;

/// The scrapes of targets that differ only in size.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scrapes {
    /// Seconds between two scrapes of one target.
    pub interval: f64,
    /// Time-out: seconds after which the page must have been read.
    pub timeout: f64,
    /// Standard deviation of the logarithm of the targets' sizes.
    pub spread: f64,
}

impl Scrapes {
    /// Share of the samples that are missed at a CPU grant: the share `granted` of the CPU demand.
    ///
    /// With too little CPU every scrape slows down in proportion. A scrape longer than its interval
    /// skips the next one, so the missed share equals the CPU shortfall. At long intervals scrapes
    /// hit the time-out first. Every scrape then gets the same CPU before its time-out; larger
    /// targets fail, and their work is wasted.
    ///
    /// Simplified: time-outs count once the mean page would be late. A scrape that succeeds skips
    /// none.
    pub fn missed(&self, granted: f64) -> f64 {
        if granted >= 1.0 {
            return 0.0;
        }
        if granted <= 0.0 {
            return 1.0;
        }
        let read_in = FETCH_SHARE * self.interval / granted;
        if read_in <= self.timeout {
            1.0 - granted
        } else {
            1.0 - self.in_time(granted)
        }
    }

    /// Share of the samples whose pages are read in time. Every scrape gets the same CPU before its
    /// time-out, as much as uses up the share `granted`.
    fn in_time(&self, granted: f64) -> f64 {
        if self.spread < ALIKE {
            return ((granted - FETCH_SHARE) / (1.0 - FETCH_SHARE)).max(0.0);
        }
        // Sizes are lognormal with mean 1; `reach` is the largest size that is read in time.
        let half = self.spread * self.spread / 2.0;
        let samples = |reach: f64| normal_cdf((reach.ln() - half) / self.spread);
        let scrapes = |reach: f64| normal_cdf((reach.ln() + half) / self.spread);
        let used = |reach: f64| {
            let wasted = FETCH_SHARE * reach * (1.0 - scrapes(reach));
            samples(reach) + wasted
        };
        let largest = (8.0 * self.spread + half).exp();
        samples(crossing(1e-12, largest, |reach| used(reach) < granted))
    }

    /// Duration in seconds of a scrape that takes `alone` seconds by itself, and waits `stall`
    /// seconds for the next period of a quota. The scrapes of the collector demand `load` times the
    /// CPU that they can get. At `load` 1 and above the result is the greatest that interval and
    /// time-out allow.
    ///
    /// Source: M. Harchol-Balter, "Performance Modeling and Design of Computer Systems", 2013, chapter 22,
    /// processor sharing: work / (1 - load).
    pub fn seconds(&self, (alone, stall): (f64, f64), load: f64) -> f64 {
        let at_most = (self.interval * load.max(1.0)).min(self.timeout / FETCH_SHARE);
        if load < 1.0 {
            (alone / (1.0 - load) + stall).min(at_most)
        } else {
            at_most
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_are_read_in_time_waste_nothing() {
        let often = Scrapes {
            interval: 15.0,
            timeout: 10.0,
            spread: 0.3,
        };
        assert!((often.missed(0.8) - 0.2).abs() < 1e-12);
        assert!(often.missed(1.0).abs() < 1e-12);
        assert!((often.missed(0.0) - 1.0).abs() < 1e-12);
        let rarely = Scrapes {
            interval: 60.0,
            ..often
        };
        assert!(rarely.missed(0.8) > 0.2);
        let alike = Scrapes {
            spread: 0.0,
            ..rarely
        };
        let narrow = Scrapes {
            spread: 0.002,
            ..rarely
        };
        assert!((alike.missed(0.8) - narrow.missed(0.8)).abs() < 0.01);
        assert!((alike.missed(0.1) - 1.0).abs() < 1e-12, "all time out");
    }
}
