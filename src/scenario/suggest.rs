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

/// Names that others use for words of scenario files.
const ALIASES: [(&str, &str); 4] = [
    ("daemonset", "host-daemon"),
    ("daemon", "host-daemon"),
    ("statefulset", "centralized"),
    ("deployment", "centralized"),
];

/// Help for a name that does not exist: the nearest known name, or else the known names.
pub(super) fn suggest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    let meant = meant(name, &known);
    match meant.as_slice() {
        [] => list(&known),
        near if known.len() > LISTED_MAX => format!("did you mean {}?", either(near)),
        near => format!("did you mean {}? {}", either(near), list(&known)),
    }
}

/// The known names that somebody who writes `name` may mean: the same word of others, or else the
/// nearest spelling, or else those that begin so.
fn meant<'a>(name: &str, known: &[&'a str]) -> Vec<&'a str> {
    let lower = name.to_lowercase();
    let plain: String = lower.chars().filter(|letter| *letter != '-').collect();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == plain);
    let is_alias = |other: &&&str| alias.is_some_and(|(_, own)| *own == **other);
    if let Some(own) = known.iter().find(is_alias) {
        return vec![own];
    }
    if let Some(near) = nearest(&lower, known).or_else(|| nearest(name, known)) {
        return vec![near];
    }
    let begins = |other: &&str| {
        let rest = other.strip_prefix(lower.as_str());
        !lower.is_empty() && rest.is_some_and(|rest| rest.starts_with('-'))
    };
    known.iter().copied().filter(begins).collect()
}

/// Names as one choice: `a`, `b` or `c`.
fn either(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        names => names.concat(),
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
    let few = few(name, known);
    let all = format!("`alloy-sim explain {listed_by}` lists all");
    if few.is_empty() {
        all
    } else {
        format!("did you mean {}? {all}", either(&few))
    }
}

/// The names that are nearest to `name`, by their spelling and by the words in them, nearest first.
pub fn few<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    if name.len() > NAME_LENGTH_MAX {
        return Vec::new();
    }
    let name = name.to_lowercase();
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(same) = known.iter().find(|other| other.to_lowercase() == name) {
        return vec![same];
    }
    let similarity = |other: &str| strsim::jaro_winkler(&name, &other.to_lowercase());
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .map(|other| (similarity(other) + shared(&name, other), other))
        .filter(|(score, other)| *score > 1.05 || similarity(other) > 0.85)
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
    fn what_others_call_a_thing_finds_its_word() {
        let topologies = ["centralized", "host-daemon", "sidecar"];
        for (name, meant) in [
            ("daemonset", "`host-daemon`"),
            ("DaemonSet", "`host-daemon`"),
            ("statefulset", "`centralized`"),
            ("Deployment", "`centralized`"),
        ] {
            let text = suggest(name, topologies);
            assert!(
                text.starts_with(&format!("did you mean {meant}?")),
                "{text}"
            );
        }
        let providers = ["aws", "gcp-dynamic", "gcp-static", "linux"];
        assert!(suggest("AWS", providers).starts_with("did you mean `aws`?"));
        let either = "did you mean `gcp-dynamic` or `gcp-static`?";
        assert!(suggest("gcp", providers).starts_with(either));
        assert!(suggest("GCP", providers).starts_with(either));
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
