//! What an autoscaler sees of its pods: measurements, which are older than the states of the pods.

use std::collections::VecDeque;

use super::recommend::Reading;
use crate::units::SimTime;

/// Utilisation of a pod's requests; 1 = the whole request.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Of its memory request.
    pub memory: f64,
    /// Of its CPU request.
    pub cpu: f64,
}

/// The phase of a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pod {
    /// The pod does not exist.
    #[default]
    Gone,
    /// The pod waits for a node, or for its first process.
    Pending {
        /// When the pod was requested.
        since: SimTime,
        /// When the pod has a node.
        placed: SimTime,
    },
    /// The pod has had a process.
    Running {
        /// When its first process came into service.
        since: SimTime,
    },
    /// The pod is being terminated.
    Leaving,
}

/// One measurement of a cluster's pods.
#[derive(Clone, Debug, PartialEq)]
struct Sample {
    at: SimTime,
    /// By ordinal; `None` without a process.
    pods: Vec<Option<Usage>>,
}

/// Measurements on their way to an autoscaler.
#[derive(Clone, Debug, Default)]
pub struct Measurements {
    samples: VecDeque<Sample>,
}

impl Measurements {
    /// Stores the utilisation of pods at `at`, by ordinal; `None` without a process.
    pub fn measure(&mut self, at: SimTime, pods: Vec<Option<Usage>>) {
        self.samples.push_back(Sample { at, pods });
    }

    /// The readings of `pods` from the last measurement up to `at`.
    pub fn see(&mut self, at: SimTime, pods: &[Pod]) -> Readings {
        while self.samples.get(1).is_some_and(|next| next.at <= at) {
            self.samples.pop_front();
        }
        let sample = self.samples.front().filter(|sample| sample.at <= at);
        let mut readings = Readings::default();
        for (ordinal, pod) in pods.iter().enumerate() {
            let usage = sample.and_then(|sample| match *pod {
                Pod::Running { since } if since <= sample.at => *sample.pods.get(ordinal)?,
                _ => None,
            });
            readings.count(pod, usage);
        }
        readings
    }
}

/// What an autoscaler knows of the pods of a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Readings {
    /// Utilisation of the memory requests.
    pub memory: Reading,
    /// Utilisation of the CPU requests.
    pub cpu: Reading,
}

impl Readings {
    /// Adds a pod, with its utilisation if known.
    pub fn count(&mut self, pod: &Pod, usage: Option<Usage>) {
        self.memory.count(pod, usage.map(|usage| usage.memory));
        self.cpu.count(pod, usage.map(|usage| usage.cpu));
    }
}

impl Reading {
    /// Adds a pod, with its utilisation if known.
    fn count(&mut self, pod: &Pod, used: Option<f64>) {
        match (pod, used) {
            (Pod::Gone | Pod::Leaving, _) => {}
            (Pod::Pending { .. }, _) => self.pending += 1,
            (Pod::Running { .. }, Some(used)) => {
                self.used += used;
                self.measured += 1;
            }
            (Pod::Running { .. }, None) => self.missing += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn usage(cpu: f64) -> Usage {
        Usage { memory: 0.5, cpu }
    }

    fn at(nanos: u64) -> SimTime {
        SimTime::from_nanos(nanos)
    }

    #[test]
    fn old_measurements_know_no_new_pods() {
        let mut measurements = Measurements::default();
        measurements.measure(at(0), vec![Some(usage(1.0)), None]);
        measurements.measure(at(15), [2.0, 3.0, 4.0].map(|cpu| Some(usage(cpu))).to_vec());
        let waiting = Pod::Pending {
            since: at(5),
            placed: at(9),
        };
        let running = |since| Pod::Running { since: at(since) };
        let pods = [running(0), running(0), waiting, Pod::Leaving];
        let Readings { memory, cpu } = measurements.see(at(0), &pods);
        assert_eq!((cpu.measured, cpu.missing, cpu.pending), (1, 1, 1));
        assert!((cpu.used - 1.0).abs() < 1e-12 && (memory.used - 0.5).abs() < 1e-12);
        // The third pod started after a pod of the same name was measured.
        let Readings { cpu, .. } = measurements.see(at(20), &[running(0), running(0), running(16)]);
        assert_eq!((cpu.measured, cpu.missing, cpu.pending), (2, 1, 0));
        assert!((cpu.used - 5.0).abs() < 1e-12);
    }

    #[test]
    fn before_the_first_measurement_nothing_is_known() {
        let mut measurements = Measurements::default();
        measurements.measure(at(30), vec![Some(usage(1.0))]);
        let Readings { cpu, .. } = measurements.see(at(15), &[Pod::Running { since: at(0) }]);
        assert_eq!((cpu.measured, cpu.missing), (0, 1));
    }
}
