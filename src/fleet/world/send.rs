//! Outages of endpoints, backlogs, and how they are worked off.

use crate::engine::Calendar;
use crate::fleet::blueprint::Endpoint;
use crate::fleet::catalogue::Scope;
use crate::fleet::collector::{Life, Sending};
use crate::fleet::draw::{Draw, Purpose};
use crate::fleet::outcome::What;
use crate::fleet::sender::{Drain, Pause, Recovery, TICK_SECONDS, drain_cut, pause_loses};
use crate::fleet::signal::Signal;
use crate::fleet::timeline::Grid;
use crate::units::SimTime;

use super::collect::small;
use super::{Event, World};

/// A remote backend in one draw.
#[derive(Clone, Debug)]
pub(super) struct EndpointState {
    /// Mean seconds of one request.
    pub latency_seconds: f64,
    /// Seconds after which the far side closes a busy connection.
    pub lifetime_seconds: f64,
    pub is_for_metrics: bool,
    /// Outages open now.
    pub down: u32,
    pub catch_up_ratio: f64,
    pub catch_up_peak: f64,
    /// Bytes per second at the busiest catching up.
    pub catch_up_wire_peak: f64,
    pub outage_seconds: f64,
}

impl EndpointState {
    /// The endpoint with its unknowns drawn.
    pub(super) fn draw(plan: &Endpoint, grid: &Grid, draw: &mut Draw) -> Self {
        let path = format!("endpoint.{}", plan.name);
        let centre = draw.centre(&format!("{path}.latency"), &plan.latency);
        let lifetime = draw.centre(
            &format!("{path}.connection_lifetime"),
            &plan.connection_lifetime,
        );
        let recorded = |outage: &crate::fleet::blueprint::Outage| {
            let from = grid.instant(outage.at.as_secs_f64());
            let to = grid.instant((outage.at + outage.lasts).as_secs_f64());
            (to - from) as f64 / 1e9
        };
        Self {
            // Throughput follows from the mean of the latency, not from its median.
            latency_seconds: centre * plan.latency.spread.mean(),
            lifetime_seconds: lifetime,
            is_for_metrics: plan.signal == Signal::Metrics,
            down: 0,
            catch_up_ratio: 1.0,
            catch_up_peak: 0.0,
            catch_up_wire_peak: 0.0,
            outage_seconds: plan.outages.iter().map(recorded).sum(),
        }
    }
}

impl World<'_> {
    /// Plans the outages of an endpoint; one that is open at the horizon does not end.
    pub(super) fn plan_outages(&self, endpoint: usize, calendar: &mut Calendar<Event>) {
        for outage in &self.blueprint.endpoints[endpoint].outages {
            let from = self.grid.instant(outage.at.as_secs_f64());
            let to = self.grid.instant((outage.at + outage.lasts).as_secs_f64());
            let endpoint = small(endpoint);
            if from < self.grid.end {
                calendar.schedule(SimTime::from_nanos(from), Event::OutageStarted { endpoint });
            }
            if to < self.grid.end {
                calendar.schedule(SimTime::from_nanos(to), Event::OutageEnded { endpoint });
            }
        }
    }

    /// An endpoint stops answering: what is scraped from now on stays in the log.
    ///
    /// Simplified: a fleet with several endpoints of metrics sends to none while one of them is away,
    /// though each has a queue of its own.
    pub(super) fn outage_started(&mut self, endpoint: usize, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        self.endpoints[endpoint].down += 1;
        self.observer.note(
            Scope::Endpoint(endpoint),
            None,
            (now, What::OutageStarted, f64::NAN),
        );
        if self.endpoints[endpoint].down > 1 || !self.endpoints[endpoint].is_for_metrics {
            return;
        }
        for fleet in self.senders_to(endpoint) {
            self.fleets[fleet].endpoints_down += 1;
            if self.fleets[fleet].endpoints_down == 1 {
                for index in self.existing(fleet) {
                    self.stall(fleet, index, now);
                }
            }
        }
    }

    /// An endpoint answers again: every collector works off what it kept.
    pub(super) fn outage_ended(&mut self, endpoint: usize, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        self.endpoints[endpoint].down -= 1;
        self.observer.note(
            Scope::Endpoint(endpoint),
            None,
            (now, What::OutageEnded, f64::NAN),
        );
        if self.endpoints[endpoint].down > 0 || !self.endpoints[endpoint].is_for_metrics {
            return;
        }
        let mut released = Vec::new();
        for fleet in self.senders_to(endpoint) {
            self.fleets[fleet].endpoints_down -= 1;
            if self.fleets[fleet].endpoints_down == 0 {
                released.push(fleet);
            }
        }
        self.release(endpoint, &released, calendar);
    }

    /// Collectors of `fleets` begin to work off their logs, as fast as the endpoint takes it.
    fn release(&mut self, endpoint: usize, fleets: &[usize], calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        let mut wanted = Vec::new();
        for &fleet in fleets {
            self.settle_all(fleet, now);
            let backlog = self.note_backlog(fleet);
            self.observer.backlog(fleet, backlog);
            for index in self.existing(fleet) {
                if self.position(fleet, index) < self.fleets[fleet].starved_from {
                    wanted.extend(self.wish(fleet, index, now));
                }
            }
        }
        let total: f64 = wanted.iter().map(|wish| wish.rate).sum();
        let capacity = self.blueprint.endpoints[endpoint].capacity_samples_per_second;
        let scale = capacity.map_or(1.0, |capacity| (capacity / total.max(1e-9)).min(1.0));
        let inflow: f64 = wanted.iter().map(|wish| wish.pause.inflow).sum();
        let wire = |wish: &Wish| wish.rate * self.fleets[wish.fleet].bytes.sent;
        let wire = scale * wanted.iter().map(wire).sum::<f64>();
        let state = &mut self.endpoints[endpoint];
        state.catch_up_wire_peak = state.catch_up_wire_peak.max(wire);
        state.catch_up_peak = state.catch_up_peak.max(total * scale);
        if inflow > 0.0 {
            state.catch_up_ratio = state.catch_up_ratio.max(total * scale / inflow);
        }
        for wish in &wanted {
            self.drain(wish, scale, now);
        }
        self.surge(endpoint, &wanted, calendar);
    }

    /// Nothing leaves a collector from now on.
    pub(super) fn stall(&mut self, fleet: usize, index: u32, now: u64) {
        let state = &mut self.fleets[fleet];
        state.settle(index, now);
        let collector = &mut state.collectors[index as usize];
        if collector.life == Life::Up && !matches!(collector.sending, Sending::Stalled { .. }) {
            collector.sending = Sending::Stalled { since: now };
        }
    }

    /// What a stalled collector will do now that it can send again; loses what a truncation took.
    pub(super) fn wish(&mut self, fleet: usize, index: u32, now: u64) -> Option<Wish> {
        let state = &mut self.fleets[fleet];
        state.settle(index, now);
        state.note_age(index, now);
        let collector = state.collectors[index as usize];
        let Sending::Stalled { since } = collector.sending else {
            return None;
        };
        state.collectors[index as usize].sending = Sending::Steady;
        let truncation = state.resident.truncation();
        let rules = (truncation.every, truncation.keep_max);
        let overtaken =
            truncation.every > 0 && pause_loses(collector.process.started, rules, (since, now));
        if overtaken {
            let lost = state.lose(index, |account| &mut account.lost_truncation);
            state.note_data_lost(now, index);
            let scope = Scope::Fleet(fleet);
            self.observer
                .note(scope, Some(index), (now, What::DataLost, lost));
        }
        let backlog = state.backlog_samples(index);
        let inflow = state.inflow(index, now);
        let past = |from: u64| (now - from) as f64 / 1e9;
        let occasion = u32::try_from(since / 1_000_000_000).expect("a horizon has few seconds");
        let pause = Pause {
            seconds: past(since),
            backlog,
            inflow,
            // The sender began to tick with its process.
            tick_in: TICK_SECONDS - past(collector.process.started) % TICK_SECONDS,
            retry_phase: self.draw.unit(Purpose::Retry, state.key, index, occasion),
        };
        let rate_max = state.send_rate_max(index, now);
        let recovery = state.sender.recover(&pause, rate_max);
        let shards = recovery.shards_peak;
        state.tally.shards_peak = state.tally.shards_peak.max(shards);
        let rate = state.sender.rate(shards).min(rate_max);
        Some(Wish {
            fleet,
            index,
            since,
            pause,
            rate_max,
            recovery,
            rate: rate.min(inflow + backlog),
        })
    }

    /// Starts to work off a backlog at `scale` times the wanted rate, which the endpoint enforces by
    /// answering so much later.
    ///
    /// Simplified: the backlog falls evenly from now until its end, and with the inflow of this
    /// instant, however it changes until then.
    pub(super) fn drain(&mut self, wish: &Wish, scale: f64, now: u64) {
        if wish.pause.backlog <= 0.0 {
            return;
        }
        let state = &mut self.fleets[wish.fleet];
        let started = state.collectors[wish.index as usize].process.started;
        let mut sender = state.sender;
        sender.latency_seconds /= scale;
        let recovery = if scale < 1.0 {
            sender.recover(&wish.pause, wish.rate_max)
        } else {
            wish.recovery
        };
        let until = if recovery.seconds.is_finite() {
            now.saturating_add(SimTime::from_secs_f64(recovery.seconds).nanos())
        } else {
            u64::MAX
        };
        let every = state.resident.truncation().every;
        let cut = if every == 0 {
            None
        } else {
            drain_cut(started, every, (now, until), now - wish.since)
        };
        state.collectors[wish.index as usize].sending = Sending::Draining(Drain {
            from: now,
            until,
            cut,
        });
        let last = until.min(self.grid.end);
        state.tally.drain_peak_nanos = state.tally.drain_peak_nanos.max(last - now);
    }

    /// Notes the unsent samples of a fleet before a process ends with some of them.
    ///
    /// Simplified: at most once per hundredth of the fleet that ends while an endpoint is away, so
    /// that the peak is at most 1 % too low and a wave of ends costs no more than a hundred looks.
    pub(super) fn note_backlog_before_loss(&mut self, fleet: usize, now: u64) {
        let state = &mut self.fleets[fleet];
        let unnoted = state.ends_unnoted + 1;
        let alive: u32 = state.blocks.iter().map(|block| block.alive).sum();
        let looks = state.endpoints_down > 0 && unnoted >= alive.div_ceil(100);
        state.ends_unnoted = if looks { 0 } else { unnoted };
        if looks {
            self.settle_all(fleet, now);
            let backlog = self.note_backlog(fleet);
            self.observer.backlog(fleet, backlog);
        }
    }

    /// Notes the unsent samples of a fleet, all of whose collectors are settled.
    pub(super) fn note_backlog(&mut self, fleet: usize) -> f64 {
        let state = &mut self.fleets[fleet];
        let pending = state.pending();
        let samples = |(work, plan): (&u128, &super::fleet::Stream)| {
            crate::fleet::driver::samples_of(*work, plan.interval) as f64
        };
        let backlog = pending.iter().zip(&state.streams).map(samples).sum();
        state.tally.backlog_peak = state.tally.backlog_peak.max(backlog);
        backlog
    }

    /// Fleets that send to an endpoint.
    pub(super) fn senders_to(&self, endpoint: usize) -> Vec<usize> {
        let sends = |&fleet: &usize| self.blueprint.fleets[fleet].sends_to.contains(&endpoint);
        (0..self.fleets.len()).filter(sends).collect()
    }

    /// Indices of the collectors of a fleet that exist.
    pub(super) fn existing(&self, fleet: usize) -> Vec<u32> {
        let blocks = self.fleets[fleet].blocks.iter();
        blocks
            .flat_map(|block| block.base..block.base + block.alive)
            .collect()
    }
}

/// What a collector wants to do about its backlog.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wish {
    pub fleet: usize,
    pub index: u32,
    /// Nanosecond since which nothing left it.
    pub since: u64,
    pub pause: Pause,
    /// Samples per second for which it has the CPU.
    pub rate_max: f64,
    pub recovery: Recovery,
    /// Samples per second that it would send at its busiest.
    pub rate: f64,
}
