//! From a CPU request to a cgroup weight, as in Kubernetes and the container runtime.

/// Shares of a container without a request, the least that the kernel accepts.
///
/// Source: Kubernetes, `pkg/kubelet/cm/helpers_linux.go`, `MinShares`, read 2026-11.
const SHARES_MIN: f64 = 2.0;
/// The most shares that the kernel accepts.
///
/// Source: Kubernetes, `pkg/kubelet/cm/helpers_linux.go`, `MaxShares`, read 2026-11.
const SHARES_MAX: f64 = 262_144.0;
/// Shares of one core.
///
/// Source: Kubernetes, `pkg/kubelet/cm/helpers_linux.go`, `SharesPerCPU`, read 2026-11.
const SHARES_PER_CORE: f64 = 1_024.0;
/// The `cpu.weight` of a container or pod that requests `cores`, or of a slice whose pods request
/// `cores` together. `None` or zero is no request, as in the best-effort slice.
///
/// The curve goes through (2, 1), (1024, 100) and (262144, 10000). runc converts so from 1.3.2 on,
/// crun from 1.23 on.
///
/// Source: Kubernetes blog, "New Conversion from cgroup v1 CPU Shares to v2 CPU Weight", 30 January
/// 2026, read 2026-11.
pub fn cpu_weight(cores: Option<f64>) -> f64 {
    let log = shares(cores.unwrap_or(0.0)).log2();
    let exponent = (log * log + 125.0 * log) / 612.0 - 7.0 / 34.0;
    // The curve meets its three points exactly. Rounding must not lift them by one.
    (10_f64.powf(exponent) - 1e-9).ceil()
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
    use super::*;

    #[test]
    fn requests_become_weights() {
        let table = [
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
        for (millicores, expected) in table {
            let found = cpu_weight(Some(millicores / 1_000.0));
            assert!(
                (found - expected).abs() < 1e-9,
                "{millicores}: {found} is not {expected}"
            );
        }
        assert!((cpu_weight(None) - 1.0).abs() < 1e-9);
    }
}
