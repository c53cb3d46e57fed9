//! Whether a new replica finds a node, and how long it waits for one.

use crate::engine::Calendar;
use crate::model::load::draw::Purpose;
use crate::model::topology::Population;
use crate::units::{Bytes, SimTime};

use super::{Event, World};

/// Nanoseconds after which a node that nothing needs is taken away again.
///
/// Source: kubernetes/autoscaler, cluster-autoscaler FAQ, `scale-down-unneeded-time` (read 2026-11).
const NODE_UNNEEDED: u64 = 600_000_000_000;

/// Nodes that were added for the replicas of one cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Nodes {
    /// Those that are there, and those under way.
    added: u32,
    /// Those that were there before the last ones were asked for.
    before: u32,
    /// Nanosecond at which the last ones are there.
    ready: u64,
    /// Nanosecond since which fewer would do.
    unneeded_since: Option<u64>,
    /// How often nodes were asked for.
    asked: u32,
}

/// Replicas that fit: on the nodes of the pool in one cluster, and on a node of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Room {
    here: u32,
    per_node: u32,
}

impl Room {
    /// Nodes that have to be added for so many replicas.
    fn lacking(self, replicas: u32) -> u32 {
        replicas.saturating_sub(self.here).div_ceil(self.per_node)
    }
}

impl World<'_> {
    /// Nanoseconds until there is a node for the last of so many replicas of a group.
    ///
    /// Simplified: a cluster gets every node that it asks for, and gives it to these replicas alone;
    /// they are followed on the pool's own nodes all the same.
    pub(super) fn wait_for_node(
        &mut self,
        fleet: usize,
        group: usize,
        replicas: u32,
        calendar: &Calendar<Event>,
    ) -> u64 {
        let now = calendar.now().nanos();
        let Some(room) = self.room(fleet, now) else {
            return 0;
        };
        let state = &mut self.fleets[fleet];
        let scaling = state.scaling.as_mut().expect("the fleet is autoscaled");
        let law = scaling.plan.node_provisioning;
        let scaler = &mut scaling.scalers[group];
        let nodes = &mut scaler.nodes;
        if now >= nodes.ready {
            nodes.before = nodes.added;
        }
        let lacking = room.lacking(replicas);
        if lacking <= nodes.before {
            return 0;
        }
        if lacking > nodes.added {
            nodes.asked += 1;
            let occasion = (u32::try_from(group).expect("groups are few"), nodes.asked);
            let seconds = self
                .draw
                .noise(Purpose::Provisioning, state.key, law, occasion);
            nodes.added = lacking;
            nodes.ready = now + SimTime::from_secs_f64(seconds.max(0.0)).nanos();
        }
        nodes.ready - now
    }

    /// A group has another number of replicas: nodes that it has not needed for long are gone, and
    /// from now on it may need fewer.
    pub(super) fn review_nodes(&mut self, fleet: usize, group: usize, (before, now): (u32, u64)) {
        let Some(room) = self.room(fleet, now) else {
            return;
        };
        let scaling = self.fleets[fleet].scaling.as_mut();
        let scaler = &mut scaling.expect("the fleet is autoscaled").scalers[group];
        let (needed, nodes) = (room.lacking(scaler.replicas), &mut scaler.nodes);
        if let Some(since) = nodes.unneeded_since
            && now - since > NODE_UNNEEDED
        {
            nodes.added = nodes.added.min(room.lacking(before));
        }
        nodes.unneeded_since = (needed < nodes.added).then_some(now);
    }

    /// Room for replicas of a fleet; `None` if they run on machines of their own.
    ///
    /// Simplified: requests are spread evenly over the nodes of the pool. A node that is added has
    /// room for at least one replica.
    fn room(&self, fleet: usize, now: u64) -> Option<Room> {
        let plan = &self.blueprint.fleets[fleet];
        let &pool = plan.runs_on.first()?;
        let blueprint = &self.blueprint.pools[pool];
        let nodes = f64::from(self.nodes_now(pool, now)) / f64::from(blueprint.clusters);
        let fits = |taken: (f64, f64)| {
            let fit = |free: f64, request: Option<f64>| {
                request
                    .filter(|&request| request > 0.0)
                    .map_or(f64::MAX, |request| (free / request).floor())
            };
            let cores = fit(
                blueprint.node.cpu_cores - taken.0,
                plan.resources.cpu_request_cores,
            );
            let memory = plan.resources.memory_request.map(Bytes::as_f64);
            cores.min(fit(blueprint.node.memory.as_f64() - taken.1, memory))
        };
        let daemons = self.requested_by_fleets(pool, |other, _| {
            let population = self.blueprint.fleets[other].topology.population;
            f64::from(u8::from(population == Population::PerNode))
        });
        let others = self.requested_by_fleets(pool, |other, count| {
            let population = self.blueprint.fleets[other].topology.population;
            let is_strewn = matches!(population, Population::Replicas(_)) && other != fleet;
            f64::from(u8::from(is_strewn)) * f64::from(count)
                / f64::from(blueprint.clusters)
                / nodes.max(1.0)
        });
        let cell = self.cell_of(now);
        let applications = self.pools[pool].applications.iter();
        let requests = applications.map(|application| application.requests(cell));
        let taken = requests.chain([daemons, others]).fold((0.0, 0.0), add);
        Some(Room {
            here: whole(fits(taken) * nodes.floor()),
            per_node: whole(fits(daemons)).max(1),
        })
    }

    /// Cores and bytes per node that the fleets of a pool request, each with so many collectors on it:
    /// `per_node(fleet, count of its collectors)`.
    fn requested_by_fleets(&self, pool: usize, per_node: impl Fn(usize, u32) -> f64) -> (f64, f64) {
        let fleets = self.blueprint.fleets.iter().enumerate();
        let here = fleets.filter(|(_, plan)| match plan.topology.population {
            Population::PerNode => plan.runs_on.contains(&pool),
            Population::Replicas(_) => plan.runs_on.first() == Some(&pool),
            Population::PerPod => false,
        });
        here.map(|(fleet, plan)| {
            let collectors = per_node(fleet, self.fleets[fleet].count());
            let cores = plan.resources.cpu_request_cores.unwrap_or(0.0);
            let bytes = plan.resources.memory_request.map_or(0.0, Bytes::as_f64);
            (collectors * cores, collectors * bytes)
        })
        .fold((0.0, 0.0), add)
    }
}

fn add(sum: (f64, f64), more: (f64, f64)) -> (f64, f64) {
    (sum.0 + more.0, sum.1 + more.1)
}

/// A number of replicas; what fits in any number fits as often as it can be asked for.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts saturate"
)]
fn whole(value: f64) -> u32 {
    value.max(0.0) as u32
}
