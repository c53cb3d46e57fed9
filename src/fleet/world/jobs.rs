//! Short-lived pods with a sidecar: they arrive, run, flush and are gone.

use rand_distr::{Distribution, Exp1};

use crate::engine::Calendar;
use crate::fleet::blueprint::Start;
use crate::fleet::catalogue::Scope;
use crate::fleet::draw::Purpose;
use crate::fleet::driver::samples_of;
use crate::fleet::outcome::What;
use crate::fleet::standing::standing;
use crate::units::SimTime;

use super::collect::small;
use super::job_fleet::{Fate, Job, Lot};
use super::{Event, World};

impl World<'_> {
    /// Plans the first arrival of a fleet's jobs, and lets those run that have begun before.
    pub(super) fn plan_jobs(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        let endpoints = self.blueprint.fleets[fleet].sends_to.iter();
        let dials = endpoints.filter_map(|&endpoint| self.set_of(endpoint));
        self.jobs[fleet].dials = dials.collect();
        let Some(plan) = &self.jobs[fleet].plan else {
            return;
        };
        if self.blueprint.start == Start::Running {
            let mut stream = self.draw.stream(Purpose::Job, plan.key ^ 3, 0, 0);
            let begun = standing(plan.rate(0), |score| plan.lengths(score).1, &mut stream);
            // Numbers of their own, so that those who arrive keep theirs.
            for (begun, number) in begun.into_iter().zip((0..=u32::MAX).rev()) {
                let lot = self.lot(fleet, number, begun.score);
                self.begin_job(fleet, lot, begun.age, calendar);
            }
        }
        self.plan_arrival(fleet, calendar);
    }

    /// The next arrival, Poisson with the rate of its cell.
    ///
    /// Simplified: a gap is drawn at the rate of the cell in which it starts.
    fn plan_arrival(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        let now = calendar.now();
        let cell = self.cell_of(now.nanos());
        let jobs = &mut self.jobs[fleet];
        let rate = jobs.plan().rate(cell);
        if rate <= 0.0 {
            return;
        }
        jobs.arrived += 1;
        let key = jobs.plan().key;
        let gap: f64 = Exp1.sample(&mut self.draw.stream(Purpose::Job, key, jobs.arrived, 0));
        let at = now
            .nanos()
            .saturating_add(SimTime::from_secs_f64(gap / rate).nanos());
        calendar.schedule(
            SimTime::from_nanos(at),
            Event::JobArrived {
                fleet: small(fleet),
            },
        );
    }

    /// A job starts with its sidecar, which dials its endpoints.
    pub(super) fn job_arrived(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        let number = self.jobs[fleet].arrived;
        let key = self.jobs[fleet].plan().key;
        let life = self.draw.normal(Purpose::Job, key ^ 1, number, 0);
        self.begin_job(fleet, self.lot(fleet, number, life), 0.0, calendar);
        self.plan_arrival(fleet, calendar);
    }

    /// What chance gives to a job, the length of its life aside.
    fn lot(&self, fleet: usize, number: u32, life: f64) -> Lot {
        let plan = self.jobs[fleet].plan();
        let mut sizes = self.draw.stream(Purpose::Weight, plan.key, number, 0);
        Lot {
            number,
            life,
            size: plan.sizes.of(&mut sizes),
            port: self.draw.unit(Purpose::Job, plan.key ^ 2, number, 0),
        }
    }

    /// A job that is `age` seconds old runs from now on.
    fn begin_job(&mut self, fleet: usize, lot: Lot, age: f64, calendar: &mut Calendar<Event>) {
        let now = calendar.now();
        let connected = self.take_ports(fleet, lot.port, now);
        let jobs = &mut self.jobs[fleet];
        let plan = jobs.plan();
        let (series, live) = plan.load(&lot);
        let (life, whole) = plan.lengths(lot.life);
        let killed = live > plan.live_max;
        let from_now = |seconds: f64| {
            let rest = SimTime::from_secs_f64((seconds - age).max(0.0));
            now.nanos().saturating_add(rest.nanos())
        };
        let (stops, gone) = (from_now(life), from_now(whole));
        let fate = match (killed, connected) {
            (true, _) => Fate::Killed,
            (false, true) => Fate::Connected,
            (false, false) => Fate::WithoutPort,
        };
        let span = (now.nanos().max(self.grid.lead), stops.min(self.grid.end));
        let job = jobs.begin(Job::new(series, span, fate), series, live);
        if killed && age <= 0.0 {
            jobs.oom_kills += 1;
            let needed = self.fleets[fleet].memory.limit_needed(live);
            let scope = Scope::Fleet(fleet);
            self.observer
                .killed(scope, lot.number, (now.nanos(), What::OomKilled, needed));
        }
        if gone <= self.grid.end {
            let fleet = u16::try_from(fleet).expect("fleets are few");
            let event = Event::JobEnded {
                connected,
                fleet,
                job,
            };
            calendar.schedule(SimTime::from_nanos(gone), event);
        }
    }

    /// A job's pod is gone; what its sidecar has not sent goes with it.
    pub(super) fn job_ended(
        &mut self,
        (fleet, job): (usize, u32),
        connected: bool,
        calendar: &mut Calendar<Event>,
    ) {
        let now = calendar.now();
        let stalled = self.fleets[fleet].resident.stalled_since(now.nanos());
        // Most jobs lose nothing, and looking one up among very many costs more than all the rest.
        if !connected || stalled.is_some() {
            self.lose_unsent(fleet, job, now.nanos());
        }
        if connected {
            self.give_ports_back(fleet, self.jobs[fleet].dials.len(), now);
        }
        self.jobs[fleet].end(job);
    }

    /// What a job exposed is lost when its sidecar is gone: all without a port, what an outage still
    /// holds back otherwise.
    fn lose_unsent(&mut self, fleet: usize, job: u32, now: u64) {
        let stalled_since = self.fleets[fleet].resident.stalled_since(now);
        let jobs = &mut self.jobs[fleet];
        let lost = jobs.lose(job, stalled_since);
        if lost > 0 {
            let samples = samples_of(lost, jobs.interval) as f64;
            self.observer.lost(fleet, now);
            let scope = Scope::Fleet(fleet);
            self.observer
                .note(scope, None, (now, What::DataLost, samples));
        }
    }

    /// Whether a sidecar finds a port to each of its endpoints.
    fn take_ports(&mut self, fleet: usize, uniform: f64, now: SimTime) -> bool {
        for dial in 0..self.jobs[fleet].dials.len() {
            let (egress, set) = self.jobs[fleet].dials[dial];
            let ports = &mut self.egresses[egress].sets[set].jobs;
            if ports.take(now, uniform).is_err() {
                self.give_ports_back(fleet, dial, now);
                self.refuse(egress, now.nanos());
                return false;
            }
            self.note_ports(egress, set, now);
        }
        true
    }

    /// Closes the first `count` connections of a sidecar.
    fn give_ports_back(&mut self, fleet: usize, count: usize, now: SimTime) {
        for &(egress, set) in self.jobs[fleet].dials.iter().take(count) {
            self.egresses[egress].sets[set].jobs.give_back(now, 1);
        }
    }

    /// Accounts for the jobs that still run at the end.
    pub(super) fn settle_jobs(&mut self, now: u64) {
        for fleet in 0..self.jobs.len() {
            for job in self.jobs[fleet].running_slots() {
                self.lose_unsent(fleet, job, now);
            }
        }
    }
}
