//! Renders problems with excerpts of the file, as compilers do.

use std::iter;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::scenario::{Problem, Severity};

/// Greatest size of a file that is shown in excerpts. Searching a larger file would cost more than
/// it helps.
const EXCERPT_BYTES_MAX: usize = 8 << 20;

/// The problem as text, with excerpts of its file. That is `source`, unless the problem has its own
/// text.
pub fn render(problem: &Problem, source: &str, colour: bool) -> String {
    let source = problem.text.as_deref().unwrap_or(source);
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(&problem.message));
    if source.len() > EXCERPT_BYTES_MAX {
        group = group.element(origin(problem, source));
    } else if problem.labels.is_empty() {
        group = group.element(Origin::path(&problem.file));
    } else {
        let mut snippet = Snippet::source(source).path(&problem.file);
        let kinds = iter::once(AnnotationKind::Primary);
        let kinds = kinds.chain(iter::repeat(AnnotationKind::Context));
        for (label, kind) in problem.labels.iter().zip(kinds) {
            let start = floor(source, label.span.start);
            let end = floor(source, label.span.end).max(start);
            let mut annotation = kind.span(start..end);
            if !label.text.is_empty() {
                annotation = annotation.label(&label.text);
            }
            snippet = snippet.annotation(annotation);
        }
        group = group.element(snippet);
    }
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(help));
    }
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer.render(&[group])
}

/// File, line and column of the first label, without the text of the line.
fn origin<'a>(problem: &'a Problem, source: &str) -> Origin<'a> {
    let origin = Origin::path(&problem.file);
    let Some(label) = problem.labels.first() else {
        return origin;
    };
    let before = &source[..floor(source, label.span.start)];
    let line = before.rsplit('\n').next().unwrap_or_default();
    origin
        .line(before.bytes().filter(|&byte| byte == b'\n').count() + 1)
        .char_column(line.chars().count() + 1)
}

/// The last place at or before `byte` that does not split a character.
fn floor(source: &str, byte: usize) -> usize {
    let mut place = byte.min(source.len());
    while !source.is_char_boundary(place) {
        place -= 1;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Label;

    fn problem(span: std::ops::Range<usize>) -> Problem {
        Problem {
            severity: Severity::Error,
            message: "it is wrong".to_owned(),
            file: "a.toml".to_owned(),
            text: None,
            labels: vec![Label {
                span,
                text: String::new(),
            }],
            help: Some("make it right".to_owned()),
        }
    }

    #[test]
    fn any_place_can_be_shown() {
        for source in ["", "a = 1", "ä = \"ö\"\r\n", "\t\u{7}x\n\n"] {
            for start in 0..12 {
                for end in 0..12 {
                    assert!(render(&problem(start..end), source, false).contains("it is wrong"));
                }
            }
        }
    }

    #[test]
    fn a_long_file_is_named_by_line_and_column() {
        let source = format!("ä\nb = 1\n{}", "#".repeat(EXCERPT_BYTES_MAX));
        let text = render(&problem(7..8), &source, false);
        assert!(text.contains("--> a.toml:2:5\n"), "{text}");
        assert!(text.len() < 200, "{text}");
    }

    #[test]
    fn the_place_is_under_the_caret() {
        let text = render(&problem(4..5), "a = 1\n", false);
        let expected = "error: it is wrong\n --> a.toml:1:5\n  |\n1 | a = 1\n  |     ^\n  |\n  \
                        = help: make it right";
        assert_eq!(text, expected);
    }
}
