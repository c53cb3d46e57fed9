//! Connections with which the collectors of a fleet work off their backlogs.

use crate::engine::RandomStream;
use crate::model::egress::Granted;
use crate::model::load::draw::{Draw, Purpose};
use crate::units::SimTime;

use super::Fleet;
use super::catch_up::CatchUpDemand;

impl Fleet<'_> {
    /// Random numbers for who dials first.
    pub(in crate::model) fn dialling(&self, demand: &CatchUpDemand, draw: &Draw) -> RandomStream {
        let (queue, key) = (demand.queue, self.plan.key ^ demand.queue.route as u64);
        draw.stream(Purpose::Dial, key, queue.collector, demand.occasion())
    }

    /// A collector works off its backlog with the connections that it gets.
    pub(in crate::model) fn connect(
        &self,
        demand: &mut CatchUpDemand,
        granted: Granted,
        now: SimTime,
    ) {
        let way = &self.pipelines.metrics.routes[demand.queue.route];
        let wanted = demand.extra;
        demand.extra = granted.later;
        demand.lacking = wanted - granted.later;
        let steady = way.sender.steady_shards(demand.pause.inflow);
        let steady = f64::from(steady);
        if granted.first == wanted && steady <= way.connections_max || way.sender.settings.http2 {
            return;
        }
        let steady = steady.min(way.connections_max);
        demand.reach.connections = steady + f64::from(granted.first);
        demand.reach.connections_later = steady + f64::from(granted.later);
        demand.reach.more_in = (granted.later_at - now).secs_f64();
        demand.reconsider(way.sender);
    }

    /// When a collector has worked off its backlog; `end` if it never does.
    pub(in crate::model) fn drained_at(&self, demand: &CatchUpDemand, end: SimTime) -> SimTime {
        let queue = self.pipelines.metrics.queue(demand.queue);
        let never = if demand.pause.backlog > 0.0 {
            end
        } else {
            SimTime::ZERO
        };
        queue.drained_at().map_or(never, |at| at.min(end))
    }
}
