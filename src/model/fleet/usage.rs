//! What the replicas of an autoscaled group use of their requests, now and for as long as that can
//! lead to nothing: an autoscaler has no events then.

use crate::model::autoscale::{Pod, Reading, Usage};
use crate::model::load::timeline::HOUR;
use crate::model::process::collector::Life;

use super::Fleet;

/// Nanoseconds over which an autoscaler that has nothing to do is looked ahead for at once.
const AHEAD: u64 = 24 * HOUR;

/// Highest live bytes of a process: memory that a Go process took it hardly ever gives back.
///
/// Simplified: its resident memory never falls. In a measurement of ours (not published) every
/// transient set a new floor.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Held {
    /// Nanosecond of the start of the process.
    started: u64,
    /// Nanosecond up to which it was looked at.
    up_to: u64,
    live: f64,
}

impl Fleet<'_> {
    /// Follows the highest live bytes of a collector's process up to `now`, where memory decides.
    pub(super) fn hold(&mut self, index: u32, now: u64) {
        let Some(scaling) = &mut self.scaling else {
            return;
        };
        if scaling.plan.memory_percent.is_none() {
            return;
        }
        let collector = &self.collectors[index as usize];
        let held = &mut scaling.held[index as usize];
        if held.started != collector.process.started {
            *held = Held {
                started: collector.process.started,
                up_to: collector.settled,
                live: 0.0,
            };
        }
        if held.up_to < now {
            let streams = self.plan.streams.len();
            let weights = &self.weights[index as usize * streams..][..streams];
            let span = (held.up_to, now);
            held.live = self
                .plan
                .resident
                .peak(&collector.process, weights, span, held.live);
            held.up_to = now;
        }
    }

    /// Measures what the replicas of a group use at `now`.
    pub(super) fn measure(&mut self, group: usize, now: u64) {
        for index in self.members(group) {
            if self.is_measured(index) {
                self.hold(index, now);
            }
        }
        let usage = |index: u32| self.is_measured(index).then(|| self.usage(index, now));
        let usages: Vec<Option<Usage>> = self.members(group).map(usage).collect();
        let readings = self.read(group, |member, _| usages[member]);
        let scaling = self.scaling.as_mut().expect("the group is autoscaled");
        if !scaling.leaves(group, readings) {
            scaling.disturb(group, now);
        }
        let scaler = &mut scaling.scalers[group];
        scaler.sight.measure(now, usages);
        scaler.measured = Some(now);
    }

    /// Until when looks at a group lead to nothing as far as is known at `now`, a day ahead at most.
    pub(super) fn quiet_until(&self, group: usize, now: u64) -> u64 {
        let to = (now + AHEAD).min(self.plan.resident.driver.end);
        self.quiet_within(group, now, (now, to.max(now)))
    }

    /// Up to where in a span measurements lead to nothing, to the nearest sync.
    fn quiet_within(&self, group: usize, now: u64, (from, to): (u64, u64)) -> u64 {
        let scaling = self.scaling.as_ref().expect("the group is autoscaled");
        if from == to || self.is_quiet(group, now, (from, to)) {
            return to;
        }
        if to - from <= scaling.sync {
            return from;
        }
        let middle = from + (to - from) / 2;
        let first = self.quiet_within(group, now, (from, middle));
        if first < middle {
            first
        } else {
            self.quiet_within(group, now, (middle, to))
        }
    }

    /// Whether no measurement in a span can lead to anything: neither the least nor the most that the
    /// replicas may use recommends another number, and more use never recommends fewer.
    fn is_quiet(&self, group: usize, now: u64, (from, to): (u64, u64)) -> bool {
        let scaling = self.scaling.as_ref().expect("the group is autoscaled");
        let memory = scaling.plan.memory_percent.is_some();
        let bounds = |index: u32| {
            let is_bounded = memory && self.is_measured(index);
            is_bounded.then(|| self.memory_between(index, (now, to)))
        };
        let bounds: Vec<Option<(f64, f64)>> = self.members(group).map(bounds).collect();
        let (least_cores, most_cores) = if scaling.plan.cpu_percent.is_some() {
            self.cpu_between(group, (from, to))
        } else {
            (0.0, 0.0)
        };
        let reading = |memory: fn((f64, f64)) -> f64, cpu: f64| {
            let usage = |member: usize, index: u32| {
                let memory = bounds[member].map_or(0.0, memory);
                let usage = Usage { memory, cpu: 0.0 };
                self.is_measured(index).then_some(usage)
            };
            let mut readings = self.read(group, usage);
            readings.1.used = cpu;
            readings
        };
        let least = reading(|bounds| bounds.0, least_cores);
        let most = reading(|bounds| bounds.1, most_cores);
        scaling.leaves(group, least) && scaling.leaves(group, most)
    }

    /// Whether a collector's pod has a process whose use can be measured.
    fn is_measured(&self, index: u32) -> bool {
        let scaling = self.scaling.as_ref();
        let pod = scaling.map(|scaling| scaling.pods[index as usize]);
        matches!(pod, Some(Pod::Running { .. })) && self.collectors[index as usize].life == Life::Up
    }

    /// Memory and CPU of a group, from what each member uses: `usage(member, index)`.
    fn read(
        &self,
        group: usize,
        usage: impl Fn(usize, u32) -> Option<Usage>,
    ) -> (Reading, Reading) {
        let scaling = self.scaling.as_ref().expect("the group is autoscaled");
        let mut readings = (Reading::default(), Reading::default());
        for (member, index) in self.members(group).enumerate() {
            let pod = &scaling.pods[index as usize];
            let usage = usage(member, index);
            readings.0.count(pod, usage.map(|usage| usage.memory));
            readings.1.count(pod, usage.map(|usage| usage.cpu));
        }
        readings
    }

    /// What a replica in service uses of its requests at `now`.
    ///
    /// Simplified: CPU is what it wants up to its limit, whatever a shared node grants.
    fn usage(&self, index: u32, now: u64) -> Usage {
        let process = &self.collectors[index as usize].process;
        let live = self
            .plan
            .resident
            .live_at(process, self.weights_of(index), now);
        let segment = self.plan.resident.driver.segment(now);
        let cores = self.cores(index, segment) * self.plan.memory.gc_factor(live);
        Usage {
            memory: self.memory_use(index, live),
            cpu: self.cpu_use(cores),
        }
    }

    /// The least and the most of its memory request that a replica uses in a span, if nothing touches
    /// it: what it uses at the start, and at the highest live bytes.
    fn memory_between(&self, index: u32, (from, to): (u64, u64)) -> (f64, f64) {
        let process = &self.collectors[index as usize].process;
        let weights = self.weights_of(index);
        let live = self.plan.resident.live_at(process, weights, from);
        let peak = self.plan.resident.peak(process, weights, (from, to), live);
        (self.memory_use(index, live), self.memory_use(index, peak))
    }

    /// The least and the most that the replicas of a group together use of their CPU requests in a
    /// span, if nothing touches them.
    fn cpu_between(&self, group: usize, (from, to): (u64, u64)) -> (f64, f64) {
        let gc_factors = |index: u32| {
            let process = &self.collectors[index as usize].process;
            let weights = self.weights_of(index);
            let peak = self.plan.resident.peak(process, weights, (from, to), 0.0);
            // It is least where memory is ample, and never falls as memory grows.
            let gc_factors = (
                self.plan.memory.gc_factor(1.0),
                self.plan.memory.gc_factor(peak),
            );
            (index, gc_factors)
        };
        let measured = self.members(group).filter(|&index| self.is_measured(index));
        let measured: Vec<(u32, (f64, f64))> = measured.map(gc_factors).collect();
        let driver = &self.plan.resident.driver;
        let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
        for segment in driver.segment(from)..=driver.segment(to - 1) {
            let (mut idle, mut busy) = (0.0, 0.0);
            for &(index, (least, most)) in &measured {
                let cores = self.cores(index, segment);
                idle += self.cpu_use(cores * least);
                busy += self.cpu_use(cores * most);
            }
            (least, most) = (least.min(idle), most.max(busy));
        }
        (least, most)
    }

    /// Resident memory over its request of a process that has `live` bytes, or has had more.
    fn memory_use(&self, index: u32, live: f64) -> f64 {
        let scaling = self.scaling.as_ref().expect("the collector is autoscaled");
        let memory = &self.plan.memory;
        let highest = scaling.held[index as usize].live.max(live);
        let most = memory.limit.max(memory.outside_heap);
        memory.resident(highest).min(most) / scaling.requests.0
    }

    /// What a collector with this CPU demand takes over its request.
    fn cpu_use(&self, cores: f64) -> f64 {
        let scaling = self.scaling.as_ref().expect("the collector is autoscaled");
        cores.min(self.plan.cpu_cap) / scaling.requests.1
    }
}
