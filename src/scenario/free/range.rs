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
            let ends = [low.trim(), high.trim()];
            steps(path, ends, step.map(str::trim))
                .map_err(|why| format!("{why} in `{text}`; {example}"))?
        }
        None => range
            .split(',')
            .map(|value| literal(&readable(value.trim())))
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

/// The values of `path` from one end to the other, as in a scenario file. Those between the ends are
/// rounded to what people write.
fn steps(path: &str, ends: [&str; 2], step: Option<&str>) -> Result<Vec<String>, String> {
    if ends == ["false", "true"] && step.is_none() {
        return Ok(ends.map(str::to_owned).to_vec());
    }
    let ends = [Measure::of(ends[0])?, Measure::of(ends[1])?];
    let quality = Quality::of(path, &ends).ok_or("the ends have different units")?;
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
    let written = |value| quality.written(quality.rounded(value, step));
    let mut written: Vec<String> = values.into_iter().map(written).collect();
    written.dedup();
    Ok(written)
}

/// A value of a list. Bytes that are not whole are rounded, as `2.2GiB` to `2253MiB`.
fn readable(value: &str) -> String {
    match Dimension::Bytes.parse(value) {
        Ok(bytes) if bytes.fract() != 0.0 => {
            let written = Quality::Data.written(Quality::Data.rounded(bytes, bytes));
            written.trim_matches('"').to_owned()
        }
        _ => value.to_owned(),
    }
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
    /// Cores, as `2` or `500m`; whether any end is in thousandths.
    Cores(bool),
    /// Something in one unit, which may be empty.
    Other(&'a str),
}

impl<'a> Quality<'a> {
    fn of(path: &str, [low, high]: &[Measure<'a>; 2]) -> Option<Self> {
        let units = [low.unit, high.unit];
        let are_cores = units.iter().all(|unit| matches!(*unit, "m" | ""));
        if low.bytes().is_some() && high.bytes().is_some() {
            Some(Self::Data)
        } else if are_cores && (path.contains(".cpu.") || units == ["m", ""]) {
            Some(Self::Cores(units.contains(&"m")))
        } else {
            (low.unit == high.unit).then_some(Self::Other(low.unit))
        }
    }

    fn fits(self, step: &Measure<'_>) -> bool {
        match self {
            Self::Data => step.bytes().is_some(),
            Self::Cores(_) => matches!(step.unit, "m" | ""),
            Self::Other(unit) => unit == step.unit,
        }
    }

    fn value(self, measure: &Measure<'_>) -> f64 {
        match self {
            Self::Data => measure.bytes().unwrap_or(measure.value),
            Self::Cores(_) if measure.unit == "m" => measure.value / 1_000.0,
            Self::Cores(_) | Self::Other(_) => measure.value,
        }
    }

    /// A value as people would choose it: whole MiB, or whole KiB where values are that near, and
    /// whole thousandths of a core. Whole MB stay, too.
    fn rounded(self, value: f64, step: f64) -> f64 {
        let is_whole = |unit: f64| (value / unit).fract() == 0.0;
        match self {
            Self::Data if is_whole(1e6) || is_whole(MIB) => value,
            Self::Data => {
                let units = [MIB, 1_024.0].into_iter();
                let fits = |unit: &f64| *unit <= step && *unit <= value;
                let unit = units.into_iter().find(fits).unwrap_or(1.0);
                (value / unit).round() * unit
            }
            Self::Cores(_) => (value * 1_000.0).round() / 1_000.0,
            Self::Other(_) => value,
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
            Self::Cores(true) if rounded.fract() != 0.0 => {
                literal(&format!("{}m", (rounded * 1_000.0).round()))
            }
            Self::Cores(_) => literal(&rounded.to_string()),
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
    use super::{Dimension, read_free};

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

    /// Nobody writes a limit of 2362232012.8 bytes, and a third of a core is 333m.
    #[test]
    fn values_between_the_ends_are_whole() {
        let sizes = values("a.b=2.2GiB..3GiB/0.3GiB");
        assert_eq!(sizes, "\"2253MiB\" \"2560MiB\" \"2867MiB\" \"3GiB\"");
        assert_eq!(
            values("a.b=500MB..600MB/50MB"),
            "\"500MB\" \"550MB\" \"600MB\""
        );
        assert_eq!(
            values("a.b=64KiB..65KiB/0.3KiB"),
            "\"64KiB\" \"65843B\" \"66150B\" \"66458B\" \"65KiB\""
        );
        assert_eq!(values("a.b=2.2GiB,2.5GiB"), "\"2253MiB\" \"2.5GiB\"");
        for range in [
            "1.3GiB..7.7GiB",
            "777MB..3.3GB",
            "0.1GiB..1.1GiB",
            "1.1MiB..9.9MiB",
        ] {
            for value in read_free(&format!("a.b={range}")).unwrap().values {
                let text = value.trim_matches('"');
                let bytes = Dimension::Bytes.parse(text).unwrap();
                assert!(bytes.fract() == 0.0 && text.len() <= 8, "{range}: {text}");
            }
        }
        let cores = |text: &str| read_free(text).unwrap().values.join(" ");
        assert_eq!(cores("a.cpu.limit=0.1..0.4/0.1333"), "0.1 0.233 0.367 0.4");
        assert_eq!(cores("a.cpu.limit=100m..1/0.45"), "\"100m\" \"550m\" 1");
        assert_eq!(
            cores("a.cpu.limit=100m..200m/33.3m"),
            "\"100m\" \"133m\" \"167m\" \"200m\""
        );
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
