//! Uncertain quantities, each noted as an input with its role.

use super::super::quantity::{self, Reading, Spec};
use super::super::tree::Node;
use super::super::unit::Dimension;
use super::super::write::inline;
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
            self.note_known(key, &node, "", None);
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
            quantity: Some(reading.quantity),
            unit: spec.unit(),
            source: reading.source.clone().unwrap_or_else(given),
        });
    }

    /// Notes a value without uncertainty as an input, if the preset has one for the key: a number in
    /// its unit, or a word.
    pub(super) fn note_known(
        &self,
        key: &str,
        node: &Node,
        unit: &'static str,
        value: Option<f64>,
    ) {
        if self.preset.get(key).is_none() {
            return;
        }
        let source = node.as_table().and_then(|table| table.get("source"));
        let source = source.and_then(Node::as_text).unwrap_or("this scenario");
        self.sink.inputs.borrow_mut().push(Input {
            path: self.below(key),
            role: Role::Known,
            law: inline(node.plain()).replace('"', ""),
            quantity: value.map(Quantity::fixed),
            unit,
            source: source.to_owned(),
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
