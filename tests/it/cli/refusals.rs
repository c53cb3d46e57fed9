//! What the machine refuses: space, files, sizes, writing. Each is said, and nothing is lost.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::desk::{Desk, HOLDS, scenario_with_goal, tiny_scenario};

/// A file system of its own, unmounted when dropped.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    /// Mounts a small file system at a folder, where the machine lets tests do so.
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    fn small(place: &'a Path, options: &str) -> Option<Self> {
        fs::create_dir_all(place).unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "none"])
            .arg(place)
            .output();
        let is_mounted = mount.is_ok_and(|mount| mount.status.success());
        if !is_mounted {
            eprintln!("skipped: no file system may be mounted here");
        }
        is_mounted.then_some(Self(place))
    }

    fn again(&self, options: &str) {
        let mut mount = Command::new("mount");
        let status = mount
            .args(["-o", &format!("remount,{options}")])
            .arg(self.0)
            .status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

/// A full disk, no room for more files, a disk that became read-only: code 1, the reason, the old
/// results.
#[test]
fn a_disk_that_refuses_leaves_the_old_results() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("edge"));
    desk.put("big.toml", scenario_with_goal("edge", 2_000, HOLDS, ""));
    let out = desk.path("disk");
    let Some(mounted) = Mounted::small(&out, "size=8m,nr_inodes=1k") else {
        return;
    };
    let run = |file: &str| desk.run(&["run", file, "--out", "disk"]);
    run("a.toml").expect(0, &[]);
    let old = desk.result_hash("disk/edge");
    let (bytes, inodes) = (used(&out, "-kP"), used(&out, "-iP"));
    for (options, file, reason) in [
        (
            format!("size={}k", bytes + 200),
            "big.toml",
            "No space left",
        ),
        (
            format!("size=8m,nr_inodes={}", inodes + 8),
            "a.toml",
            "No space left",
        ),
        ("size=8m,nr_inodes=1k,ro".to_owned(), "a.toml", "Read-only"),
    ] {
        mounted.again(&options);
        let ended = run(file);
        ended.expect(1, &["error: failed to ", "disk/.edge.alloy-sim", reason]);
        assert_eq!(desk.result_hash("disk/edge"), old, "{options}");
        let mut left = desk.listing("disk");
        left.retain(|name| name != ".edge.blocks");
        // Draws that are kept need room, too.
        let _ = fs::remove_dir_all(out.join(".edge.blocks"));
        assert_eq!(left, ["edge"], "{options}");
    }
    mounted.again("size=8m,nr_inodes=1k,rw");
    run("big.toml").expect(0, &[]);
    assert_ne!(desk.result_hash("disk/edge"), old);
    assert_eq!(desk.listing("disk"), ["edge"]);
}

/// Kibibytes or inodes in use at a folder's file system.
fn used(folder: &Path, option: &str) -> u64 {
    let told = Command::new("df").arg(option).arg(folder).output();
    let told = String::from_utf8(told.unwrap().stdout).unwrap();
    let row = told.lines().nth(1).unwrap();
    row.split_whitespace().nth(2).unwrap().parse().unwrap()
}

/// Every command under a file-size limit ends with an error, and no file is left half written.
#[test]
fn a_limit_on_sizes_is_an_error_of_every_command() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("edge"));
    desk.put("t.csv", "__address__\na:1\nb:2\n");
    for (arguments, out) in [
        ("init new.toml", "taken.txt"),
        ("check a.toml", "taken.txt"),
        ("ring t.csv --peers a,b", "taken.txt"),
        ("compare a.toml a.toml", "taken.txt"),
        (
            "size a.toml --free fleet.metrics.resources.memory.limit=3GiB..4GiB",
            "taken.txt",
        ),
        ("explain fleet.metrics.replicas", "taken.txt"),
        ("run a.toml", "taken.txt"),
    ] {
        // One block of 512 bytes, which is full already, so that the first byte is one too many.
        let script = format!(
            "head -c 512 /dev/zero >{out}; ulimit -f 1; exec \"$PROGRAM\" {arguments} >>{out}"
        );
        desk.shell(&script).expect(1, &["File too large"]);
        assert!(!desk.path("new.toml").exists(), "{arguments}");
        let left = desk.listing(".");
        assert!(!left.iter().any(|name| name.starts_with('.')), "{left:?}");
    }
}

/// Where no more files can be opened, that is what is said, and not that a manifest is missing.
#[test]
fn a_limit_on_open_files_is_an_error() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("edge"));
    desk.run(&["run", "a.toml"]).expect(0, &[]);
    let hash = desk.result_hash("output/edge");
    let limited = |files: u32| {
        let script = format!("ulimit -n {files}; exec \"$PROGRAM\" run a.toml --threads 1");
        let ended = desk.shell(&script);
        if ended.code != Some(0) {
            ended.expect(1, &["Too many open files"]);
        }
        assert_eq!(desk.result_hash("output/edge"), hash, "{files} files");
        ended.code == Some(0)
    };
    let fits: Vec<bool> = (5..20).map(limited).collect();
    assert!(!fits[0] && fits[14], "{fits:?}");
    // Who cannot list a folder cannot clear it away. The last run did.
    assert_eq!(desk.listing("output"), ["edge"]);
}

/// What hides beside the results of a user is the user's.
#[test]
fn hidden_folders_of_others_stop_a_run_before_it_simulates() {
    let desk = Desk::new();
    desk.put("a.toml", scenario_with_goal("edge", 1_000_000, HOLDS, ""));
    fs::create_dir_all(desk.path("output/.edge.alloy-sim")).unwrap();
    desk.put("output/.edge.alloy-sim/mine", "by hand");
    let ended = desk.run(&["run", "a.toml"]);
    ended.expect(1, &["output/.edge.alloy-sim is not of alloy-sim"]);
    assert_eq!(ended.stdout, "");
    assert_eq!(desk.listing("output/.edge.alloy-sim"), ["mine"]);
}

/// Files that a user put beside the results stay there, and a note names them.
#[test]
fn files_of_others_are_kept_with_a_note() {
    let desk = Desk::new();
    desk.put("a.toml", tiny_scenario("edge"));
    let first = desk.run(&["run", "a.toml"]);
    first.expect(0, &[]);
    assert_eq!(first.stderr, "");
    desk.put("output/edge/notes.md", "by hand");
    for _ in 0..2 {
        let said = "note: kept in output/edge, not written by alloy-sim: notes.md\n";
        let ended = desk.run(&["run", "a.toml"]);
        assert_eq!(ended.stderr, said);
        let notes = fs::read_to_string(desk.path("output/edge/notes.md"));
        assert_eq!(notes.unwrap(), "by hand");
    }
}

/// A clock of the wall that jumps back and forth by decades.
const JUMPING: &str = "
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *time) {
    static int calls;
    int result = syscall(SYS_clock_gettime, id, time);
    if (id == CLOCK_REALTIME) time->tv_sec += calls++ % 2 ? 2000000000 : -2000000000;
    return result;
}";

/// The clock is shown in the manifest, and decides nothing.
#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn a_clock_that_jumps_changes_no_result() {
    let desk = Desk::new();
    desk.put("clock.c", JUMPING);
    desk.put("a.toml", tiny_scenario("edge"));
    desk.run(&["run", "a.toml"]).expect(0, &[]);
    let hash = desk.result_hash("output/edge");
    let built = desk.shell("cc -shared -fPIC -o clock.so clock.c");
    if built.code != Some(0) {
        eprintln!("skipped: no C compiler makes a clock that jumps");
        return;
    }
    let ended = desk.shell("LD_PRELOAD=$PWD/clock.so exec \"$PROGRAM\" run a.toml --timings");
    ended.expect(0, &["timings of edge"]);
    assert_eq!(desk.result_hash("output/edge"), hash);
    let manifest = fs::read_to_string(desk.path("output/edge/manifest.json")).unwrap();
    let year = |manifest: &str| {
        let (_, started) = manifest.split_once("\"started_utc\": \"").unwrap();
        started[..4].parse::<u32>().unwrap()
    };
    let year = year(&manifest);
    assert!(!(2_000..2_080).contains(&year), "the clock did not jump");
}
