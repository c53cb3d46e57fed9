//! The documents and the doc comments are written in short sentences, with the words of ARCHITECTURE.md.

use std::fs;
use std::path::Path;

use crate::documents::sources;

/// Most words of a sentence.
const WORDS_MAX: usize = 25;

/// What is called otherwise: WAL, warm-up, measured horizon, event record.
const NEVER: [&str; 8] = [
    "the log ",
    "its log ",
    "a log ",
    "logs of collectors",
    "write-ahead log",
    "recorded time",
    "the lead ",
    "happening",
];

/// Name and text of every document that is written by hand and still edited.
fn documents() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["", "docs", "docs/model"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                let text = fs::read_to_string(&path).unwrap();
                if !text.contains("<!-- Generated") {
                    found.push((name, text));
                }
            }
        }
    }
    found
}

/// The doc comments of a source file, line by line. A `Source:` is left out: it quotes what others wrote.
fn docs(code: &str) -> String {
    let mut docs = String::new();
    let mut is_source = false;
    for line in code.lines().map(str::trim) {
        let doc = line
            .strip_prefix("///")
            .or_else(|| line.strip_prefix("//!"));
        let doc = doc.map_or("", str::trim);
        is_source = doc.starts_with("Source:") || (is_source && !doc.is_empty());
        docs += if is_source { "" } else { doc };
        docs += "\n";
    }
    docs
}

/// Name and text of every document, and name and doc comments of every file below `src`.
fn texts() -> Vec<(String, String)> {
    let mut texts = documents();
    assert!(texts.len() > 15, "the documents are found");
    let files = sources("").into_iter();
    texts.extend(files.map(|(name, code)| (format!("src/{name}"), docs(&code))));
    texts
}

/// Paragraphs and items of lists, without code, tables, headings and images.
fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    let prose = text.split("```").step_by(2).flat_map(str::lines);
    for line in prose.map(str::trim) {
        let is_prose = !line.is_empty() && !line.starts_with(['|', '#', '!']);
        let is_numbered = |(number, _): (&str, &str)| number.parse::<u32>().is_ok();
        let is_item = line.starts_with("- ") || line.split_once(". ").is_some_and(is_numbered);
        if !is_prose || is_item {
            paragraphs.push(String::new());
        }
        if let (true, Some(paragraph)) = (is_prose, paragraphs.last_mut()) {
            *paragraph += line;
            *paragraph += " ";
        }
    }
    paragraphs
}

/// The sentences of a paragraph, without its code: a name or a formula in quotes is one word.
fn sentences(paragraph: &str) -> Vec<String> {
    let plain = paragraph.split('`').enumerate();
    let plain: String = plain
        .map(|(at, piece)| if at % 2 == 0 { piece } else { "code" })
        .collect();
    let mut sentences = vec![String::new()];
    for word in plain.split_inclusive(' ') {
        let is_end = word
            .trim_end_matches([' ', '*', '"', ')'])
            .ends_with(['.', '?', '!', ':']);
        if let Some(sentence) = sentences.last_mut() {
            *sentence += word;
        }
        if is_end {
            sentences.push(String::new());
        }
    }
    sentences
}

/// Sentences with too many words.
fn long_sentences(text: &str) -> Vec<String> {
    let paragraphs = paragraphs(text);
    let sentences = paragraphs.iter().flat_map(|text| sentences(text));
    sentences
        .filter(|sentence| sentence.split_whitespace().count() > WORDS_MAX)
        .collect()
}

/// Lines with a word that is called otherwise, but for the table that says so.
fn wrong_words(text: &str) -> Vec<&str> {
    let lines = text.lines().take_while(|&line| line != "## Words");
    lines
        .filter(|line| {
            let line = line.to_lowercase();
            NEVER.iter().any(|never| line.contains(never))
        })
        .collect()
}

#[test]
fn sentences_are_short() {
    for (name, text) in texts() {
        let long = long_sentences(&text);
        assert!(
            long.is_empty(),
            "{name}: more than {WORDS_MAX} words: {long:#?}"
        );
    }
}

#[test]
fn words_have_one_meaning() {
    for (name, text) in texts() {
        let wrong = wrong_words(&text);
        assert!(
            wrong.is_empty(),
            "{name}: see Words in ARCHITECTURE.md: {wrong:#?}"
        );
    }
}

#[test]
fn a_long_sentence_and_a_wrong_word_are_noticed() {
    let long = "word ".repeat(WORDS_MAX);
    let text = format!("# A\n\n- Short. {long}\n  end.\n- {long}`one name`\n| {long}{long} |\n");
    assert_eq!(long_sentences(&text).len(), 2);
    assert!(long_sentences(&format!("Short: {long}")).is_empty());
    let text = "It reads\nthe log of a process.\n## Words\n| WAL | the log |";
    assert_eq!(wrong_words(text), ["the log of a process."]);
}

#[test]
fn a_long_sentence_and_a_wrong_word_of_a_doc_comment_are_noticed() {
    let long = "word ".repeat(WORDS_MAX);
    let first = format!("//! Short.\n//! It {long}\n\n/// {long}\nfn f() {{}}\n");
    let second = format!("    /// It {long}\n    /// end.\n    // No doc: {long}{long}\n");
    let source = format!("/// Short.\n///\n/// Source: {long}\n/// the log {long}\n");
    let code = first + &second + &source;
    assert_eq!(long_sentences(&docs(&code)).len(), 2);
    let code = "/// Reads the log of a process.\nlet name = \"the log of it\";\n";
    assert_eq!(wrong_words(&docs(code)), ["Reads the log of a process."]);
}
