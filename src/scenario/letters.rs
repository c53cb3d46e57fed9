//! Letters that a text of a scenario may not hold, because they show something else than is there.

use super::problem::{Problem, Span};

/// The problem of a text with a letter that terminals, pages or tables take for something else.
///
/// Texts of a scenario go to terminals, SVG, HTML, Markdown and CSV. A control character moves the cursor
/// of a terminal, or ends a row. An override of the direction shows a text in another order. A
/// noncharacter is no XML. Line breaks and tabs are allowed where `is_prose`: everywhere but in names.
pub(super) fn problem(text: &str, is_prose: bool, span: Option<Span>) -> Option<Problem> {
    let letter = text.chars().find(|&letter| is_refused(letter, is_prose))?;
    let what = match letter {
        _ if letter.is_control() => "the control character",
        _ if is_override(letter) => "a character that turns the direction of the text,",
        _ => "a character that is none,",
    };
    let message = format!("the text holds {what} U+{:04X}", u32::from(letter));
    Some(Problem::error(message, span).help("remove it, or write what it stands for"))
}

fn is_refused(letter: char, is_prose: bool) -> bool {
    if matches!(letter, '\n' | '\t') {
        return !is_prose;
    }
    letter.is_control() || is_override(letter) || is_noncharacter(letter)
}

/// Source: Unicode Standard Annex 9, section 2: embeddings, overrides, isolates and marks. Separators of
/// lines and paragraphs also end a line in some programs.
const fn is_override(letter: char) -> bool {
    matches!(
        letter,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// Source: Unicode 16.0, section 23.7: the last two code points of each plane, and U+FDD0 to U+FDEF.
fn is_noncharacter(letter: char) -> bool {
    let code = u32::from(letter);
    code & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&code)
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn what_shows_something_else_is_refused() {
        let refused = |text: &str| problem(text, true, None).map(|problem| problem.message);
        for text in [
            "plain",
            "größer · 日本語 🙂",
            "two\nlines\tand a tab",
            "−5 °C \u{a0}",
        ] {
            assert_eq!(refused(text), None, "{text:?}");
        }
        for (text, part) in [
            ("\u{1b}[31mred", "control character U+001B"),
            ("bell\u{7}", "U+0007"),
            ("\u{85}", "U+0085"),
            ("carriage\rreturn", "U+000D"),
            ("\u{202e}drawkcab", "direction of the text, U+202E"),
            ("\u{2066}isolate", "U+2066"),
            ("a\u{fffe}", "is none, U+FFFE"),
            ("a\u{fdd0}", "U+FDD0"),
            ("a\u{1ffff}", "U+1FFFF"),
        ] {
            let message = refused(text).unwrap_or_default();
            assert!(message.contains(part), "{text:?}: {message}");
        }
        assert!(problem("two\nlines", false, None).is_some());
    }
}
