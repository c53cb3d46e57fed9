//! A workload on nexosim: one model that schedules events on itself; superseded ones are cancelled
//! by their key. One thread, no wall clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use alloy_sim::model::moment::Event;
use alloy_sim::units::{SimDuration, SimTime};
use nexosim::model::{Context, Model, schedulable};
use nexosim::simulation::{EventKey, Mailbox, SimInit, Simulation};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};

use crate::TIMERS;
use crate::workloads::{Loop, Schedule, Trace, Workload};

pub(crate) struct OnNexosim {
    simulation: Simulation,
    seen: Arc<Seen>,
}

/// What the model lets the outside see, for the simulation owns it.
#[derive(Default)]
struct Seen {
    handled: AtomicU64,
    trace: AtomicU64,
}

/// The model. nexosim wants to be able to save it, which is never asked for here.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
struct Actor<W: Workload + Send + 'static> {
    #[serde(skip)]
    workload: Option<W>,
    /// What is pending of each collector's timer.
    #[serde(skip)]
    timers: Vec<Option<EventKey>>,
    #[serde(skip)]
    seen: Arc<Seen>,
}

/// The model's way to schedule events on itself.
struct Scheduler<'a, W: Workload + Send + 'static> {
    context: &'a Context<Actor<W>>,
    now: SimTime,
    timers: &'a mut [Option<EventKey>],
}

#[Model]
impl<W: Workload + Send + 'static> Actor<W> {
    #[nexosim(init)]
    #[expect(clippy::unused_async, reason = "nexosim awaits it")]
    async fn begin(&mut self, context: &Context<Self>) {
        let (workload, mut scheduler) = self.parts(context);
        workload.begin(&mut scheduler);
    }

    #[nexosim(schedulable)]
    fn fire(&mut self, bits: u64, context: &Context<Self>) {
        let (workload, mut scheduler) = self.parts(context);
        let event = W::unpack(bits);
        if let Event::CollectorInterrupted { collector, .. } = event {
            scheduler.timers[collector.index()] = None;
        }
        workload.fire(event, &mut scheduler);
        let trace = workload.trace();
        // Cheap, for nobody else writes; the outside reads between two stretches.
        let handled = self.seen.handled.load(Ordering::Relaxed);
        self.seen.handled.store(handled + 1, Ordering::Relaxed);
        self.seen.trace.store(trace.0, Ordering::Relaxed);
    }

    fn parts<'a>(&'a mut self, context: &'a Context<Self>) -> (&'a mut W, Scheduler<'a, W>) {
        let scheduler = Scheduler {
            context,
            now: now(context.time()),
            timers: &mut self.timers,
        };
        let workload = self.workload.as_mut().expect("a model is never restored");
        (workload, scheduler)
    }
}

fn now(time: MonotonicTime) -> SimTime {
    let nanos = time.duration_since(MonotonicTime::EPOCH).as_nanos();
    SimTime::from_nanos(u64::try_from(nanos).expect("a run is short"))
}

impl<W: Workload + Send + 'static> Scheduler<'_, W> {
    /// nexosim takes no event at the current instant, which a delay of 0 ns would be, once in 10⁹.
    fn delay(&self, at: SimTime) -> Duration {
        Duration::from_nanos(at.since(self.now).nanos().max(1))
    }
}

impl<W: Workload + Send + 'static> Schedule for Scheduler<'_, W> {
    fn now(&self) -> SimTime {
        self.now
    }

    fn schedule(&mut self, at: SimTime, event: Event) {
        let fire = schedulable!(Actor::<W>::fire);
        let scheduled = self
            .context
            .schedule_event(self.delay(at), fire, W::pack(event));
        scheduled.expect("it lies in the future");
    }

    fn supersede(&mut self, collector: u32, at: SimTime, event: Event) {
        let fire = schedulable!(Actor::<W>::fire);
        let scheduled = self
            .context
            .schedule_keyed_event(self.delay(at), fire, W::pack(event));
        let key = scheduled.expect("it lies in the future");
        if let Some(pending) = self.timers[collector as usize].replace(key) {
            pending.cancel();
        }
    }
}

impl OnNexosim {
    pub(crate) fn new<W: Workload + Send + 'static>(workload: W) -> Self {
        let seen = Arc::<Seen>::default();
        let actor = Actor {
            workload: Some(workload),
            timers: vec![None; TIMERS as usize],
            seen: seen.clone(),
        };
        let bench = SimInit::with_num_threads(1).add_model(actor, Mailbox::new(), "actor");
        let simulation = bench.init(MonotonicTime::EPOCH).expect("one sound model");
        Self { simulation, seen }
    }
}

impl Loop for OnNexosim {
    fn advance(&mut self, length: SimDuration) -> u64 {
        let before = self.seen.handled.load(Ordering::Relaxed);
        let stepped = self
            .simulation
            .step_until(Duration::from_nanos(length.nanos()));
        stepped.expect("nothing fails in the model");
        self.seen.handled.load(Ordering::Relaxed) - before
    }

    fn trace(&self) -> Trace {
        Trace(self.seen.trace.load(Ordering::Relaxed))
    }
}
