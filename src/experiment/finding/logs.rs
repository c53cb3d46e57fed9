//! What a case shows of log lines: batches given up, late lines, rotated files, limits.

use super::{Shown, whole};
use crate::experiment::results::Tone;
use crate::model::blueprint::EndpointId;
use crate::model::blueprint::signal::Signal;
use crate::model::record::catalogue::Metric;
use crate::units::MIB;

const LOKI: &str = "not of the guide: the code of loki.write and loki.source.file";

/// Seconds from which on lines count as late.
const LATE_SECONDS: f64 = 60.0;

impl Shown<'_> {
    /// What becomes of the lines of a fleet.
    pub(super) fn of_logs(&mut self) {
        let mib = |shown: &Self, metric| whole(shown.median(metric) / MIB);
        let write = &self.fleet.loki_write;
        let text = format!(
            "a shard gives a batch up after its last attempt, {:.1} minutes after the first in the mean: \
             half of the draws lose {} MiB that way; raise max_backoff_retries to outlast longer outages",
            write.gives_up_after() / 60.0,
            mib(self, Metric::LogsLostRetries)
        );
        let given_up = self.median(Metric::LogsLostRetries) > 0.0;
        self.when(given_up, (Tone::Limit, LOKI), text);

        let text = format!(
            "an endpoint at its limit holds whole shards up, quiet streams included, and batches that \
             it refuses {} times are lost: {} MiB in half of the draws",
            write.retries.attempts,
            mib(self, Metric::LogsLostLimited)
        );
        let limited = self.median(Metric::LogsLostLimited) >= MIB;
        self.when(limited, (Tone::Against, LOKI), text);

        let text = format!(
            "a reader that waits holds its open file and the current one: half of the draws lose {} MiB \
             with files that were rotated meanwhile; larger files (containerLogMaxSize) hold longer",
            mib(self, Metric::LogsLostRotation)
        );
        let rotated = self.median(Metric::LogsLostRotation) >= MIB;
        self.when(rotated, (Tone::Limit, LOKI), text);

        let lag = self.median(Metric::LogsLag);
        let text = format!(
            "lines are up to {:.0} minutes late: after an outage a shard sleeps its wait out, up to {:.0} \
             seconds, before it notices that the endpoint is back",
            lag / 60.0,
            write.longest_sleep()
        );
        self.when(lag > LATE_SECONDS, (Tone::Limit, LOKI), text);

        let is_log = |&&id: &&EndpointId| self.blueprint.endpoints[id].signal == Signal::Logs;
        let several = self.fleet.sends_to.iter().filter(is_log).count() > 1;
        let text = "one endpoint that is down holds up all others of the collector, once its queue is \
                    full";
        self.when(several, (Tone::Against, LOKI), text);

        let doubled = self.median(Metric::LogsDoubled) >= MIB;
        let text = format!(
            "without a volume a new process does not know how far the last one had read: half of the \
             draws send {} MiB twice",
            mib(self, Metric::LogsDoubled)
        );
        self.when(
            doubled && !self.fleet.wal.on_volume,
            (Tone::Limit, LOKI),
            text,
        );
    }
}
