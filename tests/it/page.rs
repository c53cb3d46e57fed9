//! The page of a scenario: it holds everything, escapes everything, and works in a browser.
//!
//! The browser is a headless Chromium on the path, such as Debian's package `chromium`. Without one the
//! tests of the browser say so and pass; `.ci/run` installs it.

use alloy_sim::experiment::results::Results;
use alloy_sim::report::{Sources, brief, page_of_overviews, render};

use crate::support::browser::{browser, opened};
use crate::support::small;

/// What a careless template would take for markup.
const HOSTILE: &str = r#"</script></style><script>alert("1")</script><img src=x onerror='alert(2)'> & "quotes" {{ 7*7 }} – ünïcödé 漢字"#;

fn page(results: &Results) -> String {
    let files = render(
        results,
        &Sources {
            version: "0.1.0",
            scenario_text: "format = 1\n",
            selection: alloy_sim::report::Selection::default(),
            resolved_toml: "format = 1\n",
            environment: &serde_json::Value::Null,
        },
    );
    let page = files.into_iter().find(|file| file.name == "index.html");
    String::from_utf8(page.unwrap().bytes).unwrap()
}

/// Results whose names, question and sources are hostile.
fn hostile() -> Results {
    let mut results = small::memory_bound().clone();
    let study = std::sync::Arc::make_mut(&mut results.study);
    study.question = HOSTILE.repeat(3);
    for (index, case) in study.cases.iter_mut().enumerate() {
        case.name = format!("{HOSTILE}{index}");
        for input in &mut case.inputs {
            HOSTILE.clone_into(&mut input.source);
            HOSTILE.clone_into(&mut input.law);
        }
    }
    results
}

#[test]
fn hostile_names_stay_text() {
    let page = page(&hostile());
    assert!(!page.contains("<script>alert") && !page.contains("<img"));
    assert!(page.contains("&lt;script&gt;alert"));
    assert!(page.contains("{{ 7*7 }}"), "text of a user is no template");
    assert_eq!(page.matches("<script>").count(), 1);
}

#[test]
fn the_page_loads_nothing() {
    for results in [small::memory_bound(), small::port_bound(), small::sweep()] {
        let page = page(results);
        for loads in [" src=", "url(", "@import", "<link rel=\"stylesheet\""] {
            assert!(!page.contains(loads), "{loads}");
        }
        assert!(page.contains("default-src 'none'"));
    }
}

/// Notes of goals do not begin with what joins them, and paper has only inputs that somebody stated
/// or that vary.
#[test]
fn notes_and_paper_read_well() {
    let page = page(small::memory_bound());
    assert!(!page.contains("\">; ") && page.contains("compared only"));
    let unprinted = page.matches("<tr class=\"screen\">").count();
    assert!(unprinted > 50, "{unprinted}");
    let count = format!("{unprinted} inputs that are fixed and that the scenario does not state");
    assert!(page.contains(&count), "{unprinted}");
    let varies = page.split_once("Inputs that vary").unwrap().1;
    let varies = varies.split_once("Inputs that are fixed").unwrap().0;
    assert!(!varies.contains("class=\"screen\""));
}

/// A line breaks between the parts of a metric, and not between a number and its unit.
#[test]
fn lines_break_where_a_reader_does() {
    let page = page(small::memory_bound());
    assert!(page.contains("container_<wbr>memory_<wbr>working_<wbr>set_<wbr>bytes"));
    let (_, answer) = page.split_once("<div class=\"answer").unwrap();
    let (sentence, _) = answer.split_once("</p>").unwrap();
    assert!(sentence.contains("\u{a0}% [") && sentence.contains("\u{a0}%] of draws"));
    assert!(sentence.contains("&lt;\u{a0}1"), "{sentence}");
}

/// A page of many cases keeps the table whole, and draws as many cases as it has room for.
#[test]
fn pages_of_many_cases_stay_small() {
    let mut results = small::sweep().clone();
    let study = std::sync::Arc::make_mut(&mut results.study);
    let cases = study.cases.len();
    for index in 0..400 {
        let mut case = study.cases[index % cases].clone();
        case.name = format!("case number {index}");
        study.cases.push(case);
        let copy = results.cases[index % cases].clone();
        results.cases.push(copy);
    }
    let page = page(&results);
    assert!(page.len() < 4_000_000, "{} bytes", page.len());
    assert!(page.contains("case number 399"));
    assert!(page.contains("cases have no charts here"));
}

#[test]
fn the_index_lists_the_gravest_first() {
    let overviews = [small::sweep(), small::memory_bound(), small::port_bound()];
    let overviews = overviews.map(|results| brief(results).overview());
    let missing = ["<late>".to_owned()];
    let page = page_of_overviews(&overviews, &missing, "0.1.0");
    let page = String::from_utf8(page.bytes).unwrap();
    let at = |name: &str| page.find(&format!("href=\"{name}/index.html\"")).unwrap();
    assert!(at("platform-2027h1") < at("replica-sweep"));
    assert!(page.contains("&lt;late&gt;"));
}

/// Asks the page: how many resources it loaded, whether it is wider than its window, which cases are
/// shown before and after the choice of the last one, and what the arrow keys show of a chart.
const PROBE: &str = "
    const shown = () => [...document.querySelectorAll('.case')]
        .filter((one) => getComputedStyle(one).display !== 'none').map((one) => one.id).join();
    const before = shown();
    const radios = [...document.querySelectorAll('input[name=case]')];
    radios.at(-1).click();
    const after = shown();
    const chart = [...document.querySelectorAll('.chart')].find((one) => one.querySelector('.hit'));
    chart.dispatchEvent(new KeyboardEvent('keydown', { key: 'End' }));
    const tip = document.getElementById('tip');
    return [performance.getEntriesByType('resource').length,
        document.documentElement.scrollWidth > innerWidth, before, after,
        !tip.hidden && tip.textContent.length > 0].join(' ');";

#[test]
fn a_browser_shows_the_page_without_an_error() {
    let Some(browser) = browser() else { return };
    let page = page(small::memory_bound());
    for width in [1280, 500, 390] {
        let (answer, console) = opened(browser, &page, width, PROBE);
        assert_eq!(console, "", "at {width} pixels");
        assert_eq!(answer, "0 false of-0 of-2 true", "at {width} pixels");
    }
}

/// On a phone the index needs no scrolling sideways either, not even in its table.
#[test]
fn a_browser_shows_the_index_on_a_phone() {
    let Some(browser) = browser() else { return };
    let overviews =
        [small::sweep(), small::memory_bound()].map(|results| brief(results).overview());
    let page = page_of_overviews(&overviews, &[], "0.1.0");
    let page = String::from_utf8(page.bytes).unwrap();
    // The index has no script, and allows none.
    let page = page.replace("style-src", "script-src 'unsafe-inline'; style-src");
    let probe = "const table = document.querySelector('.scroll');
        return [table.scrollWidth > table.clientWidth, document.documentElement.scrollWidth > innerWidth].join(' ');";
    let (answer, _) = opened(browser, &page, 390, probe);
    assert_eq!(answer, "false false");
}

#[test]
fn a_browser_takes_hostile_names_for_text() {
    let Some(browser) = browser() else { return };
    let (answer, console) = opened(
        browser,
        &page(&hostile()),
        500,
        "return document.querySelectorAll('img').length + ' ' + document.querySelector('.question').textContent.includes('<img src=x');",
    );
    assert_eq!((answer.as_str(), console.as_str()), ("0 true", ""));
}

/// A console that is not empty is noticed, or the tests above prove nothing.
#[test]
fn a_browser_tells_of_what_a_page_tries_to_load() {
    let Some(browser) = browser() else { return };
    let page = page(small::port_bound());
    let page = page.replace("</main>", "<img src=\"https://example.com/a.png\"></main>");
    let (_, console) = opened(browser, &page, 500, "return 1;");
    assert!(console.contains("example.com"), "{console}");
}
