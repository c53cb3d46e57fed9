//! Cardinality incidents of the workloads of fleets.

use crate::model::blueprint::{Blueprint, FleetId};
use crate::model::load::timeline::Timeline;
use crate::model::record::catalogue::Scope;
use crate::model::record::observer::{Note, Observer};
use crate::model::record::outcome::RecordKind;
use crate::units::SimTime;

/// Records the cardinality incidents of each fleet's workloads, which are known from the start.
pub(in crate::model) fn note_incidents(
    (blueprint, end): (&Blueprint, SimTime),
    timelines: &[Timeline],
    observer: &mut Observer,
) {
    for (id, fleet) in FleetId::all(blueprint.fleets.len()).zip(&blueprint.fleets) {
        let scraped = fleet.metrics_of.iter();
        let incidents = scraped.flat_map(|workload| &timelines[workload.index()].incidents);
        for incident in incidents {
            let began = Note::new(incident.from, RecordKind::IncidentStarted, incident.size);
            let ended = Note::new(incident.to, RecordKind::IncidentEnded, f64::NAN);
            for event in [began, ended].into_iter().filter(|note| note.at < end) {
                observer.note(Scope::Fleet(id), None, event);
            }
        }
    }
}
