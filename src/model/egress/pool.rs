//! The ports that connections compete for, as counts.

use std::collections::VecDeque;

use crate::units::{SimDuration, SimTime};

use crate::model::blueprint::nat::{Admission, NatLimits};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// No port was free, or the NAT found none: the connection gets no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no free source port")]
pub struct PortsExhausted;

/// What happened in a pool since its creation. Each event has a counter of its own, so that
/// [`PortPool::is_conserved`] can compare them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Connections that got a port.
    pub taken: u64,
    /// Connections closed by the caller.
    pub closed: u64,
    /// Ports that became free after a close, by the end of their hold or by eviction.
    pub freed: u64,
    /// Open connections that lost their port to a newer connection.
    pub evicted: u64,
}

/// Source ports that connections take and give back.
///
/// The pool knows counts, not sockets. Only occupancy decides which connection is admitted, so
/// counts are exact. Time must not run backwards from call to call.
///
/// Simplified: a hold ends at the whole second nearest to its true end.
#[derive(Clone, Debug)]
pub struct PortPool {
    capacity: u32,
    hold: SimDuration,
    admission: Admission,
    established: u32,
    held: u32,
    /// Held ports by the whole second at which they become free, oldest first.
    holds: VecDeque<(SimTime, u32)>,
    tally: Tally,
}

impl PortPool {
    /// An unused pool of `capacity` ports that stay taken for `hold` after a close.
    pub fn new(capacity: u32, hold: SimDuration, admission: Admission) -> Self {
        Self {
            capacity,
            hold,
            admission,
            established: 0,
            held: 0,
            holds: VecDeque::new(),
            tally: Tally::default(),
        }
    }

    /// An unused pool of a NAT, as yet without ports.
    pub(super) fn of(limits: &NatLimits) -> Self {
        Self::new(0, limits.hold_after_close, limits.admission)
    }

    /// Takes one port. `uniform`, from 0 to below 1, decides where admission is random.
    ///
    /// # Errors
    ///
    /// If no port is free or found. Under [`Admission::EvictOldest`] a connection never fails.
    /// `Tally::evicted` rises instead if an open connection was cut.
    pub fn take(&mut self, now: SimTime, uniform: f64) -> Result<(), PortsExhausted> {
        self.settle(now);
        let used = self.established + self.held;
        let admitted = match self.admission {
            Admission::Hard => used < self.capacity,
            Admission::Probes(_) => {
                used < self.capacity && uniform >= self.refusal_probability(f64::from(used))
            }
            Admission::Evicting { .. } => {
                self.capacity > 0
                    && uniform >= self.refusal_probability(f64::from(used))
                    && self.make_room_of_held()
            }
            Admission::EvictOldest => self.make_room(),
        };
        if !admitted {
            return Err(PortsExhausted);
        }
        self.established += 1;
        self.tally.taken += 1;
        Ok(())
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

    /// Ports in use: those of open connections, and those held after a close.
    pub fn in_use(&mut self, now: SimTime) -> u32 {
        self.settle(now);
        self.established + self.held
    }

    /// Number of ports.
    pub const fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Changes the number of ports, as a growing block or another address does. Ports in use beyond
    /// a smaller capacity stay in use until their connections give them back.
    pub const fn set_capacity(&mut self, capacity: u32) {
        self.capacity = capacity;
    }

    /// Counts of what happened so far.
    pub const fn tally(&self) -> Tally {
        self.tally
    }

    /// Whether every port that was taken is open, evicted, held or free again.
    pub fn is_conserved(&self) -> bool {
        let Tally {
            taken,
            closed,
            freed,
            evicted,
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

    /// Evicts held ports until one is free. Returns whether a port is free now.
    fn make_room_of_held(&mut self) -> bool {
        self.evict_held() == 0
    }

    /// Evicts until a port is free. Held ports go first, since an entry without traffic is the
    /// oldest. Open connections follow. Returns whether a port is free now.
    fn make_room(&mut self) -> bool {
        let missing = self.evict_held();
        self.established -= missing;
        self.tally.evicted += u64::from(missing);
        self.capacity > 0
    }

    /// Evicts held ports, the oldest first, until a port is free. Returns how many are missing
    /// then.
    fn evict_held(&mut self) -> u32 {
        let granted = self.capacity.min(1);
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
        missing
    }

    fn refusal_probability(&self, used: f64) -> f64 {
        let capacity = f64::from(self.capacity);
        let closing = f64::from(self.held) / capacity;
        self.admission.refusal_probability(used / capacity, closing)
    }
}

const fn nearest_second(time: SimTime) -> SimTime {
    let seconds = time.nanos().saturating_add(NANOS_PER_SECOND / 2) / NANOS_PER_SECOND;
    SimTime::from_nanos(seconds * NANOS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::properties::properties;
    use crate::units::floor;

    fn at(seconds: f64) -> SimTime {
        SimTime::from_secs_f64(seconds)
    }

    fn pool(capacity: u32, hold: u64, admission: Admission) -> PortPool {
        PortPool::new(capacity, SimDuration::from_secs(hold), admission)
    }

    /// Dials `wanted` times. Returns how many connections got a port.
    fn dial(pool: &mut PortPool, now: SimTime, wanted: u32) -> usize {
        (0..wanted).filter(|_| pool.take(now, 0.0).is_ok()).count()
    }

    #[test]
    fn a_closed_connection_keeps_its_port_for_the_hold() {
        let mut pool = pool(2, 120, Admission::Hard);
        assert_eq!(dial(&mut pool, at(0.0), 3), 2);
        pool.give_back(at(10.25), 1);
        assert_eq!(pool.take(at(129.9), 0.0), Err(PortsExhausted));
        assert_eq!((pool.in_use(at(129.9)), pool.in_use(at(130.0))), (2, 1));
        assert_eq!(pool.take(at(130.0), 0.0), Ok(()));
        assert_eq!(pool.established, 2);
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
        assert!(pool.is_conserved());
    }

    #[test]
    fn the_oldest_makes_room() {
        let mut pool = pool(3, 10, Admission::EvictOldest);
        dial(&mut pool, at(0.0), 3);
        pool.give_back(at(1.0), 1);
        pool.give_back(at(2.0), 1);
        assert_eq!(dial(&mut pool, at(3.0), 3), 3);
        let Tally {
            taken,
            freed,
            evicted,
            ..
        } = pool.tally();
        assert_eq!((taken, freed, evicted), (6, 2, 1));
        assert_eq!((pool.in_use(at(3.0)), pool.established), (3, 3));
        assert!(pool.is_conserved());
    }

    #[test]
    fn a_lost_port_is_noticed() {
        let mut pool = pool(10, 5, Admission::Hard);
        dial(&mut pool, at(0.0), 5);
        pool.give_back(at(1.0), 2);
        assert!(pool.is_conserved());
        pool.established -= 1;
        assert!(!pool.is_conserved());
    }

    /// The pool as a list of the ports in use.
    #[derive(Debug, Default)]
    struct Naive {
        /// Who dialled, in order; after a close, when the port becomes free.
        ports: Vec<(usize, Option<SimTime>)>,
        tally: Tally,
    }

    impl Naive {
        fn pass(&mut self, now: SimTime) {
            let taken = self.ports.len();
            let is_taken = |free: Option<SimTime>| free.is_none_or(|free| free > now);
            self.ports.retain(|&(_, free)| is_taken(free));
            self.tally.freed += (taken - self.ports.len()) as u64;
        }

        /// Dials. Returns whether the connection got a port.
        fn dial(&mut self, who: usize, uniform: f64, limits: (u32, Admission)) -> bool {
            let (capacity, admission) = limits;
            while admission == Admission::EvictOldest
                && !self.ports.is_empty()
                && self.ports.len() >= capacity as usize
            {
                self.evict();
            }
            let occupancy = self.ports.len() as f64 / f64::from(capacity);
            let held = self.ports.iter().filter(|(_, free)| free.is_some());
            let closing = held.count() as f64 / f64::from(capacity);
            let finds_one = match admission {
                Admission::Probes(probes) => uniform >= occupancy.powf(f64::from(probes)),
                Admission::Evicting { .. } => {
                    let occupancy = occupancy.min(1.0);
                    let kept = (occupancy - closing / 2.0).max(0.0);
                    let found = capacity > 0 && uniform >= occupancy * kept.powi(2);
                    while found
                        && self.ports.len() >= capacity as usize
                        && self.ports.iter().any(|(_, free)| free.is_some())
                    {
                        self.evict();
                    }
                    found
                }
                Admission::Hard | Admission::EvictOldest => true,
            };
            let granted = self.ports.len() < capacity as usize && finds_one;
            if granted {
                self.ports.push((who, None));
                self.tally.taken += 1;
            }
            granted
        }

        /// Frees the held port that would be free first, else the port of the oldest connection.
        fn evict(&mut self) {
            let age = |&at: &usize| {
                let (who, free) = self.ports[at];
                (free.is_none(), free, who)
            };
            let oldest = (0..self.ports.len()).min_by_key(age);
            let at = oldest.expect("some are taken");
            match self.ports.remove(at) {
                (_, Some(_)) => self.tally.freed += 1,
                (_, None) => self.tally.evicted += 1,
            }
        }

        /// Closes the `count` newest connections. The ports of these connections are held until
        /// `free`.
        fn close(&mut self, count: u32, free: SimTime) {
            let open = self.ports.iter_mut().filter(|(_, free)| free.is_none());
            for (_, closed) in open.rev().take(count as usize) {
                *closed = Some(free);
                self.tally.closed += 1;
            }
        }

        fn open(&self) -> u32 {
            let open = self.ports.iter().filter(|(_, free)| free.is_none());
            u32::try_from(open.count()).expect("they are few")
        }
    }

    /// Something that may happen to a pool.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Dial(f64),
        /// A share of the open connections.
        Close(f64),
        Resize(u32),
        Nothing,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0.0..1.0).prop_map(Step::Dial),
            2 => (0.0..=1.0).prop_map(Step::Close),
            1 => (0..9_u32).prop_map(Step::Resize),
            1 => Just(Step::Nothing),
        ]
    }

    fn admission() -> impl Strategy<Value = Admission> {
        prop_oneof![
            Just(Admission::Hard),
            Just(Admission::Probes(3)),
            Just(Admission::Evicting {
                probes: 3,
                evicting: 2
            }),
            Just(Admission::EvictOldest),
        ]
    }

    proptest! {
        #![proptest_config(properties(512))]

        /// Counts agree with a list of all ports: which connections get a port, how many ports are
        /// in use, and what became of each.
        #[test]
        fn counts_are_those_of_a_list_of_ports(
            admission in admission(),
            hold in 0..24_u64,
            steps in prop::collection::vec((step(), 0..6_u64), 1..80),
        ) {
            let quarters = |count| SimDuration::from_nanos(250_000_000 * count);
            let hold = quarters(hold);
            let mut pool = PortPool::new(6, hold, admission);
            let (mut naive, mut now) = (Naive::default(), SimTime::ZERO);
            for (who, (step, gap)) in steps.into_iter().enumerate() {
                now += quarters(gap);
                naive.pass(now);
                match step {
                    Step::Dial(uniform) => {
                        let granted = naive.dial(who, uniform, (pool.capacity(), admission));
                        prop_assert_eq!(pool.take(now, uniform).is_ok(), granted);
                    }
                    Step::Close(share) => {
                        let count = floor(share * f64::from(naive.open()));
                        let ends = (now + hold).secs_f64().round();
                        naive.close(count, if hold.is_zero() { now } else { at(ends) });
                        naive.pass(now);
                        pool.give_back(now, count);
                    }
                    Step::Resize(capacity) => pool.set_capacity(capacity),
                    Step::Nothing => {}
                }
                prop_assert_eq!(pool.in_use(now) as usize, naive.ports.len());
                prop_assert_eq!(pool.established, naive.open());
                prop_assert_eq!(pool.tally(), naive.tally);
                prop_assert!(pool.is_conserved());
            }
        }
    }
}
