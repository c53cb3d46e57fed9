//! One study on the agenda, and its progress.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::Work;
use crate::experiment::archive::Archive;
use crate::experiment::block::{Block, Drawn};
use crate::experiment::draws::Draws;
use crate::experiment::gather::{Gathered, Gathering};
use crate::experiment::results::CaseResults;
use crate::experiment::run::Stopped;
use crate::experiment::study::Study;
use crate::experiment::tally::Tally;

/// A study, and its progress.
pub(super) struct Underway {
    /// The blocks of the study; `None` once it has ended.
    pub(super) archive: Option<Arc<Archive>>,
    pub(super) gathering: Vec<Gathering>,
    pub(super) results: Vec<Option<CaseResults>>,
    queue: Queue,
    pub(super) draws_done: u64,
    pub(super) draws_failed: u64,
    events: u64,
    /// Events in the draws of a block over all cases, by the first draw of the block.
    events_of_block: BTreeMap<u32, u64>,
    /// Tasks that threads are doing.
    pub(super) doing: usize,
    /// The first draw so far that exceeds the exact range, by case and draw, and why.
    beyond: Option<((usize, u32), Stopped)>,
}

/// What no thread has begun.
#[derive(Default)]
struct Queue {
    /// The draws of the round.
    round: Range<u32>,
    /// The case whose blocks follow `blocks`.
    next_case: usize,
    /// Blocks of the case before it, the next one last.
    blocks: Vec<Block>,
    /// Whether all draws of the round have ended, and nobody has looked at them.
    is_look_due: bool,
    /// Cases whose draws have ended.
    complete: BTreeMap<usize, Gathered>,
    /// Those of them that no thread completes, the next one last.
    to_complete: Vec<usize>,
}

impl Underway {
    /// A study of which nothing is done.
    pub(super) fn new(archive: Archive) -> Self {
        let cases = archive.study().cases.len();
        let mut underway = Self {
            gathering: (0..cases).map(|_| Gathering::default()).collect(),
            results: vec![None; cases],
            queue: Queue::default(),
            draws_done: 0,
            draws_failed: 0,
            events: 0,
            events_of_block: BTreeMap::new(),
            doing: 0,
            beyond: None,
            archive: Some(Arc::new(archive)),
        };
        underway.go_on(false);
        underway
    }

    /// The study, unless it has ended.
    pub(super) fn study(&self) -> Option<&Study> {
        self.archive.as_ref().map(|archive| &**archive.study())
    }

    /// Begins the next round. Lets all cases be completed if the study is settled or no more draws
    /// are allowed.
    pub(super) fn go_on(&mut self, is_settled: bool) {
        let Some(study) = self.study() else { return };
        let cases = study.cases.len();
        let next = study.draws.round(self.queue.round.end);
        let Some(round) = next.filter(|_| !is_settled) else {
            for case in (0..cases).rev() {
                self.complete(case);
            }
            return;
        };
        for gathering in &mut self.gathering {
            gathering.expect(round.end - round.start);
        }
        self.queue.round = round;
        self.queue.next_case = 0;
    }

    fn complete(&mut self, case: usize) {
        let gathered = self.gathering[case].take();
        self.queue.complete.insert(case, gathered);
        self.queue.to_complete.push(case);
    }

    /// A look or a case to complete.
    pub(super) fn take_due(&mut self) -> Option<Work> {
        if std::mem::take(&mut self.queue.is_look_due) {
            return Some(Work::Look);
        }
        let case = self.queue.to_complete.pop()?;
        Some(Work::Complete { case })
    }

    /// The draws of a case that a thread completes.
    pub(super) fn gathered(&mut self, case: usize) -> Option<Gathered> {
        self.queue.complete.remove(&case)
    }

    /// The next block of the round.
    pub(super) fn take_block(&mut self) -> Option<Work> {
        let study = Arc::clone(self.archive.as_ref()?.study());
        while self.queue.blocks.is_empty()
            && self.queue.next_case < study.cases.len()
            && self.begins(self.queue.next_case)
        {
            self.queue.blocks = self.blocks(&study, self.queue.next_case);
            self.queue.next_case += 1;
        }
        self.queue.blocks.pop().map(Work::Block)
    }

    /// Whether a case may begin: not after a draw that ends the study.
    fn begins(&self, case: usize) -> bool {
        let beyond = self.beyond.as_ref();
        beyond.is_none_or(|((first, _), _)| case <= *first)
    }

    /// The blocks of a case, the longest one last.
    fn blocks(&self, study: &Study, case: usize) -> Vec<Block> {
        let round = self.queue.round.clone();
        let mut blocks: Vec<_> = Block::of_round(study, case, round).collect();
        blocks.reverse();
        let events = |block: &Block| self.events_of_block.get(&block.draws.start);
        blocks.sort_by_key(|block| events(block).copied());
        blocks
    }

    /// The worst draw so far of a case, to be recorded, if it has at least `events` events. Where more
    /// rounds may follow, no draw is the worst yet.
    pub(super) fn take_guess(&mut self, events: f64) -> Option<Work> {
        let is_fixed = matches!(self.study()?.draws, Draws::Fixed(_));
        let mut cases = self.gathering.iter_mut().enumerate().filter(|_| is_fixed);
        cases.find_map(|(case, gathering)| {
            let draw = gathering.guess(events)?;
            Some(Work::Record { case, draw })
        })
    }

    /// Estimate of the events of the draws of the round that no thread has begun. `None` if no draw
    /// has ended.
    pub(super) fn events_left(&self) -> Option<f64> {
        let Some(study) = self.study() else {
            return Some(0.0);
        };
        let cases = study.cases.len() - self.queue.next_case;
        let begun = self.queue.blocks.iter().map(|block| block.draws.len());
        let left = cases * self.queue.round.len() + begun.sum::<usize>();
        match (left, self.draws_done) {
            (0, _) => Some(0.0),
            (_, 0) => None,
            (left, done) => Some(left as f64 * self.events as f64 / done as f64),
        }
    }

    /// Takes in the draws of a block, and the draw of it that has been recorded.
    pub(super) fn put_block(&mut self, block: &Block, tallies: &[Tally], recorded: Option<Drawn>) {
        self.count(tallies);
        self.gathering[block.case].add(block.draws.clone(), tallies, recorded);
        self.note_complete(block.case);
    }

    /// Takes in the event records of a draw.
    pub(super) fn put_record(&mut self, case: usize, drawn: Drawn) {
        self.gathering[case].add_guess(drawn);
        self.note_complete(case);
    }

    /// Notes what is due once the draws of a case have ended.
    fn note_complete(&mut self, case: usize) {
        if !self.gathering[case].is_complete() {
            return;
        }
        match self.study().map(|study| study.draws) {
            Some(Draws::Fixed(_)) => self.complete(case),
            Some(Draws::UntilSettled { .. }) => {
                self.queue.is_look_due = self.gathering.iter().all(Gathering::is_complete);
            }
            None => {}
        }
    }

    fn count(&mut self, tallies: &[Tally]) {
        let failed = tallies.iter().filter(|tally| tally.is_failed).count();
        let events: u64 = tallies.iter().map(|tally| tally.events).sum();
        self.draws_done += tallies.len() as u64;
        self.draws_failed += failed as u64;
        self.events += events;
        let first = tallies.first().map_or(0, |tally| tally.draw);
        *self.events_of_block.entry(first).or_default() += events;
    }

    /// A draw exceeds the exact range: only draws before it are begun from now on.
    pub(super) fn put_beyond(&mut self, here: (usize, u32), why: Stopped) {
        let earlier = self.beyond.as_ref().map(|(first, _)| *first);
        if earlier.is_some_and(|first| first < here) {
            return;
        }
        self.beyond = Some((here, why));
        let is_before = |block: &Block| (block.case, block.draws.start) < here;
        self.queue.blocks.retain(is_before);
    }

    /// A thread has done a task. Returns why the study ends without results, if this was the last
    /// task before the draw that ends it.
    pub(super) fn leave(&mut self) -> Option<Stopped> {
        self.doing -= 1;
        if self.doing > 0 || !self.queue.blocks.is_empty() {
            return None;
        }
        let (_, why) = self.beyond.take()?;
        self.end().then_some(why)
    }

    /// Ends the study. Returns whether it was still in progress.
    pub(super) fn end(&mut self) -> bool {
        self.gathering = Vec::new();
        self.results = Vec::new();
        self.queue = Queue::default();
        self.archive.take().is_some()
    }

    /// Whether a task in progress may lead to another round.
    pub(super) fn may_go_on(&self) -> bool {
        let draws = self.study().map(|study| study.draws);
        self.doing > 0 && matches!(draws, Some(Draws::UntilSettled { .. }))
    }

    /// Draws of the rounds so far, or those done if the study has ended.
    pub(super) fn draws_total(&self) -> u64 {
        let cases = self.study().map(|study| study.cases.len() as u64);
        cases.map_or(self.draws_done, |cases| {
            cases * u64::from(self.queue.round.end)
        })
    }
}
