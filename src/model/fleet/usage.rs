//! Utilisation of the replicas of an autoscaled cluster, now and ahead. Evaluations that change
//! nothing are no events, so they are found ahead of time.

use crate::model::autoscale::{Pod, Usage};
use crate::model::blueprint::{ClusterId, MemberId};
use crate::model::process::collector::Life;
use crate::units::{SimDuration, SimTime, Span, small};

use super::Fleet;
use super::snapshot::Between;

/// Longest span ahead in which an idle autoscaler is evaluated at once.
const AHEAD: SimDuration = SimDuration::from_hours(24);

impl Fleet<'_> {
    /// Follows the highest live bytes of a collector's process up to `now`, if the autoscaler uses
    /// memory.
    pub(super) fn hold(&mut self, index: u32, now: SimTime) {
        let Some(scaling) = &mut self.scaling else {
            return;
        };
        if !scaling.looks_at_memory() {
            return;
        }
        let collector = &self.collectors[index as usize];
        let process = &collector.process;
        let streams = self.plan.streams.len();
        let weights = &self.weights[index as usize * streams..][..streams];
        let resident = &self.plan.resident;
        let peak = |span: Span, floor: f64| resident.peak(process, weights, span, floor);
        let settled = Span::new(process.started, collector.settled);
        scaling.follow_memory(index, settled, now, peak);
    }

    /// Measures the utilisation of the replicas of a cluster at `now`.
    pub(super) fn measure(&mut self, cluster: ClusterId, now: SimTime) {
        for index in self.members(cluster) {
            if self.is_measured(index) {
                self.hold(index, now);
            }
        }
        let usage = |index: u32| self.is_measured(index).then(|| self.usage(index, now));
        let usages: Vec<Option<Usage>> = self.members(cluster).map(usage).collect();
        self.scaling_mut().measure(cluster, now, usages);
    }

    /// Instant up to which evaluations of a cluster change nothing, as known at `now`. At most a
    /// day ahead.
    pub(super) fn quiet_until(&self, cluster: ClusterId, now: SimTime) -> SimTime {
        let to = (now + AHEAD).min(self.plan.resident.driver.end);
        let is_quiet = |span: Span| self.is_quiet(cluster, now, span);
        let ahead = Span::new(now, to.max(now));
        self.scaling().quiet_within(ahead, &is_quiet)
    }

    /// Whether no measurement in a span can change anything. Neither the least nor the greatest
    /// utilisation recommends another number, and higher utilisation never recommends fewer
    /// replicas.
    fn is_quiet(&self, cluster: ClusterId, now: SimTime, span: Span) -> bool {
        let scaling = self.scaling();
        let bounds = |index: u32| {
            let is_bounded = scaling.looks_at_memory() && self.is_measured(index);
            is_bounded.then(|| self.memory_between(index, Span::new(now, span.to)))
        };
        let bounds: Vec<Option<Between>> = self.members(cluster).map(bounds).collect();
        let cores = if scaling.looks_at_cpu() {
            self.cpu_between(cluster, span)
        } else {
            Between::default()
        };
        let first = self.members(cluster).start;
        let reading = |memory: fn(Between) -> f64, cpu: f64| {
            let usage = |member: MemberId| {
                let memory = bounds[member.index()].map_or(0.0, memory);
                let usage = Usage { memory, cpu: 0.0 };
                self.is_measured(first + small(member.index()))
                    .then_some(usage)
            };
            let mut readings = scaling.read(cluster, usage);
            readings.cpu.used = cpu;
            readings
        };
        let least = reading(|bounds| bounds.least, cores.least);
        let most = reading(|bounds| bounds.most, cores.most);
        scaling.is_stable(cluster, least) && scaling.is_stable(cluster, most)
    }

    /// Whether a collector's pod has a process whose utilisation can be measured.
    fn is_measured(&self, index: u32) -> bool {
        let scaling = self.scaling.as_ref();
        let pod = scaling.map(|scaling| scaling.pod(index));
        matches!(pod, Some(Pod::Running { .. })) && self.collectors[index as usize].life == Life::Up
    }

    /// Utilisation of the requests of a replica in service at `now`.
    ///
    /// Simplified: CPU is the demand up to the limit, whatever a shared node grants.
    fn usage(&self, index: u32, now: SimTime) -> Usage {
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

    /// Least and greatest utilisation of a replica's memory request in a span without events. The
    /// least is at the start, the greatest at the highest live bytes.
    fn memory_between(&self, index: u32, span: Span) -> Between {
        let process = &self.collectors[index as usize].process;
        let weights = self.weights_of(index);
        let live = self.plan.resident.live_at(process, weights, span.from);
        let peak = self.plan.resident.peak(process, weights, span, live);
        Between {
            least: self.memory_use(index, live),
            most: self.memory_use(index, peak),
        }
    }

    /// Least and greatest utilisation of the CPU requests of a cluster's replicas together, in a
    /// span without events.
    fn cpu_between(&self, cluster: ClusterId, span: Span) -> Between {
        let gc_factors = |index: u32| {
            let process = &self.collectors[index as usize].process;
            let weights = self.weights_of(index);
            let peak = self.plan.resident.peak(process, weights, span, 0.0);
            // The factor is least where memory is ample, and never falls as memory grows.
            let gc_factors = Between {
                least: self.plan.memory.gc_factor(1.0),
                most: self.plan.memory.gc_factor(peak),
            };
            (index, gc_factors)
        };
        let measured = self
            .members(cluster)
            .filter(|&index| self.is_measured(index));
        let measured: Vec<(u32, Between)> = measured.map(gc_factors).collect();
        let driver = &self.plan.resident.driver;
        let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
        for segment in driver.segments_in(span) {
            let (mut idle, mut busy) = (0.0, 0.0);
            for &(index, gc_factors) in &measured {
                let cores = self.cores(index, segment);
                idle += self.cpu_use(cores * gc_factors.least);
                busy += self.cpu_use(cores * gc_factors.most);
            }
            (least, most) = (least.min(idle), most.max(busy));
        }
        Between { least, most }
    }

    /// Utilisation of its memory request of a process that has `live` bytes now, and may have had
    /// more. The autoscaler sees the working set.
    ///
    /// Simplified: of the pages of files, those of the binary count, and those of the WAL do not.
    fn memory_use(&self, index: u32, live: f64) -> f64 {
        let memory = &self.plan.memory;
        let highest = self.scaling().highest_live(index, live);
        let bytes = memory.within_limit(highest) + memory.active_share * memory.binary;
        self.scaling().of_memory_request(bytes)
    }

    /// Utilisation of its CPU request of a collector with this CPU demand.
    fn cpu_use(&self, cores: f64) -> f64 {
        let cores = cores.min(self.plan.cpu_cap);
        self.scaling().of_cpu_request(cores)
    }
}
