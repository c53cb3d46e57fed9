//! The fates of the lines of a fleet.

use crate::model::pipeline::fates::{Lines, Shipped};

use super::super::Fleet;

impl Fleet<'_> {
    /// Bytes of one fate before lines are sent.
    pub(super) fn lines(&self, fate: impl Fn(&Lines) -> u128) -> f64 {
        self.pipelines.logs.fates().read(fate)
    }

    /// Bytes of one fate on the routes to all endpoints of logs.
    pub(super) fn shipped(&self, fate: impl Fn(&Shipped) -> u128 + Copy) -> f64 {
        let logs = &self.pipelines.logs;
        let routes = 0..logs.routes.len();
        routes.map(|route| logs.fates().shipped(route, fate)).sum()
    }

    /// Bytes lost, with several endpoints summed over them.
    pub(super) fn lines_lost(&self) -> f64 {
        let routes = self.pipelines.logs.routes.len() as f64;
        self.lines(Lines::lost) * routes + self.shipped(Shipped::lost)
    }

    /// Lines lost, at the length of the mean line of the fleet.
    pub(super) fn lost_line_count(&self) -> f64 {
        let streams = self.plan.streams.iter().map(|stream| stream.lines);
        let written = streams.filter(|lines| lines.bytes > 0.0);
        let (bytes, lines) = written.fold((0.0, 0.0), |(bytes, lines), of| {
            (bytes + of.bytes, lines + of.per_second())
        });
        self.lines_lost() * lines / f64::max(bytes, f64::MIN_POSITIVE)
    }

    /// Bytes lost or never read over bytes written, as a mean over the endpoints.
    pub(super) fn lines_loss_ratio(&self) -> f64 {
        let routes = self.pipelines.logs.routes.len() as f64;
        let missed = self.lines(|lines| lines.missed);
        let written = self.lines(|lines| lines.written);
        (self.lines_lost() / routes + missed) / written
    }
}
