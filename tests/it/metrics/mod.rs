//! Metrics that no other test needs, where each of them is one formula or one count.
//!
//! Everything here is exact but for rounding: values are sums and quotients of at most some hundred
//! floats, so they agree to 1e-9. Every number is also taken from a sibling whose input is 5 % off, and
//! must not agree there.

mod endpoints;
mod neighbours;
mod ports;
mod process;
mod start;

use alloy_sim::model::record::catalogue::Metric;

use crate::support::scene::Scene;

/// A metric of a scope, and what it must be.
type Expected = (&'static str, Metric, f64);

/// Whether a value is what is expected but for rounding.
fn agrees(scene: &Scene, &(scope, metric, expected): &Expected) -> bool {
    let value = scene.value(scope, metric);
    (value - expected).abs() <= 1e-9 * expected.abs()
}

/// Asserts that all values of a scene are what is expected, and none of those of a sibling.
#[track_caller]
fn assert_all(scene: &Scene, sibling: &Scene, expected: &[Expected]) {
    for field in expected {
        let &(scope, metric, expected) = field;
        let value = scene.value(scope, metric);
        assert!(
            agrees(scene, field),
            "{scope} {metric:?}: {value} is not {expected}"
        );
        assert!(
            !agrees(sibling, field),
            "{scope} {metric:?}: 5 % off is {expected} as well"
        );
    }
}
