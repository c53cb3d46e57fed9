//! The fate of every sample, in exact integers, and the proof that none is unaccounted for.

use crate::model::load::driver::samples_of;
use crate::units::SimDuration;

/// Samples of one stream of one fleet up to their scrape, as work (series × nanoseconds, fixed
/// point).
///
/// Every counter is fed where its cause happens. No counter is the difference of others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Intake {
    /// Exposed by the workloads: counted from the fleet's total, independently of collectors.
    pub offered: u128,
    /// Scraped by collectors.
    pub scraped: u128,
    /// Missed: the collector was down, or the targets had no owner.
    pub missed_down: u128,
    /// Missed: the collector had too little CPU.
    pub missed_cpu: u128,
    /// Missed: the job had ended before its first scrape.
    pub missed_pull: u128,
}

/// Fates of the samples of one stream on the route to one endpoint, which is due all that was
/// scraped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Accepted by the endpoint.
    pub sent: u128,
    /// Sent before the measured horizon, while another endpoint was still due them.
    pub earlier: u128,
    /// Lost with the backlog of a process that ended.
    pub lost_restart: u128,
    /// Lost to a truncation of the WAL after an outage.
    pub lost_truncation: u128,
    /// Lost because the sender could not keep up with the scrapes.
    pub lost_overload: u128,
    /// Rejected by the endpoint for good.
    pub lost_rejected: u128,
    /// Lost with a pod that ended.
    pub lost_exit: u128,
}

impl Delivery {
    /// Everything that was lost after its scrape.
    pub fn lost(&self) -> u128 {
        self.lost_restart
            + self.lost_truncation
            + self.lost_overload
            + self.lost_rejected
            + self.lost_exit
    }
}

/// All streams of one fleet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// One intake per stream of the fleet.
    pub intakes: Vec<Intake>,
    /// One delivery per endpoint and stream, endpoint by endpoint.
    pub deliveries: Vec<Delivery>,
    /// Time between two scrapes, per stream.
    pub intervals: Vec<SimDuration>,
}

impl Ledger {
    /// An empty ledger for streams with these scrape intervals and `endpoints` endpoints.
    pub fn new(intervals: Vec<SimDuration>, endpoints: usize) -> Self {
        Self {
            intakes: vec![Intake::default(); intervals.len()],
            deliveries: vec![Delivery::default(); intervals.len() * endpoints],
            intervals,
        }
    }

    /// Samples of one fate up to their scrape, over all streams.
    pub fn taken(&self, fate: impl Fn(&Intake) -> u128) -> f64 {
        let streams = self.intakes.iter().zip(&self.intervals);
        streams
            .map(|(intake, &interval)| samples_of(fate(intake), interval) as f64)
            .sum()
    }

    /// Samples of one fate on the route to one endpoint, over all streams.
    pub fn delivered(&self, endpoint: usize, fate: impl Fn(&Delivery) -> u128) -> f64 {
        let streams = self.deliveries_to(endpoint).iter().zip(&self.intervals);
        streams
            .map(|(delivery, &interval)| samples_of(fate(delivery), interval) as f64)
            .sum()
    }

    fn deliveries_to(&self, endpoint: usize) -> &[Delivery] {
        let streams = self.intervals.len();
        &self.deliveries[endpoint * streams..][..streams]
    }

    /// What is wrong with the ledger if `pending` is still unsent; `None` if it balances. `pending`
    /// is endpoint by endpoint, and within each stream by stream.
    fn imbalance(&self, pending: &[u128]) -> Option<String> {
        for (stream, intake) in self.intakes.iter().enumerate() {
            let missed = intake.missed_down + intake.missed_cpu + intake.missed_pull;
            let taken = intake.scraped + missed;
            if intake.offered != taken {
                let offered = intake.offered;
                return Some(format!(
                    "stream {stream}: offered {offered} is not scraped + missed {taken}"
                ));
            }
        }
        let streams = self.intakes.len().max(1);
        for (place, (delivery, pending)) in self.deliveries.iter().zip(pending).enumerate() {
            let (endpoint, stream) = (place / streams, place % streams);
            let scraped = self.intakes[stream].scraped;
            let fate = delivery.sent + delivery.earlier + pending + delivery.lost();
            if scraped != fate {
                return Some(format!(
                    "endpoint {endpoint}, stream {stream}: scraped {scraped} is not sent + pending + \
                     lost {fate}"
                ));
            }
        }
        None
    }

    /// Panics if the ledger does not balance with what is still unsent.
    pub fn assert_balanced(&self, fleet: &str, pending: &[u128]) {
        if let Some(imbalance) = self.imbalance(pending) {
            panic!("samples of fleet {fleet} are not conserved: {imbalance}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_batch_is_noticed() {
        let mut ledger = Ledger::new(vec![SimDuration::NANO], 2);
        ledger.intakes[0] = Intake {
            offered: 10,
            scraped: 9,
            missed_down: 1,
            ..Intake::default()
        };
        (ledger.deliveries[0].sent, ledger.deliveries[1].sent) = (6, 9);
        assert_eq!(ledger.imbalance(&[3, 0]), None);
        ledger.deliveries[1].sent -= 1;
        let imbalance = ledger.imbalance(&[3, 0]).expect("a batch is gone");
        assert!(imbalance.contains("endpoint 1, stream 0"), "{imbalance}");
        ledger.intakes[0].missed_down = 0;
        let imbalance = ledger.imbalance(&[3, 1]).expect("a scrape is gone");
        assert!(imbalance.contains("not scraped + missed"), "{imbalance}");
    }
}
