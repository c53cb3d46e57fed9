//! A range of values as people write it: `2..8`, `2GiB..16GiB/512MiB`, `4,8,16`.

use super::SIZES_MAX;
use crate::experiment::size::Free;
use crate::scenario::unit::Dimension;

/// Most values of a range without a stated step.
const VALUES_MAX: f64 = 32.0;

/// Most whole numbers of a range without a stated step that are all tried.
const WHOLES_MAX: f64 = 64.0;

const MIB: f64 = 1_048_576.0;
const GIB: f64 = 1_024.0 * MIB;

/// Reads `path=2..8`, `path=2GiB..16GiB/512MiB` or `path=4,8,16`.
///
/// # Errors
///
/// What is wrong with the text, with its fix.
pub fn read_free(text: &str) -> Result<Free, String> {
    let example = "write path=2..8, path=2GiB..16GiB/1GiB or path=4,8,16";
    let (path, range) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` has no values; {example}"))?;
    let (path, range) = (path.trim(), range.trim());
    let values = match range.split_once("..") {
        Some((low, rest)) => {
            let (high, step) = match rest.split_once('/') {
                Some((high, step)) => (high, Some(step)),
                None => (rest, None),
            };
            steps(low.trim(), high.trim(), step.map(str::trim))
                .map_err(|why| format!("{why} in `{text}`; {example}"))?
        }
        None => range
            .split(',')
            .map(|value| literal(value.trim()))
            .collect(),
    };
    if path.is_empty() || values.iter().any(|value| value == "\"\"") {
        return Err(format!("`{text}` lacks a path or a value; {example}"));
    }
    Ok(Free {
        path: path.to_owned(),
        values,
    })
}

/// The values from `low` to `high`, as in a scenario file.
fn steps(low: &str, high: &str, step: Option<&str>) -> Result<Vec<String>, String> {
    if [low, high] == ["false", "true"] && step.is_none() {
        return Ok(vec![low.to_owned(), high.to_owned()]);
    }
    let ends = [Measure::of(low)?, Measure::of(high)?];
    let quality = Quality::of(&ends).ok_or("the ends have different units")?;
    let [from, to] = ends.map(|end| quality.value(&end));
    if from >= to {
        return Err("the second end is not above the first".to_owned());
    }
    let step = match step.map(Measure::of).transpose()? {
        Some(step) if quality.fits(&step) => quality.value(&step),
        Some(_) => return Err("the step has another unit".to_owned()),
        None => step_between(from, to, quality),
    };
    if step <= 0.0 || (to - from) / step > SIZES_MAX as f64 {
        return Err("the step is too small".to_owned());
    }
    let mut values = vec![from];
    while let Some(last) = values.last().copied()
        && last + step < to * (1.0 - 1e-9)
    {
        values.push(from + values.len() as f64 * step);
    }
    values.push(to);
    let written = |value| quality.written(value);
    Ok(values.into_iter().map(written).collect())
}

/// A step that people would choose.
fn step_between(from: f64, to: f64, quality: Quality<'_>) -> f64 {
    let length = to - from;
    if quality == Quality::Data {
        let mut step = MIB;
        while length / step > VALUES_MAX {
            step *= 2.0;
        }
        return step;
    }
    let is_whole = from.fract() == 0.0 && to.fract() == 0.0;
    if is_whole && length <= WHOLES_MAX {
        return 1.0;
    }
    let mut power = 10.0_f64.powf((length / VALUES_MAX).log10().floor());
    loop {
        for factor in [1.0, 2.0, 5.0] {
            if length / (power * factor) <= VALUES_MAX {
                return power * factor;
            }
        }
        power *= 10.0;
    }
}

/// A number as written, with its unit.
struct Measure<'a> {
    text: &'a str,
    value: f64,
    unit: &'a str,
}

impl<'a> Measure<'a> {
    fn of(text: &'a str) -> Result<Self, String> {
        let is_digit = |letter: char| letter.is_ascii_digit() || letter == '.';
        let end = text.find(|letter| !is_digit(letter)).unwrap_or(text.len());
        let value = text[..end].parse();
        let value = value.map_err(|_| format!("`{text}` is not a number"))?;
        let unit = text[end..].trim();
        Ok(Self { text, value, unit })
    }

    fn bytes(&self) -> Option<f64> {
        Dimension::Bytes.parse(self.text).ok()
    }
}

/// What the ends of a range measure.
#[derive(Clone, Copy, PartialEq)]
enum Quality<'a> {
    /// Bytes, in any units.
    Data,
    /// Cores, as `2` or `500m`.
    Cores,
    /// Something in one unit, which may be empty.
    Other(&'a str),
}

impl<'a> Quality<'a> {
    fn of([low, high]: &[Measure<'a>; 2]) -> Option<Self> {
        if low.bytes().is_some() && high.bytes().is_some() {
            Some(Self::Data)
        } else if low.unit == high.unit {
            Some(Self::Other(low.unit))
        } else {
            matches!([low.unit, high.unit], ["m", ""]).then_some(Self::Cores)
        }
    }

    fn fits(self, step: &Measure<'_>) -> bool {
        match self {
            Self::Data => step.bytes().is_some(),
            Self::Cores => matches!(step.unit, "m" | ""),
            Self::Other(unit) => unit == step.unit,
        }
    }

    fn value(self, measure: &Measure<'_>) -> f64 {
        match self {
            Self::Data => measure.bytes().unwrap_or(measure.value),
            Self::Cores if measure.unit == "m" => measure.value / 1_000.0,
            Self::Cores | Self::Other(_) => measure.value,
        }
    }

    /// A value as in a scenario file.
    fn written(self, value: f64) -> String {
        const UNITS: [(&str, f64); 6] = [
            ("GiB", GIB),
            ("GB", 1e9),
            ("MiB", MIB),
            ("MB", 1e6),
            ("KiB", 1_024.0),
            ("B", 1.0),
        ];
        let rounded = (value * 1e9).round() / 1e9;
        match self {
            Self::Data => {
                let whole = |(_, size): &&(&str, f64)| (rounded / size).fract() == 0.0;
                let (unit, size) = UNITS.iter().find(whole).unwrap_or(&UNITS[5]);
                literal(&format!("{}{unit}", rounded / size))
            }
            Self::Cores => literal(&rounded.to_string()),
            Self::Other(unit) => literal(&format!("{rounded}{unit}")),
        }
    }
}

/// A value as in a scenario file: bare numbers and truth values, everything else quoted.
pub(super) fn literal(value: &str) -> String {
    let is_bare = matches!(value, "true" | "false") || value.parse::<f64>().is_ok();
    let is_written = value.starts_with(['"', '{', '[', '\'']);
    if is_bare || is_written {
        value.to_owned()
    } else {
        format!("\"{value}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::read_free;

    fn values(text: &str) -> String {
        let free = read_free(text).unwrap();
        assert_eq!(free.path, "a.b");
        free.values.join(" ")
    }

    #[test]
    fn ranges_are_written_as_people_do() {
        assert_eq!(values("a.b=2..5"), "2 3 4 5");
        assert_eq!(values("a.b=2..9/3"), "2 5 8 9");
        assert_eq!(values("a.b = 4, 8"), "4 8");
        assert_eq!(values("a.b=0.5..1/0.25"), "0.5 0.75 1");
        assert_eq!(
            values("a.b=512MiB..1GiB/256MiB"),
            "\"512MiB\" \"768MiB\" \"1GiB\""
        );
        assert_eq!(values("a.b=false..true"), "false true");
        assert_eq!(values("a.b=10s..30s/10s"), "\"10s\" \"20s\" \"30s\"");
        let limits = read_free("a.b=2GiB..16GiB").unwrap().values;
        assert_eq!((limits.len(), limits[1].as_str()), (29, "\"2560MiB\""));
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for text in [
            "a.b",
            "a.b=",
            "=1",
            "a.b=5..2",
            "a.b=1..2GiB",
            "a.b=x..y",
            "a.b=1..9/0",
        ] {
            let error = read_free(text).unwrap_err();
            assert!(error.contains("write path=2..8"), "{error}");
        }
    }
}
