//! Plain mathematics of observations: quantiles, intervals, tests of claims,
//! special functions. Does not know what it measures, draws no random numbers and does no I/O.
//!
//! What is observed comes first, then what may be concluded from it: a [`Summary`] condenses many
//! draws; a [`Claim`] turns them into [`Evidence`], and [`decide`] turns the
//! evidence on all claims into [`Verdict`]s.

mod binomial;
mod bisection;
mod claim;
mod draws;
mod events;
mod evidence;
mod holm;
mod interval;
mod mean;
mod normal;
mod proportion;
mod quantile;
mod summary;
mod verdict;

pub use interval::{CONFIDENCE, Interval};
pub use mean::Mean;
pub use proportion::Proportion;
pub use quantile::{quantile, quantile_interval};
pub use summary::Summary;

pub use claim::{Claim, Comparison, Statistic};
pub use draws::draws_to_settle;
pub use evidence::Evidence;
pub use holm::holm_rejected;
pub use verdict::{Verdict, decide};

pub use bisection::crossing;
pub use normal::{normal_cdf, normal_quantile};
