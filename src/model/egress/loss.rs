//! Refused dials of a small fleet in closed form; for a large one, Poisson dials, see
//! [`crate::stats::erlang_b`].

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
