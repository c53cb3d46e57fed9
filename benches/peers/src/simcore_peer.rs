//! A workload on simcore: one component that sends itself events, boxed; superseded ones are
//! cancelled by their number. One unit of simcore's time is a nanosecond, so that `f64` is exact.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

use alloy_sim::model::moment::Event;
use alloy_sim::units::{SimDuration, SimTime};
use serde::Serialize;
use simcore::{EventHandler, EventId, Simulation, SimulationContext, cast};

use crate::TIMERS;
use crate::workloads::{Loop, Schedule, Trace, Workload};

pub(crate) struct OnSimcore<W> {
    simulation: Simulation,
    component: Rc<RefCell<Component<W>>>,
    reached: f64,
}

struct Component<W> {
    workload: W,
    sender: Sender<W>,
    handled: u64,
}

/// The component's way to send itself events.
struct Sender<W> {
    context: SimulationContext,
    /// What is pending of each collector's timer.
    timers: Vec<Option<EventId>>,
    workload: PhantomData<W>,
}

/// An event of the workload, packed.
#[derive(Clone, Serialize)]
struct Due {
    bits: u64,
}

impl<W: Workload> Sender<W> {
    fn send(&self, at: SimTime, event: Event) -> EventId {
        let delay = at.nanos() - self.now().nanos();
        let bits = W::pack(event);
        self.context.emit_self(Due { bits }, delay as f64)
    }
}

impl<W: Workload> Schedule for Sender<W> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number of nanoseconds below 2^53"
    )]
    fn now(&self) -> SimTime {
        SimTime::from_nanos(self.context.time() as u64)
    }

    fn schedule(&mut self, at: SimTime, event: Event) {
        self.send(at, event);
    }

    fn supersede(&mut self, collector: u32, at: SimTime, event: Event) {
        let next = self.send(at, event);
        if let Some(pending) = self.timers[collector as usize].replace(next) {
            self.context.cancel_event(pending);
        }
    }
}

impl<W: Workload> EventHandler for Component<W> {
    fn on(&mut self, event: simcore::Event) {
        cast!(match event.data {
            Due { bits } => {
                let event = W::unpack(bits);
                if let Event::CollectorInterrupted { collector, .. } = event {
                    self.sender.timers[collector.index()] = None;
                }
                self.workload.fire(event, &mut self.sender);
                self.handled += 1;
            }
        });
    }
}

impl<W: Workload + 'static> OnSimcore<W> {
    pub(crate) fn new(mut workload: W) -> Self {
        let mut simulation = Simulation::new(1);
        let mut sender = Sender {
            context: simulation.create_context("component"),
            timers: vec![None; TIMERS as usize],
            workload: PhantomData,
        };
        workload.begin(&mut sender);
        let component = Rc::new(RefCell::new(Component {
            workload,
            sender,
            handled: 0,
        }));
        simulation.add_handler("component", component.clone());
        Self {
            simulation,
            component,
            reached: 0.0,
        }
    }
}

impl<W: Workload> Loop for OnSimcore<W> {
    fn advance(&mut self, length: SimDuration) -> u64 {
        self.reached += length.nanos() as f64;
        let before = self.component.borrow().handled;
        self.simulation.step_until_time(self.reached);
        self.component.borrow().handled - before
    }

    fn trace(&self) -> Trace {
        self.component.borrow().workload.trace()
    }
}
