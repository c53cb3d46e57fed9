//! The draws of one size, and the verdict on them.

use super::SizeRow;
use crate::experiment::gauge::{Gauge, claim};
use crate::experiment::requirement::{Requirement, Statistic};
use crate::stats::{Evidence, Verdict, decide};

/// What a draw says: one number per goal, NaN where it has none, and whether any speaks against.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// One number per goal.
    pub(super) numbers: Vec<f64>,
    /// Whether any number speaks against its goal.
    pub(super) is_against: bool,
    /// Where the numbers come from.
    pub(super) origin: Origin,
}

/// Where the numbers of a draw come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The draw was simulated for this size.
    Simulated,
    /// They are those of another size, which tells the side of each limit.
    Inferred,
}

impl Reading {
    /// The same numbers for another size.
    pub(super) fn inferred(&self) -> Self {
        Self {
            origin: Origin::Inferred,
            ..self.clone()
        }
    }
}

/// Adjacent draws of one size.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    readings: Vec<Reading>,
}

impl Look {
    /// Adds the next draws.
    pub(super) fn extend(&mut self, readings: Vec<Reading>) {
        self.readings.extend(readings);
    }

    /// The reading of a draw that was simulated for this size.
    pub(super) fn simulated(&self, draw: usize) -> Option<&Reading> {
        let reading = self.readings.get(draw)?;
        (reading.origin == Origin::Simulated).then_some(reading)
    }

    /// The draws that were inferred.
    pub(super) fn inferred(&self) -> Vec<usize> {
        let readings = self.readings.iter().enumerate();
        let inferred = readings.filter(|(_, reading)| reading.origin == Origin::Inferred);
        inferred.map(|(draw, _)| draw).collect()
    }

    /// Replaces the readings of some draws.
    pub(super) fn replace(&mut self, draws: &[usize], readings: Vec<Reading>) {
        for (&draw, reading) in draws.iter().zip(readings) {
            self.readings[draw] = reading;
        }
    }

    /// Keeps the draws before the first inferred one.
    pub(super) fn forget_inferred(&mut self) {
        let is_inferred = |reading: &Reading| reading.origin == Origin::Inferred;
        if let Some(first) = self.readings.iter().position(is_inferred) {
            self.readings.truncate(first);
        }
    }

    /// Number of draws.
    pub(super) const fn len(&self) -> usize {
        self.readings.len()
    }

    /// Number of draws at the next look. The evidence is right however often one looks, so looks
    /// are as near as a batch of draws is worth.
    pub(super) fn next(&self, most: usize) -> usize {
        let next = match self.len() {
            0..16 => 16,
            16..32 => 32,
            32..512 => self.len() / 32 * 32 + 32,
            many => many + many / 8,
        };
        next.min(most)
    }

    /// The readings, in the order of the draws.
    pub(super) fn readings(&self) -> Vec<Reading> {
        self.readings.clone()
    }

    /// Whether every goal could be shown to hold with `most` draws, if no further one spoke against
    /// any. Of a mean nobody knows.
    pub(super) fn may_hold(&self, goals: &[Requirement], alpha: f64, most: usize) -> bool {
        let may_hold = |(index, goal): (usize, &Requirement)| {
            if goal.statistic == Statistic::Mean {
                return true;
            }
            let best = Gauge::best(goal);
            let mut numbers = self.numbers(index);
            numbers.resize(most.max(numbers.len()), best);
            claim(goal).evidence(&numbers).p_holds <= alpha
        };
        self.len() == 0 || goals.iter().enumerate().all(may_hold)
    }

    /// What the draws say of a goal, without draws that have no number.
    fn numbers(&self, goal: usize) -> Vec<f64> {
        let numbers = self.readings.iter().map(|reading| reading.numbers[goal]);
        numbers.filter(|number| !number.is_nan()).collect()
    }

    /// The first draws that speak against a goal, at most `most`.
    pub(super) fn against(&self, most: usize) -> Vec<u32> {
        let draws = (0_u32..).zip(&self.readings);
        let draws = draws.filter(|(_, reading)| reading.is_against);
        draws.map(|(draw, _)| draw).take(most).collect()
    }

    /// The verdict on the goals, each as the draws show it.
    pub(super) fn row(&self, size: usize, goals: &[Requirement], alpha: f64) -> SizeRow {
        let evidence = |(index, goal): (usize, &Requirement)| -> Option<Evidence> {
            let numbers = self.numbers(index);
            (!numbers.is_empty()).then(|| claim(goal).evidence(&numbers))
        };
        let evidence: Vec<Option<Evidence>> = goals.iter().enumerate().map(evidence).collect();
        let formed: Vec<Evidence> = evidence.iter().flatten().copied().collect();
        let mut verdicts = decide(&formed, alpha).into_iter();
        let goals: Vec<_> = evidence
            .into_iter()
            .map(|evidence| match evidence {
                Some(evidence) => {
                    let verdict = verdicts.next().expect("one verdict per evidence");
                    (Some((evidence.estimate, evidence.interval)), verdict)
                }
                // What cannot be formed does not hold.
                None => (None, Verdict::Fails),
            })
            .collect();
        let verdict = goals.iter().map(|(_, verdict)| *verdict).max();
        SizeRow {
            size,
            verdict: verdict.unwrap_or(Verdict::Unsettled),
            goals,
            draws: self.len(),
        }
    }
}
