//! A headless Chromium that opens a page. Without one on the path, tests of pages pass unseen.

use std::fs;
use std::process::{Command, Stdio};

/// Names of the browser on a path.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The browser on the path.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(crate) fn browser() -> Option<&'static str> {
    let works = |name: &&str| {
        let mut command = Command::new(name);
        let command = command
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let found = BROWSERS.into_iter().find(works);
    if found.is_none() {
        eprintln!("skipped: no Chromium on the path, so no page is opened");
    }
    found
}

/// What a browser of that width says of a page: the answer of a probe, and everything on its console.
pub(crate) fn opened(browser: &str, page: &str, width: u32, probe: &str) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.html");
    let script = format!(
        "<pre id=\"probe\"></pre><script>addEventListener('load', () => {{ \
         document.getElementById('probe').textContent = String((() => {{ {probe} }})()); }});</script></body>"
    );
    fs::write(&path, page.replace("</body>", &script)).unwrap();
    let profile = folder.path().join("profile");
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .args(["--enable-logging=stderr", "--no-first-run"])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
        ])
        .arg(format!("--window-size={width},900"))
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{}", path.display()))
        .output()
        .unwrap();
    let page = String::from_utf8_lossy(&output.stdout);
    let answer = page.split("<pre id=\"probe\">").nth(1).unwrap_or_default();
    let answer = answer.split("</pre>").next().unwrap_or_default();
    let said = String::from_utf8_lossy(&output.stderr);
    let console = said.lines().filter(|line| line.contains("CONSOLE"));
    (answer.to_owned(), console.collect::<Vec<_>>().join("\n"))
}
