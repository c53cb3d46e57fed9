//! What a series of a fleet is like in one draw, and through which stages it goes.

use crate::model::blueprint::Fleet;
use crate::model::load::draw::Draw;

/// The series of one fleet in one draw.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SeriesShape {
    /// Bytes of label text.
    pub labels: f64,
    /// Stages of relabelling between scrape and WAL.
    pub stages: f64,
    /// Share of the series that the cache of a stage holds.
    pub cached: f64,
    /// Whether a stage finds what it looks for. A cache that is too small never holds the next
    /// sample, since scrapes come in turn.
    ///
    /// Source: grafana/alloy issue 5225 and pull request 6169 (read 2026-11).
    pub hits: bool,
    /// Stages that process lines.
    pub log_stages: f64,
}

impl SeriesShape {
    /// The series of `fleet`, with their unknowns drawn. Its mean collector scrapes `scraped` series
    /// at the most.
    ///
    /// Simplified: the mean collector at its largest decides for all collectors of the fleet whether
    /// the caches of relabelling suffice.
    pub fn draw(fleet: &Fleet, scraped: f64, draw: &mut Draw) -> Self {
        let path = format!("fleet.{}", fleet.name);
        let mut centre = |key: &str, quantity| draw.centre(&format!("{path}.{key}"), quantity);
        let model = &fleet.memory;
        let cached = (model.relabel_cache / scraped.max(1.0)).min(1.0);
        let log_stages = if fleet.logs_of.is_empty() {
            0.0
        } else {
            centre("log_stages", &model.logs.stages).round()
        };
        Self {
            labels: centre("label_bytes", &model.label_bytes),
            stages: centre("relabel_stages", &model.relabel_stages).round(),
            cached,
            hits: cached >= 1.0,
            log_stages,
        }
    }
}
