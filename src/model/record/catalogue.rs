//! Everything that a draw reports: scopes, metrics, failures, tracks. `docs/output.md` is generated
//! from it.

use crate::model::blueprint::{Blueprint, EgressId, EndpointId, FleetId, PoolId};

pub use super::failure::{Failure, FailureInfo};

/// What a value belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// A fleet of collectors.
    Fleet(FleetId),
    /// A node pool.
    Pool(PoolId),
    /// An egress.
    Egress(EgressId),
    /// An endpoint.
    Endpoint(EndpointId),
}

/// The kinds of scope, each with its own metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScopeKind {
    /// A fleet of collectors.
    Fleet,
    /// A node pool.
    Pool,
    /// An egress.
    Egress,
    /// An endpoint.
    Endpoint,
}

impl ScopeKind {
    /// All kinds, in the order of the reports.
    pub const ALL: [Self; 4] = [Self::Fleet, Self::Pool, Self::Egress, Self::Endpoint];

    /// The word before the dot in a scope's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fleet => "fleet",
            Self::Pool => "pool",
            Self::Egress => "egress",
            Self::Endpoint => "endpoint",
        }
    }
}

impl Scope {
    /// The kind of the scope.
    pub const fn kind(self) -> ScopeKind {
        match self {
            Self::Fleet(_) => ScopeKind::Fleet,
            Self::Pool(_) => ScopeKind::Pool,
            Self::Egress(_) => ScopeKind::Egress,
            Self::Endpoint(_) => ScopeKind::Endpoint,
        }
    }

    /// The name used in goals and tables: `fleet.metrics`, `pool.prod.general`, `egress.nat`.
    pub fn name(self, blueprint: &Blueprint) -> String {
        let name = match self {
            Self::Fleet(id) => &blueprint.fleets[id].name,
            Self::Pool(id) => &blueprint.pools[id].name,
            Self::Egress(id) => &blueprint.egresses[id].name,
            Self::Endpoint(id) => &blueprint.endpoints[id].name,
        };
        format!("{}.{name}", self.kind().name())
    }

    /// All scopes of a blueprint, in the order of the reports.
    pub fn all(blueprint: &Blueprint) -> Vec<Self> {
        let fleets = FleetId::all(blueprint.fleets.len()).map(Self::Fleet);
        let pools = PoolId::all(blueprint.pools.len()).map(Self::Pool);
        let egresses = EgressId::all(blueprint.egresses.len()).map(Self::Egress);
        let endpoints = EndpointId::all(blueprint.endpoints.len()).map(Self::Endpoint);
        fleets
            .chain(pools)
            .chain(egresses)
            .chain(endpoints)
            .collect()
    }
}

/// Unit of a number. Reports format the number by its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A count of things.
    Count,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
    /// A share of a whole, from 0 to 1.
    Share,
    /// A ratio, which may be above 1.
    Ratio,
    /// A factor: how many times as much as without something.
    Factor,
    /// CPU cores.
    Cores,
    /// Samples.
    Samples,
    /// Samples per second.
    SamplesPerSecond,
    /// Bytes per second.
    BytesPerSecond,
    /// Per collector and 30 days.
    PerCollectorMonth,
}

impl Unit {
    /// The greatest number in this unit. No number is below 0.
    pub const fn greatest(self) -> f64 {
        match self {
            Self::Share => 1.0,
            _ => f64::INFINITY,
        }
    }
}

/// Description of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricInfo {
    /// Column name, base unit last.
    pub column: &'static str,
    /// The kind of scope that the metric belongs to.
    pub scope: ScopeKind,
    /// Unit of the values.
    pub unit: Unit,
    /// What the metric means, in one sentence.
    pub meaning: &'static str,
}

macro_rules! metrics {
    ($($scope:ident $own:ident { $($variant:ident, $column:literal, $unit:ident, $meaning:literal;)* })*) => {
        /// A number that every draw reports for every scope of its kind. The number is NaN where it
        /// has no meaning, such as a share of a limit that does not exist. Reports leave such a
        /// cell empty.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Metric {
            $($(#[doc = $meaning] $variant,)*)*
        }

        $(
            #[doc = concat!("A metric of a scope of the kind `", stringify!($scope), "`.")]
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub enum $own {
                $(#[doc = $meaning] $variant,)*
            }
        )*

        /// A metric by its kind of scope. So one exhaustive match finds the values of each kind.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ByScope {
            $(#[doc = concat!("Of a scope of the kind `", stringify!($scope), "`.")] $scope($own),)*
        }

        impl Metric {
            /// All metrics, in the order of the reports.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)*)*];

            /// The metric among those of its kind of scope.
            pub const fn by_scope(self) -> ByScope {
                match self {
                    $($(Self::$variant => ByScope::$scope($own::$variant),)*)*
                }
            }

            /// Description of the metric.
            pub const fn info(self) -> MetricInfo {
                match self {
                    $($(Self::$variant => MetricInfo {
                        column: $column,
                        scope: ScopeKind::$scope,
                        unit: Unit::$unit,
                        meaning: $meaning,
                    },)*)*
                }
            }
        }
    };
}

metrics! {
    Fleet FleetMetric {
        CollectorsStart, "collectors_start", Count, "Collectors at the start.";
        CollectorsEnd, "collectors_end", Count, "Collectors at the horizon.";
        CollectorsPeak, "collectors_peak", Count, "Highest number of collectors; of an autoscaled fleet, of those asked for.";
        ScaleUpCount, "scale_up_count", Count, "Times an autoscaler asked for more replicas.";
        ScaleDownCount, "scale_down_count", Count, "Times an autoscaler asked for fewer replicas.";
        PendingSeconds, "pending_seconds", Seconds, "Time for which collectors waited for a node with room, summed over collectors.";
        SeriesActivePeak, "series_active_peak", Count, "Highest number of active series of the whole fleet.";
        SeriesActiveEnd, "series_active_end", Count, "Active series of the whole fleet at the horizon.";
        SeriesPerCollectorPeak, "series_per_collector_peak", Count, "Highest number of active series of any one collector.";
        DerivedSeriesPeak, "derived_series_peak", Count, "Highest number of series that span metrics and the service graph of any one collector hold.";
        MemoryPeak, "memory_peak_bytes", Bytes, "Highest anonymous memory of any one collector in service, not counting start-up. Kills go by it.";
        MemoryPeakMedian, "memory_peak_median_bytes", Bytes, "Median over collectors of each one's highest anonymous memory.";
        LivePeak, "memory_live_peak_bytes", Bytes, "Highest live bytes on the heap of any one collector in service: what a heap profile shows after a collection.";
        WorkingSetPeak, "working_set_peak_bytes", Bytes, "Highest anonymous memory with active pages of the binary and of the largest WAL: the working set that the kubelet and an HPA see.";
        ResidentPeak, "resident_peak_bytes", Bytes, "Highest anonymous memory with all resident pages of the binary: the resident memory that `ps` shows. These pages kill nobody.";
        MemorySum, "memory_peak_sum_bytes", Bytes, "Sum over collectors of each one's highest anonymous memory; of jobs, as many as ran at once.";
        MemoryPeakRatio, "memory_peak_ratio", Ratio, "Smallest limit that the busiest collector would have survived in service, over its limit; without a limit, its anonymous memory over the memory of its node. Above 1 it is out of memory.";
        MemoryLimitNeeded, "memory_limit_needed_bytes", Bytes, "Smallest memory limit that every collector would have survived in service.";
        MemoryRestartPeak, "memory_restart_peak_bytes", Bytes, "Smallest memory limit that the busiest collector survives if it is restarted at the horizon: replay of its write-ahead log, or of nothing without a volume; of a collector in a crash loop, at least what it was last killed with.";
        MemoryRestartRatio, "memory_restart_ratio", Ratio, "The same over its limit; above 1 a restart at the horizon ends out of memory.";
        MemoryRest, "memory_rest_bytes", Bytes, "Anonymous memory that the live bytes of the largest collector in service at the horizon call for; a process that has taken more hardly gives it back.";
        MemoryReplayPeak, "memory_replay_peak_bytes", Bytes, "Smallest memory limit that every start with a write-ahead log in the recorded time survives, its replay included.";
        MemoryRestartResident, "memory_restart_resident_bytes", Bytes, "Anonymous memory of the largest collector during the replay of a restart at the horizon.";
        WalPeak, "wal_peak_bytes", Bytes, "Largest write-ahead log of any one collector.";
        NetworkMean, "network_mean_bytes_per_second", BytesPerSecond, "Mean rate of bytes from targets and to endpoints of metrics, all collectors together.";
        OomCount, "oom_count", Count, "Collectors killed for memory, each time counted: by their own limit or by their node.";
        OomCollectorRatio, "oom_collector_ratio", Share, "Share of collectors killed for memory at least once.";
        OomNodeCount, "oom_node_count", Count, "Those of these kills by a node that ran out of memory, not by a limit of the collector.";
        OomNodeCollectorRatio, "oom_node_collector_ratio", Share, "Share of collectors killed by their node at least once.";
        OomRate, "oom_per_collector_month", PerCollectorMonth, "Kills for memory per collector and 30 days.";
        RestartCount, "restart_count", Count, "Starts of collectors after the first, whatever the cause.";
        DownSeconds, "down_seconds", Seconds, "Time out of service, stopping, away or starting, summed over collectors.";
        CpuPeak, "cpu_demand_peak_cores", Cores, "Highest CPU demand of any one collector, over a minute.";
        CpuPeakRatio, "cpu_demand_peak_ratio", Ratio, "Highest CPU demand of any one collector over its CPU limit.";
        CpuMean, "cpu_demand_mean_cores", Cores, "Time average of the CPU demand of the whole fleet.";
        ScrapePeak, "scrape_peak_seconds", Seconds, "Time that a scrape of a mean target takes on the collector that is shortest of CPU; when it gets less than it wants, the most that its interval and its time-out allow.";
        SamplesOffered, "samples_offered", Samples, "Samples that the workloads exposed at their scrape interval.";
        SamplesScraped, "samples_scraped", Samples, "Samples that collectors took in.";
        MissedDown, "samples_missed_down", Samples, "Samples missed because the collector was down or its targets had no owner.";
        MissedCpu, "samples_missed_cpu", Samples, "Samples missed because the collector had too little CPU.";
        MissedPull, "samples_missed_pull", Samples, "Samples missed because a job ended before its first scrape.";
        LogsLate, "logs_late_ratio", Share, "Share of the log bytes that waited in their files because the collector had too little CPU to read them as they were written.";
        LogsWritten, "logs_written_bytes", Bytes, "Log lines that the workloads wrote.";
        LogsMissed, "logs_missed_bytes", Bytes, "Log lines that no collector tailed.";
        LogsSent, "logs_sent_bytes", Bytes, "Log lines that endpoints accepted; with several, summed over them, as all that are lost.";
        LogsPending, "logs_pending_bytes", Bytes, "Log lines still in files and in queues at the horizon.";
        LogsLost, "logs_lost_bytes", Bytes, "Log lines lost, whatever the cause: the sum of the causes that follow, those before the queues once per endpoint.";
        LogsLostLines, "logs_lost_lines", Count, "The same as a number of lines of mean length.";
        LogsLostRetries, "logs_lost_retries_bytes", Bytes, "Log lines lost because a shard gave up their batch after its last attempt.";
        LogsLostLimited, "logs_lost_limited_bytes", Bytes, "Log lines lost because an endpoint at its limit answered 429 to every attempt to send their batch.";
        LogsLostRotation, "logs_lost_rotation_bytes", Bytes, "Log lines lost because their file was rotated away before it was read.";
        LogsLostOverflow, "logs_lost_overflow_bytes", Bytes, "Log lines lost because a queue was full and `block_on_overflow` is false.";
        LogsLostClient, "logs_lost_client_bytes", Bytes, "Log lines lost because the client that pushes them gave them up while the fleet took nothing.";
        LogsLostRestart, "logs_lost_restart_bytes", Bytes, "Log lines lost with the queue of a collector that ended.";
        LogsLostExit, "logs_lost_exit_bytes", Bytes, "Log lines lost with the node or the pod whose files held them.";
        LogsLostRejected, "logs_lost_rejected_bytes", Bytes, "Log lines lost because an endpoint refused them for good.";
        LogsLostWal, "logs_lost_wal_bytes", Bytes, "Log lines lost because their segment of the write-ahead log of the sender was deleted before they were sent.";
        LogsDoubled, "logs_doubled_bytes", Bytes, "Log lines read and sent a second time, because a new process did not know how far the one before had read.";
        LogsLossRatio, "logs_loss_ratio", Share, "Log lines lost or never tailed over those written; with several endpoints, the mean over them.";
        LogsLag, "logs_lag_peak_seconds", Seconds, "Greatest age of a log line that was not yet sent, the last wait of its shard included.";
        LogStreamsPeak, "log_streams_peak", Count, "Most streams of log lines that the API server had open for the whole fleet at one time.";
        LogOpeningPeak, "log_opening_peak_seconds", Seconds, "Longest time that a collector took to open its streams of log lines through the API server.";
        SamplesDue, "samples_due", Samples, "Samples due to endpoints: each endpoint of metrics gets all that was scraped.";
        SamplesSent, "samples_sent", Samples, "Samples that endpoints accepted; with several, summed over them, as all that follow.";
        SamplesPending, "samples_pending", Samples, "Samples still in write-ahead logs at the horizon.";
        LostRestart, "samples_lost_restart", Samples, "Samples lost because a collector with a backlog ended.";
        LostTruncation, "samples_lost_truncation", Samples, "Samples lost because the write-ahead log was truncated before they were sent.";
        LostOverload, "samples_lost_overload", Samples, "Samples lost because the sender, or what the endpoint takes, could not keep up with the scrapes for long.";
        LostRejected, "samples_lost_rejected", Samples, "Samples lost because an endpoint refused them for good.";
        LostExit, "samples_lost_exit", Samples, "Samples lost because a pod ended before its sidecar had sent everything.";
        LossRatio, "loss_ratio", Share, "Samples missed or lost over samples offered; with several endpoints, the mean over them.";
        BacklogPeak, "backlog_peak_samples", Samples, "Highest number of unsent samples of the whole fleet.";
        BacklogPeakSeconds, "backlog_peak_seconds", Seconds, "Age of the oldest unsent sample, at its highest.";
        DrainSeconds, "drain_peak_seconds", Seconds, "Longest time that a collector needed to catch up after an outage.";
        StopSeconds, "stop_peak_seconds", Seconds, "Longest time for which a collector that was asked to stop still flushed, or tried to.";
        RolloutCount, "rollout_count", Count, "Rollouts of the collectors themselves that began.";
        RolloutPeakSeconds, "rollout_peak_seconds", Seconds, "Longest rollout of the collectors, until the last one was available; one under way counts up to the horizon.";
        RolloutBlockedCount, "rollout_blocked_count", Count, "Rollouts held up by a collector that was killed for memory before it was available.";
        NotReadySeconds, "not_ready_seconds", Seconds, "Time in which a cluster of collectors was smaller than `wait_for_size` and took no targets, summed over clusters.";
        CascadePeak, "cascade_oom_peak", Count, "Most collectors of one cluster killed for memory in service within ten minutes after one of them went away, that one not counted: above 1, a kill leads to the next.";
        ShardsPeak, "shards_peak", Count, "Highest number of sending shards of any one collector.";
        ConnectionsPeak, "connections_peak", Count, "Highest number of open connections of the whole fleet.";
        JobCount, "job_count", Count, "Short-lived collectors that started.";
        JobsUnseen, "jobs_unseen", Count, "Jobs that ended before their first scrape, so that nobody knows of them; expected ones where jobs have no collector of their own.";
        SpansOffered, "spans_offered", Count, "Spans that the workloads emitted.";
        SpansSent, "spans_sent", Count, "Spans that endpoints accepted; with several, summed over them, as all that follow up to `spans_lost_restart`.";
        SpansPending, "spans_pending", Count, "Spans in queues, or before their decision, at the horizon.";
        SpansRefusedReceiver, "spans_refused_receiver", Count, "Spans refused at the receiver: a queue was full, and no batch or sampling processor hid that from clients.";
        SpansRefusedProcessor, "spans_refused_processor", Count, "Spans refused at the processor: the heap of the process was above the memory limiter.";
        SpansEnqueueFailed, "spans_enqueue_failed", Count, "Spans lost behind a batch or sampling processor because a queue was full. Clients see no refusal.";
        SpansSendFailed, "spans_send_failed", Count, "Spans that the exporter gave up, about five minutes after their first attempt.";
        SpansRejected, "spans_rejected", Count, "Spans that an endpoint rejected for good.";
        SpansLostRestart, "spans_lost_restart", Count, "Spans lost with a process that ended: in its queues, or before their decision.";
        SpansRefusedCpu, "spans_refused_cpu", Count, "Spans that found no CPU. Their clients drop them.";
        SpansLostRerouting, "spans_lost_rerouting", Count, "Spans that a load-balancing exporter sent to a collector that was gone, or that found no room in its queue while the collector was away.";
        SpansMissedDown, "spans_missed_down", Count, "Spans for which no collector was in service.";
        SpansDroppedEarly, "spans_dropped_early", Count, "Spans whose traces tail sampling evicted before their decision.";
        TracesDroppedEarly, "traces_dropped_early", Count, "Traces that tail sampling evicted before their decision.";
        TracesSplit, "traces_split", Count, "Traces whose spans reached several collectors, each of which has only a part of them.";
        TracesSplitRatio, "traces_split_ratio", Share, "The same over all traces.";
        EdgesDropped, "edges_dropped", Count, "Calls that a service graph does not count, because its store was full.";
        SpansNotSampled, "spans_not_sampled", Count, "Spans whose traces tail sampling decided not to keep. They are not lost.";
        SpansLossRatio, "spans_loss_ratio", Share, "Spans refused, dropped early, missed or lost over spans offered; with several endpoints, the mean over them.";
        SpansBusiestRatio, "spans_busiest_ratio", Factor, "Spans that the busiest collector took in, over those of the mean collector: 1 where requests are spread evenly.";
        OtlpQueuePeakRatio, "otlp_queue_peak_ratio", Share, "How far the fullest sending queue was filled, over its size.";
        ProfilesOffered, "profiles_offered", Count, "Profiles that fell due by their interval, or that pods pushed.";
        ProfilesSent, "profiles_sent", Count, "Profiles that endpoints accepted; with several, summed over them, as all that follow up to `profiles_lost_restart`.";
        ProfilesSendFailed, "profiles_send_failed", Count, "Profiles that were given up after their last attempt.";
        ProfilesRejected, "profiles_rejected", Count, "Profiles that an endpoint rejected for good.";
        ProfilesLostRestart, "profiles_lost_restart", Count, "Profiles that a loop had in hand when its process ended.";
        ProfilesPending, "profiles_pending", Count, "Profiles that loops have in hand at the horizon.";
        ProfilesSkipped, "profiles_skipped", Count, "Profiles that nobody ever asked for, since their loop still waited with another one. No metric of a collector counts them.";
        ProfilesSkippedFirst, "profiles_skipped_first", Count, "First profiles of a target in a process that had none to take the difference to.";
        ProfilesMissedCpu, "profiles_missed_cpu", Count, "Profiles for which the collector had too little CPU.";
        ProfilesMissedDown, "profiles_missed_down", Count, "Profiles for which no collector was in service.";
        ProfilesLossRatio, "profiles_loss_ratio", Share, "Profiles missed or lost over those offered; with several endpoints, the mean over them. Skipped ones count but for sums that the next profile contains.";
        ProfilesGapPeak, "profiles_gap_peak_seconds", Seconds, "Longest time for which a loop sent nothing because of an outage: the outage, and the rest of its last wait.";
    }
    Pool PoolMetric {
        NodesEnd, "nodes_end", Count, "Nodes at the horizon.";
        NodeCpuPeakRatio, "node_cpu_peak_ratio", Ratio, "Highest CPU demand of any one node over its cores.";
        NodeMemoryPeakRatio, "node_memory_peak_ratio", Ratio, "Highest memory in use on any one node over its memory.";
        SlowdownMean, "slowdown_mean_ratio", Factor, "Mean response time of applications with collectors over without, averaged over nodes and time.";
        SlowdownPeak, "slowdown_peak_ratio", Factor, "The same at the worst node and time.";
        SlowedShare, "slowed_10_percent_ratio", Share, "Noisy-neighbour index: share of application time slowed by more than 10 %.";
        OverloadedShare, "overloaded_ratio", Share, "Share of node time in which applications demand more CPU than they are granted.";
        OverloadedAloneShare, "overloaded_alone_ratio", Share, "The same without collectors: the part of overload that is the applications' own fault.";
        CpuDisplaced, "cpu_displaced_core_seconds", Seconds, "Core seconds that collectors took from applications that wanted them.";
        NodeOomCount, "node_oom_count", Count, "Times a node ran out of memory.";
        AppKillCount, "app_kill_count", Count, "Application pods killed when their node ran out of memory.";
        NodeFailureCount, "node_failure_count", Count, "Nodes that failed, zones included.";
    }
    Egress EgressMetric {
        PortsPeak, "ports_peak", Count, "Highest number of source ports in use, held ones and background included, in the fullest set.";
        PortsPeakRatio, "ports_peak_ratio", Ratio, "The same over the ports that exist.";
        PortsWantedPeak, "ports_wanted_peak", Count, "Highest number of source ports that connections wanted there, whether they existed or not.";
        PortsEnd, "ports_end", Count, "Source ports in use at the horizon, in the fullest set.";
        PortsBlockedPeak, "ports_blocked_peak", Count, "Highest number of connections that found no port.";
        PortsBlockedSeconds, "ports_blocked_seconds", Seconds, "Time in which some connection found no port.";
        AddressesNeeded, "addresses_needed", Count, "Smallest number of addresses that would have carried the peak, by the provider's rule. Empty, and beyond any limit, if no number would.";
    }
    Endpoint EndpointMetric {
        IngestPeak, "ingest_peak_samples_per_second", SamplesPerSecond, "Highest rate at which collectors sent, over a minute.";
        IngestMean, "ingest_mean_samples_per_second", SamplesPerSecond, "Mean rate at which collectors sent.";
        EndpointSent, "endpoint_sent_samples", Samples, "Samples that it accepted.";
        EndpointLost, "endpoint_lost_samples", Samples, "Samples scraped and lost on the way to it.";
        WirePeak, "wire_peak_bytes_per_second", BytesPerSecond, "Highest rate of bytes that collectors sent, over a minute.";
        WireMean, "wire_mean_bytes_per_second", BytesPerSecond, "Mean rate of bytes that collectors sent.";
        Requests, "requests", Count, "Requests that collectors sent, with those that failed and were sent again.";
        CatchUpRatio, "catch_up_ratio", Factor, "Highest sending rate over a minute after an outage, over the steady rate at that time.";
        OutageSeconds, "outage_seconds", Seconds, "Time without answers.";
    }
}

impl Metric {
    /// The least and the most that the metric can be in any draw, where that is known: a share of
    /// what exists, or a time within the horizon.
    pub const fn range(self, horizon_seconds: f64) -> Option<(f64, f64)> {
        match self {
            Self::OomCollectorRatio
            | Self::OomNodeCollectorRatio
            | Self::LossRatio
            | Self::LogsLate
            | Self::LogsLossRatio
            | Self::SpansLossRatio
            | Self::TracesSplitRatio
            | Self::SlowedShare
            | Self::OverloadedShare
            | Self::OverloadedAloneShare => Some((0.0, 1.0)),
            Self::OutageSeconds | Self::PortsBlockedSeconds => Some((0.0, horizon_seconds)),
            _ => None,
        }
    }

    /// The metric with this column name.
    pub fn from_column(column: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|metric| metric.info().column == column)
    }
}

/// A quantity that is followed over time, for charts and `timeseries.csv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Track {
    /// Active series of the fleet.
    Series,
    /// Highest memory limit that any one collector needed since the last point, in bytes.
    Memory,
    /// Unsent samples of the fleet.
    Backlog,
    /// Collectors.
    Collectors,
    /// Worst slowdown of applications over nodes.
    Slowdown,
    /// Ports in use in the fullest set of ports.
    Ports,
}

/// Description of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrackInfo {
    /// Name in the table, base unit last.
    pub name: &'static str,
    /// The kind of scope that the track belongs to.
    pub scope: ScopeKind,
    /// Unit of the values.
    pub unit: Unit,
    /// What the track means, in one sentence.
    pub meaning: &'static str,
}

impl Track {
    /// All tracks, in the order of the reports.
    pub const ALL: [Self; 6] = [
        Self::Series,
        Self::Memory,
        Self::Backlog,
        Self::Collectors,
        Self::Slowdown,
        Self::Ports,
    ];

    /// Description of the track.
    pub const fn info(self) -> TrackInfo {
        let (name, scope, unit, meaning) = match self {
            Self::Series => (
                "series_active",
                ScopeKind::Fleet,
                Unit::Count,
                "Active series of the whole fleet at the point.",
            ),
            Self::Memory => (
                "memory_limit_needed_bytes",
                ScopeKind::Fleet,
                Unit::Bytes,
                "Smallest limit that the busiest collector survives, highest since the last point; replays count if they were fatal.",
            ),
            Self::Backlog => (
                "backlog_samples",
                ScopeKind::Fleet,
                Unit::Samples,
                "Unsent samples of the whole fleet, highest since the last point.",
            ),
            Self::Collectors => (
                "collectors",
                ScopeKind::Fleet,
                Unit::Count,
                "Collectors at the point; of an autoscaled fleet, the most asked for since the last point.",
            ),
            Self::Slowdown => (
                "slowdown_ratio",
                ScopeKind::Pool,
                Unit::Factor,
                "Worst slowdown of applications over nodes, highest since the last point.",
            ),
            Self::Ports => (
                "ports",
                ScopeKind::Egress,
                Unit::Count,
                "Source ports in use in the fullest set, highest since the last point.",
            ),
        };
        TrackInfo {
            name,
            scope,
            unit,
            meaning,
        }
    }
}
