//! The addresses of the pods of a cluster.

use rand::Rng;

use crate::model::load::draw::{Draw, Purpose};

/// Port at which a backend takes spans.
///
/// Source: OpenTelemetry Protocol specification, OTLP/gRPC default port (read 2026-11).
const PORT: u32 = 4_317;

/// The address of the pod of each member. A pod that replaces another has a new one.
///
/// Simplified: addresses are drawn from a network of 16 million, and not from the networks of nodes.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    /// Key of their random streams.
    owner: u64,
    pods: Vec<Pod>,
}

/// The pod of a member.
#[derive(Clone, Copy, Debug, Default)]
struct Pod {
    address: u32,
    /// Pods that the member has had before.
    former: u32,
    /// Whether its pod is gone, and the next one has no address yet.
    is_gone: bool,
}

impl Addresses {
    /// The addresses of the first pods.
    pub(super) fn new(owner: u64, members: u32, draw: &Draw) -> Self {
        let mut addresses = Self {
            owner,
            pods: vec![Pod::default(); members as usize],
        };
        for member in 0..addresses.pods.len() {
            addresses.pods[member].address = addresses.draw(member, draw);
        }
        addresses
    }

    /// An address for the present pod of a member that no other pod has.
    fn draw(&self, member: usize, draw: &Draw) -> u32 {
        const HOSTS: u64 = 1 << 24;
        let former = self.pods[member].former;
        let entity = u32::try_from(member).expect("members are few");
        let mut stream = draw.stream(Purpose::PodAddress, self.owner, entity, former);
        loop {
            let address = u32::try_from(stream.next_u64() % HOSTS).expect("24 bits");
            if self.pods.iter().all(|pod| pod.address != address) {
                return address;
            }
        }
    }

    /// The pod of a member is gone for good.
    pub(super) fn retire(&mut self, member: usize) {
        self.pods[member].is_gone = true;
    }

    /// Whether the pod of a member is gone, and none has taken its place.
    pub(super) fn is_gone(&self, member: usize) -> bool {
        self.pods[member].is_gone
    }

    /// A pod takes the place of that of a member, with a new address.
    pub(super) fn replace(&mut self, member: usize, draw: &Draw) {
        self.pods[member].former += 1;
        self.pods[member].is_gone = false;
        self.pods[member].address = self.draw(member, draw);
    }

    /// The address of the pod of a member.
    pub(super) fn of(&self, member: usize) -> u32 {
        self.pods[member].address
    }

    /// The endpoint of a member, as a resolver writes it.
    pub(super) fn endpoint(&self, member: usize) -> String {
        let [_, a, b, c] = self.of(member).to_be_bytes();
        format!("10.{a}.{b}.{c}:{PORT}")
    }
}
