//! The applications on the nodes of a pool: their demand for cores and memory.

use crate::engine::key_of;
use crate::model::blueprint::{PoolId, Requests, Workload};
use crate::model::load::draw::{Draw, Occasion, Purpose};
use crate::model::load::timeline::{Grid, Timeline};
use crate::units::{Bytes, nearest};

use super::memory::{Protection, Resident};
use super::weight::cpu_weight;

/// Demand and requests of one workload on the nodes of a pool.
#[derive(Clone, Debug)]
pub(in crate::model) struct Application {
    /// Pods per node, per cell.
    pods: Vec<f64>,
    cpu_per_pod: f64,
    /// Demand of the pods of each node, relative to the mean; `None` if all nodes are equal.
    sizes: Option<Vec<f64>>,
    /// CPU weight of one pod.
    weight: f64,
    memory_per_pod: f64,
    /// One pod, as the OOM killer sees it.
    pod: Resident,
    /// Requests of one pod.
    requests: Requests,
}

impl Application {
    /// What a workload demands and requests on the nodes of a pool; `None` if nothing. `nodes` has
    /// the nodes of every pool, per cell.
    pub(in crate::model) fn draw(
        (workload, timeline): (&Workload, &Timeline),
        pool: PoolId,
        nodes: &[Vec<u32>],
        (grid, draw): (&Grid, &mut Draw),
    ) -> Option<Self> {
        let path = format!("workload.{}", workload.name);
        let demand = &workload.demand;
        let mut centre = |key: &str, quantity| draw.centre(&format!("{path}.{key}"), quantity);
        let cpu_per_pod = centre("cpu_per_pod", &demand.cpu_cores);
        let memory_per_pod = centre("memory_per_pod", &demand.memory_bytes);
        let asks = demand.memory_request_bytes > 0.0 || demand.cpu_request_cores > 0.0;
        if cpu_per_pod <= 0.0 && memory_per_pod <= 0.0 && !asks {
            return None;
        }
        let per_node = |cell: usize| {
            let there: u32 = workload
                .runs_on
                .iter()
                .map(|&on| nodes[on.index()][cell])
                .sum();
            timeline.targets_at(grid, grid.start_of(cell)) / f64::from(there.max(1))
        };
        let spread = demand.cpu_cores.spread;
        let size = |node: u32| {
            let at = Occasion::new(node, 0);
            draw.noise(Purpose::NodeDemand, key_of(&path), spread, at)
                .max(0.0)
        };
        let most = nodes[pool.index()].iter().copied().max().unwrap_or(0);
        let request = whole_bytes(demand.memory_request_bytes);
        Some(Self {
            pods: (0..grid.cells()).map(per_node).collect(),
            cpu_per_pod,
            sizes: (!spread.is_fixed()).then(|| (0..most).map(size).collect()),
            weight: cpu_weight(Some(demand.cpu_request_cores)),
            memory_per_pod,
            requests: Requests {
                cores: demand.cpu_request_cores,
                bytes: demand.memory_request_bytes,
            },
            pod: Resident {
                usage: whole_bytes(memory_per_pod),
                protection: if asks {
                    Protection::Burstable { request }
                } else {
                    Protection::BestEffort
                },
            },
        })
    }

    /// Whether the pods demand anything, and do not only request it.
    pub(in crate::model) fn demands(&self) -> bool {
        self.cpu_per_pod > 0.0 || self.memory_per_pod > 0.0
    }

    /// Cores that the pods of a node of mean size demand in a cell.
    pub(in crate::model) fn cores(&self, cell: usize) -> f64 {
        self.pods[cell] * self.cpu_per_pod
    }

    /// Demand of the pods of each node, relative to the mean; `None` if all nodes are equal.
    pub(in crate::model) fn sizes(&self) -> Option<&[f64]> {
        self.sizes.as_deref()
    }

    /// CPU weight of the pods of a node in a cell.
    pub(in crate::model) fn weight(&self, cell: usize) -> f64 {
        self.pods[cell] * self.weight
    }

    /// Bytes that the pods of a node use in a cell.
    pub(in crate::model) fn memory(&self, cell: usize) -> f64 {
        self.pods[cell] * self.memory_per_pod
    }

    /// Requests of the pods of a node in a cell.
    pub(in crate::model) fn requests(&self, cell: usize) -> Requests {
        self.requests * self.pods[cell]
    }

    /// One pod of a node in a cell, as the OOM killer sees it; `None` without pods.
    pub(in crate::model) fn pod(&self, cell: usize) -> Option<Resident> {
        (self.pods[cell] > 0.0).then_some(self.pod)
    }
}

/// The nearest whole number of bytes.
pub(in crate::model) fn whole_bytes(value: f64) -> Bytes {
    Bytes::new(nearest(value))
}
