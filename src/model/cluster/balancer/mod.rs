//! The load-balancing exporter before a cluster: which member gets which spans.
//!
//! Routers hash a trace or a service to a point of their ring. Members are their backends, and each
//! pod has points of its own. While routers of two versions run, a span goes by the ring of the
//! router that happens to have it.

mod addresses;
mod ring;

use crate::model::blueprint::{LoadBalancing, RoutingKey};
use crate::model::load::draw::Draw;

use addresses::Addresses;
use ring::BackendRing;

/// The routers before a cluster.
#[derive(Clone, Debug)]
pub(in crate::model) struct Routing {
    plan: LoadBalancing,
    addresses: Addresses,
    /// What they see.
    now: View,
    /// What they saw before the last change.
    before: View,
    /// Routers that were upgraded.
    upgraded: u32,
}

/// What routers see.
#[derive(Clone, Debug, Default)]
struct View {
    /// The addresses of the members.
    addresses: Vec<u32>,
    /// The first ring, and that of the routers that were upgraded.
    rings: Vec<BackendRing>,
    /// Share of the routers that were upgraded.
    upgraded: f64,
}

/// What a change of the routers did to the keys of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::model) struct Rerouted {
    /// Share of the keys that have another backend than before.
    pub moved: f64,
    /// Share of the keys for which routers of two versions disagree.
    pub disputed: f64,
    /// Share of the routers that the change upgraded.
    pub switched: f64,
    /// Share of the routers that were upgraded.
    pub upgraded: f64,
}

impl View {
    /// Whether a member was the same pod in an earlier view.
    fn is_same(&self, before: &Self, member: u32) -> bool {
        let address = |view: &Self| view.addresses.get(member as usize).copied();
        address(self) == address(before)
    }

    /// Share of the routers that run each ring.
    fn parts(&self) -> [f64; 2] {
        [1.0 - self.upgraded, self.upgraded]
    }

    /// The members that get a service, each with the part of the routers that send it there.
    fn owners(&self, service: u32) -> impl Iterator<Item = (u32, f64)> {
        let rings = self.rings.iter().zip(self.parts());
        rings.filter_map(move |(ring, part)| Some((ring.owner(service)?, part)))
    }
}

impl Routing {
    /// Routers that see no backend yet.
    pub(in crate::model) fn new(
        plan: LoadBalancing,
        (owner, members): (u64, u32),
        draw: &Draw,
    ) -> Self {
        Self {
            plan,
            addresses: Addresses::new(owner, members, draw),
            now: View::default(),
            before: View::default(),
            upgraded: 0,
        }
    }

    /// Whether services, not traces, decide where a span goes.
    pub(super) fn is_by_service(&self) -> bool {
        self.plan.key == RoutingKey::Service
    }

    /// The pod of a member is gone for good. Its address stays until routers see that.
    pub(in crate::model) fn retire(&mut self, member: usize) {
        self.addresses.retire(member);
    }

    /// Whether the pod of a member is gone, and routers do not see its successor yet.
    pub(in crate::model) fn is_gone(&self, member: usize) -> bool {
        self.addresses.is_gone(member)
    }

    /// Routers see the pod that takes the place of that of a member.
    pub(in crate::model) fn replace(&mut self, member: usize, draw: &Draw) {
        self.addresses.replace(member, draw);
    }

    /// One more router is upgraded.
    pub(in crate::model) fn upgrade(&mut self) {
        self.upgraded = (self.upgraded + 1).min(self.plan.routers);
    }

    /// Routers see the members in `listed`.
    pub(super) fn see(&mut self, listed: &[bool]) {
        let members = 0..listed.len();
        let endpoint = |member: usize| {
            let number = u32::try_from(member).expect("members are few");
            (number, self.addresses.endpoint(member))
        };
        let seen = members.clone().filter(|&member| listed[member]);
        let endpoints: Vec<(u32, String)> = seen.map(endpoint).collect();
        let later = self.plan.change.map(|change| change.to);
        let versions = std::iter::once(self.plan.ring).chain(later);
        let view = View {
            addresses: members.map(|member| self.addresses.of(member)).collect(),
            rings: versions
                .map(|version| BackendRing::new(version, &endpoints))
                .collect(),
            upgraded: f64::from(self.upgraded) / f64::from(self.plan.routers),
        };
        self.before = std::mem::replace(&mut self.now, view);
    }

    /// What the last change did to the keys of all traces.
    pub(super) fn rerouted(&self) -> Rerouted {
        let (before, now) = (&self.before, &self.now);
        let rings = before.rings.iter().zip(&now.rings).zip(now.parts());
        let is_same = |was: u32, is: u32| was == is && now.is_same(before, is);
        let moved = rings.map(|((was, is), part)| part * was.moved(is, is_same));
        let disputed = match now.rings.as_slice() {
            [first, later] => first.moved(later, |first, later| first == later),
            _ => 0.0,
        };
        Rerouted {
            moved: moved.sum(),
            disputed,
            switched: now.upgraded - before.upgraded,
            upgraded: now.upgraded,
        }
    }

    /// What the last change did to a number of services.
    pub(super) fn rerouted_services(&self, services: &[u64]) -> Rerouted {
        let (before, now) = (&self.before, &self.now);
        if before.rings.is_empty() || services.is_empty() {
            return Rerouted::default();
        }
        let stays = |&service: &u64| -> f64 {
            let service = hash(service);
            let owners = before.owners(service).zip(now.owners(service));
            let same = owners.filter(|&((was, _), (is, _))| was == is && now.is_same(before, is));
            same.map(|(_, (_, part))| part).sum()
        };
        let stay: f64 = services.iter().map(stays).sum();
        Rerouted {
            moved: 1.0 - stay / services.len() as f64,
            ..Rerouted::default()
        }
    }

    /// The share of each of so many members in all traces.
    pub(super) fn shares(&self, members: usize) -> Vec<f64> {
        let mut shares = vec![0.0; members];
        for (ring, part) in self.now.rings.iter().zip(self.now.parts()) {
            for (share, own) in shares.iter_mut().zip(ring.shares(members)) {
                *share += part * own;
            }
        }
        shares
    }

    /// The members that get a service, each with the part of the routers that send it there.
    pub(super) fn owners(&self, service: u64) -> impl Iterator<Item = (u32, f64)> {
        self.now.owners(hash(service))
    }
}

/// A hash of 32 bits, from its place among the targets.
fn hash(place: u64) -> u32 {
    u32::try_from(place).expect("the hash of a service has 32 bits")
}

/// The hash of a service on the ring.
///
/// Source: open-telemetry/opentelemetry-collector-contrib, `exporter/loadbalancingexporter`, v0.158,
/// the key of `routing_key = "service"` (read 2026-11).
pub(super) fn hash_of_service(name: &str) -> u32 {
    crc32fast::hash(format!("service.name={name}|").as_bytes())
}
