//! What a case shows of log lines: batches given up, late lines, rotated files, limits.

use super::{Shown, whole};
use crate::experiment::results::Tone;
use crate::model::blueprint::signal::Signal;
use crate::model::blueprint::{EndpointId, LogSource, LogWal};
use crate::model::record::catalogue::Metric;
use crate::units::MIB;

const LOKI: &str = "not of the guide: the code of loki.write and loki.source.file";

const STREAMS: &str = "not of the guide: the code of loki.source.kubernetes";
const PUSHED: &str = "not of the guide: the code of loki.source.api";

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
        let several = several && write.wal.is_none();
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
        match self.fleet.log_intake.source {
            LogSource::Files | LogSource::Journald => {}
            LogSource::KubernetesApi => self.of_streams(),
            LogSource::Push => self.of_pushed_lines(),
        }
        if let Some(wal) = write.wal {
            self.of_log_wal(&wal);
        }
    }

    /// What streams through the API server cost it, and a collector that starts.
    fn of_streams(&mut self) {
        /// Seconds from which on opening counts as slow.
        const SLOW: f64 = 60.0;
        /// Streams of one process whose hourly calls use up its five calls a second.
        ///
        /// Source: arithmetic: two calls per stream and hour of 18,000.
        const MOST_STREAMS: f64 = 9_000.0;
        let streams = self.median(Metric::LogStreamsPeak);
        let opening = self.median(Metric::LogOpeningPeak);
        let text = format!(
            "the API server holds {} streams, one per container, and opens each again every hour; files \
             of the nodes would ask nothing of it",
            whole(streams)
        );
        self.when(streams >= 1.0, (Tone::Limit, STREAMS), text);

        let text = format!(
            "a collector that starts, or gets targets, opens five streams a second: the last one after \
             {opening:.0} s, and a file that is rotated meanwhile is lost"
        );
        self.when(opening > SLOW, (Tone::Limit, STREAMS), text);

        let each = streams / self.median(Metric::CollectorsEnd).max(1.0);
        let text = format!(
            "{} streams per collector use up its five calls a second to the API server with their hourly \
             reopening alone",
            whole(each)
        );
        self.when(each > MOST_STREAMS, (Tone::Against, STREAMS), text);
    }

    /// What clients that push get in an outage.
    fn of_pushed_lines(&mut self) {
        let lost = self.median(Metric::LogsLostClient);
        let text = format!(
            "clients that push hold their lines in an outage and give up in the end: half of the draws \
             lose {} MiB there; requests that wait take memory without a limit",
            whole(lost / MIB)
        );
        self.when(lost >= MIB, (Tone::Limit, PUSHED), text);
    }

    /// What a WAL of lines gives and takes.
    fn of_log_wal(&mut self, wal: &LogWal) {
        let lost = self.median(Metric::LogsLostWal);
        let hours = wal.keep.secs_f64() / 3_600.0;
        let text = format!(
            "a segment of the write-ahead log of lines is deleted {hours:.1} h after its last line, sent or \
             not: half of the draws lose {} MiB that way",
            whole(lost / MIB)
        );
        self.when(lost >= MIB, (Tone::Limit, LOKI), text);

        let text = format!(
            "the write-ahead log of lines outlasts an outage of {hours:.1} h, and one endpoint does not hold \
             up another; it is experimental, costs a write per line, and lasts over a restart on a volume only"
        );
        self.when(lost < MIB, (Tone::For, LOKI), text);
    }
}
