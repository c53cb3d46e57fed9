//! Where lines of a page break: between the parts of a name, and not between a number and its unit.

use minijinja::{HtmlEscape, Value};

/// Units that stay with their number.
const UNITS: [&str; 17] = [
    "%", "B", "KiB", "MiB", "GiB", "TiB", "KB", "MB", "GB", "TB", "d", "h", "min", "s", "ms",
    "core", "cores",
];

/// Signs that stay with the number after them.
const SIGNS: [&str; 4] = ["<", "<=", ">", ">="];

/// A name in which a line may break after each part: `memory_`, `fleet.`, `limit=`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a filter of a template takes what it is given"
)]
pub(super) fn after_parts(text: String) -> Value {
    let mut marked = String::new();
    let escaped = HtmlEscape(&text).to_string();
    let mut letters = escaped.chars().peekable();
    while let Some(letter) = letters.next() {
        marked.push(letter);
        let begins_part = letters.peek().is_some_and(|next| next.is_alphabetic());
        if "_=".contains(letter) || (letter == '.' && begins_part) {
            marked.push_str("<wbr>");
        }
    }
    Value::from_safe_string(marked)
}

/// Text in which numbers keep their units, and signs their numbers.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a filter of a template takes what it is given"
)]
pub(super) fn with_units(text: String) -> String {
    let mut kept = String::new();
    let mut before = "";
    for word in text.split(' ') {
        let unit = word.trim_end_matches(|letter: char| ".,;:)]*".contains(letter));
        let is_unit =
            before.ends_with(|letter: char| letter.is_ascii_digit()) && UNITS.contains(&unit);
        if !before.is_empty() {
            let is_kept = is_unit || SIGNS.contains(&before.trim_start_matches('('));
            kept.push(if is_kept { '\u{a0}' } else { ' ' });
        } else if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(word);
        before = word;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{after_parts, with_units};

    #[test]
    fn numbers_keep_their_units() {
        let kept = |text: &str| with_units(text.to_owned()).replace('\u{a0}', "_");
        assert_eq!(
            kept("in 0 % [0 %, 6 %] of draws, asked for < 5%."),
            "in 0_% [0_%, 6_%] of draws, asked for <_5%."
        );
        assert_eq!(kept("61 % of 16 GiB at 8 days"), "61_% of 16_GiB at 8 days");
        assert_eq!(kept("0 (< 6 %)  two"), "0 (<_6_%)  two");
    }

    #[test]
    fn names_break_after_their_parts() {
        let marked = |text: &str| after_parts(text.to_owned()).to_string();
        assert_eq!(
            marked("fleet.a.memory_per_series"),
            "fleet.<wbr>a.<wbr>memory_<wbr>per_<wbr>series"
        );
        assert_eq!(marked("limit=0.1 <b>"), "limit=<wbr>0.1 &lt;b&gt;");
    }
}
