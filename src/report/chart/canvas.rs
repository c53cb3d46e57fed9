//! A sheet of SVG, and the strokes that charts are made of.

use std::fmt::Write as _;

use plotters::prelude::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBAColor, RGBColor, TextStyle};

use super::frame::Area;
use super::theme;

/// A point in pixels from the top left corner.
pub(super) type Point = (i32, i32);

/// Look of a text.
#[derive(Clone, Copy)]
pub(super) struct Look {
    /// Height of letters in pixels.
    pub(super) size: f64,
    /// Colour.
    pub(super) colour: RGBColor,
    /// Whether it is bold.
    pub(super) style: FontStyle,
    /// The end of the text that stands at its point.
    pub(super) align: HPos,
}

impl Look {
    /// Labels and ticks.
    pub(super) const LABEL: Self = Self {
        size: theme::LABEL,
        colour: theme::INK,
        style: FontStyle::Normal,
        align: HPos::Left,
    };

    /// This look in another colour.
    pub(super) const fn coloured(self, colour: RGBColor) -> Self {
        Self { colour, ..self }
    }

    /// This look in bold.
    pub(super) const fn bold(self) -> Self {
        Self {
            style: FontStyle::Bold,
            ..self
        }
    }

    /// This look in another size.
    pub(super) const fn sized(self, size: f64) -> Self {
        Self { size, ..self }
    }

    /// This look with another end at its point.
    pub(super) const fn aligned(self, align: HPos) -> Self {
        Self { align, ..self }
    }
}

/// A sheet of SVG.
pub(super) struct Canvas<'a> {
    backend: SVGBackend<'a>,
    hits: String,
}

/// The message of a stroke that fails, which cannot happen.
const MEMORY: &str = "a string takes every stroke";

/// The SVG that `paint` draws on a sheet of that height. A name and a description serve readers who
/// cannot see it.
pub(super) fn svg(
    height: i32,
    title: &str,
    description: &str,
    paint: impl FnOnce(&mut Canvas<'_>),
) -> String {
    let mut text = String::new();
    let size = (theme::WIDTH.unsigned_abs(), height.unsigned_abs());
    let mut canvas = Canvas {
        backend: SVGBackend::with_string(&mut text, size),
        hits: String::new(),
    };
    let (corner, paper) = ((theme::WIDTH, height), theme::PAPER.filled());
    let painted = canvas.backend.draw_rect((0, 0), corner, &paper, true);
    painted.expect(MEMORY);
    paint(&mut canvas);
    canvas.backend.present().expect(MEMORY);
    let hits = std::mem::take(&mut canvas.hits);
    drop(canvas);
    let end = text.rfind("</svg>").expect("an SVG ends with its tag");
    text.insert_str(end, &hits);
    let head_end = text.find('>').expect("an SVG starts with its tag") + 1;
    let named = format!(
        "\n<title>{}</title>\n<desc>{}</desc>{}",
        escaped(title),
        escaped(description),
        styled()
    );
    text.insert_str(head_end, &named);
    text
}

/// The style of a chart as its element.
pub(super) fn styled() -> String {
    format!("\n<style>{}</style>", theme::STYLE)
}

impl Canvas<'_> {
    /// An area that tells its values: a tooltip in a viewer, and exact numbers for programs.
    pub(super) fn hit(&mut self, area: Area, text: &str, values: &[f64]) {
        let values: Vec<String> = values.iter().map(f64::to_string).collect();
        let written = writeln!(
            self.hits,
            "<rect class=\"hit\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"none\" \
             pointer-events=\"all\" data-values=\"{}\"><title>{}</title></rect>",
            area.left,
            area.top,
            area.width(),
            area.bottom - area.top,
            values.join(" "),
            escaped(text)
        );
        written.expect(MEMORY);
    }

    /// A line of text, centred on the height of its point.
    pub(super) fn text(&mut self, text: &str, at: Point, look: Look) {
        // The backend divides by 1.24, the ratio of line height to letter height.
        let font = FontDesc::new(FontFamily::SansSerif, look.size * 1.24, look.style);
        let style = TextStyle::from(font)
            .color(&look.colour)
            .pos(Pos::new(look.align, VPos::Center));
        self.backend.draw_text(text, &style, at).expect(MEMORY);
    }

    /// A line through points.
    pub(super) fn line(&mut self, points: &[Point], colour: RGBColor, width: u32) {
        let style = colour.stroke_width(width);
        self.backend
            .draw_path(points.iter().copied(), &style)
            .expect(MEMORY);
    }

    /// A straight dashed line. Dashes and gaps are equally long.
    pub(super) fn dashed(&mut self, (from, to): (Point, Point), colour: RGBColor, dash: i32) {
        let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
        let length = dx.hypot(dy);
        let at = |distance: f64| {
            let share = (distance / length).min(1.0);
            let along = |start: i32, delta: f64| start + theme::pixel(delta * share);
            (along(from.0, dx), along(from.1, dy))
        };
        let mut done = 0.0;
        while done < length {
            self.line(&[at(done), at(done + f64::from(dash))], colour, 2);
            done += 2.0 * f64::from(dash);
        }
    }

    /// A filled area.
    pub(super) fn area(&mut self, outline: &[Point], colour: RGBAColor) {
        self.backend
            .fill_polygon(outline.iter().copied(), &colour.filled())
            .expect(MEMORY);
    }

    /// A filled dot.
    pub(super) fn dot(&mut self, at: Point, radius: u32, colour: RGBColor) {
        self.backend
            .draw_circle(at, radius, &colour.filled(), true)
            .expect(MEMORY);
    }
}

/// Text between tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
