//! The last instant: everything is accounted for, checked and written into the outcome.

use crate::fleet::catalogue::{Failure, Metric, Scope};
use crate::fleet::collector::Life;
use crate::fleet::driver::samples_of;
use crate::fleet::ledger::Account;
use crate::fleet::outcome::{Happened, Layout, Outcome};
use crate::stats::quantile;

use super::World;

const MONTH_SECONDS: f64 = 30.0 * 86_400.0;

impl World<'_> {
    /// Accounts for everything up to the end, proves that no sample is unaccounted for, and writes
    /// the outcome.
    pub(super) fn finish(mut self, events_handled: u64) -> (Outcome, Happened) {
        let end = self.grid.end;
        for fleet in 0..self.fleets.len() {
            self.settle_all(fleet, end);
            self.fleets[fleet].settle_total(end);
            for index in self.existing(fleet) {
                self.fleets[fleet].note_age(index, end);
            }
            let backlog = self.note_backlog(fleet);
            self.observer.backlog(fleet, backlog);
            self.look_at_restart(fleet, end);
            self.note_failures(fleet);
            self.assert_conserved(fleet);
        }
        let layout = Layout::of(self.blueprint);
        let values = layout
            .columns
            .iter()
            .map(|&(scope, metric)| self.value(scope, metric))
            .collect();
        let days = |fleet| self.collector_seconds(fleet) / 86_400.0;
        let collector_days = (0..self.fleets.len()).map(days).sum();
        let outcome = Outcome {
            values,
            first: std::mem::take(&mut self.observer.first),
            tracks: std::mem::take(&mut self.observer.tracks),
            unknowns: self.draw.values().to_vec(),
            replicas: Vec::new(),
            events_handled,
            collector_days,
        };
        (outcome, self.observer.happened)
    }

    fn assert_conserved(&self, fleet: usize) {
        let state = &self.fleets[fleet];
        let name = &self.blueprint.fleets[fleet].name;
        state.ledger.assert_balanced(name, &state.pending());
        if let Some(imbalance) = self.jobs[fleet].account.imbalance(0) {
            panic!("samples of the jobs of fleet {name} are not conserved: {imbalance}");
        }
        for egress in &self.egresses {
            for set in &egress.sets {
                assert!(set.jobs.is_conserved(), "source ports are not conserved");
            }
        }
    }

    /// What would happen if every collector restarted at the end.
    fn look_at_restart(&mut self, fleet: usize, end: u64) {
        let plan = &self.blueprint.fleets[fleet];
        let factor = if plan.wal.on_volume {
            plan.memory.replay_peak.median()
        } else {
            1.0
        };
        let mut restart_live = 0.0_f64;
        for index in self.existing(fleet) {
            let state = &self.fleets[fleet];
            let collector = &state.collectors[index as usize];
            if collector.life != Life::Up {
                continue;
            }
            let weights = state.weights_of(index);
            let live = state.resident.live_at(&collector.process, weights, end);
            restart_live = restart_live.max(live * factor);
            self.note_unsafe(fleet, index, end);
        }
        self.fleets[fleet].tally.restart_live = restart_live;
    }

    /// Looks for the first instant up to `now` at which a running process would not have survived
    /// the replay of its log.
    ///
    /// Simplified: as if it had always carried what it carries now.
    pub(super) fn note_unsafe(&mut self, fleet: usize, index: u32, now: u64) {
        let plan = &self.blueprint.fleets[fleet];
        let state = &mut self.fleets[fleet];
        let process = state.collectors[index as usize].process;
        let limit = state.memory.live_max() / plan.memory.replay_peak.median();
        let from = self.grid.lead.max(process.started);
        // An instant later, so that a jump at `now` is seen.
        let to = (now + 1).min(self.grid.end).min(state.unsafe_from);
        if !plan.wal.on_volume || limit.is_infinite() || from >= to {
            return;
        }
        let weights = state.weights_of(index);
        let first = state
            .resident
            .first_above(&process, weights, (from, to), limit);
        if let Some(first) = first {
            state.unsafe_from = first;
            self.observer
                .fail(Scope::Fleet(fleet), Failure::RestartUnsafe, first);
        }
    }

    fn note_failures(&mut self, fleet: usize) {
        let scope = Scope::Fleet(fleet);
        if let Some((at, index, cores)) = self.fleets[fleet].cpu_short {
            self.observer.fail(scope, Failure::CpuShort, at);
            let what = crate::fleet::outcome::What::CpuShort;
            self.observer.note(scope, Some(index), (at, what, cores));
        }
        if let Some((at, _)) = self.fleets[fleet].data_lost {
            self.observer.fail(scope, Failure::DataLost, at);
        }
    }

    fn value(&self, scope: Scope, metric: Metric) -> f64 {
        match scope {
            Scope::Fleet(fleet) => self.fleet_value(fleet, metric),
            Scope::Pool(pool) => self.pool_value(pool, metric),
            Scope::Egress(egress) => self.egress_value(egress, metric),
            Scope::Endpoint(endpoint) => self.endpoint_value(endpoint, metric),
        }
    }

    fn recorded_seconds(&self) -> f64 {
        (self.grid.end - self.grid.lead) as f64 / 1e9
    }

    /// Samples of one fate, jobs included.
    fn samples(&self, fleet: usize, fate: impl Fn(&Account) -> u128) -> f64 {
        let jobs = &self.jobs[fleet];
        let of_jobs = samples_of(fate(&jobs.account), jobs.interval.max(1)) as f64;
        self.fleets[fleet].ledger.samples(fate) + of_jobs
    }

    fn fleet_value(&self, fleet: usize, metric: Metric) -> f64 {
        let state = &self.fleets[fleet];
        let jobs = &self.jobs[fleet];
        let tally = &state.tally;
        let alive: u32 = state.blocks.iter().map(|block| block.alive).sum();
        let end = state.resident.driver.segment(self.grid.end - 1);
        let kills = (tally.oom_kills + jobs.oom_kills) as f64;
        match metric {
            Metric::CollectorsStart => f64::from(tally.collectors_start),
            Metric::CollectorsEnd => f64::from(alive) + f64::from(jobs.running),
            Metric::SeriesActivePeak => {
                tally.series_peak + f64::from(jobs.running_peak) * jobs.series_per_job()
            }
            Metric::SeriesActiveEnd => state.total_in(end).0 + jobs.series_now(),
            Metric::SeriesPerCollectorPeak => tally.series_per_collector_peak.max(jobs.series_peak),
            Metric::OomCount => kills,
            Metric::OomCollectorRatio => self.oom_share(fleet),
            Metric::OomRate => kills / (self.collector_seconds(fleet) / MONTH_SECONDS),
            Metric::RestartCount => tally.restarts as f64,
            Metric::DownSeconds => tally.down_nanos as f64 / 1e9,
            Metric::CpuPeak => tally.cpu_peak.max(self.job_cores(fleet)),
            Metric::CpuPeakRatio => finite(tally.cpu_peak / state.cpu_cap, state.cpu_cap),
            Metric::CpuMean => self.mean_cores(fleet),
            Metric::BacklogPeak => tally.backlog_peak,
            Metric::BacklogPeakSeconds => tally.backlog_peak_nanos as f64 / 1e9,
            Metric::DrainSeconds => tally.drain_peak_nanos as f64 / 1e9,
            Metric::ShardsPeak => f64::from(
                tally
                    .shards_peak
                    .max(state.sender.steady_shards(self.busiest(fleet))),
            ),
            Metric::ConnectionsPeak => self.connections_peak(fleet),
            Metric::JobCount => jobs.count as f64,
            _ => self
                .memory_value(fleet, metric)
                .or_else(|| self.lifecycle_value(fleet, metric))
                .unwrap_or_else(|| self.sample_value(fleet, metric)),
        }
    }

    fn memory_value(&self, fleet: usize, metric: Metric) -> Option<f64> {
        let state = &self.fleets[fleet];
        let memory = &state.memory;
        let peak = state.collectors.iter().map(|collector| collector.live_peak);
        let peak = peak.fold(self.jobs[fleet].live_peak, f64::max);
        if peak <= 0.0 {
            return memory_metric(metric).then_some(f64::NAN);
        }
        let restart_live = state.tally.restart_live;
        let restarted = |value: f64| if restart_live > 0.0 { value } else { f64::NAN };
        Some(match metric {
            Metric::MemoryPeak => memory
                .resident(peak)
                .min(memory.limit.max(memory.outside_heap)),
            Metric::MemoryPeakMedian => {
                let served = state
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
                let peaks = state.collectors.iter().map(|collector| collector.live_peak);
                let held = |live: f64| memory.resident(live).min(memory.limit);
                let held = peaks.filter(|&live| live > 0.0).map(held).sum::<f64>();
                let jobs = &self.jobs[fleet];
                held + f64::from(jobs.running_peak) * memory.resident(jobs.mean_live())
            }
            Metric::MemoryLimitNeeded => memory.limit_needed(peak),
            Metric::MemoryPeakRatio => finite(memory.limit_ratio(peak), memory.limit),
            Metric::MemoryRestartPeak => restarted(memory.limit_needed(restart_live)),
            Metric::MemoryRestartRatio => {
                finite(restarted(memory.limit_ratio(restart_live)), memory.limit)
            }
            _ => return None,
        })
    }

    fn sample_value(&self, fleet: usize, metric: Metric) -> f64 {
        match metric {
            Metric::SamplesOffered => self.samples(fleet, |account| account.offered),
            Metric::SamplesScraped => self.samples(fleet, |account| account.scraped),
            Metric::MissedDown => self.samples(fleet, |account| account.missed_down),
            Metric::MissedCpu => self.samples(fleet, |account| account.missed_cpu),
            Metric::SamplesSent => self.samples(fleet, |account| account.sent),
            Metric::SamplesPending => self.samples(fleet, |account| {
                account.scraped - account.sent - account.lost()
            }),
            Metric::LostRestart => self.samples(fleet, |account| account.lost_restart),
            Metric::LostTruncation => self.samples(fleet, |account| account.lost_truncation),
            Metric::LostOverload => self.samples(fleet, |account| account.lost_overload),
            Metric::LostExit => self.samples(fleet, |account| account.lost_exit),
            Metric::LossRatio => {
                let offered = self.samples(fleet, |account| account.offered);
                let gone =
                    |account: &Account| account.missed_down + account.missed_cpu + account.lost();
                self.samples(fleet, gone) / offered
            }
            other => unreachable!("{other:?} is not a metric of fleets"),
        }
    }

    fn collector_seconds(&self, fleet: usize) -> f64 {
        let of_jobs = self.jobs[fleet].busy_seconds();
        (self.fleets[fleet].tally.collector_nanos as f64 / 1e9 + of_jobs).max(1.0)
    }

    fn oom_share(&self, fleet: usize) -> f64 {
        let state = &self.fleets[fleet];
        let jobs = &self.jobs[fleet];
        let existed = state
            .collectors
            .iter()
            .filter(|collector| collector.starts > 0)
            .count() as f64;
        let killed = state
            .collectors
            .iter()
            .filter(|collector| collector.oom_kills > 0)
            .count() as f64;
        (killed + jobs.oom_kills as f64) / (existed + jobs.count as f64).max(1.0)
    }

    fn mean_cores(&self, fleet: usize) -> f64 {
        let state = &self.fleets[fleet];
        let streams = state.streams.iter().zip(&state.ledger.accounts);
        let busy = |(stream, account): (&super::fleet::Stream, &Account)| {
            // Cores per unit times unit seconds.
            stream.cores
                * samples_of(account.scraped, stream.interval) as f64
                * (stream.interval as f64 / 1e9)
        };
        let counted = streams.map(busy).sum::<f64>() + state.tally.log_core_seconds;
        // Most collectors have room; the peak has the price of the busiest one.
        counted * state.memory.gc_factor(1.0) / self.recorded_seconds()
    }

    /// CPU demand of the sidecar of the largest job.
    fn job_cores(&self, fleet: usize) -> f64 {
        let (state, jobs) = (&self.fleets[fleet], &self.jobs[fleet]);
        let per_second = jobs.series_peak / (jobs.interval.max(1) as f64 / 1e9);
        per_second * state.cpu_per_sample * state.memory.gc_factor(jobs.live_peak)
    }

    /// Samples per second of the busiest collector.
    fn busiest(&self, fleet: usize) -> f64 {
        let state = &self.fleets[fleet];
        let shortest = state.streams.iter().filter(|stream| stream.counts);
        let shortest = shortest
            .map(|stream| stream.interval)
            .min()
            .unwrap_or(u64::MAX);
        state.tally.series_per_collector_peak / (shortest as f64 / 1e9)
    }

    fn connections_peak(&self, fleet: usize) -> f64 {
        let steady = self.all_connections(fleet);
        let jobs = f64::from(self.jobs[fleet].running_peak)
            * self.blueprint.fleets[fleet].sends_to.len() as f64;
        (steady + jobs).max(self.fleets[fleet].tally.connections_peak as f64)
    }

    fn pool_value(&self, pool: usize, metric: Metric) -> f64 {
        let state = &self.pools[pool];
        let tally = &state.tally;
        let examined = |value: f64| {
            if tally.node_cells > 0.0 {
                value
            } else {
                f64::NAN
            }
        };
        match metric {
            Metric::NodesEnd => f64::from(self.nodes_now(pool, self.grid.end - 1)),
            Metric::NodeCpuPeakRatio => examined(tally.cpu_peak_ratio),
            Metric::NodeMemoryPeakRatio => {
                if self.is_examined(pool) {
                    tally.memory_peak_ratio
                } else {
                    f64::NAN
                }
            }
            Metric::SlowdownMean => examined(tally.slowdown_sum / tally.node_cells),
            Metric::SlowdownPeak => examined(tally.slowdown_peak),
            Metric::SlowedShare => examined(tally.slowed / tally.node_cells),
            Metric::OverloadedShare => examined(tally.overloaded / tally.node_cells),
            Metric::CpuDisplaced => examined(tally.displaced),
            Metric::NodeOomCount => tally.node_ooms as f64,
            Metric::AppKillCount => tally.app_kills as f64,
            Metric::NodeFailureCount => tally.failures as f64,
            other => unreachable!("{other:?} is not a metric of pools"),
        }
    }

    fn egress_value(&self, egress: usize, metric: Metric) -> f64 {
        let state = &self.egresses[egress];
        let plan = &self.blueprint.egresses[egress];
        let capacity = state.sets.first().map_or(f64::NAN, |set| set.capacity);
        match metric {
            Metric::PortsPeak => state.ports_peak,
            Metric::PortsPeakRatio => state.ports_peak / capacity,
            Metric::PortsEnd => state.sets.iter().map(|set| set.in_use).fold(0.0, f64::max),
            Metric::PortsBlockedPeak => state.blocked_peak,
            Metric::PortsBlockedSeconds => state.blocked_until(self.grid.end) as f64 / 1e9,
            Metric::AddressesNeeded => (state.ports_peak
                / f64::from(plan.limits.ports_per_address))
            .ceil()
            .max(1.0),
            other => unreachable!("{other:?} is not a metric of egress paths"),
        }
    }

    fn endpoint_value(&self, endpoint: usize, metric: Metric) -> f64 {
        let state = &self.endpoints[endpoint];
        let senders = self.senders_to(endpoint);
        let metrics = |value: f64| {
            if state.is_for_metrics {
                value
            } else {
                f64::NAN
            }
        };
        match metric {
            Metric::IngestPeak => {
                let steady: f64 = senders
                    .iter()
                    .map(|&fleet| self.fleets[fleet].tally.ingest_peak)
                    .sum();
                metrics(steady.max(state.catch_up_peak))
            }
            Metric::IngestMean => {
                let sent: f64 = senders
                    .iter()
                    .map(|&fleet| self.samples(fleet, |account| account.sent))
                    .sum();
                metrics(sent / self.recorded_seconds())
            }
            Metric::CatchUpRatio => metrics(state.catch_up_ratio),
            Metric::OutageSeconds => state.outage_seconds,
            other => unreachable!("{other:?} is not a metric of endpoints"),
        }
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
            | Metric::MemoryRestartPeak
            | Metric::MemoryRestartRatio
    )
}
