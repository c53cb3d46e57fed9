//! The size that `alloy-sim size` names, against the size of brute force, seed by seed: the table of
//! `docs/performance.md`.
//!
//! `cargo bench --bench sizes -- [SEEDS] [GRID…]` takes seeds 1 to SEEDS (5 unless stated) of the grids
//! whose names begin so.
#![expect(clippy::print_stdout, reason = "the table is the purpose")]

mod brute;
mod grid;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use alloy_sim::experiment::size::{Found, Running, Sizing};
use alloy_sim::stats::quantile;

use grid::Grid;

const SEEDS: u64 = 5;

/// One seed of a grid.
struct Row {
    sizes: usize,
    brute: Option<usize>,
    /// Draws of the search as a share of those of brute force.
    share: f64,
    /// What is wrong with the size that the search names.
    mismatch: Option<&'static str>,
}

fn main() -> ExitCode {
    let words = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'));
    let (numbers, names): (Vec<_>, Vec<_>) = words.partition(|word| word.parse::<u64>().is_ok());
    let seeds = numbers
        .first()
        .map_or(SEEDS, |number| number.parse().unwrap_or(SEEDS));
    println!("grid,seed,brute_force,size,draws,share_of_draws,mismatch");
    let wanted = |name: &str| names.is_empty() || names.iter().any(|word| name.starts_with(word));
    let grids: Vec<Grid> = grid::all()
        .into_iter()
        .filter(|grid| wanted(&grid.name))
        .collect();
    let rows: Vec<Vec<Row>> = grids.iter().map(|grid| study(grid, seeds)).collect();
    println!();
    println!(
        "| grid | sizes | equal | equal to the next seed's | share of draws, median | most | mismatches |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (grid, rows) in grids.iter().zip(&rows) {
        println!("{}", summary(grid, rows));
    }
    ExitCode::SUCCESS
}

/// All seeds of a grid.
fn study(grid: &Grid, seeds: u64) -> Vec<Row> {
    (1..=seeds)
        .map(|seed| {
            let sizing = grid.sizing(seed);
            let brute = brute::named(&sizing);
            let found = search(&sizing);
            let mismatch = mismatch(brute, &found);
            let shown =
                |size: Option<usize>| size.map_or("none", |size| &sizing.study.cases[size].name);
            let share = share(&sizing, &found);
            println!(
                "{},{seed},\"{}\",\"{}\",{},{share:.4},{}",
                grid.name,
                shown(brute),
                shown(found.named),
                found.draws,
                mismatch.unwrap_or(""),
            );
            Row {
                sizes: sizing.study.cases.len(),
                brute,
                share,
                mismatch,
            }
        })
        .collect()
}

fn search(sizing: &Sizing) -> Found {
    let running = Running {
        threads: 1,
        interrupted: &AtomicBool::new(false),
        on_draws: &|_| {},
    };
    sizing.search(&running).expect("nothing stops the search")
}

/// The draws of a search as a share of those of brute force at every size.
fn share(sizing: &Sizing, found: &Found) -> f64 {
    let all = f64::from(brute::DRAWS) * sizing.study.cases.len() as f64;
    found.draws as f64 / all
}

/// How the size of the search differs from that of brute force, if it does.
fn mismatch(brute: Option<usize>, found: &Found) -> Option<&'static str> {
    if found.named == brute {
        return None;
    }
    let Some(right) = brute else {
        return Some("brute force names none");
    };
    let is_looked_at = found.looks.iter().any(|row| row.size == right);
    Some(match found.named {
        None if is_looked_at => "none: fresh draws refuse the size",
        None => "none: the size is excluded",
        Some(named) if named < right => "smaller",
        Some(_) if is_looked_at => "greater: fresh draws refuse the size",
        Some(_) => "greater: the size is excluded",
    })
}

/// The row of a grid in the table.
fn summary(grid: &Grid, rows: &[Row]) -> String {
    let equal = rows.iter().filter(|row| row.mismatch.is_none()).count();
    let pairs = rows.windows(2);
    let alike = pairs.filter(|pair| pair[0].brute == pair[1].brute);
    let mut shares: Vec<f64> = rows.iter().map(|row| row.share).collect();
    shares.sort_unstable_by(f64::total_cmp);
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in rows.iter().filter_map(|row| row.mismatch) {
        *kinds.entry(kind).or_default() += 1;
    }
    let kinds: Vec<String> = kinds
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    format!(
        "| {} | {} | {equal} of {} | {} of {} | {:.1} % | {:.1} % | {} |",
        grid.name,
        rows[0].sizes,
        rows.len(),
        alike.count(),
        rows.len() - 1,
        100.0 * quantile(&shares, 0.5),
        100.0 * quantile(&shares, 1.0),
        kinds.join(", "),
    )
}
