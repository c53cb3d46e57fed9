//! A number as a reader sees it, with what its text follows from.

use crate::model::record::catalogue::Unit;
use crate::report::numbers::{decimal, exact, human, interval_of};
use crate::stats::Interval;

/// A number with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::report) struct Amount {
    /// The number, in base units.
    pub(in crate::report) value: f64,
    /// Its unit.
    pub(in crate::report) unit: Unit,
    /// How it is written.
    pub(in crate::report) form: Form,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Form {
    /// To two or three digits: `17.2 GiB`.
    Rounded,
    /// To the last one: `64,511`.
    Whole,
    /// As what the true number exceeds: `> 20 GiB`.
    Exceeded,
    /// Bytes in decimal steps, as the claim beside it: `10 GB`.
    Decimal,
}

impl Amount {
    /// A number to two or three digits.
    pub(super) const fn rounded(value: f64, unit: Unit) -> Self {
        Self::new(value, unit, Form::Rounded)
    }

    /// A number in any form.
    pub(super) const fn new(value: f64, unit: Unit, form: Form) -> Self {
        Self { value, unit, form }
    }

    /// The number as text.
    pub(in crate::report) fn text(self) -> String {
        match self.form {
            Form::Rounded => human(self.value, self.unit),
            Form::Whole => exact(self.value),
            Form::Exceeded => format!("> {}", human(self.value, self.unit)),
            Form::Decimal => decimal(self.value, self.unit),
        }
    }

    /// The number and its interval as text, both in its form: `38 % [33 %, 43 %]`.
    pub(in crate::report) fn with_interval(self, interval: Interval) -> String {
        let interval = interval_of(interval, |value| Self { value, ..self }.text());
        format!("{} {interval}", self.text())
    }
}
