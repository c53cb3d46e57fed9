//! What every metric of a fleet is at the end.

use crate::model::load::timeline::Grid;
use crate::model::pipeline::ledger::{Delivery, Intake};
use crate::model::pipeline::{Kind, Stream};
use crate::model::record::catalogue::Metric;
use crate::stats::quantile;

use super::Fleet;

const MONTH_SECONDS: f64 = 30.0 * 86_400.0;

impl Fleet<'_> {
    /// Samples of one fate on the way in, jobs included.
    fn taken(&self, fate: impl Fn(&Intake) -> u128 + Copy) -> f64 {
        self.pipelines.metrics.taken(fate) + self.jobs.ledger.taken(fate)
    }

    /// Samples of one fate on the way to all endpoints of metrics, jobs included.
    pub(super) fn delivered(&self, fate: impl Fn(&Delivery) -> u128 + Copy) -> f64 {
        (0..self.pipelines.metrics.routes.len())
            .map(|route| self.delivered_on(route, fate))
            .sum()
    }

    /// The same for one of them.
    pub(in crate::model) fn delivered_on(
        &self,
        route: usize,
        fate: impl Fn(&Delivery) -> u128 + Copy,
    ) -> f64 {
        let jobs = &self.jobs;
        let of_jobs = if jobs.plan.is_some() {
            jobs.ledger.delivered(route, fate)
        } else {
            0.0
        };
        self.pipelines.metrics.delivered(route, fate) + of_jobs
    }

    /// Samples that are due to endpoints of metrics: each gets all that was scraped, but for what it had
    /// before the recorded time.
    fn due(&self) -> f64 {
        let routes = self.pipelines.metrics.routes.len() as f64;
        let earlier = self.delivered(|delivery| delivery.earlier);
        self.taken(|intake| intake.scraped) * routes - earlier
    }

    /// A metric of a fleet.
    pub(in crate::model) fn value(&self, metric: Metric, grid: &Grid) -> f64 {
        let (jobs, tally) = (&self.jobs, &self.tally);
        let delivered = &self.pipelines.metrics.tally;
        let end = self.plan.resident.driver.segment(grid.end - 1);
        let kills = (tally.oom_kills + jobs.oom_kills) as f64;
        match metric {
            Metric::CollectorsStart => f64::from(tally.collectors_start),
            Metric::CollectorsEnd => f64::from(self.count()) + f64::from(jobs.running),
            Metric::CollectorsPeak => self.collectors_peak(grid),
            Metric::ScaleUpCount | Metric::ScaleDownCount | Metric::PendingSeconds => {
                self.scaling_value(metric, grid)
            }
            Metric::SeriesActivePeak => {
                tally.series_peak + f64::from(jobs.running_peak) * jobs.series_per_job()
            }
            Metric::SeriesActiveEnd => self.total().volume(end).series + jobs.series_now(),
            Metric::SeriesPerCollectorPeak => tally.series_per_collector_peak.max(jobs.series_peak),
            Metric::OomCount => kills,
            Metric::OomCollectorRatio => self.oom_share(),
            Metric::OomRate => kills / (self.collector_seconds() / MONTH_SECONDS),
            Metric::RestartCount => tally.restarts as f64,
            Metric::DownSeconds => tally.down_nanos as f64 / 1e9,
            Metric::CpuPeak => {
                let own = tally.cpu_peak.max(tally.catch_up_cores);
                own.max(self.job_cores())
            }
            Metric::CpuPeakRatio => {
                let cores = tally.cpu_peak.max(tally.catch_up_cores);
                finite(cores / self.plan.cpu_cap, self.plan.cpu_cap)
            }
            Metric::ScrapePeak => self.scrape_peak(),
            Metric::CpuMean => self.mean_cores(grid),
            Metric::LogPeak => {
                if tally.log_peak > 0.0 {
                    tally.log_peak
                } else {
                    f64::NAN
                }
            }
            Metric::NetworkMean => self.network_mean(grid),
            Metric::BacklogPeak => delivered.backlog_peak,
            Metric::BacklogPeakSeconds => delivered.backlog_peak_nanos as f64 / 1e9,
            Metric::DrainSeconds => delivered.drain_peak_nanos as f64 / 1e9,
            Metric::ShardsPeak => f64::from(
                delivered
                    .shards_peak
                    .max(self.steady_shards(self.busiest())),
            ),
            Metric::ConnectionsPeak => self.connections_peak(),
            Metric::JobCount => jobs.count as f64,
            Metric::JobsUnseen => jobs.unseen as f64 + self.plan.unseen_jobs,
            _ => self
                .memory_value(metric)
                .or_else(|| self.lifecycle_value(metric, grid))
                .unwrap_or_else(|| self.sample_value(metric)),
        }
    }

    fn memory_value(&self, metric: Metric) -> Option<f64> {
        let memory = &self.plan.memory;
        let peak = self.collectors.iter().map(|collector| collector.live_peak);
        let peak = peak.fold(self.jobs.live_peak, f64::max);
        if peak <= 0.0 {
            return memory_metric(metric).then_some(f64::NAN);
        }
        let restart_live = self.tally.restart_live;
        let restarted = |value: f64| if restart_live > 0.0 { value } else { f64::NAN };
        Some(match metric {
            Metric::MemoryPeak => memory
                .resident(peak)
                .min(memory.limit.max(memory.outside_heap)),
            Metric::MemoryPeakMedian => {
                let served = self
                    .collectors
                    .iter()
                    .filter(|collector| collector.live_peak > 0.0);
                let mut peaks: Vec<f64> = served.map(|collector| collector.live_peak).collect();
                if peaks.is_empty() {
                    peaks.push(peak);
                }
                peaks.sort_unstable_by(f64::total_cmp);
                memory.resident(quantile(&peaks, 0.5)).min(memory.limit)
            }
            Metric::MemorySum => {
                let peaks = self.collectors.iter().map(|collector| collector.live_peak);
                let held = |live: f64| memory.resident(live).min(memory.limit);
                let held = peaks.filter(|&live| live > 0.0).map(held).sum::<f64>();
                let jobs = &self.jobs;
                held + f64::from(jobs.running_peak) * memory.resident(jobs.mean_live())
            }
            Metric::MemoryLimitNeeded => memory.limit_needed(peak),
            Metric::MemoryPeakRatio => finite(memory.limit_ratio(peak), memory.limit),
            Metric::MemoryRest => {
                let rest = self.tally.rest_live;
                if rest > 0.0 {
                    memory.resident(rest)
                } else {
                    f64::NAN
                }
            }
            Metric::MemoryReplayPeak => {
                if self.tally.replay_live > 0.0 {
                    memory.limit_needed(self.tally.replay_live)
                } else {
                    f64::NAN
                }
            }
            Metric::MemoryRestartResident => restarted(memory.resident(restart_live)),
            Metric::MemoryRestartPeak => restarted(memory.limit_needed(restart_live)),
            Metric::MemoryRestartRatio => {
                finite(restarted(memory.limit_ratio(restart_live)), memory.limit)
            }
            _ => return None,
        })
    }

    fn sample_value(&self, metric: Metric) -> f64 {
        match metric {
            Metric::SamplesOffered => self.taken(|intake| intake.offered),
            Metric::SamplesScraped => self.taken(|intake| intake.scraped),
            Metric::MissedDown => self.taken(|intake| intake.missed_down),
            Metric::MissedCpu => self.taken(|intake| intake.missed_cpu),
            Metric::MissedPull => self.taken(|intake| intake.missed_pull),
            Metric::SamplesDue => self.due(),
            Metric::SamplesSent => self.delivered(|delivery| delivery.sent),
            Metric::SamplesPending => {
                let gone = self.delivered(|delivery| delivery.sent + delivery.lost());
                self.due() - gone
            }
            Metric::LostRestart => self.delivered(|delivery| delivery.lost_restart),
            Metric::LostTruncation => self.delivered(|delivery| delivery.lost_truncation),
            Metric::LostOverload => self.delivered(|delivery| delivery.lost_overload),
            Metric::LostRejected => self.delivered(|delivery| delivery.lost_rejected),
            Metric::LostExit => self.delivered(|delivery| delivery.lost_exit),
            Metric::LossRatio => {
                let routes = self.pipelines.metrics.routes.len() as f64;
                let offered = self.taken(|intake| intake.offered);
                let missed = self.taken(|intake| intake.offered - intake.scraped);
                let lost = self.delivered(Delivery::lost);
                (missed * routes + lost) / (offered * routes)
            }
            other => unreachable!("{other:?} is not a metric of fleets"),
        }
    }

    /// Seconds that collectors existed in, summed over them.
    pub(in crate::model) fn collector_seconds(&self) -> f64 {
        let of_jobs = self.jobs.busy_seconds();
        (self.tally.collector_nanos as f64 / 1e9 + of_jobs).max(1.0)
    }

    fn oom_share(&self) -> f64 {
        let jobs = &self.jobs;
        let existed = self
            .collectors
            .iter()
            .filter(|collector| collector.starts > 0)
            .count() as f64;
        let killed = self
            .collectors
            .iter()
            .filter(|collector| collector.oom_kills > 0)
            .count() as f64;
        (killed + jobs.oom_kills as f64) / (existed + jobs.count as f64).max(1.0)
    }

    /// Seconds of a scrape on the collector that is shortest of CPU.
    fn scrape_peak(&self) -> f64 {
        let tally = &self.tally;
        let load = if tally.cpu_withheld > 0.0 {
            1.0 / (1.0 - tally.cpu_withheld).max(1e-3)
        } else {
            tally.cpu_peak / self.plan.cpu_cap
        };
        let seconds = |stream: &Stream| {
            // Core seconds of one scrape, on at most one core.
            let cost = stream.cores * stream.scrapes.interval / stream.targets_per_series;
            stream
                .scrapes
                .seconds(cost / self.plan.cpu_cap.min(1.0), load)
        };
        let scraped = self.plan.streams.iter();
        let scraped = scraped
            .filter(|stream| stream.kind == Kind::Metrics && stream.targets_per_series > 0.0);
        scraped.map(seconds).fold(f64::NAN, f64::max)
    }

    /// Bytes per second from targets and to endpoints.
    fn network_mean(&self, grid: &Grid) -> f64 {
        let bytes = &self.plan.bytes;
        let received = self.taken(|intake| intake.scraped) * bytes.received;
        let sent = self.delivered(|delivery| delivery.sent) * bytes.sent;
        (received + sent) / grid.recorded_seconds()
    }

    fn mean_cores(&self, grid: &Grid) -> f64 {
        let busy = |(stream, samples): (usize, f64)| {
            let stream = &self.plan.streams[stream];
            // Cores per unit times unit seconds.
            stream.cores * samples * (stream.interval as f64 / 1e9)
        };
        let busy: f64 = self.pipelines.metrics.scraped().map(busy).sum();
        let seconds_up = (self.tally.collector_nanos - self.tally.down_nanos) as f64 / 1e9;
        let idle = self.plan.prices.idle_cores * seconds_up;
        let counted = busy + self.tally.other_core_seconds + idle;
        // Most collectors have room; the peak has the price of the busiest one.
        counted * self.plan.memory.gc_factor(1.0) / grid.recorded_seconds()
    }

    /// CPU demand of the sidecar of the largest job.
    fn job_cores(&self) -> f64 {
        let jobs = &self.jobs;
        if jobs.plan.is_none() {
            return 0.0;
        }
        let per_second = jobs.series_peak / (jobs.interval.max(1) as f64 / 1e9);
        let scrapes = 1e9 / jobs.interval.max(1) as f64;
        let prices = &self.plan.prices;
        let demand = prices.idle_cores
            + scrapes * prices.per_scrape
            + per_second * prices.per_kept_sample(1.0);
        demand * self.plan.memory.gc_factor(jobs.live_peak)
    }

    /// Samples per second of the busiest collector.
    fn busiest(&self) -> f64 {
        let shortest = self
            .plan
            .streams
            .iter()
            .filter(|stream| stream.kind == Kind::Metrics);
        let shortest = shortest
            .map(|stream| stream.interval)
            .min()
            .unwrap_or(u64::MAX);
        self.tally.series_per_collector_peak / (shortest as f64 / 1e9)
    }

    /// Shards of the slowest way of a fleet at a steady inflow.
    fn steady_shards(&self, inflow: f64) -> u32 {
        let routes = self.pipelines.metrics.routes.iter();
        let shards = routes.map(|route| route.sender.steady_shards(inflow));
        shards.max().unwrap_or(0)
    }

    fn connections_peak(&self) -> f64 {
        let steady = self.all_connections();
        let jobs = f64::from(self.jobs.running_peak) * self.plan.blueprint.sends_to.len() as f64;
        (steady + jobs).max(self.tally.connections_peak as f64)
    }
}

/// `value`, or NaN where `limit` is none.
fn finite(value: f64, limit: f64) -> f64 {
    if limit.is_finite() { value } else { f64::NAN }
}

const fn memory_metric(metric: Metric) -> bool {
    matches!(
        metric,
        Metric::MemoryPeak
            | Metric::MemoryPeakMedian
            | Metric::MemorySum
            | Metric::MemoryLimitNeeded
            | Metric::MemoryPeakRatio
            | Metric::MemoryRest
            | Metric::MemoryReplayPeak
            | Metric::MemoryRestartResident
            | Metric::MemoryRestartPeak
            | Metric::MemoryRestartRatio
    )
}
