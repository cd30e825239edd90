//! A few streams of a part of many: each is looked up, and what is found is what reading all of the part would find.

use std::collections::BTreeMap;

use logstore::LogStore;
use model::{MatchOp, Matcher};
use platform::simulated::SimulatedFileSystem;
use storage::logs::{BlockSet, Columns, EntryColumns, EntryRange, Filters, LogQueryable, Needle};

use crate::fixture::*;

/// So many that one or two of them are looked up one by one.
const STREAMS: i64 = 60;

/// Two parts of all streams, and entries in memory; every stream has the word of its host in some lines.
fn fill() -> LogStore {
    let store = open(&SimulatedFileSystem::new());
    for round in 0..3 {
        for host in 0..STREAMS {
            let name = format!("host-{host}");
            let stream = labels(&[("host", &name), (&format!("only_{}", host % 3), "x")]);
            let time = NOON + round * 1_000 + host;
            push(
                &store,
                &stream,
                &[entry(time, "plain"), entry(time + 500, &format!("told by {name} itself"))],
            );
        }
        if round < 2 {
            store.flush().unwrap();
        }
    }
    store
}

fn read(blocks: &dyn BlockSet) -> BTreeMap<String, Vec<(i64, String)>> {
    let mut found: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
    let mut columns = EntryColumns::default();
    for (number, header) in blocks.blocks().iter().enumerate() {
        blocks.read(number, &Columns::ALL, &mut columns).unwrap();
        let stream = found.entry(blocks.streams()[header.stream].to_string()).or_default();
        let line = |row| String::from_utf8_lossy(columns.line(row)).into_owned();
        stream.extend((0..columns.rows).map(|row| (columns.timestamps[row], line(row))));
    }
    found.values_mut().for_each(|entries| entries.sort());
    found
}

fn hosts(pattern: &str) -> [Matcher; 1] {
    [Matcher::new("host", MatchOp::Regex, pattern).unwrap()]
}

#[test]
fn a_few_streams_have_what_they_have_among_all() {
    let store = fill();
    // All, all behind the first part, and a span that begins within the second one's.
    for range in [
        EntryRange::ALL,
        EntryRange::new(NOON + 1_000, i64::MAX),
        EntryRange::new(NOON + 1_507, NOON + 2_009),
    ] {
        let querier = store.log_querier(TENANT, range).unwrap();
        let all = read(&*querier.select(&hosts("host-.*")).unwrap());
        for pattern in ["host-7", "host-(9|41)", "host-(0|59)", "host-none"] {
            let matchers = hosts(pattern);
            let found = read(&*querier.select(&matchers).unwrap());
            let mut expected = all.clone();
            expected.retain(|stream, _| {
                let host = stream.split('"').nth(1).unwrap();
                matchers[0].matches(host)
            });
            assert_eq!(found, expected, "{pattern} {range:?}");
            let streams: Vec<String> =
                querier.streams(&matchers).unwrap().iter().map(ToString::to_string).collect();
            assert_eq!(streams, expected.keys().cloned().collect::<Vec<_>>(), "{pattern} {range:?}");
        }
    }
    let querier = store.log_querier(TENANT, EntryRange::ALL).unwrap();
    assert_eq!(querier.label_names(&hosts("host-7"), None).unwrap().items, ["host", "only_1"]);
    assert_eq!(
        querier.label_values("host", &hosts("host-(9|41)"), None).unwrap().items,
        ["host-41", "host-9"]
    );
}

fn needle(text: &str) -> Vec<Vec<Needle>> {
    vec![vec![Needle { bytes: text.as_bytes().to_vec(), any_case: false }]]
}

#[test]
fn a_few_streams_are_left_out_where_filters_say_so() {
    let store = fill();
    let querier = store.log_querier(TENANT, EntryRange::ALL).unwrap();
    let absent = querier.select_holding(&hosts("host-7"), &needle("quetzalcoatlus"), Filters::All).unwrap();
    // The block in memory has no filter.
    assert_eq!((absent.left_out(), absent.blocks().len()), (2, 1));
    let told =
        querier.select_holding(&hosts("host-7"), &needle("told by host-7 itself"), Filters::All).unwrap();
    assert_eq!((told.left_out(), told.blocks().len()), (0, 3));
}

#[test]
fn filters_at_hand_are_those_that_were_asked_before() {
    for pattern in ["host-7", "host-.*"] {
        let store = fill();
        let querier = store.log_querier(TENANT, EntryRange::ALL).unwrap();
        let matchers = hosts(pattern);
        let select = |filters| querier.select_holding(&matchers, &needle("quetzalcoatlus"), filters).unwrap();
        let all = select(Filters::AtHand);
        // Where nothing is asked for no filter is read.
        assert!((0..all.blocks().len()).all(|block| !all.excludes(block, &[])), "{pattern}");
        assert_eq!((all.left_out(), select(Filters::AtHand).left_out()), (0, 0), "{pattern}");
        // The blocks of the older part are asked: they come first.
        let of_part = all.blocks().len() / 3;
        assert!((0..of_part).all(|block| all.excludes(block, &needle("quetzalcoatlus"))), "{pattern}");
        let some = select(Filters::AtHand);
        assert_eq!((some.left_out(), some.blocks().len()), (of_part, 2 * of_part), "{pattern}");
        assert!(some.blocks().iter().all(|header| header.start >= NOON + 1_000), "{pattern}");
        assert_eq!(select(Filters::All).left_out(), 2 * of_part, "{pattern}");
    }
}
