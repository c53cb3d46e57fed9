//! One draw of all unknowns, and the random numbers of everything else.

use rand_distr::{Distribution, StandardNormal};

use crate::engine::{RandomStream, RandomStreams, key_of};
use crate::model::blueprint::Trend;
use crate::model::law::{Law, Quantity};
use crate::model::load::trend::DrawnTrend;

/// What a random number is for: the first half of the name of its random stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The centre of a quantity.
    Unknown,
    /// Size of an entity relative to others of its kind.
    Weight,
    /// Key of a target on the hash ring.
    TargetKey,
    /// Series of a target.
    TargetSeries,
    /// Instants and sizes of rollouts.
    Rollout,
    /// Instants, factors and lengths of incidents.
    Incident,
    /// Phase of a process at the start of a draw.
    Phase,
    /// Time to the next restart of a collector.
    Restart,
    /// Length of an interruption.
    Gap,
    /// Speed of a replay.
    Replay,
    /// Time until ring peers take over targets.
    Takeover,
    /// Instants of drains and failures of nodes.
    Node,
    /// CPU demand of a node's applications relative to the others.
    NodeDemand,
    /// Arrivals, lifetimes, ports and sizes of jobs.
    Job,
    /// Memory of a replay.
    ReplayPeak,
    /// Phase of a retry at the end of an outage.
    Retry,
    /// Seconds of replay per MiB of a WAL.
    ReplayLog,
    /// Time until a node is ready for a pending replica.
    Provisioning,
    /// Instants of rollouts of a fleet.
    Update,
    /// Who gets a port first.
    Dial,
    /// Waits of shards that send logs, in an outage.
    LogRetry,
    /// Waits between attempts to send spans.
    SpanRetry,
    /// Address of a pod.
    PodAddress,
    /// Waits of loops that hold a profile, in an outage.
    ProfileRetry,
}

/// One occurrence of an entity, for which a random number is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// The entity, among those of the owner.
    pub entity: u32,
    /// The number of the occurrence.
    pub counter: u32,
}

impl Occasion {
    /// The occurrence `counter` of an entity.
    pub const fn new(entity: u32, counter: u32) -> Self {
        Self { entity, counter }
    }
}

/// Which simulation of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replication {
    /// Number of the draw.
    pub draw: u32,
    /// Number of the replication of that draw.
    pub number: u32,
}

impl Replication {
    /// The first replication of a draw.
    pub const fn first_of(draw: u32) -> Self {
        Self { draw, number: 0 }
    }
}

/// One draw: the values of all unknown quantities, and named random numbers.
#[derive(Clone, Debug)]
pub struct Draw {
    unknowns: RandomStreams,
    streams: RandomStreams,
    values: Vec<f64>,
    names: Vec<String>,
}

impl Draw {
    /// A replication of draw number `draw` of the experiment with this `seed`. The draw decides the
    /// unknowns; the replication decides all other random numbers.
    pub fn new(seed: u64, draw: u32, replication: u32) -> Self {
        let own = seed.wrapping_add(u64::from(replication).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Self {
            unknowns: RandomStreams::new(seed, draw),
            streams: RandomStreams::new(own, draw),
            values: Vec::new(),
            names: Vec::new(),
        }
    }

    /// The centre of the quantity called `path` in this draw.
    pub fn centre(&mut self, path: &str, quantity: &Quantity) -> f64 {
        let key = quantity.correlated.unwrap_or_else(|| key_of(path));
        let value = quantity.centre.at(self.score(key));
        if !quantity.centre.is_fixed() {
            self.values.push(value);
            self.names.push(path.to_owned());
        }
        value
    }

    /// The standard normal score of an unknown with this key: that of its path, or the key that it
    /// shares with others.
    fn score(&self, key: u64) -> f64 {
        let purpose = Purpose::Unknown as u64;
        StandardNormal.sample(&mut self.unknowns.stream(purpose, key, 0))
    }

    /// The trend called `path`, with its unknowns drawn.
    pub fn trend(&mut self, path: &str, trend: &Trend) -> DrawnTrend {
        let start = self.centre(path, &trend.start);
        let growth = self.centre(&format!("{path}.growth_per_30d"), &trend.growth_per_30d);
        DrawnTrend::new(start, growth, trend)
    }

    /// Random numbers for a purpose of `owner` (a key), its `entity` and the occurrence `counter`.
    pub fn stream(&self, purpose: Purpose, owner: u64, entity: u32, counter: u32) -> RandomStream {
        self.streams.stream(
            owner.wrapping_add(purpose as u64),
            u64::from(entity),
            counter,
        )
    }

    /// A standard normal score.
    pub fn normal(&self, purpose: Purpose, owner: u64, entity: u32, counter: u32) -> f64 {
        StandardNormal.sample(&mut self.stream(purpose, owner, entity, counter))
    }

    /// A number uniform on the open interval from 0 to 1.
    pub fn unit(&self, purpose: Purpose, owner: u64, entity: u32, counter: u32) -> f64 {
        self.stream(purpose, owner, entity, counter).unit()
    }

    /// A value of `law` for one occurrence.
    pub fn noise(&self, purpose: Purpose, owner: u64, law: Law, at: Occasion) -> f64 {
        law.at(self.normal(purpose, owner, at.entity, at.counter))
    }

    /// The names and values of the unknowns drawn so far, in the order of drawing.
    pub fn into_unknowns(self) -> (Vec<String>, Vec<f64>) {
        (self.names, self.values)
    }

    /// The values of the unknowns drawn so far.
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}
