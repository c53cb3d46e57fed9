//! CPU that a collector demands, by its terms.

use crate::model::law::Quantity;

/// CPU that a collector demands.
///
/// All terms but those that replace them are multiplied by [`CpuModel::factor`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CpuModel {
    /// CPU seconds per sample that is scraped and sent to one endpoint; `None` = by the terms. The
    /// terms divide it between scraping and sending. Role: unknown.
    pub seconds_per_sample: Option<Quantity>,
    /// CPU seconds per scraped sample.
    pub scraped: f64,
    /// CPU seconds per scraped sample and byte of label text.
    pub scraped_label_byte: f64,
    /// CPU seconds per scraped sample of a compressed page, on top.
    pub compressed: f64,
    /// CPU seconds per sample that is sent to the first endpoint.
    pub sent: f64,
    /// CPU seconds per sample that is sent to a further endpoint.
    pub sent_further: f64,
    /// CPU seconds per scraped sample and stage of relabelling that finds it in its cache.
    pub relabel_hit: f64,
    /// CPU seconds per scraped sample and stage of relabelling that does not.
    pub relabel_miss: f64,
    /// CPU seconds per scrape, without those of its samples. Role: unknown.
    pub seconds_per_scrape: Quantity,
    /// CPU seconds per new series. Role: unknown.
    pub seconds_per_new_series: Quantity,
    /// CPU seconds of a truncation per active series. Role: unknown.
    pub seconds_per_truncated_series: Quantity,
    /// Cores that an idle process takes. Role: unknown.
    pub idle_cores: Quantity,
    /// What tailing takes.
    pub logs: LogCpu,
    /// Share of CPU that garbage collection takes when nothing limits the heap. Role: unknown.
    pub gc_share: Quantity,
    /// Factor for slower or faster cores, and for what the terms do not name. Role: unknown.
    pub factor: Quantity,
}

/// CPU that tailing takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogCpu {
    /// CPU seconds per byte of log lines; `None` = by the terms. Role: unknown.
    pub seconds_per_byte: Option<Quantity>,
    /// Cores of a process that tails anything.
    pub idle_cores: f64,
    /// CPU seconds per line.
    pub line: f64,
    /// CPU seconds per byte of a line.
    pub byte: f64,
    /// CPU seconds per line, if any stage processes lines.
    pub staged_line: f64,
    /// Cores per tailed file.
    pub file: f64,
    /// CPU seconds per look at a file that finds new lines.
    pub found: f64,
}
