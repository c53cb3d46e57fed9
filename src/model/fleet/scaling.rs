//! The autoscalers of a fleet: what they remember, and where each replica is in its life.

use crate::model::autoscale::{Controller, Nodes, Pod, Reading, Rules, Sight, Target, recommend};
use crate::model::blueprint::{self, Autoscaling};
use crate::model::load::draw::Draw;
use crate::model::topology::Population;
use crate::units::{Bytes, SimTime, nanos};

use super::usage::Held;

/// The autoscalers of a fleet, one per cluster.
#[derive(Clone, Debug)]
pub(super) struct Scaling {
    pub plan: Autoscaling,
    /// Bytes and cores that a replica requests.
    pub requests: (f64, f64),
    /// Nanoseconds between two looks.
    pub sync: u64,
    /// Nanoseconds from a measurement until a look sees it.
    pub lag: u64,
    pub scalers: Vec<Scaler>,
    /// Where each collector's pod is in its life.
    pub pods: Vec<Pod>,
    pub held: Vec<Held>,
    /// Most replicas asked for since the last point of the tracks.
    pub highest: u32,
    pub tally: ScaleTally,
}

/// The autoscaler of one cluster.
#[derive(Clone, Debug)]
pub(super) struct Scaler {
    /// Replicas asked for.
    pub replicas: u32,
    controller: Controller,
    pub sight: Sight,
    pub nodes: Nodes,
    /// Nanosecond of the next measurement that is planned, `u64::MAX` for none.
    pub due: u64,
    /// Nanosecond of the last one.
    pub measured: Option<u64>,
    /// Nanosecond of the last look, if it recommended anything.
    content_at: Option<u64>,
    /// Up to this nanosecond every look may change something, for what was recommended before.
    pub restless_until: u64,
}

/// What autoscalers did in the recorded time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct ScaleTally {
    pub ups: u64,
    pub downs: u64,
    pub pending_nanos: u128,
    pub replicas_peak: u32,
}

impl Scaling {
    /// The autoscalers of a fleet of at most `collectors`, with their unknowns drawn.
    pub(super) fn draw(
        fleet: &blueprint::Fleet,
        collectors: usize,
        draw: &mut Draw,
    ) -> Option<Self> {
        let plan = fleet.autoscaling?;
        let Population::Replicas(start) = fleet.topology.population else {
            return None;
        };
        let rules = Rules {
            min: plan.min,
            max: plan.max,
            scale_up_window: nanos(plan.scale_up_window),
            scale_down_window: nanos(plan.scale_down_window),
        };
        let lag = draw.centre(
            &format!("fleet.{}.autoscaling.metric_lag", fleet.name),
            &plan.metric_lag,
        );
        let scaler = Scaler {
            replicas: start,
            controller: Controller::new(rules),
            sight: Sight::default(),
            nodes: Nodes::default(),
            due: u64::MAX,
            measured: None,
            content_at: None,
            restless_until: 0,
        };
        let members = plan.max as usize;
        let pod = |index: usize| {
            if index % members < start as usize {
                Pod::Running { since: 0 }
            } else {
                Pod::Gone
            }
        };
        let mut scaling = Self {
            plan,
            requests: (
                fleet.resources.memory_request.map_or(1.0, Bytes::as_f64),
                fleet.resources.cpu_request_cores.unwrap_or(1.0),
            ),
            sync: nanos(plan.sync).max(1),
            lag: SimTime::from_secs_f64(lag).nanos(),
            scalers: vec![scaler; collectors / members],
            pods: (0..collectors).map(pod).collect(),
            held: vec![Held::default(); collectors],
            highest: 0,
            tally: ScaleTally::default(),
        };
        scaling.begin_record();
        Some(scaling)
    }

    /// The recorded time begins: what was counted before does not count.
    pub(super) fn begin_record(&mut self) {
        self.highest = self.replicas();
        self.tally = ScaleTally {
            replicas_peak: self.replicas(),
            ..ScaleTally::default()
        };
    }

    /// Most replicas asked for since this was last asked.
    pub(super) fn take_highest(&mut self) -> u32 {
        let replicas = self.replicas();
        std::mem::replace(&mut self.highest, replicas).max(replicas)
    }

    /// Replicas asked for, of all clusters.
    pub(super) fn replicas(&self) -> u32 {
        self.scalers.iter().map(|scaler| scaler.replicas).sum()
    }

    /// First instant of a measurement from `at` on: so that a look sees it one lag later.
    ///
    /// Simplified: an autoscaler looks at whole multiples of its sync.
    pub(super) fn measurement_from(&self, at: u64) -> u64 {
        let past = (at + self.lag) % self.sync;
        at + (self.sync - past) % self.sync
    }

    /// The replicas of a group change: every look counts until what was recommended is forgotten.
    pub(super) fn disturb(&mut self, group: usize, now: u64) {
        let scaler = &mut self.scalers[group];
        let remembered = scaler.controller.rules().memory();
        let until = now + self.lag + remembered + 2 * self.sync;
        scaler.restless_until = scaler.restless_until.max(until);
    }

    /// What the readings of memory and CPU recommend for a group.
    fn desired(&self, group: usize, (memory, cpu): (Reading, Reading)) -> Option<u32> {
        let of = |percent: Option<u32>, reading| {
            let target = |percent| (Target { percent }, reading);
            percent.map(target)
        };
        let memory = of(self.plan.memory_percent, memory);
        let cpu = of(self.plan.cpu_percent, cpu);
        let metrics: Vec<(Target, Reading)> = memory.into_iter().chain(cpu).collect();
        let scaler = &self.scalers[group];
        recommend(scaler.replicas, self.plan.tolerance, &metrics)
    }

    /// Whether readings lead to no other number of replicas than there is.
    pub(super) fn leaves(&self, group: usize, readings: (Reading, Reading)) -> bool {
        let scaler = &self.scalers[group];
        let bound = |desired| scaler.controller.rules().bound(desired);
        self.desired(group, readings)
            .is_none_or(|desired| bound(desired) == scaler.replicas)
    }

    /// The number of replicas that the controller of a group wants at `now`.
    pub(super) fn review(&mut self, group: usize, now: u64) -> u32 {
        let members = self.plan.max as usize;
        let pods = &self.pods[group * members..][..members];
        let readings = self.scalers[group].sight.see(now - self.lag, pods);
        let desired = self.desired(group, readings);
        let (sync, scaler) = (self.sync, &mut self.scalers[group]);
        if scaler.content_at.is_some_and(|at| now - at > sync) {
            // What it would have said each time since. Where nothing is measured it says nothing.
            scaler.controller.rested(now - sync, scaler.replicas);
        }
        scaler.content_at = desired.map(|_| now);
        let current = scaler.replicas;
        desired.map_or(current, |desired| {
            scaler.controller.review(now, current, desired)
        })
    }
}
