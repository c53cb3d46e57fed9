//! A chart as a page: finding, measure, content, footer.

use super::canvas::{Align, Canvas, Look, svg};
use super::fan::Fans;
use super::figure::{Body, Figure};
use super::frame::Area;
use super::ranges::{self, Ranges};
use super::{steps, theme};

/// Height of one line of the title.
const TITLE_LINE: i32 = 27;

/// What a second row of panels adds to the height.
const ROW: i32 = 180;

/// The page as SVG.
pub(super) fn paint(figure: &Figure, footer: &str) -> String {
    let width = theme::WIDTH - 2 * theme::MARGIN;
    // Bold letters are wider by about a tenth.
    let title = theme::wrapped(&figure.finding, theme::TITLE * 1.1, width);
    let lines = i32::try_from(title.len()).expect("a title has few lines");
    let head = theme::MARGIN + lines * TITLE_LINE + 32;
    let height = match &figure.body {
        Body::Ranges {
            rows, keys, limit, ..
        } => {
            let limit = if limit.is_some() { 16 } else { 0 };
            head + ranges::height(rows, keys) + limit + 36
        }
        Body::Fans { panels, .. } => {
            let rows = if panels.len() > 2 { ROW } else { 0 };
            theme::HEIGHT + (lines - 1) * TITLE_LINE + rows
        }
        Body::Steps { .. } => theme::HEIGHT + (lines - 1) * TITLE_LINE,
    };
    svg(height, &figure.finding, &figure.measure, |canvas| {
        for (line, y) in title.iter().zip((theme::MARGIN + 12..).step_by(27)) {
            let look = Look::LABEL.sized(theme::TITLE).bold();
            canvas.text(line, (theme::MARGIN, y), look);
        }
        let look = Look::LABEL.sized(theme::SUBTITLE).coloured(theme::GREY);
        canvas.text(&figure.measure, (theme::MARGIN, head - 22), look);
        let area = Area {
            left: theme::MARGIN,
            top: head,
            right: theme::WIDTH - theme::MARGIN,
            bottom: height - 36,
        };
        paint_body(canvas, area, &figure.body);
        let look = Look::LABEL
            .sized(theme::FOOTER)
            .coloured(theme::GREY)
            .aligned(Align::Left);
        canvas.text(footer, (theme::MARGIN, height - 14), look);
    })
}

fn paint_body(canvas: &mut Canvas<'_>, area: Area, body: &Body) {
    match body {
        Body::Fans {
            panels,
            format,
            floor,
            timeline,
        } => {
            let fans = Fans {
                format: *format,
                floor: *floor,
                timeline: *timeline,
            };
            fans.paint(canvas, area, panels);
        }
        Body::Steps { curves, timeline } => steps::paint(canvas, area, curves, *timeline),
        Body::Ranges {
            rows,
            keys,
            format,
            limit,
        } => {
            Ranges {
                keys,
                format: *format,
                limit: limit.as_ref(),
            }
            .paint(canvas, area, rows);
        }
    }
}
