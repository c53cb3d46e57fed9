//! Numbers as people read them: two or three significant digits, human units.
//!
//! Tables for machines do not use these functions; they keep every digit.

use crate::model::record::catalogue::Unit;
use crate::stats::Interval;

/// Seconds of a day.
pub(super) const DAY: f64 = 86_400.0;

/// A multiple of a unit and its name.
type Step = (f64, &'static str);

/// Decimal steps of counts and rates.
const SI: [Step; 5] = [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];

/// Decimal steps of bytes.
const DECIMAL: [Step; 5] = [
    (1e15, "PB"),
    (1e12, "TB"),
    (1e9, "GB"),
    (1e6, "MB"),
    (1e3, "KB"),
];

/// Binary steps of bytes.
pub(super) const BINARY: [Step; 5] = [
    (1_125_899_906_842_624.0, "PiB"),
    (1_099_511_627_776.0, "TiB"),
    (1_073_741_824.0, "GiB"),
    (1_048_576.0, "MiB"),
    (1_024.0, "KiB"),
];

/// Steps of durations. The last step is used down to any size.
const TIME: [Step; 5] = [
    (DAY, "d"),
    (3_600.0, "h"),
    (60.0, "min"),
    (1.0, "s"),
    (1e-3, "ms"),
];

/// `value` in the notation of its unit: `17.2 GiB`, `1.94M`, `38 %`, `12 min`.
pub(super) fn human(value: f64, unit: Unit) -> String {
    if !value.is_finite() {
        return "unknown".to_owned();
    }
    match unit {
        Unit::Count | Unit::Samples => count(value),
        Unit::Bytes => bytes(value),
        Unit::Seconds => seconds(value),
        Unit::Share | Unit::Ratio => percent(value),
        Unit::Factor => format!("{}×", significant(value, 3)),
        Unit::Cores => match significant(value, 2).as_str() {
            "1" => "1 core".to_owned(),
            cores => format!("{cores} cores"),
        },
        Unit::SamplesPerSecond => format!("{}/s", count(value)),
        Unit::BytesPerSecond => format!("{}/s", bytes(value)),
        Unit::PerCollectorMonth => format!("{} per 30 d", significant(value, 2)),
    }
}

/// An interval, with its ends written by `text`: `[33 %, 43 %]`, `at most 0.92 %`, `not bounded`.
pub(super) fn interval_of(interval: Interval, text: impl Fn(f64) -> String) -> String {
    match bounds(interval) {
        (Some(low), Some(high)) => format!("[{}, {}]", text(low), text(high)),
        (None, Some(high)) => format!("at most {}", text(high)),
        (Some(low), None) => format!("at least {}", text(low)),
        (None, None) => "not bounded".to_owned(),
    }
}

/// Bytes in decimal steps, `10 GB`; other units as in [`human`].
pub(super) fn decimal(value: f64, unit: Unit) -> String {
    if unit == Unit::Bytes && value.is_finite() && value.abs() >= 1e3 {
        return scaled(value, &DECIMAL, " ");
    }
    human(value, unit)
}

/// Both ends of an interval, `None` for an infinite end.
pub(super) fn bounds(interval: Interval) -> (Option<f64>, Option<f64>) {
    let finite = |end: f64| end.is_finite().then_some(end);
    (finite(interval.low), finite(interval.high))
}

/// A count: exact up to 9,999, then `64.5k`, `1.94M`.
pub(super) fn count(value: f64) -> String {
    if value.abs() < 9_999.5 {
        let digits = if value.abs() < 10.0 { 2 } else { 4 };
        return significant(value, digits);
    }
    scaled(value, &SI, "")
}

/// A whole number with thousands separated: `64,511`.
pub(super) fn exact(value: f64) -> String {
    grouped(&format!("{:.0}", value.round()))
}

/// Bytes in binary steps: `17.2 GiB`.
pub(super) fn bytes(value: f64) -> String {
    if value.abs() < 1_024.0 {
        return format!("{value:.0} B");
    }
    scaled(value, &BINARY, " ")
}

/// A duration in its largest fitting step: `12 min`, `134 d`.
pub(super) fn seconds(value: f64) -> String {
    if value.abs() < f64::MIN_POSITIVE {
        return "0 s".to_owned();
    }
    // At least two of a step, so that 36 h are not rounded to 1.5 d.
    let (step, name) = largest(&TIME, value, 2.0);
    format!("{} {name}", significant(value / step, 2))
}

/// A share: `38 %`, `0.012 %`. A share below the whole is never rounded to the whole.
pub(super) fn percent(share: f64) -> String {
    let value = share * 100.0;
    let hides_the_rest = |digits| value < 100.0 && significant(value, digits) == "100";
    let digits = (2..6).find(|&digits| !hides_the_rest(digits));
    format!("{} %", significant(value, digits.unwrap_or(6)))
}

/// A share rounded up to two digits, for values that stay below it: 0.4961 is `50 %`, 0.503 `51 %`.
pub(super) fn percent_above(share: f64) -> String {
    let value = share * 100.0;
    if value.abs() < f64::MIN_POSITIVE {
        return "0 %".to_owned();
    }
    let step = 10_f64.powf(value.log10().floor() - 1.0);
    format!("{} %", significant((value / step).ceil() * step, 3))
}

/// `value` to `digits` significant digits, without trailing zeros after the point. Thousands of the
/// whole part are separated.
pub(super) fn significant(value: f64, digits: usize) -> String {
    if value.abs() < f64::MIN_POSITIVE {
        return "0".to_owned();
    }
    let places = decimals(value, digits);
    let text = format!("{value:.places$}");
    let Some((whole, fraction)) = text.split_once('.') else {
        return grouped(&text);
    };
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        grouped(whole)
    } else {
        format!("{}.{fraction}", grouped(whole))
    }
}

/// Decimal places for `digits` significant digits. Whole parts keep all digits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "exponents of f64 are small and the difference is clamped to be positive"
)]
fn decimals(value: f64, digits: usize) -> usize {
    let exponent = value.abs().log10().floor() as i64;
    (digits as i64 - 1 - exponent).clamp(0, 12) as usize
}

/// A value with three digits, in the largest step of which it has at least one.
fn scaled(value: f64, steps: &[Step], gap: &str) -> String {
    // 999.6k reads as 1M, so the step depends on the value rounded to three digits.
    let (step, name) = largest(steps, value, 0.9995);
    format!("{}{gap}{name}", significant(value / step, 3))
}

/// The largest step of which `value` has at least `least`, or else the smallest step.
fn largest(steps: &[Step], value: f64, least: f64) -> Step {
    let fitting = steps.iter().find(|step| value.abs() >= least * step.0);
    *fitting.unwrap_or(&steps[steps.len() - 1])
}

/// A whole number with thousands separated by commas.
fn grouped(whole: &str) -> String {
    let (sign, digits) = whole
        .strip_prefix('-')
        .map_or(("", whole), |digits| ("-", digits));
    let mut text = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: f64, unit: Unit, text: &str) {
        assert_eq!(human(value, unit), text);
    }

    #[test]
    fn every_unit_reads_as_people_write_it() {
        check(5.0, Unit::Count, "5");
        check(4.5, Unit::Count, "4.5");
        check(1_264.0, Unit::Count, "1,264");
        check(64_511.0, Unit::Count, "64.5k");
        check(999_600.0, Unit::Count, "1M");
        check(8_213_000.0, Unit::Count, "8.21M");
        check(21_474_836_480.0, Unit::Bytes, "20 GiB");
        check(18_468_359_372.0, Unit::Bytes, "17.2 GiB");
        check(512.0, Unit::Bytes, "512 B");
        check(720.0, Unit::Seconds, "12 min");
        check(11_577_600.0, Unit::Seconds, "134 d");
        check(0.25, Unit::Seconds, "250 ms");
        check(2.94, Unit::Cores, "2.9 cores");
        check(310_000.0, Unit::SamplesPerSecond, "310k/s");
        assert_eq!(exact(64_511.0), "64,511");
        assert_eq!(exact(-1_234_567.0), "-1,234,567");
    }

    #[test]
    fn shares_are_never_rounded_to_certainty() {
        check(0.382, Unit::Ratio, "38 %");
        check(0.003_1, Unit::Ratio, "0.31 %");
        check(0.999_6, Unit::Ratio, "99.96 %");
        check(1.0, Unit::Ratio, "100 %");
        check(1.234, Unit::Ratio, "123 %");
        check(0.0, Unit::Ratio, "0 %");
    }

    #[test]
    fn a_ceiling_is_never_rounded_down() {
        assert_eq!(percent_above(0.496_1), "50 %");
        assert_eq!(percent_above(0.503), "51 %");
        assert_eq!(percent_above(0.003_01), "0.31 %");
        assert_eq!(percent_above(0.996), "100 %");
    }

    #[test]
    fn what_is_not_known_says_so() {
        let open = Interval {
            low: f64::NEG_INFINITY,
            high: 0.25,
        };
        assert_eq!(interval_of(open, percent), "at most 25 %");
        let open = Interval {
            low: f64::NEG_INFINITY,
            high: f64::INFINITY,
        };
        assert_eq!(interval_of(open, percent), "not bounded");
        assert_eq!(human(f64::NAN, Unit::Count), "unknown");
    }
}
