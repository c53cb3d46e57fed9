//! The scenarios of one command at their ends: written at once, reported in the order of the files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use super::arguments::Format;
use super::blocks::Disk;
use super::environment::{self, Clock};
use super::index::Index;
use super::input;
use super::output::{Folder, Replaced, Way};
use super::progress::ProgressLine;
use super::signals::Signals;
use super::terminal::{self, Output};
use super::{Error, Exit, bug, error, timings};
use crate::experiment::results::Results;
use crate::experiment::run::Stopped;
use crate::experiment::stopwatch::{Phase, Stopwatch};
use crate::report::{self, Brief, Frame, JsonAnswer, Overview, Shelf, Sources};
use crate::scenario::{Overrides, Source};

/// How a command reports.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    /// Name of the command.
    pub(super) command: &'static str,
    /// How much it says.
    pub(super) extent: Extent,
    /// Whether it says where the time went.
    pub(super) is_timed: bool,
    /// How the answer is written.
    pub(super) format: Format,
    /// Threads that simulate.
    pub(super) threads: usize,
}

/// How much a command says of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// One line.
    Line,
    /// What a reviewer reads first.
    Short,
    /// Everything.
    Details,
}

/// Most kept files that a note names.
const KEPT_SHOWN: usize = 5;

/// The note on a file system without exchange.
const IN_TWO_STEPS: &str = "note: this file system cannot exchange two folders at once, so for an instant the old \
     results were gone and the new ones not there";

/// The source of a scenario, and the folder of its results.
pub(super) struct Place {
    /// The file as read.
    pub(super) source: Source,
    /// The file with every default written out.
    pub(super) resolved_toml: String,
    /// The folder of the results.
    pub(super) folder: Folder,
    /// What the command line changed.
    pub(super) overrides: Overrides,
    /// Its flags on draws and seed with their values, those that were given.
    pub(super) running: Vec<(&'static str, String)>,
    /// Its draws until its results are written.
    pub(super) blocks: Arc<Disk>,
    /// Whether the draws stay afterwards.
    pub(super) keeps_blocks: bool,
}

impl Place {
    /// What the command line took of the scenario.
    fn selection(&self) -> report::Selection<'_> {
        report::Selection {
            file: input::as_named(&self.source),
            settings: &self.overrides.settings,
            cases: &self.overrides.cases,
            running: &self.running,
        }
    }

    /// Where the draws are, if they are kept.
    fn kept_draws(&self) -> Option<String> {
        let folder = self.blocks.folder().display();
        let has_some = self.blocks.count() > 0;
        has_some.then(|| {
            format!(
                "  its draws are kept in {folder}: the same command with --resume goes on with them"
            )
        })
    }

    /// Removes the draws of a scenario whose results are written, or makes sure that they stay.
    fn put_blocks_away(&self, is_written: bool) -> Result<(), Error> {
        if is_written && !self.keeps_blocks {
            return self.blocks.clear();
        }
        self.blocks.flush()
    }
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
    manner: Manner,
    clock: &'a Clock,
    signals: &'a Signals,
    line: &'a ProgressLine,
    places: Places,
    told: Mutex<Told>,
}

/// What has been reported, and what waits for earlier scenarios.
#[derive(Default)]
struct Told {
    output: Output,
    exit: Option<Exit>,
    interrupted: Vec<String>,
    /// The notes so far, so that what is true of all scenarios is said once.
    notes: BTreeSet<String>,
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
        manner: Manner,
        (clock, signals): (&'a Clock, &'a Signals),
        line: &'a ProgressLine,
        places: Places,
    ) -> Self {
        Self {
            manner,
            clock,
            signals,
            line,
            places,
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
            Err(Stopped::Interrupted) => Some(self.interrupted(index)),
            Err(Stopped::Absent) => Some(self.unsettled(index)),
            Err(Stopped::Bug) => None,
            Err(error @ Stopped::Beyond { .. }) => Some(Ended {
                notes: vec![format!(
                    "error: {error}\n  lower it or the width of its law, or shorten the horizon"
                )],
                ..Ended::without_results(Exit::WrongScenario)
            }),
            Err(error @ (Stopped::NoThreads(_) | Stopped::Store(_))) => Some(Ended {
                notes: vec![format!("error: {error}")],
                ..Ended::without_results(Exit::Machine)
            }),
        };
        let ended = ended.unwrap_or_else(|| Ended::without_results(Exit::Bug));
        let mut told = self.told.lock().expect("nothing panics under this lock");
        told.waiting.insert(index, ended);
        self.line.step_aside(|| self.tell(&mut told));
    }

    /// What is told of an interrupted scenario: its draws so far stay.
    fn interrupted(&self, index: usize) -> Ended {
        let kept = self.places.list[index].blocks.flush();
        Ended {
            notes: kept
                .err()
                .map(|error| error.in_words())
                .into_iter()
                .collect(),
            ..Ended::without_results(Exit::Interrupted)
        }
    }

    /// What is told of a scenario whose verdicts need draws that no share has computed.
    fn unsettled(&self, index: usize) -> Ended {
        let name = self.places.list[index].folder.name();
        Ended {
            notes: vec![format!(
                "{name}: its verdicts are not settled by these draws; run every share once more, then \
                 merge again"
            )],
            ..Ended::without_results(Exit::Unsettled)
        }
    }

    /// Writes the results before it reports them: a terminal that is gone must not cost the
    /// results.
    fn finish(&self, index: usize, results: &Results, stopwatch: &Stopwatch<'_>) -> Ended {
        let place = &self.places.list[index];
        let (answer, written) = Stopwatch::time(Some(stopwatch), Phase::Render, || {
            let written = self.write(place, results, stopwatch);
            if matches!(written, Err(Error::Interrupted)) {
                return (None, written);
            }
            match report::brief(results) {
                Ok(brief) => {
                    let ends = (written.is_ok(), Exit::of(results));
                    let answer = self.answer(place, &brief, ends);
                    (Some((answer, brief.overview())), written)
                }
                Err(error) => (None, Err(error.into())),
            }
        });
        let put_away = place.put_blocks_away(written.is_ok());
        let mut ended = match written {
            Err(Error::Interrupted) => Ended::without_results(Exit::Interrupted),
            _ => Ended::without_results(Exit::of(results)),
        };
        ended.answer = answer;
        match written {
            Ok(replaced) => ended.notes.extend(notes(place, &replaced)),
            Err(Error::Interrupted) => {}
            Err(error) => {
                ended.fail(&error);
                ended.notes.extend(place.kept_draws());
            }
        }
        if let Err(error) = put_away {
            ended.fail(&error);
        }
        if self.manner.is_timed {
            ended.notes.push(timings::table(results, stopwatch));
        }
        ended
    }

    fn write(
        &self,
        place: &Place,
        results: &Results,
        stopwatch: &Stopwatch<'_>,
    ) -> Result<Replaced, Error> {
        let environment = environment::describe(self.clock, stopwatch, self.manner.threads);
        let sources = Sources {
            version: env!("CARGO_PKG_VERSION"),
            scenario_text: &String::from_utf8_lossy(&place.source.bytes),
            selection: place.selection(),
            resolved_toml: &place.resolved_toml,
            environment: &environment,
        };
        let render = |shelf: &mut dyn Shelf| report::render(results, &sources, shelf);
        place.folder.replace(self.signals.flag(), render)
    }

    fn answer(&self, place: &Place, brief: &Brief, (is_written, exit): (bool, Exit)) -> Answer {
        let folder = place.folder.path().display().to_string();
        let frame = Frame {
            folder: is_written.then_some(folder.as_str()),
            selection: place.selection(),
            ending: exit.ending(self.manner.command),
        };
        match self.manner.format {
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
        if self.manner.extent == Extent::Line {
            let (name, words) = (place.folder.name(), brief.in_words());
            return format!("{name}: {words}, {written}");
        }
        let style = terminal::style();
        let mut answer = report::answer(brief, style);
        if self.manner.extent == Extent::Details {
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
            for note in ended.notes {
                if !told.notes.contains(&note) {
                    terminal::tell(&note);
                    told.notes.insert(note);
                }
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
        let exit = exit.max(self.places.write_index(&told.overview, self.signals));
        match self.manner.format {
            Format::Text if told.overview.len() > 1 && self.manner.extent != Extent::Line => {
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
                let document = terminal::document(self.manner.command, &told.parts, &missing, exit);
                told.output.line(&document);
            }
        }
        if !told.interrupted.is_empty() {
            let is_one = told.interrupted.len() == 1;
            let have = if is_one { "has" } else { "have" };
            let names = told.interrupted.join(", ");
            let are_kept = self
                .places
                .list
                .iter()
                .any(|place| place.blocks.count() > 0);
            let kept = if are_kept {
                "\n  the draws so far are kept: the same command with --resume goes on with them"
            } else {
                ""
            };
            terminal::tell(&format!(
                "interrupted: {names} {have} no new results; finished scenarios keep theirs{kept}"
            ));
        }
        match told.output.finish() {
            Ok(()) => exit,
            Err(end) => exit.max(end),
        }
    }
}

/// What is worth a note about results that were replaced.
fn notes(place: &Place, replaced: &Replaced) -> Vec<String> {
    let mut notes = Vec::new();
    if replaced.way == Way::InTwoSteps {
        notes.push(IN_TWO_STEPS.to_owned());
    }
    let kept = replaced.kept.iter().take(KEPT_SHOWN);
    let kept: Vec<_> = kept
        .map(|path| path.to_string_lossy().escape_debug().to_string())
        .collect();
    if !kept.is_empty() {
        let more = replaced.kept.len() - kept.len();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        notes.push(format!(
            "note: kept in {}, not written by alloy-sim: {}{more}",
            place.folder.path().display(),
            kept.join(", "),
        ));
    }
    notes
}

impl Places {
    /// The names of the scenarios that have no results.
    fn without_results(&self, overviews: &[Overview]) -> Vec<String> {
        let names = self.list.iter().map(|place| place.folder.name());
        let missing = names.filter(|name| !overviews.iter().any(|one| one.name() == *name));
        missing.map(str::to_owned).collect()
    }

    /// Writes the page over several scenarios, if any has results. Those without have no line.
    fn write_index(&self, overviews: &[Overview], signals: &Signals) -> Exit {
        let index = self.index.as_ref().filter(|_| !overviews.is_empty());
        let Some(index) = index else {
            return Exit::Good;
        };
        let missing = self.without_results(overviews);
        let page = report::page_of_overviews(overviews, &missing, env!("CARGO_PKG_VERSION"));
        match index.replace(&page, signals.flag()) {
            Ok(()) => Exit::Good,
            Err(error) => error::told(error),
        }
    }
}

impl Ended {
    /// Adds that the machine failed.
    fn fail(&mut self, error: &Error) {
        self.exit = self.exit.max(Exit::Machine);
        self.notes.push(error.in_words());
    }

    const fn without_results(exit: Exit) -> Self {
        Self {
            exit,
            answer: None,
            notes: Vec::new(),
        }
    }
}
