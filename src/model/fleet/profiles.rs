//! Profiles of a fleet: its streams of profiles, and outages of their endpoints.

use crate::model::blueprint::{EndpointId, ProfileSource, WorkloadId};
use crate::model::load::draw::Draw;
use crate::model::moment::Moment;
use crate::model::pipeline::{Kind, Luck, SECOND, Stream};
use crate::model::process::collector::Life;
use crate::model::topology::Assignment;
use crate::units::{SimDuration, SimTime};

use super::Fleet;
use super::load::{Costs, Load};

/// Mean seconds for which a collector works at a profile and waits for its answer.
///
/// INFERRED: one request on the way. What is allocated for the profile lives for so long.
const IN_FLIGHT_SECONDS: f64 = 0.2;

impl Load<'_> {
    /// The profiles of a workload.
    pub(super) fn profiles_stream(&self, workload: WorkloadId, costs: &Costs) -> Stream {
        let profiles = self.timelines[workload.index()].profiles;
        let unit = match self.fleet.topology.assignment {
            Assignment::Local => self.local_unit(workload, 0.0, &[]),
            _ => 1.0,
        };
        let model = &self.fleet.profile_costs;
        let interval = self.fleet.pyroscope.interval.secs_f64();
        let stacks = match self.fleet.pyroscope.source {
            ProfileSource::Scrape => model.stack * interval,
            ProfileSource::Push => 0.0,
        };
        let garbage = model.garbage_byte * profiles.bytes;
        Stream {
            workload: Some(workload),
            interval: SECOND,
            unit,
            cores: costs.cpu.profiles.per_profile(profiles.bytes),
            profiles,
            held: IN_FLIGHT_SECONDS * garbage,
            stacks,
            garbage,
            ..Stream::of(Kind::Profiles)
        }
    }
}

impl Fleet<'_> {
    /// An endpoint of profiles goes down. Each loop of all collectors waits with one profile.
    pub(in crate::model) fn block_profiles_to(
        &mut self,
        endpoint: EndpointId,
        moment: &mut Moment<'_>,
    ) {
        let Some(route) = self.pipelines.profiles.route_to(endpoint) else {
            return;
        };
        self.pipelines.profiles.routes[route].is_down = true;
        for index in self.existing() {
            self.settle(index, moment.now);
            if self.collectors[index as usize].life == Life::Up {
                self.pipelines.profiles.block(index, moment.now);
                self.hold_profiles(index, moment);
            }
        }
    }

    /// An endpoint of profiles answers again. Loops notice it at their next attempt.
    pub(in crate::model) fn release_profiles_to(
        &mut self,
        endpoint: EndpointId,
        moment: &mut Moment<'_>,
    ) {
        let Some(route) = self.pipelines.profiles.route_to(endpoint) else {
            return;
        };
        let luck = self.luck(moment.draw);
        for index in self.existing() {
            self.settle(index, moment.now);
        }
        self.pipelines.profiles.routes[route].is_down = false;
        for index in self.existing() {
            let feed = self
                .plan
                .feed(index, (&self.collectors, &self.weights), &self.inlet);
            self.pipelines.profiles.release(&feed, moment.now, luck);
        }
    }

    fn luck<'d>(&self, draw: &'d Draw) -> Luck<'d> {
        let key = self.plan.key;
        Luck { draw, key }
    }

    /// The loops of a collector hold one profile each until they have noticed the end of the outage.
    fn hold_profiles(&mut self, index: u32, moment: &mut Moment<'_>) {
        let plan = &self.plan.blueprint.pyroscope;
        if plan.source == ProfileSource::Push {
            return;
        }
        let routes = self.pipelines.profiles.routes.iter();
        let lasts = routes.map(|route| route.down_for(moment.now)).max();
        let sleeps = SimDuration::from_secs_f64(plan.retries.longest_sleep());
        let until = moment.now + lasts.unwrap_or_default() + sleeps;
        let bytes = self
            .pipelines
            .profiles
            .bytes_in_hand(&self.feed(index), moment.now);
        self.hold_batches(index, (bytes, until), moment);
    }

    /// A process starts.
    pub(super) fn start_profiles(&mut self, index: u32, moment: &mut Moment<'_>) {
        if self.pipelines.profiles.is_empty() {
            return;
        }
        let feed = self
            .plan
            .feed(index, (&self.collectors, &self.weights), &self.inlet);
        self.pipelines.profiles.start(&feed, moment.now);
        let mut routes = self.pipelines.profiles.routes.iter();
        if routes.any(|route| route.is_down) {
            self.hold_profiles(index, moment);
        }
    }

    /// A process ends, and with it what its loops have in hand.
    pub(super) fn stop_profiles(&mut self, index: u32, now: SimTime, draw: &Draw) {
        let luck = self.luck(draw);
        let feed = self
            .plan
            .feed(index, (&self.collectors, &self.weights), &self.inlet);
        self.pipelines.profiles.stop(&feed, now, luck);
    }

    /// The last instant. Accounts for loops that wait.
    pub(super) fn finish_profiles(&mut self, end: SimTime, draw: &Draw) {
        let luck = self.luck(draw);
        for index in self.existing() {
            let feed = self
                .plan
                .feed(index, (&self.collectors, &self.weights), &self.inlet);
            self.pipelines.profiles.settle_until(&feed, end, luck);
        }
    }

    /// Targets have moved to a collector whose weights were `before`.
    pub(super) fn take_over_profiles(&mut self, index: u32, before: &[u32], now: SimTime) {
        if self.pipelines.profiles.is_empty() || self.collectors[index as usize].life != Life::Up {
            return;
        }
        let feed = self
            .plan
            .feed(index, (&self.collectors, &self.weights), &self.inlet);
        let gain = |stream: usize| feed.weights[stream].saturating_sub(before[stream]);
        self.pipelines.profiles.take_over(&feed, now, gain);
    }
}
