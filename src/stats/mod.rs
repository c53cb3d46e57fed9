//! Plain mathematics of observations: levels over time, quantiles, intervals, tests of claims,
//! special functions. Does not know what it measures, draws no random numbers and does no I/O.
//!
//! What is observed comes first, then what may be concluded from it: a [`Level`] condenses one run;
//! a [`Summary`] condenses many; a [`Claim`] turns them into [`Evidence`], and [`decide`] turns the
//! evidence on all claims into [`Verdict`]s.

mod binomial;
mod bisection;
mod claim;
mod draws;
mod events;
mod evidence;
mod holm;
mod interval;
mod level;
mod mean;
mod normal;
mod proportion;
mod quantile;
mod queueing;
mod summary;
mod verdict;

pub use level::Level;

pub use interval::{CONFIDENCE, Interval};
pub use mean::Mean;
pub use proportion::Proportion;
pub use quantile::{RankPair, quantile, quantile_interval};
pub use summary::Summary;

pub use claim::{Claim, Comparison, Statistic};
pub use draws::{DRAWS_MAX, draws_to_settle};
pub use evidence::Evidence;
pub use holm::{holm_adjusted, holm_rejected};
pub use verdict::{Verdict, decide};

pub use bisection::crossing;
pub use normal::{Z_95, normal_cdf, normal_quantile, normal_survival};
pub use queueing::{erlang_b, erlang_c};
