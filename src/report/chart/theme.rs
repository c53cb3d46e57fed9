//! How charts look: sizes, colours, type. Nothing about looks is written anywhere else.

use plotters::style::{RGBAColor, RGBColor};

/// Width of every chart in pixels.
pub(super) const WIDTH: i32 = 960;
/// Height of a chart whose content does not ask for another.
pub(super) const HEIGHT: i32 = 540;
/// Free space around everything.
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
/// Text of lesser weight.
pub(super) const GREY: RGBColor = RGBColor(0x66, 0x66, 0x66);
/// Grid lines.
pub(super) const GRID: RGBColor = RGBColor(0xE4, 0xE4, 0xE4);
/// The paper.
pub(super) const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
/// Limits, and what passes them.
pub(super) const LIMIT: RGBColor = RGBColor(0xD5, 0x5E, 0x00);

/// Colours of data, told apart by colour-blind readers; vermillion is kept for limits.
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

/// The colour of the n-th thing in a chart.
pub(super) const fn data(index: usize) -> RGBColor {
    DATA[index % DATA.len()]
}

/// A colour that lets what is behind it through.
pub(super) const fn faint(colour: RGBColor) -> RGBAColor {
    RGBAColor(colour.0, colour.1, colour.2, 0.18)
}

/// Pixels that a line of text is wide at most, on the safe side for common fonts: fonts are chosen
/// by the viewer, so nothing is measured here.
pub(super) fn text_width(text: &str, size: f64) -> i32 {
    pixel(text.chars().count() as f64 * size * 0.58)
}

/// Text in lines no wider than `width`, broken at spaces, as few and as even as possible.
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
