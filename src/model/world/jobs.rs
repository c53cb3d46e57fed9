//! Short-lived pods with a sidecar: they arrive, run, flush and are gone.

use rand_distr::{Distribution, Exp1};

use crate::engine::Calendar;
use crate::model::blueprint::Start;
use crate::model::load::draw::Purpose;
use crate::model::load::driver::samples_of;
use crate::model::load::standing::standing;
use crate::model::record::catalogue::Scope;
use crate::model::record::outcome::What;
use crate::units::SimTime;

use super::collect::small;
use super::job_fleet::{Fate, Luck};
use super::{Event, World};

impl World<'_> {
    /// Plans the first arrival of a fleet's jobs, and lets those run that have begun before.
    pub(super) fn plan_jobs(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        if self.jobs[fleet].plan.is_none() {
            return;
        }
        let endpoints = self.blueprint.fleets[fleet].sends_to.iter();
        let dials = endpoints.filter_map(|&endpoint| self.set_of(endpoint));
        self.jobs[fleet].dials = dials.collect();
        if self.blueprint.start == Start::Running {
            self.begin_standing(fleet, calendar);
        }
        self.plan_arrival(fleet, calendar);
    }

    /// Lets those jobs run that are under way at the first instant.
    fn begin_standing(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        let plan = self.jobs[fleet].plan();
        let mut stream = self.draw.stream(Purpose::Job, plan.key ^ 1, 0, 0);
        let begun = standing(plan.rate(0), |score| plan.length(score), &mut stream);
        // Numbers of their own, so that those who arrive keep theirs.
        for (begun, number) in begun.into_iter().zip((0..=u32::MAX).rev()) {
            let plan = self.jobs[fleet].plan();
            let mut chance = self.draw.stream(Purpose::Job, plan.key, number, 0);
            let luck = Luck {
                life: begun.score,
                ..plan.luck(number, &mut chance)
            };
            let age = SimTime::from_secs_f64(begun.age).nanos();
            self.begin_job(fleet, luck, age, calendar);
        }
    }

    /// The next arrival, Poisson with the rate of each cell. One stream of numbers holds all that
    /// chance decides about a job.
    fn plan_arrival(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        let jobs = &mut self.jobs[fleet];
        let number = jobs.next.number + 1;
        let mut chance = self.draw.stream(Purpose::Job, jobs.plan().key, number, 0);
        let gap: f64 = Exp1.sample(&mut chance);
        jobs.next = jobs.plan().luck(number, &mut chance);
        let now = calendar.now().nanos();
        if let Some(at) = jobs.plan().arrival(&self.grid, now, gap) {
            let fleet = small(fleet);
            calendar.schedule(SimTime::from_nanos(at), Event::JobArrived { fleet });
        }
    }

    /// A job starts with its sidecar, which dials its endpoints.
    pub(super) fn job_arrived(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        self.begin_job(fleet, self.jobs[fleet].next, 0, calendar);
        self.plan_arrival(fleet, calendar);
    }

    /// A job that is `age` nanoseconds old runs from now on.
    ///
    /// Its samples are accounted for at once, since outages are known: to find its numbers again at
    /// its end, among those of very many others, costs more than all the rest.
    fn begin_job(&mut self, fleet: usize, luck: Luck, age: u64, calendar: &mut Calendar<Event>) {
        let now = calendar.now();
        let connected = self.take_ports(fleet, luck.port, now);
        let jobs = &mut self.jobs[fleet];
        let job = jobs.plan().job(&luck, age, now.nanos());
        let seen = job.gone.min(self.grid.end);
        let fate = jobs.fate(&job, &luck, connected);
        let lost = jobs.begin(&job, fate, seen);
        if fate == Fate::Killed && age == 0 {
            jobs.oom_kills += 1;
            let needed = self.fleets[fleet].memory.limit_needed(job.live);
            let event = (now.nanos(), What::OomKilled, needed);
            self.observer
                .killed(Scope::Fleet(fleet), luck.number, event);
        }
        if lost > 0 {
            self.plan_loss(fleet, lost, SimTime::from_nanos(seen), calendar);
        }
        if job.gone <= self.grid.end {
            let at = SimTime::from_nanos(job.gone);
            let fleet = small(fleet);
            calendar.schedule(at, Event::JobEnded { connected, fleet });
        }
    }

    /// A job will lose this much work when its sidecar is gone, or the end is reached.
    fn plan_loss(&self, fleet: usize, lost: u128, at: SimTime, calendar: &mut Calendar<Event>) {
        let samples = samples_of(lost, self.jobs[fleet].interval);
        let event = Event::JobLostSamples {
            fleet: u16::try_from(fleet).expect("fleets are few"),
            samples: u32::try_from(samples).unwrap_or(u32::MAX),
        };
        calendar.schedule(at, event);
    }

    /// What a job's sidecar held back has gone with it.
    pub(super) fn job_lost_samples(&mut self, fleet: usize, samples: u32, now: SimTime) {
        self.observer.lost(fleet, now.nanos());
        let event = (now.nanos(), What::DataLost, f64::from(samples));
        self.observer.note(Scope::Fleet(fleet), None, event);
    }

    /// A job's pod is gone.
    pub(super) fn job_ended(&mut self, fleet: usize, connected: bool, now: SimTime) {
        let jobs = &mut self.jobs[fleet];
        jobs.running -= 1;
        if connected {
            let all = jobs.dials.len();
            self.give_ports_back(fleet, all, now);
        }
    }

    /// Takes a port to each endpoint of a fleet, or none if one has none.
    fn take_ports(&mut self, fleet: usize, uniform: f64, now: SimTime) -> bool {
        let (egresses, observer) = (&mut self.egresses, &mut self.observer);
        let mut dials = self.jobs[fleet].dials.iter();
        let refused = dials.position(|&(egress, set)| {
            let dialled = egresses[egress].dial(set, uniform, now);
            if let Ok(in_use) = dialled {
                observer.ports(egress, in_use);
            }
            dialled.is_err()
        });
        if let Some(dial) = refused {
            self.give_ports_back(fleet, dial, now);
            self.refuse(self.jobs[fleet].dials[dial].0, now.nanos());
        }
        refused.is_none()
    }

    /// Closes the first `count` connections of a job's sidecar.
    fn give_ports_back(&mut self, fleet: usize, count: usize, now: SimTime) {
        for &(egress, set) in &self.jobs[fleet].dials[..count] {
            self.egresses[egress].hang_up(set, now);
        }
    }
}
