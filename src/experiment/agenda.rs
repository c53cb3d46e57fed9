//! Which thread simulates what next.
//!
//! Blocks are taken in the order of studies, cases and draws, so that early studies end early; a
//! thread that is done with one takes the next, of whatever case, and waits for nobody. The worst
//! draw of a case is known when its draws have ended, and recording it then leaves the other threads
//! idle if nothing else is left. So the draw that is worst so far is recorded while the last draws
//! of the last study are simulated; it is recorded again in the rare case that a later one is worse.

use std::sync::Arc;

use super::block::{Block, Drawn};
use super::gather::{Gathered, Gathering};
use super::plan::Study;
use super::results::CaseResults;
use super::run::Progress;
use crate::model::record::outcome::Layout;

/// All studies of a run, and how far they are.
pub(super) struct Agenda {
    studies: Vec<Underway>,
    /// Study, case and draw of the next block.
    next: (usize, usize, u32),
    threads: usize,
    /// Events of the longest draw so far.
    events_max: u64,
}

/// A study and what has come of it.
struct Underway {
    /// Absent once the study has ended.
    study: Option<Arc<Study>>,
    gathering: Vec<Gathering>,
    results: Vec<Option<CaseResults>>,
    draws_total: u64,
    draws_done: u64,
    draws_failed: u64,
    events: u64,
}

/// What a thread is to do.
#[derive(Clone)]
pub(super) struct Task {
    /// Index of the study.
    pub(super) index: usize,
    pub(super) study: Arc<Study>,
    pub(super) work: Work,
}

/// What a thread simulates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// The draws of a block.
    Block(Block),
    /// What happens in one draw of a case.
    Record { case: usize, draw: u32 },
}

impl Work {
    /// Index of the case.
    pub(super) const fn case(&self) -> usize {
        match self {
            Self::Block(block) => block.case,
            Self::Record { case, .. } => *case,
        }
    }
}

impl Underway {
    fn new(study: Study) -> Self {
        let layouts = study.cases.iter().map(|case| Layout::of(&case.blueprint));
        Self {
            gathering: layouts
                .map(|layout| Gathering::new(layout, study.draws))
                .collect(),
            results: vec![None; study.cases.len()],
            draws_total: u64::from(study.draws) * study.cases.len() as u64,
            draws_done: 0,
            draws_failed: 0,
            events: 0,
            study: Some(Arc::new(study)),
        }
    }

    fn count(&mut self, draws: &[Drawn]) {
        for Drawn { outcome, .. } in draws {
            let broke = outcome.first.iter().any(Option::is_some);
            self.draws_done += 1;
            self.draws_failed += u64::from(broke);
            self.events += outcome.events_handled;
        }
    }
}

impl Agenda {
    /// Nothing is done yet.
    pub(super) fn new(studies: Vec<Study>, threads: usize) -> Self {
        Self {
            studies: studies.into_iter().map(Underway::new).collect(),
            next: (0, 0, 0),
            threads,
            events_max: 0,
        }
    }

    /// The next task; `None` if nothing is left to begin.
    pub(super) fn take(&mut self) -> Option<Task> {
        self.skip_what_has_ended();
        self.take_guess().or_else(|| self.take_block())
    }

    fn skip_what_has_ended(&mut self) {
        while let Some(underway) = self.studies.get(self.next.0) {
            let has_more = |study: &Arc<Study>| self.next.1 < study.cases.len();
            if underway.study.as_ref().is_some_and(has_more) {
                return;
            }
            self.next = (self.next.0 + 1, 0, 0);
        }
    }

    fn take_block(&mut self) -> Option<Task> {
        let (index, case, first) = self.next;
        let study = self.studies.get(index)?.study.clone()?;
        let block = Block::beginning_at(&study, case, first);
        self.next = if block.draws.end < study.draws {
            (index, case, block.draws.end)
        } else {
            (index, case + 1, 0)
        };
        Some(Task {
            index,
            study,
            work: Work::Block(block),
        })
    }

    /// The worst draw so far of a case, if the other threads are busy with other draws at most as
    /// long as its recording takes.
    fn take_guess(&mut self) -> Option<Task> {
        let events = self.events_left()? / (self.threads as f64 - 1.0);
        if self.threads == 1 || (self.events_max as f64) < events {
            return None;
        }
        for (index, underway) in self.studies.iter_mut().enumerate() {
            let Some(study) = underway.study.clone() else {
                continue;
            };
            for (case, gathering) in underway.gathering.iter_mut().enumerate() {
                if let Some(draw) = gathering.guess(events) {
                    let work = Work::Record { case, draw };
                    return Some(Task { index, study, work });
                }
            }
        }
        None
    }

    /// About how many events the draws that nobody has begun will have; unknown while there are some
    /// of a study of which no draw has ended.
    fn events_left(&self) -> Option<f64> {
        let (index, case, draw) = self.next;
        let mut events = 0.0;
        for (at, underway) in self.studies.iter().enumerate().skip(index) {
            let Some(study) = &underway.study else {
                continue;
            };
            let begun = if at == index {
                case as f64 * f64::from(study.draws) + f64::from(draw)
            } else {
                0.0
            };
            let left = underway.draws_total as f64 - begun;
            if left > 0.0 && underway.draws_done == 0 {
                return None;
            }
            events += left * underway.events as f64 / underway.draws_done.max(1) as f64;
        }
        Some(events)
    }

    /// Takes in the draws of a block; gives the case if it is complete.
    pub(super) fn put_block(&mut self, task: &Task, draws: Vec<Drawn>) -> Option<Gathered> {
        let events = draws.iter().map(|drawn| drawn.outcome.events_handled);
        self.events_max = events.fold(self.events_max, u64::max);
        let underway = self.underway(task)?;
        underway.count(&draws);
        underway.gathering[task.work.case()].add(draws)
    }

    /// Takes in what happened in a draw; gives the case if it is complete.
    pub(super) fn put_record(&mut self, task: &Task, drawn: Drawn) -> Option<Gathered> {
        self.underway(task)?.gathering[task.work.case()].add_guess(drawn)
    }

    /// Takes in the results of a case; gives those of all cases, and ends the study, if they are
    /// complete.
    pub(super) fn put_case(
        &mut self,
        task: &Task,
        results: CaseResults,
    ) -> Option<Vec<CaseResults>> {
        let underway = self.underway(task)?;
        underway.results[task.work.case()] = Some(results);
        if underway.results.iter().any(Option::is_none) {
            return None;
        }
        let results = std::mem::take(&mut underway.results);
        self.end(task.index);
        Some(results.into_iter().flatten().collect())
    }

    /// Ends a study; whether it had not ended before.
    pub(super) fn end(&mut self, index: usize) -> bool {
        let underway = &mut self.studies[index];
        underway.gathering = Vec::new();
        underway.results = Vec::new();
        underway.study.take().is_some()
    }

    /// The studies that have not ended.
    pub(super) fn unended(&self) -> Vec<usize> {
        let indices = 0..self.studies.len();
        indices
            .filter(|&index| self.studies[index].study.is_some())
            .collect()
    }

    fn underway(&mut self, task: &Task) -> Option<&mut Underway> {
        let underway = &mut self.studies[task.index];
        underway.study.is_some().then_some(underway)
    }

    /// How far the run is, after a block of `task`.
    pub(super) fn progress(&self, task: &Task) -> Progress {
        let count = |of: fn(&Underway) -> u64| self.studies.iter().map(of).sum();
        let of_study = &self.studies[task.index];
        Progress {
            study: task.index,
            case: task.work.case(),
            draws_done: count(|underway| underway.draws_done),
            draws_total: count(|underway| match underway.study {
                Some(_) => underway.draws_total,
                None => underway.draws_done,
            }),
            share_failed: of_study.draws_failed as f64 / of_study.draws_done.max(1) as f64,
        }
    }
}
