//! Problems of a file, as data; `cli` renders them.

use std::ops::Range;
use std::sync::Arc;

use super::options::Options;

/// Most problems shown per file, so that one wrong file cannot hide the others.
const PROBLEMS_MAX: usize = 100;

/// Whether a problem stops the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The scenario cannot run.
    Error,
    /// The scenario can run, and the answer may mislead.
    Warning,
}

/// A mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether the problem stops the program.
    pub severity: Severity,
    /// What is wrong: a lower-case fragment that names the value and the limit.
    pub message: String,
    /// Name of the file.
    pub file: String,
    /// Content of the file, if it is not the scenario file itself.
    pub text: Option<Arc<str>>,
    /// Places in the file, the place of the mistake first; empty without a place.
    pub labels: Vec<Label>,
    /// What to do about the problem.
    pub help: Option<String>,
}

/// A place in a file with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Bytes of the file.
    pub span: Range<usize>,
    /// Text at the place; may be empty.
    pub text: String,
}

/// Bytes of a file. A default or an override has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self {
            start: range.start,
            end: range.end.max(range.start),
        }
    }
}

/// The problems of one file in the order of their discovery, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Problems {
    file: String,
    text: Option<Arc<str>>,
    list: Vec<Problem>,
    omitted: usize,
    options: Options,
}

impl Problems {
    /// No problems in `file` yet.
    pub(super) fn of(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            ..Self::default()
        }
    }

    /// These problems, some of which may lie in options instead of the file.
    #[must_use]
    pub(super) fn with_options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// No problems yet in a file other than the scenario file.
    pub(super) fn beside(file: &str, text: Arc<str>) -> Self {
        Self {
            text: Some(text),
            ..Self::of(file)
        }
    }

    /// Adds a problem unless it is known. The base and its variants read the same lines.
    pub(super) fn push(&mut self, problem: Problem) {
        let problem = self.owned(problem);
        if self.list.contains(&problem) {
            return;
        }
        if self.list.len() < PROBLEMS_MAX {
            self.list.push(problem);
        } else {
            self.omitted += 1;
        }
    }

    /// The problem as one of this file, unless it has another file already.
    fn owned(&self, problem: Problem) -> Problem {
        if !problem.file.is_empty() {
            return problem;
        }
        Problem {
            file: self.file.clone(),
            text: self.text.clone(),
            ..problem
        }
    }

    /// Keeps only what stops the program.
    pub(super) fn forget_warnings(&mut self) {
        self.list
            .retain(|problem| problem.severity == Severity::Error);
    }

    /// Adds the problems of another file.
    pub(super) fn adopt(&mut self, others: Self) {
        for problem in others.list {
            self.push(problem);
        }
        self.omitted += others.omitted;
    }

    /// Whether the list is full, so that further problems would not be shown.
    pub(super) fn is_full(&self) -> bool {
        self.omitted > 0
    }

    /// Whether any problem stops the program.
    pub(super) fn has_errors(&self) -> bool {
        let mut problems = self.list.iter();
        problems.any(|problem| problem.severity == Severity::Error)
    }

    /// All problems, errors and warnings in the order of the file. Problems of other files come
    /// last.
    pub(super) fn into_sorted(mut self) -> Vec<Problem> {
        let options = &self.options;
        let located = self.list.into_iter().map(|problem| options.locate(problem));
        self.list = located.collect();
        let place = |problem: &Problem| {
            let other = problem.text.is_some().then(|| problem.file.clone());
            let start = problem.labels.first().map(|label| label.span.start);
            (other, start)
        };
        self.list.sort_by_cached_key(place);
        if self.omitted > 0 {
            let message = format!("more problems are not shown, after the first {PROBLEMS_MAX}");
            self.list.push(self.owned(Problem::error(message, None)));
        }
        self.list
    }
}

impl Problem {
    /// An error at a place of the file whose list it is added to.
    pub(super) fn error(message: impl Into<String>, span: Option<Span>) -> Self {
        let problem = Self {
            severity: Severity::Error,
            message: message.into(),
            file: String::new(),
            text: None,
            labels: Vec::new(),
            help: None,
        };
        problem.label(span, "")
    }

    /// A warning at a place of the file whose list it is added to.
    pub(super) fn warning(message: impl Into<String>, span: Option<Span>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(message, span)
        }
    }

    /// This problem with one more place, if `span` has one.
    #[must_use]
    pub(super) fn label(mut self, span: Option<Span>, text: &str) -> Self {
        if let Some(span) = span {
            self.labels.push(Label {
                span: span.start..span.end,
                text: text.to_owned(),
            });
        }
        self
    }

    /// This problem with a text at its first place.
    #[must_use]
    pub(super) fn saying(mut self, text: &str) -> Self {
        if let Some(label) = self.labels.first_mut() {
            text.clone_into(&mut label.text);
        }
        self
    }

    /// This problem with a help text.
    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
