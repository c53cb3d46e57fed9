//! Suggestions for names that do not exist.

use std::collections::BTreeSet;

/// Names longer than this are not compared.
const NAME_LENGTH_MAX: usize = 80;

/// Most names that are listed of many.
const SHOWN_MAX: usize = 20;

/// Most names that are near.
const FEW: usize = 3;

/// Most names listed beside a suggestion.
const LISTED_MAX: usize = 12;

/// Help for a name that does not exist: the nearest known name, or else the known names.
pub(super) fn suggest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    match nearest(name, &known) {
        Some(near) if known.len() > LISTED_MAX => format!("did you mean `{near}`?"),
        Some(near) => format!("did you mean `{near}`? {}", list(&known)),
        None => list(&known),
    }
}

/// The known name with the nearest spelling, if any is near.
pub(super) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
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

/// The names in one sentence, the first of many.
fn list(known: &[&str]) -> String {
    if known.is_empty() {
        return "none exists".to_owned();
    }
    let shown = known.iter().take(SHOWN_MAX);
    let shown: Vec<String> = shown.map(|name| format!("`{name}`")).collect();
    let rest = known.len() - shown.len();
    let more = if rest > 0 {
        format!(" and {rest} more")
    } else {
        String::new()
    };
    format!("known: {}{more}", shown.join(", "))
}

/// Help for a name out of many: the few nearest ones, and the words of `explain` that list all.
pub(super) fn suggest_few<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
    listed_by: &str,
) -> String {
    let few: Vec<String> = few(name, known)
        .iter()
        .map(|near| format!("`{near}`"))
        .collect();
    let all = format!("`alloy-sim explain {listed_by}` lists all");
    match few.as_slice() {
        [] => all,
        [one] => format!("did you mean {one}? {all}"),
        [first @ .., last] => format!("did you mean {} or {last}? {all}", first.join(", ")),
    }
}

/// The names that are nearest to `name`, by their spelling and by the words in them, nearest first.
pub fn few<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    if name.len() > NAME_LENGTH_MAX {
        return Vec::new();
    }
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .map(|other| {
            (
                strsim::jaro_winkler(name, other) + shared(name, other),
                other,
            )
        })
        .filter(|(score, other)| *score > 1.05 || strsim::jaro_winkler(name, other) > 0.85)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.dedup_by_key(|(_, other)| *other);
    scored.truncate(FEW);
    scored.into_iter().map(|(_, other)| other).collect()
}

/// The share of the words of two names that both have.
fn shared(one: &str, other: &str) -> f64 {
    let words = |name: &'_ str| -> BTreeSet<String> {
        let words = name.split(|letter: char| !letter.is_alphanumeric());
        words
            .map(str::to_lowercase)
            .filter(|word| !word.is_empty())
            .collect()
    };
    let (one, other) = (words(one), words(other));
    let both = one.intersection(&other).count();
    both as f64 / (one.len() + other.len() - both).max(1) as f64
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

    #[test]
    fn a_name_out_of_many_has_few_near_ones() {
        let known = [
            "memory_peak_bytes",
            "memory_peak_ratio",
            "cpu_demand_peak_ratio",
            "oom_count",
        ];
        assert_eq!(few("memory_peak_byte", known)[0], "memory_peak_bytes");
        assert_eq!(few("cpu_ratio", known)[0], "cpu_demand_peak_ratio");
        assert!(few("zebra", known).is_empty());
        let text = suggest_few("oom_counts", known, "metrics");
        assert_eq!(
            text,
            "did you mean `oom_count`? `alloy-sim explain metrics` lists all"
        );
    }
}
