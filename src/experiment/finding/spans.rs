//! What the deployment guide says about traces, where a case triggers it.

use super::{Shown, whole};
use crate::experiment::results::Tone;
use crate::model::blueprint::{Balancer, Controller, LoadBalancing, Protocol, RoutingKey};
use crate::model::record::catalogue::Metric;
use crate::model::topology::Population;

const WHEN: &str = "Traces: when to scale";
const STATE: &str = "Traces: stateful and stateless components";
const QUEUE: &str = "not of the guide: the code of the exporter's queue";
const ROUTERS: &str = "not of the guide: the code of otelcol.exporter.loadbalancing";
const PINNED: &str = "not of the guide: the code of otelcol.receiver.otlp";

/// Fill of a queue from which on the documents of OpenTelemetry recommend to scale.
///
/// Source: OpenTelemetry documentation, "Scaling the Collector": 60 to 70 % (read 2026-11).
const QUEUE_FULL: f64 = 0.6;

/// From which multiple of the mean a replica counts as hot.
const HOT: f64 = 1.3;

/// From which multiple of the mean the busiest collector behind a ring is worth a word.
const UNEVEN: f64 = 1.1;

impl Shown<'_> {
    /// Statements about a fleet that collects traces.
    pub(super) fn of_traces(&mut self) {
        if self.fleet.traces_of.is_empty() {
            return;
        }
        self.of_loss();
        self.of_state();
        let replicas = match self.fleet.topology.population {
            Population::Replicas(replicas) => replicas,
            Population::PerNode | Population::PerPod => 1,
        };
        let busiest = self.median(Metric::SpansBusiestRatio);
        let otlp = &self.fleet.otlp;
        if let Balancer::Exporter(routers) = otlp.balancer {
            return self.of_routers(&routers, busiest);
        }
        let is_plain = otlp.balancer == Balancer::Plain;
        let is_pinned = is_plain && otlp.protocol == Protocol::Grpc && replicas > 1;
        let text = format!(
            "balance before scaling: a client of gRPC stays on one replica for life, and the busiest \
             replica takes {busiest:.1} times the mean; a new replica relieves none of the others"
        );
        self.when(is_pinned && busiest > HOT, (Tone::Against, PINNED), text);
    }

    /// The load-balancing exporter before the fleet.
    fn of_routers(&mut self, routers: &LoadBalancing, busiest: f64) {
        let is_by_service = routers.key == RoutingKey::Service;
        let text = format!(
            "balance before scaling: a service stays on one collector whatever it emits, and the \
             busiest takes {busiest:.2} times the mean; more collectors do not divide it"
        );
        let is_hot = busiest > HOT;
        self.when(is_by_service && is_hot, (Tone::Against, ROUTERS), text);

        let text = format!(
            "size every collector for the hottest: the ring of the exporter is uneven, and the \
             busiest takes {busiest:.2} times the mean"
        );
        let is_uneven = !is_by_service && busiest > UNEVEN;
        self.when(is_uneven, (Tone::Limit, ROUTERS), text);

        let lost = self.median(Metric::SpansLostRerouting);
        let text = format!(
            "routers lose {} spans in the median when collectors go: give the load-balancing exporter \
             a queue and retries of its own, which are off by default",
            whole(lost)
        );
        self.when(lost > 0.0, (Tone::Against, ROUTERS), text);
    }

    /// The three metrics of the guide, and the one that it does not name.
    fn of_loss(&mut self) {
        let receiver = self.median(Metric::SpansRefusedReceiver);
        let failed = self.median(Metric::SpansSendFailed);
        let text = format!(
            "scale when receivers refuse spans: half of the draws refuse more than {} at a full queue",
            whole(receiver)
        );
        self.when(receiver > 0.0 && failed <= 0.0, (Tone::Limit, WHEN), text);
        let text = format!(
            "receivers refuse {} spans at a full queue in the median, while exporters fail to send: the \
             endpoint is the bottleneck, so more collectors only hold more of them",
            whole(receiver)
        );
        self.when(receiver > 0.0 && failed > 0.0, (Tone::Against, WHEN), text);

        let processor = self.median(Metric::SpansRefusedProcessor);
        let text = format!(
            "scale when processors refuse spans: the memory limiter refuses more than {} in half of \
             the draws, whatever filled the heap of the process",
            whole(processor)
        );
        self.when(processor > 0.0, (Tone::Limit, WHEN), text);

        let text = format!(
            "exporters that fail to send ({} spans in the median) show an endpoint that is the \
             bottleneck: do not scale; the count comes about five minutes late",
            whole(failed)
        );
        self.when(failed > 0.0, (Tone::Against, WHEN), text);

        let hidden = self.median(Metric::SpansEnqueueFailed);
        let text = format!(
            "watch enqueue_failed as well: {} spans in the median are lost at a full queue behind a \
             processor, where no receiver refuses and no exporter fails",
            whole(hidden)
        );
        self.when(hidden > 0.0, (Tone::Against, QUEUE), text);

        let rejected = self.median(Metric::SpansRejected);
        let text = format!(
            "an endpoint rejects {} spans for good in the median; a message of more than 4 MiB is among \
             what it rejects: look at batch_size times bytes_per_span",
            whole(rejected)
        );
        self.when(rejected > 0.0, (Tone::Against, QUEUE), text);

        let fill = self.median(Metric::OtlpQueuePeakRatio);
        let text = format!(
            "a sending queue is filled to {:.0} % at its fullest; 60 to 70 % is where to scale, unless \
             the endpoint is the bottleneck",
            100.0 * fill
        );
        let is_ending = fill >= QUEUE_FULL && receiver + hidden + failed <= 0.0;
        self.when(is_ending, (Tone::Limit, QUEUE), text);
    }

    /// Components that need all spans of a trace.
    fn of_state(&mut self) {
        let Some(sampling) = self.fleet.tail_sampling else {
            let is_deployment = self.fleet.lifecycle.controller == Controller::Deployment;
            let is_stateless = is_deployment && !self.fleet.derives_series();
            let text = "a pipeline without state scales behind any load balancer, and a Deployment \
                        suits it";
            return self.when(is_stateless, (Tone::For, STATE), text);
        };
        let dropped = self.median(Metric::TracesDroppedEarly);
        let text = format!(
            "tail sampling evicts {} traces before their decision in the median: {} traces do not \
             last for its wait of {:.0} s; raise num_traces, or add instances",
            whole(dropped),
            whole(sampling.num_traces),
            sampling.decision_wait.secs_f64()
        );
        self.when(dropped > 0.0, (Tone::Against, STATE), text);

        let split = self.median(Metric::TracesSplit);
        let ratio = self.median(Metric::TracesSplitRatio);
        let is_by_trace = matches!(
            self.fleet.otlp.balancer,
            Balancer::Exporter(routers) if routers.key == RoutingKey::TraceId
        );
        let text = format!(
            "tail sampling needs all spans of a trace on one instance, and {:.0} % of the traces are \
             split: send them through a load-balancing exporter that routes by trace first",
            100.0 * ratio
        );
        let is_scattered = !is_by_trace && split > 0.0;
        self.when(is_scattered, (Tone::Against, STATE), text);
        let text = format!(
            "a change of the instances or of the routers splits {} traces in the median: each instance \
             decides on the spans that it has",
            whole(split)
        );
        self.when(is_by_trace && split > 0.0, (Tone::Limit, STATE), text);
        if is_by_trace || is_scattered {
            return;
        }

        let instances = self.median(Metric::CollectorsEnd);
        let text = format!(
            "tail sampling needs all spans of a trace on one instance: put a load-balancing exporter \
             in front; behind a round robin over {} instances, one trace in {} that comes in two \
             requests stays whole",
            whole(instances),
            whole(instances)
        );
        self.when(instances > 1.0, (Tone::Limit, STATE), text);
    }
}
