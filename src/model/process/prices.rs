//! CPU seconds of the work of a collector, in one draw.

use super::series::SeriesShape;
use crate::model::blueprint::Fleet;
use crate::model::load::draw::Draw;
use crate::model::load::lines::Lines;

/// Looks at a tailed file per second.
///
/// Source: grafana/alloy, `internal/component/loki/source/file/tailer.go`: one each 250 ms (read
/// 2026-11).
pub const POLLS_PER_SECOND: f64 = 4.0;

/// CPU seconds of work, in one draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CpuPrices {
    /// Per scraped sample, kept or not.
    pub per_scraped: f64,
    /// Per sample sent to the first endpoint.
    pub per_sent: f64,
    /// Per sample sent to a further endpoint.
    pub per_sent_further: f64,
    /// Endpoints that each sample is sent to.
    pub endpoints: usize,
    /// Per scrape, on top of its samples.
    pub per_scrape: f64,
    /// Per new series.
    pub per_new_series: f64,
    /// Per active series and truncation.
    pub per_truncated_series: f64,
    /// Of tailing.
    pub logs: LogPrices,
    /// Of spans.
    pub spans: SpanPrices,
    /// Of profiles.
    pub profiles: ProfilePrices,
    /// Cores of an idle process.
    pub idle_cores: f64,
}

/// CPU seconds of profiles that are taken and sent, in one draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProfilePrices {
    /// Per profile, whatever its bytes.
    each: f64,
    /// Per byte of a profile.
    byte: f64,
}

impl ProfilePrices {
    /// Per profile of so many bytes.
    pub fn per_profile(&self, bytes: f64) -> f64 {
        self.each + self.byte * bytes
    }
}

/// CPU seconds of spans, in one draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpanPrices {
    /// Per span that is taken in, whatever its bytes.
    pub taken: f64,
    /// Per byte of such a span.
    pub taken_byte: f64,
    /// What sending adds to both, over them.
    pub sent_over_taken: f64,
    /// Of tail sampling, per span.
    pub sampled: f64,
}

impl SpanPrices {
    fn new(fleet: &Fleet, factor: f64) -> Self {
        let costs = &fleet.span_costs;
        let taken = 1.0 - costs.sent_share;
        Self {
            taken: factor * taken * costs.cpu,
            taken_byte: factor * taken * costs.cpu_byte,
            sent_over_taken: costs.sent_share / taken,
            sampled: factor * costs.cpu_sampled,
        }
    }

    /// Per span of so many bytes, of which the share `kept` is sent to each of so many endpoints.
    pub fn per_span(&self, bytes: f64, sent: f64) -> f64 {
        (self.taken + self.taken_byte * bytes) * (1.0 + self.sent_over_taken * sent)
    }

    /// Per span that is sent, of so many bytes.
    pub fn per_sent(&self, bytes: f64) -> f64 {
        (self.taken + self.taken_byte * bytes) * self.sent_over_taken
    }
}

/// CPU seconds of tailing, in one draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogPrices {
    /// Per byte of log lines.
    byte: f64,
    /// Per line.
    line: f64,
    /// Cores per tailed file.
    file: f64,
    /// Per look at a file that finds new lines.
    found: f64,
}

impl LogPrices {
    fn new(fleet: &Fleet, (stated, factor): (Option<f64>, f64), has_stages: bool) -> Self {
        let model = &fleet.cpu.logs;
        let logged = fleet
            .loki_write
            .wal
            .map_or(0.0, |wal| factor * wal.cpu_line);
        if let Some(per_byte) = stated {
            return Self {
                byte: per_byte,
                line: logged,
                file: 0.0,
                found: 0.0,
            };
        }
        let processed = if has_stages { model.staged_line } else { 0.0 };
        Self {
            byte: factor * model.byte,
            line: factor * (model.line + processed) + logged,
            file: factor * model.file,
            found: factor * model.found,
        }
    }

    /// Cores of tailing what a target writes.
    pub fn cores(&self, lines: &Lines) -> f64 {
        let found = lines.per_second().min(POLLS_PER_SECOND * lines.files);
        self.byte * lines.bytes
            + self.line * lines.per_second()
            + self.file * lines.files
            + self.found * found
    }
}

impl CpuPrices {
    /// The CPU costs of a fleet with series of `shape` and `endpoints` endpoints of metrics, at
    /// least one. Unknowns are drawn.
    pub fn draw(fleet: &Fleet, (shape, endpoints): (SeriesShape, usize), draw: &mut Draw) -> Self {
        let path = format!("fleet.{}", fleet.name);
        let mut centre = |key: &str, quantity| draw.centre(&format!("{path}.{key}"), quantity);
        let model = &fleet.cpu;
        let factor = centre("cpu_factor", &model.factor);
        let compressed = f64::from(u8::from(fleet.memory.is_compressed)) * model.compressed;
        let plain = model.scraped + model.scraped_label_byte * shape.labels + compressed;
        let stated = model.seconds_per_sample.as_ref();
        let stated = stated.map(|seconds| centre("cpu_per_sample", seconds));
        // A stated number contains what the terms do not name.
        let scale = stated.map_or(factor, |stated| stated / (plain + model.sent));
        let per_stage = if shape.hits {
            model.relabel_hit
        } else {
            model.relabel_miss
        };
        let tails = !fleet.logs_of.is_empty();
        let of_byte = model.logs.seconds_per_byte.as_ref();
        let of_byte = of_byte.map(|seconds| centre("cpu_per_log_mib", seconds));
        let tailing = if tails { model.logs.idle_cores } else { 0.0 };
        Self {
            per_scraped: scale * plain + factor * shape.stages * per_stage,
            per_sent: scale * model.sent,
            per_sent_further: scale * model.sent_further,
            endpoints,
            per_scrape: factor * centre("cpu_per_scrape", &model.seconds_per_scrape),
            per_new_series: factor * centre("cpu_per_new_series", &model.seconds_per_new_series),
            per_truncated_series: factor
                * centre(
                    "cpu_per_truncated_series",
                    &model.seconds_per_truncated_series,
                ),
            spans: SpanPrices::new(fleet, factor),
            profiles: ProfilePrices {
                each: factor * fleet.profile_costs.cpu,
                byte: factor * fleet.profile_costs.cpu_byte,
            },
            logs: LogPrices::new(fleet, (of_byte, factor), shape.log_stages > 0.0),
            idle_cores: factor * (centre("idle_cpu", &model.idle_cores) + tailing),
        }
    }

    /// Per sample sent on a route.
    pub fn sent_on(&self, route: usize) -> f64 {
        if route == 0 {
            self.per_sent
        } else {
            self.per_sent_further
        }
    }

    /// Per kept sample, sent to every endpoint.
    pub fn per_sent_to_all(&self) -> f64 {
        (0..self.endpoints).map(|route| self.sent_on(route)).sum()
    }

    /// Per kept sample, if the share `kept` of the scraped samples survives relabelling.
    pub fn per_kept_sample(&self, kept: f64) -> f64 {
        self.per_scraped / kept.max(1e-6) + self.per_sent_to_all()
    }
}
