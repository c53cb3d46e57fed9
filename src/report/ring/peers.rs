//! What each peer carries, as text for a terminal.

use crate::model::cluster::ring::{Census, Load, Owned};
use crate::report::answer::grid::{self, Cell};
use crate::report::answer::style::{Page, Style};
use crate::report::numbers::{exact, percent, significant};

/// Labels shown of one target at most.
const LABELS_MAX: usize = 8;

/// Totals and peaks first, then a row per peer, then who took over what if peers are away.
pub fn ring_answer(census: &Census, style: Style) -> String {
    let mut page = Page::new(style);
    let view = View::of(census);
    view.head(&mut page);
    view.peers(&mut page);
    view.moved(&mut page);
    page.into_text()
}

/// A census with the sums that shares are of.
struct View<'a> {
    census: &'a Census,
    loads: Vec<Load>,
    total: Load,
    up: usize,
    has_series: bool,
}

impl<'a> View<'a> {
    fn of(census: &'a Census) -> Self {
        Self {
            census,
            loads: census.loads(),
            total: census.total(),
            up: census.peers.iter().filter(|peer| peer.is_up).count(),
            has_series: census.has_series(),
        }
    }

    fn head(&self, page: &mut Page) {
        let peers = self.census.peers.len();
        let of_all = if self.up == peers {
            counted(peers, "peer")
        } else {
            format!("{} of {}", self.up, counted(peers, "peer"))
        };
        page.line(&format!("{} on {of_all}", self.amount(self.total)));
        if self.census.duplicates > 0 {
            let duplicates = counted(self.census.duplicates, "target");
            let text = format!(
                "dropped: {duplicates} with the same labels as an earlier one, as Alloy drops them \
                 (labels that begin with __meta_ do not count)"
            );
            page.wrapped(&text, "");
        }
        page.wrapped(&self.busiest("targets", |load| load.targets as f64), "");
        if self.has_series {
            page.wrapped(&self.busiest("series", |load| load.series), "");
        }
        if let Some((owned, series)) = self.census.largest()
            && series > 0.0
        {
            self.largest(page, owned, series);
        }
        page.blank();
    }

    /// The peer with the most of something.
    fn busiest(&self, what: &str, of: impl Fn(&Load) -> f64) -> String {
        let first = (0..self.loads.len()).rev();
        let busiest = first.max_by(|&a, &b| of(&self.loads[a]).total_cmp(&of(&self.loads[b])));
        let busiest = busiest.expect("a census has peers");
        let ratio = self.over_mean(of(&self.loads[busiest]), of(&self.total));
        let name = &self.census.peers[busiest].name;
        format!("most {what}: {name}, {ratio} the mean")
    }

    /// The largest target: no number of peers makes its owner's load less.
    fn largest(&self, page: &mut Page, owned: &Owned, series: f64) {
        let text = format!(
            "largest target: {} series, {} of all, {}× the mean of a peer; never split, on {}:",
            exact(series),
            percent(series / self.total.series),
            significant(series * self.up as f64 / self.total.series, 2),
            self.census.peers[owned.owner].name
        );
        page.wrapped(&text, "");
        let labels = &owned.target.labels;
        let shown = labels.iter().take(LABELS_MAX);
        let mut shown: Vec<String> = shown
            .map(|(name, value)| format!("{name}={value:?}"))
            .collect();
        if labels.len() > LABELS_MAX {
            shown.push("…".to_owned());
        }
        page.wrapped(&format!("{{{}}}", shown.join(", ")), "  ");
    }

    fn peers(&self, page: &mut Page) {
        let mut heading = vec![Cell::text("peer")];
        heading.extend(["key space", "targets", "share", "of mean"].map(Cell::number));
        if self.has_series {
            heading.extend(["series", "share", "of mean"].map(Cell::number));
        }
        let mut rows = vec![heading];
        let peers = self.census.peers.iter().zip(&self.census.key_shares);
        for ((peer, &key_share), load) in peers.zip(&self.loads) {
            let mut row = vec![Cell::name(&peer.name)];
            if peer.is_up {
                row.push(Cell::number(share(key_share, 1.0)));
                row.extend(self.columns(load.targets as f64, self.total.targets as f64));
                if self.has_series {
                    row.extend(self.columns(load.series, self.total.series));
                }
            } else {
                row.push(Cell::number("down"));
            }
            rows.push(row);
        }
        grid::add(page, "", &rows);
    }

    /// An amount, its share of all, and how it stands to the mean.
    fn columns(&self, part: f64, all: f64) -> [Cell; 3] {
        [exact(part), share(part, all), self.over_mean(part, all)].map(Cell::number)
    }

    /// What peers that are away left to others.
    fn moved(&self, page: &mut Page) {
        let down = self.census.peers.iter().filter(|peer| !peer.is_up);
        let down: Vec<&str> = down.map(|peer| peer.name.as_str()).collect();
        if down.is_empty() {
            return;
        }
        let moved = self.census.moved();
        let mut sum = Load::default();
        for load in moved.values() {
            sum.targets += load.targets;
            sum.series += load.series;
        }
        page.blank();
        let mut text = format!(
            "moved from {}: {} ({})",
            down.join(", "),
            counted(sum.targets, "target"),
            share(sum.targets as f64, self.total.targets as f64)
        );
        if self.has_series {
            let series = share(sum.series, self.total.series);
            text = format!("{text}, {} series ({series})", exact(sum.series));
        }
        page.wrapped(&text, "");
        let mut heading = vec![Cell::text("to")];
        heading.extend(["targets", "of moved"].map(Cell::number));
        if self.has_series {
            heading.extend(["series", "of moved"].map(Cell::number));
        }
        let mut rows = vec![heading];
        for (peer, load) in moved {
            let mut row = vec![Cell::name(&self.census.peers[peer].name)];
            let [amount, part, _] = self.columns(load.targets as f64, sum.targets as f64);
            row.extend([amount, part]);
            if self.has_series {
                let [amount, part, _] = self.columns(load.series, sum.series);
                row.extend([amount, part]);
            }
            rows.push(row);
        }
        if rows.len() > 1 {
            grid::add(page, "", &rows);
        }
    }

    /// Targets, and series if known, in words.
    fn amount(&self, load: Load) -> String {
        let targets = counted(load.targets, "target");
        if self.has_series {
            return format!("{targets} with {} series", exact(load.series));
        }
        targets
    }

    /// How `part` stands to what each peer that is up has on average.
    fn over_mean(&self, part: f64, all: f64) -> String {
        if all <= 0.0 {
            return "–".to_owned();
        }
        format!("{:.2}×", part * self.up as f64 / all)
    }
}

/// A share with one decimal: peers differ by little.
fn share(part: f64, all: f64) -> String {
    if all <= 0.0 {
        return "–".to_owned();
    }
    format!("{:.1} %", 100.0 * part / all)
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", exact(count as f64))
}
