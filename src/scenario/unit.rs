//! Numbers with units, as people write them: `60s`, `16GiB`, `1.5MiB/s`, `5%`, `250m`.

/// What a value measures. The dimension decides which units the value may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    /// A bare number.
    Number,
    /// Bytes.
    Bytes,
    /// Bytes per second.
    ByteRate,
    /// Seconds.
    Time,
    /// A share; 1 is 100 %.
    Share,
    /// CPU cores.
    Cores,
}

/// Units of data. KB is 1000 and KiB is 1024 bytes. Kubernetes leaves the B away and writes k.
const BYTES: [(&str, f64); 18] = [
    ("B", 1.0),
    ("KB", 1e3),
    ("kB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("TB", 1e12),
    ("KiB", 1_024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("Ki", 1_024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
];

/// Units of time as a factor and a divisor, so that milliseconds are exact.
const TIMES: [(&str, f64, f64); 9] = [
    ("ns", 1.0, 1e9),
    ("us", 1.0, 1e6),
    ("µs", 1.0, 1e6),
    ("ms", 1.0, 1e3),
    ("s", 1.0, 1.0),
    ("m", 60.0, 1.0),
    ("h", 3_600.0, 1.0),
    ("d", 86_400.0, 1.0),
    ("w", 604_800.0, 1.0),
];

impl Dimension {
    /// The base unit, as the tables of the report name it.
    pub(super) const fn unit(self) -> &'static str {
        match self {
            Self::Number => "count",
            Self::Bytes => "bytes",
            Self::ByteRate => "bytes_per_second",
            Self::Time => "seconds",
            Self::Share => "ratio",
            Self::Cores => "cores",
        }
    }

    /// How a value is written, with examples.
    pub(super) const fn example(self) -> &'static str {
        match self {
            Self::Number => "a number, such as 1200 or 0.5",
            Self::Bytes => "an amount of data, such as \"16GiB\", \"512MiB\" or \"10KB\"",
            Self::ByteRate => "a data rate, such as \"10KiB/s\" or \"1.5MiB/s\"",
            Self::Time => "a time, such as \"120ms\", \"60s\", \"2h\" or \"40d\"",
            Self::Share => "a share in percent, such as \"5%\"",
            Self::Cores => "CPU cores, such as 0.5 or \"500m\"",
        }
    }

    /// The bare number `value`, if this dimension is written without a unit.
    pub(super) const fn of_number(self, value: f64) -> Option<f64> {
        match self {
            Self::Number | Self::Cores => Some(value),
            _ => None,
        }
    }

    /// The value of `text` in base units, or the mistake in it.
    pub(super) fn parse(self, text: &str) -> Result<f64, String> {
        let text = text.trim();
        match self {
            Self::Number => number(text),
            Self::Share => {
                let number_of = |text: &str| number(text.trim_end()).map(|value| value / 100.0);
                text.strip_suffix('%')
                    .map_or_else(|| self.refuse(text), number_of)
            }
            Self::Cores => {
                if let Some(milli) = text.strip_suffix('m') {
                    return Ok(number(milli)? / 1_000.0);
                }
                if let Some(milli) = text.strip_suffix('M') {
                    let help = format!("write `{milli}m` for thousandths of a core");
                    return Err(format!("`M` is a unit of data; {help}"));
                }
                let whole = text.strip_suffix("cores").or(text.strip_suffix("core"));
                number(whole.map_or(text, str::trim_end))
            }
            Self::Bytes => self.bytes(text),
            Self::ByteRate => match text.strip_suffix("/s") {
                Some(rest) => self.bytes(rest.trim_end()),
                None => self.refuse(text),
            },
            Self::Time => self.time(text),
        }
    }

    fn refuse(self, text: &str) -> Result<f64, String> {
        let short: String = text.chars().take(40).collect();
        Err(format!("`{short}` is not {}", self.example()))
    }

    fn bytes(self, text: &str) -> Result<f64, String> {
        let (digits, unit) = split(text);
        if let Some((_, factor)) = BYTES.iter().find(|(name, _)| *name == unit) {
            return Ok(number(digits)? * factor);
        }
        if unit == "m" {
            return Err(format!(
                "`{text}` are thousandths of a byte for Kubernetes; write `{digits}Mi` or `{digits}M`"
            ));
        }
        match BYTES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))
        {
            Some((name, _)) => Err(format!(
                "`{unit}` is not a unit of data; write `{digits}{name}`"
            )),
            None => self.refuse(text),
        }
    }

    /// A sum of parts with units: `90m`, `1h30m`.
    fn time(self, text: &str) -> Result<f64, String> {
        let (mut rest, mut sum, mut parts) = (text, 0.0, 0);
        while !rest.is_empty() {
            let (digits, tail) = split(rest);
            let length = tail
                .find(|letter: char| letter.is_ascii_digit())
                .unwrap_or(tail.len());
            let unit = tail[..length].trim_end();
            let Some((_, factor, divisor)) = TIMES.iter().find(|(name, ..)| *name == unit) else {
                return self.refuse(text);
            };
            sum += number(digits)? * factor / divisor;
            rest = &tail[length..];
            parts += 1;
        }
        if parts == 0 {
            self.refuse(text)
        } else {
            Ok(sum)
        }
    }

    /// `value` in base units, exactly as a scenario file would state it.
    pub(super) fn write(self, value: f64) -> String {
        match self {
            Self::Number | Self::Cores => value.to_string(),
            Self::Share => self.exact(value, value * 100.0, "%"),
            Self::Bytes => self.shortest(value, &["GiB", "MiB", "GB", "MB", "KB"], "B"),
            Self::ByteRate => format!("{}/s", Self::Bytes.write(value)),
            Self::Time => self.shortest(value, &["d", "h", "m", "s", "ms", "us"], "s"),
        }
    }

    /// Whether `text` reads as `value`, to the bit.
    fn reads_as(self, text: &str, value: f64) -> bool {
        let read = self.parse(text);
        read.is_ok_and(|read| read.to_bits() == value.to_bits())
    }

    /// `scaled` with `unit` if that reads back as `value`; otherwise with more digits until it
    /// does.
    fn exact(self, value: f64, scaled: f64, unit: &str) -> String {
        let rounded = (scaled * 1e9).round() / 1e9;
        for candidate in [rounded, scaled, scaled.next_up(), scaled.next_down()] {
            let text = format!("{candidate}{unit}");
            if self.reads_as(&text, value) {
                return text;
            }
        }
        format!("{scaled}{unit}")
    }

    /// The first unit in which `value` has few digits and reads back exactly, or else `base`.
    fn shortest(self, value: f64, units: &[&str], base: &str) -> String {
        for unit in units {
            let factor = self.parse(&format!("1{unit}"));
            let scaled = value / factor.expect("the unit is known");
            let scaled = (scaled * 1e3).round() / 1e3;
            let text = format!("{scaled}{unit}");
            if scaled >= 1.0 && text.len() <= 10 && self.reads_as(&text, value) {
                return text;
            }
        }
        format!("{value}{base}")
    }
}

/// The leading number of `text`, and the text after it without leading space.
fn split(text: &str) -> (&str, &str) {
    let is_number = |letter: char| letter.is_ascii_digit() || ".+-_".contains(letter);
    let end = text.find(|letter| !is_number(letter)).unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

/// A finite number. `_` separates digits.
fn number(text: &str) -> Result<f64, String> {
    let short: String = text.chars().take(40).collect();
    let refuse = || format!("`{short}` is not a number");
    let (digits, _) = split(text);
    if digits.len() != text.len() || text.is_empty() {
        return Err(refuse());
    }
    let value: f64 = text.replace('_', "").parse().map_err(|_| refuse())?;
    if value.is_finite() {
        Ok(value)
    } else {
        Err(refuse())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "the values are exact by construction")]
    fn units_mean_what_they_say() {
        let check = |dimension: Dimension, text: &str, value: f64| {
            assert_eq!(dimension.parse(text).unwrap(), value, "{text}");
        };
        check(Dimension::Time, "60s", 60.0);
        check(Dimension::Time, "1h30m", 5_400.0);
        check(Dimension::Time, "120ms", 0.12);
        check(Dimension::Time, "24us", 0.000_024);
        check(Dimension::Time, "1_0 d", 864_000.0);
        check(Dimension::Bytes, "16GiB", 17_179_869_184.0);
        check(Dimension::Bytes, "10KB", 10_000.0);
        check(Dimension::Bytes, "10KiB", 10_240.0);
        check(Dimension::Bytes, "512Mi", 536_870_912.0);
        check(Dimension::Bytes, "1.5Gi", 1_610_612_736.0);
        check(Dimension::Bytes, "500M", 5e8);
        check(Dimension::ByteRate, "10Ki/s", 10_240.0);
        check(Dimension::ByteRate, "1.5MiB/s", 1_572_864.0);
        check(Dimension::Share, "5%", 0.05);
        check(Dimension::Share, "-2 %", -0.02);
        check(Dimension::Cores, "250m", 0.25);
        check(Dimension::Cores, "0.4 cores", 0.4);
        check(Dimension::Number, "1_200", 1_200.0);
    }

    #[test]
    fn what_has_no_unit_is_refused() {
        for (dimension, text) in [
            (Dimension::Time, ""),
            (Dimension::Time, "60"),
            (Dimension::Time, "60 parsecs"),
            (Dimension::Time, "s"),
            (Dimension::Bytes, "128m"),
            (Dimension::Bytes, "16"),
            (Dimension::Bytes, "16gb"),
            (Dimension::ByteRate, "16MiB"),
            (Dimension::Share, "0.05"),
            (Dimension::Share, "%"),
            (Dimension::Cores, "many"),
            (Dimension::Number, "1e400"),
            (Dimension::Bytes, "--1B"),
        ] {
            assert!(dimension.parse(text).is_err(), "{text}");
        }
        for (text, better) in [
            ("16gib", "`16GiB`"),
            ("8gb", "`8GB`"),
            ("128m", "`128Mi` or `128M`"),
        ] {
            let message = Dimension::Bytes.parse(text).unwrap_err();
            assert!(message.contains(better), "{message}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for dimension in [
            Dimension::Time,
            Dimension::Bytes,
            Dimension::Share,
            Dimension::ByteRate,
        ] {
            for value in [
                0.0,
                0.000_024,
                0.05,
                1.0,
                60.0,
                86_400.0,
                10_240.0,
                1.0 / 3.0,
                6_000.0,
            ] {
                let text = dimension.write(value);
                let back = dimension.parse(&text).unwrap();
                assert!(
                    (back - value).abs() <= 1e-15 * value.abs(),
                    "{value} as {text}"
                );
            }
        }
        assert_eq!(Dimension::Time.write(86_400.0 * 60.0), "60d");
        assert_eq!(Dimension::Time.write(0.000_024), "24us");
        assert_eq!(Dimension::Bytes.write(6_000.0), "6KB");
    }
}
