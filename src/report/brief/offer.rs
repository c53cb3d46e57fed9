//! Goals that people set, for a file that states none.

use crate::model::record::catalogue::{Failure, Scope};
use crate::report::view::View;

/// The claims that fit what a case has, as written in a file: at most one per fleet and failure that
/// people ask about.
pub(super) fn of(view: &View<'_>) -> Vec<String> {
    let blueprint = view.blueprint();
    let mut claims = Vec::new();
    for scope in Scope::all(blueprint) {
        let name = view.scope(scope);
        let mut any = |failure: Failure| {
            let has = view.case.layout.failure(scope, failure).is_some();
            if has && failure.absence(scope, blueprint).is_none() {
                let word = failure.info().word;
                claims.push(format!("probability(any {word} in {name}) < 1%"));
            }
        };
        match scope {
            Scope::Fleet(_) => {
                any(Failure::Oom);
                any(Failure::DataLost);
                any(Failure::LogsLost);
                any(Failure::ProfilesLost);
            }
            Scope::Egress(_) => any(Failure::PortsExhausted),
            Scope::Pool(_) => any(Failure::NodeOom),
            Scope::Endpoint(_) => {}
        }
    }
    claims
}
