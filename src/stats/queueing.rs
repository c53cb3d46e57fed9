//! Two formulas for many servers under random arrivals.

/// Erlang's B: the share of arrivals refused by `servers` servers without a waiting room, under
/// `load` erlangs (arrival rate times mean service time; finite, at least 0). From 0 to 1; without
/// servers, 1.
///
/// Arrivals are Poisson; the service times may have any distribution. One step per server.
///
/// Source: the recursion B(n) = a·B(n−1) / (n + a·B(n−1)), B(0) = 1; L. Kleinrock, Queueing
/// Systems I (1975), section 3.5; ITU-T E.501.
pub fn erlang_b(servers: u32, load: f64) -> f64 {
    assert!(load >= 0.0 && load.is_finite(), "load {load}");
    (1..=servers).fold(1.0, |refused, server| {
        let offered = load * refused;
        offered / (f64::from(server) + offered)
    })
}

/// Erlang's C: the share of arrivals that find all `servers` servers busy and wait, under `load`
/// erlangs (finite, at least 0). From 0 to 1; 1 where the load reaches the servers and the queue
/// grows without end.
///
/// Arrivals are Poisson, service times exponential. One step per server.
///
/// Source: C = B / (1 − ρ(1 − B)) with ρ = load / servers; L. Kleinrock, Queueing Systems I
/// (1975), section 3.4.
pub fn erlang_c(servers: u32, load: f64) -> f64 {
    let utilisation = load / f64::from(servers);
    if servers == 0 || utilisation >= 1.0 {
        return 1.0;
    }
    let refused = erlang_b(servers, load);
    refused / (1.0 - utilisation * (1.0 - refused))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact in floats")]
mod tests {
    use super::*;

    /// Compares with a value printed to six significant digits.
    fn check(value: f64, printed: f64) {
        assert!(
            (value - printed).abs() <= 6e-6 * printed,
            "{value} is not {printed}"
        );
    }

    #[test]
    fn erlang_b_equals_the_tables() {
        check(erlang_b(5, 3.0), 0.110_054);
        check(erlang_b(10, 5.0), 0.018_384_6);
        check(erlang_b(64, 51.0), 0.011_134_2);
        check(erlang_b(64_511, 64_511.0), 0.003_134_83);
        check(erlang_b(55_000, 60_000.0), 0.083_515_8);
    }

    #[test]
    fn erlang_c_equals_the_table() {
        check(erlang_c(4, 2.8), 0.428_654);
        // With one server the wait is the utilisation.
        check(erlang_c(1, 0.37), 0.37);
    }

    #[test]
    fn the_ends() {
        assert_eq!((erlang_b(0, 3.0), erlang_b(3, 0.0)), (1.0, 0.0));
        assert_eq!(
            (erlang_c(0, 0.0), erlang_c(3, 0.0), erlang_c(3, 3.0)),
            (1.0, 0.0, 1.0)
        );
        assert_eq!(erlang_b(1_000, 1.0), 0.0, "smaller than any float");
    }
}
