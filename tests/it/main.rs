//! One integration binary: each module says what it guards.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

/// The rules of the code itself.
mod architecture;
/// Replicas that come and go with what they use.
mod autoscaling;
/// What a run takes, estimated and used.
mod bounds;
/// Inputs that went wrong once, with what is right.
mod cases;
/// Fleets that send to fleets.
mod chains;
/// What a user types and gets back.
mod cli;
/// The model against theory where it reduces to one formula.
mod closed_forms;
/// No sample and no port is unaccounted for, whatever fails.
mod conservation;
/// Intervals cover what they claim to cover.
mod coverage;
/// Same scenario, same seed, same bytes.
mod determinism;
/// Numbers of Alloy's documents and issues.
mod documented;
/// The documents say what the code says.
mod documents;
/// What a reviewer reads, word for word.
mod golden;
/// What the shipped scenarios give.
mod guard;
/// The numbers of the deployment guide.
mod guide;
/// Cardinality incidents are written down.
mod incidents;
/// Every mistake in a scenario has its message.
mod invalid;
/// The bodies of the kernel benches, with small input.
mod kernel_benches;
/// Textbook queues through the engine.
mod kernel_theory;
/// How collectors are stopped, started and replaced.
mod lifecycle;
/// Log lines in outages, against every batch and every file.
mod logs_theory;
/// What was measured of a process, with its preset.
mod measured;
/// More of one thing, never less of another.
mod metamorphic;
/// Metrics that are one formula or one count.
mod metrics;
/// The bodies of the benches of the model and of whole scenarios, with small input.
mod model_benches;
/// The page of a scenario, in a browser too.
mod page;
/// The fleet's parts against closed forms.
mod parts_theory;
/// Defaults of scenarios as data, and their page in the documents.
mod presets;
/// Profiles: loops without a queue, on the ring and in outages.
mod profiles;
/// A scenario that was accepted once stays accepted.
mod promise;
/// Samples that clients push to a receiver.
mod pushed;
/// The output folder: tables, documents, hashes.
mod report;
/// What goals and expectations decide.
mod requirements;
/// Scenario files: what loads and what it means.
mod scenario;
/// The shipped scenarios.
mod scenarios;
/// The schema of scenario files.
mod schema;
/// The size that the search names, against every size simulated in full.
mod sizes;
/// The fast form against one event per change.
mod slow_form;
/// A constant workload stays constant, and the grid is fine enough.
mod steady;
/// Synthetic results, and scenarios played.
mod support;
/// No title of a chart contradicts its picture.
mod titles;
/// Topologies are values.
mod topologies;
/// Pushed spans: queues, outages, memory, tail sampling.
mod traces;
/// What documents show of the program.
mod transcripts;
/// Everything that was observed beside what the model says of it.
mod validation;
/// What truncations of the WAL take.
mod wal_theory;
/// Documents and doc comments in short sentences and plain words.
mod words;
