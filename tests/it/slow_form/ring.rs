//! Replicas that share targets by the ring: who takes over when one is away, and who hands back.
//!
//! Whose a target is follows from its key, one target after the other; the numbers behind that are those of
//! the fast form, as they are drawn.

use alloy_sim::engine::key_of;
use alloy_sim::model::cluster::sharing::{Sharing, Targets};
use alloy_sim::model::load::draw::{Occasion, Purpose};
use alloy_sim::model::load::timeline::{Grid, Timeline};
use alloy_sim::model::topology::Population;
use alloy_sim::units::SimTime;

use super::collector::{Collector, Life, Moves};
use super::event_loop::Slow;
use super::plan::{OWN, Plan, STREAMS};

/// Replicas and the targets that they share, per workload.
#[derive(Debug)]
pub(super) struct Ring {
    sharing: Sharing,
    targets: Vec<Targets>,
    /// Mean series of the targets that exist, per workload.
    pub series_per_target: Vec<f64>,
}

impl Ring {
    /// The replicas of a fleet, if it has any.
    pub(super) fn draw(plan: &Plan<'_>, timelines: &[Timeline]) -> Option<Self> {
        let fleet = &plan.blueprint.fleets[0];
        let Population::Replicas(replicas) = fleet.topology.population else {
            return None;
        };
        let names: Vec<String> = (0..replicas)
            .map(|member| format!("{}-{member}", fleet.name))
            .collect();
        let sharing = Sharing::new(fleet.topology.assignment, &names);
        let workloads = plan.blueprint.workloads.iter().zip(timelines);
        let drawn = workloads.map(|(workload, timeline)| {
            let owner = key_of(&format!("workload.{}.0", workload.name));
            let count = targets_of(timeline, &plan.grid);
            let sizes = Targets::draw(&plan.draw, owner, count, &workload.series);
            let mean = timeline.series_per_target * (sizes.total() / f64::from(count));
            let series = sizes.scaled(timeline.series_per_target);
            let all = series.total();
            let mut targets = series.scaled(1.0 / all);
            targets.renew(&plan.draw, &sharing, 0);
            (targets, mean)
        });
        let (targets, series_per_target) = drawn.unzip();
        Some(Self {
            sharing,
            targets,
            series_per_target,
        })
    }

    /// Weights of every replica if some of them own targets, at least one.
    pub(super) fn weights(&self, owners: &[bool]) -> Vec<[u32; STREAMS]> {
        let mut weights = vec![[0; STREAMS]; owners.len()];
        for (stream, targets) in self.targets.iter().enumerate() {
            let shares = targets.shares(&self.sharing, owners);
            for (weights, share) in weights.iter_mut().zip(shares) {
                weights[stream] = share;
            }
        }
        for weights in &mut weights {
            weights[OWN] = 1 << 24;
        }
        weights
    }
}

/// Whole targets at the start, at least one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "few"
)]
fn targets_of(timeline: &Timeline, grid: &Grid) -> u32 {
    (timeline.targets_at_start(grid).round() as u32).max(1)
}

impl Slow<'_> {
    /// The worst that happened to what moved. What has died of it moves as well.
    pub(super) fn moves(&self) -> Moves {
        let moves = self.collectors.iter().map(|one| one.moves).max();
        let moves = moves.unwrap_or_default();
        if self.plan.ring.is_some() && self.plan.something_dies() {
            moves.max(Moves::Summed)
        } else {
            moves
        }
    }

    /// Who owns targets: whoever serves, and whoever is away while nobody has noticed.
    fn owners(&self) -> Vec<bool> {
        let owns = |one: &Collector| match one.life {
            Life::Serving => true,
            Life::Down => self.now < one.taken_at,
            _ => false,
        };
        self.collectors.iter().map(owns).collect()
    }

    /// Plans when the others notice that one is away: half an interval after that they scrape its targets.
    pub(super) fn plan_takeover(&mut self, index: u32) {
        if self.plan.ring.is_none() {
            return;
        }
        let law = self.plan.blueprint.fleets[0].interruptions.leave_takeover;
        let occasion = Occasion::new(index, self.collectors[index as usize].drawn);
        let draw = &self.plan.draw;
        let noticed = draw.noise(Purpose::Takeover, self.plan.key, law, occasion);
        let seconds = noticed + self.plan.shortest_interval() as f64 / 2e9;
        let taken_at = self.now + SimTime::from_secs_f64(seconds).nanos();
        self.collectors[index as usize].taken_at = taken_at;
    }

    /// Targets move to whoever owns them now.
    pub(super) fn share_out(&mut self) {
        let owners = self.owners();
        let Some(ring) = self.plan.ring.as_ref().filter(|_| owners.contains(&true)) else {
            return;
        };
        let weights = ring.weights(&owners);
        let segment = self.here();
        for (collector, weights) in self.collectors.iter_mut().zip(weights) {
            collector.reweigh(weights, &segment, self.now);
        }
    }

    /// One that was away serves again, and has its targets back. If the others had them for less than an
    /// interval, some of them were scraped by the others and some were not.
    pub(super) fn hand_back(&mut self, index: u32) {
        if self.plan.ring.is_none() {
            return;
        }
        let interval = self.plan.shortest_interval();
        let taken_at = self.collectors[index as usize].taken_at;
        let scraped = self.now.saturating_sub(taken_at - interval / 2) as f64 / interval as f64;
        let mut owners = self.owners();
        self.share_out();
        if scraped >= 1.0 {
            return;
        }
        // All or none have been moved.
        let moved = if self.now < taken_at { 0.0 } else { 1.0 };
        let ring = self.plan.ring.as_ref().unwrap();
        let with = ring.weights(&owners);
        owners[index as usize] = false;
        if !owners.contains(&true) {
            return;
        }
        let without = ring.weights(&owners);
        let segment = self.here();
        for (other, collector) in self.collectors.iter_mut().enumerate() {
            if other != index as usize && collector.is_up() {
                let gained =
                    |stream: usize| without[other][stream].saturating_sub(with[other][stream]);
                let gained = std::array::from_fn(gained);
                collector.leave_behind(gained, scraped - moved, (&segment, self.now));
            }
        }
    }
}
