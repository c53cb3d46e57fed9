//! `alloy-sim init`: a scenario to start from.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

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

fn write(path: &Path, text: &str) -> Result<(), Error> {
    let mut file = File::create_new(path).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => Error::Exists(path.to_owned()),
        _ => Error::file("create", path)(source),
    })?;
    file.write_all(text.as_bytes()).map_err(|source| {
        // Half a scenario is worse than none. The error of the write is the one to report.
        let _ = fs::remove_file(path);
        Error::file("write", path)(source)
    })
}
