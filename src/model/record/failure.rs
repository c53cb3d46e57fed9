//! What breaks, and how reports name it.

use super::catalogue::ScopeKind;

/// Something that breaks, with the instant of its first occurrence in a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// A collector finds no node with room for its requests.
    Pending,
    /// A collector is OOM-killed by its node.
    OomNode,
    /// A collector is OOM-killed, by its own limit or by its node.
    Oom,
    /// A collector has too little CPU: lines wait, or scrapes are missed.
    CpuShort,
    /// Spans are refused, evicted, given up or lost with a process.
    SpansLost,
    /// A backlog loses samples: a truncation overtakes it, the sender cannot keep up, or processes end.
    /// Or spans are lost.
    DataLost,
    /// Log lines are lost.
    LogsLost,
    /// Profiles are lost.
    ProfilesLost,
    /// A collector restarted at that instant would not survive its replay.
    RestartUnsafe,
    /// A node runs out of memory.
    NodeOom,
    /// Applications overload a node even without collectors.
    NodeOverloaded,
    /// Applications on some node respond at least 1.5 times as slowly as without collectors.
    NeighbourSlowed,
    /// A connection finds no source port.
    PortsExhausted,
}

/// Description of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureInfo {
    /// The word used in goals and tables.
    pub word: &'static str,
    /// The kind of scope that the failure belongs to.
    pub scope: ScopeKind,
    /// What was the bottleneck when the failure happens, as the answer says it.
    pub binds: &'static str,
    /// What the failure means, in one sentence.
    pub meaning: &'static str,
}

impl Failure {
    /// All failures, in the order of the reports.
    pub const ALL: [Self; 13] = [
        Self::Pending,
        Self::OomNode,
        Self::Oom,
        Self::CpuShort,
        Self::SpansLost,
        Self::DataLost,
        Self::LogsLost,
        Self::ProfilesLost,
        Self::RestartUnsafe,
        Self::NodeOom,
        Self::NodeOverloaded,
        Self::NeighbourSlowed,
        Self::PortsExhausted,
    ];

    /// Description of the failure.
    #[expect(clippy::too_many_lines, reason = "four words for each failure")]
    pub const fn info(self) -> FailureInfo {
        let (word, scope, binds, meaning) = match self {
            Self::Pending => (
                "pending",
                ScopeKind::Fleet,
                "room on nodes",
                "A collector finds no node with room for its requests, and never starts.",
            ),
            Self::OomNode => (
                "oom_node",
                ScopeKind::Fleet,
                "node memory",
                "A collector is killed because its node runs out of memory, not by a limit of its own.",
            ),
            Self::Oom => (
                "oom",
                ScopeKind::Fleet,
                "memory",
                "A collector is killed for memory, by its own limit or by its node.",
            ),
            Self::CpuShort => (
                "cpu_short",
                ScopeKind::Fleet,
                "CPU",
                "A collector has too little CPU: log lines wait in their files, then scrapes are missed.",
            ),
            Self::SpansLost => (
                "spans_lost",
                ScopeKind::Fleet,
                "the pipeline of traces",
                "Spans are refused by a full queue or the memory limiter, evicted before their decision, given up, or lost with a process.",
            ),
            Self::DataLost => (
                "data_lost",
                ScopeKind::Fleet,
                "the write-ahead log",
                "A backlog loses samples: a truncation of the WAL overtakes it, the sender cannot keep up, collectors that ended have lost more with theirs than the fleet takes in within a minute, or a job ends before its sidecar has sent everything. Or `spans_lost` happens.",
            ),
            Self::LogsLost => (
                "logs_lost",
                ScopeKind::Fleet,
                "log queues and files",
                "Log lines are lost: a shard gives up a batch, a file is rotated before it is read, a full queue drops lines, or collectors that ended have lost more with their queues than the fleet reads in a minute.",
            ),
            Self::ProfilesLost => (
                "profiles_lost",
                ScopeKind::Fleet,
                "loops that wait for an endpoint of profiles",
                "Profiles are lost: in an outage a loop waits with one and never asks for the next, or gives one up, or its process ends.",
            ),
            Self::RestartUnsafe => (
                "restart_unsafe",
                ScopeKind::Fleet,
                "memory at restart",
                "A collector that restarted would not survive the replay of its write-ahead log, or is in a crash loop at the horizon.",
            ),
            Self::NodeOom => (
                "node_oom",
                ScopeKind::Pool,
                "node memory",
                "A node runs out of memory.",
            ),
            Self::NodeOverloaded => (
                "node_overloaded",
                ScopeKind::Pool,
                "node CPU",
                "Applications demand more than the cores of their node, even without collectors.",
            ),
            Self::NeighbourSlowed => (
                "neighbour_slowed",
                ScopeKind::Pool,
                "node CPU",
                "Applications on some node respond half as slow again as without collectors.",
            ),
            Self::PortsExhausted => (
                "ports_exhausted",
                ScopeKind::Egress,
                "NAT ports",
                "A connection finds no source port.",
            ),
        };
        FailureInfo {
            word,
            scope,
            binds,
            meaning,
        }
    }

    /// The failure with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|failure| failure.info().word == word)
    }
}
