//! One observed number beside what the model says of it.

use std::fmt::{Display, Formatter, Result};

/// A number that was observed, or a range; a report may state one end only.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observed {
    pub(super) least: Option<f64>,
    pub(super) most: Option<f64>,
}

/// Percentiles over draws of what the model says. There are none where no draw has a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Band {
    pub(super) p5: f64,
    pub(super) median: f64,
    pub(super) p95: f64,
}

/// A row of the page.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: String,
    /// Memory, CPU, delivery, or ports.
    pub(super) about: String,
    pub(super) what: String,
    pub(super) source: String,
    pub(super) role: String,
    pub(super) unit: String,
    pub(super) observed: Observed,
    pub(super) band: Option<Band>,
}

impl Observed {
    pub(super) const fn exactly(value: f64) -> Self {
        Self {
            least: Some(value),
            most: Some(value),
        }
    }

    /// The number, or the middle of a range; none where an end is open.
    pub(super) fn middle(self) -> Option<f64> {
        Some(f64::midpoint(self.least?, self.most?))
    }

    fn holds(self, value: f64) -> bool {
        self.least.is_none_or(|least| least <= value) && self.most.is_none_or(|most| value <= most)
    }
}

impl Band {
    /// Of the draws that have a value.
    pub(super) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.retain(|value| !value.is_nan());
        values.sort_unstable_by(f64::total_cmp);
        let at = |percent: usize| values.get(percent * values.len() / 100).copied();
        Some(Self {
            p5: at(5)?,
            median: at(50)?,
            p95: at(95)?,
        })
    }

    pub(super) fn divided_by(self, unit: f64) -> Self {
        Self {
            p5: self.p5 / unit,
            median: self.median / unit,
            p95: self.p95 / unit,
        }
    }

    /// p95 over p5, where there is such a ratio. A number that is the same in all draws has no width.
    pub(super) fn width(self) -> Option<f64> {
        (self.p5 > 0.0 && self.p95 > self.p5).then(|| self.p95 / self.p5)
    }
}

impl Row {
    /// The number with its unit.
    pub(super) fn observed(&self) -> String {
        let number = &self.observed;
        let bound = match (number.least, number.most) {
            (Some(_), None) => " or more",
            (None, Some(_)) => " or less",
            _ => "",
        };
        format!("{} {}{bound}", number, self.unit)
            .replace("  ", " ")
            .trim_end()
            .to_owned()
    }

    /// A number, or the middle of a range, lies between p5 and p95; or p5 to p95 lies in the range. An open
    /// range holds the median. Numbers count as they are printed.
    pub(super) fn is_inside(&self) -> bool {
        let Some(band) = self.band else { return false };
        let [p5, median, p95] = [band.p5, band.median, band.p95].map(rounded);
        let Some(middle) = self.observed.middle().map(rounded) else {
            return self.observed.holds(median);
        };
        let within = self.observed.holds(p5) && self.observed.holds(p95);
        within || (p5..=p95).contains(&middle)
    }
}

impl Display for Observed {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        let text = match (self.least, self.most) {
            (Some(least), Some(most)) if rounded(least).to_bits() == rounded(most).to_bits() => {
                number(least)
            }
            (Some(least), Some(most)) => format!("{} to {}", number(least), number(most)),
            (Some(bound), None) | (None, Some(bound)) => number(bound),
            (None, None) => "–".to_owned(),
        };
        formatter.write_str(&text)
    }
}

/// Decimal places that leave three significant digits, fewer than none where the digits end before the point.
fn places(value: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "an exponent")]
    let exponent = value.abs().log10().floor() as i32;
    2 - exponent
}

/// To three significant digits.
pub(super) fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0_f64.max(value);
    }
    number(value).replace(',', "").parse().unwrap()
}

/// Three significant digits, thousands apart.
pub(super) fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.abs().to_string();
    }
    let places = places(value);
    if let Ok(places @ 1..) = usize::try_from(places) {
        let text = format!("{value:.places$}");
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let step = 10_f64.powi(-places);
    let whole = format!("{:.0}", (value / step).round() * step);
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[test]
fn numbers_have_three_digits() {
    for (value, text) in [
        (0.0, "0"),
        (0.001_549, "0.00155"),
        (0.1, "0.1"),
        (9.996, "10"),
        (12.34, "12.3"),
        (999.9, "1,000"),
        (1_234.0, "1,230"),
        (3_618_000.0, "3,620,000"),
    ] {
        assert_eq!(number(value), text);
    }
}

#[test]
fn what_is_inside_is_told_from_what_is_not() {
    let row = |least, most, (p5, median, p95)| Row {
        id: String::new(),
        about: String::new(),
        what: String::new(),
        source: String::new(),
        role: String::new(),
        unit: String::new(),
        observed: Observed { least, most },
        band: Some(Band { p5, median, p95 }),
    };
    assert!(row(Some(5.0), Some(5.0), (4.0, 6.0, 8.0)).is_inside());
    assert!(!row(Some(9.0), Some(9.0), (4.0, 6.0, 8.0)).is_inside());
    assert!(row(Some(1.0), Some(9.0), (4.0, 6.0, 8.0)).is_inside());
    assert!(row(Some(1.0), Some(9.0), (4.0, 4.0, 4.0)).is_inside());
    assert!(!row(Some(1.0), Some(3.0), (4.0, 6.0, 8.0)).is_inside());
    assert!(row(Some(6.0), None, (4.0, 6.0, 8.0)).is_inside());
    assert!(!row(Some(7.0), None, (4.0, 6.0, 8.0)).is_inside());
    assert!(!row(None, Some(5.0), (4.0, 6.0, 8.0)).is_inside());
}
