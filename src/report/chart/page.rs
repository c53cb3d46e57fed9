//! A chart as a page: finding, measure, content, footer.

use super::canvas::{Look, svg};
use super::figure::{Body, Figure};
use super::frame::Area;
use super::theme;

/// Height of one line of the title.
const TITLE_LINE: i32 = 27;

/// Height that a second row of panels adds.
const ROW: i32 = 180;

/// The page as SVG.
pub(super) fn paint(figure: &Figure, footer: &str) -> String {
    let width = theme::WIDTH - 2 * theme::MARGIN;
    // Bold letters are about a tenth wider.
    let title = theme::wrapped(&figure.finding, theme::TITLE * 1.1, width);
    let lines = i32::try_from(title.len()).expect("a title has few lines");
    let head = theme::MARGIN + lines * TITLE_LINE + 32;
    let height = match &figure.body {
        Body::Ranges(ranges) => head + ranges.height() + 36,
        Body::Fans(fans) if fans.panels.len() > 2 => theme::HEIGHT + (lines - 1) * TITLE_LINE + ROW,
        Body::Fans(_) | Body::Steps(_) => theme::HEIGHT + (lines - 1) * TITLE_LINE,
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
        match &figure.body {
            Body::Fans(fans) => fans.paint(canvas, area),
            Body::Steps(steps) => steps.paint(canvas, area),
            Body::Ranges(ranges) => ranges.paint(canvas, area),
        }
        let look = Look::LABEL.sized(theme::FOOTER).coloured(theme::GREY);
        canvas.text(footer, (theme::MARGIN, height - 14), look);
    })
}
