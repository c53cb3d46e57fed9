//! How long whole scenario files take: read and checked, and simulated to the last chart.
//!
//! Each file is simulated once, on two threads; `cargo bench --bench scenarios -- NAME` measures the
//! files whose path begins with NAME. The rows `speed-up` compare two threads with one, in wall time:
//! they need two idle cores.
#![expect(clippy::print_stdout, reason = "the table is the purpose")]

mod files;
mod load;
#[path = "../measure/mod.rs"]
mod measure;

use measure::{Filter, cpu_seconds, head, median, row, runs, seconds};

const THREADS: usize = 2;

/// The most that a place of [`files::PLACES`] may take to be simulated, in seconds.
const BARS: [Option<f64>; 3] = [Some(30.0), None, Some(60.0)];

/// What two threads are compared with one by: files whose path begins so.
const SHARED: [&str; 2] = ["scenarios/", "benches/scenarios/crash-loops.toml"];

fn main() {
    let filter = Filter::of_arguments();
    head();
    for (place, bar) in files::PLACES.iter().zip(BARS) {
        let mut spent = 0.0;
        let all = files::files(place);
        let wanted = all.iter().filter(|file| filter.wants(&file.path));
        let wanted: Vec<_> = wanted.collect();
        for file in &wanted {
            let check = median(runs(|_| cpu_seconds(|| files::check(file)).1));
            row(&file.path, "ms to check", check * 1e3, Some(0.0..=20.0));
            let (_, run) = seconds(|| files::run(&[file], THREADS, |_| {}));
            row("", "s to run", run, None);
            spent += run;
        }
        if wanted.len() == all.len() {
            let bar = bar.map(|bar| 0.0..=bar);
            row(place, "s to run all of it", spent, bar);
        }
    }
    for place in SHARED {
        if filter.wants(&format!("speed-up {place}")) {
            let all = files::PLACES.iter().flat_map(|place| files::files(place));
            let all: Vec<_> = all.filter(|file| file.path.starts_with(place)).collect();
            let all: Vec<_> = all.iter().collect();
            let spent = |threads| seconds(|| files::run(&all, threads, |_| {})).1;
            let unit = "times as fast as one thread";
            let speedup = median(runs(|_| spent(1) / spent(2)));
            row(
                &format!("speed-up {place}"),
                unit,
                speedup,
                Some(1.85..=f64::INFINITY),
            );
        }
    }
}
