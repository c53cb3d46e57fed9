//! `[experiment]`: horizon, draws, start date.

use super::super::fields::Shape;
use super::{Fields, Node, Value};
use crate::experiment::draws::Draws;
use crate::experiment::study::Study;
use crate::model::blueprint::Start;
use crate::units::SimDuration;

/// Greatest number of draws per case.
const DRAWS_MAX: u32 = 1_000_000;
/// The number of draws of a file that states none.
pub(in crate::scenario) const DRAWS_DEFAULT: u32 = 1_000;
/// Most draws until verdicts are settled, unless the file states them.
const DRAWS_MOST: u32 = 10_000;
/// How a file asks for as many draws as settle its verdicts.
pub(in crate::scenario) const UNTIL_SETTLED: &str = "until settled";
/// Greatest number of replications per draw.
const REPLICATIONS_MAX: u32 = 1_000;
/// Greatest number of grid cells in a horizon.
const CELLS_MAX: f64 = 1_000_000.0;
/// A day, in seconds.
const DAY: f64 = 86_400.0;

/// Last year of a horizon.
const YEAR_MAX: i16 = 9_998;

/// What an experiment states of the blueprint.
pub(super) struct Plan {
    /// Weekday of the start, 0 = Monday.
    pub(super) first_weekday: u8,
    pub(super) horizon: SimDuration,
    pub(super) grid: SimDuration,
    pub(super) start: Start,
}

/// Reads horizon, draws and start date. The study is called `name` and asks `question`.
pub(super) fn read(fields: &mut Fields<'_>, (name, question): (String, String)) -> (Study, Plan) {
    let date = start_date(fields);
    let horizon = fields.duration("horizon", 60.0..=3_650.0 * DAY, None);
    let seed = seed(fields);
    let draws = draws(fields);
    let replications = fields.count("replications", 1..=REPLICATIONS_MAX, Some(1));
    let starts = [("running", Start::Running), ("cold", Start::Cold)];
    let start = fields.choice("start", &starts, Some("running"));
    let grid = fields.duration("grid", 60.0..=DAY, Some("1h"));
    if let Some((text, _)) = &date
        && is_past_calendar(text, horizon)
    {
        let message = format!("a horizon that begins on {text} ends past the year {YEAR_MAX}");
        fields.wrong(
            "start_date",
            message,
            "begin earlier, or leave start_date out",
        );
    }
    if horizon.secs_f64() / grid.secs_f64() > CELLS_MAX {
        let message = format!("the horizon has more than {CELLS_MAX} grid cells");
        fields.wrong("grid", message, "use a coarser grid or a shorter horizon");
    }
    if (DAY / grid.secs_f64()).fract() != 0.0 {
        let help = "use 1h, 30m, 15m, …: days and weeks then start on the grid";
        fields.wrong("grid", "the grid does not divide a day", help);
    }
    let plan = Plan {
        first_weekday: date.as_ref().map_or(0, |(_, weekday)| *weekday),
        horizon,
        grid,
        start,
    };
    let study = Study {
        name,
        question,
        start_date: date.map(|(date, _)| date),
        seed,
        draws,
        replications,
        cases: Vec::new(),
        paths: Vec::new(),
        requirements: Vec::new(),
    };
    (study, plan)
}

/// The number of draws, or the most of them.
fn draws(fields: &mut Fields<'_>) -> Draws {
    fields.wants("draws", Shape::Words(vec![UNTIL_SETTLED.to_owned()]));
    fields.wants("draws", Shape::Count(1, DRAWS_MAX));
    fields.wants("draws_max", Shape::Count(1, DRAWS_MAX));
    let stated = fields.stated("draws").and_then(Node::as_text);
    if stated == Some(UNTIL_SETTLED) {
        fields.resolve("draws", Node::text(UNTIL_SETTLED));
        let most = fields.count("draws_max", 1..=DRAWS_MAX, Some(DRAWS_MOST));
        return Draws::UntilSettled { most };
    }
    if let Some(text) = stated {
        let message = format!("draws = \"{text}\" is neither a number nor \"{UNTIL_SETTLED}\"");
        let help = "write draws = 1_000, or draws = \"until settled\" with draws_max";
        fields.wrong("draws", message, help);
        fields.take("draws_max");
        return Draws::Fixed(1);
    }
    let draws = fields.count("draws", 1..=DRAWS_MAX, Some(DRAWS_DEFAULT));
    if fields.is_any_lost(&["draws"]) {
        // Nobody knows what `draws_max` would bound.
        fields.take("draws_max");
        return Draws::Fixed(draws);
    }
    let why =
        "draws_max bounds draws that go on until verdicts are settled; draws is a number here";
    fields.forbid(
        "draws_max",
        why,
        "remove it, or set draws = \"until settled\"",
    );
    Draws::Fixed(draws)
}

/// The date of the start with its weekday, 0 = Monday.
fn start_date(fields: &mut Fields<'_>) -> Option<(String, u8)> {
    fields.wants("start_date", Shape::Text);
    let node = fields.take("start_date")?;
    let text = match &node.value {
        Value::Text(text) | Value::Date(text) => text.clone(),
        _ => String::new(),
    };
    let parsed: Result<jiff::civil::Date, _> = text.parse();
    match parsed {
        Ok(date) if text.len() == 10 => {
            fields.resolve("start_date", Node::text(&text));
            let weekday = date.weekday().to_monday_zero_offset();
            Some((text, u8::try_from(weekday).unwrap_or(0)))
        }
        _ => {
            let message = "start_date is not a date of the calendar";
            fields.wrong("start_date", message, "write it as \"2026-12-01\"");
            None
        }
    }
}

/// Whether a horizon leaves the calendar. Its last year is left to the axes of charts.
fn is_past_calendar(start: &str, horizon: SimDuration) -> bool {
    let start: Result<jiff::civil::Date, _> = start.parse();
    let horizon = std::time::Duration::from_nanos(horizon.nanos());
    let end = start.and_then(|start| start.checked_add(horizon));
    end.map_or(true, |end| end.year() > YEAR_MAX)
}

/// The seed: any whole number from zero. Large seeds may be texts.
fn seed(fields: &mut Fields<'_>) -> u64 {
    let Some(node) = fields.node("seed", Some(Node::integer(1))) else {
        return 1;
    };
    let value = match &node.value {
        Value::Integer(value) => u64::try_from(*value).ok(),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    };
    value.unwrap_or_else(|| {
        let message = format!("the seed must be a whole number from 0 to {}", u64::MAX);
        fields.wrong("seed", message, "");
        1
    })
}
