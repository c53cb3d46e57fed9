//! Transcripts in documents are what the program says.
//!
//! A comment `<!-- made by: … -->` stands before a block. It holds the command line that a shell runs, in one
//! folder for all commands of a page, with `scenarios` in it. The block shows the command after `$ `, then what
//! the command wrote. `UPDATE_DOCS=1 cargo test docs_transcripts` renews the blocks.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::browser::{browser, opened};

const PROGRAM: &str = env!("CARGO_BIN_EXE_alloy-sim");
const MARK: &str = "<!-- made by: ";
const FENCE: &str = "```text\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder in which the commands of one page run.
struct Shell(tempfile::TempDir);

impl Shell {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        symlink(root().join("scenarios"), folder.path().join("scenarios")).unwrap();
        Self(folder)
    }

    /// What a command writes, standard error included.
    fn says(&self, command: &str) -> String {
        let program = Path::new(PROGRAM).parent().unwrap().display().to_string();
        let path = format!("{program}:{}", std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("({command}) 2>&1"));
        shell
            .env("PATH", path)
            .env_remove("COLUMNS")
            .current_dir(self.0.path());
        String::from_utf8(shell.output().unwrap().stdout).unwrap()
    }
}

/// The page with every block made anew in a shell.
fn renewed(page: &str, shell: &Shell) -> String {
    let mut parts = page.split(MARK);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (command, rest) = part
            .split_once(" -->\n")
            .expect("the comment ends its line");
        let (before, block) = rest.split_once(FENCE).expect("a block of text follows");
        assert!(before.trim().is_empty(), "the block follows {command}");
        let (_, after) = block.split_once("```").expect("the block ends");
        let lines = shell.says(command);
        let lines: Vec<&str> = lines.lines().map(str::trim_end).collect();
        let said = lines.join("\n");
        let shown = format!("{MARK}{command} -->\n{before}{FENCE}$ {command}\n");
        text.extend([&shown, said.trim_end(), "\n```", after]);
    }
    text
}

/// A page without the numbers of estimates, which depend on the machine.
fn steady(page: &str) -> String {
    let lines = page.lines().map(|line| {
        let is_estimate = line.starts_with("  estimated ");
        if is_estimate { "  estimated" } else { line }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The pages that may hold transcripts.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md")];
    for folder in ["docs", "docs/how-to"] {
        let entries = fs::read_dir(root().join(folder)).unwrap();
        pages.extend(entries.map(|entry| entry.unwrap().path()));
    }
    pages.retain(|path| path.extension().is_some_and(|end| end == "md"));
    pages.sort();
    pages
}

/// The tutorial is the hour of a newcomer. It ends with a page, which a browser shows without an error.
fn ends_with_a_page(shell: &Shell) {
    let page = shell.0.path().join("output/my-fleet/index.html");
    let page = fs::read_to_string(page).unwrap();
    let Some(browser) = browser() else { return };
    let (answer, console) = opened(browser, &page, 500, "return document.title;");
    assert_eq!(console, "");
    assert!(answer.contains("my-fleet"), "{answer}");
}

#[test]
fn docs_transcripts_are_up_to_date() {
    let mut stale = Vec::new();
    let mut count = 0;
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        count += page.matches(MARK).count();
        let shell = Shell::new();
        let renewed = renewed(&page, &shell);
        if path.ends_with("docs/tutorial.md") {
            ends_with_a_page(&shell);
        }
        let (before, after) = (steady(&page), steady(&renewed));
        if before == after {
            continue;
        }
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(&path, &renewed).unwrap();
        } else {
            let differs = |(one, other): &(&str, &str)| one != other;
            let first = before.lines().zip(after.lines()).find(differs);
            stale.push(format!("{}: {first:?}", path.display()));
        }
    }
    assert!(count > 10, "{count} transcripts");
    let help = "UPDATE_DOCS=1 cargo test docs_transcripts";
    assert!(stale.is_empty(), "{help}\n{}", stale.join("\n"));
}

#[test]
fn a_block_that_differs_is_noticed() {
    let page = "a\n<!-- made by: echo b -->\n```text\n$ echo b\nc\n```\nd\n";
    let shown = renewed(page, &Shell::new());
    assert_eq!(shown, page.replace("\nc\n", "\nb\n"));
}
