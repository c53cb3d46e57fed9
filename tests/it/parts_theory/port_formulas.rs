//! The rules of a port pool as closed forms.

/// Time between dial and close, and time for which the port stays taken afterwards, in seconds.
#[derive(Clone, Copy)]
pub(super) struct Tenure {
    pub(super) lifetime: f64,
    pub(super) hold: f64,
}

impl Tenure {
    /// Mean connected collectors if each wants one connection for ever and redials until it has one:
    /// min(N, c L/(L + W)), by Little's law. A freed port is taken at once, which holds while
    /// redials come much faster than ports come free.
    pub(super) fn active_with_retry(self, collectors: u32, capacity: u32) -> f64 {
        let ports_per_connection = 1.0 + self.hold / self.lifetime;
        f64::from(collectors).min(f64::from(capacity) / ports_per_connection)
    }
}

/// Redials that find no port among `capacity` when all of `connections` are lost at once and
/// redialled at once, while the old ports are held.
pub(super) fn blocked_by_a_storm(connections: u32, capacity: u32) -> u32 {
    (2 * connections).saturating_sub(capacity)
}

/// Seconds until `capacity` ports are taken, (c - n)/lambda, if `churn_rate` of `connections` close
/// and are redialled per second and holds are longer than that.
pub(super) fn exhausted_after(connections: u32, churn_rate: f64, capacity: u32) -> f64 {
    (f64::from(capacity) - f64::from(connections)) / churn_rate
}

/// Erlang's B: the share of Poisson arrivals refused by `servers` servers without a waiting room,
/// under `load` erlangs, whatever the distribution of the service times.
///
/// Source: the recursion B(n) = a B(n-1) / (n + a B(n-1)), B(0) = 1; L. Kleinrock, Queueing
/// Systems I (1975), section 3.5; ITU-T E.501.
pub(super) fn erlang_b(servers: u32, load: f64) -> f64 {
    (1..=servers).fold(1.0, |refused, server| {
        let offered = load * refused;
        offered / (f64::from(server) + offered)
    })
}

/// Engset's formula: the share of dials refused if each of `clients` dials, while it has no
/// connection, `idle_load` times per mean time a port is taken. A client sees the system without
/// itself.
///
/// Source: T. O. Engset (1918), in ITU-D Teletraffic Engineering Handbook, section 8, read 2026-11.
pub(super) fn engset(clients: u32, ports: u32, idle_load: f64) -> f64 {
    let others = clients - 1;
    if others < ports {
        return 0.0;
    }
    (1..=ports).fold(1.0, |congestion, n| {
        let offered = f64::from(others - n + 1) * idle_load * congestion;
        offered / (f64::from(n) + offered)
    })
}

#[test]
fn formulas_equal_their_tables() {
    let table = [
        (engset(10, 5, 1.0), 0.329_842_93),
        (engset(20, 10, 0.5), 0.041_698_15),
        (engset(100, 64, 2.0), 0.206_225_75),
        (erlang_b(5, 3.0), 0.110_054),
        (erlang_b(64, 51.0), 0.011_134_2),
        (erlang_b(64_511, 64_511.0), 0.003_134_83),
    ];
    for (found, printed) in table {
        assert!(
            (found - printed).abs() <= 1e-5 * printed,
            "{found} is not {printed}"
        );
    }
    let tenure = Tenure {
        lifetime: 1_000.0,
        hold: 120.0,
    };
    assert!((tenure.active_with_retry(70_000, 64_511) - 57_599.1).abs() < 0.05);
    assert!((tenure.active_with_retry(1_000, 64_511) - 1_000.0).abs() < 1e-9);
}
