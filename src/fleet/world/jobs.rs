//! Short-lived pods with a sidecar: they arrive, run, flush and are gone.

use rand_distr::{Distribution, Exp1};

use crate::engine::{Calendar, key_of};
use crate::fleet::blueprint::{Blueprint, Fleet, Jobs, Start, WorkloadKind};
use crate::fleet::catalogue::Scope;
use crate::fleet::draw::Purpose;
use crate::fleet::driver::{WEIGHT_BITS, samples_of};
use crate::fleet::ledger::Account;
use crate::fleet::memory::Memory;
use crate::fleet::outcome::What;
use crate::fleet::ownership::entity_size;
use crate::fleet::standing::{Standing, standing};
use crate::fleet::timeline::{Grid, Timeline};
use crate::fleet::topology::Population;
use crate::units::SimTime;

use super::collect::small;
use super::{Event, World};

/// Binary places of job work, as in the shared drivers.
const PLACES: u32 = WEIGHT_BITS + 8;

/// One job that runs now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Job {
    fleet: u32,
    started: u64,
    /// Nanosecond at which the application ends; its sidecar flushes from then on.
    stops: u64,
    series: f64,
    has_ports: bool,
    fate: Fate,
}

/// What becomes of a job's samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fate {
    /// They leave while the endpoint answers.
    #[default]
    Connected,
    /// They never leave: some endpoint could not be reached.
    WithoutPort,
    /// They are not even taken in: its sidecar does not fit its memory limit.
    Killed,
}

/// The short-lived collectors of one fleet in one draw.
#[derive(Clone, Debug, Default)]
pub(super) struct JobFleet {
    /// The workload whose jobs carry a collector each, if any.
    workload: Option<usize>,
    key: u64,
    /// Arrivals per second at the level of each cell.
    rates: Vec<f64>,
    series_per_job: f64,
    /// Live bytes that are the same for all, and per series.
    live: (f64, f64),
    arrived: u32,
    jobs: Vec<Job>,
    free: Vec<u32>,
    /// Jobs that run now.
    pub running: u32,
    /// Highest number at once.
    pub running_peak: u32,
    /// Work by fate.
    pub account: Account,
    /// Jobs that arrived in the recorded time.
    pub count: u64,
    pub oom_kills: u64,
    pub live_peak: f64,
    /// Series of the largest job, its sidecar's own included.
    pub series_peak: f64,
    pub interval: u64,
}

impl JobFleet {
    /// The jobs of a fleet with their unknowns drawn; nothing unless each pod has a collector.
    pub(super) fn draw(
        blueprint: &Blueprint,
        fleet: &Fleet,
        timelines: &[Timeline],
        memory: &Memory,
        grid: Grid,
    ) -> Self {
        let is_job = |id: &&usize| blueprint.workloads[**id].kind == WorkloadKind::Job;
        let per_pod = fleet.topology.population == Population::PerPod;
        let Some(&workload) = fleet.metrics_of.iter().find(is_job).filter(|_| per_pod) else {
            return Self::default();
        };
        let timeline = &timelines[workload];
        let plan = &blueprint.workloads[workload];
        let interval = plan.scrape_interval.as_nanos();
        let own = fleet.own_series;
        Self {
            workload: Some(workload),
            key: key_of(&format!("fleet.{}.jobs", fleet.name)),
            rates: timeline.job_rates(&grid),
            series_per_job: timeline.series_per_target,
            live: (
                memory.base_live + own * memory.live_per_series,
                memory.live_per_series,
            ),
            interval: u64::try_from(interval).expect("an interval fits the clock"),
            ..Self::default()
        }
    }
}

impl World<'_> {
    /// Plans the first arrival of a fleet's jobs, and lets those run that have begun before.
    pub(super) fn plan_jobs(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        if self.jobs[fleet].workload.is_none() {
            return;
        }
        if self.blueprint.start == Start::Running {
            let plan = self.job_plan(fleet);
            let jobs = &self.jobs[fleet];
            let rate = jobs.rates.first().copied().unwrap_or(0.0);
            let mut stream = self.draw.stream(Purpose::Job, jobs.key ^ 3, 0, 0);
            let begun = standing(rate, |score| lengths(&plan, score).1, &mut stream);
            // Numbers of their own, so that those who arrive keep theirs.
            for (begun, number) in begun.into_iter().zip((0..=u32::MAX).rev()) {
                self.begin_job(fleet, (number, begun), calendar);
            }
        }
        self.plan_arrival(fleet, calendar);
    }

    /// How the jobs of a fleet arrive and live.
    fn job_plan(&self, fleet: usize) -> Jobs {
        let workload = self.jobs[fleet].workload.expect("the fleet has jobs");
        let plan = self.blueprint.workloads[workload].jobs;
        plan.expect("a job workload has arrivals")
    }

    /// The next arrival, Poisson with the rate of its cell.
    ///
    /// Simplified: a gap is drawn at the rate of the cell in which it starts.
    fn plan_arrival(&mut self, fleet: usize, calendar: &mut Calendar<Event>) {
        let now = calendar.now();
        let cell = self.cell_of(now.nanos());
        let jobs = &mut self.jobs[fleet];
        let rate = jobs
            .rates
            .get(cell)
            .or(jobs.rates.last())
            .copied()
            .unwrap_or(0.0);
        if rate <= 0.0 {
            return;
        }
        jobs.arrived += 1;
        let gap: f64 = Exp1.sample(&mut self.draw.stream(Purpose::Job, jobs.key, jobs.arrived, 0));
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
        let key = self.jobs[fleet].key;
        let score = self.draw.normal(Purpose::Job, key ^ 1, number, 0);
        self.begin_job(fleet, (number, Standing { age: 0.0, score }), calendar);
        self.plan_arrival(fleet, calendar);
    }

    /// A job runs from now on, some of it perhaps behind it.
    fn begin_job(
        &mut self,
        fleet: usize,
        (number, standing): (u32, Standing),
        calendar: &mut Calendar<Event>,
    ) {
        let now = calendar.now();
        let key = self.jobs[fleet].key;
        let workload = self.jobs[fleet].workload.expect("the fleet has jobs");
        let plan = &self.blueprint.workloads[workload];
        let (lifetime, whole) = lengths(&self.job_plan(fleet), standing.score);
        let from_now = |seconds: f64| {
            let rest = SimTime::from_secs_f64((seconds - standing.age).max(0.0));
            now.nanos().saturating_add(rest.nanos())
        };
        let size = entity_size(&self.draw, Purpose::Weight, key, number, &plan.series);
        let has_ports = self.take_ports(fleet, number, calendar);
        let jobs = &mut self.jobs[fleet];
        let series = jobs.series_per_job * size;
        let live = jobs.live.0 + jobs.live.1 * series;
        let killed = live > self.fleets[fleet].memory.live_max();
        jobs.live_peak = jobs.live_peak.max(live);
        let own = self.blueprint.fleets[fleet].own_series;
        jobs.series_peak = jobs.series_peak.max(series + own);
        jobs.count += 1;
        jobs.running += 1;
        jobs.running_peak = jobs.running_peak.max(jobs.running);
        let fate = match (killed, has_ports) {
            (true, _) => Fate::Killed,
            (false, true) => Fate::Connected,
            (false, false) => Fate::WithoutPort,
        };
        let job = Job {
            fleet: small(fleet),
            started: now.nanos(),
            stops: from_now(lifetime),
            series,
            has_ports,
            fate,
        };
        let slot = jobs.free.pop().unwrap_or_else(|| {
            jobs.jobs.push(Job::default());
            small(jobs.jobs.len() - 1)
        });
        jobs.jobs[slot as usize] = job;
        if killed && standing.age <= 0.0 {
            jobs.oom_kills += 1;
            let needed = self.fleets[fleet].memory.limit_needed(live);
            let scope = Scope::Fleet(fleet);
            self.observer
                .killed(scope, number, (now.nanos(), What::OomKilled, needed));
        }
        let at = SimTime::from_nanos(from_now(whole));
        let event = Event::JobEnded {
            job: slot * small(self.jobs.len()) + small(fleet),
        };
        if at.nanos() <= self.grid.end {
            calendar.schedule(at, event);
        }
    }

    /// A job's pod is gone; what its sidecar has not sent goes with it.
    pub(super) fn job_ended(&mut self, job: u32, calendar: &mut Calendar<Event>) {
        let fleets = small(self.jobs.len());
        let (slot, fleet) = (job / fleets, (job % fleets) as usize);
        let now = calendar.now().nanos();
        let ended = self.jobs[fleet].jobs[slot as usize];
        self.account_job(fleet, &ended, now);
        if ended.has_ports {
            self.give_ports_back(fleet, calendar);
        }
        let jobs = &mut self.jobs[fleet];
        jobs.running -= 1;
        jobs.free.push(slot);
    }

    /// Where the samples of a job went, up to `now`.
    fn account_job(&mut self, fleet: usize, job: &Job, now: u64) {
        let to = now.min(job.stops);
        let from = job.started.max(self.grid.lead.min(to));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count"
        )]
        let series = (job.series * f64::from(1_u32 << PLACES.min(20))).round() as u128;
        let work = (series << (PLACES - PLACES.min(20))) * u128::from(to.saturating_sub(from));
        let unsent = self.unsent_share(fleet, job, (from, to), now);
        let account = &mut self.jobs[fleet].account;
        account.offered += work;
        if job.fate == Fate::Killed {
            account.missed_down += work;
            return;
        }
        account.scraped += work;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share"
        )]
        let lost = work / 1_000_000 * (unsent * 1e6) as u128;
        account.lost_exit += lost;
        account.sent += work - lost;
        if lost > 0 {
            let samples = samples_of(lost, self.jobs[fleet].interval) as f64;
            self.observer.lost(fleet, now);
            let scope = Scope::Fleet(fleet);
            self.observer
                .note(scope, None, (now, What::DataLost, samples));
        }
    }

    /// Share of a job's samples that never left: all without a port, what an outage still held back
    /// when its sidecar was gone otherwise.
    fn unsent_share(&self, fleet: usize, job: &Job, (from, to): (u64, u64), gone: u64) -> f64 {
        if to <= from {
            return 0.0;
        }
        if job.fate == Fate::WithoutPort {
            return 1.0;
        }
        let since = self.fleets[fleet].resident.stalled_since(gone);
        since.map_or(0.0, |since| {
            to.saturating_sub(since.max(from)) as f64 / (to - from) as f64
        })
    }

    fn take_ports(&mut self, fleet: usize, number: u32, calendar: &Calendar<Event>) -> bool {
        let uniform = self
            .draw
            .unit(Purpose::Job, self.jobs[fleet].key ^ 2, number, 0);
        let now = calendar.now();
        let mut taken: Vec<(usize, usize)> = Vec::new();
        for endpoint in self.blueprint.fleets[fleet].sends_to.clone() {
            let Some((egress, set)) = self.set_of(endpoint) else {
                continue;
            };
            if self.egresses[egress].sets[set]
                .jobs
                .take(now, uniform)
                .is_err()
            {
                for (egress, set) in taken {
                    self.egresses[egress].sets[set].jobs.give_back(now, 1);
                }
                self.refuse(egress, now.nanos());
                return false;
            }
            taken.push((egress, set));
            self.note_ports(egress, set, now);
        }
        true
    }

    fn give_ports_back(&mut self, fleet: usize, calendar: &Calendar<Event>) {
        for endpoint in self.blueprint.fleets[fleet].sends_to.clone() {
            if let Some((egress, set)) = self.set_of(endpoint) {
                self.egresses[egress].sets[set]
                    .jobs
                    .give_back(calendar.now(), 1);
            }
        }
    }

    /// Accounts for the jobs that still run at the end.
    pub(super) fn settle_jobs(&mut self, now: u64) {
        for fleet in 0..self.jobs.len() {
            let free = std::mem::take(&mut self.jobs[fleet].free);
            let mut idle = vec![false; self.jobs[fleet].jobs.len()];
            for &slot in &free {
                idle[slot as usize] = true;
            }
            for (slot, idle) in idle.into_iter().enumerate() {
                if !idle {
                    let job = self.jobs[fleet].jobs[slot];
                    self.account_job(fleet, &job, now);
                }
            }
            self.jobs[fleet].free = free;
        }
    }
}

/// Seconds from the start of a job to its end, and to the end of its flush, which is never longer
/// than its life.
fn lengths(plan: &Jobs, score: f64) -> (f64, f64) {
    let life = plan.lifetime.at(score).max(0.0);
    (life, life + plan.flush.as_secs_f64().min(life))
}

impl JobFleet {
    /// Live bytes of a mean job's sidecar.
    pub(super) fn mean_live(&self) -> f64 {
        self.live.0 + self.live.1 * self.series_per_job
    }

    /// Mean series of one job.
    pub(super) fn series_per_job(&self) -> f64 {
        if self.workload.is_some() {
            self.series_per_job
        } else {
            0.0
        }
    }

    /// Seconds that jobs ran in the recorded time, by Little's law from what they offered.
    pub(super) fn busy_seconds(&self) -> f64 {
        let offered = samples_of(self.account.offered, self.interval.max(1)) as f64;
        let per_second = self.series_per_job.max(1e-9) / (self.interval.max(1) as f64 / 1e9);
        if self.workload.is_some() {
            offered / per_second
        } else {
            0.0
        }
    }

    /// Series of the jobs that run now.
    pub(super) fn series_now(&self) -> f64 {
        f64::from(self.running) * self.series_per_job()
    }

    /// The recorded time begins: what was counted before does not count.
    pub(super) fn begin_record(&mut self) {
        self.account = Account::default();
        (self.count, self.oom_kills) = (0, 0);
        self.running_peak = self.running;
        (self.series_peak, self.live_peak) = (0.0, 0.0);
    }
}
