//! From the utilisation of pods to the number of pods that would have the target utilisation.

/// Share by which a float may lie below the whole percent that it stands for.
const HAIR: f64 = 1e-9;

/// Mean utilisation of its request that a fleet's pods should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// In whole percent, as Kubernetes has it.
    pub percent: u32,
}

/// What an autoscaler knows of one metric of a cluster's pods.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// Sum of the utilisation of all pods with a measurement; 1 = one whole request.
    pub used: f64,
    /// Pods with a measurement.
    pub measured: u32,
    /// Running pods without a measurement.
    pub missing: u32,
    /// Pods that do not run yet.
    pub pending: u32,
}

/// The number of pods that `metrics` recommend at `current` pods; `None` without any measurement.
/// The greatest recommendation wins. A metric without measurements forbids a number below
/// `current`.
pub fn recommend(current: u32, tolerance: f64, metrics: &[(Target, Reading)]) -> Option<u32> {
    let of_each = || {
        let metrics = metrics.iter();
        metrics.map(|&(target, reading)| of_one(current, tolerance, target, reading))
    };
    let greatest = of_each().flatten().max()?;
    (greatest >= current || of_each().all(|one| one.is_some())).then_some(greatest)
}

/// The number of pods that one metric recommends; `None` without any measurement.
///
/// Source: kubernetes/kubernetes `pkg/controller/podautoscaler/replica_calculator.go`,
/// `GetResourceReplicas`: pods without a measurement count as using nothing when more are wanted, and
/// their whole request when fewer are; those that do not run yet only the former (read 2026-11).
fn of_one(current: u32, tolerance: f64, target: Target, reading: Reading) -> Option<u32> {
    let Reading {
        used,
        measured,
        missing,
        pending,
    } = reading;
    if measured == 0 {
        return None;
    }
    let wanted = u64::from(target.percent);
    let is_close = |percent: u64| (percent as f64 / wanted as f64 - 1.0).abs() <= tolerance + HAIR;
    let percent = whole_percent(used, measured);
    let (is_above, is_below) = (percent > wanted, percent < wanted);
    if missing == 0 && (pending == 0 || !is_above) {
        return Some(if is_close(percent) {
            current
        } else {
            pods(percent, measured, wanted)
        });
    }
    let whole_request = f64::from(target.percent.max(100)) / 100.0;
    let (used, counted) = match (is_above, is_below) {
        (true, _) => (used, measured + missing + pending),
        (_, true) => (
            used + f64::from(missing) * whole_request,
            measured + missing,
        ),
        _ => (used, measured),
    };
    let percent = whole_percent(used, counted);
    let turns = (is_below && percent > wanted) || (is_above && percent < wanted);
    if is_close(percent) || turns {
        return Some(current);
    }
    let replicas = pods(percent, counted, wanted);
    let turns =
        (percent < wanted && replicas > current) || (percent > wanted && replicas < current);
    Some(if turns { current } else { replicas })
}

/// Mean utilisation of `pods` pods that use `used` requests together, in percent. Rounded down, as
/// Kubernetes does.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a sum of shares is never negative, and casts saturate"
)]
fn whole_percent(used: f64, pods: u32) -> u64 {
    (used * 100.0 / f64::from(pods) * (1.0 + HAIR)).floor() as u64
}

/// Number of pods with a utilisation of `wanted` percent, where `count` pods have `percent`.
fn pods(percent: u64, count: u32, wanted: u64) -> u32 {
    let replicas = percent.saturating_mul(count.into()).div_ceil(wanted.max(1));
    u32::try_from(replicas).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desired(current: u32, target: u32, utilisation: f64, counts: (u32, u32, u32)) -> u32 {
        let (measured, missing, pending) = counts;
        let reading = Reading {
            used: utilisation * f64::from(measured),
            measured,
            missing,
            pending,
        };
        recommend(current, 0.1, &[(Target { percent: target }, reading)]).expect("measured")
    }

    /// The numbers of Kubernetes' own table: ratio, tolerance, rounding up.
    #[test]
    fn the_ratio_decides_outside_the_tolerance() {
        assert_eq!(desired(5, 80, 1.0, (5, 0, 0)), 7);
        assert_eq!(desired(1, 80, 0.85, (1, 0, 0)), 1);
        assert_eq!(desired(10, 60, 0.65, (10, 0, 0)), 10);
        assert_eq!(desired(10, 60, 0.66, (10, 0, 0)), 10);
        assert_eq!(desired(10, 60, 0.67, (10, 0, 0)), 12);
        assert_eq!(desired(10, 60, 0.30, (10, 0, 0)), 5);
        // 66.9 % counts as 66 %.
        assert_eq!(desired(10, 60, 0.669, (10, 0, 0)), 10);
    }

    #[test]
    fn pods_without_a_measurement_dampen() {
        // Up: 5 at 120 % and 5 at 0 % have a mean of 60 %.
        assert_eq!(desired(10, 60, 1.2, (5, 5, 0)), 10);
        assert_eq!(desired(10, 60, 1.2, (5, 0, 5)), 10);
        assert_eq!(desired(10, 60, 2.4, (5, 2, 3)), 20);
        // Down: 5 at 20 % and 5 at 100 % have a mean of 60 %; pending pods do not count.
        assert_eq!(desired(10, 60, 0.2, (5, 5, 0)), 10);
        assert_eq!(desired(10, 60, 0.2, (8, 2, 0)), 6);
        assert_eq!(desired(10, 60, 0.3, (6, 0, 4)), 3);
    }

    #[test]
    fn the_greatest_recommendation_wins() {
        let reading = |utilisation: f64, measured| Reading {
            used: utilisation * f64::from(measured),
            measured,
            ..Reading::default()
        };
        let target = Target { percent: 50 };
        let of = |metrics: &[(Target, Reading)]| recommend(4, 0.1, metrics);
        let (low, high) = (reading(0.1, 4), reading(1.0, 4));
        assert_eq!(of(&[(target, low), (target, high)]), Some(8));
        assert_eq!(of(&[(target, low)]), Some(1));
        // A metric without measurements forbids fewer pods, not more.
        let silent = Reading::default();
        assert_eq!(of(&[(target, low), (target, silent)]), None);
        assert_eq!(of(&[(target, silent), (target, high)]), Some(8));
        assert_eq!(of(&[(target, silent)]), None);
    }
}
