//! Measured series per target, from a CSV file.

/// Greatest number of targets in a file.
const TARGETS_MAX: usize = 100_000;

/// The column `series` of a CSV file, or else the first column of numbers.
pub(super) fn series(bytes: &[u8], path: &str) -> Result<Vec<f64>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let mut rows = reader.records();
    let first = match rows.next() {
        None => return Err(format!("{path} is empty")),
        Some(row) => row.map_err(|error| format!("{path} is not CSV: {error}"))?,
    };
    let named = first
        .iter()
        .position(|cell| cell.eq_ignore_ascii_case("series"));
    let has_header = first.iter().all(|cell| cell.parse::<f64>().is_err());
    let mut column = named;
    let mut values = Vec::new();
    let first_row = (!has_header).then_some(Ok(first));
    for (index, row) in first_row.into_iter().chain(rows).enumerate() {
        let row = row.map_err(|error| format!("{path} is not CSV: {error}"))?;
        let numeric = || row.iter().position(|cell| cell.parse::<f64>().is_ok());
        column = column.or_else(numeric);
        let cell = column
            .and_then(|column| row.get(column))
            .unwrap_or_default();
        let line = index + 1 + usize::from(has_header);
        match cell.parse() {
            Ok(value) => values.push(value),
            Err(_) => return Err(format!("{path} has no number of series in row {line}")),
        }
        if values.len() > TARGETS_MAX {
            return Err(format!("{path} has more than {TARGETS_MAX} targets"));
        }
    }
    checked(values, path)
}

/// `values`, if they can be series of targets.
pub(super) fn checked(values: Vec<f64>, path: &str) -> Result<Vec<f64>, String> {
    if values.len() > TARGETS_MAX {
        return Err(format!("{path} has more than {TARGETS_MAX} targets"));
    }
    if values.is_empty() {
        return Err(format!("{path} has no targets"));
    }
    match values.iter().find(|value| !(0.0..=1e9).contains(*value)) {
        Some(value) => Err(format!("{path} has a target with {value} series")),
        None if values.iter().all(|value| *value <= 0.0) => {
            Err(format!("{path} has no target with any series"))
        }
        None => Ok(values),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found() {
        let read = |text: &str| series(text.as_bytes(), "x.csv");
        assert_eq!(read("target,series\na,12\nb,30\n"), Ok(vec![12.0, 30.0]));
        assert_eq!(read("job,other\nx,7\ny,8\n"), Ok(vec![7.0, 8.0]));
        assert_eq!(read("5\n6\n"), Ok(vec![5.0, 6.0]));
        assert!(read("").is_err() && read("target,series\n").is_err());
        assert!(read("target,series\na,many\n").is_err() && read("series\n-1\n").is_err());
        assert!(series(&[0xff, 0xfe, b'\n'], "x.csv").is_err());
    }
}
