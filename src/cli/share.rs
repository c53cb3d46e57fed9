//! `alloy-sim run --shard`: computes a share of the draws, for `alloy-sim merge`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::arguments::RunArguments;
use super::blocks::{self, Disk, REVISION, Recipe};
use super::input::Scenario;
use super::progress::ProgressLine;
use super::signals::Signals;
use super::terminal::{Output, count};
use super::{Error, Exit, bug, environment, error};
use crate::experiment::archive::Archive;
use crate::experiment::run::Options;
use crate::experiment::share::{self, Share, Shared};
use crate::scenario::Overrides;

/// Computes a share of each scenario, one after the other, and says where its blocks are.
pub(super) fn share(
    arguments: &RunArguments,
    scenarios: Vec<Scenario>,
    (overrides, share): (&Overrides, Share),
    signals: &Signals,
) -> Result<Exit, Exit> {
    let mut output = Output::default();
    for scenario in scenarios {
        let name = scenario.checked.study.name.clone();
        let folder = blocks::folder_of(&arguments.out, &name);
        let (disk, shared) = one(arguments, scenario, (overrides, share), signals)?;
        disk.flush().map_err(error::told)?;
        output.line(&format!(
            "share {}/{} of {name}: {} in {}, of draws {} to {} of each case",
            share.number,
            share.of,
            count(shared.blocks, "block"),
            folder.display(),
            shared.draws.start,
            shared.draws.end.saturating_sub(1),
        ));
    }
    output.finish().map(|()| Exit::Good)
}

/// The blocks that a folder holds of the same study.
fn known(folder: &Path, recipe: &Recipe) -> Result<BTreeMap<String, PathBuf>, Error> {
    match Recipe::read(folder) {
        None => Ok(BTreeMap::new()),
        Some(earlier) if earlier == *recipe => blocks::files(folder),
        Some(_) => Err(Error::WrongBlocks(format!(
            "{} holds blocks of another version of the scenario; remove it, or give another --out",
            folder.display()
        ))),
    }
}

fn one(
    arguments: &RunArguments,
    scenario: Scenario,
    (overrides, share): (&Overrides, Share),
    signals: &Signals,
) -> Result<(Arc<Disk>, Shared), Exit> {
    let study = Arc::new(scenario.checked.study);
    let folder = blocks::folder_of(&arguments.out, &study.name);
    fs::create_dir_all(&arguments.out)
        .map_err(Error::file("create folder", &arguments.out))
        .map_err(error::told)?;
    let recipe = Recipe::of(&scenario.source, overrides, &scenario.files);
    let known = known(&folder, &recipe).map_err(error::told)?;
    let disk = Arc::new(Disk::new(folder, recipe).with(known));
    let line = ProgressLine::new(std::slice::from_ref(&study), arguments.quiet);
    bug::watch(std::slice::from_ref(&study));
    let archive = Archive::new(study, Arc::clone(&disk) as _, REVISION);
    let options = Options {
        threads: environment::threads(arguments.running.threads),
        interrupted: signals.flag(),
        on_progress: &|progress| line.update(progress),
        stopwatches: &[],
    };
    match share::compute(&archive, share, &options) {
        Ok(shared) => Ok((disk, shared)),
        Err(why) => {
            // What was computed stays for the next call, whatever the reason.
            disk.flush().map_err(error::told)?;
            Err(error::stopped(&why))
        }
    }
}
