//! Plain mathematics of observations: quantiles, intervals, special functions. Does not know what it measures.
