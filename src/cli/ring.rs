//! `alloy-sim ring`: the owner of each target.

use std::path::Path;

use super::arguments::RingArguments;
use super::{Exit, error, input, terminal};
use crate::model::cluster::ring::Census;
use crate::report;
use crate::scenario::{self, Source, TargetFormat};

/// Prints the load of each peer, or every target with its owner.
pub(super) fn ring(arguments: &RingArguments) -> Result<Exit, Exit> {
    let peers = arguments.ring_peers();
    let peers = peers.unwrap_or_else(|error| error.exit());
    let format = format(&arguments.file)?;
    let source = input::read_targets(&arguments.file).map_err(error::told)?;
    let list = scenario::read_targets(&source, format).map_err(|problems| {
        input::show_problems(&problems, &source);
        Exit::WrongScenario
    })?;
    input::show_problems(&list.warnings, &source);
    let census = Census::take(peers, list.targets).expect("a peer is up");
    let text = if arguments.owners {
        if census.duplicates > 0 {
            let text = "note: targets with the same labels as an earlier one are dropped";
            terminal::tell(&format!("{text}: {}", census.duplicates));
        }
        report::ring_owners(&census)
    } else {
        report::ring_answer(&census, terminal::style())
    };
    terminal::print(text.trim_end())
}

/// The format of the file. Reports what to do if its name does not tell.
fn format(file: &Path) -> Result<TargetFormat, Exit> {
    if file == Path::new("-") {
        return Ok(TargetFormat::Csv);
    }
    let name = file.display().to_string();
    TargetFormat::of_file(&name).map_err(|problem| {
        let bytes = Vec::new();
        input::show_problems(&[*problem], &Source { name, bytes });
        Exit::WrongScenario
    })
}
