//! From a CPU request to a cgroup weight, as Kubernetes and the container runtime do it.

/// Shares of a container without a request, the least the kernel accepts.
///
/// Source: Kubernetes, `pkg/kubelet/cm/helpers_linux.go`, `MinShares`, read 2026-11.
const SHARES_MIN: f64 = 2.0;
/// The most shares the kernel accepts.
///
/// Source: Kubernetes, `pkg/kubelet/cm/helpers_linux.go`, `MaxShares`, read 2026-11.
const SHARES_MAX: f64 = 262_144.0;
/// Shares of one core.
///
/// Source: Kubernetes, `pkg/kubelet/cm/helpers_linux.go`, `SharesPerCPU`, read 2026-11.
const SHARES_PER_CORE: f64 = 1_024.0;
/// The weight of a cgroup that nobody set one for, such as `system.slice` with a collector under
/// systemd.
///
/// Source: Linux kernel, `Documentation/admin-guide/cgroup-v2.rst`, `cpu.weight`, read 2026-11.
pub const WEIGHT_DEFAULT: f64 = 100.0;

/// Which formula turns shares into a weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// Linear from (2, 1) to (262144, 10000): runc before 1.3.2, crun before 1.23.
    Linear,
    /// Through (2, 1), (1024, 100) and (262144, 10000): runc from 1.3.2, crun from 1.23.
    Quadratic,
}

impl Conversion {
    /// The `cpu.weight` of a container or pod that requests `cores`, or of a slice whose pods
    /// request that many together; `None` or zero is no request, as in the best-effort slice.
    ///
    /// Source: Kubernetes blog, "New Conversion from cgroup v1 CPU Shares to v2 CPU Weight", 30
    /// January 2026; the linear one also in KEP-2254, read 2026-11.
    pub fn weight(self, cores: Option<f64>) -> f64 {
        let shares = shares(cores.unwrap_or(0.0));
        match self {
            Self::Linear => 1.0 + ((shares - SHARES_MIN) * 9_999.0 / 262_142.0).floor(),
            Self::Quadratic => {
                let log = shares.log2();
                let exponent = (log * log + 125.0 * log) / 612.0 - 7.0 / 34.0;
                // The curve hits its three points exactly; rounding must not lift them by one.
                (10_f64.powf(exponent) - 1e-9).ceil()
            }
        }
    }
}

/// cgroup v1 `cpu.shares` of a request, from whole millicores.
fn shares(cores: f64) -> f64 {
    let millicores = (cores * 1_000.0).round();
    (millicores * SHARES_PER_CORE / 1_000.0)
        .floor()
        .clamp(SHARES_MIN, SHARES_MAX)
}

#[cfg(test)]
mod tests {
    use super::super::waterfill::{Claim, share};
    use super::*;

    fn check(conversion: Conversion, table: &[(f64, f64)]) {
        for &(millicores, weight) in table {
            let found = conversion.weight(Some(millicores / 1_000.0));
            assert!(
                (found - weight).abs() < 1e-9,
                "{millicores}: {found} is not {weight}"
            );
        }
    }

    #[test]
    fn requests_become_weights() {
        let linear = [
            (0.0, 1.0),
            (10.0, 1.0),
            (50.0, 2.0),
            (100.0, 4.0),
            (200.0, 8.0),
            (250.0, 10.0),
            (500.0, 20.0),
            (1_000.0, 39.0),
            (1_100.0, 43.0),
            (2_000.0, 79.0),
            (3_900.0, 153.0),
            (4_000.0, 157.0),
        ];
        check(Conversion::Linear, &linear);
        let quadratic = [
            (0.0, 1.0),
            (10.0, 4.0),
            (50.0, 11.0),
            (100.0, 17.0),
            (200.0, 29.0),
            (250.0, 35.0),
            (500.0, 59.0),
            (1_000.0, 100.0),
            (1_100.0, 108.0),
            (2_000.0, 174.0),
            (3_900.0, 297.0),
            (4_000.0, 303.0),
            (256_000.0, 10_000.0),
            (1e9, 10_000.0),
        ];
        check(Conversion::Quadratic, &quadratic);
        assert!((Conversion::Quadratic.weight(None) - 1.0).abs() < 1e-9);
    }

    /// What the collector gets of `cores` if both would use all of them.
    fn contended(cores: f64, collector: f64, other: f64) -> f64 {
        let claims = [collector, other].map(|weight| Claim {
            weight,
            demand: cores,
            cap: f64::INFINITY,
        });
        let mut grants = [0.0; 2];
        share(cores, &claims, &mut grants);
        grants[0]
    }

    #[test]
    fn the_newer_conversion_favours_small_requests() {
        let of_two = |conversion: Conversion| {
            contended(
                2.0,
                conversion.weight(Some(0.1)),
                conversion.weight(Some(1.0)),
            )
        };
        assert!((of_two(Conversion::Linear) - 0.186_05).abs() < 5e-6);
        assert!((of_two(Conversion::Quadratic) - 0.290_60).abs() < 5e-6);
        let on_host =
            |conversion: Conversion| contended(4.0, WEIGHT_DEFAULT, conversion.weight(Some(3.9)));
        assert!((on_host(Conversion::Linear) - 1.581_0).abs() < 5e-5);
        assert!((on_host(Conversion::Quadratic) - 1.007_6).abs() < 5e-5);
    }
}
