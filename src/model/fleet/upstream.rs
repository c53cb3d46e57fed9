//! The collectors that send to a gateway, as a load of it.

use crate::model::blueprint::signal::{MetricSource, Signal};
use crate::model::blueprint::{Client, FleetId, WorkloadId};
use crate::model::load::driver::StreamDriver;
use crate::model::pipeline::{Kind, OWN_INTERVAL, Stream};
use crate::units::SimTime;

use super::build::Seed;
use super::load::{Costs, Load};

/// The collectors of one client of a fleet.
#[derive(Clone, Debug)]
pub(super) struct Upstream {
    client: Client,
    /// Series that each of them exposes about itself.
    own_series: f64,
    /// How many there are in each cell of the grid.
    counts: Vec<u32>,
    /// Spans of each workload in one request that they send.
    requests: Vec<(WorkloadId, f64)>,
}

impl Seed<'_, '_> {
    /// The clients of a fleet.
    ///
    /// Simplified: an autoscaled client counts with its most replicas.
    pub(super) fn upstream(&self, fleet: FleetId) -> Vec<Upstream> {
        let of = |client: Client| {
            let plan = &self.blueprint.fleets[client.fleet];
            let cohorts = self.cohorts(plan);
            let count = |cell: usize| cohorts.iter().map(|cohort| cohort.counts[cell]).sum();
            let scrapes = !plan.metrics_of.is_empty();
            let sends_spans = client.signal == Signal::Traces;
            let traced = plan.traces_of.iter().filter(|_| sends_spans);
            let request = |&id: &WorkloadId| (id, self.spans_per_request(client.fleet, id));
            Upstream {
                requests: traced.map(request).collect(),
                client,
                own_series: if scrapes { plan.own_series } else { 0.0 },
                counts: (0..self.grid.cells()).map(count).collect(),
            }
        };
        self.blueprint.clients(fleet).into_iter().map(of).collect()
    }
}

impl Seed<'_, '_> {
    /// Spans of a workload in one request that a fleet sends.
    ///
    /// Simplified: all its collectors batch as their mean does at the start. Of several fleets that send a
    /// workload to it the first one counts.
    fn spans_per_request(&self, fleet: FleetId, workload: WorkloadId) -> f64 {
        let plan = &self.blueprint.fleets[fleet];
        let clients = self.blueprint.clients(fleet).into_iter();
        let mut clients = clients.filter(|client| client.signal == Signal::Traces);
        let sends = |client: &Client| {
            let traced = &self.blueprint.fleets[client.fleet].traces_of;
            traced.contains(&workload)
        };
        let came = match clients.find(sends) {
            Some(client) => self.spans_per_request(client.fleet, workload),
            None => self.timelines[workload.index()].spans.per_request,
        };
        let Some(batch) = &plan.otlp.batch else {
            return came;
        };
        let start = self.grid.cell_at(self.grid.warm_up);
        let rate = |id: &WorkloadId| {
            let timeline = &self.timelines[id.index()];
            timeline.targets_at_start(&self.grid) * timeline.spans.per_second
        };
        let rate: f64 = plan.traces_of.iter().map(rate).sum();
        let cohorts = self.cohorts(plan);
        let collectors: u32 = cohorts.iter().map(|cohort| cohort.counts[start]).sum();
        let gathered = rate / f64::from(collectors.max(1)) * batch.timeout.secs_f64();
        gathered
            .max(came.min(batch.size_max))
            .clamp(1.0, batch.size.max(1.0))
    }
}

impl Load<'_> {
    /// The own series of the collectors that send metrics to the fleet.
    pub(super) fn client_streams(&self, costs: &Costs) -> Vec<Stream> {
        let of_metrics = |upstream: &&Upstream| {
            upstream.client.signal == Signal::Metrics && upstream.own_series > 0.0
        };
        let clients = self.upstream.iter().filter(of_metrics);
        let stream = |upstream: &Upstream| {
            let interval = OWN_INTERVAL.secs_f64();
            let cpu = &costs.cpu;
            Stream {
                client: Some(upstream.client),
                source: MetricSource::Push,
                interval: OWN_INTERVAL,
                cores: cpu.per_kept_sample(1.0) / interval + self.truncating(cpu),
                sending: cpu.per_sent_to_all() / interval,
                garbage: self.garbage_of(&costs.shape, (1.0, 0.0)) / interval,
                ..Stream::of(Kind::Metrics)
            }
        };
        clients.map(stream).collect()
    }

    /// The load of the own series of a client in a cluster.
    pub(super) fn client_driver(&self, client: Client, starts: &[SimTime]) -> StreamDriver {
        let mut upstream = self.upstream.iter();
        let upstream = upstream.find(|upstream| upstream.client == client);
        let level = |&at: &SimTime| {
            upstream.map_or(0.0, |upstream| {
                let collectors = f64::from(upstream.counts[self.grid.cell_at(at)]);
                collectors * upstream.own_series / f64::from(self.clusters())
            })
        };
        let level = starts.iter().map(level).collect();
        StreamDriver::new(starts, self.grid.end, level, &vec![0.0; starts.len()])
    }

    /// Spans in one request that arrives, of a workload whose clients put `own` into one.
    pub(super) fn spans_per_arrival(&self, workload: WorkloadId, own: f64) -> f64 {
        let mut requests = self.upstream.iter().flat_map(|upstream| &upstream.requests);
        let found = requests.find(|(of, _)| *of == workload);
        found.map_or(own, |&(_, spans)| spans)
    }

    /// Collectors that send spans to the fleet at the start; `None` if no fleet does.
    pub(super) fn clients_of_spans(&self) -> Option<u32> {
        let clients = self.upstream.iter();
        let of_spans = clients.filter(|upstream| upstream.client.signal == Signal::Traces);
        let start = self.grid.cell_at(self.grid.warm_up);
        let mut counts = of_spans.map(|upstream| upstream.counts[start]).peekable();
        counts.peek()?;
        Some(counts.sum())
    }
}
