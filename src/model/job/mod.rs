//! The short-lived collectors of one fleet: the plan of its jobs, the running jobs, and the fates
//! of their samples.

use rand_distr::{Distribution, StandardNormal};

use crate::engine::{RandomStream, key_of};
use crate::model::blueprint::{Blueprint, EgressId, Fleet, Workload, WorkloadId, WorkloadKind};
use crate::model::cluster::sharing::Sizes;
use crate::model::law::Law;
use crate::model::load::beyond::Beyond;
use crate::model::load::driver::{EXTENT_MAX, WEIGHT_BITS, samples_of};
use crate::model::load::timeline::{Episode, Grid, Timeline};
use crate::model::pipeline::ledger::Ledger;
use crate::model::process::memory::Memory;
use crate::model::topology::Population;
use crate::model::wal::stall_at;
use crate::units::{SimDuration, SimTime, Span, nearest};

use crate::model::load::work::portion;
use crate::model::pipeline::OWN_INTERVAL;
use crate::model::pipeline::route::Route;

/// Binary places of job work, as in the shared drivers.
const PLACES: u32 = WEIGHT_BITS + 8;
/// Streams of a job: its own series, and those of its sidecar.
const STREAMS: usize = 2;
/// Binary places of a job's series.
const SERIES_PLACES: u32 = 20;

/// Greatest number of series of one job: with its binary places the number fits into a `u64`.
const SERIES_MAX: f64 = (1_u64 << (u64::BITS - SERIES_PLACES - 1)) as f64;

/// What is fixed about the jobs of a fleet in one draw.
#[derive(Clone, Debug)]
pub(in crate::model) struct JobPlan<'a> {
    /// Name of the workload.
    workload: &'a str,
    pub key: u64,
    /// Arrivals per second at the level of each cell.
    rates: Vec<f64>,
    lifetime: Law,
    /// Time between two scrapes; `None` if jobs push.
    pulled_every: Option<SimDuration>,
    /// Time that a sidecar has to flush.
    flush: SimDuration,
    sizes: Sizes<'a>,
    series_mean: f64,
    live: LiveBytes,
    /// Live bytes above which a sidecar does not fit its limit.
    live_max: f64,
    /// Series of the sidecar itself, which share the fate of the job's samples.
    own_series: f64,
    /// The measured horizon.
    recorded: Span,
}

/// Live bytes of a sidecar as a function of its job's series.
#[derive(Clone, Copy, Debug)]
struct LiveBytes {
    /// Live bytes without the job's series.
    base: f64,
    per_series: f64,
}

impl LiveBytes {
    /// Live bytes with `series` series of the job.
    fn with(self, series: f64) -> f64 {
        self.base + self.per_series * series
    }
}

/// Durations of a job.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    /// From the start of the job to the end of its application.
    life: SimDuration,
    /// From the start of the job to the end of its flush.
    whole: SimDuration,
}

/// The random numbers of one job.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::model) struct Luck {
    pub number: u32,
    /// Standard normal score of the lifetime.
    pub life: f64,
    /// From 0 to 1: whether the job finds a port, where admission is random.
    pub port: f64,
    /// Series relative to the mean.
    pub size: f64,
    /// Phase of the job's start in its scrape interval, from 0 to 1.
    pub phase: f64,
}

/// One job at its start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::model) struct Job {
    /// Series of the job, and of its sidecar.
    series: [f64; 2],
    /// Live bytes of its sidecar.
    pub live: f64,
    /// The part of the measured horizon in which the application of the job runs.
    runs: Span,
    /// When the sidecar has flushed and is gone.
    pub gone: SimTime,
}

/// What happens to the samples of a job at its sidecar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Reception {
    /// The sidecar takes the samples in.
    Taken,
    /// The sidecar takes the samples in, and cannot send them: there is no port.
    Stuck,
    /// No samples are taken in: the sidecar does not fit its memory limit.
    Killed,
    /// No samples are taken in: the job ends before its first scrape.
    Unseen,
}

/// The short-lived collectors of one fleet in one draw.
#[derive(Clone, Debug, Default)]
pub(in crate::model) struct Jobs<'a> {
    /// What is fixed about the jobs; `None` unless each job has a collector.
    pub plan: Option<JobPlan<'a>>,
    /// Egress and set of ports of each endpoint that jobs send to.
    pub dials: Vec<(EgressId, usize)>,
    /// The job that arrives next.
    pub next: Luck,
    /// Jobs that run now.
    pub running: u32,
    /// Most jobs running at once.
    pub running_peak: u32,
    /// Work by fate, of the jobs and of their sidecars.
    pub ledger: Ledger,
    /// Outages of each endpoint of metrics.
    stalls: Vec<Vec<Episode>>,
    /// Share of the samples that each endpoint of metrics rejects for good.
    rejected: Vec<f64>,
    /// Jobs that arrived in the measured horizon.
    pub count: u64,
    /// Jobs of these that ended before their first scrape.
    pub unseen: u64,
    pub oom_kills: u64,
    pub live_peak: f64,
    /// Series of the largest job, with the own series of its sidecar.
    pub series_peak: f64,
    pub interval: SimDuration,
    /// The first job whose samples cannot be counted exactly.
    pub beyond: Option<Beyond>,
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
            workload: &plan.name,
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

    /// Arrivals per second in a cell of the grid; none after the last cell.
    pub(in crate::model) fn rate(&self, cell: usize) -> f64 {
        self.rates.get(cell).copied().unwrap_or(0.0)
    }

    /// The next arrival after `now`. `gap` is the time to it at a rate of 1, and each cell uses it
    /// up at its own rate. `None` if the arrival lies after the last cell.
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

    /// Durations of a job with this score. The flush is never longer than the lifetime.
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

    /// Draws the random numbers of the job called `number`.
    pub(in crate::model) fn luck(&self, number: u32, chance: &mut RandomStream) -> Luck {
        let life = StandardNormal.sample(chance);
        let port = chance.unit();
        Luck {
            number,
            life,
            port,
            size: self.sizes.of(chance),
            // These digits decide nothing about ports. A random number of its own would cost a
            // tenth of all the work on a job.
            phase: (port * f64::from(1_u32 << 20)).fract(),
        }
    }

    /// The job of these random numbers, of this `age` at `now`.
    pub(in crate::model) fn job(&self, luck: &Luck, age: SimDuration, now: SimTime) -> Job {
        let series = self.series_mean * luck.size;
        let Lengths { life, whole } = self.lengths(luck.life);
        let from_now = |length: SimDuration| now + length.saturating_sub(age);
        let Span { from, to } = self.recorded;
        Job {
            series: [series, self.own_series],
            live: self.live.with(series),
            runs: Span::new(now.max(from), from_now(life).min(to)),
            gone: from_now(whole),
        }
    }
}

impl Job {
    /// Work that a stream of the job exposes until an instant.
    fn work_until(&self, stream: usize, at: SimTime) -> u128 {
        self.work(stream, Span::new(self.runs.from, self.runs.to.min(at)))
    }

    /// Work that a stream of the job exposes from an instant on.
    fn work_since(&self, stream: usize, at: SimTime) -> u128 {
        self.work(stream, Span::new(self.runs.from.max(at), self.runs.to))
    }

    fn work(&self, stream: usize, span: Span) -> u128 {
        let series = nearest(self.series[stream] * f64::from(1_u32 << SERIES_PLACES));
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
            ledger: Ledger::new(vec![interval, OWN_INTERVAL], routes.len()),
            stalls: routes.iter().map(|way| way.stalls.clone()).collect(),
            rejected: routes.iter().map(|way| way.rejected).collect(),
            interval,
            ..Self::default()
        }
    }

    /// What is fixed about the jobs.
    pub(in crate::model) fn plan(&self) -> &JobPlan<'a> {
        self.plan.as_ref().expect("the fleet has jobs")
    }

    /// What happens to the samples of a job at its sidecar. None is taken in if the sidecar does
    /// not fit its limit, or if the job ends too early. None is sent without a port.
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

    /// Accounts for a whole job at its start. The sidecar of the job is gone at `seen`, or the
    /// simulation ends then. Returns the lost samples, if any work is lost: an endpoint that is down
    /// at `seen` loses what was exposed since its outage began.
    pub(in crate::model) fn begin(
        &mut self,
        job: &Job,
        reception: Reception,
        seen: SimTime,
    ) -> Option<u32> {
        let series = job.series[0];
        self.count += 1;
        self.running += 1;
        self.running_peak = self.running_peak.max(self.running);
        self.live_peak = self.live_peak.max(job.live);
        self.series_peak = self.series_peak.max(series + job.series[1]);
        self.unseen += u64::from(reception == Reception::Unseen);
        if series > SERIES_MAX || series > EXTENT_MAX / seen.nanos().max(1) as f64 {
            self.exceed(series, SERIES_MAX);
            return None;
        }
        for stream in 0..STREAMS {
            let work = job.work(stream, job.runs);
            let intake = &mut self.ledger.intakes[stream];
            let Some(offered) = intake.offered.checked_add(work) else {
                self.exceed(series, SERIES_MAX);
                return None;
            };
            intake.offered = offered;
            match reception {
                Reception::Killed => intake.missed_down += work,
                Reception::Unseen => intake.missed_pull += work,
                Reception::Taken | Reception::Stuck => intake.scraped += work,
            }
        }
        if !matches!(reception, Reception::Taken | Reception::Stuck) {
            return None;
        }
        let lost = self.deliver(job, reception, seen);
        let samples = lost.iter().zip(&self.ledger.intervals);
        let samples = samples.map(|(&work, &interval)| samples_of(work, interval));
        let samples: u128 = samples.sum();
        let Ok(counted) = u32::try_from(samples) else {
            self.exceed(series, series * f64::from(u32::MAX) / samples as f64);
            return None;
        };
        (lost != [0; STREAMS]).then_some(counted)
    }

    /// Remembers the first job whose series cannot be counted exactly.
    fn exceed(&mut self, value: f64, most: f64) {
        let path = format!("workload.{}.series_per_pod", self.plan().workload);
        self.beyond.get_or_insert(Beyond { path, value, most });
    }

    /// Accounts for the samples of a job on the route to every endpoint. Returns the lost work of
    /// each stream.
    ///
    /// Simplified: a stated capacity of an endpoint does not bind the sidecars of jobs.
    fn deliver(&mut self, job: &Job, reception: Reception, seen: SimTime) -> [u128; STREAMS] {
        let mut lost_of_all = [0; STREAMS];
        let ways = self.stalls.iter().zip(&self.rejected);
        let deliveries = self.ledger.deliveries.chunks_exact_mut(STREAMS);
        for (deliveries, (stalls, &rejected)) in deliveries.zip(ways) {
            let since = match reception {
                Reception::Stuck => SimTime::ZERO,
                _ => stall_at(stalls, seen).map_or(SimTime::NEVER, |stall| stall.from),
            };
            for (stream, delivery) in deliveries.iter_mut().enumerate() {
                let lost = job.work_since(stream, since);
                let reached = job.work_until(stream, since);
                let refused = portion(reached, rejected);
                delivery.sent += reached - refused;
                delivery.lost_rejected += refused;
                delivery.lost_exit += lost;
                lost_of_all[stream] += lost;
            }
        }
        lost_of_all
    }

    /// Live bytes of a mean job's sidecar.
    pub(in crate::model) fn mean_live(&self) -> f64 {
        let live = |plan: &JobPlan<'_>| plan.live.with(plan.series_mean);
        self.plan.as_ref().map_or(0.0, live)
    }

    /// Mean series of one job, with those of its sidecar.
    fn series_per_job(&self) -> f64 {
        let series = |plan: &JobPlan<'_>| plan.series_mean + plan.own_series;
        self.plan.as_ref().map_or(0.0, series)
    }

    /// Series of the peak of running jobs, at the mean series of a job.
    pub(in crate::model) fn series_peak_of_all(&self) -> f64 {
        f64::from(self.running_peak) * self.series_per_job()
    }

    /// Seconds that jobs ran in the measured horizon, by Little's law from their offered work.
    pub(in crate::model) fn busy_seconds(&self) -> f64 {
        let offered: f64 = self.ledger.taken(|intake| intake.offered);
        offered / self.mean_rate().max(1e-9)
    }

    /// Samples per second of a job of mean series, with those of its sidecar.
    pub(in crate::model) fn mean_rate(&self) -> f64 {
        let rate = |plan: &JobPlan<'_>| self.rate_at(plan.series_mean, plan.own_series);
        self.plan.as_ref().map_or(0.0, rate)
    }

    /// Samples per second of the largest job, with those of its sidecar.
    pub(in crate::model) fn rate_peak(&self) -> f64 {
        let own = self.plan().own_series;
        self.rate_at((self.series_peak - own).max(0.0), own)
    }

    fn rate_at(&self, series: f64, own_series: f64) -> f64 {
        series / self.interval.secs_f64() + own_series / OWN_INTERVAL.secs_f64()
    }

    /// Series of the running jobs.
    pub(in crate::model) fn series_now(&self) -> f64 {
        f64::from(self.running) * self.series_per_job()
    }

    /// The measured horizon begins. Counts of the warm-up are reset. Work needs no reset: a job
    /// counts only its work within the horizon.
    pub(in crate::model) fn begin_horizon(&mut self) {
        (self.count, self.unseen, self.oom_kills) = (0, 0, 0);
        self.running_peak = self.running;
        (self.series_peak, self.live_peak) = (0.0, 0.0);
    }
}
