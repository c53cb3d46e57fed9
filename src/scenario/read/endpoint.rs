//! `[[endpoint]]`: remote backends.

use super::super::fields::Fields;
use super::super::quantity::{Spec, stated};
use super::super::suggest::suggest;
use super::super::tree::Node;
use super::super::unit::Dimension;
use super::{Context, name};
use crate::fleet::blueprint::{Endpoint, Outage};
use crate::fleet::signal::Signal;

pub(super) fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Endpoint {
    let words = Signal::ALL.map(|signal| (signal.name(), signal));
    let latency = Spec::unknown(Dimension::Time).between(1e-6, 30.0).noise();
    let latency_default = Node::table(vec![
        ("p50", Node::text("100ms")),
        ("p95", Node::text("400ms")),
        (
            "source",
            Node::text("INFERRED: a backend in the same region"),
        ),
    ]);
    let capacity = Spec::unknown(Dimension::Number).between(1.0, 1e15);
    let lifetime = stated(&context.preset.connection_lifetime, Dimension::Time);
    Endpoint {
        name: name(fields),
        signal: fields
            .choice("signal", &words, None)
            .unwrap_or(Signal::Metrics),
        via: via(fields, context),
        latency: fields.quantity("latency", &latency, Some(latency_default)),
        capacity_samples_per_second: fields.amount_or("capacity", &capacity, "unlimited"),
        outages: outages(fields),
        connection_lifetime: {
            let spec = Spec::unknown(Dimension::Time).between(1.0, 200.0 * 365.0 * 86_400.0);
            fields.quantity("connection_lifetime", &spec, Some(lifetime))
        },
    }
}

fn via(fields: &mut Fields<'_>, context: &Context<'_>) -> Option<usize> {
    let via = fields.text("via", Some("private"));
    if via == "private" {
        return None;
    }
    let found = context.egresses.iter().position(|name| *name == via);
    if found.is_none() {
        let names = context
            .egresses
            .iter()
            .map(String::as_str)
            .chain(["private"]);
        let help = suggest(&via, names);
        fields.wrong("via", format!("there is no egress `{via}`"), &help);
    }
    found
}

fn outages(fields: &mut Fields<'_>) -> Vec<Outage> {
    if !fields.has("outages") {
        fields.resolve("outages", Node::array(Vec::new()));
    }
    let mut outages = fields.tables("outages", |table| Outage {
        at: table.duration("at", 0.0..=f64::MAX, None),
        lasts: table.duration("for", 1.0..=f64::MAX, None),
    });
    outages.sort_by_key(|outage| outage.at);
    for pair in outages.windows(2) {
        if pair[0].at + pair[0].lasts > pair[1].at {
            fields.wrong("outages", "two outages overlap", "write them as one");
        }
    }
    outages
}
