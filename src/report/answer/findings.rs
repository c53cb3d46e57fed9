//! What the deployment guide says about the choices of a case.

use super::style::Page;
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
    findings.retain(|finding| !earlier.contains(finding));
    if findings.is_empty() {
        return;
    }
    let of = if named {
        format!(" of case {}", view.name())
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
