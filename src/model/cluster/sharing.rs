//! The share of each replica in a workload: targets hashed to owners.

use rand_distr::{Distribution, StandardNormal};

use crate::engine::RandomStream;
use crate::model::blueprint::{MemberId, SeriesPerTarget};
use crate::model::cluster::balancer::{Rerouted, Routing, hash_of_service};
use crate::model::cluster::ring::Ring;
use crate::model::law::Law;
use crate::model::load::draw::{Draw, Purpose};
use crate::model::load::driver::{weight, weight_value};
use crate::model::topology::Assignment;

/// Targets of one workload in one cluster that are simulated one by one. More targets are bundled.
///
/// Simplified: past this number a key stands for several targets. A bundle has the mean of their
/// series, with the smaller variance of a mean.
const TARGETS_MAX: u32 = 4_096;

/// The targets of one workload in one cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Targets {
    /// Key of the random streams from which the targets' keys are drawn.
    owner: u64,
    /// Size of each target, as a share of what a cluster has on average; zeros if no target has a
    /// series.
    shares: Vec<f64>,
    /// The place of each target: a token of the ring, or its key without a ring.
    places: Vec<u64>,
    /// How the targets reach a member that does not scrape them.
    push: Push,
    /// The member that each client is connected to, where clients stay connected.
    pins: Vec<u32>,
    /// Replacements of all targets until the clients were connected.
    pinned_in: u32,
}

impl Targets {
    /// Draws the sizes of `count` targets with series per `law`, relative to the mean of the law.
    /// Few targets are drawn one by one, so their sum varies as the sum of their laws does. The sum
    /// of many has the mean and the variance of that sum.
    pub fn draw(draw: &Draw, owner: u64, count: u32, law: &SeriesPerTarget) -> Self {
        let followed = count.min(TARGETS_MAX);
        let bundled = f64::from(count) / f64::from(followed.max(1));
        let sizes = if bundled > 1.0 {
            Sizes::of_bundles(law, bundled)
        } else {
            Sizes::new(law)
        };
        let size =
            |target: u32| sizes.of(&mut draw.stream(Purpose::TargetSeries, owner, target, 0));
        let shares = (0..followed).map(|target| bundled * size(target));
        Self {
            owner,
            shares: shares.collect(),
            places: Vec::new(),
            push: Push::None,
            pins: Vec::new(),
            pinned_in: 0,
        }
    }

    /// Clients that push their requests to a load balancer, of which every member gets an equal part.
    pub fn pushed() -> Self {
        Self {
            owner: 0,
            shares: vec![1.0],
            places: Vec::new(),
            push: Push::Requests,
            pins: Vec::new(),
            pinned_in: 0,
        }
    }

    /// `count` equal clients that each stay connected to one member.
    pub fn pinned(owner: u64, count: u32) -> Self {
        let followed = count.clamp(1, TARGETS_MAX);
        Self {
            owner,
            shares: vec![1.0 / f64::from(followed); followed as usize],
            push: Push::Connections,
            ..Self::pushed()
        }
    }

    /// These targets as clients of a load balancer, of which every member gets an equal part.
    #[must_use]
    pub fn balanced(self) -> Self {
        Self {
            push: Push::Requests,
            ..self
        }
    }

    /// Spans that a load-balancing exporter sends on by their trace.
    pub fn routed() -> Self {
        Self {
            push: Push::Routers,
            ..Self::pushed()
        }
    }

    /// Spans of a number of equal services that a load-balancing exporter sends on by their service.
    pub fn routed_services(workload: &str, services: u32) -> Self {
        let name = |service: u32| format!("{workload}-{service}");
        let places = (0..services).map(|service| u64::from(hash_of_service(&name(service))));
        Self {
            shares: vec![1.0 / f64::from(services); services as usize],
            places: places.collect(),
            ..Self::routed()
        }
    }

    /// What the last change of the routers did to these spans; `None` for all other targets.
    pub(super) fn rerouted(&self, sharing: &Sharing) -> Option<Rerouted> {
        let routing = sharing.routing.as_ref()?;
        if self.push != Push::Routers {
            return None;
        }
        Some(if routing.is_by_service() {
            routing.rerouted_services(&self.places)
        } else {
            routing.rerouted()
        })
    }

    /// The share of each of so many members in spans that routers send on.
    fn routed_shares(&self, routing: &Routing, members: usize) -> Vec<f64> {
        if !routing.is_by_service() {
            return routing.shares(members);
        }
        let mut shares = vec![0.0; members];
        for (&place, share) in self.places.iter().zip(&self.shares) {
            for (member, part) in routing.owners(place) {
                shares[member as usize] += part * share;
            }
        }
        shares
    }

    /// Whether clients stay connected to one member.
    pub(super) fn is_pinned(&self) -> bool {
        self.push == Push::Connections
    }

    /// The clients whose member is not up any more connect to another one. All others stay.
    pub(super) fn pin(&mut self, up: &[bool]) {
        let present = present(up);
        if !self.is_pinned() || present.is_empty() {
            return;
        }
        let clients = 0..self.shares.len();
        self.pins = clients
            .map(|client| self.pin_of(client, (up, &present)))
            .collect();
    }

    /// The member that a client is connected to, or connects to.
    fn pin_of(&self, client: usize, (up, present): (&[bool], &[u32])) -> u32 {
        let is_up = |pin: &u32| up.get(*pin as usize) == Some(&true);
        let pin = self.pins.get(client).copied().filter(is_up);
        pin.unwrap_or_else(|| {
            let place = self.places[client] % present.len() as u64;
            present[usize::try_from(place).expect("members are few")]
        })
    }

    /// Sum of the sizes of all targets.
    pub fn total(&self) -> f64 {
        self.shares.iter().sum()
    }

    /// These targets with all sizes multiplied by `factor`.
    #[must_use]
    pub fn scaled(mut self, factor: f64) -> Self {
        for share in &mut self.shares {
            *share *= factor;
        }
        self
    }

    /// These targets and giants of these sizes.
    #[must_use]
    pub fn with_giants(mut self, giants: &[f64]) -> Self {
        self.shares.extend_from_slice(giants);
        self
    }

    /// Gives every target its key of an `epoch`. Must be called before the first call of
    /// [`Targets::shares`].
    pub fn renew(&mut self, draw: &Draw, sharing: &Sharing, epoch: u32) {
        let targets = (0..).take(self.shares.len());
        let place = |target: u32| {
            let key = target_key(draw, self.owner, target, epoch);
            sharing
                .ring
                .as_ref()
                .map_or(key, |ring| ring.position(key) as u64)
        };
        self.places = match (self.push, sharing.assignment) {
            (Push::Connections, _) => targets
                .map(|target| target_key(draw, self.owner, target, epoch))
                .collect(),
            (Push::Routers, _) => std::mem::take(&mut self.places),
            (Push::Requests, _) | (Push::None, Assignment::Balanced) => Vec::new(),
            _ => targets.map(place).collect(),
        };
        if self.pinned_in != epoch {
            // Every client was replaced, and connects anew.
            self.pins.clear();
            self.pinned_in = epoch;
        }
    }

    /// Share of each member when the members in `up` share all targets; zero for the others. The
    /// shares add up to exactly the fixed point of all targets, unless no member is up.
    pub fn shares(&self, sharing: &Sharing, up: &[bool]) -> Vec<u32> {
        let mut shares = vec![0.0; up.len()];
        let present = present(up);
        let living = present.len();
        if living == 0 || self.shares.iter().all(|&share| share == 0.0) {
            return vec![0; up.len()];
        }
        let whole = self.total();
        let is_even = match self.push {
            Push::None => sharing.assignment == Assignment::Balanced,
            Push::Requests => true,
            Push::Connections | Push::Routers => false,
        };
        if let Some(routing) = &sharing.routing
            && self.push == Push::Routers
        {
            return exact(&self.routed_shares(routing, up.len()), whole);
        }
        if is_even {
            let even = |&up: &bool| if up { whole / living as f64 } else { 0.0 };
            return exact(&up.iter().map(even).collect::<Vec<_>>(), whole);
        }
        if self.is_pinned() {
            for (client, share) in self.shares.iter().enumerate() {
                shares[self.pin_of(client, (up, &present)) as usize] += share;
            }
            return exact(&shares, whole);
        }
        let index = |place: u64| usize::try_from(place).expect("members and tokens are few");
        for (&place, share) in self.places.iter().zip(&self.shares) {
            let member = match &sharing.ring {
                Some(ring) => ring
                    .owner_from(index(place), |peer| up[peer])
                    .expect("somebody is up"),
                None => present[index(place % living as u64)] as usize,
            };
            shares[member] += share;
        }
        exact(&shares, whole)
    }
}

/// How clients reach a member that does not scrape them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Push {
    /// They are targets, which members scrape.
    None,
    /// Each request finds a member of its own.
    Requests,
    /// Each client stays connected to one member.
    Connections,
    /// Routers with a load-balancing exporter send them on.
    Routers,
}

/// The members that are up.
fn present(up: &[bool]) -> Vec<u32> {
    let members = (0..).zip(up);
    members
        .filter_map(|(member, &is_up)| is_up.then_some(member))
        .collect()
}

/// How the members of a cluster share targets.
#[derive(Clone, Debug)]
pub struct Sharing {
    /// The rule that assigns targets to members.
    pub assignment: Assignment,
    /// Alloy's ring over the members, for [`Assignment::Ring`].
    pub ring: Option<Ring>,
    /// The routers before the members, if any.
    pub(super) routing: Option<Routing>,
}

impl Sharing {
    /// The rule over members called `names`.
    pub fn new(assignment: Assignment, names: &[String]) -> Self {
        let ring = (assignment == Assignment::Ring).then(|| Ring::new(names));
        Self {
            assignment,
            ring,
            routing: None,
        }
    }
}

/// The share of every member of a cluster in every stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::model) struct Shares {
    /// Shares by stream and by member; empty for streams that are not shared.
    streams: Vec<Vec<u32>>,
}

impl Shares {
    /// The shares of `owners` in the targets of each stream.
    pub(super) fn of_targets(
        targets: &[Option<Targets>],
        sharing: &Sharing,
        owners: &[bool],
    ) -> Self {
        let share = |targets: &Option<Targets>| {
            let targets = targets.as_ref();
            targets.map_or(Vec::new(), |targets| targets.shares(sharing, owners))
        };
        Self {
            streams: targets.iter().map(share).collect(),
        }
    }

    /// The share of one member in each stream; `None` for streams that are not shared.
    pub(in crate::model) fn of(&self, member: MemberId) -> Vec<Option<u32>> {
        let share = |stream: &Vec<u32>| stream.get(member.index()).copied();
        self.streams.iter().map(share).collect()
    }

    /// Takes every share from its member. Returns the sum of the shares, stream by stream.
    pub(in crate::model) fn take_all(&mut self) -> Vec<u64> {
        let take = |shares: &mut Vec<u32>| {
            let all = shares.iter().map(|&share| u64::from(share)).sum();
            shares.fill(0);
            all
        };
        self.streams.iter_mut().map(take).collect()
    }

    /// By how much the share of one member exceeds its share in `other`, in each stream.
    pub(super) fn gains(&self, other: &Self, member: MemberId) -> Vec<f64> {
        let value = |share: Option<u32>| weight_value(share.unwrap_or(0));
        let both = self.of(member).into_iter().zip(other.of(member));
        both.map(|(here, there)| (value(here) - value(there)).max(0.0))
            .collect()
    }
}

/// How the entities of one kind differ in size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sizes<'a> {
    /// All entities have one size.
    Alike,
    /// Each size is drawn from a law.
    Drawn {
        /// The law.
        spread: Law,
        /// Mean of the law.
        mean: f64,
    },
    /// Each size is one of some values.
    Measured {
        /// The values.
        values: &'a [f64],
        /// Mean of the values.
        mean: f64,
    },
}

impl<'a> Sizes<'a> {
    /// Sizes of entities whose series follow `law`.
    pub fn new(law: &'a SeriesPerTarget) -> Self {
        match law {
            SeriesPerTarget::Unstated => Self::Alike,
            SeriesPerTarget::Law(quantity) if quantity.spread.is_fixed() => Self::Alike,
            SeriesPerTarget::Law(quantity) => Self::Drawn {
                spread: quantity.spread,
                mean: quantity.spread.mean(),
            },
            SeriesPerTarget::Measured(values) => Self::Measured {
                values,
                mean: law.mean(0.0).max(f64::MIN_POSITIVE),
            },
        }
    }

    /// Sizes of bundles of `bundled` entities whose series follow `law`. A mean varies less.
    fn of_bundles(law: &SeriesPerTarget, bundled: f64) -> Self {
        let sigma2 = (law.scv() / bundled).ln_1p();
        Self::Drawn {
            spread: Law::LogNormal {
                mu: -sigma2 / 2.0,
                sigma: sigma2.sqrt(),
            },
            mean: 1.0,
        }
    }

    /// Size relative to the mean of the entity whose random numbers are in `stream`.
    pub fn of(&self, stream: &mut RandomStream) -> f64 {
        match *self {
            Self::Alike => 1.0,
            Self::Drawn { spread, mean } => {
                spread.at(StandardNormal.sample(stream)).max(0.0) / mean
            }
            Self::Measured { values, mean } => {
                let position = stream.unit() * values.len() as f64;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "0..len"
                )]
                let value = values[(position as usize).min(values.len() - 1)];
                value / mean
            }
        }
    }
}

/// Series of one entity relative to the mean.
pub fn entity_size(
    draw: &Draw,
    purpose: Purpose,
    owner: u64,
    entity: u32,
    law: &SeriesPerTarget,
) -> f64 {
    Sizes::new(law).of(&mut draw.stream(purpose, owner, entity, 0))
}

fn target_key(draw: &Draw, owner: u64, target: u32, epoch: u32) -> u64 {
    use rand::Rng;
    draw.stream(Purpose::TargetKey, owner, target, epoch)
        .next_u64()
}

/// Fixed-point shares that add up to `whole`. The largest share gets the remainder of rounding.
fn exact(shares: &[f64], whole: f64) -> Vec<u32> {
    let mut fixed: Vec<u32> = shares.iter().map(|&share| weight(share)).collect();
    let largest = (0..fixed.len())
        .max_by_key(|&index| fixed[index])
        .expect("a cluster has members");
    let others: u32 = fixed.iter().sum::<u32>() - fixed[largest];
    fixed[largest] = weight(whole) - others;
    fixed
}
