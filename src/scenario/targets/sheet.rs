//! Targets as rows of a CSV file: the header names the labels.

use csv::{ReaderBuilder, StringRecord};

use super::super::problem::{Problem, Problems, Span};
use super::ADDRESS;
use crate::model::cluster::ring::Target;

/// The column that is no label, in any case of letters.
const SERIES: &str = "series";

/// The content of a column.
enum Column {
    /// Values of a label that counts.
    Label(String),
    /// Series.
    Series,
    /// A label that does not count.
    Ignored,
}

/// The targets of the rows of `text`.
pub(super) fn read(text: &str, problems: &mut Problems) -> Vec<Target> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut columns: Option<Vec<Column>> = None;
    let mut targets = Vec::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                problems.push(Problem::error(
                    format!("the file is not CSV: {error}"),
                    None,
                ));
                break;
            }
        }
        let row = Row {
            text,
            record: &record,
        };
        match &columns {
            None => columns = Some(header(&row, problems)),
            Some(columns) => targets.extend(row.target(columns, problems)),
        }
        if problems.is_full() || super::is_too_many(targets.len(), problems) {
            break;
        }
    }
    targets
}

/// The columns that the first row names.
fn header(row: &Row<'_>, problems: &mut Problems) -> Vec<Column> {
    let names: Vec<&str> = row.record.iter().map(str::trim).collect();
    for (column, name) in names.iter().enumerate() {
        let place = row.cell(column);
        if name.is_empty() {
            let message = format!("column {} has no name", column + 1);
            let help = "the first row names the labels";
            problems.push(Problem::error(message, place).help(help));
        } else if name.starts_with(|letter: char| letter.is_ascii_digit()) {
            let problem = Problem::error(format!("`{name}` is no name of a label"), place);
            problems.push(problem.help("the first row names the labels: __address__,job"));
        } else if names[..column].iter().any(|other| is_same(other, name)) {
            let problem = Problem::error(format!("the column `{name}` stands twice"), place);
            problems.push(problem.help("a target has every label once"));
        }
    }
    if let [name] = names[..]
        && name.contains([';', '\t'])
    {
        let problem = Problem::error("the header has one column", row.cell(0));
        problems.push(problem.help("separate cells with commas"));
    } else if !names.contains(&ADDRESS) {
        let problem = Problem::warning(format!("no column `{ADDRESS}`"), row.cell(0));
        problems.push(problem.saying("the header").help(
            "prometheus.scrape needs it; owners are right only with all labels that it receives",
        ));
    }
    let column = |name: &&str| match *name {
        name if is_series(name) => Column::Series,
        name if super::counts(name) => Column::Label(name.to_owned()),
        _ => Column::Ignored,
    };
    names.iter().map(column).collect()
}

/// Whether a column holds the series of the targets.
fn is_series(name: &str) -> bool {
    name.eq_ignore_ascii_case(SERIES)
}

/// Whether two columns are the same. Labels differ by case.
fn is_same(name: &str, other: &str) -> bool {
    name == other || is_series(name) && is_series(other)
}

/// A row with the file it is in.
struct Row<'a> {
    text: &'a str,
    record: &'a StringRecord,
}

impl Row<'_> {
    /// The target of this row. Its mistakes go to `problems`.
    fn target(&self, columns: &[Column], problems: &mut Problems) -> Option<Target> {
        if self.record.len() != columns.len() {
            let (found, wanted) = (self.record.len(), columns.len());
            let message = format!("the row has {found} cells, the header {wanted}");
            let last = self.cell(found.min(wanted + 1) - 1);
            let help = "a value with a comma stands in quotes: \"a,b\"";
            problems.push(Problem::error(message, last).help(help));
            return None;
        }
        let mut labels = Vec::new();
        let mut series = None;
        for (at, (column, value)) in columns.iter().zip(self.record).enumerate() {
            match column {
                Column::Series => {
                    let span = self.cell(at).unwrap_or(Span { start: 0, end: 0 });
                    series = Some(super::series(value.trim(), span, problems)?);
                }
                Column::Label(name) if !value.is_empty() => {
                    if value.trim() != value || value.contains('\n') {
                        self.warn_of_space(at, problems);
                    }
                    labels.push((name.clone(), value.to_owned()));
                }
                Column::Label(_) | Column::Ignored => {}
            }
        }
        if labels.is_empty() {
            let problem = Problem::error("the target has no label that counts", self.cell(0));
            problems.push(problem.help("labels that begin with __meta_ do not count"));
            return None;
        }
        Some(super::target(labels, series))
    }

    fn warn_of_space(&self, column: usize, problems: &mut Problems) {
        let message = "the value has space around it, or a line break, which counts";
        let problem = Problem::warning(message, self.cell(column));
        problems.push(problem.help("another space is another owner; is a quote not closed?"));
    }

    /// The place of a cell in the file, its quotes included.
    fn cell(&self, column: usize) -> Option<Span> {
        let start = usize::try_from(self.record.position()?.byte()).ok()?;
        let row = self.text.get(start..)?;
        let inside = row.trim_start_matches(['\u{feff}', '\r', '\n']);
        let offset = start + row.len() - inside.len();
        let mut begin = 0;
        let mut quoted = false;
        let mut passed = 0;
        for (at, letter) in inside.char_indices() {
            match letter {
                '"' => quoted = !quoted,
                ',' | '\r' | '\n' if !quoted => {
                    if passed == column || letter != ',' {
                        return Some(Span::from(offset + begin..offset + at));
                    }
                    passed += 1;
                    begin = at + 1;
                }
                _ => {}
            }
        }
        Some(Span::from(offset + begin..offset + inside.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, row: usize, column: usize) -> String {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let record = reader.records().nth(row).unwrap().unwrap();
        let record = &record;
        let span = Row { text, record }.cell(column).unwrap();
        text[span.start..span.end].to_owned()
    }

    #[test]
    fn cells_are_found_in_the_text() {
        let text = "\u{feff}a,b,c\r\n\r\n\"1,\"\"x\"\"\n2\",ö,\n3,4,5";
        assert_eq!(place(text, 0, 0), "a");
        assert_eq!(place(text, 0, 2), "c");
        assert_eq!(place(text, 1, 0), "\"1,\"\"x\"\"\n2\"");
        assert_eq!(place(text, 1, 1), "ö");
        assert_eq!(place(text, 1, 2), "");
        assert_eq!(place(text, 2, 2), "5");
        assert_eq!(place(text, 2, 7), "5");
    }
}
