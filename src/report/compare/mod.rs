//! Two cases side by side: differences with intervals, draw by draw where draws share their luck.

mod difference;
mod sample;

pub use sample::Sample;

use difference::{Kind, Sides};

use super::brief::Amount;
use super::need::is_cut_by_kills;
use super::numbers::{exact, human};
use super::words;
use crate::model::record::catalogue::{Failure, Metric, Unit};
use crate::stats::{Interval, Verdict};

/// Two cases side by side.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Names of both sides.
    pub(super) names: [String; 2],
    /// The answer in one sentence.
    pub(super) sentence: String,
    /// How the draws are compared.
    pub(super) pairing: String,
    /// The numbers that differ or that people ask about.
    pub(super) rows: Vec<Row>,
    /// Draws in which both fail, only the first, only the second, neither; if draws are paired.
    pub(super) table: Option<[usize; 4]>,
    /// The condition, and whether it is met.
    pub(super) condition: Option<(String, Verdict)>,
}

/// One number of both sides.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) label: String,
    /// The failure, or the column of `draws.csv` or `cases.csv`; `any` for any failure.
    pub(super) subject: String,
    /// Both numbers; `None` where a side has none.
    pub(super) sides: [Option<Amount>; 2],
    /// The difference and its interval; `None` where a side has no number.
    pub(super) difference: Option<(Amount, Option<Interval>)>,
}

/// What must not be worse, and by how much it may be.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The condition as written.
    pub text: String,
    /// The failure or metric.
    pub subject: String,
    /// By how much it may be worse, in base units.
    pub most: f64,
}

/// Metrics that people ask about, beside failures.
const ASKED: [(Metric, &str); 7] = [
    (Metric::MemoryLimitNeeded, "memory needed"),
    (Metric::CpuPeak, "CPU peak"),
    (Metric::LossRatio, "samples missed or lost"),
    (Metric::LogsLossRatio, "log bytes lost"),
    (Metric::SpansLossRatio, "spans lost"),
    (Metric::ProfilesLossRatio, "profiles lost"),
    (Metric::PortsPeak, "ports peak"),
];

/// What fleets request, by column of `cases.csv`.
const REQUESTED: [(&str, &str, Unit); 4] = [
    ("requested_memory_bytes", "memory requested", Unit::Bytes),
    ("requested_cores", "CPU requested", Unit::Cores),
    ("requested_addresses", "addresses", Unit::Count),
    ("requested_volumes", "volumes", Unit::Count),
];

/// The end of the column of a failure.
const FIRST: &str = "_first_seconds";

/// Compares two samples.
///
/// # Errors
///
/// If a condition is about nothing that both sides have, or if the sides have unequal horizons.
pub fn compare(a: &Sample, b: &Sample, condition: Option<&Condition>) -> Result<Compared, String> {
    let days = [a, b].map(|side| side.origin.horizon_seconds / 86_400.0);
    if (days[0] - days[1]).abs() > 1e-9 {
        let [a, b] = days.map(|days| human(days * 86_400.0, Unit::Seconds));
        return Err(format!(
            "the horizons are unequal, {a} and {b}: more happens in a longer time; give both the same"
        ));
    }
    let draws = a.origin.draws.min(b.origin.draws);
    let (a, b) = (&a.first(draws), &b.first(draws));
    let pair = Pair { a, b, draws };
    let failing = pair.any_failure(&|word| word != Failure::RestartUnsafe.info().word);
    let is_paired = a.origin.shares_luck_with(&b.origin);
    let table = is_paired.then(|| two_by_two(&failing));
    let condition = match condition {
        None => None,
        Some(condition) => {
            let sides = pair.subject(&condition.subject)?;
            refuse(condition, &sides)?;
            Some((condition.text.clone(), sides.is_at_most(condition.most)))
        }
    };
    Ok(Compared {
        names: [a.name.clone(), b.name.clone()],
        sentence: pair.sentence(&failing),
        pairing: pair.method(),
        rows: pair.rows(&failing),
        table,
        condition,
    })
}

impl Compared {
    /// Whether the condition is met; holds without one.
    pub fn verdict(&self) -> Verdict {
        let condition = self.condition.as_ref();
        condition.map_or(Verdict::Holds, |(_, verdict)| *verdict)
    }
}

/// Both sides, with as many draws each.
struct Pair<'a> {
    a: &'a Sample,
    b: &'a Sample,
    draws: u32,
}

impl Pair<'_> {
    fn is_one_case(&self) -> bool {
        self.a.is_same_as(self.b)
    }

    fn method(&self) -> String {
        let (a, b) = (&self.a.origin, &self.b.origin);
        let draws = exact(f64::from(self.draws));
        let most = a.draws.max(b.draws);
        let of_more = if most > self.draws {
            format!(", the first of {}", exact(f64::from(most)))
        } else {
            String::new()
        };
        if a.shares_luck_with(b) {
            return format!("{draws} paired draws{of_more}, seed {}", a.seed);
        }
        let mut unequal = Vec::new();
        for (what, is_equal) in [
            ("seed", a.seed == b.seed),
            ("replications", a.replications == b.replications),
            ("version", a.version == b.version),
        ] {
            if !is_equal {
                unequal.push(what);
            }
        }
        let unequal = unequal.join(", ");
        format!("{draws} draws of each{of_more}, not paired: unequal {unequal}")
    }

    /// Per draw, whether a failure happens whose word is meant, in any scope.
    fn any_failure(&self, is_meant: &dyn Fn(&str) -> bool) -> Sides {
        let of = |sample: &Sample| {
            let columns = sample.columns.iter();
            let columns = columns.filter(|(name, _)| failure_of(name).is_some_and(is_meant));
            let mut happens = vec![0.0; self.draws as usize];
            for (_, first) in columns {
                for (happens, first) in happens.iter_mut().zip(first) {
                    if !first.is_nan() {
                        *happens = 1.0;
                    }
                }
            }
            happens
        };
        Sides {
            a: of(self.a),
            b: of(self.b),
            kind: Kind::Share,
            is_one_case: self.is_one_case(),
        }
    }

    /// The values of a column, if both sides have one in every draw.
    fn column(&self, name: &str, kind: Kind) -> Option<Sides> {
        let of = |sample: &Sample| -> Option<Vec<f64>> {
            let values = sample.columns.get(name)?;
            let is_whole = !values.is_empty() && values.iter().all(|value| value.is_finite());
            is_whole.then(|| values.clone())
        };
        Some(Sides {
            a: of(self.a)?,
            b: of(self.b)?,
            kind,
            is_one_case: self.is_one_case(),
        })
    }

    /// What a condition is about.
    fn subject(&self, subject: &str) -> Result<Sides, String> {
        if Failure::ALL
            .iter()
            .any(|failure| failure.info().word == subject)
        {
            let mut columns = self.a.columns.keys().chain(self.b.columns.keys());
            if !columns.any(|name| failure_of(name) == Some(subject)) {
                return Err(format!("neither side can have the failure `{subject}`"));
            }
            return Ok(self.any_failure(&|word| word == subject));
        }
        let names = self.a.columns.keys();
        let is_meant =
            |name: &&String| name.as_str() == subject || name.ends_with(&format!(".{subject}"));
        let mut meant = names.filter(is_meant);
        let (name, others) = (meant.next(), meant.count());
        match name {
            Some(name) if others == 0 && self.hides(name) => Err(format!(
                "kills cut `{name}` off in some draws, so nobody saw it; make oom the condition"
            )),
            Some(name) if others == 0 => self
                .column(name, kind_of(name))
                .ok_or_else(|| format!("`{name}` has no value in some draws")),
            Some(_) => Err(format!(
                "several scopes have `{subject}`; name one, as fleet.metrics.{subject}"
            )),
            None => {
                let words = Failure::ALL.map(|failure| failure.info().word).join(", ");
                Err(format!(
                    "`{subject}` is neither a column of draws.csv nor a failure: {words}"
                ))
            }
        }
    }

    fn rows(&self, failing: &Sides) -> Vec<Row> {
        let mut rows = vec![row(["anything fails", "any"], failing, Unit::Ratio)];
        for failure in Failure::ALL {
            let word = failure.info().word;
            let sides = self.any_failure(&|other| other == word);
            if sides.means() != [0.0, 0.0] {
                let label = match failure {
                    Failure::RestartUnsafe => "unsafe to restart (a risk, no failure)",
                    _ => words::happens(failure),
                };
                rows.push(row([label, word], &sides, Unit::Ratio));
            }
        }
        for (column, label, unit) in REQUESTED {
            let [a, b] = [self.a, self.b].map(|side| side.requested.get(column).copied());
            rows.extend(requested([label, column], unit, [a, b]));
        }
        for (metric, label) in ASKED {
            let ending = format!(".{}", metric.info().column);
            let names = self.a.columns.keys().filter(|name| name.ends_with(&ending));
            for name in names {
                let Some(sides) = self.column(name, kind_of(name)) else {
                    continue;
                };
                if sides.means() == [0.0, 0.0] {
                    continue;
                }
                let scope = name.trim_end_matches(&ending);
                let label = format!("{label}, {scope}, mean");
                let row = row([&label, name], &sides, metric.info().unit);
                rows.push(if metric == Metric::MemoryLimitNeeded {
                    self.with_kills(row, scope)
                } else {
                    row
                });
            }
        }
        rows
    }

    /// A need of memory, marked where kills cut it off: nobody saw how much more a killed collector
    /// needs.
    fn with_kills(&self, row: Row, scope: &str) -> Row {
        let cut = [self.a, self.b].map(|side| side.is_cut_off(scope));
        if !cut.contains(&true) {
            return row;
        }
        let [a, b] = row.sides;
        let marked = |side: Option<Amount>, is_cut: bool| {
            side.map(|amount| if is_cut { amount.exceeded() } else { amount })
        };
        Row {
            sides: [marked(a, cut[0]), marked(b, cut[1])],
            difference: None,
            ..row
        }
    }

    /// Whether a kill cut the values of a column off in a draw of either side.
    fn hides(&self, column: &str) -> bool {
        let (scope, name) = column.rsplit_once('.').unwrap_or_default();
        is_cut_by_kills(name) && [self.a, self.b].iter().any(|side| side.is_cut_off(scope))
    }

    fn sentence(&self, failing: &Sides) -> String {
        let (a, b) = (&self.a.name, &self.b.name);
        if self.is_one_case() {
            return format!("{b} and {a} are the same in every draw");
        }
        let interval = failing.interval();
        let safety = if failing.means() == [0.0, 0.0] {
            format!("neither {a} nor {b} fails in any draw")
        } else if interval.high < 0.0 {
            format!("{b} is safer than {a}")
        } else if interval.low > 0.0 {
            format!("{b} is less safe than {a}")
        } else {
            format!("the draws show no difference in safety between {b} and {a}")
        };
        let memory = |side: &Sample| side.requested.get(REQUESTED[0].0).copied();
        let more = memory(self.b).zip(memory(self.a)).map(|(b, a)| b - a);
        let more = more.filter(|more| more.is_finite() && *more != 0.0);
        let more = more.map_or(String::new(), |more| {
            let amount = Amount::rounded(more.abs(), Unit::Bytes).text();
            let word = if more > 0.0 { "more" } else { "less" };
            format!("; {b} requests {amount} of memory {word}")
        });
        safety + &more
    }
}

fn row([label, subject]: [&str; 2], sides: &Sides, unit: Unit) -> Row {
    let amount = |value| Amount::rounded(value, unit);
    Row {
        label: label.to_owned(),
        subject: subject.to_owned(),
        sides: sides.means().map(|mean| Some(amount(mean))),
        difference: Some((amount(sides.difference()), Some(sides.interval()))),
    }
}

/// What both sides request, unless neither requests anything.
fn requested([label, subject]: [&str; 2], unit: Unit, sides: [Option<f64>; 2]) -> Option<Row> {
    let sides = sides.map(|side| side.filter(|value| value.is_finite()));
    let is_news = sides.iter().flatten().any(|value| *value > 0.0);
    let difference = sides[0].zip(sides[1]).map(|(a, b)| b - a);
    let amount = |value| Amount::rounded(value, unit);
    is_news.then(|| Row {
        label: label.to_owned(),
        subject: subject.to_owned(),
        sides: sides.map(|side| side.map(amount)),
        difference: difference.map(|difference| (amount(difference), None)),
    })
}

/// Refuses a condition that could not fail, or that calls better what is worse.
fn refuse(condition: &Condition, sides: &Sides) -> Result<(), String> {
    let Condition {
        text,
        subject,
        most,
    } = condition;
    if sides.kind == Kind::Share && *most >= 1.0 {
        return Err(format!(
            "`{text}` is always met: no share is worse by 100 % or more; write 1% for one point"
        ));
    }
    let name = subject.rsplit('.').next().unwrap_or_default();
    let is_good = |metric: &&Metric| metric.info().column == name && more_is_no_worse(**metric);
    match Metric::ALL.iter().find(is_good) {
        Some(_) => Err(format!(
            "more of `{name}` is not worse; name what is lost, such as loss_ratio"
        )),
        None => Ok(()),
    }
}

/// Whether more of a metric is good or neither good nor bad: what gets through, and what exists.
fn more_is_no_worse(metric: Metric) -> bool {
    let column = metric.info().column;
    let is_through = ["sent", "scraped", "offered", "due", "written"]
        .iter()
        .any(|word| column.split('_').any(|part| part == *word));
    is_through
        || ["collectors_", "nodes_end", "job_count"]
            .iter()
            .any(|start| column.starts_with(start))
}

/// The word of the failure that a column is about.
fn failure_of(column: &str) -> Option<&str> {
    column.strip_suffix(FIRST)?.rsplit('.').next()
}

fn kind_of(column: &str) -> Kind {
    let name = column.rsplit('.').next().unwrap_or_default();
    let metric = Metric::ALL
        .iter()
        .find(|metric| metric.info().column == name);
    match metric.map(|metric| metric.info().unit) {
        Some(Unit::Share) => Kind::Share,
        _ => Kind::Amount,
    }
}

/// Draws in which both fail, only the first, only the second, neither.
fn two_by_two(failing: &Sides) -> [usize; 4] {
    let mut table = [0; 4];
    for (a, b) in failing.a.iter().zip(&failing.b) {
        let cell = match (*a > 0.0, *b > 0.0) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        table[cell] += 1;
    }
    table
}
