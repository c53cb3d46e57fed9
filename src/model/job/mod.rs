//! The short-lived collectors of one fleet: what its jobs are like, how many run now, and where
//! their samples went.

use rand_distr::{Distribution, StandardNormal};

use crate::engine::{RandomStream, key_of};
use crate::model::blueprint::{Blueprint, EgressId, Fleet, Workload, WorkloadId, WorkloadKind};
use crate::model::cluster::sharing::Sizes;
use crate::model::law::Law;
use crate::model::load::driver::WEIGHT_BITS;
use crate::model::load::timeline::{Episode, Grid, Timeline};
use crate::model::pipeline::ledger::Ledger;
use crate::model::process::memory::Memory;
use crate::model::topology::Population;
use crate::model::wal::stall_at;
use crate::units::{SimDuration, SimTime, Span, nearest};

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
    /// Time between two scrapes, if they are scraped and do not push.
    pulled_every: Option<SimDuration>,
    /// Time that is left to a sidecar.
    flush: SimDuration,
    sizes: Sizes<'a>,
    series_mean: f64,
    live: LiveBytes,
    /// Live bytes above which a sidecar does not fit its limit.
    live_max: f64,
    /// Series of the sidecar itself.
    own_series: f64,
    /// The recorded time.
    recorded: Span,
}

/// What the live bytes of a sidecar follow from.
#[derive(Clone, Copy, Debug)]
struct LiveBytes {
    /// Of every sidecar.
    base: f64,
    per_series: f64,
}

impl LiveBytes {
    /// With so many series.
    fn with(self, series: f64) -> f64 {
        self.base + self.per_series * series
    }
}

/// How long a job lasts.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    /// From its start to the end of its application.
    life: SimDuration,
    /// From its start to the end of its flush.
    whole: SimDuration,
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
    /// The part of the recorded time in which its application runs.
    runs: Span,
    /// When its sidecar has flushed and is gone.
    pub gone: SimTime,
}

/// What becomes of a job's samples on the way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Reception {
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
    pub interval: SimDuration,
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
            pulled_every: (!jobs.push).then_some(plan.scrape_interval),
            flush: jobs.flush,
            sizes: Sizes::new(&plan.series),
            series_mean: timeline.series_per_target,
            live: LiveBytes {
                base: memory.base_live + memory.live_per_target + own * memory.per_series.all(),
                per_series: memory.per_series.all(),
            },
            live_max: memory.live_max(),
            own_series: own,
            recorded: Span::new(grid.warm_up, grid.end),
        }
    }

    /// Arrivals per second in a cell of the grid, none after the last one.
    pub(in crate::model) fn rate(&self, cell: usize) -> f64 {
        self.rates.get(cell).copied().unwrap_or(0.0)
    }

    /// The arrival that follows `now` after `gap` at a rate of 1, with the rate of each cell spent in
    /// turn; `None` if that lies after the last cell.
    pub(in crate::model) fn arrival(
        &self,
        grid: &Grid,
        now: SimTime,
        mut gap: f64,
    ) -> Option<SimTime> {
        let mut from = now;
        let mut cell = usize::try_from((now - SimTime::ZERO) / grid.cell).expect("cells are few");
        while cell < self.rates.len() {
            let rate = self.rate(cell);
            let end = grid.start_of(cell + 1);
            let expected = rate * (end - from).nanos() as f64 / 1e9;
            if gap < expected {
                return Some(from + SimDuration::from_secs_f64(gap / rate));
            }
            gap -= expected;
            (from, cell) = (end, cell + 1);
        }
        None
    }

    /// How long a job lasts; its flush is never longer than its life.
    fn lengths(&self, score: f64) -> Lengths {
        let life = SimDuration::from_secs_f64(self.lifetime.at(score));
        let whole = life + life.min(self.flush);
        Lengths { life, whole }
    }

    /// Whether a job ends before its first scrape.
    fn is_unseen(&self, luck: &Luck) -> bool {
        let life = self.lengths(luck.life).life.nanos() as f64;
        self.pulled_every
            .is_some_and(|every| life < luck.phase * every.nanos() as f64)
    }

    /// Seconds from the start of a job to the end of its flush.
    pub(in crate::model) fn length(&self, score: f64) -> f64 {
        self.lengths(score).whole.secs_f64()
    }

    /// What the numbers of a job give it.
    pub(in crate::model) fn luck(&self, number: u32, chance: &mut RandomStream) -> Luck {
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

    /// The job that `luck` stands for, of this `age` at `now`.
    pub(in crate::model) fn job(&self, luck: &Luck, age: SimDuration, now: SimTime) -> Job {
        let series = self.series_mean * luck.size;
        let Lengths { life, whole } = self.lengths(luck.life);
        let from_now = |length: SimDuration| now + length.saturating_sub(age);
        let Span { from, to } = self.recorded;
        Job {
            series,
            live: self.live.with(series),
            runs: Span::new(now.max(from), from_now(life).min(to)),
            gone: from_now(whole),
        }
    }
}

impl Job {
    /// Work of what it exposes until an instant.
    fn work_until(&self, at: SimTime) -> u128 {
        self.work(Span::new(self.runs.from, self.runs.to.min(at)))
    }

    /// Work of what it exposes from an instant on.
    fn work_since(&self, at: SimTime) -> u128 {
        self.work(Span::new(self.runs.from.max(at), self.runs.to))
    }

    fn work(&self, span: Span) -> u128 {
        let series = nearest(self.series * f64::from(1_u32 << SERIES_PLACES));
        (u128::from(series) * u128::from(span.length().nanos())) << (PLACES - SERIES_PLACES)
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
        let interval = jobs.0.scrape_interval;
        Self {
            plan: Some(JobPlan::new(jobs, fleet, memory, &grid)),
            ledger: Ledger::new(vec![interval], routes.len()),
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
    pub(in crate::model) fn reception(&self, job: &Job, luck: &Luck, connected: bool) -> Reception {
        if job.live > self.plan().live_max {
            Reception::Killed
        } else if self.plan().is_unseen(luck) {
            Reception::Unseen
        } else if connected {
            Reception::Taken
        } else {
            Reception::Stuck
        }
    }

    /// A job begins whose sidecar is gone, or cut off by the end of the simulation, at `seen`. Books all
    /// that it exposes, and returns what of it is lost: to an endpoint that is away then, what was
    /// exposed since it went.
    pub(in crate::model) fn begin(
        &mut self,
        job: &Job,
        reception: Reception,
        seen: SimTime,
    ) -> u128 {
        self.count += 1;
        self.running += 1;
        self.running_peak = self.running_peak.max(self.running);
        self.live_peak = self.live_peak.max(job.live);
        self.series_peak = self.series_peak.max(job.series + self.plan().own_series);
        let work = job.work(job.runs);
        let intake = &mut self.ledger.intakes[0];
        intake.offered += work;
        match reception {
            Reception::Killed => intake.missed_down += work,
            Reception::Unseen => {
                intake.missed_pull += work;
                self.unseen += 1;
            }
            Reception::Taken | Reception::Stuck => {
                intake.scraped += work;
                return self.deliver(job, reception, seen);
            }
        }
        0
    }

    /// Books what becomes of a job's samples on the way to every endpoint.
    ///
    /// Simplified: a stated capacity of an endpoint does not bind the sidecars of jobs.
    fn deliver(&mut self, job: &Job, reception: Reception, seen: SimTime) -> u128 {
        let mut lost_of_all = 0;
        let ways = self.stalls.iter().zip(&self.rejected);
        for (delivery, (stalls, &rejected)) in self.ledger.deliveries.iter_mut().zip(ways) {
            let since = match reception {
                Reception::Stuck => SimTime::ZERO,
                _ => stall_at(stalls, seen).map_or(SimTime::NEVER, |stall| stall.from),
            };
            let lost = job.work_since(since);
            let reached = job.work_until(since);
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
        let live = |plan: &JobPlan<'_>| plan.live.with(plan.series_mean);
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
        let per_second =
            self.series_per_job().max(1e-9) / self.interval.max(SimDuration::NANO).secs_f64();
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
