//! The in-memory store keeps the contract of the crate.

use model::{Labels, MatchOp, Matcher, SeriesRef};

use super::MemoryStore;
use crate::{AppendOptions, Appendable, Error, Queryable, SampleColumns, SelectHints, TimeRange};

fn store() -> MemoryStore {
    let store = MemoryStore::new();
    let mut batch = store.appender(AppendOptions::default());
    for (job, offset) in [("b", 10.0), ("a", 20.0)] {
        let series = batch.series(&Labels::from_pairs([("__name__", "up"), ("job", job)])).unwrap();
        for timestamp in [1000, 3000, 2000] {
            batch.append(series, timestamp, 0, offset + timestamp as f64).unwrap();
        }
    }
    batch.commit().unwrap();
    store
}

#[test]
fn committed_samples_come_out_sorted() {
    let querier = store().querier(TimeRange::new(1500, 9000)).unwrap();
    let found = querier.select(&[Matcher::equal("__name__", "up")], &SelectHints::default()).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found.labels(0).value("job"), "a");
    let mut columns = SampleColumns::new();
    found.read(0, TimeRange::ALL, &mut columns).unwrap();
    assert_eq!(columns.timestamps, [2000, 3000]);
    assert_eq!(columns.values, [2020.0, 3020.0]);
    assert!(columns.start_timestamps.is_empty());
}

#[test]
fn rolled_back_samples_are_not_seen() {
    let store = MemoryStore::new();
    let mut batch = store.appender(AppendOptions::default());
    let series = batch.series(&Labels::from_pairs([("__name__", "up")])).unwrap();
    batch.append(series, 1, 0, 1.0).unwrap();
    assert_eq!(batch.append(SeriesRef(7), 1, 0, 1.0), Err(Error::UnknownSeries(7)));
    batch.rollback().unwrap();
    let querier = store.querier(TimeRange::ALL).unwrap();
    assert!(querier.select(&[], &SelectHints::default()).unwrap().is_empty());
}

#[test]
fn names_and_values_are_listed_up_to_the_limit() {
    let querier = store().querier(TimeRange::ALL).unwrap();
    assert_eq!(querier.label_names(&[], None).unwrap().items, ["__name__", "job"]);
    let values = querier.label_values("job", &[], Some(1)).unwrap();
    assert_eq!(values.items, ["a"]);
    assert!(values.truncated);
    let not_a = [Matcher::new("job", MatchOp::NotRegex, "a").unwrap()];
    assert_eq!(querier.label_values("job", &not_a, None).unwrap().items, ["b"]);
}

#[test]
fn start_times_fill_their_column_from_the_first_known_one() {
    let mut columns = SampleColumns::new();
    columns.push_float(1, 0, 1.0);
    assert!(columns.start_timestamps.is_empty());
    columns.push_float(2, 1, 1.0);
    columns.push_float(3, 0, 1.0);
    assert_eq!(columns.start_timestamps, [0, 1, 0]);
}
