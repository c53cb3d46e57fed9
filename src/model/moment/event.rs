//! The table of contents of the model: everything that can happen.

/// What can happen, as past facts. One level, 8 bytes.
///
/// Numbers name parts: fleets, endpoints, egresses and pools as in the blueprint, collectors through
/// all fleets, nodes within their pool. An event of a collector bears the collector's `stamp` of when it
/// was scheduled; one with an older stamp was superseded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the numbers described above")]
pub enum Event {
    // collect
    /// Nodes or pods of a fleet came or went.
    FleetResized { fleet: u32 },
    /// As many targets of a fleet were replaced as there are.
    TargetsReplaced { fleet: u32 },
    /// The other collectors of a group noticed that one is gone.
    TargetsTakenOver { fleet: u16, group: u32 },
    // send
    /// An endpoint stops answering.
    OutageStarted { endpoint: u32 },
    /// An endpoint answers again.
    OutageEnded { endpoint: u32 },
    // connect
    /// The last connections of a surge have given their ports back.
    SurgeEnded { egress: u32 },
    // contend
    /// The nodes of a pool are looked at, once per cell of the grid.
    NodesExamined { pool: u32 },
    // fail
    /// A collector needs more memory than its limit.
    MemoryExceeded { stamp: u16, collector: u32 },
    /// A collector restarts for a reason of its own.
    CollectorInterrupted { stamp: u16, collector: u32 },
    /// A collector has started and replayed its log.
    CollectorStarted { stamp: u16, collector: u32 },
    /// A wave begins to drain the nodes of a pool.
    DrainWaveStarted { pool: u32 },
    /// A node is drained.
    NodeDrained { pool: u16, node: u32 },
    /// A node failed.
    NodeFailed { pool: u16, node: u32 },
    /// A zone is gone, with the nodes of a pool in it; `failure` numbers the pool's planned ones.
    ZoneFailed { pool: u16, failure: u32 },
    // scale
    /// What the replicas of a group use is measured.
    UsageMeasured { fleet: u16, group: u32 },
    /// The autoscaler of a group sees what was measured one lag ago.
    ReplicasReviewed { fleet: u16, group: u32 },
    /// A new replica has found a node and started.
    ReplicaStarted { stamp: u16, collector: u32 },
    // update
    /// A new version of a fleet is rolled out, for a `periodic` reason or a planned one.
    RolloutStarted { periodic: bool, fleet: u32 },
    /// A new pod of a Deployment is ready beside the one that it replaces.
    PodSurged { fleet: u16, index: u32 },
    /// A collector, numbered within its fleet, has been in service for long enough to count.
    CollectorAvailable { fleet: u16, index: u32 },
    // bootstrap
    /// A cluster has been too small for as long as its collectors wait.
    WaitEnded { fleet: u16, group: u32 },
    // jobs
    /// A job starts with its sidecar.
    JobArrived { fleet: u32 },
    /// A job's pod is gone; its sidecar gives its ports back if it was `connected`.
    JobEnded { connected: bool, fleet: u32 },
    /// What a job's sidecar held back has gone with it.
    JobLostSamples { fleet: u16, samples: u32 },
    // observe
    /// A point of the tracks is written down.
    Observed { point: u32 },
}

const _: () = assert!(size_of::<Event>() == 8);
