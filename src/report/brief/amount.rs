//! A number for a reader: its value, its unit and its form.

use crate::model::record::catalogue::Unit;
use crate::report::numbers::{decimal, exact, human, interval_of};
use crate::stats::Interval;

/// A number with its unit and its form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::report) struct Amount {
    /// The number, in base units.
    pub(in crate::report) value: f64,
    /// Unit of the number.
    pub(in crate::report) unit: Unit,
    /// Form of the number as text.
    pub(in crate::report) form: Form,
}

/// Form of a number as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Form {
    /// Two or three digits: `17.2 GiB`.
    Rounded,
    /// All digits: `64,511`.
    Whole,
    /// A bound that the true number exceeds: `> 20 GiB`.
    Exceeded,
    /// A number that a kill cut off: `20 GiB *`.
    CutOff,
    /// Bytes in decimal steps, as in the claim beside the number: `10 GB`.
    Decimal,
    /// A number that would have to be infinite: `no number helps`.
    Infinite,
}

impl Amount {
    /// A number with two or three digits.
    pub(in crate::report) const fn rounded(value: f64, unit: Unit) -> Self {
        Self::new(value, unit, Form::Rounded)
    }

    /// A number in any form.
    pub(super) const fn new(value: f64, unit: Unit, form: Form) -> Self {
        Self { value, unit, form }
    }

    /// The number as a bound that the true number exceeds.
    pub(in crate::report) const fn exceeded(self) -> Self {
        Self {
            form: Form::Exceeded,
            ..self
        }
    }

    /// The number as text.
    pub(in crate::report) fn text(self) -> String {
        match self.form {
            Form::Rounded => human(self.value, self.unit),
            Form::Whole => exact(self.value),
            Form::Exceeded => format!("> {}", human(self.value, self.unit)),
            Form::CutOff => format!("{} *", human(self.value, self.unit)),
            Form::Decimal => decimal(self.value, self.unit),
            Form::Infinite => "no number helps".to_owned(),
        }
    }

    /// The number and its interval as text, both in its form: `38 % [33 %, 43 %]`, or `8 GB, at least
    /// 6 GB`. A bound stands alone.
    pub(in crate::report) fn with_interval(self, interval: Interval) -> String {
        if self.form == Form::Exceeded {
            return self.text();
        }
        let text = interval_of(interval, |value| Self { value, ..self }.text());
        let comma = if text.starts_with('[') { "" } else { "," };
        format!("{}{comma} {text}", self.text())
    }
}
