//! How often verdicts are false, and how many draws they take: the tables of `docs/model/validation.md`.
//!
//! A thousand experiments per row. Each draws, looks, and follows the advice on further draws until there is a
//! verdict, no advice, or more than 20,000 draws. The last rows are the program itself: a thousand seeds of a
//! scenario whose probability is known, run until settled.

use std::process::ExitCode;

use std::sync::atomic::AtomicBool;

use alloy_sim::engine::{RandomStream, RandomStreams, key_of};
use alloy_sim::experiment::requirement::Kind;
use alloy_sim::stats::{Claim, Comparison, Interval, Statistic, Verdict, decide};
use alloy_sim::{Options, Overrides, Source, load, run};

const EXPERIMENTS: u32 = 1_000;
const DRAWS_FIRST: usize = 100;
const DRAWS_MAX: usize = 20_000;

/// One pod whose series are uniform from 1,000 to 2,000, beside the 1,000 of its collector: in a tenth of all
/// futures the fleet has more than 2,900.
const KNOWN: &str = include_str!("known.toml");

/// A claim "less than the limit" and what it is about.
struct Row {
    name: &'static str,
    statistic: Statistic,
    limit: f64,
    draw: fn(&mut RandomStream) -> f64,
}

fn event<const PER_MILLE: u32>(stream: &mut RandomStream) -> f64 {
    f64::from(u8::from(stream.unit() < f64::from(PER_MILLE) / 1_000.0))
}

/// One of the middles of eight equal parts of the range from 0 to 1.
fn coarse(stream: &mut RandomStream) -> f64 {
    ((8.0 * stream.unit()).floor() + 0.5) / 8.0
}

fn exponential(stream: &mut RandomStream) -> f64 {
    -stream.unit().ln()
}

/// The claims, each of them at its limit, and below and above it.
fn rows() -> Vec<Row> {
    let row = |name, statistic, limit, draw| Row {
        name,
        statistic,
        limit,
        draw,
    };
    let p95 = -f64::ln(0.05);
    vec![
        row(
            "probability 1 %, limit 1 %",
            Statistic::Probability,
            0.01,
            event::<10>,
        ),
        row(
            "probability 10 %, limit 10 %",
            Statistic::Probability,
            0.1,
            event::<100>,
        ),
        row(
            "p95 on its limit",
            Statistic::Quantile(0.95),
            p95,
            exponential,
        ),
        row(
            "median on its limit",
            Statistic::Quantile(0.5),
            f64::ln(2.0),
            exponential,
        ),
        row(
            "mean of 0 and 1 on its limit, 2 %",
            Statistic::Mean,
            0.02,
            event::<20>,
        ),
        row(
            "mean of 0 to 1 on its limit, 50 %",
            Statistic::Mean,
            0.5,
            coarse,
        ),
        row(
            "probability 0.1 %, limit 1 %",
            Statistic::Probability,
            0.01,
            event::<1>,
        ),
        row(
            "probability 5 %, limit 10 %",
            Statistic::Probability,
            0.1,
            event::<50>,
        ),
        row(
            "probability 20 %, limit 10 %",
            Statistic::Probability,
            0.1,
            event::<200>,
        ),
        row("mean 5 %, limit 10 %", Statistic::Mean, 0.1, event::<50>),
    ]
}

/// One experiment: its verdict, and the draws that it took.
fn follow(row: &Row, experiment: u32) -> (Verdict, usize) {
    let claim = Claim {
        statistic: row.statistic,
        comparison: Comparison::Less,
        limit: row.limit,
        range: Interval::new(0.0, 1.0),
    };
    let mut stream = RandomStreams::new(1, experiment).stream(key_of(row.name), 0, 0);
    let mut draws: Vec<f64> = (0..DRAWS_FIRST).map(|_| (row.draw)(&mut stream)).collect();
    loop {
        let verdict = decide(&[claim.evidence(&draws)], Verdict::ALPHA)[0];
        let advice = claim.more_draws_needed(&draws, Verdict::ALPHA);
        let more = advice.and_then(|more| usize::try_from(more).ok());
        match more.filter(|more| draws.len() + more <= DRAWS_MAX) {
            Some(more) if verdict == Verdict::Unsettled => {
                draws.extend((0..more).map(|_| (row.draw)(&mut stream)));
            }
            _ => return (verdict, draws.len()),
        }
    }
}

/// A run of the program until it is settled: its verdict, and the draws of its only case.
fn run_until_settled(limit: &str, seed: u32) -> (Verdict, usize) {
    let source = Source {
        name: "known.toml".into(),
        bytes: KNOWN.replace("< 10%", limit).into(),
    };
    let overrides = Overrides {
        seed: Some(seed.into()),
        ..Overrides::default()
    };
    let nothing = |_: &str, path: &str| Err(format!("{path} is not there"));
    let loaded = load(&[source], &nothing, &overrides).remove(0);
    let options = Options {
        threads: 2,
        interrupted: &AtomicBool::new(false),
        on_progress: &|_| {},
        stopwatches: &[],
    };
    let results = run(loaded.result.expect("no mistakes").study, &options).expect("no bug");
    let verdict = results.gravest(Kind::Goal).expect("a goal");
    (verdict, results.draws as usize)
}

fn print(name: &str, ended: &[(Verdict, usize)]) {
    let share = |wanted| {
        let count = ended.iter().filter(|(verdict, _)| *verdict == wanted);
        100.0 * count.count() as f64 / ended.len() as f64
    };
    let mut draws: Vec<usize> = ended.iter().map(|(_, draws)| *draws).collect();
    draws.sort_unstable();
    line(&format!(
        "| {name} | {:.1} % | {:.1} % | {:.1} % | {} |",
        share(Verdict::Holds),
        share(Verdict::Fails),
        share(Verdict::Unsettled),
        draws[draws.len() / 2],
    ));
}

#[expect(clippy::print_stdout, reason = "a bench prints its table")]
fn line(text: &str) {
    println!("{text}");
}

fn main() -> ExitCode {
    line("| draws of | holds | fails | unsettled | median of draws |\n|---|---|---|---|---|");
    for row in rows() {
        let experiments = 0..EXPERIMENTS;
        let ended: Vec<_> = experiments
            .map(|experiment| follow(&row, experiment))
            .collect();
        print(row.name, &ended);
    }
    for limit in ["< 10%", "<= 10%", "< 12%", "< 8%"] {
        let ended: Vec<_> = (0..EXPERIMENTS)
            .map(|seed| run_until_settled(limit, seed))
            .collect();
        print(
            &format!("the program: probability 10 %, goal {limit}"),
            &ended,
        );
    }
    ExitCode::SUCCESS
}
