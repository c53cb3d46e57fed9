//! A workload on simulacra's kernel: typed events in a binary heap. It cannot take events back, so
//! superseded ones are dropped when they are due.

use alloy_sim::model::moment::Event;
use alloy_sim::units::{SimDuration, SimTime};
use simulacra::{Simulation, Time};

use crate::workloads::{Loop, Schedule, Trace, Workload};

pub(crate) struct OnSimulacra<W> {
    workload: W,
    simulation: Simulation<Event>,
    reached: Time,
}

impl Schedule for Simulation<Event> {
    fn now(&self) -> SimTime {
        SimTime::from_nanos(Self::now(self).as_nanos())
    }

    fn schedule(&mut self, at: SimTime, event: Event) {
        Self::schedule(self, Time::from_nanos(at.nanos()), event);
    }
}

impl<W: Workload> OnSimulacra<W> {
    pub(crate) fn new(mut workload: W) -> Self {
        let mut simulation = Simulation::new();
        workload.begin(&mut simulation);
        Self {
            workload,
            simulation,
            reached: Time::ZERO,
        }
    }
}

impl<W: Workload> Loop for OnSimulacra<W> {
    /// `Simulation::run` ends with the last event; `step` is its loop's body, callable one by one.
    fn advance(&mut self, length: SimDuration) -> u64 {
        self.reached = Time::from_nanos(self.reached.as_nanos() + length.nanos());
        let mut handled = 0;
        while self
            .simulation
            .peek()
            .is_some_and(|next| next.time <= self.reached)
        {
            let next = self.simulation.step().expect("an event was seen");
            if !self.workload.is_stale(next.event) {
                self.workload.fire(next.event, &mut self.simulation);
                handled += 1;
            }
        }
        handled
    }

    fn trace(&self) -> Trace {
        self.workload.trace()
    }
}
