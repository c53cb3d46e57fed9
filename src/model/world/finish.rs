//! The last instant: everything is accounted for, checked and written into the outcome.

use crate::model::fleet::{Fleet, value_of_endpoint};
use crate::model::record::catalogue::{ByScope, Metric, Scope};
use crate::model::record::outcome::{EventRecords, Layout, Outcome};

use super::World;

impl World<'_> {
    /// Accounts for everything up to the end, and writes the outcome. Panics if a sample is
    /// unaccounted for.
    pub(super) fn finish(mut self, events_handled: u64) -> (Outcome, EventRecords) {
        self.relays.finish(&mut self.fleets, self.setting.grid.end);
        for fleet in &mut self.fleets {
            let setting = &mut self.setting;
            fleet.finish(&setting.grid, (&setting.draw, &mut setting.observer));
        }
        for gateway in &self.gateways {
            gateway.assert_conserved();
        }
        let layout = Layout::of(self.setting.blueprint);
        let value = |&(scope, metric): &(Scope, Metric)| self.value(scope, metric);
        let values: Vec<f64> = layout.columns.iter().map(value).collect();
        let of_fleet = |fleet: &Fleet<'_>| fleet.unserved(&layout, &values);
        let unserved = self.fleets.iter().flat_map(of_fleet).collect();
        let days = self
            .fleets
            .iter()
            .map(|fleet| fleet.collector_seconds() / 86_400.0);
        let collector_days = days.sum();
        let (first, tracks, records) = self.setting.observer.into_parts();
        let outcome = Outcome {
            values,
            unserved,
            first,
            tracks,
            unknowns: self.setting.draw.values().to_vec(),
            replicas: Vec::new(),
            events_handled,
            collector_days,
        };
        (outcome, records)
    }

    fn value(&self, scope: Scope, metric: Metric) -> f64 {
        let grid = &self.setting.grid;
        match (scope, metric.by_scope()) {
            (Scope::Fleet(id), ByScope::Fleet(metric)) => self.fleets[id].value(metric, grid),
            (Scope::Pool(id), ByScope::Pool(metric)) => self.pools[id].value(metric, grid),
            (Scope::Egress(id), ByScope::Egress(metric)) => self.gateways[id].value(metric, grid),
            (Scope::Endpoint(id), ByScope::Endpoint(metric)) => {
                value_of_endpoint(&self.fleets, (id, &self.endpoints[id]), metric, grid)
            }
            (scope, _) => unreachable!("{metric:?} is no metric of {scope:?}"),
        }
    }
}
