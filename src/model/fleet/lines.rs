//! The streams of lines of a fleet.

use crate::model::blueprint::{LogBurst, LogSource, WorkloadId};
use crate::model::load::lines::Lines;
use crate::model::pipeline::{Burst, Kind, Stream};
use crate::model::process::prices::POLLS_PER_SECOND;
use crate::model::topology::Assignment;
use crate::units::Span;

use super::load::{Costs, Load};

impl Load<'_> {
    /// The lines of a workload.
    pub(super) fn logs_stream(&self, workload: WorkloadId, costs: &Costs) -> Stream {
        let timeline = &self.timelines[workload.index()];
        let lines = timeline.lines;
        let unit = match self.fleet.topology.assignment {
            Assignment::Local => self.local_unit(workload, 0.0, &[]),
            _ => 1.0,
        };
        // Only files are looked at again and again.
        let polled = match self.fleet.log_intake.source {
            LogSource::Files => lines.files,
            _ => 0.0,
        };
        let heap = &self.fleet.memory.heap;
        let per_line = heap.garbage.per_line + heap.garbage.per_line_byte * lines.line;
        Stream {
            workload: Some(workload),
            unit,
            cores: costs.cpu.logs.cores(&Lines {
                files: polled,
                ..lines
            }),
            lines,
            stacks: heap.stacks.per_file * polled,
            garbage: lines.per_second() * per_line
                + POLLS_PER_SECOND * polled * heap.garbage.per_poll,
            ..Stream::of(Kind::Logs)
        }
    }

    /// What pods of a workload log on top of the `usual` in each of its bursts. Each of a number of
    /// pods is on a node of its own, from the first one on.
    pub(super) fn burst_streams(
        &self,
        usual: &Stream,
        workload: WorkloadId,
        costs: &Costs,
    ) -> Vec<Stream> {
        let of_burst = |&(span, burst): &(Span, LogBurst)| {
            let lines = Lines {
                bytes: (burst.factor - 1.0) * usual.lines.bytes,
                ..usual.lines
            };
            let pods = burst.pods.map_or(0, |pods| pods as usize);
            let giants = vec![1.0 / pods.max(1) as f64; pods];
            let unit = match self.fleet.topology.assignment {
                Assignment::Local => self.local_unit(workload, 0.0, &giants),
                _ => 1.0,
            };
            let per_byte = usual.garbage / usual.lines.bytes;
            // Its files are those of the usual lines.
            let files = Lines {
                files: 0.0,
                ..lines
            };
            Stream {
                unit,
                cores: costs.cpu.logs.cores(&files),
                lines,
                garbage: lines.bytes * per_byte,
                stacks: 0.0,
                ordinary: if burst.pods.is_some() { 0.0 } else { 1.0 },
                giants,
                burst: Some(Burst {
                    span,
                    pods: burst.pods,
                    usual: usual.lines.bytes,
                }),
                ..usual.clone()
            }
        };
        let bursts = self.timelines[workload.index()].log_bursts.iter();
        bursts
            .filter(|_| usual.lines.bytes > 0.0)
            .map(of_burst)
            .collect()
    }
}
