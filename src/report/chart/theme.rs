//! The look of charts: sizes, colours, type. No other file states looks.

use plotters::style::{RGBAColor, RGBColor};

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
