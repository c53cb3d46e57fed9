//! What happens to fleets and their collectors.

use crate::model::blueprint::{ClusterId, CollectorId, FleetId};
use crate::model::fleet::{End, Facts};
use crate::model::moment::Calendar;
use crate::units::{SimTime, small};

use super::World;

impl World<'_> {
    /// The fleet of a collector, and its index there.
    pub(super) fn locate(&self, id: CollectorId) -> (FleetId, u32) {
        let number = small(id.index());
        // Fleets without collectors share their first number with the next one.
        let fleets = &self.fleets;
        let fleet = fleets.partition_point(|fleet| fleet.first() <= number) - 1;
        (FleetId::new(fleet), number - fleets[fleet].first())
    }

    /// The stamp that events of a collector must carry to count.
    pub(super) fn stamp_of(&self, id: CollectorId) -> u16 {
        let (fleet, index) = self.locate(id);
        self.fleets[fleet].collector(index).stamp()
    }

    /// Whether the one planned event of a collector is due. A stamp finds most stale events early.
    /// This test finds all of them, however often the stamp has wrapped.
    pub(super) fn is_due(&self, id: CollectorId, now: SimTime) -> bool {
        let (fleet, index) = self.locate(id);
        self.fleets[fleet].collector(index).due == now
    }

    /// Does what a change of a fleet asks of the world.
    pub(super) fn go_on(&mut self, fleet: FleetId, facts: Facts, calendar: &mut Calendar) {
        for index in facts.wanted {
            let cluster = self.fleets[fleet].scaled_cluster(index);
            let room = self.room(fleet, cluster, calendar.now());
            let moment = &mut self.setting.moment(calendar);
            self.fleets[fleet].request(index, room, moment);
        }
        if facts.ports_changed {
            self.examine_ports_of(fleet, calendar);
            self.fleets[fleet].note_connections(0.0);
        }
    }

    /// Nodes or pods came or went. Collectors come and go with their nodes or pods.
    pub(super) fn fleet_resized(&mut self, fleet: FleetId, calendar: &mut Calendar) {
        let facts = self.fleets[fleet].resize(&mut self.setting.moment(calendar));
        self.go_on(fleet, facts, calendar);
        self.fleets[fleet].plan_resize(&mut self.setting.moment(calendar));
    }

    /// All targets of a fleet were replaced.
    pub(super) fn targets_replaced(&mut self, fleet: FleetId, calendar: &mut Calendar) {
        let facts = self.fleets[fleet].replace_targets(&mut self.setting.moment(calendar));
        self.go_on(fleet, facts, calendar);
    }

    /// The ring peers of a collector that is gone own its targets.
    pub(super) fn targets_taken_over(
        &mut self,
        fleet: FleetId,
        cluster: ClusterId,
        calendar: &mut Calendar,
    ) {
        let facts = self.fleets[fleet].rebalance(cluster, &mut self.setting.moment(calendar));
        self.go_on(fleet, facts, calendar);
    }

    /// The collectors of a cluster that was too small have waited until their deadline.
    pub(super) fn wait_ended(
        &mut self,
        fleet: FleetId,
        cluster: ClusterId,
        calendar: &mut Calendar,
    ) {
        let facts = self.fleets[fleet].end_wait(cluster, &mut self.setting.moment(calendar));
        self.go_on(fleet, facts, calendar);
    }

    /// A collector needs more memory than its limit.
    pub(super) fn memory_exceeded(&mut self, id: CollectorId, calendar: &mut Calendar) {
        let (fleet, index) = self.locate(id);
        let moment = &mut self.setting.moment(calendar);
        let fleet = &mut self.fleets[fleet];
        // A collector whose node or pod goes at this instant is not killed.
        if fleet.is_wanted(index, moment) {
            fleet.kill(index, fleet.kind_of_kill(), moment);
        }
    }

    /// A collector restarts, for none of the reasons that the model simulates: an update, a crash,
    /// an operator.
    pub(super) fn collector_interrupted(&mut self, id: CollectorId, calendar: &mut Calendar) {
        let (fleet, index) = self.locate(id);
        let moment = &mut self.setting.moment(calendar);
        self.fleets[fleet].end_process(index, End::RESTART, moment);
    }

    /// A collector has started and, with a volume, replayed its WAL. The collector serves, or the
    /// replay kills it.
    pub(super) fn collector_started(&mut self, id: CollectorId, calendar: &mut Calendar) {
        let (fleet, index) = self.locate(id);
        if self.fleets[fleet].is_given_up(index, calendar.now()) {
            self.start_afresh(fleet, index, calendar);
        } else {
            let moment = &mut self.setting.moment(calendar);
            if !self.fleets[fleet].start_again(index, moment) {
                return;
            }
            self.examine_memory_of(fleet, index, calendar);
        }
        let facts = self.fleets[fleet].hand_back(index, &mut self.setting.moment(calendar));
        self.go_on(fleet, facts, calendar);
    }

    /// An operator ends a crash loop. The WAL is deleted, and all crash-looping peers start at
    /// once. So no first peer has to own all targets.
    ///
    /// Source: grafana/alloy issue 201 (users scale to zero and back up; read 2026-11).
    fn start_afresh(&mut self, fleet: FleetId, index: u32, calendar: &mut Calendar) {
        for peer in self.fleets[fleet].peers(index) {
            let moment = &mut self.setting.moment(calendar);
            if self.fleets[fleet].start_if_stuck(peer, moment) {
                self.examine_memory_of(fleet, peer, calendar);
            }
        }
    }

    /// A new replica has found a node and started.
    pub(super) fn replica_started(&mut self, id: CollectorId, calendar: &mut Calendar) {
        let (fleet, index) = self.locate(id);
        let cluster = self.fleets[fleet].scaled_cluster(index);
        let moment = &mut self.setting.moment(calendar);
        if self.fleets[fleet].start_replica(index, moment) {
            let facts = self.fleets[fleet].rebalance(cluster, moment);
            self.go_on(fleet, facts, calendar);
            self.examine_memory_of(fleet, index, calendar);
            self.fleets[fleet].in_service(index, &mut self.setting.moment(calendar));
        }
        self.fleets[fleet].requeue(cluster, &mut self.setting.moment(calendar));
        let facts = Facts {
            ports_changed: true,
            ..Facts::default()
        };
        self.go_on(fleet, facts, calendar);
    }

    /// A router before a fleet got another ring.
    pub(super) fn router_upgraded(&mut self, fleet: FleetId, calendar: &mut Calendar) {
        let facts = self.fleets[fleet].upgrade_router(&mut self.setting.moment(calendar));
        self.go_on(fleet, facts, calendar);
    }

    /// A new pod is ready beside the pod that it will replace.
    pub(super) fn pod_surged(&mut self, fleet: FleetId, index: u32, calendar: &mut Calendar) {
        let moment = &mut self.setting.moment(calendar);
        if self.fleets[fleet].swap_pod(index, moment) {
            self.examine_memory_of(fleet, index, calendar);
            let cluster = self.fleets[fleet].scaled_cluster(index);
            self.targets_taken_over(fleet, cluster, calendar);
        }
    }
}
