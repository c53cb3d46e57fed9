//! What a folder holds after errors, after kills at each step, and beside what others put there.

use std::env;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{self, Command};
use std::thread;
use std::time::Duration;

use super::*;

static HEARD_NOTHING: AtomicBool = AtomicBool::new(false);

/// Puts two files with this text on a shelf, `more`, and a manifest that lists them.
fn files<'a>(text: &'a str, more: &'a [&str]) -> impl FnOnce(&mut dyn Shelf) -> io::Result<()> {
    move |shelf| {
        let names = || ["summary.csv", "charts/memory.svg"].iter().chain(more);
        for name in names() {
            shelf.file(name, &mut |sink| sink.write_all(text.as_bytes()))?;
        }
        let artifacts: serde_json::Map<_, _> = names()
            .map(|&name| (name.to_owned(), serde_json::Value::Null))
            .collect();
        let manifest = serde_json::json!({ "program": "alloy-sim", "artifacts": artifacts });
        let manifest = manifest.to_string();
        shelf.file(MANIFEST, &mut |sink| sink.write_all(manifest.as_bytes()))
    }
}

fn claim(out: &Path) -> Folder {
    Folder::claim(out, "edge", &HEARD_NOTHING).unwrap()
}

fn replace(folder: &Folder, text: &str) -> Replaced {
    folder.replace(&HEARD_NOTHING, files(text, &[])).unwrap()
}

/// The text that every file of the results has.
fn text_of(results: &Path) -> String {
    let read = |name| fs::read_to_string(results.join(name)).unwrap();
    let text = read("summary.csv");
    assert_eq!(text, read("charts/memory.svg"), "old and new are mixed");
    assert!(results.join(MANIFEST).exists());
    text
}

fn listing(path: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(path)
        .expect("the folder can be listed")
        .map(|entry| entry.expect("an entry").file_name().into_string())
        .map(|name| name.expect("names are plain"))
        .collect();
    names.sort();
    names
}

#[test]
fn results_replace_results() {
    let out = tempfile::tempdir().unwrap();
    let below = out.path().join("a/b");
    for text in ["first", "second"] {
        let folder = claim(&below);
        let replaced = replace(&folder, text);
        assert_eq!(text_of(&folder.path()), text);
        assert_eq!(listing(&below), ["edge"]);
        assert_eq!(replaced.kept, [""; 0].map(PathBuf::from));
    }
}

#[test]
fn foreign_things_are_left_alone() {
    let out = tempfile::tempdir().unwrap();
    fs::create_dir(out.path().join("photos")).unwrap();
    fs::write(out.path().join("photos/manifest.json"), "{}").unwrap();
    fs::write(out.path().join("notes"), "by hand").unwrap();
    symlink("photos", out.path().join("link")).unwrap();
    for (name, said) in [
        ("photos", "holds no manifest.json of alloy-sim"),
        ("notes", "is no folder"),
        ("link", "is no folder"),
    ] {
        let error = Folder::claim(out.path(), name, &HEARD_NOTHING).unwrap_err();
        assert!(error.in_words().contains(said), "{error}");
    }
    assert_eq!(listing(out.path()), ["link", "notes", "photos"]);
}

/// What cannot be read is not called foreign.
#[test]
fn an_error_of_access_says_what_failed() {
    let out = tempfile::tempdir().unwrap();
    let manifest = |name: &str| {
        fs::create_dir(out.path().join(name)).unwrap();
        out.path().join(name).join(MANIFEST)
    };
    symlink(MANIFEST, manifest("loop")).unwrap();
    fs::create_dir(manifest("folder")).unwrap();
    for (name, said) in [
        ("loop", "Too many levels of symbolic links"),
        ("folder", "Is a directory"),
    ] {
        let error = Folder::claim(out.path(), name, &HEARD_NOTHING).unwrap_err();
        let words = error.in_words();
        assert!(words.contains("failed to read "), "{words}");
        assert!(words.contains(MANIFEST) && words.contains(said), "{words}");
    }
    fs::write(out.path().join("file"), "").unwrap();
    let below = out.path().join("file");
    let error = Folder::claim(&below, "edge", &HEARD_NOTHING).unwrap_err();
    assert!(
        error.in_words().contains("failed to create folder"),
        "{error}"
    );
}

#[test]
fn hidden_things_of_others_stay() {
    let out = tempfile::tempdir().unwrap();
    for name in [".edge.partial", ".edge.old", ".edge.alloy-sim"] {
        fs::create_dir(out.path().join(name)).unwrap();
        fs::write(out.path().join(name).join("draft"), "by hand").unwrap();
    }
    let error = Folder::claim(out.path(), "edge", &HEARD_NOTHING).unwrap_err();
    assert!(matches!(error, Error::NotOurs(_)), "{error}");
    fs::write(out.path().join(".edge.alloy-sim/lock"), "by hand").unwrap();
    let error = Folder::claim(out.path(), "edge", &HEARD_NOTHING).unwrap_err();
    assert!(matches!(error, Error::NotOurs(_)), "{error}");
    let lock = out.path().join(".edge.alloy-sim/lock");
    assert_eq!(fs::read_to_string(lock).unwrap(), "by hand");
    fs::rename(
        out.path().join(".edge.alloy-sim"),
        out.path().join(".edge.mine"),
    )
    .unwrap();
    replace(&claim(out.path()), "new");
    let expected = [".edge.mine", ".edge.old", ".edge.partial", "edge"];
    assert_eq!(listing(out.path()), expected);
    let hidden = out.path().join(".edge.alloy-sim");
    fs::write(&hidden, "by hand").unwrap();
    let error = Folder::claim(out.path(), "edge", &HEARD_NOTHING).unwrap_err();
    assert!(matches!(error, Error::NotOurs(_)), "{error}");
    fs::remove_file(&hidden).unwrap();
    fs::create_dir(out.path().join("elsewhere")).unwrap();
    symlink("elsewhere", &hidden).unwrap();
    let error = Folder::claim(out.path(), "edge", &HEARD_NOTHING).unwrap_err();
    assert!(matches!(error, Error::NotOurs(_)), "{error}");
}

#[test]
fn a_failed_write_leaves_the_old_results() {
    let out = tempfile::tempdir().unwrap();
    let folder = claim(out.path());
    replace(&folder, "old");
    let broken = files("new", &["summary.csv/below-a-file.csv"]);
    folder.replace(&HEARD_NOTHING, broken).unwrap_err();
    assert_eq!(text_of(&folder.path()), "old");
    assert_eq!(listing(out.path()), ["edge"]);
}

#[test]
fn an_interruption_leaves_the_old_results() {
    let out = tempfile::tempdir().unwrap();
    let folder = claim(out.path());
    replace(&folder, "old");
    let interrupted = AtomicBool::new(true);
    let error = folder.replace(&interrupted, files("new", &[])).unwrap_err();
    assert!(matches!(error, Error::Interrupted), "{error}");
    assert_eq!(text_of(&folder.path()), "old");
    assert_eq!(listing(out.path()), ["edge"]);
}

#[test]
fn a_process_waits_for_another_until_it_is_interrupted() {
    let out = tempfile::tempdir().unwrap();
    let folder = claim(out.path());
    let other = Workshop::enter(&folder.path(), &HEARD_NOTHING).unwrap();
    let lock = out.path().join(".edge.alloy-sim/lock");
    let signed = format!("alloy-sim, process {}\n", process::id());
    assert_eq!(fs::read_to_string(lock).unwrap(), signed);
    let interrupted = AtomicBool::new(true);
    let error = folder.replace(&interrupted, files("new", &[])).unwrap_err();
    assert!(matches!(error, Error::Interrupted), "{error}");
    thread::scope(|scope| {
        let waits = scope.spawn(|| replace(&folder, "new"));
        thread::sleep(Duration::from_millis(100));
        assert!(!folder.path().exists());
        drop(other);
        waits.join().unwrap();
    });
    assert_eq!(text_of(&folder.path()), "new");
    assert_eq!(listing(out.path()), ["edge"]);
}

#[test]
fn many_threads_leave_one_folder() {
    let out = tempfile::tempdir().unwrap();
    let folder = claim(out.path());
    thread::scope(|scope| {
        for text in ["a", "b", "c", "d"] {
            let folder = &folder;
            scope.spawn(move || (0..20).for_each(|_| drop(replace(folder, text))));
        }
    });
    text_of(&folder.path());
    assert_eq!(listing(out.path()), ["edge"]);
}

#[test]
fn what_others_put_there_is_kept() {
    let out = tempfile::tempdir().unwrap();
    let folder = claim(out.path());
    replace(&folder, "old");
    let put = |name: &str| fs::write(folder.path().join(name), name).unwrap();
    fs::create_dir_all(folder.path().join("talk/slides")).unwrap();
    fs::create_dir_all(folder.path().join("goals.csv")).unwrap();
    let theirs = [
        "notes.md",
        "charts/mine.svg",
        "talk/slides/1.svg",
        "goals.csv/a",
    ];
    theirs.into_iter().for_each(put);
    put("draws.csv");
    symlink("nowhere", folder.path().join("link")).unwrap();
    let new = files("new", &["draws.csv", "goals.csv"]);
    let replaced = folder.replace(&HEARD_NOTHING, new).unwrap();
    let kept = [
        "charts/mine.svg",
        "draws.csv.kept",
        "goals.csv.kept/a",
        "link",
        "notes.md",
        "talk/slides/1.svg",
    ];
    assert_eq!(replaced.kept, kept.map(PathBuf::from));
    let read = |name| fs::read_to_string(folder.path().join(name)).unwrap();
    for name in ["notes.md", "charts/mine.svg", "talk/slides/1.svg"] {
        assert_eq!(read(name), name);
    }
    assert_eq!(read("draws.csv"), "new");
    assert_eq!(read("draws.csv.kept"), "draws.csv");
    assert_eq!(read("goals.csv.kept/a"), "goals.csv/a");
    assert_eq!(text_of(&folder.path()), "new");
    // Once more, and nothing is renamed again.
    let new = files("newer", &["draws.csv", "goals.csv"]);
    let replaced = folder.replace(&HEARD_NOTHING, new).unwrap();
    assert_eq!(replaced.kept, kept.map(PathBuf::from));
}

/// Of a file system that exchanges nothing.
fn refuse(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::InvalidInput.into())
}

#[test]
fn where_nothing_can_be_exchanged_there_are_two_steps() {
    let out = tempfile::tempdir().unwrap();
    let folder = claim(out.path());
    let hands = Hands {
        exchange: refuse,
        ..Hands::PLAIN
    };
    for (text, way) in [("old", Way::AtOnce), ("new", Way::InTwoSteps)] {
        let replaced = folder.replace_by(hands, &HEARD_NOTHING, files(text, &[]));
        assert_eq!(replaced.unwrap().way, way);
        assert_eq!(text_of(&folder.path()), text);
        assert_eq!(listing(out.path()), ["edge"]);
    }
}

/// Names the folder, the step and whether two folders can be exchanged, for the child below.
const CHILD: &str = "ALLOY_SIM_TEST_CHILD";

/// The child of the next test: it replaces results and kills itself after a step.
#[test]
#[ignore = "the next test starts it"]
fn child_that_is_killed_after_a_step() {
    let Ok(orders) = env::var(CHILD) else { return };
    let [out, step, exchanges] = orders.split('|').collect::<Vec<_>>()[..] else {
        panic!("three orders in {orders}")
    };
    let kill = |done: Step| {
        if format!("{done:?}") == step {
            let id = process::id().to_string();
            let _ = Command::new("kill").args(["-KILL", &id]).status();
            thread::sleep(Duration::from_mins(1));
        }
    };
    let hands = Hands {
        exchange: if exchanges == "true" {
            Hands::PLAIN.exchange
        } else {
            refuse
        },
        after: &kill,
    };
    let folder = claim(Path::new(out));
    let _ = folder.replace_by(hands, &HEARD_NOTHING, files("new", &[]));
    panic!("it was not killed after {step}");
}

#[test]
fn a_kill_after_any_step_leaves_old_or_new_results() {
    use Step::{Kept, MovedAway, Settled, Swapped, Synced, Written};
    for (exchanges, step, seen, repaired) in [
        (true, Written, Some("old"), "old"),
        (true, Kept, Some("old"), "old"),
        (true, Synced, Some("old"), "old"),
        (true, Swapped, Some("new"), "new"),
        (true, Settled, Some("new"), "new"),
        (false, Synced, Some("old"), "old"),
        (false, MovedAway, None, "old"),
        (false, Swapped, Some("new"), "new"),
        (false, Settled, Some("new"), "new"),
    ] {
        let out = tempfile::tempdir().unwrap();
        let folder = claim(out.path());
        replace(&folder, "old");
        fs::write(folder.path().join("notes.md"), "by hand").unwrap();
        let name = "cli::output::tests::child_that_is_killed_after_a_step";
        let child = Command::new(env::current_exe().unwrap())
            .args(["--exact", name, "--ignored"])
            .env(
                CHILD,
                format!("{}|{step:?}|{exchanges}", out.path().display()),
            )
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert_eq!(child.status.signal(), Some(9), "{step:?}: {said}");
        let found = folder.path().exists().then(|| text_of(&folder.path()));
        assert_eq!(found.as_deref(), seen, "{step:?}");
        let folder = claim(out.path());
        assert_eq!(text_of(&folder.path()), repaired, "{step:?}");
        assert_eq!(listing(out.path()), ["edge"], "{step:?}");
        let notes = folder.path().join("notes.md");
        assert_eq!(fs::read_to_string(notes).unwrap(), "by hand", "{step:?}");
    }
}
