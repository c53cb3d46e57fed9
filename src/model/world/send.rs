//! Outages of endpoints, backlogs, and how they are worked off.

use crate::engine::Calendar;
use crate::model::blueprint::Outage;
use crate::model::load::draw::Purpose;
use crate::model::load::timeline::Episode;
use crate::model::pipeline::remote_write::{
    Drain, Pause, Recovery, Sender, TICK_SECONDS, drain_cut,
};
use crate::model::process::collector::{Life, Sending};
use crate::model::record::catalogue::Scope;
use crate::model::record::outcome::What;
use crate::model::wal::Extra;
use crate::units::SimTime;

use super::collect::small;
use super::route::Route;
use super::{Event, World};

/// What an empty shard takes of the memory of a full one.
///
/// INFERRED: the frames of one batch and of one request, without labels, of seven full ones.
const EMPTY_SHARD: f64 = 0.1;

impl World<'_> {
    /// Plans the outages of an endpoint; one that is open at the horizon does not end.
    pub(super) fn plan_outages(&self, endpoint: usize, calendar: &mut Calendar<Event>) {
        for &Episode { from, to, .. } in &self.endpoints[endpoint].stalls {
            let endpoint = small(endpoint);
            if from < self.grid.end {
                calendar.schedule(SimTime::from_nanos(from), Event::OutageStarted { endpoint });
            }
            if to < self.grid.end {
                calendar.schedule(SimTime::from_nanos(to), Event::OutageEnded { endpoint });
            }
        }
    }

    /// An endpoint stops answering: what is scraped from now on for it stays in the log.
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
        let answer = self.outage_at(endpoint, now).map(|outage| outage.answer);
        self.endpoints[endpoint].answer = answer;
        for (fleet, route) in self.routes_to(endpoint) {
            self.fleets[fleet].routes[route].is_down = true;
            for index in self.existing(fleet) {
                self.stall((fleet, route), index, now);
            }
        }
        self.examine_ports_to(endpoint, calendar);
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
        self.endpoints[endpoint].answer = None;
        self.examine_ports_to(endpoint, calendar);
        self.release(endpoint, calendar);
    }

    /// The collectors that send to an endpoint begin to work off their logs, as fast as it takes it.
    fn release(&mut self, endpoint: usize, calendar: &mut Calendar<Event>) {
        let now = calendar.now().nanos();
        let mut wanted = Vec::new();
        for (fleet, route) in self.routes_to(endpoint) {
            self.fleets[fleet].routes[route].is_down = false;
            self.settle_all(fleet, now);
            let backlog = self.note_backlog(fleet);
            self.observer.backlog(fleet, backlog);
            for index in self.existing(fleet) {
                if self.position(fleet, index) < self.fleets[fleet].routes[route].starved_from {
                    wanted.extend(self.wish((fleet, route), index, now));
                }
            }
        }
        let total: f64 = wanted.iter().map(|wish| wish.rate).sum();
        let scale = self.scale_of(endpoint, total);
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
            self.drain(wish, scale, calendar);
        }
        self.surge(endpoint, &wanted, calendar);
    }

    /// The part of `total` samples per second that an endpoint takes.
    pub(super) fn scale_of(&self, endpoint: usize, total: f64) -> f64 {
        let capacity = self.blueprint.endpoints[endpoint].capacity_samples_per_second;
        capacity.map_or(1.0, |capacity| (capacity / total.max(1e-9)).min(1.0))
    }

    /// Nothing leaves a collector on a route from now on.
    pub(super) fn stall(&mut self, (fleet, route): (usize, usize), index: u32, now: u64) {
        let state = &mut self.fleets[fleet];
        state.settle(index, now);
        let queue = state.queue(index, route);
        let is_up = state.collectors[index as usize].life == Life::Up;
        let sending = &mut state.sending[queue];
        if is_up && !matches!(sending, Sending::Stalled { .. }) {
            *sending = Sending::Stalled { since: now };
        }
    }

    /// What a stalled collector will do now that it can send again; loses what a truncation took.
    pub(super) fn wish(
        &mut self,
        (fleet, route): (usize, usize),
        index: u32,
        now: u64,
    ) -> Option<Wish> {
        let state = &mut self.fleets[fleet];
        state.settle(index, now);
        state.note_age(index, now);
        let started = state.collectors[index as usize].process.started;
        let Sending::Stalled { since } = state.sending_of(index, route) else {
            return None;
        };
        let queue = state.queue(index, route);
        state.sending[queue] = Sending::Steady;
        if state.is_overtaken(route, started, (since, now)) {
            let lost = state.lose_on(index, route, |delivery| &mut delivery.lost_truncation);
            state.note_data_lost(now, index);
            let scope = Scope::Fleet(fleet);
            self.observer
                .note(scope, Some(index), (now, What::DataLost, lost));
        }
        let backlog = state.backlog_samples(index, route);
        let inflow = state.inflow(index, now);
        // In the lead-in a process may stand for one that began a truncation earlier.
        let before = state.resident.truncation().every * u64::from(started > now);
        let in_service = (now + before - started) as f64 / 1e9;
        let occasion = u32::try_from(since / 1_000_000_000).expect("a horizon has few seconds");
        let (key, endpoint) = (state.key ^ route as u64, state.routes[route].endpoint);
        let outage = endpoint.and_then(|endpoint| self.outage_at(endpoint, since));
        let attempt_seconds = outage.map_or(0.0, |outage| outage.answer.attempt_seconds());
        let pause = Pause {
            seconds: (now - since) as f64 / 1e9,
            backlog,
            inflow,
            // The sender began to tick with its process.
            tick_in: TICK_SECONDS - in_service % TICK_SECONDS,
            retry_phase: self.draw.unit(Purpose::Retry, key, index, occasion),
            attempt_seconds,
        };
        let state = &mut self.fleets[fleet];
        let rate_max = state.send_rate_max(index, now);
        let sender = state.routes[route].sender;
        let recovery = sender.recover(&pause, rate_max);
        let shards = recovery.shards_peak;
        state.tally.shards_peak = state.tally.shards_peak.max(shards);
        let rate = sender.rate(shards).min(rate_max).min(inflow + backlog);
        state.note_catch_up(index, now, rate - inflow);
        Some(Wish {
            fleet,
            route,
            index,
            since,
            pause,
            rate_max,
            recovery,
            rate,
        })
    }

    /// Starts to work off a backlog at `scale` times the wanted rate.
    ///
    /// Simplified: the backlog falls evenly from now until its end, and with the inflow of this
    /// instant, however it changes until then.
    pub(super) fn drain(&mut self, wish: &Wish, scale: f64, calendar: &mut Calendar<Event>) {
        if wish.pause.backlog <= 0.0 {
            return;
        }
        let now = calendar.now().nanos();
        let state = &mut self.fleets[wish.fleet];
        let started = state.collectors[wish.index as usize].process.started;
        let sender = state.routes[wish.route].sender;
        let recovery = wish.slowed(sender, scale);
        if recovery.seconds.is_infinite() {
            // It goes on as a sender that cannot keep up.
            state.tally.drain_peak_nanos = state.tally.drain_peak_nanos.max(self.grid.end - now);
            return;
        }
        let until = now.saturating_add(SimTime::from_secs_f64(recovery.seconds).nanos());
        let every = state.resident.truncation().every;
        let removes = |at: u64| state.resident.removes(at);
        let cut = if every == 0 {
            None
        } else {
            drain_cut((started, every), (now, until), now - wish.since, removes)
        };
        let queue = state.queue(wish.index, wish.route);
        state.sending[queue] = Sending::Draining(Drain {
            from: now,
            until,
            cut,
        });
        let last = until.min(self.grid.end);
        state.tally.drain_peak_nanos = state.tally.drain_peak_nanos.max(last - now);
        self.heat_shards(wish, (recovery.shards_peak, until), calendar);
    }

    /// The shards that work off a backlog hold batches in memory until its end.
    fn heat_shards(
        &mut self,
        wish: &Wish,
        (shards, until): (u32, u64),
        calendar: &mut Calendar<Event>,
    ) {
        let now = calendar.now().nanos();
        let state = &mut self.fleets[wish.fleet];
        let steady = state.routes[wish.route]
            .sender
            .steady_shards(wish.pause.inflow);
        let sender = &state.routes[wish.route].sender;
        let full = sender.samples_held(shards);
        let filled = (wish.pause.backlog / full).clamp(EMPTY_SHARD, 1.0);
        let extra = f64::from(shards.saturating_sub(steady));
        let live = extra * filled * state.memory.live_per_shard;
        if live <= 0.0 {
            return;
        }
        let process = &mut state.collectors[wish.index as usize].process;
        process.shards = Extra {
            live: process.shards.at(now) + live,
            until: process.shards.until.max(until),
        };
        // What was planned holds, unless it does not survive these.
        let process = process.to_owned();
        let (weights, limit) = (state.weights_of(wish.index), state.memory.live_max());
        let span = (now, process.shards.until.min(self.grid.end));
        let exceeds = |span| {
            state
                .resident
                .first_above(&process, weights, span, limit)
                .is_some()
        };
        if limit.is_finite() && span.0 < span.1 && exceeds(span) {
            self.replan_memory(wish.fleet, wish.index, calendar);
        }
        self.rouse_for(wish.fleet, wish.index, calendar);
    }

    /// The outage of an endpoint at `now`.
    fn outage_at(&self, endpoint: usize, now: u64) -> Option<&Outage> {
        let mut stalls = self.endpoints[endpoint].stalls.iter();
        let at = stalls.position(|stall| stall.from <= now && now < stall.to)?;
        Some(&self.blueprint.endpoints[endpoint].outages[at])
    }

    /// Notes the unsent samples of a fleet before a process ends with some of them.
    ///
    /// Simplified: at most once per hundredth of the fleet that ends while an endpoint is away, so
    /// that the peak is at most 1 % too low and a wave of ends costs no more than a hundred looks.
    pub(super) fn note_backlog_before_loss(&mut self, fleet: usize, now: u64) {
        let state = &mut self.fleets[fleet];
        let unnoted = state.ends_unnoted + 1;
        let alive = state.alive();
        let looks = state.is_held_back() && unnoted >= alive.div_ceil(100);
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
        let streams = state.streams.iter().cycle();
        let samples = |(work, plan): (&u128, &super::fleet::Stream)| {
            crate::model::load::driver::samples_of(*work, plan.interval) as f64
        };
        let backlog = pending.iter().zip(streams).map(samples).sum();
        state.tally.backlog_peak = state.tally.backlog_peak.max(backlog);
        backlog
    }

    /// Fleets that send to an endpoint.
    pub(super) fn senders_to(&self, endpoint: usize) -> Vec<usize> {
        let sends = |&fleet: &usize| self.blueprint.fleets[fleet].sends_to.contains(&endpoint);
        (0..self.fleets.len()).filter(sends).collect()
    }

    /// The routes that lead to an endpoint, each with its fleet.
    pub(super) fn routes_to(&self, endpoint: usize) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for (fleet, state) in self.fleets.iter().enumerate() {
            let leads_there = |route: &Route| route.endpoint == Some(endpoint);
            let route = state.routes.iter().position(leads_there);
            found.extend(route.map(|route| (fleet, route)));
        }
        found
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
    pub route: usize,
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

impl Wish {
    /// How the backlog is worked off if the endpoint takes `scale` of what is wanted. It answers so much
    /// later, which makes the sender ask for more shards; they get no more out of it.
    fn slowed(&self, sender: Sender, scale: f64) -> Recovery {
        if scale >= 1.0 {
            return self.recovery;
        }
        let mut slow = sender;
        slow.latency_seconds /= scale;
        let part = self.rate_max.min(self.rate * scale);
        let seconds = if part > self.pause.inflow {
            sender.recover(&self.pause, part).seconds
        } else {
            f64::INFINITY
        };
        Recovery {
            seconds,
            ..slow.recover(&self.pause, self.rate_max)
        }
    }
}
