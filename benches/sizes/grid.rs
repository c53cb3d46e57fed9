//! The grids: the scenario files of this folder. Their comments name what is free, as `--free` does.

use std::fs;
use std::path::Path;

use alloy_sim::DrawsAsked;
use alloy_sim::experiment::size::Sizing;
use alloy_sim::model::blueprint::Priority;
use alloy_sim::scenario::{self, Overrides, Source, read_free};

use crate::brute;

const FREE: &str = "# --free ";

/// A scenario and its free settings.
pub(crate) struct Grid {
    pub(crate) name: String,
    text: String,
}

/// All grids, by name.
pub(crate) fn all() -> Vec<Grid> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/sizes");
    let files = fs::read_dir(folder).expect("the folder of this bench is there");
    let paths = files.map(|file| file.expect("the folder is readable").path());
    let paths = paths.filter(|path| path.extension().is_some_and(|end| end == "toml"));
    let mut grids: Vec<Grid> = paths.map(|path| read(&path)).collect();
    grids.sort_by(|left, right| left.name.cmp(&right.name));
    grids
}

fn read(path: &Path) -> Grid {
    let name = path.file_stem().expect("a file has a name");
    Grid {
        name: name.to_string_lossy().into_owned(),
        text: fs::read_to_string(path).expect("the file is readable"),
    }
}

impl Grid {
    /// What is searched with a seed.
    pub(crate) fn sizing(&self, seed: u64) -> Sizing {
        let source = Source {
            name: format!("{}.toml", self.name),
            bytes: self.text.clone().into_bytes(),
        };
        let overrides = Overrides {
            seed: Some(seed),
            draws: Some(DrawsAsked::Number(brute::DRAWS)),
            ..Overrides::default()
        };
        let read = |_: &str, path: &str| Err(format!("{path} is not read here"));
        let loaded = scenario::load(&[source], &read, &overrides).remove(0);
        let checked = match loaded.result {
            Ok(checked) => checked,
            Err(problems) => panic!("{}: {problems:#?}", self.name),
        };
        let free = self.text.lines().filter_map(|line| line.strip_prefix(FREE));
        let free: Result<_, _> = free.map(read_free).collect();
        let free = free.expect("the ranges are right");
        let sizes = scenario::sizes(&checked, free, &read, Priority::Memory);
        sizes.expect("there are sizes").sizing
    }
}
