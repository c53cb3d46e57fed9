//! The fates of the spans of a fleet.

use crate::model::load::timeline::Grid;
use crate::model::record::catalogue::FleetMetric as Metric;

use super::super::Fleet;

impl Fleet<'_> {
    /// Most series that connectors of one collector derive; NaN for a fleet without connectors.
    pub(super) fn derived_series_peak(&self) -> f64 {
        if self.plan.blueprint.derives_series() {
            self.tally.derived_peak
        } else {
            f64::NAN
        }
    }

    /// A metric about spans; NaN for a fleet without traces.
    pub(super) fn about_spans(&self, metric: Metric, grid: &Grid) -> f64 {
        let traces = &self.pipelines.traces;
        match metric {
            Metric::SpansOffered => traces.taken(|intake| intake.offered),
            Metric::SpansMissedDown => traces.taken(|intake| intake.missed_down),
            Metric::SpansLostRerouting => traces.taken(|intake| intake.lost_rerouting),
            Metric::TracesSplit => traces.traces_split(),
            Metric::TracesSplitRatio => traces.split_ratio(),
            Metric::EdgesDropped => match self.plan.blueprint.servicegraph {
                Some(_) => traces.edges_dropped(),
                None => f64::NAN,
            },
            Metric::SpansRefusedCpu => traces.taken(|intake| intake.refused_cpu),
            Metric::SpansRefusedProcessor => {
                traces.taken(|intake| intake.refused_processor)
                    + traces.delivered(|delivery| delivery.refused_processor)
            }
            Metric::SpansDroppedEarly => {
                traces.where_sampled(traces.taken(|intake| intake.dropped_early))
            }
            Metric::TracesDroppedEarly => traces.where_sampled(traces.traces_dropped_early()),
            Metric::SpansNotSampled => {
                traces.where_sampled(traces.taken(|intake| intake.not_sampled))
            }
            Metric::SpansRefusedReceiver => traces.delivered(|delivery| delivery.refused_receiver),
            Metric::SpansEnqueueFailed => traces.delivered(|delivery| delivery.enqueue_failed),
            Metric::SpansSendFailed => traces.delivered(|delivery| delivery.send_failed),
            Metric::SpansRejected => traces.delivered(|delivery| delivery.rejected),
            Metric::SpansLostRestart => {
                traces.taken(|intake| intake.lost_undecided)
                    + traces.delivered(|delivery| delivery.lost_restart)
            }
            Metric::SpansSent => {
                traces.delivered(|delivery| delivery.sent.saturating_sub(delivery.returned))
            }
            Metric::SpansPending => traces.pending(),
            Metric::SpansLossRatio => traces.loss_ratio(),
            Metric::SpansBusiestRatio => {
                traces.busiest(self.collector_seconds() / grid.horizon_seconds())
            }
            Metric::OtlpQueuePeakRatio => traces.queue_peak(),
            _ => unreachable!("{metric:?} is not about spans"),
        }
    }
}
