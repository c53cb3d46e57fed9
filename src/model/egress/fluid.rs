//! The rules of a port pool as closed forms, for many ports and no chance.

use std::time::Duration;

/// How long one connection takes a port: open, then held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tenure {
    /// Time between dial and close, L.
    pub lifetime: Duration,
    /// Time the port stays taken afterwards, W.
    pub hold: Duration,
}

impl Tenure {
    fn secs(self) -> (f64, f64) {
        (self.lifetime.as_secs_f64(), self.hold.as_secs_f64())
    }

    /// Mean ports of a connection that is redialled as soon as it closes: 1 + W/L (Little's law).
    pub fn ports_per_connection(self) -> f64 {
        let (lifetime, hold) = self.secs();
        1.0 + hold / lifetime
    }

    /// Mean ports of a client that dials afresh once every `period`: (L + W)/P (Little's law).
    pub fn ports_per_push(self, period: Duration) -> f64 {
        let (lifetime, hold) = self.secs();
        (lifetime + hold) / period.as_secs_f64()
    }

    /// Dials per second that `capacity` ports sustain: c/(L + W).
    pub fn dial_rate_max(self, capacity: u32) -> f64 {
        let (lifetime, hold) = self.secs();
        f64::from(capacity) / (lifetime + hold)
    }

    /// Mean connected collectors if each wants one connection for ever and redials until it has one:
    /// min(N, c L/(L + W)).
    ///
    /// Simplified: a freed port is taken at once, which holds while redials come much faster than
    /// ports come free.
    pub fn active_with_retry(self, collectors: u32, capacity: u32) -> f64 {
        f64::from(collectors).min(f64::from(capacity) / self.ports_per_connection())
    }
}

/// All connections of a pool lost at once and redialled, as after a restart of the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Storm {
    /// Connections before the loss, N.
    pub connections: u32,
    /// Time their ports stay taken, W.
    pub hold: Duration,
    /// Time over which the redials spread evenly, T.
    pub spread: Duration,
}

impl Storm {
    /// Ports wanted at the worst instant: N(1 + min(1, W/T)).
    pub fn peak(self) -> f64 {
        let overlap = if self.spread.is_zero() {
            f64::from(u8::from(!self.hold.is_zero()))
        } else {
            (self.hold.as_secs_f64() / self.spread.as_secs_f64()).min(1.0)
        };
        f64::from(self.connections) * (1.0 + overlap)
    }

    /// Redials that find no port among `capacity` until the old ports come free.
    pub fn blocked(self, capacity: u32) -> f64 {
        (self.peak() - f64::from(capacity)).max(0.0)
    }

    /// The shortest spread in seconds with which nothing is blocked: W N/(c - N), zero if the pool
    /// holds old and new together, infinite if it does not even hold the connections.
    pub fn spread_min(self, capacity: u32) -> f64 {
        if capacity / 2 >= self.connections {
            return 0.0;
        }
        match capacity.checked_sub(self.connections) {
            None | Some(0) => f64::INFINITY,
            Some(free) => self.hold.as_secs_f64() * f64::from(self.connections) / f64::from(free),
        }
    }
}

/// Connections that come and go beside a steady stock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leak {
    /// Connections open all the time, n.
    pub connections: u32,
    /// Connections closed and redialled per second, lambda.
    pub churn_rate: f64,
    /// Time a closed connection keeps its port, W.
    pub hold: Duration,
}

impl Leak {
    /// Ports taken once holds have built up: n + lambda W.
    pub fn steady(self) -> f64 {
        f64::from(self.connections) + self.churn_rate * self.hold.as_secs_f64()
    }

    /// Seconds until `capacity` ports are taken, (c - n)/lambda; `None` if that never happens.
    pub fn exhausted_after(self, capacity: u32) -> Option<f64> {
        let free = f64::from(capacity) - f64::from(self.connections);
        (self.steady() > f64::from(capacity)).then(|| free.max(0.0) / self.churn_rate)
    }
}

/// Standard deviation of the connections of one address if each of `connections` lands on one of
/// `addresses` by hash: sqrt(N/k (1 - 1/k)), a binomial count. Keep the mean a few of these below
/// the ports of an address.
pub fn spread_over_addresses(connections: f64, addresses: u32) -> f64 {
    let share = 1.0 / f64::from(addresses);
    (connections * share * (1.0 - share)).sqrt()
}

/// Mean time a blocked client lets pass after a port came free, if its dials lie `gaps` seconds
/// apart over and over: sum of squares over twice the sum (the mean residual life of renewal theory).
pub fn mean_wait_until_redial(gaps: &[f64]) -> f64 {
    let squares: f64 = gaps.iter().map(|gap| gap * gap).sum();
    squares / (2.0 * gaps.iter().sum::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenure(lifetime: f64, hold: u64) -> Tenure {
        Tenure {
            lifetime: Duration::from_secs_f64(lifetime),
            hold: Duration::from_secs(hold),
        }
    }

    fn check(found: f64, expected: f64, slack: f64) {
        assert!(
            (found - expected).abs() <= slack,
            "{found} is not {expected}"
        );
    }

    #[test]
    fn a_hold_inflates_the_demand() {
        let holds = [16, 30, 65, 120];
        let table = [
            (60.0, [1.2667, 1.5, 2.0833, 3.0]),
            (300.0, [1.0533, 1.1, 1.2167, 1.4]),
            (1_000.0, [1.016, 1.03, 1.065, 1.12]),
        ];
        for (lifetime, row) in table {
            for (hold, expected) in holds.into_iter().zip(row) {
                check(
                    tenure(lifetime, hold).ports_per_connection(),
                    expected,
                    5e-5,
                );
            }
        }
    }

    #[test]
    fn connections_without_keep_alive_use_many_ports() {
        let period = Duration::from_secs(5);
        let table = [
            (16, 3.22, 20_034.0, 4_006.9),
            (30, 6.02, 10_716.0, 2_143.2),
            (65, 13.02, 4_954.0, 991.0),
            (120, 24.02, 2_685.0, 537.1),
        ];
        for (hold, ports, collectors, rate) in table {
            let tenure = tenure(0.1, hold);
            check(tenure.ports_per_push(period), ports, 1e-9);
            check(
                (64_511.0 / tenure.ports_per_push(period)).floor(),
                collectors,
                0.0,
            );
            check(tenure.dial_rate_max(64_511), rate, 0.05);
        }
    }

    #[test]
    fn retries_do_not_create_ports() {
        let table = [
            (70_000, 1_000.0, 120, 57_599.1, 0.1772),
            (70_000, 1_000.0, 30, 62_632.0, 0.1053),
            (60_000, 1_000.0, 120, 57_599.1, 0.0400),
            (60_000, 300.0, 120, 46_079.3, 0.2320),
            (40_000, 60.0, 120, 21_503.7, 0.4624),
        ];
        for (collectors, lifetime, hold, active, starved) in table {
            let found = tenure(lifetime, hold).active_with_retry(collectors, 64_511);
            check(found, active, 0.05);
            check(1.0 - found / f64::from(collectors), starved, 5e-5);
        }
        check(
            tenure(1_000.0, 120).active_with_retry(1_000, 64_511),
            1_000.0,
            0.0,
        );
    }

    #[test]
    fn a_storm_needs_old_and_new_ports() {
        let storm = |connections, hold, spread| Storm {
            connections,
            hold: Duration::from_secs(hold),
            spread: Duration::from_secs(spread),
        };
        let worst = storm(40_000, 120, 5);
        check(worst.peak(), 80_000.0, 0.0);
        check(worst.blocked(64_511), 15_489.0, 0.0);
        check(worst.spread_min(64_511), 195.83, 0.005);
        check(storm(40_000, 30, 5).spread_min(64_511), 48.96, 0.005);
        check(storm(40_000, 16, 5).spread_min(64_511), 26.11, 0.005);
        check(storm(32_255, 120, 5).peak(), 64_510.0, 0.0);
        check(storm(32_255, 120, 5).blocked(64_511), 0.0, 0.0);
        check(storm(32_255, 120, 5).spread_min(64_511), 0.0, 0.0);
        check(storm(30_000, 120, 5).blocked(55_000), 5_000.0, 0.0);
        check(storm(30_000, 120, 5).spread_min(55_000), 144.0, 1e-9);
        check(storm(40_000, 120, 240).peak(), 60_000.0, 0.0);
        check(storm(10, 0, 0).peak(), 10.0, 0.0);
        assert!(storm(55_000, 120, 5).spread_min(55_000).is_infinite());
        check(
            mean_wait_until_redial(&[1.0, 2.0, 4.0, 8.0, 20.0]),
            6.929,
            5e-4,
        );
    }

    #[test]
    fn hashing_over_addresses_is_uneven() {
        check(spread_over_addresses(440_000.0, 8), 219.4, 0.05);
        let load =
            |connections: f64| connections / 8.0 + 4.0 * spread_over_addresses(connections, 8);
        assert!(load(433_000.0) <= 55_000.0 && load(433_500.0) > 55_000.0);
    }

    #[test]
    fn churn_leaks_ports() {
        let leak = |hold| Leak {
            connections: 32_000,
            churn_rate: 300.0,
            hold: Duration::from_secs(hold),
        };
        check(leak(120).steady(), 68_000.0, 0.0);
        check(leak(120).exhausted_after(64_511).unwrap(), 108.37, 0.005);
        check(leak(30).steady(), 41_000.0, 0.0);
        assert_eq!(leak(30).exhausted_after(64_511), None);
    }
}
