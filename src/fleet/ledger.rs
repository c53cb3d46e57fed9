//! Where every sample went, in exact integers, and the proof that none is unaccounted for.

use super::driver::samples_of;

/// One stream of one fleet: work (series × nanoseconds, fixed point) by fate.
///
/// Every counter is fed where its cause happens; none is the difference of others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Exposed by the workloads, counted from the fleet's total without looking at collectors.
    pub offered: u128,
    /// Taken in by collectors.
    pub scraped: u128,
    /// Missed: the collector was down, or its targets had no owner.
    pub missed_down: u128,
    /// Missed: the collector had too little CPU.
    pub missed_cpu: u128,
    /// Accepted by the endpoint.
    pub sent: u128,
    /// Lost with the backlog of a process that ended.
    pub lost_restart: u128,
    /// Lost to a truncation of the write-ahead log.
    pub lost_truncation: u128,
    /// Lost because the sender could not keep up with the scrapes.
    pub lost_overload: u128,
    /// Lost with a pod that ended.
    pub lost_exit: u128,
}

impl Account {
    /// Everything lost after it was taken in.
    pub fn lost(&self) -> u128 {
        self.lost_restart + self.lost_truncation + self.lost_overload + self.lost_exit
    }

    /// What is wrong with the account if `pending` is still unsent, or nothing.
    pub fn imbalance(&self, pending: u128) -> Option<String> {
        let taken = self.scraped + self.missed_down + self.missed_cpu;
        if self.offered != taken {
            return Some(format!(
                "offered {} is not scraped + missed {taken}",
                self.offered
            ));
        }
        let fate = self.sent + pending + self.lost();
        (self.scraped != fate).then(|| {
            format!(
                "scraped {} is not sent + pending + lost {fate}",
                self.scraped
            )
        })
    }
}

/// All streams of one fleet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// One account per stream of the fleet.
    pub accounts: Vec<Account>,
    /// Nanoseconds between two scrapes, per stream.
    pub intervals: Vec<u64>,
}

impl Ledger {
    /// Empty accounts for streams with these scrape intervals in nanoseconds.
    pub fn new(intervals: Vec<u64>) -> Self {
        Self {
            accounts: vec![Account::default(); intervals.len()],
            intervals,
        }
    }

    /// Samples of one fate over all streams.
    pub fn samples(&self, fate: impl Fn(&Account) -> u128) -> f64 {
        let streams = self.accounts.iter().zip(&self.intervals);
        streams
            .map(|(account, &interval)| samples_of(fate(account), interval) as f64)
            .sum()
    }

    /// Panics if a stream's account does not balance with what is still unsent.
    pub fn assert_balanced(&self, fleet: &str, pending: &[u128]) {
        for (stream, account) in self.accounts.iter().enumerate() {
            if let Some(imbalance) = account.imbalance(pending[stream]) {
                panic!("samples of fleet {fleet}, stream {stream} are not conserved: {imbalance}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_batch_is_noticed() {
        let mut account = Account {
            offered: 10,
            scraped: 9,
            missed_down: 1,
            ..Account::default()
        };
        account.sent = 6;
        assert_eq!(account.imbalance(3), None);
        account.sent -= 1;
        assert!(
            account
                .imbalance(3)
                .expect("a batch is gone")
                .contains("not sent + pending + lost")
        );
        account.missed_down = 0;
        assert!(
            account
                .imbalance(4)
                .expect("a scrape is gone")
                .contains("not scraped + missed")
        );
    }
}
