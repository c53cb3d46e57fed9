//! The table of contents of the model: everything that can happen.

use crate::model::blueprint::{ClusterId, CollectorId, EgressId, EndpointId, FleetId, PoolId};

/// What can happen, as past facts. One level, 8 bytes.
///
/// Numbers name parts: fleets, endpoints, egresses and pools as in the blueprint, collectors
/// through all fleets, nodes within their pool. An event of a collector bears the `stamp` that the
/// collector had when the event was scheduled. An event with an older stamp is stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the numbers described above")]
pub enum Event {
    // collect
    /// Nodes or pods of a fleet came or went.
    FleetResized { fleet: FleetId },
    /// All targets of a fleet were replaced.
    TargetsReplaced { fleet: FleetId },
    /// The peers of a cluster noticed that a collector is gone.
    TargetsTakenOver { fleet: FleetId, cluster: ClusterId },
    // send
    /// An endpoint stops answering.
    OutageStarted { endpoint: EndpointId },
    /// An endpoint answers again.
    OutageEnded { endpoint: EndpointId },
    /// An endpoint deals its capacity among its senders.
    CapacityDealt { endpoint: EndpointId },
    /// What clients have sent reaches the fleet that they send to.
    Relayed { fleet: FleetId },
    // connect
    /// Connections of a surge have given their ports back, or need none any more.
    SurgeEnded { egress: EgressId },
    // contend
    /// The nodes of a pool are evaluated, once per cell of the grid.
    NodesExamined { pool: PoolId },
    // fail
    /// A collector needs more memory than its limit.
    MemoryExceeded { stamp: u16, collector: CollectorId },
    /// A collector restarts, for none of the reasons that the model simulates.
    CollectorInterrupted { stamp: u16, collector: CollectorId },
    /// A collector has started and replayed its WAL.
    CollectorStarted { stamp: u16, collector: CollectorId },
    /// A wave begins to drain the nodes of a pool.
    DrainWaveStarted { pool: PoolId },
    /// A node is drained.
    NodeDrained { pool: PoolId, node: u32 },
    /// A node failed.
    NodeFailed { pool: PoolId, node: u32 },
    /// A zone fails, with the nodes of a pool in it. `failure` is its number among the pool's
    /// planned failures.
    ZoneFailed { pool: PoolId, failure: u32 },
    // scale
    /// The utilisation of the replicas of a cluster is measured.
    UsageMeasured { fleet: FleetId, cluster: ClusterId },
    /// The autoscaler of a cluster sees what was measured one lag ago.
    ReplicasReviewed { fleet: FleetId, cluster: ClusterId },
    /// A new replica has found a node and started.
    ReplicaStarted { stamp: u16, collector: CollectorId },
    // update
    /// A rollout of a fleet begins, `periodic` or at a planned instant.
    RolloutStarted { periodic: bool, fleet: FleetId },
    /// A new pod of a Deployment is ready beside the one that it replaces.
    PodSurged { fleet: FleetId, index: u32 },
    /// A router before a fleet got another ring.
    RouterUpgraded { fleet: FleetId },
    /// A collector, numbered within its fleet, counts as available.
    CollectorAvailable { fleet: FleetId, index: u32 },
    // bootstrap
    /// The collectors of a cluster that was too small have waited until their deadline.
    WaitEnded { fleet: FleetId, cluster: ClusterId },
    // jobs
    /// A job starts with its sidecar.
    JobArrived { fleet: FleetId },
    /// The pod of a job is gone. The sidecar gives its ports back if it was `connected`.
    JobEnded { connected: bool, fleet: FleetId },
    /// The unsent samples of a job's sidecar are lost.
    JobLostSamples { fleet: FleetId, samples: u32 },
    // observe
    /// The measured horizon begins, before anything else happens at its first instant.
    HorizonBegan,
    /// A point of the tracks is recorded.
    Observed { point: u32 },
}

const _: () = assert!(size_of::<Event>() == 8);
