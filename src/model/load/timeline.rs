//! What a workload emits over time in one draw, for the driver that all its collectors share.

use rand_distr::{Distribution, Exp};

use crate::engine::key_of;
use crate::model::blueprint::{
    Blueprint, Incidents, LogBurst, Rollouts, Start, Workload, WorkloadKind,
};
use crate::model::load::draw::{Draw, Occasion, Purpose};
use crate::model::load::lines::Lines;
use crate::model::load::profiles::ProfileRate;
use crate::model::load::spans::Spans;
use crate::model::load::standing::{Standing, standing};
use crate::model::load::trend::DrawnTrend;
use crate::units::{SimDuration, SimTime, Span};

/// An hour.
pub const HOUR: SimDuration = SimDuration::from_hours(1);

/// The grid on which trend and season are piecewise constant, with the measured horizon on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// When the measured horizon starts. The time before is the warm-up.
    pub warm_up: SimTime,
    /// When the simulation ends.
    pub end: SimTime,
    /// Length of one cell.
    pub cell: SimDuration,
}

impl Grid {
    /// Number of cells up to the end.
    pub fn cells(&self) -> usize {
        let cells = self.end.nanos().div_ceil(self.cell.nanos());
        usize::try_from(cells).expect("a horizon has few cells")
    }

    /// The cell that holds `at`, the last one from the end on.
    pub fn cell_at(&self, at: SimTime) -> usize {
        let cell = usize::try_from((at - SimTime::ZERO) / self.cell).expect("cells are few");
        cell.min(self.cells() - 1)
    }

    /// Seconds of the measured horizon.
    pub fn horizon_seconds(&self) -> f64 {
        (self.end - self.warm_up).secs_f64()
    }

    /// First instant of a cell.
    pub fn start_of(&self, cell: usize) -> SimTime {
        SimTime::ZERO + self.cell * cell as u64
    }

    /// Seconds from the start of the measured horizon to the middle of a cell.
    pub fn middle(&self, cell: usize) -> f64 {
        let middle = self.start_of(cell).nanos() as f64 + self.cell.nanos() as f64 / 2.0;
        (middle - self.warm_up.nanos() as f64) / 1e9
    }

    /// The instant `seconds` after the start of the measured horizon.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the simulated time"
    )]
    pub fn instant(&self, seconds: f64) -> SimTime {
        let nanos = self.warm_up.nanos() as f64 + seconds * 1e9;
        SimTime::from_nanos(nanos.round().clamp(0.0, self.end.nanos() as f64) as u64)
    }
}

/// A time in which something differs: a rollout, an incident, or a stall of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Episode {
    /// First instant.
    pub from: SimTime,
    /// First instant after the episode.
    pub to: SimTime,
    /// Share of pods replaced (rollouts) or factor on series (incidents).
    pub size: f64,
}

/// How the jobs of a workload come and go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JobFlow {
    /// Arrivals per second at a count of 1.
    pub arrivals: f64,
    /// Mean lifetime in seconds.
    pub life: f64,
}

/// What a workload emits over time in one draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    trend: DrawnTrend,
    /// Nodes per cell, if the count is a number of units per node.
    nodes: Option<Vec<f64>>,
    clusters: f64,
    /// Mean series of one target.
    pub series_per_target: f64,
    /// Series of all giant targets at the start.
    pub giant_series: Vec<f64>,
    /// Rollouts, in order of time; `size` is the share of pods replaced.
    pub rollouts: Vec<Episode>,
    /// Incidents, in order of time; `size` is the factor on series.
    pub incidents: Vec<Episode>,
    /// Share of pods that restart per nanosecond.
    pub restart_rate: f64,
    /// Log lines of one pod.
    pub lines: Lines,
    /// Times in which pods log more.
    pub log_bursts: Vec<(Span, LogBurst)>,
    /// Spans of one pod.
    pub spans: Spans,
    /// The profiles that one target offers.
    pub profiles: ProfileRate,
    /// Share of scraped samples that relabelling keeps.
    pub kept: f64,
    /// How jobs come and go.
    pub jobs: Option<JobFlow>,
}

impl Timeline {
    /// Draws what `workload` emits. `pool_nodes` has the nodes per cell of every pool.
    pub fn draw(
        blueprint: &Blueprint,
        workload: &Workload,
        pool_nodes: &[Vec<u32>],
        grid: &Grid,
        draw: &mut Draw,
    ) -> Self {
        let path = format!("workload.{}", workload.name);
        let trend = draw.trend(&format!("{path}.pods"), &workload.count);
        let series = match &workload.series {
            crate::model::blueprint::SeriesPerTarget::Law(quantity) => {
                draw.centre(&format!("{path}.series_per_pod"), quantity) * quantity.spread.mean()
            }
            given => given.mean(0.0),
        };
        let giant = |giant: &crate::model::blueprint::Giant| {
            (format!("{path}.giant.{}.series", giant.name), giant.series)
        };
        let giants: Vec<_> = workload.giants.iter().map(giant).collect();
        let giant_series = giants
            .iter()
            .map(|(path, law)| draw.centre(path, law))
            .collect();
        let restarts = draw.centre(
            &format!("{path}.restarts_per_day"),
            &workload.restarts_per_day,
        );
        let lines = Lines::draw(workload, draw);
        let spans = Spans::draw(workload, draw);
        let profiles = ProfileRate::draw(workload, draw);
        let kept = draw.centre(&format!("{path}.kept"), &workload.kept);
        let start = blueprint.start;
        let rollouts = workload
            .rollouts
            .map(|rollouts| draw_rollouts(&rollouts, &path, (grid, start), draw));
        let incidents = workload
            .incidents
            .map(|plan| draw_incidents(&plan, &path, (grid, start), draw));
        let jobs = workload.jobs.map(|jobs| {
            let per_hour = draw.centre(&format!("{path}.jobs.per_hour"), &jobs.per_hour);
            JobFlow {
                arrivals: per_hour / 3_600.0,
                life: jobs.lifetime.mean().max(1e-3),
            }
        });
        let follows_nodes = workload.kind == WorkloadKind::Machine;
        let nodes = follows_nodes.then(|| nodes_of(workload, pool_nodes, grid));
        Self {
            trend,
            nodes,
            clusters: f64::from(blueprint.clusters(&workload.runs_on)),
            series_per_target: series,
            giant_series,
            rollouts: rollouts.unwrap_or_default(),
            incidents: incidents.unwrap_or_default(),
            restart_rate: restarts / 86_400e9,
            lines,
            log_bursts: log_bursts(workload, grid),
            spans,
            profiles,
            kept,
            jobs,
        }
    }

    /// Pods (or machines) of all clusters in a cell, before steps.
    fn smooth_targets(&self, grid: &Grid, cell: usize) -> f64 {
        self.targets(grid.middle(cell), cell)
    }

    /// Pods (or machines) of all clusters at `at`.
    pub fn targets_at(&self, grid: &Grid, at: SimTime) -> f64 {
        self.smooth_targets(grid, grid.cell_at(at)) * self.steps_at(grid, at)
    }

    /// Pods (or machines) of all clusters at the start of the measured horizon, whatever the grid
    /// is.
    pub fn targets_at_start(&self, grid: &Grid) -> f64 {
        self.targets(0.0, grid.cell_at(grid.warm_up))
    }

    fn targets(&self, seconds: f64, cell: usize) -> f64 {
        let value = self.trend.smooth(seconds).max(0.0);
        match (&self.nodes, self.jobs) {
            (Some(nodes), _) => value * nodes[cell],
            // Little's law: jobs running at once.
            (None, Some(jobs)) => value * self.clusters * jobs.arrivals * jobs.life,
            (None, None) => value * self.clusters,
        }
    }

    /// Product of the steps up to `at`.
    fn steps_at(&self, grid: &Grid, at: SimTime) -> f64 {
        let past = at.nanos() as f64 - grid.warm_up.nanos() as f64;
        self.trend.stepped(past / 1e9)
    }

    /// Series of all giant targets at `targets` pods, where `at_start` is the pods at the start.
    pub fn giant_total(&self, targets: f64, at_start: f64) -> f64 {
        let growth = if at_start > 0.0 {
            targets / at_start
        } else {
            1.0
        };
        self.giant_series.iter().sum::<f64>() * self.clusters * growth
    }

    /// Factor of the incidents that are open at `at`.
    ///
    /// Simplified: of several open incidents the one with the greatest factor counts, as if all had
    /// the same series.
    pub fn incident_factor(&self, at: SimTime) -> f64 {
        let open = self
            .incidents
            .iter()
            .filter(|episode| episode.from <= at && at < episode.to);
        let greatest = open.map(|episode| episode.size).reduce(f64::max);
        greatest.unwrap_or(1.0)
    }

    /// Bytes of log lines per second of all pods at `at`, bursts included.
    pub fn log_bytes_at(&self, grid: &Grid, at: SimTime) -> f64 {
        let targets = self.targets_at(grid, at);
        let open = self.log_bursts.iter().filter(|(span, _)| span.contains(at));
        let extra = |(_, burst): &(Span, LogBurst)| {
            (burst.factor - 1.0) * burst.pods.map_or(targets, f64::from)
        };
        (targets + open.map(extra).sum::<f64>()) * self.lines.bytes
    }

    /// Share of pods replaced per nanosecond at `at`, by rollouts, restarts and ends of jobs.
    pub fn replacement_rate(&self, at: SimTime) -> f64 {
        let first = self.rollouts.partition_point(|episode| episode.to <= at);
        let open = self.rollouts[first..]
            .iter()
            .take_while(|episode| episode.from <= at);
        let rollouts: f64 = open
            .map(|open| open.size / (open.to - open.from).nanos() as f64)
            .sum();
        let ended_jobs = self.jobs.map_or(0.0, |jobs| 1e-9 / jobs.life);
        rollouts + self.restart_rate + ended_jobs
    }

    /// Every instant at which the number of targets jumps.
    pub fn steps<'t>(&'t self, grid: &'t Grid) -> impl Iterator<Item = SimTime> + 't {
        let seconds = self.trend.step_seconds();
        seconds.map(|at| grid.instant(at))
    }

    /// Every instant at which something changes, without the edges of the grid.
    pub fn edges(&self, grid: &Grid) -> Vec<SimTime> {
        let mut edges: Vec<SimTime> = self.steps(grid).collect();
        for episode in self.rollouts.iter().chain(&self.incidents) {
            edges.extend([episode.from, episode.to]);
        }
        let bursts = self.log_bursts.iter();
        edges.extend(bursts.flat_map(|(span, _)| [span.from, span.to]));
        edges
    }
}

/// The times in which pods of a workload log more.
fn log_bursts(workload: &Workload, grid: &Grid) -> Vec<(Span, LogBurst)> {
    let span = |burst: &LogBurst| {
        let from = grid.instant(burst.at.secs_f64());
        let to = grid.instant((burst.at + burst.lasts).secs_f64());
        (Span::new(from, to.max(from)), *burst)
    };
    workload.logs.bursts.iter().map(span).collect()
}

/// Nodes of all pools that a workload runs on, per cell.
fn nodes_of(workload: &Workload, pool_nodes: &[Vec<u32>], grid: &Grid) -> Vec<f64> {
    let total = |cell| {
        workload
            .runs_on
            .iter()
            .map(|&pool| f64::from(pool_nodes[pool.index()][cell]))
            .sum()
    };
    (0..grid.cells()).map(total).collect()
}

/// Instants of Poisson arrivals at `per_second`.
fn arrivals(per_second: f64, grid: &Grid, mut stream: crate::engine::RandomStream) -> Vec<SimTime> {
    let Some(gap) = Exp::new(per_second / 1e9).ok().filter(|_| per_second > 0.0) else {
        return Vec::new();
    };
    let mut instants = Vec::new();
    let mut at = gap.sample(&mut stream);
    while at < grid.end.nanos() as f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0..end"
        )]
        instants.push(SimTime::from_nanos(at as u64));
        at += gap.sample(&mut stream);
    }
    instants
}

/// Rollouts of one draw. Each rollout replaces its share of all pods, even while another is in
/// progress.
fn draw_rollouts(
    plan: &Rollouts,
    path: &str,
    (grid, start): (&Grid, Start),
    draw: &mut Draw,
) -> Vec<Episode> {
    let per_day = draw.centre(&format!("{path}.rollouts.per_day"), &plan.per_day);
    let share = draw
        .centre(&format!("{path}.rollouts.share"), &plan.share)
        .clamp(0.0, 1.0);
    let over = plan.over.max(SimDuration::NANO);
    let owner = key_of(path);
    let stream = draw.stream(Purpose::Rollout, owner, 0, 0);
    let starts = arrivals(per_day / 86_400.0, grid, stream);
    let mut begun = Vec::new();
    if start == Start::Running {
        let mut stream = draw.stream(Purpose::Rollout, owner, 1, 0);
        begun = standing(per_day / 86_400.0, |_| over.secs_f64(), &mut stream);
    }
    // Readers skip past the rollouts that are over, so rollouts must end in order.
    begun.sort_unstable_by(|left, right| right.age.total_cmp(&left.age));
    let rest = |standing: Standing| {
        let left = over.saturating_sub(SimDuration::from_secs_f64(standing.age));
        Episode {
            from: SimTime::ZERO,
            to: (SimTime::ZERO + left).min(grid.end),
            size: share * left.nanos() as f64 / over.nanos() as f64,
        }
    };
    let episode = |from: SimTime| Episode {
        from,
        to: (from + over).min(grid.end),
        size: share,
    };
    begun
        .into_iter()
        .map(rest)
        .chain(starts.into_iter().map(episode))
        .filter(|episode| episode.to > episode.from)
        .collect()
}

/// Cardinality incidents of one draw.
fn draw_incidents(
    plan: &Incidents,
    path: &str,
    (grid, start): (&Grid, Start),
    draw: &mut Draw,
) -> Vec<Episode> {
    let owner = key_of(path);
    let per_30d = draw.centre(&format!("{path}.incidents.per_30d"), &plan.per_30d);
    let stream = draw.stream(Purpose::Incident, owner, 0, 0);
    let starts = arrivals(per_30d / (30.0 * 86_400.0), grid, stream);
    let episode = |(index, from): (usize, SimTime)| {
        let index = u32::try_from(index).expect("few incidents");
        let size = draw
            .noise(
                Purpose::Incident,
                owner,
                plan.factor,
                Occasion::new(1, index),
            )
            .max(0.0);
        let lasts = draw
            .noise(
                Purpose::Incident,
                owner,
                plan.time_to_fix,
                Occasion::new(2, index),
            )
            .max(0.0);
        Episode {
            from,
            to: after(from, lasts, grid),
            size,
        }
    };
    let lasts = |score| plan.time_to_fix.at(score).max(0.0);
    let mut begun = Vec::new();
    if start == Start::Running {
        let mut stream = draw.stream(Purpose::Incident, owner, 3, 0);
        begun = standing(per_30d / (30.0 * 86_400.0), lasts, &mut stream);
    }
    let rest = |(index, standing): (usize, Standing)| {
        let index = u32::try_from(index).expect("few incidents");
        let occasion = Occasion::new(4, index);
        Episode {
            from: SimTime::ZERO,
            to: after(SimTime::ZERO, lasts(standing.score) - standing.age, grid),
            size: draw
                .noise(Purpose::Incident, owner, plan.factor, occasion)
                .max(0.0),
        }
    };
    let arriving = starts.into_iter().enumerate().map(episode);
    let all = begun.into_iter().enumerate().map(rest).chain(arriving);
    all.filter(|episode| episode.to > episode.from).collect()
}

/// The instant `seconds` after `from`, at most the end.
fn after(from: SimTime, seconds: f64, grid: &Grid) -> SimTime {
    (from + SimDuration::from_secs_f64(seconds.min(1e9))).min(grid.end)
}

impl Timeline {
    /// Share of the targets that is replaced within a span.
    pub fn replaced_in(&self, span: Span) -> f64 {
        let Span { from, to } = span;
        let first = self.rollouts.partition_point(|episode| episode.to <= from);
        let open = self.rollouts[first..]
            .iter()
            .take_while(|episode| episode.from < to);
        let part = |episode: &Episode| {
            let overlap = episode.to.min(to).since(episode.from.max(from));
            episode.size * overlap.nanos() as f64 / (episode.to - episode.from).nanos() as f64
        };
        let ended_jobs = self.jobs.map_or(0.0, |jobs| 1e-9 / jobs.life);
        let steady = (self.restart_rate + ended_jobs) * span.length().nanos() as f64;
        open.map(part).sum::<f64>() + steady
    }
}

impl Timeline {
    /// Arrivals of jobs per second in each cell, all clusters together; empty for other workloads.
    pub fn job_rates(&self, grid: &Grid) -> Vec<f64> {
        let Some(JobFlow { life, .. }) = self.jobs else {
            return Vec::new();
        };
        let rate = |cell| self.targets_at(grid, grid.start_of(cell)) / life;
        (0..grid.cells()).map(rate).collect()
    }
}
