//! The table of contents of the model: everything that can happen.

use crate::model::blueprint::{ClusterId, EgressId, EndpointId, FleetId, PoolId};

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
    FleetResized { fleet: FleetId },
    /// As many targets of a fleet were replaced as there are.
    TargetsReplaced { fleet: FleetId },
    /// The other collectors of a cluster noticed that one is gone.
    TargetsTakenOver { fleet: FleetId, cluster: ClusterId },
    // send
    /// An endpoint stops answering.
    OutageStarted { endpoint: EndpointId },
    /// An endpoint answers again.
    OutageEnded { endpoint: EndpointId },
    // connect
    /// The last connections of a surge have given their ports back.
    SurgeEnded { egress: EgressId },
    // contend
    /// The nodes of a pool are looked at, once per cell of the grid.
    NodesExamined { pool: PoolId },
    // fail
    /// A collector needs more memory than its limit.
    MemoryExceeded { stamp: u16, collector: u32 },
    /// A collector restarts for a reason of its own.
    CollectorInterrupted { stamp: u16, collector: u32 },
    /// A collector has started and replayed its log.
    CollectorStarted { stamp: u16, collector: u32 },
    /// A wave begins to drain the nodes of a pool.
    DrainWaveStarted { pool: PoolId },
    /// A node is drained.
    NodeDrained { pool: PoolId, node: u32 },
    /// A node failed.
    NodeFailed { pool: PoolId, node: u32 },
    /// A zone is gone, with the nodes of a pool in it; `failure` numbers the pool's planned ones.
    ZoneFailed { pool: PoolId, failure: u32 },
    // scale
    /// What the replicas of a cluster use is measured.
    UsageMeasured { fleet: FleetId, cluster: ClusterId },
    /// The autoscaler of a cluster sees what was measured one lag ago.
    ReplicasReviewed { fleet: FleetId, cluster: ClusterId },
    /// A new replica has found a node and started.
    ReplicaStarted { stamp: u16, collector: u32 },
    // update
    /// A new version of a fleet is rolled out, for a `periodic` reason or a planned one.
    RolloutStarted { periodic: bool, fleet: FleetId },
    /// A new pod of a Deployment is ready beside the one that it replaces.
    PodSurged { fleet: FleetId, index: u32 },
    /// A collector, numbered within its fleet, has been in service for long enough to count.
    CollectorAvailable { fleet: FleetId, index: u32 },
    // bootstrap
    /// A cluster has been too small for as long as its collectors wait.
    WaitEnded { fleet: FleetId, cluster: ClusterId },
    // jobs
    /// A job starts with its sidecar.
    JobArrived { fleet: FleetId },
    /// A job's pod is gone; its sidecar gives its ports back if it was `connected`.
    JobEnded { connected: bool, fleet: FleetId },
    /// What a job's sidecar held back has gone with it.
    JobLostSamples { fleet: FleetId, samples: u32 },
    // observe
    /// A point of the tracks is written down.
    Observed { point: u32 },
}

const _: () = assert!(size_of::<Event>() == 8);
