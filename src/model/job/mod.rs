//! The short-lived collectors of one fleet: what its jobs are like, how many run now, and where
//! their samples went.

use rand_distr::{Distribution, StandardNormal};

use crate::engine::{Stream, key_of};
use crate::model::blueprint::{Blueprint, EgressId, Fleet, Workload, WorkloadId, WorkloadKind};
use crate::model::cluster::sharing::Sizes;
use crate::model::law::Law;
use crate::model::load::driver::WEIGHT_BITS;
use crate::model::load::timeline::{Episode, Grid, Timeline};
use crate::model::pipeline::ledger::Ledger;
use crate::model::process::memory::Memory;
use crate::model::topology::Population;
use crate::model::wal::stall_at;
use crate::units::{SimDuration, SimTime, nearest};

use crate::model::load::work::portion;
use crate::model::pipeline::route::Route;

/// Binary places of job work, as in the shared drivers.
const PLACES: u32 = WEIGHT_BITS + 8;
/// Binary places of a job's series.
const SERIES_PLACES: u32 = 20;

/// What the jobs of a fleet are like.
#[derive(Clone, Debug)]
pub(in crate::model) struct JobPlan<'a> {
    pub key: u64,
    /// Arrivals per second at the level of each cell.
    rates: Vec<f64>,
    lifetime: Law,
    /// Nanoseconds between two scrapes, if they are scraped and do not push.
    pulled_every: Option<u64>,
    /// Nanoseconds that are left to a sidecar.
    flush: u64,
    sizes: Sizes<'a>,
    series_mean: f64,
    /// Live bytes that are the same for all, and per series.
    live: (f64, f64),
    /// Live bytes above which a sidecar does not fit its limit.
    live_max: f64,
    /// Series of the sidecar itself.
    own_series: f64,
    /// First and last nanosecond of the recorded time.
    recorded: (u64, u64),
}

/// What chance gives to one job.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::model) struct Luck {
    pub number: u32,
    /// Standard normal score of its lifetime.
    pub life: f64,
    /// From 0 to 1: whether it finds a port, where that is a matter of chance.
    pub port: f64,
    /// Series relative to the mean.
    pub size: f64,
    /// Where in its scrape interval it starts, from 0 to 1.
    pub phase: f64,
}

/// One job as it begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Job {
    series: f64,
    /// Live bytes of its sidecar.
    pub live: f64,
    /// Nanoseconds of the recorded time between which its application runs.
    from: u64,
    to: u64,
    /// Nanosecond at which its sidecar has flushed and is gone.
    pub gone: u64,
}

/// What becomes of a job's samples on the way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Fate {
    /// They are taken in.
    Taken,
    /// They are taken in, and never leave: there is no port.
    Stuck,
    /// Nobody takes them in: the sidecar does not fit its memory limit.
    Killed,
    /// Nobody takes them in: the job ends before its first scrape.
    Unseen,
}

/// The short-lived collectors of one fleet in one draw.
#[derive(Clone, Debug, Default)]
pub(in crate::model) struct Jobs<'a> {
    /// What its jobs are like, if each has a collector.
    pub plan: Option<JobPlan<'a>>,
    /// Egress and set of ports of each endpoint to which its jobs dial.
    pub dials: Vec<(EgressId, usize)>,
    /// The job that arrives next.
    pub next: Luck,
    /// Jobs that run now.
    pub running: u32,
    /// Highest number at once.
    pub running_peak: u32,
    /// Work by fate, of one stream.
    pub ledger: Ledger,
    /// For each endpoint of metrics the times at which it does not answer.
    stalls: Vec<Vec<Episode>>,
    /// For each of them the share of the samples that it refuses for good.
    rejected: Vec<f64>,
    /// Jobs that arrived in the recorded time.
    pub count: u64,
    /// Those that ended before their first scrape.
    pub unseen: u64,
    pub oom_kills: u64,
    pub live_peak: f64,
    /// Series of the largest job, its sidecar's own included.
    pub series_peak: f64,
    pub interval: u64,
}

impl<'a> JobPlan<'a> {
    /// The jobs of a workload, each with a collector of `fleet`, with their unknowns drawn.
    fn new(
        (plan, timeline): (&'a Workload, &Timeline),
        fleet: &Fleet,
        memory: &Memory,
        grid: &Grid,
    ) -> Self {
        let own = fleet.own_series;
        let jobs = plan.jobs.expect("a job workload has arrivals");
        Self {
            key: key_of(&format!("fleet.{}.jobs", fleet.name)),
            rates: timeline.job_rates(grid),
            lifetime: jobs.lifetime,
            pulled_every: (!jobs.push).then(|| plan.scrape_interval.nanos()),
            flush: jobs.flush.nanos(),
            sizes: Sizes::new(&plan.series),
            series_mean: timeline.series_per_target,
            live: (
                memory.base_live + memory.live_per_target + own * memory.per_series.all(),
                memory.per_series.all(),
            ),
            live_max: memory.live_max(),
            own_series: own,
            recorded: (grid.warm_up.nanos(), grid.end.nanos()),
        }
    }

    /// Arrivals per second in a cell of the grid, none after the last one.
    pub(in crate::model) fn rate(&self, cell: usize) -> f64 {
        self.rates.get(cell).copied().unwrap_or(0.0)
    }

    /// The nanosecond of the arrival that follows `now` after `gap` at a rate of 1, with the rate of
    /// each cell spent in turn; `None` if that lies after the last cell.
    pub(in crate::model) fn arrival(&self, grid: &Grid, now: u64, mut gap: f64) -> Option<u64> {
        let mut from = now;
        let mut cell = usize::try_from(now / grid.cell.nanos()).expect("cells are few");
        while cell < self.rates.len() {
            let rate = self.rate(cell);
            let end = grid.start_of(cell + 1).nanos();
            let expected = rate * (end - from) as f64 / 1e9;
            if gap < expected {
                return Some(from + SimTime::from_secs_f64(gap / rate).nanos());
            }
            gap -= expected;
            (from, cell) = (end, cell + 1);
        }
        None
    }

    /// Nanoseconds from the start of a job to its end, and to the end of its flush, which is never
    /// longer than its life.
    fn lengths(&self, score: f64) -> (u64, u64) {
        let life = SimTime::from_secs_f64(self.lifetime.at(score)).nanos();
        (life, life.saturating_add(life.min(self.flush)))
    }

    /// Whether a job ends before its first scrape.
    fn is_unseen(&self, luck: &Luck) -> bool {
        let (life, _) = self.lengths(luck.life);
        self.pulled_every
            .is_some_and(|every| (life as f64) < luck.phase * every as f64)
    }

    /// Seconds from the start of a job to the end of its flush.
    pub(in crate::model) fn length(&self, score: f64) -> f64 {
        SimTime::from_nanos(self.lengths(score).1).secs_f64()
    }

    /// What the numbers of a job give it.
    pub(in crate::model) fn luck(&self, number: u32, chance: &mut Stream) -> Luck {
        let life = StandardNormal.sample(chance);
        let port = chance.unit();
        Luck {
            number,
            life,
            port,
            size: self.sizes.of(chance),
            // Digits that no decision about ports looks at: a number of its own would cost a tenth of
            // all the work on a job.
            phase: (port * f64::from(1_u32 << 20)).fract(),
        }
    }

    /// The job that `luck` stands for, `age` nanoseconds old at `now`.
    pub(in crate::model) fn job(&self, luck: &Luck, age: u64, now: u64) -> Job {
        let series = self.series_mean * luck.size;
        let (life, whole) = self.lengths(luck.life);
        let from_now = |length: u64| now.saturating_add(length.saturating_sub(age));
        let (warm_up, end) = self.recorded;
        Job {
            series,
            live: self.live.0 + self.live.1 * series,
            from: now.max(warm_up),
            to: from_now(life).min(end),
            gone: from_now(whole),
        }
    }
}

impl Job {
    /// Work of what it exposes from one nanosecond to another.
    fn work(&self, from: u64, to: u64) -> u128 {
        let series = nearest(self.series * f64::from(1_u32 << SERIES_PLACES));
        let nanos = self.to.min(to).saturating_sub(self.from.max(from));
        (u128::from(series) * u128::from(nanos)) << (PLACES - SERIES_PLACES)
    }
}

impl<'a> Jobs<'a> {
    /// The jobs of a fleet with their unknowns drawn; none unless each pod has a collector.
    pub(in crate::model) fn draw(
        blueprint: &'a Blueprint,
        fleet: &Fleet,
        timelines: &[Timeline],
        (memory, routes): (&Memory, &[Route]),
        grid: Grid,
    ) -> Self {
        let is_job = |id: &&WorkloadId| blueprint.workloads[**id].kind == WorkloadKind::Job;
        let per_pod = fleet.topology.population == Population::PerPod;
        let Some(&workload) = fleet.metrics_of.iter().find(is_job).filter(|_| per_pod) else {
            return Self::default();
        };
        let jobs = (&blueprint.workloads[workload], &timelines[workload.index()]);
        let interval = jobs.0.scrape_interval.nanos();
        Self {
            plan: Some(JobPlan::new(jobs, fleet, memory, &grid)),
            ledger: Ledger::new(vec![SimDuration::from_nanos(interval)], routes.len()),
            stalls: routes.iter().map(|way| way.stalls.clone()).collect(),
            rejected: routes.iter().map(|way| way.rejected).collect(),
            interval,
            ..Self::default()
        }
    }

    /// What its jobs are like.
    pub(in crate::model) fn plan(&self) -> &JobPlan<'a> {
        self.plan.as_ref().expect("the fleet has jobs")
    }

    /// What becomes of the samples of a job: nothing takes them in if its sidecar does not fit its
    /// limit or if it ends too early, and none leaves without a port.
    pub(in crate::model) fn fate(&self, job: &Job, luck: &Luck, connected: bool) -> Fate {
        if job.live > self.plan().live_max {
            Fate::Killed
        } else if self.plan().is_unseen(luck) {
            Fate::Unseen
        } else if connected {
            Fate::Taken
        } else {
            Fate::Stuck
        }
    }

    /// A job begins whose sidecar is gone, or cut off by the end of the simulation, at `seen`. Books all
    /// that it exposes, and returns what of it is lost: to an endpoint that is away then, what was
    /// exposed since it went.
    pub(in crate::model) fn begin(&mut self, job: &Job, fate: Fate, seen: u64) -> u128 {
        self.count += 1;
        self.running += 1;
        self.running_peak = self.running_peak.max(self.running);
        self.live_peak = self.live_peak.max(job.live);
        self.series_peak = self.series_peak.max(job.series + self.plan().own_series);
        let work = job.work(0, u64::MAX);
        let intake = &mut self.ledger.intakes[0];
        intake.offered += work;
        match fate {
            Fate::Killed => intake.missed_down += work,
            Fate::Unseen => {
                intake.missed_pull += work;
                self.unseen += 1;
            }
            Fate::Taken | Fate::Stuck => {
                intake.scraped += work;
                return self.deliver(job, fate, seen);
            }
        }
        0
    }

    /// Books what becomes of a job's samples on the way to every endpoint.
    ///
    /// Simplified: a stated capacity of an endpoint does not bind the sidecars of jobs.
    fn deliver(&mut self, job: &Job, fate: Fate, seen: u64) -> u128 {
        let mut lost_of_all = 0;
        let ways = self.stalls.iter().zip(&self.rejected);
        for (delivery, (stalls, &rejected)) in self.ledger.deliveries.iter_mut().zip(ways) {
            let since = match fate {
                Fate::Stuck => 0,
                _ => stall_at(stalls, SimTime::from_nanos(seen))
                    .map_or(u64::MAX, |stall| stall.from.nanos()),
            };
            let lost = job.work(since, u64::MAX);
            let reached = job.work(0, since);
            let refused = portion(reached, rejected);
            delivery.sent += reached - refused;
            delivery.lost_rejected += refused;
            delivery.lost_exit += lost;
            lost_of_all += lost;
        }
        lost_of_all
    }

    /// Live bytes of a mean job's sidecar.
    pub(in crate::model) fn mean_live(&self) -> f64 {
        let live = |plan: &JobPlan<'_>| plan.live.0 + plan.live.1 * plan.series_mean;
        self.plan.as_ref().map_or(0.0, live)
    }

    /// Mean series of one job.
    pub(in crate::model) fn series_per_job(&self) -> f64 {
        self.plan.as_ref().map_or(0.0, |plan| plan.series_mean)
    }

    /// Series of as many mean jobs as ran at once.
    pub(in crate::model) fn series_peak_of_all(&self) -> f64 {
        f64::from(self.running_peak) * self.series_per_job()
    }

    /// Seconds that jobs ran in the recorded time, by Little's law from what they offered.
    pub(in crate::model) fn busy_seconds(&self) -> f64 {
        let offered: f64 = self.ledger.taken(|intake| intake.offered);
        let per_second = self.series_per_job().max(1e-9) / (self.interval.max(1) as f64 / 1e9);
        offered / per_second
    }

    /// Series of the jobs that run now.
    pub(in crate::model) fn series_now(&self) -> f64 {
        f64::from(self.running) * self.series_per_job()
    }

    /// The recorded time begins: what was counted before does not count. Work is that of the
    /// recorded time from the beginning.
    pub(in crate::model) fn begin_horizon(&mut self) {
        (self.count, self.unseen, self.oom_kills) = (0, 0, 0);
        self.running_peak = self.running;
        (self.series_peak, self.live_peak) = (0.0, 0.0);
    }
}
