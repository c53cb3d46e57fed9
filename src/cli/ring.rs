//! `alloy-sim ring`: who owns which targets.

use std::path::Path;

use super::arguments::RingArguments;
use super::terminal::{self, Output};
use super::{Error, Exit, input};
use crate::model::cluster::ring::Census;
use crate::report::{self, Style};
use crate::scenario::{self, Source, TargetFormat};

/// Prints what each peer carries, or every target with its owner.
pub(super) fn ring(arguments: &RingArguments) -> Result<Exit, Error> {
    let peers = match arguments.ring_peers() {
        Ok(peers) => peers,
        Err(error) => error.exit(),
    };
    let format = match format(&arguments.file) {
        Ok(format) => format,
        Err(exit) => return Ok(exit),
    };
    let source = input::read_targets(&arguments.file)?;
    let list = match scenario::read_targets(&source, format) {
        Ok(list) => list,
        Err(problems) => {
            input::show_problems(&problems, &source);
            return Ok(Exit::WrongScenario);
        }
    };
    input::show_problems(&list.warnings, &source);
    let census = Census::take(peers, list.targets).expect("a peer is up");
    let text = if arguments.owners {
        if census.duplicates > 0 {
            let text = "note: targets with the same labels as an earlier one are dropped";
            terminal::tell(&format!("{text}: {}", census.duplicates));
        }
        report::ring_owners(&census)
    } else {
        let style = Style {
            colour: terminal::stdout_has_colour(),
            width: terminal::width(),
        };
        report::ring_answer(&census, style)
    };
    let mut output = Output::default();
    output.line(text.trim_end());
    output.finish()?;
    Ok(Exit::Good)
}

/// How the file is written; tells what to do if its name does not say.
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
