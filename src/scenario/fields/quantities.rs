//! Uncertain quantities, each noted as an input with its role.

use super::super::quantity::{self, Reading, Spec};
use super::super::tree::Node;
use super::super::unit::Dimension;
use super::{Fields, SECONDS_MAX};
use crate::experiment::plan::{Input, Role};
use crate::model::law::{Law, Quantity};

impl Fields<'_> {
    /// An uncertain quantity, noted as an input.
    pub(in crate::scenario) fn quantity(
        &mut self,
        key: &'static str,
        spec: &Spec,
        default: Option<Node>,
    ) -> Quantity {
        let Some(node) = self.node(key, default.map(sourced)) else {
            return Quantity::fixed(spec.max.min(1.0));
        };
        match quantity::read(&node, spec) {
            Ok(reading) => {
                self.note(key, spec, &reading);
                reading.quantity
            }
            Err(refusal) => {
                self.refuse(refusal);
                Quantity::fixed(spec.max.min(1.0))
            }
        }
    }

    /// The law of something drawn per occurrence.
    pub(in crate::scenario) fn law(
        &mut self,
        key: &'static str,
        spec: &Spec,
        default: Option<Node>,
    ) -> Law {
        let unknown = Spec {
            role: Role::Unknown,
            ..*spec
        };
        let Some(node) = self.node(key, default.map(sourced)) else {
            return Law::Fixed(1.0);
        };
        match quantity::read(&node, &unknown) {
            Ok(reading) => {
                self.note(key, spec, &reading);
                reading.quantity.centre
            }
            Err(refusal) => {
                self.refuse(refusal);
                Law::Fixed(1.0)
            }
        }
    }

    /// Seconds between two occurrences, absent for `never`, which is the default.
    pub(in crate::scenario) fn interval(&mut self, key: &'static str) -> Option<Quantity> {
        let node = self.stated(key).cloned();
        let node = node.unwrap_or_else(|| Node::text("never"));
        if node.plain().as_text() == Some("never") {
            self.resolve(key, node);
            return None;
        }
        let spec = Spec::unknown(Dimension::Time).between(60.0, SECONDS_MAX);
        Some(self.quantity(key, &spec, None))
    }

    fn note(&self, key: &str, spec: &Spec, reading: &Reading) {
        let is_fixed = reading.quantity.centre.is_fixed() && reading.quantity.spread.is_fixed();
        let given = || "this scenario".to_owned();
        self.sink.inputs.borrow_mut().push(Input {
            path: format!("{}.{key}", self.path),
            role: if is_fixed { Role::Known } else { spec.role },
            law: reading.law.clone(),
            quantity: reading.quantity,
            unit: spec.unit(),
            source: reading.source.clone().unwrap_or_else(given),
        });
    }
}

/// A default that says it is one.
fn sourced(node: Node) -> Node {
    if node.as_table().is_some() {
        return node;
    }
    Node::table(vec![("value", node), ("source", Node::text("default"))])
}
