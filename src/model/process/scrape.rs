//! Scrapes of a collector that has less CPU than it wants: how long they take, and which fail.

use crate::stats::{crossing, normal_cdf};

/// Share of the CPU time of a sample, from scrape to endpoint, until its page has been read: what the
/// time-out of a scrape bounds.
///
/// INFERRED: 1.6 of 5.62 microseconds in a measurement of ours (not published) of Prometheus 2.42 in agent
/// mode, whose scraper is Alloy's: reading compressed pages; scraping 1.88 and sending 2.14 besides.
const FETCH_SHARE: f64 = 1.6 / (1.6 + 1.88 + 2.14);

/// Spread of sizes, as the standard deviation of their logarithm, below which targets count as alike.
const ALIKE: f64 = 1e-3;

/// The scrapes of alike targets, but for their size.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scrapes {
    /// Seconds between two scrapes of one target.
    pub interval: f64,
    /// Seconds after which the page must have been read.
    pub timeout: f64,
    /// Standard deviation of the logarithm of their sizes.
    pub spread: f64,
}

impl Scrapes {
    /// Share of the samples that are missed if all scrapes and what follows them get the share `granted`
    /// of the CPU that they want.
    ///
    /// All scrapes share the CPU alike and take as much longer. As long as pages are read in time, one
    /// that lasts longer than the interval skips the next, and what is missed is what there is no CPU
    /// for. Otherwise a scrape gets so much CPU before it times out, the same for all: larger targets
    /// fail, and waste what they got.
    ///
    /// Simplified: a time-out counts once the mean page would be late; a scrape that succeeds skips none.
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

    /// Share of the samples whose pages are read in time, where each scrape gets as much CPU before its
    /// time-out as uses up what is granted.
    fn in_time(&self, granted: f64) -> f64 {
        if self.spread < ALIKE {
            return ((granted - FETCH_SHARE) / (1.0 - FETCH_SHARE)).max(0.0);
        }
        // Sizes are lognormal with mean 1; `reach` is the largest that is read in time.
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

    /// Seconds that a scrape takes that costs `cost` core seconds of its own, on a collector that wants
    /// `load` times the CPU it gets; at and above 1 the most, by its interval and its time-out.
    ///
    /// Source: M. Harchol-Balter, "Performance Modeling and Design of Computer Systems", 2013, chapter 22,
    /// processor sharing: work / (1 - load).
    pub fn seconds(&self, cost: f64, load: f64) -> f64 {
        let at_most = (self.interval * load.max(1.0)).min(self.timeout / FETCH_SHARE);
        if load < 1.0 {
            (cost / (1.0 - load)).min(at_most)
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
