//! Plain mathematics of observations: quantiles, intervals, tests of claims, special functions.
//! Does not know what it measures, draws no random numbers and does no I/O.
//!
//! Observations come first, then conclusions. A [`Summary`] condenses many draws. A [`Claim`] turns
//! them into [`Evidence`]. [`decide`] turns the evidence on all claims into [`Verdict`]s.

mod betting;
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
mod rank;
mod summary;
mod verdict;

pub use interval::{CONFIDENCE, Interval};
pub use mean::Mean;
pub use proportion::Proportion;
pub use quantile::{quantile, quantile_interval};
pub use rank::rank_correlation;
pub use summary::Summary;

pub use claim::{Claim, Comparison, Statistic};
pub use draws::draws_to_settle;
pub use evidence::Evidence;
pub use holm::holm_rejected;
pub use verdict::{Verdict, decide};

pub use bisection::crossing;
pub use normal::{normal_cdf, normal_quantile};
