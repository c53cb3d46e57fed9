//! Sharing a capacity among contenders by weight: weighted max-min fairness.
//!
//! The CPU scheduler converges to this between cgroups. A contender gets no more than its demand,
//! and what it leaves goes to the others. Contenders without their full demand share by weight. All
//! grants follow from one number, the *level*: the capacity per unit of weight at which the water
//! stands.

/// Who competes for a shared capacity. Demand and cap are in units of the capacity, usually cores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contender {
    /// Importance under contention, above zero. For a cgroup it is its `cpu.weight`.
    pub weight: f64,
    /// What the contender would use if alone, from zero.
    pub demand: f64,
    /// What the contender may use at most; infinite without a limit.
    pub cap: f64,
}

impl Contender {
    /// What the contender takes at most: its demand within its cap.
    pub const fn limit(self) -> f64 {
        self.demand.min(self.cap)
    }

    /// The level at which the contender has its full demand within its cap.
    pub(super) fn saturation(self) -> f64 {
        self.limit() / self.weight
    }

    /// What the contender gets at `level`; its full demand within its cap at an infinite level.
    pub fn grant(self, level: f64) -> f64 {
        self.limit().min(self.weight * level)
    }

    /// The same contender with a demand as large as its cap.
    #[must_use]
    pub const fn raised(self) -> Self {
        Self {
            demand: self.cap,
            ..self
        }
    }
}

/// The level at which `contenders` use up `capacity`; infinite if they fit. That takes one pass if
/// they fit, else at most one more pass per contender, without allocation.
pub fn level<'a>(capacity: f64, contenders: &(impl Iterator<Item = &'a Contender> + Clone)) -> f64 {
    if contenders
        .clone()
        .map(|contender| contender.limit())
        .sum::<f64>()
        <= capacity
    {
        return f64::INFINITY;
    }
    // The level only rises from pass to pass, so a saturated contender stays saturated.
    let (mut level, mut saturated) = (0.0, None);
    loop {
        let (mut left, mut weight, mut count) = (capacity, 0.0, 0_usize);
        for contender in contenders.clone() {
            if contender.saturation() <= level {
                left -= contender.limit();
                count += 1;
            } else {
                weight += contender.weight;
            }
        }
        // Rounding may saturate every contender although their demand does not quite fit, or let a
        // saturated one rise again.
        if saturated.is_some_and(|earlier| count <= earlier) || weight <= 0.0 {
            return level;
        }
        level = left / weight;
        saturated = Some(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: f64 = f64::INFINITY;

    fn contender((weight, demand, cap): (f64, f64, f64)) -> Contender {
        Contender {
            weight,
            demand,
            cap,
        }
    }

    fn check(capacity: f64, contenders: &[(f64, f64, f64)], expected: &[f64]) {
        let contenders: Vec<_> = contenders.iter().copied().map(contender).collect();
        let level = level(capacity, &contenders.iter());
        for (contender, expected) in contenders.iter().zip(expected) {
            let found = contender.grant(level);
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
        assert!(level(4.0, &[contender((1.0, 4.0, FREE))].iter()).is_infinite());
    }
}
