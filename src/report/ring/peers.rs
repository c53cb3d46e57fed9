//! The load of each peer, as text for a terminal.

use crate::model::cluster::ring::{Census, Load, Owned};
use crate::report::answer::grid::{self, Cell};
use crate::report::answer::style::{Page, Style};
use crate::report::numbers::{exact, percent, significant};

/// Most labels shown of one target.
const LABELS_MAX: usize = 8;

/// Totals and peaks first, then a row per peer. If peers are away, the targets that moved follow.
pub fn ring_answer(census: &Census, style: Style) -> String {
    let mut page = Page::new(style);
    let view = View::of(census);
    view.head(&mut page);
    view.peers(&mut page);
    view.moved(&mut page);
    page.into_text()
}

/// The amounts of a peer's load.
const AMOUNTS: [&str; 2] = ["targets", "series"];

fn amounts(load: &Load) -> [f64; 2] {
    [load.targets as f64, load.series]
}

/// A census with the totals of its shares.
struct View<'a> {
    census: &'a Census,
    loads: Vec<Load>,
    total: Load,
    up: usize,
    /// The known amounts: targets, and series where the file has them.
    known: &'static [&'static str],
}

impl<'a> View<'a> {
    fn of(census: &'a Census) -> Self {
        let known = if census.has_series() { 2 } else { 1 };
        Self {
            census,
            loads: census.loads(),
            total: census.total(),
            up: census.peers.iter().filter(|peer| peer.is_up).count(),
            known: &AMOUNTS[..known],
        }
    }

    fn head(&self, page: &mut Page) {
        let peers = self.census.peers.len();
        let of_all = if self.up == peers {
            counted(peers, "peer")
        } else {
            format!("{} of {}", self.up, counted(peers, "peer"))
        };
        let mut amount = counted(self.total.targets, "target");
        if self.known.len() > 1 {
            amount = format!("{amount} with {} series", exact(self.total.series));
        }
        page.line(&format!("{amount} on {of_all}"));
        if self.census.duplicates > 0 {
            let duplicates = counted(self.census.duplicates, "target");
            let text = format!(
                "dropped: {duplicates} with the same labels as an earlier one, as Alloy drops them \
                 (labels that begin with __meta_ do not count)"
            );
            page.wrapped(&text, "");
        }
        for index in 0..self.known.len() {
            page.wrapped(&self.busiest(index), "");
        }
        if let Some((owned, series)) = self.census.largest()
            && series > 0.0
        {
            self.largest(page, owned, series);
        }
        page.blank();
    }

    /// The peer with the most of an amount.
    fn busiest(&self, index: usize) -> String {
        let of = |load: &Load| amounts(load)[index];
        let peers = self.census.peers.iter().zip(&self.loads).rev();
        let busiest = peers.max_by(|a, b| of(a.1).total_cmp(&of(b.1)));
        let (peer, load) = busiest.expect("a census has peers");
        let ratio = self.over_mean(of(load), of(&self.total));
        format!(
            "most {}: {}, {ratio} the mean",
            self.known[index], peer.name
        )
    }

    /// The largest target: more peers do not reduce the load of its owner.
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
        let shown = shown.map(|(name, value)| format!("{name}={value:?}"));
        let mut shown: Vec<String> = shown.collect();
        if labels.len() > LABELS_MAX {
            shown.push("…".to_owned());
        }
        page.wrapped(&format!("{{{}}}", shown.join(", ")), "  ");
    }

    fn peers(&self, page: &mut Page) {
        let known = self.known.iter();
        let known = known.flat_map(|what| [what, "share", "of mean"]);
        let heads = ["key space"].into_iter().chain(known);
        let mut rows = vec![Cell::row(Cell::text("peer"), heads)];
        let peers = self.census.peers.iter().zip(&self.census.key_shares);
        for ((peer, &key_share), load) in peers.zip(&self.loads) {
            let numbers = if peer.is_up {
                let columns = self.columns(load, &self.total).flatten();
                [share(key_share, 1.0)].into_iter().chain(columns).collect()
            } else {
                vec!["down".to_owned()]
            };
            rows.push(Cell::row(Cell::name(&peer.name), numbers));
        }
        grid::add(page, "", &rows);
    }

    /// For each known amount: the amount, its share of all, and its ratio to the mean.
    fn columns(&self, part: &Load, all: &Load) -> impl Iterator<Item = [String; 3]> {
        let known = amounts(part).into_iter().zip(amounts(all));
        known
            .take(self.known.len())
            .map(|(part, all)| [exact(part), share(part, all), self.over_mean(part, all)])
    }

    /// The load of peers that are away, by the peers that took it over.
    fn moved(&self, page: &mut Page) {
        let down = self.census.peers.iter().filter(|peer| !peer.is_up);
        let down: Vec<&str> = down.map(|peer| peer.name.as_str()).collect();
        if down.is_empty() {
            return;
        }
        let moved = self.census.moved();
        let sum = Load {
            targets: moved.values().map(|load| load.targets).sum(),
            series: moved.values().fold(0.0, |sum, load| sum + load.series),
        };
        page.blank();
        let mut text = format!(
            "moved from {}: {} ({})",
            down.join(", "),
            counted(sum.targets, "target"),
            share(sum.targets as f64, self.total.targets as f64)
        );
        if self.known.len() > 1 {
            let series = share(sum.series, self.total.series);
            text = format!("{text}, {} series ({series})", exact(sum.series));
        }
        page.wrapped(&text, "");
        if moved.is_empty() {
            return;
        }
        let known = self.known.iter().flat_map(|what| [what, "of moved"]);
        let mut rows = vec![Cell::row(Cell::text("to"), known)];
        for (peer, load) in moved {
            let columns = self.columns(&load, &sum);
            let numbers = columns.flat_map(|[amount, part, _]| [amount, part]);
            let name = Cell::name(&self.census.peers[peer].name);
            rows.push(Cell::row(name, numbers));
        }
        grid::add(page, "", &rows);
    }

    /// `part` relative to the mean of the peers that are up.
    fn over_mean(&self, part: f64, all: f64) -> String {
        if all <= 0.0 {
            return "–".to_owned();
        }
        format!("{:.2}×", part * self.up as f64 / all)
    }
}

/// A share with one decimal, since peers differ by little.
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
