//! How long an application's requests take on its share of a node's cores.
//!
//! Requests arrive as a Poisson process and share the cores equally. Each request uses at most one
//! core. Let r be the share in cores, whole or not, and a the offered load in cores. With n
//! requests inside, work is done at the rate min(n, r). So n is a birth-death chain with
//! p(n)/p(n-1) = a/min(n, r). The mean depends on the work only by its mean.
//!
//! Source: F. P. Kelly, "Reversibility and Stochastic Networks" (1979), section 3.3, symmetric
//! queues, read 2026-11.

/// Mean time in the system over the mean service time on one unshared core.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Slowdown {
    /// The factor of a steady state; at least 1 where the share is at least one core.
    Steady(f64),
    /// The application demands more than its share, so requests pile up while that lasts.
    Overloaded,
}

impl Slowdown {
    /// The factor, infinite under overload.
    pub const fn factor(self) -> f64 {
        match self {
            Self::Steady(factor) => factor,
            Self::Overloaded => f64::INFINITY,
        }
    }
}

/// The slowdown of requests that offer `load` cores of work to `share` cores. The load is the
/// arrival rate times the mean service time. Exact: the recursion of Erlang's loss formula sums the
/// states up to the share, the geometric series those above. The cost is one multiplication per
/// whole core.
pub fn slowdown(load: f64, share: f64) -> Slowdown {
    if load >= share {
        return Slowdown::Overloaded;
    }
    if load <= 0.0 {
        return Slowdown::Steady(1.0 / share.min(1.0));
    }
    let per_load = 1.0 / load;
    let whole = share.floor();
    let (mut inverse, mut core) = (1.0, 1.0);
    while core <= whole {
        inverse = one_core_more(inverse, core, per_load);
        core += 1.0;
    }
    let load = Load { load, per_load };
    let share = Share { share, whole };
    Slowdown::Steady(steady(load, share, inverse))
}

/// Pairs of slowdowns that are computed side by side.
///
/// INFERRED: as many as keep a processor busy while each waits for its last result. Measured.
pub const LANES: usize = 8;

/// Slowdowns of the same loads, lane by lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pairs {
    /// On the share of each lane.
    pub on_shares: [f64; LANES],
    /// On all cores.
    pub on_all: [f64; LANES],
}

/// [`slowdown`] for all lanes, to the last bit: of each load on its share, and of each load on
/// `cores`. Both sums of a lane run over the same states, and the lanes run side by side. So this
/// costs a fraction of separate calls. Every load is above zero and below its share, which is at
/// most `cores`.
pub fn slowdowns(loads: &[f64; LANES], shares: &[f64; LANES], cores: f64) -> Pairs {
    let per_load = loads.map(|load| 1.0 / load);
    let (whole, all) = (shares.map(whole), whole(cores));
    let least = whole.iter().copied().fold(all, f64::min);
    let (mut inverse, mut core) = ([1.0; LANES], 1.0);
    while core <= least {
        for lane in 0..LANES {
            inverse[lane] = one_core_more(inverse[lane], core, per_load[lane]);
        }
        core += 1.0;
    }
    let mut own = inverse;
    while core <= all {
        for lane in 0..LANES {
            inverse[lane] = one_core_more(inverse[lane], core, per_load[lane]);
            own[lane] = if core <= whole[lane] {
                inverse[lane]
            } else {
                own[lane]
            };
        }
        core += 1.0;
    }
    let mut found = Pairs {
        on_shares: [0.0; LANES],
        on_all: [0.0; LANES],
    };
    for lane in 0..LANES {
        let load = Load {
            load: loads[lane],
            per_load: per_load[lane],
        };
        let (share, whole) = (shares[lane], whole[lane]);
        found.on_shares[lane] = steady(load, Share { share, whole }, own[lane]);
        let every = Share {
            share: cores,
            whole: all,
        };
        found.on_all[lane] = steady(load, every, inverse[lane]);
    }
    found
}

/// A load in cores, and its inverse.
#[derive(Clone, Copy)]
struct Load {
    load: f64,
    per_load: f64,
}

/// A share in cores, and its whole cores.
#[derive(Clone, Copy)]
struct Share {
    share: f64,
    whole: f64,
}

/// Whole cores of a share. A conversion is cheap, where `floor` may be a call.
#[expect(
    clippy::cast_possible_truncation,
    reason = "no machine has billions of cores"
)]
fn whole(share: f64) -> f64 {
    f64::from(share as i32)
}

/// From 1/B with some number of cores to 1/B with one core more. 1/B = (p(0) + ... + p(m)) / p(m)
/// with m cores. Where requests practically never wait, 1/B overflows to infinity, and B = 0 is
/// right.
fn one_core_more(inverse: f64, core: f64, per_load: f64) -> f64 {
    1.0 + inverse * core * per_load
}

/// The slowdown of a load on a larger share. `inverse` is 1/B of its whole cores.
fn steady(Load { load, per_load }: Load, Share { share, whole }: Share, inverse: f64) -> f64 {
    let full = 1.0 / inverse;
    let ratio = load / share;
    let tail = ratio / (1.0 - ratio);
    let mean_up_to_full = load * (1.0 - full);
    let mean_above_full = full * tail * (whole + 1.0 / (1.0 - ratio));
    let inside = (mean_up_to_full + mean_above_full) / (1.0 + full * tail);
    inside * per_load
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same chain summed state by state.
    fn summed(load: f64, share: f64) -> f64 {
        let (mut state, mut weight, mut total, mut mean) = (0.0_f64, 1.0, 1.0, 0.0);
        while weight > 1e-18 * total || state <= share {
            state += 1.0;
            weight *= load / state.min(share);
            total += weight;
            mean += state * weight;
        }
        mean / total / load
    }

    fn check(load: f64, share: f64, expected: f64, slack: f64) {
        let found = slowdown(load, share).factor();
        assert!(
            (found - expected).abs() <= slack,
            "{load} {share}: {found} is not {expected}"
        );
    }

    #[test]
    fn one_core_is_the_classic_queue() {
        check(0.5, 1.0, 2.0, 1e-12);
        check(0.8, 1.0, 5.0, 1e-12);
        check(0.9, 1.0, 10.0, 1e-11);
        check(0.25, 0.5, 4.0, 1e-12);
    }

    #[test]
    fn fractional_shares_match_the_table() {
        check(2.8, 4.0, 1.357_21, 5e-6);
        check(2.8, 3.5, 1.904_2, 5e-5);
        check(2.8, 3.2, 2.928_8, 5e-5);
        check(2.8, 3.0, 5.383_4, 5e-5);
        check(2.8, 2.9, 10.376_2, 5e-5);
        let displaced = slowdown(2.8, 3.2).factor() / slowdown(2.8, 4.0).factor();
        assert!((displaced - 2.16).abs() < 0.005);
        let slow = 0.8 * slowdown(2.8, 4.0).factor() + 0.2 * slowdown(2.8, 3.2).factor();
        assert!((slow - 1.671_52).abs() < 5e-6);
        check(2.8, 3.84, 1.472_67, 5e-6);
    }

    #[test]
    fn the_closed_sum_is_the_sum() {
        for (load, share) in [
            (0.01, 0.3),
            (0.1, 64.0),
            (63.9, 64.0),
            (127.0, 128.5),
            (5.0, 5.01),
        ] {
            let expected = summed(load, share);
            check(load, share, expected, 1e-9 * expected);
        }
        check(0.001, 2_000.0, 1.0, 1e-12);
        check(0.0, 8.0, 1.0, 0.0);
        check(0.0, 0.5, 2.0, 0.0);
    }

    #[test]
    fn more_work_than_share_is_overload() {
        assert_eq!(slowdown(2.8, 2.8), Slowdown::Overloaded);
        assert_eq!(slowdown(3.0, 2.8), Slowdown::Overloaded);
        assert_eq!(slowdown(0.0, 0.0), Slowdown::Overloaded);
    }
}
