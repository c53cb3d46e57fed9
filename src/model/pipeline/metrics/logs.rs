//! The WALs of a collector.

use crate::model::wal::{Log, Process, Walk};
use crate::units::{SimDuration, SimTime};

use super::super::Scraped;
use super::super::queue::{Queue, QueueId};
use super::{Feed, Metrics};

impl Metrics {
    /// The rule of the WAL behind a route.
    pub(super) fn log_of(&self, route: usize) -> &Log {
        &self.logs[self.log_behind(route)]
    }

    fn log_behind(&self, route: usize) -> usize {
        route.min(self.logs.len() - 1)
    }

    /// Number of WALs of each collector.
    pub(in crate::model) fn log_count(&self) -> usize {
        self.logs.len()
    }

    /// The longest time that a WAL of a process reaches back.
    pub(in crate::model) fn longest_wal(&self, process: &Process) -> SimDuration {
        let longest = self.logs.iter().map(|log| log.longest(process));
        longest.max().unwrap_or_default()
    }

    /// Walks along the truncations of the WALs of a collector, one per WAL.
    pub(in crate::model) fn walks<'f>(
        &'f self,
        feed: &'f Feed<'_>,
    ) -> impl Iterator<Item = Walk<'f, Scraped<'f>>> {
        let logs = self.logs.iter().enumerate();
        logs.map(|(log, rule)| {
            let waiting = self.waiting_on(log, feed.index);
            Walk::new(rule, feed.process, waiting, feed.written())
        })
    }

    /// Since when a queue of a collector waits on a WAL; `None` if none does.
    fn waiting_on(&self, log: usize, collector: u32) -> Option<SimTime> {
        let routes = (0..self.routes.len()).filter(|&route| self.log_behind(route) == log);
        let waits = routes.filter_map(|route| match self.queue(QueueId { collector, route }) {
            Queue::Stalled { since, .. } => Some(since),
            Queue::Steady | Queue::Draining(_) | Queue::Sharing(_) => None,
        });
        waits.min()
    }

    /// A walk along the truncations of the WAL behind a queue.
    pub(in crate::model) fn walk<'f>(
        &'f self,
        feed: &'f Feed<'_>,
        queue: QueueId,
    ) -> Walk<'f, Scraped<'f>> {
        let log = self.log_behind(queue.route);
        let waiting = self.waiting_on(log, queue.collector);
        Walk::new(&self.logs[log], feed.process, waiting, feed.written())
    }
}
