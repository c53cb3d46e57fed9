//! Refused dials in closed form: the formulas of Erlang and Engset.

/// The share of Poisson dials that find all `ports` taken, at an offered load of `load` ports
/// (dials per second times the mean time a port is taken). Erlang's loss formula, by the recursion
/// 1/B(n) = 1 + (n/A)/B(n-1); it does not depend on the law of the time taken.
///
/// Source: A. K. Erlang (1917), in ITU-D Teletraffic Engineering Handbook, section 7, read 2026-11.
pub fn erlang_b(ports: u32, load: f64) -> f64 {
    if load <= 0.0 {
        return f64::from(u8::from(ports == 0));
    }
    // The inverse overflows to infinity where the probability underflows: both mean zero.
    let inverse = (1..=ports).fold(1.0, |inverse, n| 1.0 + inverse * f64::from(n) / load);
    1.0 / inverse
}

/// The share of time in which all `ports` are taken if each of `clients` dials, while it has no
/// connection, `idle_load` times per mean time a port is taken. Engset's formula.
///
/// Source: T. O. Engset (1918), in ITU-D Teletraffic Engineering Handbook, section 8, read 2026-11.
pub fn time_congestion(clients: u32, ports: u32, idle_load: f64) -> f64 {
    if clients < ports {
        return 0.0;
    }
    (1..=ports).fold(1.0, |congestion, n| {
        let offered = f64::from(clients - n + 1) * idle_load * congestion;
        offered / (f64::from(n) + offered)
    })
}

/// The share of dials refused in the situation of [`time_congestion`]: what a client sees is the
/// system without itself.
///
/// Source: as [`time_congestion`] (the arrival theorem), read 2026-11.
pub fn call_congestion(clients: u32, ports: u32, idle_load: f64) -> f64 {
    clients
        .checked_sub(1)
        .map_or(0.0, |others| time_congestion(others, ports, idle_load))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() <= 1e-5 * expected,
            "{found} is not {expected}"
        );
    }

    #[test]
    fn erlang_b_matches_the_table() {
        let table = [
            (5, 3.0, 0.110_054),
            (10, 5.0, 0.018_384_6),
            (64, 45.0, 0.001_446_19),
            (64, 51.0, 0.011_134_2),
            (64, 64.0, 0.093_407_5),
            (1_024, 1_000.0, 0.011_988_7),
            (32_768, 32_768.0, 0.004_394_81),
            (55_000, 54_500.0, 1.756_84e-4),
            (55_000, 55_000.0, 0.003_394_49),
            (55_000, 60_000.0, 0.083_515_8),
            (64_511, 64_000.0, 2.098_96e-4),
            (64_511, 64_511.0, 3.134_83e-3),
            (64_511, 80_000.0, 0.193_665),
        ];
        for (ports, load, blocked) in table {
            check(erlang_b(ports, load), blocked);
        }
        check(erlang_b(64_512, 45_360.0), 0.0);
        check(erlang_b(3, 0.0), 0.0);
        check(erlang_b(0, 2.0), 1.0);
    }

    #[test]
    fn engset_matches_the_table() {
        let table = [
            (10, 5, 1.0, 0.394_984_33, 0.329_842_93),
            (20, 10, 0.5, 0.056_381_20, 0.041_698_15),
            (100, 64, 1.0, 0.001_562_49, 0.001_124_36),
            (100, 64, 2.0, 0.221_386_89, 0.206_225_75),
        ];
        for (clients, ports, idle_load, time, call) in table {
            check(time_congestion(clients, ports, idle_load), time);
            check(call_congestion(clients, ports, idle_load), call);
        }
        check(call_congestion(64, 64, 10.0), 0.0);
    }
}
