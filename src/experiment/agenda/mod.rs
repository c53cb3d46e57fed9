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
//!
//! A study that runs until it is settled is simulated in rounds. After each round one thread looks at
//! its verdicts. The other threads go on with later studies meanwhile, or wait.

mod underway;

use std::ops::Range;
use std::sync::Arc;

use self::underway::Underway;
use super::archive::Archive;
use super::block::{Block, Drawn};
use super::gather::{Gathered, Gathering};
use super::results::CaseResults;
use super::run::{Progress, Stopped};
use super::tally::Tally;

/// All studies, and their progress.
pub(super) struct Agenda {
    studies: Vec<Underway>,
    threads: usize,
    /// Events of the longest draw so far.
    events_max: u64,
}

/// A task of a thread.
#[derive(Clone)]
pub(super) struct Task {
    /// Index of the study.
    pub(super) index: usize,
    pub(super) archive: Arc<Archive>,
    pub(super) work: Work,
}

/// What a thread does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// Simulates the draws of a block.
    Block(Block),
    /// Simulates one draw of a case with its event records.
    Record { case: usize, draw: u32 },
    /// Looks whether the verdicts are settled after a round.
    Look,
    /// Makes the results of a case whose draws have ended.
    Complete { case: usize },
}

impl Work {
    /// Index of the case; the first one for a look at all of them.
    pub(super) const fn case(&self) -> usize {
        match self {
            Self::Block(block) => block.case,
            Self::Record { case, .. } | Self::Complete { case } => *case,
            Self::Look => 0,
        }
    }
}

impl Agenda {
    /// An agenda of which nothing is done.
    pub(super) fn new(studies: Vec<Archive>, threads: usize) -> Self {
        Self {
            studies: studies.into_iter().map(Underway::new).collect(),
            threads,
            events_max: 0,
        }
    }

    /// The next task; `None` if nothing is left to begin at present.
    pub(super) fn take(&mut self) -> Option<Task> {
        let due = self.first_of(Underway::take_due);
        let next = due.or_else(|| self.take_guess());
        let (index, work) = next.or_else(|| self.first_of(Underway::take_block))?;
        let underway = &mut self.studies[index];
        underway.doing += 1;
        let archive = underway.archive.clone()?;
        Some(Task {
            index,
            archive,
            work,
        })
    }

    /// Whether a look that is still to come may give threads more to do.
    pub(super) fn may_go_on(&self) -> bool {
        self.studies.iter().any(Underway::may_go_on)
    }

    /// The first study that has something to do, and what.
    fn first_of(&mut self, take: fn(&mut Underway) -> Option<Work>) -> Option<(usize, Work)> {
        let mut studies = self.studies.iter_mut().enumerate();
        studies.find_map(|(index, underway)| Some((index, take(underway)?)))
    }

    /// The worst draw so far of a case, to be recorded. `None` unless the recording takes at least
    /// as long as the other threads need for the draws that are left.
    fn take_guess(&mut self) -> Option<(usize, Work)> {
        let events = self.events_left()? / (self.threads as f64 - 1.0);
        if self.threads == 1 || (self.events_max as f64) < events {
            return None;
        }
        let mut studies = self.studies.iter_mut().enumerate();
        studies.find_map(|(index, underway)| Some((index, underway.take_guess(events)?)))
    }

    /// Estimate of the events of the draws that no thread has begun. `None` if any of them belong
    /// to a study of which no draw has ended.
    fn events_left(&self) -> Option<f64> {
        self.studies.iter().map(Underway::events_left).sum()
    }

    /// Takes in the draws of a block, and the draw of it that has been recorded.
    pub(super) fn put_block(
        &mut self,
        (task, block): (&Task, &Block),
        tallies: &[Tally],
        recorded: Option<Drawn>,
    ) {
        let events = tallies.iter().map(|tally| tally.events);
        self.events_max = events.fold(self.events_max, u64::max);
        if let Some(underway) = self.underway(task) {
            underway.put_block(block, tallies, recorded);
        }
    }

    /// Takes in the event records of a draw.
    pub(super) fn put_record(&mut self, task: &Task, drawn: Drawn) {
        if let Some(underway) = self.underway(task) {
            underway.put_record(task.work.case(), drawn);
        }
    }

    /// The blocks so far of all cases, for a look at them.
    pub(super) fn blocks(&mut self, task: &Task) -> Vec<Vec<Range<u32>>> {
        let underway = self.underway(task);
        let gathering = underway.map(|underway| underway.gathering.iter().map(Gathering::blocks));
        gathering.map_or_else(Vec::new, Iterator::collect)
    }

    /// Begins the next round after a look, unless the verdicts are settled or no more draws are
    /// allowed.
    pub(super) fn put_look(&mut self, task: &Task, is_settled: bool) {
        if let Some(underway) = self.underway(task) {
            underway.go_on(is_settled);
        }
    }

    /// The draws of the case that a task completes; `None` if its study has ended.
    pub(super) fn gathered(&mut self, task: &Task) -> Option<Gathered> {
        self.underway(task)?.gathered(task.work.case())
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
        underway.end();
        Some(results.into_iter().flatten().collect())
    }

    /// A draw of a task exceeds the exact range. Only draws before it are begun from now on, so that
    /// the first such draw of the study is named, whatever the threads did.
    pub(super) fn put_beyond(&mut self, task: &Task, draw: u32, why: Stopped) {
        let here = (task.work.case(), draw);
        if let Some(underway) = self.underway(task) {
            underway.put_beyond(here, why);
        }
    }

    /// A thread has done a task. Returns why its study ends without results, if this was the last
    /// task before the draw that ends it.
    pub(super) fn leave(&mut self, task: &Task) -> Option<Stopped> {
        self.studies[task.index].leave()
    }

    /// Ends a study. Returns whether it was still in progress.
    pub(super) fn end(&mut self, index: usize) -> bool {
        self.studies[index].end()
    }

    /// The studies in progress.
    pub(super) fn unended(&self) -> Vec<usize> {
        let is_underway = |index: &usize| self.studies[*index].archive.is_some();
        (0..self.studies.len()).filter(is_underway).collect()
    }

    fn underway(&mut self, task: &Task) -> Option<&mut Underway> {
        let underway = &mut self.studies[task.index];
        underway.archive.is_some().then_some(underway)
    }

    /// Progress of all studies, after a block of `task`.
    pub(super) fn progress(&self, task: &Task) -> Progress {
        let count = |of: fn(&Underway) -> u64| self.studies.iter().map(of).sum();
        let of_study = &self.studies[task.index];
        Progress {
            study: task.index,
            case: task.work.case(),
            draws_done: count(|underway| underway.draws_done),
            draws_total: count(Underway::draws_total),
            share_failed: of_study.draws_failed as f64 / of_study.draws_done.max(1) as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::draws::Draws;
    use crate::experiment::study::Study;
    use crate::model::record::outcome::{EventRecords, Outcome};

    fn study(cases: usize, draws: u32) -> Study {
        Study::empty(cases, draws)
    }

    fn agenda(studies: Vec<Study>, threads: usize) -> Agenda {
        Agenda::new(
            studies.into_iter().map(Archive::in_memory).collect(),
            threads,
        )
    }

    /// A draw of ten events, or a long draw that fails. The longer the draw, the sooner it fails.
    fn tally(draw: u32, long: &[(u32, u64)]) -> Tally {
        let events = long.iter().find(|(at, _)| *at == draw).map(|long| long.1);
        Tally {
            draw,
            first: events.map(|events| 1.0 / events as f64),
            is_failed: events.is_some(),
            events: events.unwrap_or(10),
        }
    }

    /// What one thread does, and until when. An event takes a unit of time.
    type Busy = (u64, Task, Vec<Tally>);

    fn begin(now: u64, task: Task, agenda: &mut Agenda, long: &[(u32, u64)]) -> Busy {
        let tallies: Vec<_> = match &task.work {
            Work::Block(block) => block.draws.clone().map(|draw| tally(draw, long)).collect(),
            Work::Record { draw, .. } => vec![tally(*draw, long)],
            Work::Complete { .. } => {
                let Gathered { blocks, guess } = agenda.gathered(&task).unwrap();
                let all = blocks.into_iter().flatten().map(|draw| tally(draw, long));
                let worst = all.reduce(Tally::worse).unwrap();
                let is_known = guess.is_some_and(|guess| guess.draw == worst.draw);
                // The thread that completes a case records its worst draw.
                if is_known { Vec::new() } else { vec![worst] }
            }
            Work::Look => Vec::new(),
        };
        let events = tallies.iter().map(|tally| tally.events);
        (now + events.sum::<u64>(), task, tallies)
    }

    /// When all threads have simulated and recorded everything. The look that brings `looks` to zero
    /// settles its study.
    fn end_after(agenda: &mut Agenda, long: &[(u32, u64)], mut looks: u32) -> u64 {
        let (mut now, mut busy): (u64, Vec<Busy>) = (0, Vec::new());
        loop {
            while busy.len() < agenda.threads
                && let Some(task) = agenda.take()
            {
                busy.push(begin(now, task, agenda, long));
            }
            let Some(next) = (0..busy.len()).min_by_key(|&thread| busy[thread].0) else {
                return now;
            };
            let (at, task, tallies) = busy.swap_remove(next);
            now = at;
            match &task.work {
                Work::Block(block) => agenda.put_block((&task, block), &tallies, None),
                Work::Record { draw, .. } => {
                    let drawn = Drawn {
                        draw: *draw,
                        outcome: Outcome::default(),
                        records: Some(EventRecords::default()),
                    };
                    agenda.put_record(&task, drawn);
                }
                Work::Look => {
                    looks -= 1;
                    agenda.put_look(&task, looks == 0);
                }
                Work::Complete { .. } => {}
            }
            agenda.leave(&task);
        }
    }

    fn end(studies: Vec<Study>, threads: usize, long: &[(u32, u64)]) -> u64 {
        end_after(&mut agenda(studies, threads), long, 0)
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

    /// The first study is settled at its third look. While one thread looks, the other one goes on with
    /// the second study.
    #[test]
    fn a_study_goes_on_in_rounds_until_it_is_settled() {
        let open = Study {
            draws: Draws::UntilSettled { most: 10_000 },
            ..study(2, 1)
        };
        for threads in [1, 2] {
            let mut agenda = agenda(vec![open.clone(), study(1, 100)], threads);
            let took = end_after(&mut agenda, &[], 3);
            let done: Vec<u64> = agenda.studies.iter().map(|of| of.draws_done).collect();
            assert_eq!(done, [2 * 640, 100]);
            // Ten events a draw, and a recording per case.
            assert!(
                took <= (10 * (2 * 640 + 100) + 40) / threads as u64 + 200,
                "{took}"
            );
            assert!(!agenda.may_go_on());
        }
        let mut agenda = agenda(vec![open], 1);
        end_after(&mut agenda, &[], 1_000);
        assert_eq!(agenda.studies[0].draws_done, 20_000);
    }

    #[test]
    fn a_study_that_ends_early_is_skipped() {
        let mut agenda = agenda(vec![study(1, 100), study(1, 1)], 2);
        let task = agenda.take().unwrap();
        assert!(agenda.end(0));
        assert!(!agenda.end(0));
        let Work::Block(block) = &task.work else {
            panic!("a study begins with a block");
        };
        agenda.put_block((&task, block), &[tally(0, &[])], None);
        let task = agenda.take().unwrap();
        assert_eq!(task.index, 1);
        assert_eq!(agenda.progress(&task).draws_total, 1);
        assert_eq!(agenda.unended(), [1]);
    }
}
