//! Options of the command line that state values, as if the scenario file stated them.
//!
//! The texts of the options lie behind the end of the file, one after another. So a place says by
//! itself whether it is in the file or in an option.

use std::ops::Range;
use std::sync::Arc;

use super::parse::value_in;
use super::path;
use super::problem::{Problem, Problems, Span};
use super::tree::Table;

/// The option, as messages name it.
const NAME: &str = "--set";

/// Texts of options behind the end of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    /// Each text with the place of its first byte.
    texts: Vec<(usize, Arc<str>)>,
}

impl Options {
    /// The texts `path=value` behind a file of `length` bytes.
    pub(super) fn behind(length: usize, texts: &[String]) -> Self {
        let mut start = length + 1;
        let place = |text: &String| {
            let placed = (start, Arc::from(text.as_str()));
            start += text.len() + 1;
            placed
        };
        Self {
            texts: texts.iter().map(place).collect(),
        }
    }

    /// Sets in `root` what the options state. Later options win.
    pub(super) fn apply(&self, root: &mut Table, problems: &mut Problems) {
        for (start, text) in &self.texts {
            let whole = Span::from(*start..start + text.len());
            if let Err(problem) = set(root, text, whole) {
                problems.push(problem);
            }
        }
    }

    /// The problem in its own text: an option, or the file, whose labels stay as they are.
    pub(super) fn locate(&self, mut problem: Problem) -> Problem {
        if problem.text.is_some() {
            return problem;
        }
        let first = problem.labels.first();
        let option = first.and_then(|label| self.option_at(label.span.start));
        let own = |span: &Range<usize>| match (option, self.option_at(span.start)) {
            (Some((start, _)), Some((other, _))) => start == other,
            (one, other) => one.is_none() && other.is_none(),
        };
        problem.labels.retain(|label| own(&label.span));
        if let Some((start, text)) = option {
            NAME.clone_into(&mut problem.file);
            problem.text = Some(Arc::clone(text));
            for label in &mut problem.labels {
                label.span = label.span.start - start..label.span.end - start;
            }
        }
        problem
    }

    fn option_at(&self, at: usize) -> Option<&(usize, Arc<str>)> {
        self.texts.iter().rev().find(|(start, _)| at >= *start)
    }
}

/// Sets the value of one option.
fn set(root: &mut Table, text: &str, place: Span) -> Result<(), Problem> {
    let (path, value) = text.split_once('=').unwrap_or((text, ""));
    let at =
        |part: Range<usize>| Some(Span::from(place.start + part.start..place.start + part.end));
    let start = path.len() + 1;
    let path_span = at(0..path.len());
    let Some(node) = value_in(value) else {
        let message = format!("`{}` is not a value", super::short(value));
        let help = "write it as in a scenario file: 3, 16GiB, true, '{ p5 = 2, p95 = 6 }'";
        return Err(Problem::error(message, at(start..text.len().max(start))).help(help));
    };
    let node = node.moved(&|span| at(start + span.start..start + span.end));
    path::set_base(root, path.trim(), path_span, node)
        .map_err(|problem| problem.label(path_span, ""))
}
