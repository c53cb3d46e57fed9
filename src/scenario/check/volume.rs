//! A warning of a StatefulSet that leaves open whether its pods have volumes.

use super::Warning;
use crate::model::blueprint::{Blueprint, Controller, Fleet};
use crate::model::topology::{Population, Tenancy};
use crate::scenario::tree::Table;

/// The fleets of metrics whose section does not state `volume` although their controller offers it.
pub(super) fn warnings(blueprint: &Blueprint, root: &Table) -> Vec<Warning> {
    let is_open = |fleet: &&Fleet| {
        let replicas = matches!(fleet.topology.population, Population::Replicas(_));
        let is_stateful = fleet.lifecycle.controller == Controller::StatefulSet;
        replicas
            && is_stateful
            && fleet.topology.tenancy == Tenancy::OwnPod
            && !fleet.metrics_of.is_empty()
            && !states(root, &fleet.name)
    };
    let warning = |fleet: &Fleet| {
        let name = &fleet.name;
        let message = format!("fleet `{name}` is a StatefulSet and leaves its volume open");
        let help = "the charts install none, so `volume = false` is assumed: a restart begins with an \
                    empty WAL, without a replay; state `volume = true` if the pods have volume claims";
        Warning::new(("fleet", name, "controller"), message, help)
    };
    let fleets = blueprint.fleets.iter();
    fleets.filter(is_open).map(warning).collect()
}

fn states(root: &Table, fleet: &str) -> bool {
    let sections = root.get("fleet").and_then(|node| node.as_array());
    let mut sections = sections.into_iter().flatten();
    let section = sections.find(|node| node.name() == Some(fleet));
    let table = section.and_then(|node| node.as_table());
    table.is_some_and(|table| table.get("volume").is_some())
}
