//! Names of cases: a variant, or what a point of a sweep sets.

use super::cases::{BASE, Draft};
use super::suggest::suggest;

/// What a file writes for all cases.
const ALL: &str = "all";

/// The names of all cases, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Vec<Name>);

/// The name of one case.
#[derive(Clone, Debug)]
struct Name {
    /// The name of the case that exists: a point that changes nothing is its variant.
    case: String,
    /// The name that is shown: `replicas=3`.
    short: String,
    /// The name with its variant and whole paths: `base, fleet.metrics.replicas=3`.
    long: String,
}

impl Names {
    /// The names of `drafts`.
    pub(super) fn of(drafts: &[Draft]) -> Self {
        let paths = paths(drafts);
        let name = |draft: &Draft| Name {
            case: short(draft, &paths),
            short: short(draft, &paths),
            long: long(draft),
        };
        Self(drafts.iter().map(name).collect())
    }

    /// The name of the draft with this index.
    pub(super) fn of_draft(&self, index: usize) -> &str {
        &self.0[index].short
    }

    /// Lets the name of a draft stand for another case, which it repeats.
    pub(super) fn join(&mut self, index: usize, case: &str) {
        case.clone_into(&mut self.0[index].case);
    }

    /// The names of the cases that exist.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        let exists = |name: &&Name| name.case == name.short;
        self.0.iter().filter(exists).map(|name| name.short.as_str())
    }

    /// The case that `text` names, by its short or its long name. Space does not matter.
    pub(super) fn find(&self, text: &str) -> Option<&str> {
        let wanted = tight(text);
        let is_it = |name: &&Name| {
            [&name.short, &name.long]
                .map(|name| tight(name))
                .contains(&wanted)
        };
        self.0.iter().find(is_it).map(|name| name.case.as_str())
    }

    /// Help for a name that no case has, where a file lists cases.
    pub(super) fn suggest(&self, text: &str) -> String {
        suggest(text, self.all().chain([ALL]))
    }

    /// The same where one case is chosen, so that `all` names none.
    pub(super) fn suggest_one(&self, text: &str) -> String {
        if text.trim() == ALL {
            return "leave --case out to take all cases; `size` and `compare` take one, base without a \
                    name"
                .to_owned();
        }
        suggest(text, self.all())
    }
}

/// Every path that a variant or a point of a sweep changes, in the order of the cases.
pub(super) fn paths(drafts: &[Draft]) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    for change in drafts.iter().flat_map(|draft| &draft.changes) {
        if !paths.contains(&change.path) {
            paths.push(change.path.clone());
        }
    }
    paths
}

/// The name of a case among cases that change `paths`: without the base, and with the ends of paths
/// that tell them apart.
pub(super) fn short(draft: &Draft, paths: &[String]) -> String {
    let settings = draft.settings.iter();
    let parts = settings.map(|(path, value)| format!("{}={}", end(path, paths), plain(value)));
    let is_shown = draft.variant != BASE || draft.settings.is_empty();
    let variant = is_shown.then(|| draft.variant.clone());
    variant
        .into_iter()
        .chain(parts)
        .collect::<Vec<_>>()
        .join(", ")
}

fn long(draft: &Draft) -> String {
    let settings = draft.settings.iter();
    let parts = settings.map(|(path, value)| format!(", {path}={}", plain(value)));
    parts.fold(draft.variant.clone(), |name, part| name + &part)
}

/// A value as names show it: a text without its quotes.
fn plain(value: &str) -> &str {
    value.trim_matches('"')
}

/// A name without space around commas and signs.
fn tight(name: &str) -> String {
    let parts = name.split(',');
    let parts = parts.map(|part| part.split('=').map(str::trim).collect::<Vec<_>>().join("="));
    parts.collect::<Vec<_>>().join(",")
}

/// The shortest end of a path that no other path has. A limit or a request also keeps what it
/// limits.
fn end<'a>(path: &'a str, paths: &[String]) -> &'a str {
    let least = if path.contains(".resources.") { 2 } else { 1 };
    let ends = path.rmatch_indices('.').map(|(at, _)| &path[at + 1..]);
    let is_alone = |end: &&str| {
        let ending = format!(".{end}");
        let mut same = paths.iter().filter(|other| other.ends_with(&ending));
        same.all(|other| other == path)
    };
    ends.skip(least - 1).find(is_alone).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::{end, tight};

    #[test]
    fn points_of_a_sweep_are_named_by_what_tells_them_apart() {
        let owned =
            |paths: &[&str]| -> Vec<String> { paths.iter().map(ToString::to_string).collect() };
        let limit = "fleet.metrics.resources.memory.limit";
        assert_eq!(end(limit, &owned(&[limit])), "memory.limit");
        let two = ["fleet.a.replicas", "fleet.b.replicas"];
        assert_eq!(end(two[0], &owned(&two[..1])), "replicas");
        assert_eq!(end(two[0], &owned(&two)), "a.replicas");
        assert_eq!(end("replicas", &owned(&["replicas"])), "replicas");
    }

    #[test]
    fn space_does_not_matter() {
        assert_eq!(
            tight("host daemon , replicas = 3"),
            tight("host daemon, replicas=3")
        );
    }
}
