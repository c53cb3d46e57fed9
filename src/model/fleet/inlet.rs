//! What other fleets send to a fleet.
//!
//! A gateway has the workloads of its clients as streams. So its load is theirs, as far as nothing
//! happens. What truly arrives, clients tell at each relay: a multiple of that load.

use crate::model::blueprint::signal::Signal;
use crate::model::blueprint::{Client, EndpointId, WorkloadId};
use crate::model::load::work::portion;
use crate::model::moment::Moment;
use crate::model::pipeline::{Kind, Stream};
use crate::model::process::collector::Life;
use crate::units::{SimTime, Span};

use super::Fleet;

/// Work by which the parts of a shipment are off together, however small it is: one unit per collector
/// and stream.
const ROUNDED: u128 = 1_000_000;

/// What other fleets send to a fleet. Empty for a fleet that no other one sends to.
#[derive(Clone, Debug, Default)]
pub(super) struct Inlet {
    /// What arrives of each stream, as a multiple of what its workload emits.
    arrivals: Vec<f64>,
    /// Streams that arrive together.
    shipments: Vec<(Shipment, Vec<usize>)>,
    /// By how much rounding may lead astray what arrived of each shipment last.
    rounding: Vec<u128>,
}

/// What clients count of what they sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum Shipment {
    /// Samples of a workload, from all clients.
    Samples(WorkloadId),
    /// Lines of a workload, from all clients: of its usual stream, or of a burst.
    Lines {
        /// The workload.
        workload: WorkloadId,
        /// Number of the stream among those of the workload.
        number: usize,
    },
    /// Samples of the own series of the collectors of one client.
    Own(Client),
    /// Spans of all workloads, from all clients.
    Spans,
}

impl Shipment {
    /// Whether any of it comes from a client.
    pub(in crate::model) fn is_from(self, client: Client) -> bool {
        match self {
            Self::Samples(_) => client.signal == Signal::Metrics,
            Self::Lines { .. } => client.signal == Signal::Logs,
            Self::Own(own) => own == client,
            Self::Spans => client.signal == Signal::Traces,
        }
    }
}

impl Inlet {
    /// The inlet of a fleet with these streams and clients.
    pub(super) fn new(streams: &[Stream], clients: &[Client]) -> Self {
        let arrives = |signal: Signal| clients.iter().any(|client| client.signal == signal);
        let mut shipments: Vec<(Shipment, Vec<usize>)> = Vec::new();
        let mut spans = Vec::new();
        for (number, stream) in streams.iter().enumerate() {
            match (stream.kind, stream.workload, stream.client) {
                (Kind::Metrics, _, Some(client)) => {
                    shipments.push((Shipment::Own(client), vec![number]));
                }
                (Kind::Metrics, Some(workload), _)
                    if arrives(Signal::Metrics) && stream.derived.is_none() =>
                {
                    shipments.push((Shipment::Samples(workload), vec![number]));
                }
                (Kind::Logs, Some(workload), _) if arrives(Signal::Logs) => {
                    let before = &streams[..number];
                    let number_of_workload = before.iter().filter(|of| of.is_lines_of(workload));
                    let shipment = Shipment::Lines {
                        workload,
                        number: number_of_workload.count(),
                    };
                    shipments.push((shipment, vec![number]));
                }
                (Kind::Traces, ..) if arrives(Signal::Traces) => spans.push(number),
                _ => {}
            }
        }
        if !spans.is_empty() {
            shipments.push((Shipment::Spans, spans));
        }
        let arrivals = vec![
            1.0;
            if shipments.is_empty() {
                0
            } else {
                streams.len()
            }
        ];
        Self {
            arrivals,
            rounding: vec![0; shipments.len()],
            shipments,
        }
    }

    /// Whether any other fleet sends to it.
    pub(super) fn is_open(&self) -> bool {
        !self.shipments.is_empty()
    }

    /// What arrives of each stream, as a multiple of what its workload emits; empty if all of it does.
    pub(super) fn arrivals(&self) -> &[f64] {
        &self.arrivals
    }
}

impl Fleet<'_> {
    /// What the fleet waits for from its clients.
    pub(in crate::model) fn shipments(&self) -> Vec<Shipment> {
        let shipments = self.inlet.shipments.iter();
        shipments.map(|(shipment, _)| *shipment).collect()
    }

    /// Work that the fleet has sent to an endpoint of what a gateway waits for.
    pub(in crate::model) fn sent_along(&self, endpoint: EndpointId, what: Shipment) -> u128 {
        let metrics = &self.pipelines.metrics;
        let samples = |is_it: &dyn Fn(&Stream) -> bool| {
            let route = self.route_to(endpoint);
            route.map_or(0, |route| {
                metrics.sent_of(route, |stream| is_it(&self.plan.streams[stream]))
            })
        };
        match what {
            Shipment::Samples(workload) => samples(&|stream| stream.workload == Some(workload)),
            Shipment::Own(_) => samples(&|stream| stream.is_own()),
            Shipment::Lines { workload, number } => self.lines_along(endpoint, workload, number),
            Shipment::Spans => self.pipelines.traces.sent_to(endpoint),
        }
    }

    /// Work of the lines of a workload that the fleet has sent to an endpoint.
    fn lines_along(&self, endpoint: EndpointId, workload: WorkloadId, number: usize) -> u128 {
        let streams = self.plan.streams.iter().enumerate();
        let mut own = streams.filter(|(_, of)| of.is_lines_of(workload));
        let found = self.log_route_to(endpoint).zip(own.nth(number));
        found.map_or(0, |(route, (stream, _))| {
            self.pipelines.logs.sent_of(route, stream)
        })
    }

    /// Clients have sent so much work of each shipment by `now`, since the horizon began. Accounts for
    /// the fleet up to then.
    ///
    /// Simplified: all of it came since the last time as evenly as workloads emit. A burst of samples
    /// takes no shards.
    pub(in crate::model) fn receive(&mut self, sent: &[u128], now: SimTime) {
        for (number, &sent) in sent.iter().enumerate() {
            let (shipment, streams) = &self.inlet.shipments[number];
            let emitted = self.emitted(streams, now);
            let came = sent.saturating_sub(self.offered(*shipment, streams));
            let factor = if emitted > 0 {
                came as f64 / emitted as f64
            } else {
                0.0
            };
            let streams = streams.clone();
            self.inlet.rounding[number] = emitted / 1_000_000_000 + ROUNDED;
            for stream in streams {
                self.inlet.arrivals[stream] = factor;
            }
        }
        self.settle_all(now);
        self.settle_total(now);
    }

    /// Work that workloads emitted and that nobody has accounted for yet.
    fn emitted(&self, streams: &[usize], now: SimTime) -> u128 {
        let driver = &self.plan.resident.driver;
        let mut emitted = 0;
        for index in self.existing() {
            let collector = &self.collectors[index as usize];
            if collector.life != Life::Absent {
                let span = Span::new(collector.settled, now);
                let weights = self.weights_of(index);
                let work =
                    |&stream: &usize| driver.work(stream, span) * u128::from(weights[stream]);
                emitted += streams.iter().map(work).sum::<u128>();
            }
        }
        let span = Span::new(self.carried.settled, now);
        let unowned =
            |&stream: &usize| driver.work(stream, span) * u128::from(self.carried.unowned[stream]);
        emitted + streams.iter().map(unowned).sum::<u128>()
    }

    /// Work of spans that the fleet refused since the last time, and that its clients send again.
    pub(super) fn refused_spans(&mut self) -> u128 {
        let mut shipments = self.inlet.shipments.iter();
        if shipments.any(|(shipment, _)| *shipment == Shipment::Spans) {
            self.pipelines.traces.take_refused()
        } else {
            0
        }
    }

    /// Work of a shipment that counts as offered since the horizon began.
    fn offered(&self, shipment: Shipment, streams: &[usize]) -> u128 {
        match shipment {
            Shipment::Spans => self.pipelines.traces.offered(),
            Shipment::Lines { .. } => self.pipelines.logs.written(streams[0]),
            Shipment::Samples(_) | Shipment::Own(_) => self
                .pipelines
                .metrics
                .offered(|stream| streams.contains(&stream)),
        }
    }

    /// Plans the memory of the collectors that hold spans.
    pub(super) fn forecast_busy_spans(&mut self, moment: &mut Moment<'_>) {
        for index in self.existing() {
            let is_up = self.collectors[index as usize].life == Life::Up;
            if is_up && self.pipelines.traces.is_busy(index) {
                self.forecast_spans(index, moment.now);
                self.replan_memory(index, moment);
            }
        }
    }

    /// Work of spans comes back from an endpoint, to the collectors in proportion to their load.
    ///
    /// Simplified: it is sent again at the next relay, however often it was refused.
    pub(super) fn take_back(&mut self, endpoint: EndpointId, work: u128, now: SimTime) {
        let Some(route) = self.pipelines.traces.route_to(endpoint) else {
            return;
        };
        let is_up = |index: &u32| self.collectors[*index as usize].life == Life::Up;
        let mut takers: Vec<u32> = self.existing().into_iter().filter(is_up).collect();
        if takers.is_empty() {
            // Nobody is there any more to take it. A process that ends loses what waits.
            takers.extend(self.existing().first());
        }
        let load = |&index: &u32| self.load_of_spans(index);
        let loads: Vec<f64> = takers.iter().map(load).collect();
        for (index, work) in takers.into_iter().zip(shared_out(work, &loads)) {
            let feed = self
                .plan
                .feed(index, (&self.collectors, &self.weights), &self.inlet);
            self.pipelines.traces.take_back((&feed, now), route, work);
        }
    }

    /// Part of the spans of the fleet that a collector gets.
    fn load_of_spans(&self, index: u32) -> f64 {
        let own = self.plan.streams.iter().zip(self.weights_of(index));
        let own = own.filter(|(plan, _)| plan.kind == Kind::Traces);
        own.map(|(_, &weight)| f64::from(weight)).sum()
    }

    /// Panics if what clients sent has not arrived, but for rounding and for what nobody emits any more.
    pub(super) fn assert_arrived(&self, sent: &[u128]) {
        let shipments = self.inlet.shipments.iter().zip(sent);
        for (((shipment, streams), &sent), &rounding) in shipments.zip(&self.inlet.rounding) {
            let offered = self.offered(*shipment, streams);
            let is_even = sent.abs_diff(offered) <= rounding;
            let name = &self.plan.blueprint.name;
            assert!(
                is_even || self.inlet.arrivals[streams[0]] <= 0.0,
                "{shipment:?} to fleet {name}: {sent} sent, {offered} arrived"
            );
        }
    }
}

/// Some work in parts in proportion to `sizes`. The largest part gets the remainder of rounding.
pub(super) fn shared_out(work: u128, sizes: &[f64]) -> Vec<u128> {
    let whole: f64 = sizes.iter().sum();
    let part = |size: &f64| portion(work, if whole > 0.0 { size / whole } else { 0.0 });
    let mut parts: Vec<u128> = sizes.iter().map(part).collect();
    let most = (0..sizes.len()).max_by(|&here, &there| sizes[here].total_cmp(&sizes[there]));
    if let Some(most) = most {
        // Each part is rounded to parts per billion, so their sum may exceed the whole.
        let others: u128 = (0..parts.len())
            .filter(|&place| place != most)
            .map(|place| parts[place])
            .sum();
        parts[most] = work.saturating_sub(others);
    }
    parts
}
