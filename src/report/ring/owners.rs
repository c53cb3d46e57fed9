//! Every target with its owner, as CSV.

use std::collections::BTreeSet;

use crate::model::cluster::ring::{Census, Owned};
use crate::report::table::{Sheet, number};

/// One row per distinct target, in the order of the input. The columns are `owner`, `owner_all_up`
/// if peers are away, `key`, `series` if known, and `label.<name>` per label.
pub fn ring_owners(census: &Census) -> String {
    let labels = census.owned.iter().flat_map(|owned| &owned.target.labels);
    let names: BTreeSet<&str> = labels.map(|(name, _)| name.as_str()).collect();
    let has_absent = census.peers.iter().any(|peer| !peer.is_up);
    let has_series = census.has_series();

    let mut header = vec!["owner".to_owned()];
    header.extend(has_absent.then(|| "owner_all_up".to_owned()));
    header.push("key".to_owned());
    header.extend(has_series.then(|| "series".to_owned()));
    header.extend(names.iter().map(|name| format!("label.{name}")));

    let mut bytes = Vec::new();
    let taken = "a vector takes all bytes";
    let mut sheet = Sheet::with_header(header, &mut bytes).expect(taken);
    for owned in &census.owned {
        let peer = |number: usize| census.peers[number].name.clone();
        let mut row = vec![peer(owned.owner)];
        row.extend(has_absent.then(|| peer(owned.owner_all_up)));
        row.push(format!("{:016x}", owned.key));
        row.extend(has_series.then(|| owned.target.series.map(number).unwrap_or_default()));
        row.extend(names.iter().map(|name| label(owned, name)));
        sheet.row(row).expect(taken);
    }
    sheet.end().expect(taken);
    String::from_utf8(bytes).expect("cells are text")
}

/// The value of a label; empty if the target has none.
fn label(owned: &Owned, name: &str) -> String {
    let labels = &owned.target.labels;
    let found = labels.binary_search_by(|(other, _)| other.as_str().cmp(name));
    found.map_or_else(|_| String::new(), |at| labels[at].1.clone())
}
