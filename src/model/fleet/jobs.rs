//! The short-lived collectors of a fleet: one beside each job, as long as the job runs.

use rand_distr::{Distribution, Exp1};

use crate::model::blueprint::signal::MetricSource;
use crate::model::blueprint::{EgressId, Unseen, WorkloadId};
use crate::model::job::{Jobs, Luck, Reception};
use crate::model::load::beyond::Beyond;
use crate::model::load::draw::{Draw, Purpose};
use crate::model::load::standing::standing;
use crate::model::moment::{Event, Moment};
use crate::model::record::observer::Note;
use crate::model::record::outcome::RecordKind;
use crate::units::SimDuration;

use super::Fleet;
use super::load::Load;

impl Fleet<'_> {
    /// The short-lived collectors of the fleet.
    pub(in crate::model) fn jobs(&self) -> &Jobs<'_> {
        &self.jobs
    }

    /// What its jobs made that cannot be counted exactly.
    pub(in crate::model) fn beyond(&self) -> Option<Beyond> {
        self.jobs.beyond.clone()
    }

    /// Sets the endpoints that jobs connect to: egress and set of ports of each.
    pub(in crate::model) fn dial_to(&mut self, dials: Vec<(EgressId, usize)>) {
        self.jobs.dials = dials;
    }

    /// The jobs in progress at the first instant, each with its age.
    pub(in crate::model) fn standing_jobs(&self, draw: &Draw) -> Vec<(Luck, SimDuration)> {
        let plan = self.jobs.plan();
        let mut stream = draw.stream(Purpose::Job, plan.key ^ 1, 0, 0);
        let begun = standing(plan.rate(0), |score| plan.length(score), &mut stream);
        // Numbers from the top, so that jobs that arrive keep theirs.
        let numbered = begun.into_iter().zip((0..=u32::MAX).rev());
        let job = numbered.map(|(begun, number)| {
            let mut chance = draw.stream(Purpose::Job, plan.key, number, 0);
            let luck = Luck {
                life: begun.score,
                ..plan.luck(number, &mut chance)
            };
            (luck, SimDuration::from_secs_f64(begun.age))
        });
        job.collect()
    }

    /// Schedules the next arrival, Poisson with the rate of each cell. One random stream gives all
    /// random numbers of a job.
    pub(in crate::model) fn plan_arrival(&mut self, moment: &mut Moment<'_>) {
        let jobs = &mut self.jobs;
        let number = jobs.next.number + 1;
        let mut chance = moment.draw.stream(Purpose::Job, jobs.plan().key, number, 0);
        let gap: f64 = Exp1.sample(&mut chance);
        jobs.next = jobs.plan().luck(number, &mut chance);
        if let Some(at) = jobs.plan().arrival(moment.grid, moment.now, gap) {
            let fleet = self.plan.id;
            moment.schedule(at, Event::JobArrived { fleet });
        }
    }

    /// A job of this `age` runs from now on, `connected` if its sidecar has its ports.
    ///
    /// The samples of the job are accounted for at once, since outages are known. Finding the
    /// random numbers of the job again at its end would cost more than all the rest.
    pub(in crate::model) fn begin_job(
        &mut self,
        luck: Luck,
        age: SimDuration,
        connected: bool,
        moment: &mut Moment<'_>,
    ) {
        let jobs = &mut self.jobs;
        let job = jobs.plan().job(&luck, age, moment.now);
        let seen = job.gone.min(moment.grid.end);
        let reception = jobs.reception(&job, &luck, connected);
        let lost = jobs.begin(&job, reception, seen);
        if reception == Reception::Killed && age.is_zero() {
            jobs.oom_kills += 1;
            let needed = self.plan.memory.limit_needed(job.live);
            let now = moment.now;
            let kill = Note::new(now, self.kind_of_kill(), needed);
            moment.observer.killed(self.scope(), luck.number, kill);
        }
        if let Some(samples) = lost {
            // The loss happens when the sidecar is gone, or at the end.
            let fleet = self.plan.id;
            moment.schedule(seen, Event::JobLostSamples { fleet, samples });
        }
        if job.gone <= moment.grid.end {
            let fleet = self.plan.id;
            moment.schedule(job.gone, Event::JobEnded { connected, fleet });
        }
    }

    /// The unsent samples of a job's sidecar are lost.
    pub(in crate::model) fn lose_with_job(&self, samples: u32, moment: &mut Moment<'_>) {
        moment.observer.lost(self.plan.id, moment.now);
        moment.note(self.scope(), None, RecordKind::DataLost, f64::from(samples));
    }

    /// The pod of a job is gone.
    pub(in crate::model) fn end_job(&mut self) {
        self.jobs.running -= 1;
    }
}

impl Load<'_> {
    /// The jobs of a workload that no scrape sees.
    pub(super) fn unseen(&self, workload: WorkloadId) -> Unseen {
        let plan = &self.blueprint.workloads[workload];
        let scraped = plan
            .jobs
            .filter(|_| self.fleet.metric_source == MetricSource::Scrape);
        scraped.map_or(Unseen::default(), |jobs| jobs.unseen(plan.scrape_interval))
    }

    /// Expected jobs that end before their first scrape, within the measured horizon.
    pub(super) fn unseen_jobs(&self) -> f64 {
        let of = |workload: WorkloadId| {
            let share = self.unseen(workload).jobs;
            let rates = self.timelines[workload.index()].job_rates(&self.grid);
            let seconds = |cell: usize| {
                let from = self.grid.start_of(cell).max(self.grid.warm_up);
                self.grid
                    .start_of(cell + 1)
                    .min(self.grid.end)
                    .since(from)
                    .secs_f64()
            };
            let jobs = |(cell, rate): (usize, &f64)| rate * seconds(cell);
            share * rates.iter().enumerate().map(jobs).sum::<f64>()
        };
        self.metrics().map(of).sum()
    }
}
