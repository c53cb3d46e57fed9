//! The capacity of an endpoint among fleets: what their collectors ask for, and when it is dealt
//! again.

use crate::model::blueprint::EndpointId;
use crate::model::endpoint::{Claim, Deal, Endpoint, Levels};
use crate::model::moment::{Event, Moment};
use crate::model::pipeline::{Queue, QueueId, Share};
use crate::model::process::collector::Life;
use crate::units::{SimDuration, SimTime, Span};

use super::Fleet;
use super::catch_up::CatchUpDemand;
use super::peak::note_surge;

/// How far a deal looks ahead: in times to catch up at the present inflow, and in truncation
/// periods.
const AHEAD: (f64, u64) = (1.5, 8);

/// Deals the capacity of an endpoint, if it has a limit, until all backlogs end.
///
/// Simplified: what a truncation takes of a backlog is seen at the next deal, which is a truncation
/// period later at most.
pub(in crate::model) fn deal(
    fleets: &mut [Fleet<'_>],
    (id, endpoint): (EndpointId, &mut Endpoint<'_>),
    moment: &mut Moment<'_>,
) {
    let Some(deal) = endpoint.deal() else {
        return;
    };
    let span = Span::new(moment.now, moment.grid.end);
    let mut party = Party::of(fleets, (id, deal));
    // Without backlogs it is enough to know when the load exceeds the capacity.
    let (again, calm_from) = if endpoint.is_calm(span.from) && party.excess(span) > span.from {
        (party.excess(span), span.from)
    } else {
        party.gather(id, span.from);
        let planned = party.look_ahead(span);
        party.agree(id, moment);
        planned
    };
    let again = if again < moment.grid.end {
        again
    } else {
        SimTime::NEVER
    };
    endpoint.expect_deal(again, calm_from);
    moment.schedule(again, Event::CapacityDealt { endpoint: id });
}

/// Every endpoint deals its capacity for the first time.
pub(in crate::model) fn deal_all(
    fleets: &mut [Fleet<'_>],
    endpoints: &mut [Endpoint<'_>],
    moment: &mut Moment<'_>,
) {
    for (id, endpoint) in EndpointId::all(endpoints.len()).zip(endpoints) {
        deal(fleets, (id, endpoint), moment);
    }
}

/// Collectors that can send to an endpoint again work off their backlogs.
pub(in crate::model) fn work_off(
    fleets: &mut [Fleet<'_>],
    (id, endpoint): (EndpointId, &mut Endpoint<'_>),
    demands: &[CatchUpDemand],
    moment: &mut Moment<'_>,
) {
    if demands.is_empty() {
        return;
    }
    for demand in demands {
        fleets[demand.fleet.index()].drain(demand, moment);
    }
    let scale = endpoint.admit(demands.iter().map(|demand| demand.rate).sum());
    endpoint.expect_backlogs();
    deal(fleets, (id, endpoint), moment);
    for demand in demands {
        fleets[demand.fleet.index()].note_drain(demand, scale.scale(), moment);
    }
    note_surge(fleets, (endpoint, moment.now), demands);
}

/// Has the capacity of endpoints dealt again soon if an event has changed what fleets ask for.
pub(in crate::model) fn look_at_changes(
    fleets: &[Fleet<'_>],
    endpoints: &mut [Endpoint<'_>],
    moment: &mut Moment<'_>,
) {
    for (id, endpoint) in EndpointId::all(endpoints.len()).zip(endpoints) {
        if endpoint.is_limited() {
            look_at_senders(fleets, (id, endpoint), moment);
        }
    }
}

/// Has the capacity of an endpoint dealt again soon if its senders have changed what they ask for.
///
/// Simplified: changes are dealt once a hundredth of the collectors have had one. The
/// part of a collector that stops is dealt after its flush.
fn look_at_senders(
    fleets: &[Fleet<'_>],
    (id, endpoint): (EndpointId, &mut Endpoint<'_>),
    moment: &mut Moment<'_>,
) {
    let senders = || fleets.iter().filter(|fleet| fleet.leads_to(id));
    let changes = senders().map(Fleet::changes).sum();
    let collectors: u32 = senders().map(Fleet::alive).sum();
    if !endpoint.learns(changes, u64::from(collectors / 100)) {
        return;
    }
    let inflow = senders().map(Fleet::inflow_at_most).sum();
    let flushed = senders().map(Fleet::flushes_until).max();
    let at = flushed.map_or(moment.now, |flushed| flushed.max(moment.now));
    let next = endpoint.next_deal();
    let is_sooner = next < moment.now || at < next;
    if endpoint.is_dealing(inflow, moment.now) && is_sooner {
        endpoint.expect_deal_at(at);
        moment.schedule(at, Event::CapacityDealt { endpoint: id });
    }
}

/// The fleets that send to an endpoint, as it deals its capacity.
struct Party<'p, 'a> {
    senders: Vec<&'p mut Fleet<'a>>,
    /// Whose claims the deal has: places in `senders`, and queues there.
    queues: Vec<(usize, QueueId)>,
    deal: Deal,
    /// When the last backlog ends at the present inflow.
    last: SimTime,
}

impl<'p, 'a> Party<'p, 'a> {
    /// The fleets that send to an endpoint.
    fn of(fleets: &'p mut [Fleet<'a>], (id, deal): (EndpointId, Deal)) -> Self {
        let senders = fleets.iter_mut().filter(|fleet| fleet.leads_to(id));
        Self {
            senders: senders.collect(),
            queues: Vec::new(),
            deal,
            last: SimTime::NEVER,
        }
    }

    /// All collectors that can send to an endpoint make their claims.
    fn gather(&mut self, id: EndpointId, now: SimTime) {
        for (place, fleet) in self.senders.iter_mut().enumerate() {
            for (queue, claim) in fleet.claims_on(id, now) {
                self.queues.push((place, queue));
                self.deal.claims.push(claim);
            }
        }
    }

    /// Deals until all backlogs end. Returns when to deal again, and when all backlogs have ended.
    fn look_ahead(&mut self, span: Span) -> (SimTime, SimTime) {
        let Span { from: now, to: end } = span;
        let excess = self.excess(span);
        if !self.deal.has_backlog() && excess > now {
            return (excess, now);
        }
        let periods = self.senders.iter().filter_map(|fleet| fleet.period());
        let period = periods.min().unwrap_or(end - now);
        let whole = self.deal.seconds_to_catch_up();
        let ahead = if whole.is_finite() {
            self.last = (now + SimDuration::from_secs_f64(whole)).min(end);
            SimDuration::from_secs_f64(AHEAD.0 * whole).min(period * AHEAD.1)
        } else {
            period
        };
        let ahead = ahead.max(period);
        let calm_from = self.run(Span::new(now, (now + ahead).min(end)));
        // A truncation may take a backlog.
        let truncated = now + period;
        if self.deal.has_backlog() {
            return (calm_from.min(truncated), SimTime::NEVER);
        }
        self.deal.end(calm_from);
        let again = self.excess(Span::new(calm_from, end));
        if calm_from > truncated {
            (again.min(truncated), calm_from)
        } else {
            (again, calm_from)
        }
    }

    /// Deals over a span, or until no collector has a backlog. Returns until when.
    fn run(&mut self, span: Span) -> SimTime {
        let mut edges = self.edges(span);
        edges.push(span.to);
        for pair in edges.windows(2) {
            let stretch = Span::new(pair[0], pair[1]);
            for (&(place, queue), claim) in self.queues.iter().zip(&mut self.deal.claims) {
                claim.inflow = self.senders[place].inflow(queue.collector, stretch.from);
            }
            self.deal.run(stretch);
            if !self.deal.has_backlog() {
                return stretch.to;
            }
        }
        span.to
    }

    /// The first instant of a span from which the fleets send more than the endpoint takes.
    fn excess(&self, span: Span) -> SimTime {
        let inflow = |at: SimTime| self.senders.iter().map(|fleet| fleet.inflow_at(at)).sum();
        let mut edges = self.edges(span).into_iter();
        let excess = edges.find(|&at| self.deal.is_exceeded(inflow(at)));
        excess.unwrap_or(SimTime::NEVER)
    }

    /// Instants of a span at which the inflow of any fleet may change, the first one included.
    fn edges(&self, span: Span) -> Vec<SimTime> {
        let starts = self.senders.iter().flat_map(|fleet| fleet.edges());
        let inside = starts.filter(|&&at| span.from < at && at < span.to);
        let mut edges: Vec<SimTime> = inside.copied().chain([span.from]).collect();
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    /// All collectors send as dealt.
    fn agree(self, id: EndpointId, moment: &mut Moment<'_>) {
        let Self {
            mut senders,
            queues,
            deal,
            last,
        } = self;
        if !deal.levels.is_free() {
            for (&(place, queue), claim) in queues.iter().zip(&deal.claims) {
                let until = claim.ends.unwrap_or(last).min(moment.grid.end);
                senders[place].share(queue, (claim.most, until), moment);
            }
        }
        for fleet in senders {
            fleet.follow(id, &deal.levels);
        }
    }
}

impl Fleet<'_> {
    /// What the collectors that can send ask of an endpoint. Accounts for them.
    fn claims_on(&mut self, endpoint: EndpointId, now: SimTime) -> Vec<(QueueId, Claim)> {
        let Some(route) = self.route_to(endpoint) else {
            return Vec::new();
        };
        let mut claims = Vec::new();
        for collector in self.existing() {
            self.settle(collector, now);
            let queue = QueueId { collector, route };
            let inflow = self.inflow(collector, now);
            let is_up = self.collectors[collector as usize].life == Life::Up;
            let claim = self.pipelines.metrics.claim(queue, inflow, now);
            claims.extend(claim.filter(|_| is_up).map(|claim| (queue, claim)));
        }
        claims
    }

    /// A collector works off its backlog at the level of its endpoint.
    fn share(&mut self, queue: QueueId, (most, until): (f64, SimTime), moment: &mut Moment<'_>) {
        let now = moment.now;
        let since = match self.pipelines.metrics.queue(queue) {
            Queue::Draining(_) => now,
            Queue::Sharing(share) => share.since,
            Queue::Steady | Queue::Stalled { .. } => return,
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "casts saturate"
        )]
        let most = most as u64;
        *self.pipelines.metrics.queue_mut(queue) = Queue::Sharing(Share { since, most, until });
        let shards = &mut self.collectors[queue.collector as usize].process.shards;
        let is_hot = since < now && shards.at(now) > 0.0;
        if is_hot && until > shards.until {
            shards.until = until;
            self.replan_memory(queue.collector, moment);
            self.requeue_for(queue.collector, moment);
        }
    }

    /// From now on the endpoint takes what collectors send up to these levels.
    fn follow(&mut self, endpoint: EndpointId, levels: &Levels) {
        if let Some(route) = self.route_to(endpoint) {
            self.pipelines.metrics.routes[route].levels = levels.clone();
        }
    }

    /// Time between two truncations of a WAL; `None` without truncations.
    fn period(&self) -> Option<SimDuration> {
        let every = self.plan.resident.truncation().every;
        (!every.is_zero()).then_some(every)
    }

    /// Instants at which the load of the fleet changes, whatever happens to its collectors.
    fn edges(&self) -> &[SimTime] {
        &self.plan.resident.driver.starts
    }

    /// Changes so far of what collectors ask of their endpoints.
    fn changes(&self) -> u64 {
        self.pipelines.metrics.changes
    }

    /// When the last flush of a stop ends.
    fn flushes_until(&self) -> SimTime {
        self.pipelines.metrics.flushes_until
    }

    /// Samples per second that no inflow of the fleet with its present collectors exceeds.
    fn inflow_at_most(&self) -> f64 {
        self.total().rate_at_most(&self.plan.highest)
    }
}
