//! `[[endpoint]]`: remote backends.

use super::super::suggest::suggest;
use super::{Context, Dimension, Fields, Node, Spec, chain, name};
use crate::model::blueprint::signal::Signal;
use crate::model::blueprint::{Answer, EgressId, Endpoint, LogLimits, Outage};
use crate::model::law::Quantity;

/// The words for what a sender gets during an outage.
const ANSWERS: [(&str, Answer); 3] = [
    ("errors", Answer::Errors),
    ("refused", Answer::Refused),
    ("timeout", Answer::Timeout),
];

pub(super) fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Endpoint {
    let words = Signal::ALL.map(|signal| (signal.name(), signal));
    let latency = Spec::unknown(Dimension::Time).between(1e-6, 30.0).noise();
    let source = "INFERRED: a backend in the same region";
    let usual = Node::texts(&[("p50", "100ms"), ("p95", "400ms"), ("source", source)]);
    fields.default_to(context.preset.section("endpoint"));
    let name = name(fields);
    let signal = fields.choice("signal", &words, None);
    let backend = chain::backend(fields, (signal, &context.fleets));
    let (capacity_samples_per_second, logs) = limits(fields, signal);
    let endpoint = Endpoint {
        name,
        signal,
        backend,
        via: via(fields, context),
        latency: fields.quantity("latency", &latency, Some(usual)),
        capacity_samples_per_second,
        logs,
        errors: share(fields, "errors"),
        rejects: share(fields, "rejects"),
        outages: outages(fields),
        connection_lifetime: connection_lifetime(fields),
    };
    if endpoint.backend.is_some() {
        chain::refuse_beside_a_fleet(fields, &endpoint);
    }
    endpoint
}

/// What an endpoint takes: samples per second, or bytes of log lines per second.
fn limits(fields: &mut Fields<'_>, signal: Signal) -> (Option<f64>, LogLimits) {
    let samples = Spec::unknown(Dimension::Number).between(1.0, 1e15);
    let bytes = Spec::unknown(Dimension::ByteRate).between(1.0, 1e15);
    if fields.is_any_lost(&["signal"]) {
        // The unit of a limit depends on the signal.
        fields.take("capacity");
        fields.take("stream_limit");
        return (None, LogLimits::default());
    }
    if signal != Signal::Logs {
        let why = "only an endpoint of logs limits streams";
        fields.forbid("stream_limit", why, "remove it");
        if signal == Signal::Profiles {
            let why = "no limit of an endpoint of profiles is simulated";
            fields.forbid("capacity", why, "remove it");
            return (None, LogLimits::default());
        }
        let capacity = fields.amount_or("capacity", &samples, "unlimited");
        return (capacity, LogLimits::default());
    }
    let limits = LogLimits {
        bytes_per_second: fields.amount_or("capacity", &bytes, "unlimited"),
        bytes_per_stream: fields.amount_or("stream_limit", &bytes, "unlimited"),
    };
    (None, limits)
}

/// Reads what a preset may state of an endpoint.
pub(super) fn preset(fields: &mut Fields<'_>) {
    connection_lifetime(fields);
}

fn connection_lifetime(fields: &mut Fields<'_>) -> Quantity {
    let spec = Spec::unknown(Dimension::Time).between(1.0, 200.0 * 365.0 * 86_400.0);
    fields.quantity("connection_lifetime", &spec, None)
}

/// A share of what is sent, zero by default.
fn share(fields: &mut Fields<'_>, key: &'static str) -> Quantity {
    let spec = Spec::share().between(0.0, 0.99);
    fields.quantity(key, &spec, Some(Node::text("0%")))
}

fn via(fields: &mut Fields<'_>, context: &Context<'_>) -> Option<EgressId> {
    let via = fields.text("via", Some("private"));
    if via == "private" {
        return None;
    }
    let found = context.egresses.iter().position(|name| *name == via);
    if found.is_none() {
        let names = context.egresses.iter().map(String::as_str);
        let help = suggest(&via, names.chain(["private"]));
        fields.stranger("via", format!("there is no egress `{via}`"), &help);
    }
    found.map(EgressId::new)
}

fn outages(fields: &mut Fields<'_>) -> Vec<Outage> {
    let mut outages = fields.tables_or_none("outages", |table| Outage {
        at: table.duration("at", 0.0..=f64::MAX, None),
        lasts: table.duration("for", 1.0..=f64::MAX, None),
        answer: table.choice("answer", &ANSWERS, Some("errors")),
    });
    outages.sort_by_key(|outage| outage.at);
    for pair in outages.windows(2) {
        if pair[0].at + pair[0].lasts > pair[1].at {
            fields.wrong("outages", "two outages overlap", "write them as one");
        }
    }
    outages
}
