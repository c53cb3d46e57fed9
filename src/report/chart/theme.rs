//! The look of charts: sizes, colours, type. No other file states looks.

use plotters::style::{RGBAColor, RGBColor};

use crate::model::record::catalogue::Failure;

/// Width of every chart in pixels.
pub(super) const WIDTH: i32 = 960;
/// Height of a chart whose content needs no other.
pub(super) const HEIGHT: i32 = 540;
/// Free space at all edges.
pub(super) const MARGIN: i32 = 24;

/// Height of letters of the title.
pub(super) const TITLE: f64 = 21.0;
/// Height of letters of the subtitle and of panel names.
pub(super) const SUBTITLE: f64 = 14.0;
/// Height of letters of labels and ticks.
pub(super) const LABEL: f64 = 12.5;
/// Height of letters of the footer.
pub(super) const FOOTER: f64 = 11.0;

/// Text.
pub(super) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// Secondary text.
pub(super) const GREY: RGBColor = RGBColor(0x66, 0x66, 0x66);
/// Grid lines.
pub(super) const GRID: RGBColor = RGBColor(0xE4, 0xE4, 0xE4);
/// The background.
pub(super) const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
/// Limits, and values that exceed them.
pub(super) const LIMIT: RGBColor = RGBColor(0xD5, 0x5E, 0x00);

/// Colours of data that colour-blind readers can tell apart. Vermillion is reserved for limits.
///
/// Source: Okabe and Ito, "Color Universal Design", 2008 (read 2026-11).
const DATA: [RGBColor; 6] = [
    RGBColor(0x00, 0x72, 0xB2),
    RGBColor(0x00, 0x9E, 0x73),
    RGBColor(0xCC, 0x79, 0xA7),
    RGBColor(0xE6, 0x9F, 0x00),
    RGBColor(0x56, 0xB4, 0xE9),
    RGBColor(0x22, 0x22, 0x22),
];

/// The colour of the n-th item of a chart.
pub(super) const fn data(index: usize) -> RGBColor {
    DATA[index % DATA.len()]
}

/// The colour of a failure, the same in every chart and on the page. Failures of one resource have
/// near colours.
///
/// Source: Tol, "Colour Schemes", 2021, the scheme *muted* and greys (read 2026-11).
pub(super) const fn failure(failure: Failure) -> RGBColor {
    match failure {
        Failure::Oom => RGBColor(0xCC, 0x66, 0x77),
        Failure::OomNode => RGBColor(0x88, 0x22, 0x55),
        Failure::NodeOom => RGBColor(0xAA, 0x44, 0x99),
        Failure::RestartUnsafe => RGBColor(0xB0, 0x8A, 0x3E),
        Failure::CpuShort => RGBColor(0x11, 0x77, 0x33),
        Failure::NodeOverloaded => RGBColor(0x99, 0x99, 0x33),
        Failure::NeighbourSlowed => RGBColor(0x44, 0xAA, 0x99),
        Failure::DataLost => RGBColor(0x33, 0x22, 0x88),
        Failure::LogsLost => RGBColor(0x3D, 0x8F, 0xC0),
        Failure::SpansLost => RGBColor(0x66, 0x66, 0xCC),
        Failure::ProfilesLost => RGBColor(0x7A, 0x5C, 0x3A),
        Failure::PortsExhausted => RGBColor(0x00, 0x72, 0xB2),
        Failure::Pending => RGBColor(0x77, 0x77, 0x77),
    }
}

/// The colour of a failure as CSS writes it.
pub(in crate::report) fn colour_of(of: Failure) -> String {
    let RGBColor(red, green, blue) = failure(of);
    format!("#{red:02X}{green:02X}{blue:02X}")
}

/// Dark colours for the light ones, by the attributes of the SVG. So a viewer without CSS shows a
/// light chart, and a test compares the colours with those above.
pub(in crate::report) const STYLE: &str = "\
.hit{fill:transparent}.hit:hover,.hit.on{fill:#8884}\
@media screen and (prefers-color-scheme:dark){\
svg [fill=\"#FFFFFF\"]{fill:#16181C}\
svg [fill=\"#222222\"]{fill:#E6E6E6}svg [stroke=\"#222222\"]{stroke:#E6E6E6}\
svg [fill=\"#666666\"]{fill:#A6A6A6}svg [stroke=\"#666666\"]{stroke:#A6A6A6}\
svg [stroke=\"#E4E4E4\"]{stroke:#33373D}\
svg [fill=\"#D55E00\"]{fill:#FF8A3D}svg [stroke=\"#D55E00\"]{stroke:#FF8A3D}\
svg [fill=\"#0072B2\"]{fill:#5AB1E8}svg [stroke=\"#0072B2\"]{stroke:#5AB1E8}\
svg [fill=\"#332288\"]{fill:#A79BFF}svg [stroke=\"#332288\"]{stroke:#A79BFF}\
svg [fill=\"#882255\"]{fill:#D96BA5}svg [stroke=\"#882255\"]{stroke:#D96BA5}\
svg [fill=\"#117733\"]{fill:#4FC27A}svg [stroke=\"#117733\"]{stroke:#4FC27A}\
svg [fill=\"#7A5C3A\"]{fill:#C9A06E}svg [stroke=\"#7A5C3A\"]{stroke:#C9A06E}\
}";

/// A transparent colour.
pub(super) const fn faint(colour: RGBColor) -> RGBAColor {
    RGBAColor(colour.0, colour.1, colour.2, 0.18)
}

/// Upper bound of the width of a line of text in pixels, for common fonts. Nothing is measured,
/// since the viewer chooses the font.
pub(super) fn text_width(text: &str, size: f64) -> i32 {
    pixel(text.chars().count() as f64 * size * 0.58)
}

/// Text in lines no wider than `width`, broken at spaces. Lines are as few and as even as possible.
pub(super) fn wrapped(text: &str, size: f64, width: i32) -> Vec<String> {
    let lines = broken(text, size, width);
    let narrower = (1..width)
        .rev()
        .step_by(8)
        .map(|width| broken(text, size, width));
    let fits = |broken: &Vec<String>| broken.len() == lines.len();
    narrower.take_while(fits).last().unwrap_or(lines)
}

/// Text in lines that are filled one after the other.
fn broken(text: &str, size: f64, width: i32) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if text_width(&format!("{line} {word}"), size) <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// The text, cut with an ellipsis if it is wider than `width`.
pub(super) fn cut(text: &str, size: f64, width: i32) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let mut short: String = text.to_owned();
    while text_width(&short, size) > width - 8 && short.pop().is_some() {}
    short.trim_end().to_owned() + "…"
}

/// The nearest pixel.
#[expect(clippy::cast_possible_truncation, reason = "casts of floats saturate")]
pub(super) fn pixel(value: f64) -> i32 {
    value.round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_titles_break_at_spaces() {
        let lines = wrapped("one two three", 10.0, text_width("one two", 10.0));
        assert_eq!(lines, ["one two", "three"]);
        let lines = wrapped(
            "one two three four",
            10.0,
            text_width("one two three", 10.0),
        );
        assert_eq!(lines, ["one two", "three four"]);
        assert_eq!(cut("abcdefgh", 10.0, 100), "abcdefgh");
        assert!(cut("abcdefgh", 10.0, 40).ends_with('…'));
    }
}
