//! What the deployment guide says about the choices of a case.

use super::style::Page;
use crate::experiment::results::Finding;
use crate::report::view::View;
use crate::report::words;

/// The findings of a case, against first; those of an earlier case are not
/// repeated.
pub(super) fn section(page: &mut Page, view: &View<'_>, named: bool) {
    let earlier = view
        .results
        .cases
        .iter()
        .take_while(|case| !std::ptr::eq(*case, view.case));
    let earlier: Vec<_> = earlier.flat_map(|case| &case.findings).collect();
    let mut findings: Vec<_> = view.case.findings.iter().collect();
    findings.retain(|finding| !earlier.iter().any(|other| is_repeated(finding, other)));
    if findings.is_empty() {
        return;
    }
    let of = if named {
        format!(" of case {}", view.label())
    } else {
        String::new()
    };
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

/// Whether two findings say the same, if perhaps with other numbers.
fn is_repeated(finding: &Finding, earlier: &Finding) -> bool {
    let words = |finding: &Finding| -> String {
        let is_word = |letter: &char| !letter.is_ascii_digit() && !".,".contains(*letter);
        finding.text.chars().filter(is_word).collect()
    };
    (finding.tone, &finding.fleet) == (earlier.tone, &earlier.fleet)
        && words(finding) == words(earlier)
}
