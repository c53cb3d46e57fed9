//! Which size is looked at next, and what the others may be spared.
//!
//! Few draws screen the sizes first: whatever fails in most of them is excluded with the sizes below.
//! The rest is looked at from the smallest upwards, until one holds and fresh draws confirm it.

use std::ops::Range;

use super::lattice::Lattice;
use super::look::{Look, Reading};
use super::sampler::Sampler;
use super::{Found, SizeRow};
use crate::experiment::requirement::{Requirement, Statistic};
use crate::experiment::run::Stopped;
use crate::stats::Verdict;

/// Draws that screen a size.
const SCREENED: usize = 32;

/// Draws in which an excluded size is tried. All of them are draws in which a greater size failed.
const TRIED: usize = 4;

/// Most excluded sizes that are tried at once, spread evenly over all of them.
const SAMPLED: usize = 64;

/// Number of suspects that did not hold by themselves, after which no further one gets draws of its
/// own.
const REFUTED_MAX: usize = 3;

/// Most sizes among which the next one to screen is picked, spread evenly over all of them.
const PICKED_FROM: usize = 256;

/// Fresh draws that may confirm a size, as a multiple of the draws of a look.
const CONFIRMED_BY: usize = 4;

/// What is known of a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Nothing.
    Open,
    /// Few draws do not refute it, or a smaller size.
    Plausible,
    /// It fared well where this greater size failed, and waits for draws of its own.
    Suspect(usize),
    /// It is below this size, which does not hold.
    Below(usize),
    /// Its own draws show that it fails, or do not settle it, or fresh draws do not confirm it.
    DoesNotHold,
    /// Its own draws show that it holds, and fresh draws confirm it.
    Holds,
}

/// A search under way.
pub(super) struct Search<'a> {
    lattice: Lattice<'a>,
    sampler: Sampler<'a>,
    alpha: f64,
    standing: Vec<Standing>,
    looks: Vec<Look>,
    /// The draws that confirmed or refused a size, if there were any, and the level at which they did.
    fresh: Vec<Option<(Look, f64)>>,
    refuted: usize,
    confirmations: u32,
    /// Most draws of a look.
    most: usize,
    /// Whether a draw in which a smaller size did well is taken to do well.
    infers: bool,
}

impl<'a> Search<'a> {
    /// A search that has not begun.
    pub(super) fn new(lattice: Lattice<'a>, sampler: Sampler<'a>, alpha: f64) -> Self {
        let sizes = lattice.len();
        // Of a mean the side of the limit says too little.
        let is_sided = |goal: &Requirement| !matches!(goal.statistic, Statistic::Mean);
        Self {
            most: sampler.study().draws.most() as usize,
            infers: sampler.study().requirements.iter().all(is_sided),
            lattice,
            sampler,
            alpha,
            standing: vec![Standing::Open; sizes],
            looks: vec![Look::default(); sizes],
            fresh: vec![None; sizes],
            refuted: 0,
            confirmations: 0,
        }
    }

    /// Searches until a size is confirmed, or none is left.
    pub(super) fn run(mut self) -> Result<Found, Stopped> {
        let named = loop {
            while let Some(size) = self.to_screen() {
                self.screen(size)?;
            }
            let Some(size) = self.smallest_left() else {
                // That no size holds is doubted as well, at the last one.
                if self.doubt(self.lattice.len())? {
                    continue;
                }
                break None;
            };
            if self.look_at(size)? && !self.probe(size)? && !self.doubt(size)? {
                break Some(size);
            }
        };
        Ok(self.found(named))
    }

    fn found(self, named: Option<usize>) -> Found {
        let goals = &self.sampler.study().requirements;
        let row = |size: usize| -> Option<SizeRow> {
            // What is confirmed or refused stands on the draws that had no part in its choice.
            let (look, alpha) = match &self.fresh[size] {
                Some((fresh, alpha)) => (fresh, *alpha),
                None => (&self.looks[size], self.alpha),
            };
            let is_judged = matches!(self.standing[size], Standing::Holds | Standing::DoesNotHold);
            let is_next = named.is_some_and(|named| size + 1 == named);
            let is_shown = look.len() > 0 && (is_judged || is_next);
            is_shown.then(|| look.row(size, goals, alpha))
        };
        Found {
            named,
            looks: (0..self.lattice.len()).filter_map(row).collect(),
            searched_in_full: self.lattice.searched_in_full(),
            sizes_seen: self.sampler.sizes_seen(),
            draws: self.sampler.draws(),
        }
    }

    /// The next size to screen: the one that spares most others, whichever way it ends.
    fn to_screen(&self) -> Option<usize> {
        let is_open = |size: &usize| self.standing[*size] == Standing::Open;
        let open: Vec<usize> = (0..self.standing.len()).filter(is_open).collect();
        let step = open.len().div_ceil(PICKED_FROM).max(1);
        let worth = |&size: &usize| {
            let count = |is_related: &dyn Fn(usize) -> bool| {
                open.iter().filter(|&&other| is_related(other)).count()
            };
            let below = count(&|other| self.lattice.is_below(other, size));
            let above = count(&|other| self.lattice.is_below(size, other));
            below.min(above)
        };
        let sizes = open.iter().step_by(step).rev();
        sizes.copied().max_by_key(worth)
    }

    /// Screens a size by few draws.
    fn screen(&mut self, size: usize) -> Result<(), Stopped> {
        if self.judge(size, SCREENED.min(self.most))? == Verdict::Fails {
            self.standing[size] = Standing::DoesNotHold;
            return self.exclude_below(size);
        }
        for other in 0..self.standing.len() {
            let is_spared = other == size || self.lattice.is_below(size, other);
            if is_spared && self.standing[other] == Standing::Open {
                self.standing[other] = Standing::Plausible;
            }
        }
        Ok(())
    }

    /// The smallest size that may hold.
    fn smallest_left(&self) -> Option<usize> {
        let mut standing = self.standing.iter();
        standing.position(|one| {
            matches!(
                one,
                Standing::Plausible | Standing::Suspect(_) | Standing::Holds
            )
        })
    }

    /// Looks at a size until its draws decide or no more are allowed. Returns whether it holds, and
    /// fresh draws confirm it.
    fn look_at(&mut self, size: usize) -> Result<bool, Stopped> {
        if self.standing[size] == Standing::Holds {
            return Ok(true);
        }
        let seems_to_hold = self.judge(size, self.most)? == Verdict::Holds;
        let holds = seems_to_hold && self.verify(size)? && self.confirm(size)?;
        let before = self.standing[size];
        match before {
            Standing::Suspect(greater) if holds => self.more_is_not_better(size, greater)?,
            Standing::Suspect(_) => self.refuted += 1,
            _ => {}
        }
        self.standing[size] = if holds {
            Standing::Holds
        } else {
            Standing::DoesNotHold
        };
        if !holds {
            self.exclude_below(size)?;
        }
        // What is open again may be smaller.
        Ok(holds && self.to_screen().is_none())
    }

    /// Screens the greatest value of each setting beside a size that holds. Where it fails, more is
    /// not better. Returns whether that is new.
    fn probe(&mut self, size: usize) -> Result<bool, Stopped> {
        let mut is_new = false;
        for (setting, greatest) in self.lattice.greatest(size) {
            let most = SCREENED.min(self.most);
            if self.judge(greatest, most)? == Verdict::Fails {
                self.lattice.search_in_full(setting);
                is_new = true;
            }
        }
        if is_new {
            self.reopen();
        }
        Ok(is_new)
    }

    /// Looks at the next smaller size by its own draws, as the reader asks why not that one. Returns
    /// whether it was excluded wrongly: it seems to hold by itself.
    fn doubt(&mut self, size: usize) -> Result<bool, Stopped> {
        let Some(smaller) = size.checked_sub(1) else {
            return Ok(false);
        };
        let Standing::Below(greater) = self.standing[smaller] else {
            self.judge(smaller, self.most)?;
            return Ok(false);
        };
        // What is inferred from the size that excluded it would only repeat the exclusion.
        let infers = std::mem::replace(&mut self.infers, false);
        self.looks[smaller].forget_inferred();
        let verdict = self.judge(smaller, self.most);
        self.infers = infers;
        let seems_to_hold = verdict? == Verdict::Holds;
        if seems_to_hold {
            self.standing[smaller] = Standing::Suspect(greater);
        }
        Ok(seems_to_hold)
    }

    /// Draws a size until it has `most` draws, fails, or could not hold any more with that many.
    fn judge(&mut self, size: usize, most: usize) -> Result<Verdict, Stopped> {
        let goals = &self.sampler.study().requirements;
        let mut look = std::mem::take(&mut self.looks[size]);
        let mut verdict = Verdict::Unsettled;
        while look.len() < most
            && verdict != Verdict::Fails
            && look.may_hold(goals, self.alpha, self.most)
        {
            let draws = look.len()..look.next(most);
            look.extend(self.read(size, draws)?);
            verdict = look.row(size, goals, self.alpha).verdict;
        }
        if look.len() > 0 {
            verdict = look.row(size, goals, self.alpha).verdict;
        }
        self.looks[size] = look;
        Ok(verdict)
    }

    /// Reads adjacent draws of a size. Draws share their luck between sizes. So what a smaller size
    /// survives a greater one is taken to survive, and a smaller one fails where a greater one does.
    /// Only the choice rests on this. Fresh draws are all simulated.
    fn read(&self, size: usize, draws: Range<usize>) -> Result<Vec<Reading>, Stopped> {
        let looks = self.looks.iter().enumerate();
        let looks = looks.filter(|(_, look)| self.infers && look.len() > 0);
        let (mut below, mut above) = (Vec::new(), Vec::new());
        for (other, look) in looks {
            if self.lattice.is_below(other, size) {
                below.push(look);
            } else if self.lattice.is_below(size, other) {
                above.push(look);
            }
        }
        let inferred = draws.clone().map(|draw| inferred(draw, &below, &above));
        let inferred: Vec<Option<Reading>> = inferred.collect();
        let unknown = draws.clone().zip(&inferred);
        let unknown = unknown.filter(|(_, reading)| reading.is_none());
        let asked: Vec<(usize, u32)> = unknown.map(|(draw, _)| asked(size, draw)).collect();
        let mut simulated = self.sampler.read(&asked)?.into_iter();
        let reading = |reading: Option<Reading>| {
            reading.unwrap_or_else(|| simulated.next().expect("one reading per draw asked for"))
        };
        Ok(inferred.into_iter().map(reading).collect())
    }

    /// Simulates what was inferred of a size that seems to hold. Returns whether it still does.
    fn verify(&mut self, size: usize) -> Result<bool, Stopped> {
        let inferred = self.looks[size].inferred();
        if inferred.is_empty() {
            return Ok(true);
        }
        let asked: Vec<_> = inferred.iter().map(|&draw| asked(size, draw)).collect();
        let readings = self.sampler.read(&asked)?;
        self.looks[size].replace(&inferred, readings);
        let goals = &self.sampler.study().requirements;
        let row = self.looks[size].row(size, goals, self.alpha);
        if row.verdict == Verdict::Holds {
            return Ok(true);
        }
        // Luck is not shared after all. From now on every draw is simulated.
        self.infers = false;
        for (standing, look) in self.standing.iter().zip(&mut self.looks) {
            if matches!(standing, Standing::Plausible | Standing::Suspect(_)) {
                look.forget_inferred();
            }
        }
        Ok(false)
    }

    /// Confirms a size by draws that had no part in its choice. The k-th attempt has the part
    /// 1 / (k (k + 1)) of the error that is allowed, so all attempts together keep it.
    fn confirm(&mut self, size: usize) -> Result<bool, Stopped> {
        self.confirmations += 1;
        let attempt = f64::from(self.confirmations);
        let alpha = self.alpha / (attempt * (attempt + 1.0));
        let goals = &self.sampler.study().requirements;
        let (first, most) = (self.most, self.most * CONFIRMED_BY);
        let mut look = Look::default();
        let mut verdict = Verdict::Unsettled;
        while verdict == Verdict::Unsettled
            && look.len() < most
            && look.may_hold(goals, alpha, most)
        {
            let draws = first + look.len()..first + look.next(most);
            let asked: Vec<_> = draws.map(|draw| asked(size, draw)).collect();
            look.extend(self.sampler.read(&asked)?);
            verdict = look.row(size, goals, alpha).verdict;
        }
        let is_confirmed = verdict == Verdict::Holds;
        if !is_confirmed {
            // Luck that chose this size would choose the next one. All draws count from now on.
            self.most += look.len();
            self.looks[size].extend(look.readings());
        }
        self.fresh[size] = Some((look, alpha));
        Ok(is_confirmed)
    }

    /// Excludes the sizes below one that does not hold, after a trial in draws in which it failed.
    fn exclude_below(&mut self, size: usize) -> Result<(), Stopped> {
        let draws = self.looks[size].against(TRIED);
        if draws.is_empty() {
            return Ok(());
        }
        let is_below = |other: &usize| {
            let is_undecided =
                matches!(self.standing[*other], Standing::Open | Standing::Plausible);
            is_undecided && self.lattice.is_below(*other, size)
        };
        let below: Vec<usize> = (0..self.standing.len()).filter(is_below).collect();
        let step = below.len().div_ceil(SAMPLED).max(1);
        let sampled: Vec<usize> = below.iter().copied().step_by(step).collect();
        let mut suspects = self.suspects(&sampled, &draws)?;
        if !suspects.is_empty() && step > 1 {
            suspects = self.suspects(&below, &draws)?;
        }
        for other in below {
            self.standing[other] = Standing::Below(size);
        }
        if self.refuted < REFUTED_MAX {
            for other in suspects {
                self.standing[other] = Standing::Suspect(size);
            }
        }
        Ok(())
    }

    /// Those of the sizes that fare well in half of the draws or more.
    fn suspects(&self, sizes: &[usize], draws: &[u32]) -> Result<Vec<usize>, Stopped> {
        let asked = sizes
            .iter()
            .flat_map(|&size| draws.iter().map(move |&draw| (size, draw)));
        let readings = self.sampler.read(&asked.collect::<Vec<_>>())?;
        let each = sizes.iter().zip(readings.chunks(draws.len()));
        let suspects = each.filter(|(_, readings)| {
            let well = readings.iter().filter(|reading| !reading.is_against);
            2 * well.count() >= draws.len()
        });
        Ok(suspects.map(|(&size, _)| size).collect())
    }

    /// A size holds, and a greater one does not. The settings that are to blame are searched in full,
    /// and what they excluded is open again.
    fn more_is_not_better(&mut self, size: usize, greater: usize) -> Result<(), Stopped> {
        let differing = self.lattice.differing(size, greater);
        let draws = self.looks[greater].against(TRIED);
        let mut blamed = Vec::new();
        for &setting in &differing {
            let moved = self.lattice.moved(greater, setting, size);
            let Some(moved) = moved else { continue };
            if !self.suspects(&[moved], &draws)?.is_empty() {
                blamed.push(setting);
            }
        }
        // Only together do they make the difference.
        let blamed = if blamed.is_empty() { differing } else { blamed };
        for &setting in &blamed {
            self.lattice.search_in_full(setting);
        }
        self.reopen();
        Ok(())
    }

    /// Opens what was excluded by a setting that is now searched in full.
    fn reopen(&mut self) {
        self.refuted = 0;
        for other in 0..self.standing.len() {
            let (Standing::Below(by) | Standing::Suspect(by)) = self.standing[other] else {
                continue;
            };
            if !self.lattice.is_below(other, by) {
                self.standing[other] = Standing::Open;
            }
        }
    }
}

/// A draw of a size.
fn asked(size: usize, draw: usize) -> (usize, u32) {
    (size, u32::try_from(draw).expect("draws are few"))
}

/// What the looks at smaller and at greater sizes say of a draw: all smaller ones do well and no
/// greater one fails, or all greater ones fail and no smaller one does well.
fn inferred(draw: usize, below: &[&Look], above: &[&Look]) -> Option<Reading> {
    let of = |looks: &[&Look], is_against: bool| {
        let readings = looks.iter().filter_map(|look| look.simulated(draw));
        let mut readings = readings.filter(|reading| reading.is_against == is_against);
        readings.next().cloned()
    };
    let told = match (
        of(below, false),
        of(below, true),
        of(above, false),
        of(above, true),
    ) {
        (Some(well), None, _, None) => well,
        (None, _, None, Some(against)) => against,
        _ => return None,
    };
    Some(told.inferred())
}
