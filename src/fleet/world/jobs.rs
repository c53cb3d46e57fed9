//! Short-lived pods with a sidecar: they arrive, run, flush and are gone.

use rand_distr::{Distribution, Exp1, StandardNormal};

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
            let mut stream = self.draw.stream(Purpose::Job, plan.key ^ 1, 0, 0);
            let begun = standing(plan.rate(0), |score| plan.lengths(score).1, &mut stream);
            // Numbers of their own, so that those who arrive keep theirs.
            for (begun, number) in begun.into_iter().zip((0..=u32::MAX).rev()) {
                let plan = self.jobs[fleet].plan();
                let mut chance = self.draw.stream(Purpose::Job, plan.key, number, 0);
                let lot = plan.lot(number, begun.score, &mut chance);
                self.begin_job(fleet, lot, begun.age, calendar);
            }
        }
        self.plan_arrival(fleet, calendar);
    }

    /// The next arrival, Poisson with the rate of its cell. All that chance decides about a job is
    /// in one stream of numbers.
    ///
    /// Simplified: a gap is drawn at the rate of the cell in which it starts.
    fn plan_arrival(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        let rate = self.jobs[fleet].plan().rate(self.cell_of(now));
        if rate <= 0.0 {
            return;
        }
        let jobs = &mut self.jobs[fleet];
        let number = jobs.next.number + 1;
        let mut chance = self.draw.stream(Purpose::Job, jobs.plan().key, number, 0);
        let gap: f64 = Exp1.sample(&mut chance);
        let life = StandardNormal.sample(&mut chance);
        jobs.next = jobs.plan().lot(number, life, &mut chance);
        let at = now.saturating_add(SimTime::from_secs_f64(gap / rate).nanos());
        let fleet = small(fleet);
        calendar.schedule(SimTime::from_nanos(at), Event::JobArrived { fleet });
    }

    /// A job starts with its sidecar, which dials its endpoints.
    pub(super) fn job_arrived(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        self.begin_job(fleet, self.jobs[fleet].next, 0.0, calendar);
        self.plan_arrival(fleet, calendar);
    }

    /// A job that is `age` seconds old runs from now on.
    fn begin_job(&mut self, fleet: usize, lot: Lot, age: f64, calendar: &mut Calendar<Event>) {
        let now = calendar.now();
        let connected = self.take_ports(fleet, lot.port, now);
        let jobs = &mut self.jobs[fleet];
        let job = jobs.plan().job(&lot, age, now.nanos());
        let fits = job.live <= jobs.plan().live_max;
        jobs.begin(&job);
        if !fits && age <= 0.0 {
            jobs.oom_kills += 1;
            let needed = self.fleets[fleet].memory.limit_needed(job.live);
            let scope = Scope::Fleet(fleet);
            self.observer
                .killed(scope, lot.number, (now.nanos(), What::OomKilled, needed));
        }
        let fate = self.fate_of(fleet, &job, fits, connected);
        self.book_job(fleet, &job, fate, calendar);
        if job.gone <= self.grid.end {
            let at = SimTime::from_nanos(job.gone);
            let fleet = small(fleet);
            calendar.schedule(at, Event::JobEnded { connected, fleet });
        }
    }

    /// What becomes of a job's samples: nothing takes them in if its sidecar does not fit its limit,
    /// none leaves without a port, and what an outage holds back when the sidecar is gone is lost.
    fn fate_of(&self, fleet: usize, job: &Job, fits: bool, connected: bool) -> Fate {
        let seen = job.gone.min(self.grid.end);
        match (fits, connected) {
            (false, _) => Fate::Missed,
            (true, false) => Fate::LostSince(0),
            (true, true) => {
                let since = self.fleets[fleet].resident.stalled_since(seen);
                since.map_or(Fate::Sent, Fate::LostSince)
            }
        }
    }

    /// Accounts for the samples of a job as it begins, for outages are known; looking its numbers up
    /// at its end, among those of very many others, costs more than all the rest.
    fn book_job(&mut self, fleet: usize, job: &Job, fate: Fate, calendar: &mut Calendar<Event>) {
        let recorded = (self.grid.lead, self.grid.end);
        let lost = self.jobs[fleet].book(job, fate, recorded);
        if lost > 0 {
            let at = SimTime::from_nanos(job.gone.min(self.grid.end));
            let samples = samples_of(lost, self.jobs[fleet].interval);
            let event = Event::JobLostSamples {
                fleet: u16::try_from(fleet).expect("fleets are few"),
                samples: u32::try_from(samples).unwrap_or(u32::MAX),
            };
            calendar.schedule(at, event);
        }
    }

    /// A job's sidecar is gone, or the end is reached, with `samples` that have not left.
    pub(super) fn job_lost_samples(&mut self, fleet: usize, samples: u32, now: SimTime) {
        let (scope, now) = (Scope::Fleet(fleet), now.nanos());
        self.observer.lost(fleet, now);
        let event = (now, What::DataLost, f64::from(samples));
        self.observer.note(scope, None, event);
    }

    /// A job's pod is gone.
    pub(super) fn job_ended(&mut self, fleet: usize, connected: bool, now: SimTime) {
        if connected {
            self.give_ports_back(fleet, self.jobs[fleet].dials.len(), now);
        }
        self.jobs[fleet].running -= 1;
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
}
