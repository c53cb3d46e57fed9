//! `alloy-sim init`: a scenario to start from.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::arguments::{InitArguments, wrong_template};
use super::{Error, Exit, error, terminal};
use crate::scenario::{self, STARTER, TEMPLATES, Template};

/// Writes the starter or a template, but never over an existing file. Or lists the templates.
pub(super) fn init(arguments: &InitArguments) -> Result<Exit, Exit> {
    if arguments.list {
        return terminal::print(list().trim_end());
    }
    let template = arguments.template.as_deref().map(template);
    let name = template.map_or("alloy-sim", |template| template.name);
    let path = arguments.path.clone();
    let path = path.unwrap_or_else(|| PathBuf::from(format!("{name}.toml")));
    let text = template.map_or(STARTER, |template| template.text);
    // A shipped file names the schema in its repository; a file elsewhere has it beside.
    let text = text.replace("#:schema ../docs/", "#:schema ");
    write(&path, &text).map_err(error::told)?;
    let path = path.display();
    terminal::print(&format!("wrote {path}; next: alloy-sim run {path}"))
}

/// Every template with its question below.
fn list() -> String {
    let mut text = String::new();
    for template in TEMPLATES {
        let _ = writeln!(text, "{}\n    {}", template.name, template.question());
    }
    text
}

/// The template called `name`. Ends the process if there is none.
fn template(name: &str) -> Template {
    let found = TEMPLATES.iter().find(|template| template.name == name);
    found.copied().unwrap_or_else(|| {
        let names = TEMPLATES.iter().map(|template| template.name);
        wrong_template(name, &scenario::near(name, names)).exit()
    })
}

/// Writes a new file as a whole: half a scenario is worse than none.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    let taken = || Error::Exists(path.to_owned());
    if fs::symlink_metadata(path).is_ok() {
        return Err(taken());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = path.with_file_name(format!(".{name}.{}.alloy-sim", std::process::id()));
    let mut file = File::create_new(&new).map_err(Error::file("create", path))?;
    let written = file.write_all(text.as_bytes());
    let written = written.and_then(|()| file.sync_all());
    let written = written.map_err(Error::file("write", path));
    let placed = written.and_then(|()| {
        put(&new, path).map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => taken(),
            _ => Error::file("create", path)(source),
        })
    });
    // It is gone where all went well. The error of the write is the one to report.
    let _ = fs::remove_file(&new);
    placed
}

/// Moves a file to a place where nothing is.
fn put(new: &Path, place: &Path) -> io::Result<()> {
    match renameat_with(CWD, new, CWD, place, RenameFlags::NOREPLACE) {
        // Not every file system does that.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => fs::rename(new, place),
        put => Ok(put?),
    }
}
