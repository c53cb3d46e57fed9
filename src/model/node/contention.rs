//! The cores of one node, shared by an application and collectors.

use std::iter::once;

use super::latency::{Slowdown, slowdown};
use super::waterfill::{Contender, level};

/// The contenders for the cores of one node. Contenders compete directly, as pods of one quality of
/// service do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contention<'a> {
    /// Cores of the node.
    pub cores: f64,
    /// The application. Its demand is also the work that its requests offer, in cores.
    pub application: Contender,
    /// The collectors, usually one.
    pub collectors: &'a [Contender],
}

/// What collectors do to the requests of an application on their node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// Slowdown of requests beside the collectors.
    pub with_collectors: Slowdown,
    /// Slowdown of requests on the same node without collectors.
    pub alone: Slowdown,
    /// Whether collectors leave fewer cores to the application.
    pub is_crowded: bool,
}

impl Contention<'_> {
    /// The level of water-filling: every contender is granted `contender.grant(level)`. At an
    /// infinite level that is its whole demand. An uncontended node costs the sum of its demands
    /// and one comparison.
    pub fn level(&self) -> f64 {
        level(self.cores, &once(&self.application).chain(self.collectors))
    }

    /// Cores that serve the application's requests while there are many of them. That is its grant
    /// if it used all it may.
    fn application_share(&self) -> f64 {
        let application = self.application.raised();
        let level = level(self.cores, &once(&application).chain(self.collectors));
        application.grant(level).min(self.cores)
    }

    /// [`Contention::application_share`] without collectors.
    const fn application_share_alone(&self) -> f64 {
        self.application.cap.min(self.cores)
    }

    /// The slowdown with and without collectors at one instant, so that no second simulation is
    /// needed.
    pub fn noise(&self) -> Noise {
        let load = self.application.demand;
        let (share, alone) = (self.application_share(), self.application_share_alone());
        Noise {
            with_collectors: slowdown(load, share),
            alone: slowdown(load, alone),
            is_crowded: share < alone,
        }
    }
}

impl Noise {
    /// Factor by which requests take longer beside collectors, from 1; 1 if these take no cores from
    /// the application. Otherwise infinite on an overloaded node, whoever overloads it. So the
    /// factor never falls when an application demands more.
    pub fn index(self) -> f64 {
        match self.alone {
            Slowdown::Steady(alone) => (self.with_collectors.factor() / alone).max(1.0),
            Slowdown::Overloaded if self.is_crowded => f64::INFINITY,
            Slowdown::Overloaded => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAVY: &[Contender] = &[Contender {
        weight: 1.0,
        demand: 3.0,
        cap: f64::INFINITY,
    }];

    fn contender(weight: f64, demand: f64, cap: f64) -> Contender {
        Contender {
            weight,
            demand,
            cap,
        }
    }

    fn near(found: f64, expected: f64, slack: f64) {
        assert!(
            (found - expected).abs() <= slack,
            "{found} is not {expected}"
        );
    }

    #[test]
    fn a_collector_slows_requests_on_a_node_that_is_not_full() {
        let node = Contention {
            cores: 4.0,
            application: contender(79.0, 2.8, f64::INFINITY),
            collectors: &[contender(79.0, 0.8, f64::INFINITY)],
        };
        assert!(node.level().is_infinite());
        near(node.application_share(), 3.2, 1e-12);
        near(node.application_share_alone(), 4.0, 0.0);
        let noise = node.noise();
        near(noise.alone.factor(), 1.357_21, 5e-6);
        near(noise.with_collectors.factor(), 2.928_8, 5e-5);
        near(noise.index(), 2.158, 5e-4);
    }

    #[test]
    fn limits_and_weights_protect_the_application() {
        let limited = Contention {
            cores: 4.0,
            application: contender(20.0, 3.0, f64::INFINITY),
            collectors: &[
                contender(4.0, 2.0, 0.5),
                contender(39.0, 0.3, f64::INFINITY),
            ],
        };
        near(limited.application_share(), 3.2, 1e-12);
        let light = Contention {
            collectors: &[contender(0.5, 9.0, f64::INFINITY)],
            ..limited
        };
        near(light.application_share(), 4.0 * 20.0 / 20.5, 1e-12);
    }

    #[test]
    fn overload_is_told_apart() {
        let node = |demand, collector: &'static [Contender]| Contention {
            cores: 4.0,
            application: contender(1.0, demand, f64::INFINITY),
            collectors: collector,
        };
        assert_eq!(
            node(3.0, HEAVY).noise().with_collectors,
            Slowdown::Overloaded
        );
        assert!(node(3.0, HEAVY).noise().index().is_infinite());
        assert_eq!(node(5.0, HEAVY).noise().alone, Slowdown::Overloaded);
        assert!(node(5.0, HEAVY).noise().index().is_infinite());
        near(node(3.0, &[]).noise().index(), 1.0, 0.0);
        near(node(5.0, &[]).noise().index(), 1.0, 0.0);
    }

    #[test]
    fn a_slowdown_never_falls_with_demand() {
        let indices = (1..200).map(|part| {
            let node = Contention {
                cores: 4.0,
                application: contender(2.0, f64::from(part) * 0.03, f64::INFINITY),
                collectors: &[contender(1.0, 1.0, f64::INFINITY)],
            };
            node.noise().index()
        });
        let indices: Vec<f64> = indices.collect();
        assert!(indices.is_sorted(), "{indices:?}");
        assert!(indices[0] > 1.0 - 1e-12 && indices[198].is_infinite());
    }

    #[test]
    fn a_capped_application_keeps_its_cap() {
        let node = Contention {
            cores: 8.0,
            application: contender(1.0, 1.5, 2.0),
            collectors: &[contender(1.0, 1.0, f64::INFINITY)],
        };
        near(node.application_share(), 2.0, 0.0);
        near(node.noise().index(), 1.0, 0.0);
    }
}
