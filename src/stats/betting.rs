//! The mean behind draws of a known range, tested by betting: right however often one looks.
//!
//! A gambler bets against "the mean is at least m", draw by draw. If that is true, no bet is
//! favourable. So the wealth ever grows twentyfold with a probability of at most 1/20, whatever the
//! law of the draws is and whenever one looks. Who finds it grown has evidence that the mean is
//! below m.
//!
//! Source: I. Waudby-Smith and A. Ramdas, Estimating means of bounded random variables by betting,
//! Journal of the Royal Statistical Society B 86 (2024), 1-27. J. Ville, Étude critique de la notion
//! de collectif (1939), for the bound of the wealth.

use super::Interval;
use super::bisection::crossing;
use super::interval::tail_of;

/// Gamblers who share the capital. Each has a stake of its own, so that one is right for any mean.
const GAMBLERS: u8 = BOLD + 22;

/// Gamblers of more than one unit.
///
/// INFERRED: 2¹² units are all of the wealth for limits from 0.02 % up.
const BOLD: u8 = 12;

/// The stake of a gambler in units: 2, 4, 8, …, and 1, 7/8, 3/4, 1/2, and then halves of halves.
///
/// INFERRED: the least stake, 2⁻¹⁹, is below what ten million draws ask for.
fn stake(gambler: u8) -> f64 {
    match gambler.checked_sub(BOLD) {
        None => (f64::from(gambler) + 1.0).exp2(),
        Some(0) => 1.0,
        Some(1) => 0.875,
        Some(2) => 0.75,
        Some(later) => (2.0 - f64::from(later)).exp2(),
    }
}

/// The part of the capital that a gambler begins with. The parts add up to at most 1.
///
/// INFERRED: three fifths of it are for an event that hardly ever comes. The rest is for means near
/// the limit: half a unit is right for 1.5 times the limit.
fn part(gambler: u8) -> f64 {
    match gambler.checked_sub(BOLD) {
        None => 0.15 * (-1.0 - f64::from(gambler)).exp2(),
        Some(0) => 0.28,
        Some(1) => 0.16,
        Some(2) => 0.10,
        Some(3) => 0.12,
        Some(later) => {
            let place = f64::from(later) - 4.0;
            0.19 / ((place + 1.0) * (place + 2.0))
        }
    }
}

/// Draws of a known range.
#[derive(Clone, Debug)]
pub(super) struct Betting {
    /// Each value that occurs, with its number of draws.
    values: Vec<(f64, f64)>,
    range: Interval,
}

/// What a gambler wins by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Draws below the claimed mean.
    Below,
    /// Draws above the claimed mean.
    Above,
}

impl Side {
    /// Greatest win per stake at which no stake can be lost more than once: from −1 upwards.
    fn odds(self, value: f64, mean: f64, range: Interval) -> f64 {
        match self {
            Self::Below => (mean - value) / (range.high - mean),
            Self::Above => (value - mean) / (mean - range.low),
        }
    }

    /// The unit of stakes: the odds of the claimed mean, at most 1. It is what wins most if draws lie
    /// at this side's end twice as often as claimed. So rare events are met by small stakes.
    fn unit(self, mean: f64, range: Interval) -> f64 {
        let odds = (mean - range.low) / (range.high - mean);
        match self {
            Self::Below => (1.0 / odds).min(1.0),
            Self::Above => odds.min(1.0),
        }
    }

    /// What each gambler stakes, as a part of the wealth.
    fn stakes(self, mean: f64, range: Interval) -> impl Iterator<Item = (f64, f64)> {
        let unit = self.unit(mean, range);
        (0..GAMBLERS).map(move |gambler| ((unit * stake(gambler)).min(1.0), part(gambler)))
    }

    /// Whether no draw can lie further on this side than the mean.
    fn is_end(self, mean: f64, range: Interval) -> bool {
        match self {
            Self::Below => mean <= range.low,
            Self::Above => mean >= range.high,
        }
    }

    /// The contrary side.
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Below => Self::Above,
            Self::Above => Self::Below,
        }
    }
}

impl Betting {
    /// `draws`, each of them in `range`. `None` if the range is infinite or a draw lies outside.
    pub(super) fn of(draws: &[f64], range: Interval) -> Option<Self> {
        let is_inside = |draw: &f64| (range.low..=range.high).contains(draw);
        if !range.is_finite() || !draws.iter().all(is_inside) {
            return None;
        }
        let mut sorted = draws.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let equal = sorted.chunk_by(|left, right| left.total_cmp(right).is_eq());
        let values = equal.map(|equal| (equal[0], equal.len() as f64)).collect();
        Some(Self { values, range })
    }

    /// Draws of which `hits` are 1 and all others 0.
    pub(super) fn of_hits(hits: u64, draws: u64) -> Self {
        let counted = [(0.0, (draws - hits) as f64), (1.0, hits as f64)];
        Self {
            values: counted
                .into_iter()
                .filter(|(_, count)| *count > 0.0)
                .collect(),
            range: Interval::new(0.0, 1.0),
        }
    }

    /// The p-value against "the mean is not on this side of `limit`". It is right at any number of
    /// draws, and at all of them together.
    pub(super) fn p_value(&self, side: Side, limit: f64) -> f64 {
        if side.is_end(limit, self.range) {
            return 1.0;
        }
        if side.other().is_end(limit, self.range) {
            // The mean lies on the other end only if every draw does.
            let is_off = |(value, _): &(f64, f64)| match side {
                Side::Below => *value < limit,
                Side::Above => *value > limit,
            };
            return f64::from(u8::from(!self.values.iter().any(is_off)));
        }
        (-self.ln_wealth(side, limit)).exp().min(1.0)
    }

    /// The p-values for and against "the mean is below the limit" (`strict`) or "at most the limit".
    pub(super) fn tails(&self, limit: f64, strict: bool) -> (f64, f64) {
        let Interval { low, high } = self.range;
        let always = if strict { limit > high } else { limit >= high };
        let never = if strict { limit <= low } else { limit < low };
        if always {
            (0.0, 1.0)
        } else if never {
            (1.0, 0.0)
        } else {
            let p_value = |side| self.p_value(side, limit);
            (p_value(Side::Below), p_value(Side::Above))
        }
    }

    /// The two-sided interval of the mean behind the draws, around their mean.
    pub(super) fn interval(&self, mean: f64, confidence: f64) -> Interval {
        let Interval { low, high } = self.range;
        let wanted = -tail_of(confidence).ln();
        let is_refuted = |side| move |limit: f64| self.ln_wealth(side, limit) >= wanted;
        let below = is_refuted(Side::Above);
        let above = is_refuted(Side::Below);
        let low = crossing(low, mean, below).min(mean);
        let high = crossing(mean, high, |limit| !above(limit)).max(mean);
        Interval::new(low, high)
    }

    /// About how many draws more would bring the p-value of either side down to `alpha`. `None` if
    /// more than `most` would.
    pub(super) fn further(&self, limit: f64, alpha: f64, luck: f64, most: u64) -> Option<u64> {
        let sides = [Side::Below, Side::Above].into_iter();
        let sides = sides.filter(|side| {
            !side.is_end(limit, self.range) && !side.other().is_end(limit, self.range)
        });
        let needed = sides.filter_map(|side| {
            let prospects = self.prospects(side, limit);
            let wealth = |more: u64| ln_sum(prospects.iter().map(|each| each.after(more, luck)));
            first_settled(most, |more| -wealth(more) <= alpha.ln())
        });
        needed.min()
    }

    /// Logarithm of the wealth of all gamblers, who began with 1 together.
    fn ln_wealth(&self, side: Side, limit: f64) -> f64 {
        let wins: Vec<(f64, f64)> = self.wins(side, limit).collect();
        let wealth: Vec<f64> = side
            .stakes(limit, self.range)
            .map(|(stake, part)| part.ln() + ln_product(&wins, stake))
            .collect();
        ln_sum(wealth.iter().copied())
    }

    /// What a full stake wins in the draws of each value, and how many they are.
    fn wins(&self, side: Side, limit: f64) -> impl Iterator<Item = (f64, f64)> + '_ {
        let win = move |&(value, count): &(f64, f64)| (side.odds(value, limit, self.range), count);
        self.values.iter().map(win)
    }

    fn prospects(&self, side: Side, limit: f64) -> Vec<Prospect> {
        let prospect = |(stake, part): (f64, f64)| {
            let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
            for (win, draws) in self.wins(side, limit) {
                let growth = (stake * win).ln_1p();
                count += draws;
                sum += draws * growth;
                squares += draws * growth * growth;
            }
            let mean = sum / count;
            Prospect {
                ln_wealth: sum + part.ln(),
                mean,
                sd: (squares / count - mean * mean).max(0.0).sqrt(),
            }
        };
        side.stakes(limit, self.range).map(prospect).collect()
    }
}

/// The logarithm of a gambler's growth over all draws. Single draws are multiplied, which is faster
/// than a logarithm of each.
fn ln_product(wins: &[(f64, f64)], stake: f64) -> f64 {
    const MOST: f64 = 1e100;
    let (mut sum, mut product) = (0.0, 1.0);
    for &(win, count) in wins {
        if count > 1.0 {
            sum += count * (stake * win).ln_1p();
            continue;
        }
        product *= 1.0 + stake * win;
        if !(1.0 / MOST..MOST).contains(&product) {
            sum += f64::ln(product);
            product = 1.0;
        }
    }
    sum + f64::ln(product)
}

/// What a gambler has, and wins per draw, in logarithms.
#[derive(Clone, Copy, Debug)]
struct Prospect {
    ln_wealth: f64,
    mean: f64,
    sd: f64,
}

impl Prospect {
    /// The logarithm of the wealth after `more` draws like the present ones, with bad luck of `luck`
    /// standard deviations. Who has lost everything stays ruined.
    fn after(self, more: u64, luck: f64) -> f64 {
        if self.ln_wealth.is_infinite() {
            return self.ln_wealth;
        }
        let more = more as f64;
        self.ln_wealth + more * self.mean - luck * self.sd * more.sqrt()
    }
}

/// The logarithm of a sum, from the logarithms of its terms.
fn ln_sum(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let greatest = terms.clone().fold(f64::NEG_INFINITY, f64::max);
    if greatest.is_infinite() {
        return greatest;
    }
    let sum: f64 = terms.map(|term| (term - greatest).exp()).sum();
    greatest + sum.ln()
}

/// The smallest count from 1 to `most` from which on `is_settled` holds; `None` if there is none.
pub(super) fn first_settled(most: u64, is_settled: impl Fn(u64) -> bool) -> Option<u64> {
    let (mut unsettled, mut settled) = (0, 1);
    while !is_settled(settled) {
        if settled >= most {
            return None;
        }
        unsettled = settled;
        settled = (2 * settled).min(most);
    }
    while settled - unsettled > 1 {
        let middle = u64::midpoint(settled, unsettled);
        if is_settled(middle) {
            settled = middle;
        } else {
            unsettled = middle;
        }
    }
    Some(settled)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: Interval = Interval {
        low: 0.0,
        high: 1.0,
    };

    #[test]
    fn the_parts_of_the_capital_are_no_more_than_all() {
        let all: f64 = (0..GAMBLERS).map(part).sum();
        assert!(all < 1.0 && all > 0.9, "{all}");
        let [half, least] = [stake(BOLD + 3), stake(GAMBLERS - 1)];
        assert!((half - 0.5).abs() < 1e-15 && least < 2e-6, "{half} {least}");
        assert!((stake(BOLD - 1) - 4_096.0).abs() < 1e-9);
    }

    /// With m = 1/2 the odds are 1 to 1, so a stake s wins s or loses s, and the unit is 1.
    #[test]
    fn the_wealth_is_that_of_the_bets() {
        let betting = Betting::of_hits(1, 3);
        let wealth: f64 = (0..GAMBLERS)
            .map(|gambler| {
                let stake = stake(gambler).min(1.0);
                part(gambler) * (1.0 + stake).powi(2) * (1.0 - stake)
            })
            .sum();
        assert!((betting.ln_wealth(Side::Below, 0.5).exp() - wealth).abs() < 1e-12);
        // Draws of another range are moved and stretched.
        let moved = Betting::of(&[10.0, 14.0, 10.0], Interval::new(10.0, 14.0)).unwrap();
        assert!((moved.ln_wealth(Side::Below, 12.0).exp() - wealth).abs() < 1e-12);
    }

    /// Ville's bound needs a wealth that does not grow on average: at most 1 after any first draws.
    #[test]
    fn no_bet_is_favourable_if_the_claim_is_true() {
        for (limit, mean) in [(0.3_f64, 0.3_f64), (0.3, 0.4), (0.01, 0.01), (0.99, 0.99)] {
            let mut expected = 0.0;
            for hits in 0..=8_u64 {
                let ways: f64 = (0..hits)
                    .map(|hit| (8 - hit) as f64 / (hit + 1) as f64)
                    .product();
                let misses = i32::try_from(8 - hits).unwrap();
                let chance = ways * mean.powi(8 - misses) * f64::powi(1.0 - mean, misses);
                expected += chance
                    * Betting::of_hits(hits, 8)
                        .ln_wealth(Side::Below, limit)
                        .exp();
            }
            assert!(expected <= 1.0, "{limit} {mean}: {expected}");
            // On the limit every bet is fair, and nearly all of the capital is at stake.
            assert!(mean > limit || expected > 0.9, "{limit}: {expected}");
        }
    }

    #[test]
    fn the_ends_of_an_interval_are_refuted_at_its_level() {
        let draws: Vec<f64> = (0..100).map(|draw| f64::from(draw % 2)).collect();
        let betting = Betting::of(&draws, UNIT).unwrap();
        let Interval { low, high } = betting.interval(0.5, 0.95);
        assert!((betting.p_value(Side::Above, low) - 0.025).abs() < 1e-9);
        assert!((betting.p_value(Side::Below, high) - 0.025).abs() < 1e-9);
        assert!((low + high - 1.0).abs() < 1e-9 && low > 0.3, "{low} {high}");
        let none = Betting::of(&[0.0; 10], UNIT).unwrap().interval(0.0, 0.95);
        assert!(none.low <= 0.0 && none.high < 0.5, "{none:?}");
    }

    #[test]
    fn equal_draws_are_no_certainty() {
        let p_value = |count| Betting::of_hits(0, count).p_value(Side::Below, 0.01);
        assert!(p_value(30) > 0.05, "{}", p_value(30));
        assert!(p_value(1_000) < 0.001, "{}", p_value(1_000));
        assert!(Betting::of(&[0.0, 2.0], UNIT).is_none());
        assert!(Betting::of(&[0.0], Interval::UNBOUNDED).is_none());
    }

    #[test]
    fn an_end_of_the_range_is_refuted_by_one_draw() {
        let some = Betting::of_hits(1, 9);
        let none = Betting::of_hits(0, 9);
        assert_eq!(
            (some.tails(0.0, false), none.tails(0.0, false)),
            ((1.0, 0.0), (1.0, 1.0))
        );
        assert_eq!(
            (some.tails(1.0, true), some.tails(1.0, false)),
            ((0.0, 1.0), (0.0, 1.0))
        );
    }
}
