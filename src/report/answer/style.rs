//! Lines of text, wrapped and coloured for a terminal.

use crate::stats::Verdict;

/// How the answer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether status words carry ANSI colours.
    pub colour: bool,
    /// Columns of the terminal. Lines have 60 to 100 of them.
    pub width: usize,
}

/// A text that grows line by line.
pub(in crate::report) struct Page {
    style: Style,
    text: String,
}

impl Page {
    /// An empty page.
    pub(in crate::report) const fn new(style: Style) -> Self {
        Self {
            style,
            text: String::new(),
        }
    }

    /// Characters of the longest line of text.
    pub(super) fn width(&self) -> usize {
        self.style.width.clamp(60, 100)
    }

    /// Adds a line unchanged.
    pub(in crate::report) fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// Adds an empty line, never two in a row.
    pub(in crate::report) fn blank(&mut self) {
        if !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Adds text in as many lines as needed, each after `indent`.
    pub(in crate::report) fn wrapped(&mut self, text: &str, indent: &str) {
        self.hanging("", text, indent);
    }

    /// Adds text whose first line follows `start` and whose other lines follow `indent`.
    pub(super) fn hanging(&mut self, start: &str, text: &str, indent: &str) {
        let width = self.width();
        let mut line = if start.is_empty() { indent } else { start }.to_owned();
        let mut is_empty = true;
        for word in words(text) {
            let length = line.chars().count() + 1 + word.chars().count();
            if !is_empty && length > width {
                self.line(&line);
                indent.clone_into(&mut line);
            } else if !is_empty {
                line.push(' ');
            }
            line.push_str(&word);
            is_empty = false;
        }
        self.line(&line);
    }

    /// A word in the colour of its verdict: green, yellow or red. Nothing else is coloured.
    pub(super) fn painted(&self, word: &str, verdict: Verdict) -> String {
        let colour = match verdict {
            _ if !self.style.colour => return word.to_owned(),
            Verdict::Holds => 32,
            Verdict::Unsettled => 33,
            Verdict::Fails => 31,
        };
        format!("\u{1b}[1;{colour}m{word}\u{1b}[0m")
    }

    /// The text.
    pub(in crate::report) fn into_text(self) -> String {
        format!("{}\n", self.text.trim_end())
    }
}

/// The words of a text. A number stays with its percent sign.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match words.last_mut() {
            Some(last) if word.starts_with('%') => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_within_the_width() {
        let mut page = Page::new(Style {
            colour: false,
            width: 10,
        });
        page.hanging("  for  ", &"word ".repeat(20), "       ");
        let text = page.into_text();
        assert!(text.lines().all(|line| line.len() <= 60), "{text}");
        assert!(
            text.lines()
                .skip(1)
                .all(|line| line.starts_with("       word")),
            "{text}"
        );
    }

    #[test]
    fn colour_is_only_added_to_the_word() {
        let page = Page::new(Style {
            colour: true,
            width: 80,
        });
        assert_eq!(
            page.painted("SAFE", Verdict::Holds),
            "\u{1b}[1;32mSAFE\u{1b}[0m"
        );
    }
}
