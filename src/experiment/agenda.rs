//! Which thread simulates what next.
//!
//! Blocks are taken in the order of studies and cases, so that early studies end early. A thread
//! that has ended a block takes the next one, of whatever case, and waits for no other thread. Long
//! blocks begin first. Draws with the same number share their luck, so blocks that were long in one
//! case are long in the next.
//!
//! The worst draw of a case is known when its draws have ended. Recording it then leaves the other
//! threads idle if nothing else is left. So the worst draw so far is recorded while the last draws
//! of the last study are simulated. In the rare case that a later draw is worse, that draw is
//! recorded as well.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::block::{Block, Drawn};
use super::gather::{Gathered, Gathering};
use super::results::CaseResults;
use super::run::{Progress, Stopped};
use super::study::Study;
use crate::model::record::outcome::Layout;

/// All studies, and their progress.
pub(super) struct Agenda {
    studies: Vec<Underway>,
    /// Study and case whose blocks follow `blocks`.
    next: (usize, usize),
    /// Remaining blocks of the case in progress, the next one last.
    blocks: Vec<Block>,
    threads: usize,
    /// Events of the longest draw so far.
    events_max: u64,
}

/// A study, and its progress.
struct Underway {
    /// `None` once the study has ended.
    study: Option<Arc<Study>>,
    gathering: Vec<Gathering>,
    results: Vec<Option<CaseResults>>,
    draws_total: u64,
    draws_done: u64,
    draws_failed: u64,
    events: u64,
    /// Events in the draws of a block over all cases, by the first draw of the block.
    events_of_block: BTreeMap<u32, u64>,
    /// Tasks that threads are doing.
    doing: usize,
    /// The first draw so far that exceeds the exact range, by case and draw, and why.
    beyond: Option<((usize, u32), Stopped)>,
}

/// A task of a thread.
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
    /// The event records of one draw of a case.
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
            events_of_block: BTreeMap::new(),
            doing: 0,
            beyond: None,
            study: Some(Arc::new(study)),
        }
    }

    /// Whether a case may begin: not after a draw that ends the study.
    fn begins(&self, case: usize) -> bool {
        self.beyond
            .as_ref()
            .is_none_or(|((first, _), _)| case <= *first)
    }

    fn count(&mut self, draws: &[Drawn]) {
        let mut events = 0;
        for Drawn { outcome, .. } in draws {
            let broke = outcome.first.iter().any(Option::is_some);
            self.draws_done += 1;
            self.draws_failed += u64::from(broke);
            events += outcome.events_handled;
        }
        self.events += events;
        let first = draws.first().map(|drawn| drawn.draw);
        *self.events_of_block.entry(first.unwrap_or(0)).or_default() += events;
    }

    /// The blocks of a case, the longest one last.
    fn blocks(&self, study: &Study, case: usize) -> Vec<Block> {
        let mut blocks: Vec<_> = Block::of_case(study, case).collect();
        blocks.reverse();
        let events = |block: &Block| self.events_of_block.get(&block.draws.start);
        blocks.sort_by_key(|block| events(block).copied());
        blocks
    }
}

impl Agenda {
    /// An agenda of which nothing is done.
    pub(super) fn new(studies: Vec<Study>, threads: usize) -> Self {
        Self {
            studies: studies.into_iter().map(Underway::new).collect(),
            next: (0, 0),
            blocks: Vec::new(),
            threads,
            events_max: 0,
        }
    }

    /// The next task; `None` if nothing is left to begin.
    pub(super) fn take(&mut self) -> Option<Task> {
        self.fill();
        let task = self.take_guess().or_else(|| self.take_block())?;
        self.studies[task.index].doing += 1;
        Some(task)
    }

    /// Goes on to the next case if no block of the present case is left.
    fn fill(&mut self) {
        while self.blocks.is_empty() {
            let (index, case) = self.next;
            let Some(underway) = self.studies.get(index) else {
                return;
            };
            self.next = (index + 1, 0);
            if let Some(study) = &underway.study
                && case < study.cases.len()
                && underway.begins(case)
            {
                self.blocks = underway.blocks(study, case);
                self.next = (index, case + 1);
            }
        }
    }

    fn take_block(&mut self) -> Option<Task> {
        let block = self.blocks.pop()?;
        let index = self.next.0;
        let study = self.studies[index].study.clone()?;
        let work = Work::Block(block);
        Some(Task { index, study, work })
    }

    /// The worst draw so far of a case, to be recorded. `None` unless the recording takes at least
    /// as long as the other threads need for the draws that are left.
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

    /// Estimate of the events of the draws that no thread has begun. `None` if any of them belong
    /// to a study of which no draw has ended.
    fn events_left(&self) -> Option<f64> {
        let (index, case) = self.next;
        let mut events = 0.0;
        for (at, underway) in self.studies.iter().enumerate().skip(index) {
            let Some(study) = &underway.study else {
                continue;
            };
            let cases = study.cases.len() - if at == index { case } else { 0 };
            let mut left = cases as f64 * f64::from(study.draws);
            if at == index {
                let draws = self.blocks.iter().map(|block| block.draws.len() as f64);
                left += draws.sum::<f64>();
            }
            if left > 0.0 && underway.draws_done == 0 {
                return None;
            }
            events += left * underway.events as f64 / underway.draws_done.max(1) as f64;
        }
        Some(events)
    }

    /// Takes in the draws of a block. Returns the case if it is complete.
    pub(super) fn put_block(&mut self, task: &Task, draws: Vec<Drawn>) -> Option<Gathered> {
        let events = draws.iter().map(|drawn| drawn.outcome.events_handled);
        self.events_max = events.fold(self.events_max, u64::max);
        let underway = self.underway(task)?;
        underway.count(&draws);
        underway.gathering[task.work.case()].add(draws)
    }

    /// Takes in the event records of a draw. Returns the case if it is complete.
    pub(super) fn put_record(&mut self, task: &Task, drawn: Drawn) -> Option<Gathered> {
        self.underway(task)?.gathering[task.work.case()].add_guess(drawn)
    }

    /// Takes in the results of a case. If all cases are complete, ends the study and returns the
    /// results of all cases.
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

    /// A draw of a task exceeds the exact range. Only draws before it are begun from now on, so that
    /// the first such draw of the study is named, whatever the threads did.
    pub(super) fn put_beyond(&mut self, task: &Task, draw: u32, why: Stopped) {
        let here = (task.work.case(), draw);
        let Some(underway) = self.underway(task) else {
            return;
        };
        if underway
            .beyond
            .as_ref()
            .is_some_and(|(first, _)| *first < here)
        {
            return;
        }
        underway.beyond = Some((here, why));
        if self.next.0 == task.index {
            let is_before = |block: &Block| (block.case, block.draws.start) < here;
            self.blocks.retain(is_before);
        }
    }

    /// A thread has done a task. Returns why its study ends without results, if this was the last
    /// task before the draw that ends it.
    pub(super) fn leave(&mut self, task: &Task) -> Option<Stopped> {
        let has_blocks = self.next.0 == task.index && !self.blocks.is_empty();
        let underway = &mut self.studies[task.index];
        underway.doing -= 1;
        if underway.doing > 0 || has_blocks {
            return None;
        }
        let (_, why) = underway.beyond.take()?;
        self.end(task.index).then_some(why)
    }

    /// Ends a study. Returns whether it was still in progress.
    pub(super) fn end(&mut self, index: usize) -> bool {
        let underway = &mut self.studies[index];
        underway.gathering = Vec::new();
        underway.results = Vec::new();
        if self.next.0 == index {
            self.blocks = Vec::new();
        }
        underway.study.take().is_some()
    }

    /// The studies in progress.
    pub(super) fn unended(&self) -> Vec<usize> {
        let is_underway = |index: &usize| self.studies[*index].study.is_some();
        (0..self.studies.len()).filter(is_underway).collect()
    }

    fn underway(&mut self, task: &Task) -> Option<&mut Underway> {
        let underway = &mut self.studies[task.index];
        underway.study.is_some().then_some(underway)
    }

    /// Progress of all studies, after a block of `task`.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::study::Case;
    use crate::model::blueprint::{Blueprint, FleetId, Start};
    use crate::model::record::catalogue::{Failure, Scope};
    use crate::model::record::outcome::{EventRecords, Outcome};
    use crate::units::SimDuration;
    /// A study whose cases are empty.
    fn study(cases: usize, draws: u32) -> Study {
        let blueprint = Blueprint {
            horizon: SimDuration::from_hours(1),
            start: Start::Cold,
            grid: SimDuration::from_hours(1),
            pools: Vec::new(),
            workloads: Vec::new(),
            fleets: Vec::new(),
            endpoints: Vec::new(),
            egresses: Vec::new(),
        };
        let case = Case {
            name: "base".into(),
            variant: "base".into(),
            settings: Vec::new(),
            values: Vec::new(),
            blueprint,
            inputs: Vec::new(),
        };
        Study {
            name: "a".into(),
            question: String::new(),
            start_date: None,
            seed: 1,
            draws,
            replications: 1,
            cases: vec![case; cases],
            paths: Vec::new(),
            requirements: Vec::new(),
        }
    }

    /// An agenda of studies in which one failure can happen.
    fn agenda(studies: Vec<Study>, threads: usize) -> Agenda {
        let mut agenda = Agenda::new(studies, threads);
        for underway in &mut agenda.studies {
            let draws = underway.study.as_ref().unwrap().draws;
            let layout = Layout {
                failures: vec![(Scope::Fleet(FleetId::new(0)), Failure::Oom)],
                ..Layout::default()
            };
            let gathering = |_: &Gathering| Gathering::new(layout.clone(), draws);
            underway.gathering = underway.gathering.iter().map(gathering).collect();
        }
        agenda
    }

    /// A draw of ten events, or a long draw that fails. The longer the draw, the sooner it fails.
    fn drawn(draw: u32, long: &[(u32, u64)], records: Option<EventRecords>) -> Drawn {
        let events = long.iter().find(|(at, _)| *at == draw).map(|long| long.1);
        let outcome = Outcome {
            first: vec![events.map(|events| 1.0 / events as f64)],
            events_handled: events.unwrap_or(10),
            ..Outcome::default()
        };
        Drawn {
            draw,
            outcome,
            records,
        }
    }

    /// What one thread does, and until when. An event takes a unit of time.
    type Busy = (u64, Task, Vec<Drawn>);

    fn begin(now: u64, task: Task, long: &[(u32, u64)]) -> Busy {
        let recorded = Some(EventRecords::default());
        let draws: Vec<_> = match &task.work {
            Work::Block(block) => {
                let draws = block.draws.clone();
                draws.map(|draw| drawn(draw, long, None)).collect()
            }
            Work::Record { draw, .. } => vec![drawn(*draw, long, recorded)],
        };
        let events = draws.iter().map(|drawn| drawn.outcome.events_handled);
        (now + events.sum::<u64>(), task, draws)
    }

    /// When `threads` threads have simulated and recorded everything.
    fn end(studies: Vec<Study>, threads: usize, long: &[(u32, u64)]) -> u64 {
        let mut agenda = agenda(studies, threads);
        let (mut now, mut busy): (u64, Vec<Busy>) = (0, Vec::new());
        loop {
            while busy.len() < threads
                && let Some(task) = agenda.take()
            {
                busy.push(begin(now, task, long));
            }
            let Some(next) = (0..busy.len()).min_by_key(|&thread| busy[thread].0) else {
                return now;
            };
            let (at, task, mut draws) = busy.swap_remove(next);
            now = at;
            let gathered = match task.work {
                Work::Block(_) => agenda.put_block(&task, draws),
                Work::Record { .. } => agenda.put_record(&task, draws.remove(0)),
            };
            let Some(Gathered { outcomes, guess }) = gathered else {
                continue;
            };
            let worst = outcomes.iter().max_by_key(|outcome| outcome.events_handled);
            let worst = worst.map_or(0, |outcome| outcome.events_handled);
            if guess.is_none_or(|guess| guess.outcome.events_handled != worst) {
                // The thread that completes a case records its worst draw.
                let (case, draw) = (task.work.case(), 0);
                let work = Work::Record { case, draw };
                busy.push((
                    now + worst,
                    Task { work, ..task },
                    vec![drawn(draw, long, None)],
                ));
            }
        }
    }

    fn speedup(studies: &[Study], long: &[(u32, u64)]) -> f64 {
        let end = |threads| end(studies.to_vec(), threads, long);
        end(1) as f64 / end(2) as f64
    }

    #[test]
    fn every_draw_is_handed_out_once_in_order() {
        let mut agenda = agenda(vec![study(2, 5), study(1, 2_000)], 1);
        let mut seen = Vec::new();
        while let Some(Task { index, work, .. }) = agenda.take() {
            let Work::Block(Block { case, draws }) = work else {
                panic!("one thread records nothing ahead");
            };
            seen.extend(draws.map(|draw| (index, case, draw)));
        }
        let draws = |index, case, draws| (0..draws).map(move |draw| (index, case, draw));
        let all = draws(0, 0, 5)
            .chain(draws(0, 1, 5))
            .chain(draws(1, 0, 2_000));
        assert_eq!(seen, all.collect::<Vec<_>>());
    }

    #[test]
    fn two_threads_share_the_work() {
        assert!(speedup(&[study(1, 200)], &[]) > 1.97);
        assert!(speedup(&[study(3, 20), study(2, 7)], &[]) > 1.95);
    }

    /// Crash loops make a few draws many times as long as others. One long draw is the worst.
    #[test]
    fn crash_loops_are_recorded_beside_other_draws() {
        for long in [(5, 250), (20, 250), (40, 250), (70, 250)] {
            let speedup = speedup(&[study(1, 120)], &[long]);
            assert!(speedup > 1.85, "{long:?}: {speedup}");
        }
        let speedup = speedup(&[study(3, 64)], &[(33, 230), (43, 240)]);
        assert!(speedup > 1.85, "{speedup}");
    }

    /// A draw that is recorded ahead and is not the worst costs at most the time of two recordings.
    #[test]
    fn a_wrong_guess_costs_little() {
        for late in 100..120 {
            let long = [(20, 240), (late, 250)];
            let alone = end(vec![study(1, 120)], 1, &long);
            let together = end(vec![study(1, 120)], 2, &long);
            assert!(
                together <= alone / 2 + 2 * 250,
                "{late}: {together} of {alone}"
            );
        }
    }

    #[test]
    fn a_study_that_ends_early_is_skipped() {
        let mut agenda = agenda(vec![study(1, 100), study(1, 1)], 2);
        let task = agenda.take().unwrap();
        assert!(agenda.end(0));
        assert!(!agenda.end(0));
        assert!(agenda.put_block(&task, vec![drawn(0, &[], None)]).is_none());
        let task = agenda.take().unwrap();
        assert_eq!(task.index, 1);
        assert_eq!(agenda.progress(&task).draws_total, 1);
        assert_eq!(agenda.unended(), [1]);
    }
}
