//! Tells builds apart whose draws may differ: a hash of the sources, and the machine they are built for.
//!
//! Blocks of draws of one build are never taken for those of another. A hash of the sources also tells
//! changes that are not committed, and needs no version control.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let mut hasher = DefaultHasher::new();
    for root in ["src", "Cargo.lock"] {
        println!("cargo:rerun-if-changed={root}");
        add(Path::new(root), &mut hasher)?;
    }
    let target = env::var("TARGET").unwrap_or_default();
    println!(
        "cargo:rustc-env=ALLOY_SIM_REVISION={:016x}-{target}",
        hasher.finish()
    );
    Ok(())
}

/// Adds a file, or the files below a folder in the order of their names.
fn add(path: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    if path.is_dir() {
        let entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path()));
        let mut paths = entries.collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        return paths.iter().try_for_each(|path| add(path, hasher));
    }
    path.hash(hasher);
    fs::read(path)?.hash(hasher);
    Ok(())
}
