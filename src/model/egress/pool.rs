//! The ports that connections compete for, as counts.

use std::collections::VecDeque;
use std::time::Duration;

use crate::units::SimTime;

use crate::model::blueprint::nat::{Admission, NatLimits};

/// Refusals expected below which a whole batch of dials is granted.
const NEGLIGIBLE: f64 = 1e-6;
/// Steps within the occupancy range in which the refusal probability falls to 1/e.
const STEPS_PER_PROBE: f64 = 4.0;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// No port was free, or none was found: the dial gets no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no free source port")]
pub struct PortsExhausted;

/// What happened in a pool since it was made; each count is kept on its own, so that
/// [`PortPool::is_conserved`] can compare them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Dials that got a port.
    pub taken: u64,
    /// Dials that got none.
    pub refused: u64,
    /// Connections closed by the caller.
    pub closed: u64,
    /// Ports that came free after a close, by the end of their hold or by eviction.
    pub freed: u64,
    /// Open connections that lost their port to a newer one.
    pub evicted: u64,
}

/// Source ports that connections take and give back.
///
/// The pool knows counts, not sockets: only occupancy decides who is admitted, so counts are exact.
/// Time must not run backwards from call to call.
///
/// Simplified: a hold ends at the whole second nearest to its true end.
#[derive(Clone, Debug)]
pub struct PortPool {
    capacity: u32,
    hold: Duration,
    admission: Admission,
    established: u32,
    held: u32,
    /// Closing ports by the whole second at which they come free, oldest first.
    holds: VecDeque<(SimTime, u32)>,
    peak: u32,
    tally: Tally,
}

impl PortPool {
    /// An unused pool of `capacity` ports that stay taken for `hold` after a close.
    pub fn new(capacity: u32, hold: Duration, admission: Admission) -> Self {
        Self {
            capacity,
            hold,
            admission,
            established: 0,
            held: 0,
            holds: VecDeque::new(),
            peak: 0,
            tally: Tally::default(),
        }
    }

    /// An unused pool with so many addresses of a translator.
    pub fn of(limits: &NatLimits, addresses: u32) -> Self {
        Self::new(
            limits.pool_capacity(addresses),
            limits.hold_after_close,
            limits.admission,
        )
    }

    /// Takes one port; `uniform`, from 0 to below 1, decides where admission is a matter of chance.
    ///
    /// # Errors
    ///
    /// If no port is free or found. Under [`Admission::EvictOldest`] a dial never fails; a rise of
    /// [`Tally::evicted`] tells that an open connection was cut instead.
    pub fn take(&mut self, now: SimTime, uniform: f64) -> Result<(), PortsExhausted> {
        self.settle(now);
        let used = self.established + self.held;
        let admitted = match self.admission {
            Admission::Hard => used < self.capacity,
            Admission::Probes(_) => {
                used < self.capacity && uniform >= self.refusal_probability(f64::from(used))
            }
            Admission::EvictOldest => self.make_room(1) == 1,
        };
        self.enter(u32::from(admitted), 1);
        if admitted {
            Ok(())
        } else {
            Err(PortsExhausted)
        }
    }

    /// Takes up to `wanted` ports at one instant and tells how many it got.
    ///
    /// Simplified: where admission is a matter of chance, the expected number is granted, and
    /// `uniform` decides the fraction of a port; the spread around it is left out.
    pub fn take_many(&mut self, now: SimTime, wanted: u32, uniform: f64) -> u32 {
        self.settle(now);
        let free = self.capacity.saturating_sub(self.established + self.held);
        let granted = match self.admission {
            Admission::Hard => wanted.min(free),
            Admission::Probes(probes) => self.expected_grants(wanted, probes, uniform).min(free),
            Admission::EvictOldest => self.make_room(wanted),
        };
        self.enter(granted, wanted);
        granted
    }

    /// Closes `count` connections: their ports enter the hold.
    pub fn give_back(&mut self, now: SimTime, count: u32) {
        assert!(
            count <= self.established,
            "more connections closed than were open"
        );
        self.settle(now);
        self.established -= count;
        self.tally.closed += u64::from(count);
        let second = nearest_second(now + self.hold);
        if self.hold.is_zero() || second <= now {
            self.tally.freed += u64::from(count);
            return;
        }
        self.held += count;
        match self.holds.back_mut() {
            Some((last, held)) if *last == second => *held += count,
            _ => self.holds.push_back((second, count)),
        }
    }

    /// Ports taken: open connections and those still held after a close.
    pub fn in_use(&mut self, now: SimTime) -> u32 {
        self.settle(now);
        self.established + self.held
    }

    /// Open connections.
    pub const fn established(&self) -> u32 {
        self.established
    }

    /// Ports there are.
    pub const fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Changes the number of ports, as a growing block or another address does. Ports taken beyond
    /// a smaller capacity stay taken until they are given back.
    pub const fn set_capacity(&mut self, capacity: u32) {
        self.capacity = capacity;
    }

    /// The most ports ever taken at once.
    pub const fn peak(&self) -> u32 {
        self.peak
    }

    /// Dials refused so far.
    pub const fn refused(&self) -> u64 {
        self.tally.refused
    }

    /// What happened so far.
    pub const fn tally(&self) -> Tally {
        self.tally
    }

    /// Whether every port taken is open, evicted, held or free again.
    pub fn is_conserved(&self) -> bool {
        let Tally {
            taken,
            closed,
            freed,
            evicted,
            ..
        } = self.tally;
        let bucketed: u64 = self.holds.iter().map(|&(_, count)| u64::from(count)).sum();
        taken == closed + evicted + u64::from(self.established)
            && closed == freed + u64::from(self.held)
            && bucketed == u64::from(self.held)
    }

    /// Frees the ports whose hold is over.
    fn settle(&mut self, now: SimTime) {
        while let Some(&(end, count)) = self.holds.front()
            && end <= now
        {
            self.holds.pop_front();
            self.free(count);
        }
    }

    fn free(&mut self, count: u32) {
        self.held -= count;
        self.tally.freed += u64::from(count);
    }

    /// Books `granted` of `wanted` dials.
    fn enter(&mut self, granted: u32, wanted: u32) {
        self.established += granted;
        self.tally.taken += u64::from(granted);
        self.tally.refused += u64::from(wanted - granted);
        self.peak = self.peak.max(self.established + self.held);
    }

    /// Evicts until `wanted` ports, or all there are, are free: closing ports first, since an entry
    /// without traffic is the oldest, then open connections.
    fn make_room(&mut self, wanted: u32) -> u32 {
        let granted = wanted.min(self.capacity);
        let mut missing = (self.established + self.held + granted).saturating_sub(self.capacity);
        while missing > 0
            && let Some((_, count)) = self.holds.front_mut()
        {
            let evicted = missing.min(*count);
            *count -= evicted;
            if *count == 0 {
                self.holds.pop_front();
            }
            self.free(evicted);
            missing -= evicted;
        }
        self.established -= missing;
        self.tally.evicted += u64::from(missing);
        granted
    }

    fn refusal_probability(&self, used: f64) -> f64 {
        self.admission
            .refusal_probability(used / f64::from(self.capacity))
    }

    /// How many of `wanted` dials find a port: occupancy x grows by 1 - x^probes per dial, followed
    /// in steps over which the refusal probability changes little (the midpoint rule).
    fn expected_grants(&self, wanted: u32, probes: u32, uniform: f64) -> u32 {
        let start = f64::from(self.established + self.held);
        let after = start + f64::from(wanted);
        if self.refusal_probability(after) * f64::from(wanted) < NEGLIGIBLE {
            return wanted;
        }
        let step_max = (f64::from(self.capacity) / (STEPS_PER_PROBE * f64::from(probes))).max(1.0);
        let (mut used, mut left) = (start, f64::from(wanted));
        while left > 0.0 {
            let step = step_max.min(left);
            let middle = used + step / 2.0 * (1.0 - self.refusal_probability(used));
            used += step * (1.0 - self.refusal_probability(middle));
            left -= step;
        }
        round_down(used - start + uniform).min(wanted)
    }
}

const fn nearest_second(time: SimTime) -> SimTime {
    let seconds = time.nanos().saturating_add(NANOS_PER_SECOND / 2) / NANOS_PER_SECOND;
    SimTime::from_nanos(seconds * NANOS_PER_SECOND)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of ports: not negative, and at most the number of dials"
)]
fn round_down(count: f64) -> u32 {
    count as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> SimTime {
        SimTime::from_secs_f64(seconds)
    }

    fn pool(capacity: u32, hold: u64, admission: Admission) -> PortPool {
        PortPool::new(capacity, Duration::from_secs(hold), admission)
    }

    #[test]
    fn a_closed_connection_keeps_its_port_for_the_hold() {
        let mut pool = pool(2, 120, Admission::Hard);
        assert_eq!(pool.take_many(at(0.0), 3, 0.0), 2);
        pool.give_back(at(10.25), 1);
        assert_eq!(pool.take(at(129.9), 0.0), Err(PortsExhausted));
        assert_eq!((pool.in_use(at(129.9)), pool.in_use(at(130.0))), (2, 1));
        assert_eq!(pool.take(at(130.0), 0.0), Ok(()));
        assert_eq!((pool.peak(), pool.refused(), pool.established()), (2, 2, 2));
        assert!(pool.is_conserved());
    }

    #[test]
    fn without_a_hold_ports_come_back_at_once() {
        let mut pool = pool(1, 0, Admission::Hard);
        for second in 0..10 {
            assert_eq!(pool.take(at(f64::from(second)), 0.0), Ok(()));
            pool.give_back(at(f64::from(second) + 0.4), 1);
            assert_eq!(pool.in_use(at(f64::from(second) + 0.4)), 0);
        }
        assert!(pool.is_conserved() && pool.peak() == 1);
    }

    #[test]
    fn a_storm_on_the_pool_matches_the_closed_form() {
        let mut pool = pool(64_511, 120, Admission::Hard);
        assert_eq!(pool.take_many(at(0.0), 40_000, 0.0), 40_000);
        pool.give_back(at(10.0), 40_000);
        assert_eq!(pool.take_many(at(15.0), 40_000, 0.0), 64_511 - 40_000);
        assert_eq!(pool.refused(), 15_489);
        assert_eq!(pool.take_many(at(130.0), 15_489, 0.0), 15_489);
        assert!(pool.is_conserved());
    }

    #[test]
    fn a_leak_exhausts_the_pool_on_time() {
        let mut pool = pool(64_511, 120, Admission::Hard);
        pool.take_many(at(0.0), 32_000, 0.0);
        let dry = (0..200_u32).find(|&second| {
            let now = at(f64::from(second));
            pool.give_back(now, 300);
            pool.take_many(now, 300, 0.0) < 300
        });
        // 108.37 s in the fluid, so in the 109th step of one second, counted from zero.
        assert_eq!(dry, Some(108));
        assert!(pool.is_conserved());
    }

    #[test]
    fn the_oldest_makes_room() {
        let mut pool = pool(3, 10, Admission::EvictOldest);
        pool.take_many(at(0.0), 3, 0.0);
        pool.give_back(at(1.0), 1);
        pool.give_back(at(2.0), 1);
        assert_eq!(pool.take_many(at(3.0), 3, 0.0), 3);
        let Tally {
            taken,
            freed,
            evicted,
            refused,
            ..
        } = pool.tally();
        assert_eq!((taken, freed, evicted, refused), (6, 2, 1, 0));
        assert_eq!((pool.in_use(at(3.0)), pool.established()), (3, 3));
        assert!(pool.is_conserved());
    }

    #[test]
    fn many_dials_together_fare_like_as_many_one_by_one() {
        for (before, wanted) in [(60_000, 4_000), (62_000, 3_000), (64_000, 600), (0, 70_000)] {
            let mut together = pool(64_512, 120, Admission::Probes(248));
            together.take_many(at(0.0), before, 0.5);
            let mut expected = f64::from(together.in_use(at(0.0)));
            for _ in 0..wanted {
                expected += 1.0 - (expected / 64_512.0).powi(248);
            }
            together.take_many(at(0.0), wanted, 0.5);
            let found = f64::from(together.in_use(at(0.0)));
            assert!(
                (found - expected).abs() <= 1.0,
                "{before} {wanted}: {found} {expected}"
            );
        }
    }

    #[test]
    fn a_lost_port_is_noticed() {
        let mut pool = pool(10, 5, Admission::Hard);
        pool.take_many(at(0.0), 5, 0.0);
        pool.give_back(at(1.0), 2);
        assert!(pool.is_conserved());
        pool.established -= 1;
        assert!(!pool.is_conserved());
    }
}
