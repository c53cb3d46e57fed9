//! Sharing a capacity among claims by weight: weighted max-min fairness.
//!
//! This is what the CPU scheduler converges to between cgroups: nobody gets more than it asks for,
//! what is left over goes to the others, and those that do not get enough get it by weight. All
//! grants follow from one number, the *level*: the capacity per unit of weight at which the water
//! stands.

use std::ops::Range;

/// What one entity wants of a shared capacity. All three are in units of the capacity, usually
/// cores, except the weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Claim {
    /// Importance under contention, above zero; for a cgroup its `cpu.weight`.
    pub weight: f64,
    /// What it would use if alone, from zero.
    pub demand: f64,
    /// What it is allowed at most; infinite without a limit.
    pub cap: f64,
}

impl Claim {
    /// What it takes at most: its demand within its cap.
    pub const fn limit(self) -> f64 {
        self.demand.min(self.cap)
    }

    /// The level at which it has all it takes.
    pub(super) fn saturation(self) -> f64 {
        self.limit() / self.weight
    }

    /// What it gets where the water stands at `level`; everything at an infinite level.
    pub fn grant(self, level: f64) -> f64 {
        self.limit().min(self.weight * level)
    }

    /// The same claim by someone who would use all that is allowed.
    #[must_use]
    pub const fn raised(self) -> Self {
        Self {
            demand: self.cap,
            ..self
        }
    }
}

/// The level at which `claims` use up `capacity`; infinite if they fit. Takes one pass where they
/// fit and at most one more per claim, without allocation.
pub fn level<'a>(capacity: f64, claims: &(impl Iterator<Item = &'a Claim> + Clone)) -> f64 {
    if claims.clone().map(|claim| claim.limit()).sum::<f64>() <= capacity {
        return f64::INFINITY;
    }
    // The level only rises from pass to pass, so a claim once saturated stays so.
    let (mut level, mut saturated) = (0.0, None);
    loop {
        let (mut left, mut weight, mut count) = (capacity, 0.0, 0_usize);
        for claim in claims.clone() {
            if claim.saturation() <= level {
                left -= claim.limit();
                count += 1;
            } else {
                weight += claim.weight;
            }
        }
        // Rounding may saturate every claim although they do not quite fit.
        if saturated == Some(count) || weight <= 0.0 {
            return level;
        }
        level = left / weight;
        saturated = Some(count);
    }
}

/// Shares `capacity` among `claims` into `grants`, which is as long.
pub fn share(capacity: f64, claims: &[Claim], grants: &mut [f64]) {
    assert_eq!(claims.len(), grants.len(), "one grant per claim");
    let level = level(capacity, &claims.iter());
    for (grant, claim) in grants.iter_mut().zip(claims) {
        *grant = claim.grant(level);
    }
}

/// Shares `capacity` down a tree, as cgroups do: groups compete with their siblings, then their
/// members share what the group got.
///
/// `claims[i]` has the members `members[i]`, an empty range for a leaf; members stand after their
/// group, and `claims[0]` is the root. A group's demand is overwritten by what its members take.
pub fn share_tree(
    capacity: f64,
    claims: &mut [Claim],
    members: &[Range<usize>],
    grants: &mut [f64],
) {
    assert!(
        claims.len() == members.len() && claims.len() == grants.len(),
        "one of each per claim"
    );
    for group in (0..claims.len())
        .rev()
        .filter(|&group| !members[group].is_empty())
    {
        assert!(
            members[group].start > group,
            "members stand after their group"
        );
        claims[group].demand = claims[members[group].clone()]
            .iter()
            .map(|c| c.limit())
            .sum();
    }
    grants[0] = claims[0].limit().min(capacity);
    for (group, range) in members
        .iter()
        .enumerate()
        .filter(|(_, range)| !range.is_empty())
    {
        let granted = grants[group];
        share(granted, &claims[range.clone()], &mut grants[range.clone()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: f64 = f64::INFINITY;

    fn claim((weight, demand, cap): (f64, f64, f64)) -> Claim {
        Claim {
            weight,
            demand,
            cap,
        }
    }

    fn check(capacity: f64, claims: &[(f64, f64, f64)], expected: &[f64]) {
        let claims: Vec<_> = claims.iter().copied().map(claim).collect();
        let mut grants = vec![0.0; claims.len()];
        share(capacity, &claims, &mut grants);
        assert_near(&grants, expected);
    }

    fn assert_near(found: &[f64], expected: &[f64]) {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5, "{found} is not {expected}");
        }
    }

    #[test]
    fn claims_share_by_weight() {
        check(4.0, &[(39.0, 3.5, FREE), (1.0, 2.0, FREE)], &[3.5, 0.5]);
        check(4.0, &[(39.0, 3.5, FREE), (39.0, 2.0, FREE)], &[2.0, 2.0]);
        check(
            4.0,
            &[(20.0, 4.0, FREE), (4.0, 2.0, 0.5), (39.0, 0.3, FREE)],
            &[3.2, 0.5, 0.3],
        );
        check(2.0, &[(1.0, 2.0, FREE), (1.0, 1.5, FREE)], &[1.0, 1.0]);
        check(
            8.0,
            &[
                (1.0, 1.0, FREE),
                (2.0, 5.0, FREE),
                (4.0, 8.0, FREE),
                (1.0, 0.5, FREE),
            ],
            &[1.0, 2.166_667, 4.333_333, 0.5],
        );
    }

    #[test]
    fn claims_that_fit_are_granted() {
        check(4.0, &[(1.0, 3.0, FREE), (5.0, 2.0, 1.0)], &[3.0, 1.0]);
        check(4.0, &[(1.0, 0.0, FREE)], &[0.0]);
        check(0.0, &[(1.0, 1.0, FREE), (1.0, 0.0, FREE)], &[0.0, 0.0]);
        assert!(level(4.0, &[claim((1.0, 4.0, FREE))].iter()).is_infinite());
    }

    /// An application of 2 cores request beside the burstable slice, in it a collector of 100
    /// millicores and another pod of 1000.
    fn hierarchical(weights: [f64; 4], expected: [f64; 3]) {
        let [application, slice, collector, other] = weights;
        let mut claims = [
            claim((1.0, 0.0, FREE)),
            claim((application, 4.0, FREE)),
            claim((slice, 0.0, FREE)),
            claim((collector, 2.0, FREE)),
            claim((other, 2.0, FREE)),
        ];
        let mut grants = [0.0; 5];
        share_tree(
            4.0,
            &mut claims,
            &[1..3, 0..0, 3..5, 0..0, 0..0],
            &mut grants,
        );
        assert_near(&[grants[1], grants[3], grants[4]], &expected);
    }

    #[test]
    fn groups_share_before_their_members() {
        hierarchical([79.0, 43.0, 4.0, 39.0], [2.590_16, 0.131_15, 1.278_69]);
        hierarchical([174.0, 108.0, 17.0, 100.0], [2.468_09, 0.222_59, 1.309_33]);
    }
}
