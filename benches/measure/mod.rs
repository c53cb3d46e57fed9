//! What the benches that print a table of their own share: a clock, medians, bars.
#![expect(
    clippy::disallowed_methods,
    reason = "to read the clock is the purpose"
)]

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

/// A measurement is repeated so often.
const RUNS_MAX: usize = 5;
/// A measurement is not repeated after so long.
const SPENT_MAX: Duration = Duration::from_mins(1);

/// Which rows the user asked for.
pub(crate) struct Filter(Vec<String>);

impl Filter {
    /// Words after `--`; what begins with a dash is cargo's.
    pub(crate) fn of_arguments() -> Self {
        let words = std::env::args().skip(1);
        Self(words.filter(|word| !word.starts_with('-')).collect())
    }

    /// Whether there is no word, or one of them is part of `name`.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|word| name.contains(word))
    }
}

/// What `work` gives, and how long it takes.
pub(crate) fn time<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begin = Instant::now();
    let done = std::hint::black_box(work());
    (done, begin.elapsed())
}

/// Five measurements, numbered from 0; fewer if they take longer than a minute.
pub(crate) fn runs<T>(mut measure: impl FnMut(u32) -> T) -> Vec<T> {
    let begin = Instant::now();
    let mut all = Vec::new();
    while all.is_empty() || (all.len() < RUNS_MAX && begin.elapsed() < SPENT_MAX) {
        let run = u32::try_from(all.len()).expect("runs are few");
        all.push(measure(run));
    }
    all
}

/// The median of `values`.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = values.into_iter().collect();
    all.sort_unstable_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Prints the head of the table.
pub(crate) fn head() {
    println!("{:<42} {:>9} {:<32} bar", "row", "measured", "");
}

/// Prints one measurement, and the range in which it should be: 0 or infinity at one end.
pub(crate) fn row(name: &str, unit: &str, value: f64, bar: Option<RangeInclusive<f64>>) {
    let verdict = |bar: RangeInclusive<f64>| {
        let words = match *bar.end() {
            f64::INFINITY => format!("at least {}", short(*bar.start())),
            end => format!("at most {}", short(end)),
        };
        let met = if bar.contains(&value) {
            "met"
        } else {
            "missed"
        };
        format!("{words}: {met}")
    };
    let bar = bar.map_or_else(String::new, verdict);
    let line = format!("{name:<42} {:>9} {unit:<32} {bar}", short(value));
    println!("{}", line.trim_end());
}

/// Three significant digits, thousands as `k`, millions as `M`.
fn short(value: f64) -> String {
    let (scaled, step) = match value {
        1e6.. => (value / 1e6, "M"),
        1e3.. => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let places = match scaled {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    format!("{scaled:.places$}{step}")
}
