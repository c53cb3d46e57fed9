//! What the deployment guide says about traces, where a case triggers it.

use super::{Shown, whole};
use crate::experiment::results::Tone;
use crate::model::blueprint::{Controller, Protocol};
use crate::model::record::catalogue::Metric;
use crate::model::topology::Population;

const WHEN: &str = "Traces: when to scale";
const STATE: &str = "Traces: stateful and stateless components";
const QUEUE: &str = "not of the guide: the code of the exporter's queue";
const PINNED: &str = "not of the guide: the code of otelcol.receiver.otlp";

/// Fill of a queue from which on the documents of OpenTelemetry recommend to scale.
///
/// Source: OpenTelemetry documentation, "Scaling the Collector": 60 to 70 % (read 2026-11).
const QUEUE_FULL: f64 = 0.6;

/// From which multiple of the mean a replica counts as hot.
const HOT: f64 = 1.3;

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
        let is_pinned = self.fleet.otlp.protocol == Protocol::Grpc && replicas > 1;
        let text = format!(
            "balance before scaling: a client of gRPC stays on one replica for life, and the busiest \
             replica takes {busiest:.1} times the mean; a new replica relieves none of the others"
        );
        self.when(is_pinned && busiest > HOT, (Tone::Against, PINNED), text);
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
            let is_stateless = self.fleet.lifecycle.controller == Controller::Deployment;
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
