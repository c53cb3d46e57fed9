//! What there is to say about series that a fleet derives from spans.

use super::{Shown, whole};
use crate::experiment::results::Tone;
use crate::model::blueprint::{Balancer, RoutingKey, SpanResource};
use crate::model::record::catalogue::Metric;

const STATE: &str = "Traces: stateful and stateless components";
const STORE: &str = "not of the guide: the code of otelcol.connector.servicegraph";

impl Shown<'_> {
    /// Statements about span metrics and service graphs.
    pub(super) fn of_connectors(&mut self) {
        if !self.fleet.derives_series() {
            return;
        }
        let instances = self.median(Metric::CollectorsEnd);
        let is_by_service = matches!(
            self.fleet.otlp.balancer,
            Balancer::Exporter(routers) if routers.key == RoutingKey::Service
        );
        if let Some(plan) = self.fleet.spanmetrics {
            let is_many = instances > 1.0 && !is_by_service;
            let text = format!(
                "span metrics need all spans of a service on one instance: {} instances emit the same \
                 series, which clash; route by service, or let each name itself",
                whole(instances)
            );
            self.when(
                is_many && !plan.has_instance_id,
                (Tone::Against, STATE),
                text,
            );
            let text = format!(
                "each of {} instances emits span metrics of its own: the endpoint takes as many times \
                 the series; route by service",
                whole(instances)
            );
            self.when(is_many && plan.has_instance_id, (Tone::Limit, STATE), text);

            let never = plan.expiration.is_none() && plan.resources == SpanResource::Pod;
            let text = format!(
                "series of span metrics never expire: a collector holds up to {} of them in the median, \
                 those of pods that are gone among them; set series_expiration",
                whole(self.median(Metric::DerivedSeriesPeak))
            );
            self.when(never, (Tone::Against, STATE), text);
        }
        let dropped = self.median(Metric::EdgesDropped);
        let text = format!(
            "the store of the service graph is full: {} calls in the median are not counted; raise \
             max_items, or add instances behind routing by trace",
            whole(dropped)
        );
        self.when(dropped > 0.0, (Tone::Limit, STORE), text);
    }
}
