//! How long whole scenario files take: read and checked, and simulated to the last chart.
//!
//! Each file is simulated once, on two threads; `cargo bench --bench scenarios -- NAME` measures the
//! files whose path holds NAME.
#![expect(clippy::print_stdout, reason = "the table is the purpose")]

mod files;
mod load;
#[path = "../measure/mod.rs"]
mod measure;

use std::time::Duration;

use measure::{Filter, head, median, row, runs, time};

const THREADS: usize = 2;

/// The most that a place of [`files::PLACES`] may take to be simulated, in seconds.
const BARS: [Option<f64>; 3] = [Some(30.0), None, Some(60.0)];

fn main() {
    let filter = Filter::of_arguments();
    head();
    for (place, bar) in files::PLACES.iter().zip(BARS) {
        let mut spent = Duration::ZERO;
        let all = files::files(place);
        let wanted = all.iter().filter(|file| filter.wants(&file.path));
        let wanted: Vec<_> = wanted.collect();
        for file in &wanted {
            let check = median(runs(|_| time(|| files::check(file)).1.as_secs_f64()));
            row(&file.path, "ms to check", check * 1e3, Some(0.0..=20.0));
            let checked = files::check(file);
            let (_, run) = time(|| files::run(file, checked, THREADS, |_| {}));
            row("", "s to run", run.as_secs_f64(), None);
            spent += run;
        }
        if wanted.len() == all.len() {
            let bar = bar.map(|bar| 0.0..=bar);
            row(place, "s to run all of it", spent.as_secs_f64(), bar);
        }
    }
}
