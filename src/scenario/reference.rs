//! The keys of scenario files, as `docs/scenario.md` describes them.

/// The page that describes every key; tests hold it to the reader.
const PAGE: &str = include_str!("../../docs/scenario.md");

/// A key of a scenario file.
#[derive(Clone, Debug)]
pub struct KeyInfo {
    /// The key.
    pub key: &'static str,
    /// The table that has the key, as the page names it: `[[fleet]]`, `otlp`.
    pub table: String,
    /// What is said about the key: the head of the column and its text.
    pub facts: Vec<(&'static str, String)>,
    /// Words of the value: its inner keys, and the texts that it may be.
    pub parts: Vec<&'static str>,
}

/// A word of the answer.
#[derive(Clone, Copy, Debug)]
pub struct AnswerWord {
    /// The word: `SAFE`, `breaks first`.
    pub word: &'static str,
    /// What kind of word it is, as the page heads its table: `verdict`.
    pub kind: &'static str,
    /// What the word means.
    pub meaning: &'static str,
}

/// Heads of the tables of words of the answer.
const ANSWER: [&str; 3] = ["verdict", "column of the answer", "size of memory"];

/// The words of the answer, in the order of the page.
pub fn answer_words() -> Vec<AnswerWord> {
    let mut words = Vec::new();
    let mut kind = None;
    for line in PAGE.lines() {
        let row = line
            .strip_prefix("| ")
            .and_then(|row| row.strip_suffix(" |"));
        let Some((word, meaning)) = row.and_then(|row| row.split_once(" | ")) else {
            kind = kind.filter(|_| line.starts_with("|-"));
            continue;
        };
        match kind {
            None => kind = Some(word),
            Some(kind) if ANSWER.contains(&kind) => words.push(AnswerWord {
                word,
                kind,
                meaning,
            }),
            Some(_) => {}
        }
    }
    words
}

/// All keys, in the order of the page.
pub fn keys() -> Vec<KeyInfo> {
    let mut keys = Vec::new();
    let (mut heading, mut table, mut heads) = ("", String::new(), Vec::new());
    let mut is_code = false;
    for line in PAGE.lines() {
        is_code ^= line.starts_with("```");
        if is_code {
            continue;
        }
        if let Some(text) = line.strip_prefix('#') {
            heading = text.trim_start_matches('#').trim();
        }
        if line.starts_with("|-") {
            continue;
        }
        let Some(row) = line.strip_prefix("| ") else {
            heads.clear();
            continue;
        };
        let cells: Vec<&str> = row
            .trim_end_matches('|')
            .split(" |")
            .map(str::trim)
            .collect();
        if heads.is_empty() {
            let of = cells[0].strip_prefix("key");
            let owner = of.and_then(|of| of.strip_prefix(" of ")).unwrap_or(heading);
            table = owner.replace('`', "");
            heads = if of.is_some() { cells } else { vec![""] };
        } else if heads[0].starts_with("key") {
            keys.extend(keys_of(&table, &heads, &cells));
        }
    }
    keys
}

/// The keys of a row. A row may describe several keys.
fn keys_of(table: &str, heads: &[&'static str], cells: &[&'static str]) -> Vec<KeyInfo> {
    let facts = heads.iter().zip(cells).skip(1);
    let facts: Vec<_> = facts
        .filter(|(_, text)| !text.is_empty())
        .map(|(head, text)| (*head, plain(text)))
        .collect();
    let words = |cell: &'static str| cell.split('`').skip(1).step_by(2);
    let of_type = heads.iter().position(|head| *head == "type");
    let value = of_type.and_then(|index| cells.get(index).copied());
    let parts = value.map_or_else(Vec::new, |cell| words(cell).collect());
    let names = words(cells[0]);
    let info = |key| KeyInfo {
        key,
        table: table.to_owned(),
        facts: facts.clone(),
        parts: parts
            .iter()
            .map(|part: &&str| part.trim_matches('"'))
            .collect(),
    };
    names.map(info).collect()
}

/// Text of a cell without links and emphasis.
fn plain(cell: &str) -> String {
    let mut text = cell.replace("**", "").replace("\\|", "|").replace('`', "");
    while let Some(middle) = text.find("](") {
        let Some(end) = text[middle..].find(')') else {
            break;
        };
        let start = text[..middle].rfind('[').unwrap_or(middle);
        let word = text[start..middle].trim_start_matches('[').to_owned();
        text.replace_range(start..=middle + end, &word);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_their_tables_and_facts() {
        let keys = keys();
        let find = |table: &str, key: &str| {
            let mut found = keys
                .iter()
                .filter(|info| info.table == table && info.key == key);
            found.next().unwrap_or_else(|| panic!("{key} of {table}"))
        };
        let replicas = find("[[fleet]]", "replicas");
        let heads: Vec<&str> = replicas.facts.iter().map(|(head, _)| *head).collect();
        assert_eq!(heads, ["type", "default", "role, meaning"]);
        assert!(replicas.facts[2].1.starts_with("centralized only"));
        for (table, key) in [
            ("otlp", "queue_by"),
            ("otlp", "batch_size_max"),
            ("[experiment]", "horizon"),
            ("a trend", "growth_per_30d"),
            ("season", "daily"),
            ("updates", "surge"),
            ("[[egress]]", "hold"),
            ("[[goal]]", "require"),
        ] {
            find(table, key);
        }
        assert!(find("[[fleet]]", "resources").parts.contains(&"limit"));
        assert!(
            find("[experiment]", "draws")
                .parts
                .contains(&"until settled")
        );
        assert!(keys.len() > 150, "{}", keys.len());
        assert!(keys.iter().all(|info| !info.facts.is_empty()));
        assert_eq!(plain("**a** [b](c.md#d) e"), "a b e");
    }

    #[test]
    fn the_words_of_the_answer_have_meanings() {
        let words = answer_words();
        let all: Vec<&str> = words.iter().map(|word| word.word).collect();
        assert!(
            all.contains(&"SAFE") && all.contains(&"breaks first"),
            "{all:?}"
        );
        let mut meanings = words.iter().map(|word| word.meaning);
        assert!(meanings.all(|meaning| meaning.len() > 20), "{words:?}");
    }
}
