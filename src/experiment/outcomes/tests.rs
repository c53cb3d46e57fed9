//! What goes into a block comes out of it, and nothing else passes for it.

use std::sync::Arc;

use proptest::prelude::*;

use super::page::{Damage, Page};
use super::shape::{FORMAT, HEADER};
use super::{Key, Outcomes, encode};
use crate::experiment::store::{Memory, Store as _};
use crate::model::blueprint::FleetId;
use crate::model::record::catalogue::{Failure, Metric, Scope, Track};
use crate::model::record::outcome::{Figures as _, Layout, Outcome, TRACK_POINTS};
use crate::properties::properties;

/// A layout of two metrics, a failure and a track.
fn layout() -> Layout {
    let scope = Scope::Fleet(FleetId::new(0));
    Layout {
        columns: vec![(scope, Metric::OomCount), (scope, Metric::LossRatio)],
        failures: vec![(scope, Failure::Oom)],
        tracks: vec![(scope, Track::Memory)],
    }
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let number = prop_oneof![any::<f64>(), Just(f64::NAN), Just(f64::INFINITY)];
    let first = proptest::option::of(0.0..1e9);
    (
        proptest::collection::vec(number.clone(), 2),
        proptest::sample::subsequence(vec![0, 1], 0..=2),
        first.clone(),
        proptest::collection::vec(any::<f32>(), TRACK_POINTS),
        proptest::collection::vec(number, 3),
        proptest::collection::vec(first, 2),
        (any::<u64>(), 0.0..1e6),
    )
        .prop_map(
            |(values, unserved, first, tracks, unknowns, replicas, (events, days))| Outcome {
                values,
                unserved,
                first: vec![first],
                replicas: replicas.into_iter().map(|first| vec![first]).collect(),
                tracks,
                unknowns,
                events_handled: events,
                collector_days: days,
            },
        )
}

const KEY: Key = Key::of_bytes([7; 32]);

/// As text, for NaN is not equal to NaN.
fn text(outcomes: &[Outcome]) -> String {
    format!("{outcomes:?}")
}

proptest! {
    #![proptest_config(properties(64))]

    #[test]
    fn a_block_gives_back_its_draws(outcomes in proptest::collection::vec(outcome(), 1..20)) {
        let draws = 5..5 + u32::try_from(outcomes.len()).unwrap();
        let store = Memory::default();
        store.put(&KEY, encode(KEY, draws.clone(), &outcomes.iter().collect::<Vec<_>>())).unwrap();
        let pages = [Page::whole(&store, &KEY).unwrap(), Page::in_parts(&store, &KEY).unwrap()];
        for page in pages {
            let read: Vec<Outcome> = page.rows().map(|(_, row)| row.outcome()).collect();
            prop_assert_eq!(text(&read), text(&outcomes));
            for ((draw, row), outcome) in page.rows().zip(&outcomes) {
                prop_assert!(draws.contains(&draw));
                for column in 0..2 {
                    prop_assert_eq!(row.value(column).to_bits(), outcome.values[column].to_bits());
                    prop_assert_eq!(row.is_unserved(column), outcome.is_unserved(column));
                }
                prop_assert_eq!(row.first(0), outcome.first(0));
                prop_assert_eq!(row.share(0, 1e8).to_bits(), outcome.share(0, 1e8).to_bits());
            }
            prop_assert!(page.close().is_ok());
        }
        let all = Outcomes::new(Arc::new(store), vec![(draws.clone(), KEY)]);
        prop_assert_eq!(all.count(), outcomes.len());
        let last = all.outcome(draws.end - 1).unwrap();
        prop_assert_eq!(text(&[last.unwrap()]), text(&outcomes[outcomes.len() - 1..]));
        prop_assert!(all.outcome(draws.end).unwrap().is_none());
    }

    /// Bytes that may be anything never panic, and pass for a block only if they are it.
    #[test]
    fn what_was_changed_is_no_block(
        outcomes in proptest::collection::vec(outcome(), 1..5),
        at in any::<prop::sample::Index>(),
        bit in 0_u8..8,
        cut in any::<prop::sample::Index>(),
    ) {
        let draws = 0..u32::try_from(outcomes.len()).unwrap();
        let good = encode(KEY, draws.clone(), &outcomes.iter().collect::<Vec<_>>());
        let open = |bytes: &[u8]| Page::checked(bytes.into(), &KEY, &draws, &layout()).map(|_| ());
        prop_assert_eq!(open(&good), Ok(()));
        let mut flipped = good.clone();
        flipped[at.index(good.len())] ^= 1 << bit;
        prop_assert!(open(&flipped).is_err());
        prop_assert!(open(&good[..cut.index(good.len())]).is_err());
    }
}

#[test]
fn a_block_is_taken_for_no_other_one() {
    let outcome = Outcome {
        values: vec![1.0, 2.0],
        first: vec![None],
        tracks: vec![0.0; TRACK_POINTS],
        ..Outcome::default()
    };
    let good: Arc<[u8]> = encode(KEY, 3..4, &[&outcome]).into();
    let open = |key: Key, draws, layout: &Layout| {
        let page = Page::checked(Arc::clone(&good), &key, &draws, layout);
        page.map(|_| ())
    };
    assert_eq!(open(KEY, 3..4, &layout()), Ok(()));
    let other = Key::of_bytes([8; 32]);
    assert_eq!(open(other, 3..4, &layout()), Err(Damage::Other));
    assert_eq!(open(KEY, 4..5, &layout()), Err(Damage::Other));
    assert_eq!(open(KEY, 3..4, &Layout::default()), Err(Damage::Other));
    let mut newer = good.to_vec();
    newer[8] = u8::try_from(FORMAT).unwrap() + 1;
    let newer = Page::checked(newer.into(), &KEY, &(3..4), &layout());
    assert_eq!(newer.map(|_| ()), Err(Damage::Format));
}

/// The bytes of a small block, as docs/blocks.md explains them.
#[test]
fn a_block_looks_as_documented() {
    let outcome = |value: f64| Outcome {
        values: vec![value],
        unserved: vec![0],
        first: vec![Some(60.0)],
        tracks: vec![0.5; TRACK_POINTS],
        unknowns: vec![value + 10.0],
        events_handled: 9,
        collector_days: 1.5,
        ..Outcome::default()
    };
    let bytes = encode(KEY, 4..6, &[&outcome(1.0), &outcome(2.0)]);
    let wide = |place: usize| {
        let bytes = *bytes[HEADER + 8 * place..].first_chunk().unwrap();
        u64::from_le_bytes(bytes)
    };
    assert_eq!(&bytes[..12], b"ALLOYSIM\x01\0\0\0");
    assert_eq!(bytes[16..48], [7; 32]);
    let expected = [1.0, 2.0, 60.0, 60.0, 11.0, 12.0];
    let bits = |number: f64| number.to_bits();
    let written = [0, 1, 2, 3, 4, 5].map(&wide);
    assert_eq!(written, expected.map(bits));
    assert_eq!([wide(6), wide(7)], [9, 9]);
    assert_eq!([wide(8), wide(9)], [1.5, 1.5].map(bits));
    let points = HEADER + 8 * 10;
    assert_eq!(bytes[points..points + 4], 0.5_f32.to_le_bytes());
    let pairs = points + 4 * 2 * TRACK_POINTS;
    assert_eq!(
        bytes[pairs..],
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    );
}
