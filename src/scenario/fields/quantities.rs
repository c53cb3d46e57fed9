//! Uncertain quantities, each noted as an input with its role.

use super::super::write::inline;
use super::{Dimension, Entry, Fields, Node, SECONDS_MAX, Shape, Spec, quantity};
use crate::experiment::study::{Input, Role};
use crate::model::law::{Law, Quantity};

impl Fields<'_> {
    /// An uncertain quantity, noted as an input.
    pub(in crate::scenario) fn quantity(
        &mut self,
        key: &'static str,
        spec: &Spec,
        default: Option<Node>,
    ) -> Quantity {
        let read = self.noted(key, spec, spec.role, default);
        read.unwrap_or_else(|| Quantity::fixed(spec.max.min(1.0)))
    }

    /// The law of something drawn per occurrence. `spec` is the specification of an unknown.
    pub(in crate::scenario) fn law(
        &mut self,
        key: &'static str,
        spec: &Spec,
        default: Option<Node>,
    ) -> Law {
        let read = self.noted(key, spec, Role::Noise, default);
        read.map_or(Law::Fixed(1.0), |quantity| quantity.centre)
    }

    /// Seconds between two occurrences; `None` for `never`, the default.
    pub(in crate::scenario) fn interval(&mut self, key: &'static str) -> Option<Quantity> {
        let spec = Spec::unknown(Dimension::Time).between(60.0, SECONDS_MAX);
        self.note(key, Some(Shape::Words(vec!["never".to_owned()])));
        self.note(key, Some(Shape::Quantity(spec)));
        let node = self.stated(key).cloned();
        let node = node.unwrap_or_else(|| Node::text("never"));
        if node.plain().as_text() == Some("never") {
            self.note_known(key, &node, "", None);
            self.resolve(key, node);
            return None;
        }
        Some(self.quantity(key, &spec, None))
    }

    /// A quantity, noted as an input of this role. `None` with a problem if it is no quantity.
    fn noted(
        &mut self,
        key: &'static str,
        spec: &Spec,
        role: Role,
        default: Option<Node>,
    ) -> Option<Quantity> {
        self.note(key, Some(Shape::Quantity(*spec)));
        let node = self.node(key, default.map(sourced))?;
        self.noted_as(key, &node, spec, role)
    }

    /// A quantity that an entry states, noted as the input `key`. Its law says which key stated it.
    pub(in crate::scenario) fn quantity_over(
        &mut self,
        entry: &Entry,
        key: &'static str,
        spec: &Spec,
    ) -> Quantity {
        self.resolve(&entry.key, entry.node.clone());
        let read = self.noted_as(key, &entry.node, spec, spec.role);
        if let Some(input) = self
            .sink
            .inputs
            .borrow_mut()
            .last_mut()
            .filter(|_| read.is_some())
        {
            input.law = format!("{} as {}", input.law, entry.key);
        }
        read.unwrap_or_else(|| Quantity::fixed(spec.max.min(1.0)))
    }

    fn noted_as(&self, key: &str, node: &Node, spec: &Spec, role: Role) -> Option<Quantity> {
        let reading = quantity::read(node, spec);
        let reading = reading.map_err(|problem| self.refuse(key, problem)).ok()?;
        let quantity = reading.quantity;
        let nothing_unknown = role == Role::Noise || quantity.centre.is_fixed();
        if quantity.correlated.is_some() && role != Role::Unknown && nothing_unknown {
            let help = "only what is drawn once per draw can be: an unknown, or the median of \
                        { median = { p5, p95 }, spread = { p5, p95 } }";
            self.wrong(
                key,
                "nothing of this is unknown, so it is not correlated",
                help,
            );
        }
        let is_fixed = quantity.centre.is_fixed() && quantity.spread.is_fixed();
        self.sink.inputs.borrow_mut().push(Input {
            path: format!("{}.{key}", self.path),
            role: if is_fixed { Role::Known } else { role },
            law: reading.law,
            quantity: Some(quantity),
            unit: spec.unit(),
            source: reading.source.unwrap_or("this scenario".to_owned()),
        });
        Some(quantity)
    }

    /// Notes a word as an input.
    pub(in crate::scenario) fn note_word(&self, key: &str, word: &str) {
        self.sink.inputs.borrow_mut().push(Input {
            path: self.below(key),
            role: Role::Known,
            law: word.to_owned(),
            quantity: None,
            unit: "",
            source: "this scenario".to_owned(),
        });
    }

    /// Notes a value without uncertainty as an input, if the preset has the key. The value is a
    /// number in its unit, or a word.
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

/// A default, with a source that says so.
fn sourced(node: Node) -> Node {
    if node.as_table().is_some() {
        return node;
    }
    Node::table(vec![("value", node), ("source", Node::text("default"))])
}
