//! Suggestions for names that do not exist.

/// Names longer than this are not compared.
const NAME_LENGTH_MAX: usize = 80;

/// Most names listed beside a suggestion.
const LISTED_MAX: usize = 12;

/// Help for a name that does not exist: the nearest known name, or else all known names.
pub(super) fn suggest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    match nearest(name, &known) {
        Some(near) if known.len() > LISTED_MAX => format!("did you mean `{near}`?"),
        _ => suggest_all(name, known),
    }
}

/// The known name with the nearest spelling, if any is near.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    if name.len() > NAME_LENGTH_MAX {
        return None;
    }
    let similarity = |other: &str| strsim::jaro_winkler(name, other);
    let distance = |other: &str| strsim::damerau_levenshtein(name, other);
    let is_near =
        |other: &&str| distance(other) <= 2.max(name.len() / 3) || similarity(other) > 0.9;
    let near = known.iter().copied().filter(is_near);
    near.max_by(|a, b| similarity(a).total_cmp(&similarity(b)))
}

/// All names in one sentence.
fn list(known: &[&str]) -> String {
    if known.is_empty() {
        return "none exists".to_owned();
    }
    let shown: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    format!("known: {}", shown.join(", "))
}

/// [`suggest`] with all names in any case, for names that users cannot look up elsewhere.
pub(super) fn suggest_all<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(name, &known) {
        Some(near) => format!("did you mean `{near}`? {}", list(&known)),
        None => list(&known),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word() {
        let known = ["replicas", "resources", "runs_on"];
        assert!(suggest("replica", known).starts_with("did you mean `replicas`?"));
        assert!(suggest("run_on", known).starts_with("did you mean `runs_on`?"));
        assert!(suggest("zebra", known).starts_with("known: `replicas`"));
        assert_eq!(suggest("x", []), "none exists");
    }
}
