//! Intervals cover what they claim to cover, and verdicts are false as rarely as they claim.
//!
//! A thousand tiny experiments with a known truth each. The seeds are fixed, so a failure is a
//! change of the code, not bad luck.

use alloy_sim::Draws;
use alloy_sim::stats::{
    Claim, Comparison, Interval, Mean, Proportion, Statistic, Verdict, decide, quantile,
    quantile_interval,
};
use proptest::prelude::*;

use crate::support::properties::properties;

const EXPERIMENTS: usize = 1_000;
const CONFIDENCE: f64 = 0.95;
const UNIT: Interval = Interval {
    low: 0.0,
    high: 1.0,
};

/// A stream of random numbers for experiments.
///
/// Source: splitmix64, S. Vigna, <https://prng.di.unimi.it/splitmix64.c>.
struct Dice(u64);

impl Dice {
    /// Uniform between 0 and 1, exclusive.
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// One with probability `p`, otherwise zero.
    fn event(&mut self, p: f64) -> f64 {
        f64::from(u8::from(self.uniform() < p))
    }

    /// Exponential with mean 1: its p-quantile is −ln(1 − p).
    fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }

    /// One of the middles of eight equal parts of the range from 0 to 1.
    fn coarse(&mut self) -> f64 {
        ((8.0 * self.uniform()).floor() + 0.5) / 8.0
    }

    /// Standard normal, by Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// The share of experiments in which `experiment` is true, for one seed.
fn share(seed: u64, mut experiment: impl FnMut(&mut Dice) -> bool) -> f64 {
    let mut dice = Dice(seed);
    let hits = (0..EXPERIMENTS).filter(|_| experiment(&mut dice)).count();
    hits as f64 / EXPERIMENTS as f64
}

fn sample(count: usize, mut value: impl FnMut() -> f64) -> Vec<f64> {
    (0..count).map(|_| value()).collect()
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

fn holds(interval: Interval, value: f64) -> bool {
    (interval.low..=interval.high).contains(&value)
}

fn encloses(outer: Interval, inner: Interval) -> bool {
    outer.low <= inner.low && inner.high <= outer.high
}

/// The probability of `events` among `trials` that each have an event with probability `p`.
fn binomial(trials: u64, p: f64, events: u64) -> f64 {
    let ways: f64 = (0..events)
        .map(|event| ((trials - event) as f64 / (event + 1) as f64).ln())
        .sum();
    (ways + events as f64 * p.ln() + (trials - events) as f64 * (1.0 - p).ln()).exp()
}

/// The ranks of the values around a quantile: the interval of a sample whose values are their ranks.
fn ranks(count: usize, p: f64, confidence: f64) -> Interval {
    let sample: Vec<f64> = (1..=count).map(|rank| rank as f64).collect();
    quantile_interval(&sample, p, confidence)
}

/// The probability that the values of these ranks hold the quantile of a continuous distribution: at
/// least `low` values and fewer than `high` lie below it.
fn coverage(ranks: Interval, count: usize, p: f64) -> f64 {
    let below =
        (0..=count as u64).filter(|&below| (ranks.low..ranks.high).contains(&(below as f64)));
    below.map(|below| binomial(count as u64, p, below)).sum()
}

/// The level plus four standard errors of a share among the experiments.
fn at_most_about(level: f64) -> f64 {
    level + 4.0 * (level * (1.0 - level) / EXPERIMENTS as f64).sqrt()
}

#[test]
fn splitmix_is_the_published_one() {
    // First output for the seed 1234567: 6457827717110365317.
    let first = Dice(1_234_567).uniform() * (1_u64 << 53) as f64;
    assert!((first - (6_457_827_717_110_365_317_u64 >> 11) as f64).abs() < 2.0);
}

#[test]
fn students_t_covers_what_it_claims() {
    for (seed, count) in [(1, 3), (2, 8), (3, 40)] {
        let covered = share(seed, |dice| {
            let values = sample(count, || 10.0 + 3.0 * dice.normal());
            holds(Mean::of(&values).interval(CONFIDENCE), 10.0)
        });
        assert!(
            (0.93..=0.97).contains(&covered),
            "{count} values: {covered}"
        );
    }
}

#[test]
fn a_narrower_t_would_be_noticed() {
    let covered = share(2, |dice| {
        let mean = Mean::of(&sample(8, || dice.normal()));
        mean.estimate().abs() <= 1.96 * mean.sd() / 8.0_f64.sqrt()
    });
    assert!(covered < 0.93, "z instead of t covers {covered}");
}

#[test]
fn clopper_pearson_covers_what_it_claims() {
    for (seed, trials, p) in [(1, 20, 0.5), (2, 40, 0.1), (3, 200, 0.02), (4, 300, 0.97)] {
        let covered = share(seed, |dice| {
            let events = (0..trials).filter(|_| dice.uniform() < p).count() as u64;
            holds(Proportion::new(events, trials).interval(CONFIDENCE), p)
        });
        let holding = (0..=trials)
            .filter(|&events| holds(Proportion::new(events, trials).interval(CONFIDENCE), p));
        let exact: f64 = holding.map(|events| binomial(trials, p, events)).sum();
        assert!(
            exact >= CONFIDENCE && covered >= 0.93,
            "{trials} {p}: {exact} {covered}"
        );
        assert!(
            (covered - exact).abs() <= 0.015,
            "{trials} {p}: {covered}, not {exact}"
        );
    }
}

#[test]
fn order_statistics_cover_what_they_claim() {
    for (seed, count, p) in [(1, 15, 0.5), (2, 50, 0.5), (3, 50, 0.95), (4, 200, 0.95)] {
        let truth = -f64::ln(1.0 - p);
        let covered = share(seed, |dice| {
            let values = sorted(sample(count, || dice.exponential()));
            holds(quantile_interval(&values, p, CONFIDENCE), truth)
        });
        let exact = coverage(ranks(count, p, CONFIDENCE), count, p);
        assert!(
            exact >= CONFIDENCE && covered >= 0.93,
            "{count} {p}: {exact} {covered}"
        );
        assert!(
            (covered - exact).abs() <= 0.015,
            "{count} {p}: {covered}, not {exact}"
        );
    }
}

/// The shares of Holds and of Fails for one claim, alone.
fn verdict_shares(seed: u64, claim: Claim, draws: impl Fn(&mut Dice) -> Vec<f64>) -> (f64, f64) {
    let is = |wanted| {
        share(seed, |dice| {
            let evidence = claim.evidence(&draws(dice));
            decide(&[evidence], Verdict::ALPHA) == [wanted]
        })
    };
    (is(Verdict::Holds), is(Verdict::Fails))
}

const COMPARISONS: [Comparison; 4] = [
    Comparison::Less,
    Comparison::AtMost,
    Comparison::Greater,
    Comparison::AtLeast,
];

#[test]
fn at_the_limit_a_verdict_is_rarely_given() {
    for comparison in COMPARISONS {
        let claim = |statistic, limit| Claim {
            statistic,
            comparison,
            limit,
            range: UNIT,
        };
        let all = [
            verdict_shares(1, claim(Statistic::Probability, 0.1), |dice| {
                sample(100, || dice.event(0.1))
            }),
            verdict_shares(2, claim(Statistic::Quantile(0.9), 10.0_f64.ln()), |dice| {
                sample(100, || dice.exponential())
            }),
        ];
        for (holds, fails) in all {
            let limit = at_most_about(Verdict::ALPHA);
            assert!(holds <= limit && fails <= limit, "{comparison:?}: {all:?}");
        }
    }
}

/// Values of two points: the rare one is seldom in a sample, and the others are equal.
#[test]
fn a_mean_on_its_limit_is_rarely_decided_whatever_the_law() {
    for (seed, (count, rare, high)) in [
        (30, 0.02, 1.0),
        (30, 0.5, 1.0),
        (400, 0.02, 1.0),
        (400, 0.002, 1.0),
        (100, 0.1, 0.1),
    ]
    .into_iter()
    .enumerate()
    {
        for comparison in COMPARISONS {
            let claim = Claim {
                statistic: Statistic::Mean,
                comparison,
                limit: 1.0 + rare * high,
                range: Interval::new(1.0, 2.0),
            };
            let seed = seed as u64 + 1;
            let (holds, fails) = verdict_shares(seed, claim, |dice| {
                sample(count, || 1.0 + high * dice.event(rare))
            });
            // Three standard errors of a thousand seeds.
            let limit = Verdict::ALPHA + 3.0 * 0.0069;
            assert!(
                holds <= limit && fails <= limit,
                "{count} {rare}: {holds} {fails}"
            );
            let unknown = Claim {
                range: Interval::UNBOUNDED,
                ..claim
            };
            let (holds, fails) = verdict_shares(seed, unknown, |dice| {
                sample(count, || 1.0 + high * dice.event(rare))
            });
            assert!(holds + fails <= 0.0, "no range, no verdict");
        }
    }
}

#[test]
fn away_from_the_limit_a_mean_gets_its_true_verdict() {
    for (comparison, wanted) in [
        (Comparison::Less, Verdict::Holds),
        (Comparison::AtLeast, Verdict::Fails),
    ] {
        let claim = Claim {
            statistic: Statistic::Mean,
            comparison,
            limit: 0.2,
            range: UNIT,
        };
        let given = share(1, |dice| {
            let evidence = claim.evidence(&sample(400, || dice.event(0.1)));
            decide(&[evidence], Verdict::ALPHA) == [wanted]
        });
        assert!(given > 0.9, "{comparison:?}: {given}");
    }
}

#[test]
fn away_from_the_limit_the_true_verdict_is_given() {
    let cases = [
        (Comparison::Less, 0.2, Verdict::Holds),
        (Comparison::AtLeast, 0.2, Verdict::Fails),
        (Comparison::Less, 0.04, Verdict::Fails),
        (Comparison::Greater, 0.04, Verdict::Holds),
    ];
    for (comparison, limit, wanted) in cases {
        let claim = Claim {
            statistic: Statistic::Probability,
            comparison,
            limit,
            range: UNIT,
        };
        let given = share(1, |dice| {
            let evidence = claim.evidence(&sample(800, || dice.event(0.1)));
            decide(&[evidence], Verdict::ALPHA) == [wanted]
        });
        assert!(
            given > 0.95,
            "{comparison:?} {limit}: {wanted:?} in {given}"
        );
    }
}

/// The draws there are and those that are advised.
fn draws_in_all(claim: Claim, present: &[f64]) -> usize {
    let more = claim.more_draws_needed(present, Verdict::ALPHA).unwrap();
    present.len() + usize::try_from(more).unwrap()
}

#[test]
fn the_advised_number_of_draws_settles_in_four_of_five() {
    let claim = Claim {
        statistic: Statistic::Probability,
        comparison: Comparison::Less,
        limit: 0.1,
        range: UNIT,
    };
    let present: Vec<f64> = (0..100).map(|draw| f64::from(u8::from(draw < 5))).collect();
    let count = draws_in_all(claim, &present);
    let settled = share(1, |dice| {
        let further = (present.len()..count).map(|_| dice.event(0.05));
        let draws: Vec<f64> = present.iter().copied().chain(further).collect();
        claim.evidence(&draws).p_holds <= Verdict::ALPHA
    });
    assert!(
        (0.75..=0.90).contains(&settled),
        "{count} draws settle {settled}"
    );
}

/// A claim that lies exactly on the limit of its draws, and those draws one by one.
struct AtLimit {
    claim: Claim,
    draw: fn(&mut Dice) -> f64,
}

/// One claim per statistic. "Less" is false of them all, and the contrary claim is true.
fn at_limits() -> [AtLimit; 5] {
    let less = |statistic, limit, draw: fn(&mut Dice) -> f64| AtLimit {
        claim: Claim {
            statistic,
            comparison: Comparison::Less,
            limit,
            range: UNIT,
        },
        draw,
    };
    let p90 = -f64::ln(0.1);
    [
        less(Statistic::Probability, 0.1, |dice| dice.event(0.1)),
        less(Statistic::Probability, 0.01, |dice| dice.event(0.01)),
        less(Statistic::Quantile(0.9), p90, Dice::exponential),
        less(Statistic::Mean, 0.02, |dice| dice.event(0.02)),
        less(Statistic::Mean, 0.5, Dice::coarse),
    ]
}

/// Looks after every `every` draws, up to `most`: the shares of experiments in which the claim was ever said to
/// hold, and ever to fail. Either is an error, if the limit is read as on that side.
fn ever(seed: u64, case: &AtLimit, (every, most): (usize, usize)) -> [f64; 2] {
    let mut dice = Dice(seed);
    let mut ever = [0.0; 2];
    for _ in 0..EXPERIMENTS {
        let (mut draws, mut said) = (Vec::new(), [false; 2]);
        while draws.len() < most {
            draws.extend((0..every).map(|_| (case.draw)(&mut dice)));
            match decide(&[case.claim.evidence(&draws)], Verdict::ALPHA)[0] {
                Verdict::Holds => said[0] = true,
                Verdict::Fails => said[1] = true,
                Verdict::Unsettled => {}
            }
        }
        for (ever, said) in ever.iter_mut().zip(said) {
            *ever += f64::from(u8::from(said)) / EXPERIMENTS as f64;
        }
    }
    ever
}

/// Twenty looks err no more often than one may.
#[test]
fn who_looks_again_and_again_errs_no_more_often() {
    for (seed, case) in (1..).zip(at_limits()) {
        let claim = &case.claim;
        for erred in ever(seed, &case, (25, 500)) {
            assert!(erred <= at_most_about(Verdict::ALPHA), "{claim:?}: {erred}");
        }
    }
}

/// What the bets are for: a test that is right for one look is wrong far more often.
#[test]
fn a_test_for_one_look_would_be_noticed() {
    let wrong = share(1, |dice| {
        let (mut events, mut trials) = (0, 0);
        while trials < 500 {
            events += (0..10).filter(|_| dice.uniform() < 0.1).count() as u64;
            trials += 10;
            // One side of a two-sided interval at 90 %.
            if Proportion::new(events, trials).interval(0.9).high < 0.1 {
                return true;
            }
        }
        false
    });
    assert!(wrong > 0.1, "{wrong}");
}

/// Draws, looks, and follows the advice until there is a verdict, or no advice, or more than `most` draws.
fn followed(dice: &mut Dice, case: &AtLimit, (first, most): (usize, usize)) -> (Verdict, usize) {
    let mut draws = sample(first, || (case.draw)(dice));
    loop {
        let verdict = decide(&[case.claim.evidence(&draws)], Verdict::ALPHA)[0];
        let advice = case.claim.more_draws_needed(&draws, Verdict::ALPHA);
        let more = advice.and_then(|more| usize::try_from(more).ok());
        match more.filter(|more| *more > 0 && draws.len() + more <= most) {
            Some(more) if verdict == Verdict::Unsettled => {
                draws.extend((0..more).map(|_| (case.draw)(dice)));
            }
            _ => return (verdict, draws.len()),
        }
    }
}

#[test]
fn who_follows_the_advice_at_the_limit_errs_no_more_often() {
    for (seed, case) in (1..).zip(at_limits()) {
        for wrong in [Verdict::Holds, Verdict::Fails] {
            let erred = share(seed, |dice| followed(dice, &case, (30, 3_000)).0 == wrong);
            let claim = &case.claim;
            assert!(erred <= at_most_about(Verdict::ALPHA), "{claim:?}: {erred}");
        }
    }
}

/// Rounds of `draws = "until settled"`: the verdict and the draws that it took.
fn settled(dice: &mut Dice, case: &AtLimit, most: u32) -> (Verdict, u32) {
    let (mut draws, mut done) = (Vec::new(), 0);
    while let Some(round) = (Draws::UntilSettled { most }).round(done) {
        done = round.end;
        draws.extend(round.map(|_| (case.draw)(dice)));
        let verdict = decide(&[case.claim.evidence(&draws)], Verdict::ALPHA)[0];
        if verdict != Verdict::Unsettled {
            return (verdict, done);
        }
    }
    (Verdict::Unsettled, done)
}

#[test]
fn rounds_until_settled_err_at_the_limit_no_more_often() {
    for (seed, case) in (1..).zip(at_limits()) {
        for wrong in [Verdict::Holds, Verdict::Fails] {
            let erred = share(seed, |dice| settled(dice, &case, 2_000).0 == wrong);
            let claim = &case.claim;
            assert!(erred <= at_most_about(Verdict::ALPHA), "{claim:?}: {erred}");
        }
    }
}

/// Half of the limit, and twice the limit: the advice leads to the true verdict. No estimate of 31 draws lies on a
/// limit, where there is no advice.
#[test]
fn who_follows_the_advice_gets_the_true_verdict() {
    for (limit, wanted) in [(0.1, Verdict::Holds), (0.025, Verdict::Fails)] {
        let case = AtLimit {
            claim: Claim {
                statistic: Statistic::Probability,
                comparison: Comparison::Less,
                limit,
                range: UNIT,
            },
            draw: |dice| dice.event(0.05),
        };
        let mut most = 0;
        let right = share(1, |dice| {
            let (verdict, draws) = followed(dice, &case, (31, 1_000_000));
            most = most.max(draws);
            verdict == wanted
        });
        assert!(right >= 0.93, "{limit}: {right} with at most {most} draws");
    }
}

/// The share of experiments in which any of ten true hypotheses is rejected.
fn any_rejected(seed: u64, judge: impl Fn(&[f64]) -> bool) -> f64 {
    share(seed, |dice| judge(&sample(10, || dice.uniform())))
}

#[test]
fn holm_keeps_the_family_wise_error() {
    let corrected = any_rejected(1, |p_values| {
        alloy_sim::stats::holm_rejected(p_values, Verdict::ALPHA).contains(&true)
    });
    let alone = any_rejected(1, |p_values| p_values.iter().any(|&p| p <= Verdict::ALPHA));
    assert!(corrected <= at_most_about(Verdict::ALPHA), "{corrected}");
    assert!(corrected >= 0.02, "{corrected}");
    // Without a correction: 1 − 0.95^10 = 40 %.
    assert!((alone - 0.40).abs() < 0.06, "{alone}");
}

proptest! {
    #![proptest_config(properties(32))]

    #[test]
    fn intervals_hold_the_estimate_and_grow_with_confidence(
        values in prop::collection::vec(-1e6..1e6_f64, 1..120),
        p in 0.01..0.99_f64,
        confidence in 0.5..0.98_f64,
    ) {
        let more = confidence + 0.019;
        let values = sorted(values);
        let mean = Mean::of(&values);
        prop_assert!(holds(mean.interval(confidence), mean.estimate()));
        prop_assert!(encloses(mean.interval(more), mean.interval(confidence)));
        let interval = quantile_interval(&values, p, confidence);
        prop_assert!(holds(interval, quantile(&values, p)));
        prop_assert!(encloses(quantile_interval(&values, p, more), interval));
    }

    #[test]
    fn rank_pairs_are_covered_and_mirrored(
        count in 1..400_usize,
        p in 0.01..0.99_f64,
        confidence in 0.5..0.999_f64,
    ) {
        let pair = ranks(count, p, confidence);
        prop_assert!(coverage(pair, count, p) >= confidence - 1e-9);
        let mirror = ranks(count, 1.0 - p, confidence);
        let last = count as f64 + 1.0;
        prop_assert_eq!((last - pair.low, last - pair.high), (mirror.high, mirror.low));
    }

    #[test]
    fn proportions_grow_with_events_and_confidence(
        trials in 1..2_000_u64,
        share in 0.0..1.0_f64,
        confidence in 0.5..0.98_f64,
    ) {
        let events = (0..trials).rfind(|&events| events as f64 <= share * trials as f64).unwrap();
        let fewer = Proportion::new(events, trials);
        let more = Proportion::new(events + 1, trials);
        let interval = fewer.interval(confidence);
        prop_assert!(holds(interval, fewer.estimate()));
        prop_assert!((0.0..=1.0).contains(&interval.low) && (0.0..=1.0).contains(&interval.high));
        prop_assert!(encloses(fewer.interval(confidence + 0.019), interval));
        prop_assert!(more.interval(confidence).low > interval.low);
        prop_assert!(more.interval(confidence).high > interval.high);
        // The mirrored count has the mirrored interval.
        let mirror = Proportion::new(trials - events, trials).interval(confidence);
        prop_assert!((mirror.low - (1.0 - interval.high)).abs() < 1e-9);
    }

    #[test]
    fn evidence_is_two_sided_and_shrinks_with_the_limit(
        draws in prop::collection::vec(0.0..1.0_f64, 1..80),
        limit in 0.0..1.0_f64,
        p in 0.05..0.95_f64,
    ) {
        for statistic in [Statistic::Probability, Statistic::Quantile(p), Statistic::Mean] {
            for comparison in COMPARISONS {
                let near = Claim { statistic, comparison, limit, range: UNIT }.evidence(&draws);
                prop_assert!((0.0..=1.0).contains(&near.p_holds), "{near:?}");
                prop_assert!((0.0..=1.0).contains(&near.p_fails), "{near:?}");
                prop_assert!(near.p_holds + near.p_fails >= 1.0 - 1e-9, "{near:?}");
                prop_assert!(holds(near.interval, near.estimate), "{near:?}");
                let far = Claim { statistic, comparison, limit: limit / 2.0, range: UNIT }.evidence(&draws);
                let (wider, tighter) = match comparison {
                    Comparison::Less | Comparison::AtMost => (near, far),
                    Comparison::Greater | Comparison::AtLeast => (far, near),
                };
                prop_assert!(wider.p_holds <= tighter.p_holds + 1e-9, "{near:?} {far:?}");
            }
        }
    }
}
