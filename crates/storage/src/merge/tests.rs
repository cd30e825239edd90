//! Two stores read as one.

use model::{CounterResetHint, FloatHistogram, Labels};

use super::{MergedQuerier, merge_columns};
use crate::memory::MemoryStore;
use crate::{AppendOptions, Appendable, Queryable, SampleColumns, SelectHints, TimeRange};

fn store(samples: &[(&str, i64, f64)]) -> MemoryStore {
    let store = MemoryStore::new();
    let mut batch = store.appender(AppendOptions::default());
    for (job, timestamp, value) in samples {
        let series = batch.series(&Labels::from_pairs([("job", job)])).unwrap();
        batch.append(series, *timestamp, 0, *value).unwrap();
    }
    batch.commit().unwrap();
    store
}

#[test]
fn series_of_both_stores_are_one_and_the_first_has_precedence() {
    let first = store(&[("a", 1, 1.0), ("a", 3, 3.0), ("c", 1, 1.0)]);
    let second = store(&[("a", 2, 20.0), ("a", 3, 30.0), ("b", 1, 10.0)]);
    let parts = [first, second].map(|store| store.querier(TimeRange::ALL).unwrap());
    let merged = MergedQuerier::of(parts.into());
    let set = merged.select(&[], &SelectHints { sorted: true, ..SelectHints::default() }).unwrap();
    let jobs: Vec<_> = (0..set.len()).map(|position| set.labels(position).value("job").to_owned()).collect();
    assert_eq!(jobs, ["a", "b", "c"]);
    let mut columns = SampleColumns::new();
    set.read(0, TimeRange::ALL, &mut columns).unwrap();
    assert_eq!((columns.timestamps, columns.values), (vec![1, 2, 3], vec![1.0, 20.0, 3.0]));
    assert_eq!(merged.label_values("job", &[], Some(2)).unwrap().items, ["a", "b"]);
}

#[test]
fn a_time_is_taken_by_one_kind_only() {
    let mut columns = SampleColumns::new();
    columns.push_float(1, 0, 1.0);
    columns.push_histogram(5, 0, FloatHistogram::default());
    let mut other = SampleColumns::new();
    other.push_histogram(1, 0, FloatHistogram::default());
    other.push_histogram(3, 2, FloatHistogram::default());
    other.push_float(5, 0, 5.0);
    merge_columns(&mut columns, other);
    assert_eq!(columns.timestamps, [1]);
    assert_eq!(columns.histograms.timestamps, [3, 5]);
    assert_eq!(columns.histograms.start_timestamps, [2, 0]);
}

#[test]
fn where_two_stores_alternate_nothing_is_known_of_resets() {
    let at = |timestamp: i64| {
        let hint = if timestamp == 7 { CounterResetHint::Gauge } else { CounterResetHint::NotReset };
        (timestamp, FloatHistogram { counter_reset_hint: hint, ..FloatHistogram::default() })
    };
    let columns = |times: &[i64]| {
        let mut columns = SampleColumns::new();
        for (timestamp, histogram) in times.iter().map(|time| at(*time)) {
            columns.push_histogram(timestamp, 0, histogram);
        }
        columns
    };
    let mut merged = columns(&[1, 2, 6, 8]);
    merge_columns(&mut merged, columns(&[3, 4, 5, 6, 7]));
    let hints: Vec<CounterResetHint> =
        merged.histograms.values.iter().map(|histogram| histogram.counter_reset_hint).collect();
    use CounterResetHint::{Gauge, NotReset, Unknown};
    assert_eq!(merged.histograms.timestamps, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(hints, [NotReset, NotReset, Unknown, NotReset, NotReset, Unknown, Gauge, Unknown]);
}
