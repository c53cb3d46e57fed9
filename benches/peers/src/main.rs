//! The same works on the engine and on other simulators: one table of ratios from one run.
//!
//! Contenders take turns, so that what else the machine does hits all, and only their time on a
//! processor counts; figures are medians over rounds. `README.md` says what each peer does differently.

mod nexosim_peer;
mod program;
mod simcore_peer;
mod simulacra_peer;
#[expect(
    dead_code,
    unused_imports,
    reason = "PHOLD is compared with the heap alone"
)]
#[path = "../../kernel/workloads/mod.rs"]
mod workloads;

use std::time::Duration;

use alloy_sim::units::SimDuration;
use nexosim_peer::OnNexosim;
use program::Program;
use rustix::time::{ClockId, clock_gettime};
use simcore_peer::OnSimcore;
use simulacra_peer::OnSimulacra;
use workloads::{Hold, InEngine, Loop, OnHeap, SingleServer, Timers, Workload};

/// Collectors with a timer.
const TIMERS: u32 = 100_000;
const ROUNDS: usize = 5;
/// A turn lasts at least this long.
const TURN: Duration = Duration::from_millis(250);
/// Events of the simulated time after which a turn may end.
const STRETCH_EVENTS: f64 = 262_144.0;

/// A work and who does it, the engine first.
struct Work {
    name: &'static str,
    /// Simulated time of [`STRETCH_EVENTS`].
    stretch: SimDuration,
    contenders: Vec<Contender>,
}

struct Contender {
    name: &'static str,
    /// How many times as fast the engine is to be.
    bar: Option<f64>,
    runner: Runner,
    /// Events per second, by round.
    rates: Vec<f64>,
}

enum Runner {
    Loop(Box<dyn Loop>),
    /// A program, and how many events it is asked for.
    Program(Program, u64),
}

impl Contender {
    fn take_turn(&mut self, work: &str, stretch: SimDuration) -> Result<(), String> {
        let rate = match &mut self.runner {
            Runner::Program(program, events) => program.rate(work, *events)?,
            Runner::Loop(simulation) => {
                let begin = processor_time();
                let (mut events, mut time) = (0, Duration::ZERO);
                while time < TURN {
                    events += simulation.advance(stretch);
                    time = processor_time().saturating_sub(begin);
                }
                events as f64 / time.as_secs_f64()
            }
        };
        self.rates.push(rate);
        Ok(())
    }
}

impl Work {
    /// The work on everything in this process, with so many events per simulated second.
    fn new<W: Workload + Send + 'static>(
        name: &'static str,
        rate: f64,
        workload: impl Fn() -> W,
    ) -> Self {
        let loops: [(_, Box<dyn Loop>); 5] = [
            ("alloy-sim", Box::new(InEngine::new(workload()))),
            ("BinaryHeap", Box::new(OnHeap::new(workload()))),
            ("simulacra", Box::new(OnSimulacra::new(workload()))),
            ("simcore", Box::new(OnSimcore::new(workload()))),
            ("nexosim", Box::new(OnNexosim::new(workload()))),
        ];
        let mut work = Self {
            name,
            stretch: SimDuration::from_secs_f64(STRETCH_EVENTS / rate),
            contenders: Vec::new(),
        };
        for (name, simulation) in loops {
            work.add(name, Runner::Loop(simulation));
        }
        work.check();
        work
    }

    fn add(&mut self, name: &'static str, runner: Runner) {
        self.contenders.push(Contender {
            name,
            bar: None,
            runner,
            rates: Vec::new(),
        });
    }

    /// All loops handle the same events in the same order.
    fn check(&mut self) {
        let mut traces = Vec::new();
        for contender in &mut self.contenders {
            if let Runner::Loop(simulation) = &mut contender.runner {
                simulation.advance(self.stretch);
                traces.push(simulation.trace());
            }
        }
        for (trace, contender) in traces.iter().zip(&self.contenders) {
            assert_eq!(*trace, traces[0], "{}: {}", self.name, contender.name);
        }
    }

    /// Adds the programs that are installed, each with how many events it is asked for.
    fn with_programs(mut self, cimba_events: u64, simpy_events: Option<u64>) -> Self {
        if let Some(program) = Program::cimba() {
            self.add("cimba", Runner::Program(program, cimba_events));
        }
        if let (Some(program), Some(events)) = (Program::simpy(None), simpy_events) {
            self.add("simpy", Runner::Program(program, events));
        }
        self
    }

    /// Adds the faster form of the queue on `SimPy`.
    fn with_simpy_store(mut self, events: u64) -> Self {
        if let Some(program) = Program::simpy(Some("store")) {
            self.add("simpy, Store", Runner::Program(program, events));
        }
        self
    }

    /// How many times as fast as these peers the engine is to be.
    fn with_bars(mut self, bars: &[(&str, f64)]) -> Self {
        for contender in &mut self.contenders {
            let bar = bars.iter().find(|(name, _)| *name == contender.name);
            contender.bar = bar.map(|(_, bar)| *bar);
        }
        self
    }

    fn measure(&mut self) {
        for _ in 0..ROUNDS {
            for contender in &mut self.contenders {
                if let Err(error) = contender.take_turn(self.name, self.stretch) {
                    eprintln!("{}, {}: {error}", self.name, contender.name);
                }
            }
        }
    }

    fn print(&self) {
        let ours = &self.contenders[0].rates;
        for contender in &self.contenders {
            if contender.rates.len() < ROUNDS {
                continue;
            }
            let rate = median(contender.rates.clone()) / 1e6;
            let ratios = ours.iter().zip(&contender.rates);
            let ratio = median(ratios.map(|(ours, theirs)| ours / theirs).collect());
            let bar = contender.bar.map_or(String::new(), |bar| {
                let verdict = if ratio >= bar { "held" } else { "missed" };
                format!("{bar}, {verdict}")
            });
            let (name, version) = (contender.name, version(contender.name));
            println!(
                "| {name} | {version} | {} | {rate:.3} | {ratio:.2} | {bar} |",
                self.name
            );
        }
    }
}

/// How long this process has been on a processor, in all its threads.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("time is positive")
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The version of a peer, as it is pinned.
fn version(name: &str) -> &'static str {
    let (peer, _form) = name.split_once(',').unwrap_or((name, ""));
    let lock = include_str!("../Cargo.lock");
    let in_lock = lock.split_once(&format!("name = \"{peer}\"\nversion = \""));
    let wheels = include_str!("../python/requirements.txt");
    let in_wheels = wheels.split_once(&format!("{peer}=="));
    let rest = in_lock.or(in_wheels).map(|(_, rest)| rest);
    rest.map_or("std", |rest| {
        rest.split(['"', '\n']).next().unwrap_or_default()
    })
}

fn hold(name: &'static str, collectors: u32) -> Work {
    Work::new(name, collectors.into(), || Hold::new(collectors))
}

fn main() {
    if Program::cimba().is_none() || Program::simpy(None).is_none() {
        eprintln!("Cimba and SimPy are left out unless python/install was run.");
    }
    println!("| peer | version | work | M events/s | ours / theirs | bar |");
    println!("|---|---|---|---|---|---|");
    // One work at a time, so that the memory of the others does not matter.
    let works: [&dyn Fn() -> Work; 5] = [
        &|| hold("hold-10^3", 1_000).with_programs(2_000_000, Some(200_000)),
        &|| hold("hold-2^16", 1 << 16).with_programs(1_000_000, Some(200_000)),
        // A million processes of SimPy would take gigabytes.
        &|| hold("hold-2^20", 1 << 20).with_programs(500_000, None),
        &|| {
            Work::new("single-server", 2.0, SingleServer::new)
                .with_programs(4_000_000, Some(300_000))
                .with_simpy_store(300_000)
                .with_bars(&[
                    ("simulacra", 1.4),
                    ("nexosim", 13.0),
                    ("simpy", 250.0),
                    ("simpy, Store", 250.0),
                ])
        },
        &|| {
            Work::new("timers-100000", TIMERS.into(), || Timers::new(TIMERS))
                .with_programs(500_000, Some(50_000))
                .with_bars(&[("cimba", 5.0)])
        },
    ];
    for work in works {
        let mut work = work();
        work.measure();
        work.print();
    }
}
