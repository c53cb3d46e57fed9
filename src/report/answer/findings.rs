//! Statements of the deployment guide on the choices of a case.

use super::of_case;
use super::style::Page;
use crate::experiment::results::Finding;
use crate::report::brief::CaseBrief;
use crate::report::words;

/// The findings of the case with this index, against first. Findings of an earlier case are not
/// repeated.
pub(super) fn section(page: &mut Page, cases: &[CaseBrief], index: usize) {
    let case = &cases[index];
    let earlier: Vec<_> = cases[..index]
        .iter()
        .flat_map(|case| &case.findings)
        .collect();
    let mut findings: Vec<_> = case.findings.iter().collect();
    findings.retain(|finding| !earlier.iter().any(|other| is_repeated(finding, other)));
    if findings.is_empty() {
        return;
    }
    let of = of_case(case, cases);
    page.line(&format!("the deployment guide{of}"));
    findings.sort_by_key(|finding| finding.tone);
    for finding in findings {
        let start = format!("  {:<8}", words::tone(finding.tone));
        let text = format!(
            "fleet.{}: {} ({})",
            finding.fleet, finding.text, finding.section
        );
        page.hanging(&start, &text, "          ");
    }
    page.blank();
}

/// Whether two findings are the same apart from their numbers.
fn is_repeated(finding: &Finding, earlier: &Finding) -> bool {
    let words = |finding: &Finding| -> String {
        let is_word = |letter: &char| !letter.is_ascii_digit() && !".,".contains(*letter);
        finding.text.chars().filter(is_word).collect()
    };
    (finding.tone, &finding.fleet) == (earlier.tone, &earlier.fleet)
        && words(finding) == words(earlier)
}
