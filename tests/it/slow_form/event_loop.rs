//! The fleet, one event per change: truncations, edges, ends of drains, outages, nodes, starts,
//! interruptions, kills, in this order where they coincide.

use super::collector::{Collector, Sending, samples};
use super::plan::{Plan, STREAMS, Segment};
use super::tally::{Tally, add, first};

/// A fleet on its way.
#[derive(Debug)]
pub(super) struct Slow<'a> {
    pub plan: Plan<'a>,
    pub collectors: Vec<Collector>,
    pub tally: Tally,
    pub now: u64,
    pub segment: usize,
    /// Since when each endpoint has not answered, if it does not.
    pub away_since: Vec<Option<u64>>,
    /// Since when some endpoint or another has not answered.
    pub held_since: Option<u64>,
}

impl<'a> Slow<'a> {
    pub(super) fn run(plan: Plan<'a>) -> Self {
        let endpoints = plan.endpoints();
        let new = |weights: &[u32; STREAMS]| Collector::new(*weights, endpoints);
        let collectors = plan.weights.iter().map(new).collect();
        let mut slow = Self {
            away_since: vec![None; endpoints],
            held_since: None,
            tally: Tally::new(endpoints),
            plan,
            collectors,
            now: 0,
            segment: 0,
        };
        slow.populate();
        loop {
            slow.happen();
            if slow.now == slow.plan.grid.end.nanos() {
                break;
            }
            let next = slow.next();
            slow.advance(next);
        }
        slow.look_at_the_end();
        slow.tally.moves = slow.moves();
        slow
    }

    pub(super) fn here(&self) -> Segment {
        self.plan.segments[self.segment].clone()
    }

    /// Everything that happens at this instant.
    fn happen(&mut self) {
        let now = self.now;
        for index in 0..self.collectors.len() {
            if self.collectors[index].truncates_at == now {
                self.truncate(index);
            }
        }
        self.cross_edge();
        let collectors = self.collectors.iter_mut();
        for queue in collectors.flat_map(|collector| &mut collector.queues) {
            if matches!(queue.sending, Sending::Draining { until, .. } if until == now) {
                queue.sending = Sending::Steady;
            }
        }
        for endpoint in 0..self.plan.endpoints() {
            let outages: Vec<(u64, u64)> = self.plan.outages(endpoint).collect();
            if outages.iter().any(|&(_, to)| to == now) {
                self.outage_ended(endpoint);
            }
            if outages.iter().any(|&(from, _)| from == now) {
                self.outage_started(endpoint);
            }
        }
        self.resize();
        for index in 0..self.collectors.len() {
            let small = u32::try_from(index).unwrap();
            if self.collectors[index].starts_at == now {
                self.start(small);
            } else if self.collectors[index].interrupted_at == now {
                self.stop(small, None);
            }
        }
        if self.collectors.iter().any(|one| one.taken_at == now) && now > 0 {
            self.share_out();
        }
        if now == self.plan.grid.warm_up.nanos() {
            self.begin_horizon();
        }
        self.look_at_memory();
        self.look_at_load();
    }

    fn cross_edge(&mut self) {
        let Some(after) = self.plan.segments.get(self.segment + 1).cloned() else {
            return;
        };
        if after.at == self.now {
            let before = self.here();
            for collector in self
                .collectors
                .iter_mut()
                .filter(|collector| collector.exists())
            {
                collector.cross_edge(&before, &after, self.now);
            }
            self.segment += 1;
        }
    }

    fn begin_horizon(&mut self) {
        let endpoints = self.plan.endpoints();
        self.tally = Tally::new(endpoints);
        let mut held = vec![[0; STREAMS]; endpoints];
        for collector in &mut self.collectors {
            (collector.live_peak, collector.kills) = (0.0, 0);
            self.tally.collectors_start += usize::from(collector.exists());
            for (held, queue) in held.iter_mut().zip(&collector.queues) {
                add(held, queue.backlog);
            }
        }
        // What is still unsent counts as taken in from now on, once, and as due where it is.
        let most: [u128; STREAMS] =
            std::array::from_fn(|stream| held.iter().map(|held| held[stream]).max().unwrap());
        (self.tally.intake.offered, self.tally.intake.scraped) = (most, most);
        for (delivery, held) in self.tally.deliveries.iter_mut().zip(held) {
            delivery.earlier = std::array::from_fn(|stream| most[stream] - held[stream]);
        }
    }

    /// Kills whoever needs more than the limit right now.
    fn look_at_memory(&mut self) {
        if self.now == self.plan.grid.end.nanos() {
            return;
        }
        let segment = self.here();
        for index in 0..self.collectors.len() {
            if !self.collectors[index].is_up() {
                continue;
            }
            let live = self.collectors[index].live(&segment, &self.plan);
            let collector = &mut self.collectors[index];
            collector.live_peak = collector.live_peak.max(live);
            self.look_at_replay(index);
            let killed = self.plan.counted(live) > self.plan.limit;
            assert!(
                killed || self.collectors[index].futile == 0,
                "a futile start succeeds"
            );
            if killed {
                self.kill(u32::try_from(index).unwrap(), live);
            }
        }
    }

    /// Looks whether a collector would survive the replay of its log right now.
    pub(super) fn look_at_replay(&mut self, index: usize) {
        let live = self.collectors[index].live(&self.here(), &self.plan);
        let factor = self.plan.blueprint.fleets[0].memory.replay_peak.median();
        if self.plan.on_volume() && self.plan.counted(live * factor) > self.plan.limit {
            first(&mut self.tally.first_unsafe, self.now);
        }
    }

    fn look_at_load(&mut self) {
        if self.now == self.plan.grid.end.nanos() {
            return;
        }
        let segment = self.here();
        let tally = &mut self.tally;
        let mut all = 0.0;
        for collector in self
            .collectors
            .iter()
            .filter(|collector| collector.exists())
        {
            let series = collector.series(&segment);
            all += series;
            if collector.is_up() {
                let inflow = collector.inflow(&segment, self.plan.intervals);
                tally.series_of_one_peak = tally.series_of_one_peak.max(series);
                tally.inflow_of_one_peak = tally.inflow_of_one_peak.max(inflow);
            }
        }
        tally.series_end = all;
        tally.series_peak = tally.series_peak.max(all);
    }

    fn advance(&mut self, to: u64) {
        let (from, segment) = (self.now, self.here());
        let mut unsent = 0.0;
        for index in 0..self.collectors.len() {
            let collector = &mut self.collectors[index];
            if !collector.exists() {
                continue;
            }
            let length = u128::from(to - from);
            self.tally.lived_nanos += length;
            if collector.is_up() {
                let live = collector.live_after(&segment, &self.plan, (from, to));
                collector.live_peak = collector.live_peak.max(live);
            } else {
                self.tally.down_nanos += length;
            }
            let tally = &mut self.tally;
            let account = (&mut tally.intake, &mut tally.deliveries[..]);
            collector.step(&segment, (from, to), account);
            if collector.is_up() {
                self.send(index, &segment, (from, to));
            }
            unsent += self.collectors[index].unsent(self.plan.intervals);
        }
        self.tally.backlog_peak = self.tally.backlog_peak.max(unsent);
        self.now = to;
    }

    /// What a restart of every collector at the end would need.
    fn look_at_the_end(&mut self) {
        let segment = self.here();
        let factor = if self.plan.on_volume() {
            self.plan.blueprint.fleets[0].memory.replay_peak.median()
        } else {
            1.0
        };
        let end = self.plan.grid.end.nanos();
        let serves = |one: &&Collector| one.is_up() && !one.loops_at(end);
        for collector in self.collectors.iter().filter(serves) {
            let live = collector.live(&segment, &self.plan) * factor;
            self.tally.restart_live = self.tally.restart_live.max(live);
        }
        self.look_at_loops(&segment, factor);
    }

    /// What the next starts of collectors need that are down after a kill, or in a crash loop.
    fn look_at_loops(&mut self, segment: &Segment, factor: f64) {
        let plan = &self.plan;
        let end = plan.grid.end.nanos();
        let fails = |one: &&Collector| {
            one.exists() && (!one.is_up() && one.streak > 0 || one.loops_at(end))
        };
        for collector in self.collectors.iter().filter(fails) {
            let next = if plan.on_volume() {
                collector.logged.0 * factor
            } else {
                segment.common + plan.per_series.all() * collector.series(segment)
            };
            let loops = collector.loops_at(end);
            let live = if loops {
                next.max(collector.killed_live)
            } else {
                next
            };
            let tally = &mut self.tally;
            tally.restart_live = tally.restart_live.max(live);
            if loops || plan.counted(live) > plan.limit {
                let since = collector.failing_since.unwrap();
                let at = since.max(plan.grid.warm_up.nanos());
                tally.first_unsafe = Some(tally.first_unsafe.map_or(at, |first| first.min(at)));
            }
        }
    }

    pub(super) fn whole(&self, work: [u128; STREAMS]) -> f64 {
        samples(work, self.plan.intervals)
    }
}
