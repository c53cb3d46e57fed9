//! The scenarios of one command at their ends: written at once, reported in the order of the files.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::arguments::{Format, RunArguments};
use super::environment::{self, Clock};
use super::index::Index;
use super::input;
use super::output::Folder;
use super::progress::ProgressLine;
use super::terminal::{self, Output};
use super::{Exit, bug, error, timings};
use crate::experiment::results::Results;
use crate::experiment::run::Stopped;
use crate::experiment::stopwatch::{Phase, Stopwatch};
use crate::report::{self, Artifact, Brief, Frame, JsonAnswer, Overview, Sources};
use crate::scenario::Source;

/// The source of a scenario, and the folder of its results.
pub(super) struct Place {
    /// The file as read.
    pub(super) source: Source,
    /// The file with every default written out.
    pub(super) resolved_toml: String,
    /// The folder of the results.
    pub(super) folder: Folder,
}

/// The places of all scenarios of one command.
pub(super) struct Places {
    /// A place per scenario, in the order of the files.
    pub(super) list: Vec<Place>,
    /// The place of the page over several scenarios.
    pub(super) index: Option<Index>,
}

/// What all scenarios of one command share.
pub(super) struct Session<'a> {
    arguments: &'a RunArguments,
    clock: &'a Clock,
    line: &'a ProgressLine,
    places: Places,
    running: Vec<(&'static str, String)>,
    told: Mutex<Told>,
}

/// What has been reported, and what waits for earlier scenarios.
#[derive(Default)]
struct Told {
    output: Output,
    exit: Option<Exit>,
    interrupted: Vec<String>,
    /// The scenarios that have been reported, each in one line.
    overview: Vec<Overview>,
    /// The comments that wait for the end.
    comments: Vec<(Overview, String)>,
    /// The parts of the document.
    parts: Vec<JsonAnswer>,
    /// Index of the scenario to report next.
    next: usize,
    waiting: BTreeMap<usize, Ended>,
}

/// The answer of a scenario in the format that was asked for.
enum Answer {
    /// Text for standard output, at once.
    Text(String),
    /// A comment that waits for the others.
    Markdown(String),
    /// A part of the document.
    Json(JsonAnswer),
}

/// The report of an ended scenario.
struct Ended {
    exit: Exit,
    /// The answer, and the same in one line.
    answer: Option<(Answer, Overview)>,
    /// Lines for standard error.
    notes: Vec<String>,
}

impl<'a> Session<'a> {
    /// A session in which no scenario has ended.
    pub(super) fn new(
        arguments: &'a RunArguments,
        clock: &'a Clock,
        line: &'a ProgressLine,
        places: Places,
    ) -> Self {
        Self {
            arguments,
            clock,
            line,
            places,
            running: arguments.running_flags(),
            told: Mutex::default(),
        }
    }

    /// Takes in the end of a scenario, from any thread.
    pub(super) fn end(
        &self,
        index: usize,
        results: Result<Results, Stopped>,
        stopwatch: &Stopwatch<'_>,
    ) {
        let ended = match results {
            Ok(results) => bug::guard(|| self.finish(index, &results, stopwatch)),
            Err(Stopped::Interrupted) => Some(Ended::without_results(Exit::Interrupted)),
            Err(Stopped::Bug) => None,
            Err(error @ Stopped::Beyond { .. }) => Some(Ended {
                notes: vec![format!(
                    "error: {error}\n  lower it or the width of its law, or shorten the horizon"
                )],
                ..Ended::without_results(Exit::WrongScenario)
            }),
            Err(error @ Stopped::NoThreads(_)) => Some(Ended {
                notes: vec![format!("error: {error}")],
                ..Ended::without_results(Exit::Machine)
            }),
        };
        let ended = ended.unwrap_or_else(|| Ended::without_results(Exit::Bug));
        let mut told = self.told.lock().expect("nothing panics under this lock");
        told.waiting.insert(index, ended);
        self.line.step_aside(|| self.tell(&mut told));
    }

    /// Writes the results before it reports them: a terminal that is gone must not cost the
    /// results.
    fn finish(&self, index: usize, results: &Results, stopwatch: &Stopwatch<'_>) -> Ended {
        let place = &self.places.list[index];
        let (answer, written) = Stopwatch::time(Some(stopwatch), Phase::Render, || {
            let artifacts = self.render(place, results, stopwatch);
            let written = place.folder.replace(&artifacts);
            let brief = report::brief(results);
            let answer = self.answer(place, &brief, (written.is_ok(), Exit::of(results)));
            ((answer, brief.overview()), written)
        });
        let mut ended = Ended {
            answer: Some(answer),
            ..Ended::without_results(Exit::of(results))
        };
        if let Err(error) = written {
            ended.exit = ended.exit.max(Exit::Machine);
            ended.notes.push(error.in_words());
        }
        if self.arguments.timings {
            ended.notes.push(timings::table(results, stopwatch));
        }
        ended
    }

    fn render(&self, place: &Place, results: &Results, stopwatch: &Stopwatch<'_>) -> Vec<Artifact> {
        let threads = environment::threads(self.arguments.running.threads);
        let environment = environment::describe(self.clock, stopwatch, threads);
        let sources = Sources {
            version: env!("CARGO_PKG_VERSION"),
            scenario_text: &String::from_utf8_lossy(&place.source.bytes),
            selection: self.selection(place),
            resolved_toml: &place.resolved_toml,
            environment: &environment,
        };
        report::render(results, &sources)
    }

    /// What the command line took of a scenario.
    fn selection<'p>(&'p self, place: &'p Place) -> report::Selection<'p> {
        let selection = &self.arguments.selection;
        report::Selection {
            file: input::as_named(&place.source),
            settings: &selection.set,
            cases: &selection.case,
            running: &self.running,
        }
    }

    fn answer(&self, place: &Place, brief: &Brief, (is_written, exit): (bool, Exit)) -> Answer {
        let folder = place.folder.path().display().to_string();
        let frame = Frame {
            folder: is_written.then_some(folder.as_str()),
            selection: self.selection(place),
            ending: exit.ending("run"),
        };
        match self.arguments.running.format {
            Format::Json => Answer::Json(report::answer_json(brief, &frame)),
            Format::Markdown => Answer::Markdown(report::answer_markdown(brief, &frame)),
            Format::Text => Answer::Text(self.text(place, brief, is_written)),
        }
    }

    fn text(&self, place: &Place, brief: &Brief, is_written: bool) -> String {
        let written = if is_written {
            format!("results in {}", place.folder.path().display())
        } else {
            "results not written".to_owned()
        };
        if self.arguments.quiet {
            let (name, words) = (place.folder.name(), brief.in_words());
            return format!("{name}: {words}, {written}");
        }
        let style = terminal::style();
        let mut answer = report::answer(brief, style);
        if self.arguments.details {
            answer.push('\n');
            answer.push_str(&report::details(brief, style));
        }
        format!("{}\n{written}\n", answer.trim_end())
    }

    /// Reports every scenario whose turn it is.
    fn tell(&self, told: &mut Told) {
        while let Some(ended) = told.waiting.remove(&told.next) {
            if let Some((answer, overview)) = ended.answer {
                match answer {
                    Answer::Text(text) => told.output.line(&text),
                    Answer::Markdown(text) => told.comments.push((overview.clone(), text)),
                    Answer::Json(part) => told.parts.push(part),
                }
                told.overview.push(overview);
            }
            for note in &ended.notes {
                terminal::tell(note);
            }
            if ended.exit == Exit::Interrupted {
                let name = self.places.list[told.next].folder.name();
                told.interrupted.push(name.to_owned());
            }
            told.exit = told.exit.max(Some(ended.exit));
            told.next += 1;
        }
    }

    /// How the command ends, once every scenario has ended.
    pub(super) fn leave(self) -> Exit {
        let told = self.told.into_inner();
        let mut told = told.expect("nothing panics under this lock");
        let exit = told.exit.unwrap_or(Exit::Good);
        let exit = exit.max(self.places.write_index(&told.overview));
        match self.arguments.running.format {
            Format::Text if told.overview.len() > 1 && !self.arguments.quiet => {
                let overview = report::overview(&told.overview, terminal::style());
                told.output.line(overview.trim_end());
            }
            Format::Text => {}
            Format::Markdown => {
                let comment = report::answers_markdown(&told.comments);
                told.output.line(comment.trim_end());
            }
            Format::Json => {
                let missing = self.places.without_results(&told.overview);
                let document = terminal::document("run", &told.parts, &missing, exit);
                told.output.line(&document);
            }
        }
        if !told.interrupted.is_empty() {
            let is_one = told.interrupted.len() == 1;
            let have = if is_one { "has" } else { "have" };
            let names = told.interrupted.join(", ");
            terminal::tell(&format!(
                "interrupted: {names} {have} no new results; finished scenarios keep theirs"
            ));
        }
        match told.output.finish() {
            Ok(()) => exit,
            Err(end) => exit.max(end),
        }
    }
}

impl Places {
    /// The names of the scenarios that have no results.
    fn without_results(&self, overviews: &[Overview]) -> Vec<String> {
        let names = self.list.iter().map(|place| place.folder.name());
        let missing = names.filter(|name| !overviews.iter().any(|one| one.name() == *name));
        missing.map(str::to_owned).collect()
    }

    /// Writes the page over several scenarios, if any has results. Those without have no line.
    fn write_index(&self, overviews: &[Overview]) -> Exit {
        let index = self.index.as_ref().filter(|_| !overviews.is_empty());
        let Some(index) = index else {
            return Exit::Good;
        };
        let missing = self.without_results(overviews);
        let page = report::page_of_overviews(overviews, &missing, env!("CARGO_PKG_VERSION"));
        match index.replace(&page) {
            Ok(()) => Exit::Good,
            Err(error) => error::told(error),
        }
    }
}

impl Ended {
    const fn without_results(exit: Exit) -> Self {
        Self {
            exit,
            answer: None,
            notes: Vec::new(),
        }
    }
}
