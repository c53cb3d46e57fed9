//! Requirements about what a case can have no value of.

use super::super::fields::Sink;
use super::super::problem::Problem;
use super::super::requirement::section;
use super::super::tree::Table;
use super::{of_case, place};
use crate::experiment::requirement::{Requirement, Subject};
use crate::experiment::study::{Case, Study};
use crate::model::record::catalogue::Scope;

/// Warns of requirements that have no value in a case that they are about.
pub(super) fn warn(study: &Study, root: &Table, sink: &Sink) {
    for requirement in &study.requirements {
        let mut cases = study.cases.iter();
        let lacking = cases.find_map(|case| Some((case, lack(requirement, case)?)));
        let Some((case, why)) = lacking else {
            continue;
        };
        let (kind, name) = (requirement.kind, &requirement.name);
        let message = format!("{} `{name}` can have no value: {why}", kind.word());
        let span = place(root, section(kind), name, "require");
        let help = "it counts as failed; ask for something that the fleet has, or name other cases";
        sink.report(Problem::warning(of_case(case, message), span).help(help));
    }
}

/// Why the requirement has no value in a case that it is about.
fn lack(requirement: &Requirement, case: &Case) -> Option<&'static str> {
    if !requirement.names(&case.name) {
        return None;
    }
    let mut scopes = Scope::all(&case.blueprint).into_iter();
    let scope = scopes.find(|scope| scope.name(&case.blueprint) == requirement.subject.scope())?;
    match requirement.subject {
        Subject::Failure { failure, .. } => failure.absence(scope, &case.blueprint),
        Subject::Metric { metric, .. } => metric.lack(scope, &case.blueprint),
    }
}
