//! `alloy-sim merge`: the results of a run from shares of its draws.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::arguments::{Format, MergeArguments, running_flags, wrong_details};
use super::blocks::{self, Disk, REVISION, Recipe};
use super::input::{self, Scenario};
use super::output::Folder;
use super::run::{claim, claim_index, extent, run_all};
use super::session::{Manner, Place, Places};
use super::signals::Signals;
use super::{Error, Exit, environment, error};
use crate::experiment::archive::{Archive, Kept};
use crate::experiment::block::Block;

/// What an interruption says that ends the command at once.
const INTERRUPTED: &str = "interrupted: scenarios that are not merged have no new results";

/// The shares of one study: its recipe, and the folders that hold blocks of it.
struct Shares {
    recipe: Recipe,
    folders: Vec<PathBuf>,
}

/// Makes the results of all studies in the folders of `arguments`.
pub(super) fn merge(arguments: &MergeArguments) -> Result<Exit, Exit> {
    if arguments.details && arguments.format != Format::Text {
        wrong_details("merge").exit();
    }
    let signals = Signals::listen(INTERRUPTED).map_err(error::told)?;
    let shares = find(&arguments.folders).map_err(error::told)?;
    let mut scenarios = Vec::new();
    for one in &shares {
        scenarios.push(one.recipe.load().map_err(|problems| {
            // The recipe was checked when the shares were computed, by the same build.
            let problem = problems.first().map_or("", |problem| &problem.message);
            let folder = one.folders[0].display();
            error::told(Error::WrongBlocks(format!(
                "{folder} holds a wrong scenario: {problem}"
            )))
        })?);
    }
    let folders = claim(&arguments.out, &scenarios, &signals)?;
    let index = claim_index(&arguments.out, scenarios.len())?;
    let (mut archives, mut places) = (Vec::new(), Vec::new());
    for ((one, scenario), folder) in shares.iter().zip(scenarios).zip(folders) {
        input::show_problems(&scenario.checked.warnings, &scenario.source);
        let (archive, place) =
            prepare(one, scenario, folder, &arguments.out).map_err(error::told)?;
        archives.push(archive);
        places.push(place);
    }
    let manner = Manner {
        command: "merge",
        extent: extent(arguments.quiet, arguments.details),
        is_timed: false,
        format: arguments.format,
        threads: environment::threads(arguments.threads),
    };
    let places = Places {
        list: places,
        index,
    };
    Ok(run_all(manner, &signals, archives, places))
}

/// The studies in some folders. A folder holds blocks, or folders that do.
fn find(folders: &[PathBuf]) -> Result<Vec<Shares>, Error> {
    let mut found: Vec<Shares> = Vec::new();
    let mut seen = BTreeSet::new();
    for folder in folders {
        for (place, recipe) in block_folders(folder)? {
            let path = fs::canonicalize(&place).map_err(Error::file("look at", &place))?;
            if !seen.insert(path) {
                let place = place.display();
                return Err(Error::WrongBlocks(format!("{place} is given twice")));
            }
            if !recipe.is_of_this_build() {
                return Err(Error::WrongBlocks(format!(
                    "{} holds blocks of another build of alloy-sim; merge with the program that made \
                     them",
                    place.display()
                )));
            }
            match found.iter_mut().find(|shares| shares.recipe == recipe) {
                Some(shares) => shares.folders.push(place),
                None => found.push(Shares {
                    recipe,
                    folders: vec![place],
                }),
            }
        }
    }
    let names = found.iter().map(|shares| shares.folders[0].file_name());
    let names: Vec<_> = names.collect();
    let twice = (1..names.len()).find(|&index| names[..index].contains(&names[index]));
    if let Some(index) = twice {
        let first = names
            .iter()
            .position(|name| *name == names[index])
            .unwrap_or(0);
        return Err(Error::WrongBlocks(format!(
            "{} and {} hold blocks of different scenarios, draws or seeds of one name",
            found[first].folders[0].display(),
            found[index].folders[0].display()
        )));
    }
    Ok(found)
}

/// The folders of blocks in a folder, or the folder itself.
fn block_folders(folder: &Path) -> Result<Vec<(PathBuf, Recipe)>, Error> {
    if let Some(recipe) = Recipe::read(folder) {
        return Ok(vec![(folder.to_owned(), recipe)]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file("list", folder))? {
        let path = entry.map_err(Error::file("list", folder))?.path();
        let is_of_blocks = path.extension().is_some_and(|ending| ending == "blocks");
        if let Some(recipe) = Recipe::read(&path).filter(|_| is_of_blocks) {
            found.push((path, recipe));
        }
    }
    if found.is_empty() {
        return Err(Error::WrongBlocks(format!(
            "{} holds no blocks; give the folders of alloy-sim run --shard",
            folder.display()
        )));
    }
    found.sort_by(|left, right| left.0.cmp(&right.0));
    Ok(found)
}

/// The draws of a study from its shares, if they are complete.
fn prepare(
    shares: &Shares,
    scenario: Scenario,
    folder: Folder,
    out: &Path,
) -> Result<(Archive, Place), Error> {
    let mut files = BTreeMap::new();
    for folder in &shares.folders {
        for (key, path) in blocks::files(folder)? {
            if let Some(other) = files.insert(key, path.clone()) {
                let (path, other) = (path.display(), other.display());
                return Err(Error::WrongBlocks(format!(
                    "{path} is the same block as {other}"
                )));
            }
        }
    }
    let place = blocks::folder_of(out, folder.name());
    let disk = Arc::new(Disk::new(place, shares.recipe.clone()).with(files.clone()));
    let study = Arc::new(scenario.checked.study);
    let archive = Archive::new(study, Arc::clone(&disk) as _, REVISION).closed();
    examine(&archive, &files)?;
    let overrides = shares.recipe.overrides();
    let place = Place {
        source: scenario.source,
        resolved_toml: scenario.checked.resolved_toml,
        folder,
        running: running_flags(&overrides),
        overrides,
        blocks: disk,
        // The shares are not ours to remove.
        keeps_blocks: true,
    };
    Ok((archive, place))
}

/// Whether the blocks are draws of the study, those of the first round complete. Later rounds may lack
/// blocks: the run then ends there. A share without a block in one round is ahead of the others.
fn examine(archive: &Archive, files: &BTreeMap<String, PathBuf>) -> Result<(), Error> {
    let mut foreign: BTreeSet<&String> = files.keys().collect();
    let mut done = 0;
    while let Some(round) = archive.round(done) {
        let mut absent: Vec<&Block> = Vec::new();
        for block in &round {
            let key = archive.key(block).to_string();
            foreign.remove(&key);
            match archive.has(block)? {
                Kept::Whole => {}
                Kept::Absent => absent.push(block),
                Kept::Damaged => {
                    let path = files[&key].display();
                    return Err(Error::WrongBlocks(format!(
                        "{path} is damaged; remove it and run its share once more"
                    )));
                }
            }
        }
        if let Some(first) = absent.first().filter(|_| done == 0) {
            let (many, all) = (absent.len(), round.len());
            let case = &archive.study().cases[first.case].name;
            let (from, to) = (first.draws.start, first.draws.end - 1);
            return Err(Error::WrongBlocks(format!(
                "{many} of {all} blocks are missing, first draws {from} to {to} of case {case}; run \
                 the shares that are missing"
            )));
        }
        let ends = round.iter().map(|block| block.draws.end);
        done = ends.max().unwrap_or(u32::MAX);
    }
    match foreign.first() {
        Some(key) => Err(Error::WrongBlocks(format!(
            "{} belongs to no draw of this study",
            files[*key].display()
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::experiment::run::Options;
    use crate::experiment::share::{Share, compute};
    use crate::scenario::{self, DrawsAsked, Overrides, STARTER, Source};

    /// The base of the starter, for a day, until it is settled.
    fn archive() -> Archive {
        let source = Source {
            name: "starter.toml".into(),
            bytes: STARTER.into(),
        };
        let overrides = Overrides {
            draws: Some(DrawsAsked::UntilSettled),
            settings: vec!["experiment.horizon=1d".into()],
            cases: vec!["base".into()],
            ..Overrides::default()
        };
        let read = |_: &str, path: &str| Err(format!("{path} is not there"));
        let loaded = scenario::load(&[source], &read, &overrides).remove(0);
        Archive::in_memory(loaded.result.unwrap().study)
    }

    /// The second round has 112 blocks, so some of 120 shares have none of it.
    #[test]
    fn a_share_without_a_block_in_a_round_is_ahead_and_not_foreign() {
        const SHARES: u32 = 120;
        let archive = archive();
        let options = Options {
            threads: 2,
            interrupted: &AtomicBool::new(false),
            on_progress: &|_| {},
            stopwatches: &[],
        };
        let rounds = [0, 400, 512].map(|done| archive.round(done).unwrap());
        let kept = |round: usize| {
            let mut blocks = rounds[round].iter();
            blocks.all(|block| archive.has(block).unwrap() == Kept::Whole)
        };
        for call in 0..3 {
            for number in 1..=SHARES {
                let share = Share { number, of: SHARES };
                compute(&archive, share, &options).unwrap();
            }
            assert!(kept(call), "call {call} completes a round");
            let blocks = rounds.iter().flatten();
            let here = blocks.filter(|block| archive.has(block).unwrap() == Kept::Whole);
            let files = here.map(|block| (archive.key(block).to_string(), PathBuf::new()));
            examine(&archive, &files.collect()).unwrap();
        }
    }
}
