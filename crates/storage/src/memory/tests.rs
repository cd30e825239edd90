//! The in-memory store keeps the contract of the crate.

use model::{
    CounterResetHint, Exemplar, FloatHistogram, Labels, MatchOp, Matcher, SeriesRef, Span, stale_nan,
};

use super::MemoryStore;
use crate::{
    AppendOptions, Appendable, Appender, Error, ExemplarQueryable, HistogramSample, Queryable, SampleColumns,
    SelectHints, TimeRange,
};

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

fn histogram(counts: &[f64]) -> FloatHistogram {
    FloatHistogram {
        count: counts.iter().sum(),
        positive_spans: vec![Span { offset: 0, length: u32::try_from(counts.len()).unwrap() }],
        positive_buckets: counts.to_vec(),
        ..FloatHistogram::default()
    }
}

/// The hints that come back of histograms at 1, 2, 3...
fn hints_of(append: impl FnOnce(&mut dyn Appender, SeriesRef)) -> Vec<(i64, CounterResetHint)> {
    let store = MemoryStore::new();
    let mut batch = store.appender(AppendOptions::default());
    let series = batch.series(&Labels::from_pairs([("__name__", "h")])).unwrap();
    append(batch.as_mut(), series);
    batch.commit().unwrap();
    let found = store.querier(TimeRange::ALL).unwrap().select(&[], &SelectHints::default()).unwrap();
    let mut columns = SampleColumns::new();
    found.read(0, TimeRange::ALL, &mut columns).unwrap();
    let hints = columns.histograms.values.iter().map(|histogram| histogram.counter_reset_hint);
    columns.histograms.timestamps.iter().copied().zip(hints).collect()
}

#[test]
fn hints_are_those_of_a_store_with_chunks() {
    use CounterResetHint::{Gauge, NotReset, Reset, Unknown};
    let hinted =
        |counts: &[f64], counter_reset_hint| FloatHistogram { counter_reset_hint, ..histogram(counts) };
    let stale = FloatHistogram { sum: stale_nan(), ..histogram(&[2.0]) };
    let samples = [
        (hinted(&[1.0], NotReset), Unknown),
        (histogram(&[2.0]), NotReset),
        (hinted(&[1.0], NotReset), Unknown),
        (hinted(&[2.0], Gauge), Gauge),
        (histogram(&[3.0]), Unknown),
        (hinted(&[4.0], Reset), Unknown),
        (histogram(&[4.0]), NotReset),
        (FloatHistogram { schema: -1, ..histogram(&[4.0]) }, Unknown),
        (stale, Unknown),
        (histogram(&[5.0]), Unknown),
    ];
    let expected: Vec<_> = (1..).zip(samples.iter().map(|(_, hint)| *hint)).collect();
    let forwards = hints_of(|batch, series| {
        for (timestamp, (sample, _)) in (1..).zip(&samples) {
            batch.append_histogram(series, timestamp, 0, HistogramSample::Float(sample)).unwrap();
        }
    });
    assert_eq!(forwards, expected);
}

#[test]
fn a_sample_between_two_histograms_parts_them() {
    use CounterResetHint::{NotReset, Unknown};
    let append = |batch: &mut dyn Appender, series, times: &[i64]| {
        for timestamp in times {
            let sample = histogram(&[*timestamp as f64]);
            batch.append_histogram(series, *timestamp, 0, HistogramSample::Float(&sample)).unwrap();
        }
    };
    let parted = hints_of(|batch, series| {
        append(batch, series, &[1, 3]);
        batch.append(series, 2, 0, 7.0).unwrap();
    });
    assert_eq!(parted, [(1, Unknown), (3, Unknown)]);
    let late = hints_of(|batch, series| append(batch, series, &[3, 1, 2]));
    assert_eq!(late, [(1, Unknown), (2, NotReset), (3, NotReset)]);
}

#[test]
fn a_time_is_taken_by_the_later_sample_of_either_kind() {
    let store = MemoryStore::new();
    let mut batch = store.appender(AppendOptions::default());
    let series = batch.series(&Labels::from_pairs([("__name__", "h")])).unwrap();
    batch.append(series, 1, 0, 1.0).unwrap();
    batch.append_histogram(series, 1, 0, HistogramSample::Float(&histogram(&[1.0]))).unwrap();
    batch.append_histogram(series, 2, 1, HistogramSample::Float(&histogram(&[1.0]))).unwrap();
    batch.append(series, 2, 0, 2.0).unwrap();
    batch.commit().unwrap();
    let found = store.querier(TimeRange::ALL).unwrap().select(&[], &SelectHints::default()).unwrap();
    let mut columns = SampleColumns::new();
    found.read(0, TimeRange::ALL, &mut columns).unwrap();
    assert_eq!(columns.timestamps, [2]);
    assert_eq!(columns.histograms.timestamps, [1]);
}

#[test]
fn a_histogram_that_contradicts_itself_is_refused() {
    let store = MemoryStore::new();
    let mut batch = store.appender(AppendOptions::default());
    let series = batch.series(&Labels::from_pairs([("__name__", "h")])).unwrap();
    let wrong = FloatHistogram { positive_buckets: vec![], ..histogram(&[1.0]) };
    let refused = batch.append_histogram(series, 1, 0, HistogramSample::Float(&wrong));
    assert!(matches!(refused, Err(Error::InvalidHistogram(_))));
}

#[test]
fn exemplars_are_found_by_series_and_time() {
    let store = store();
    let mut batch = store.appender(AppendOptions::default());
    let labels = |job| Labels::from_pairs([("__name__", "up"), ("job", job)]);
    let exemplar =
        |value, timestamp| Exemplar { labels: Labels::from_pairs([("trace", "x")]), value, timestamp };
    for (job, value, timestamp) in
        [("b", 1.0, Some(20)), ("b", 2.0, Some(10)), ("a", 3.0, None), ("a", 3.0, None)]
    {
        let series = batch.series(&labels(job)).unwrap();
        batch.append_exemplar(series, 15, &exemplar(value, timestamp)).unwrap();
    }
    let unknown = batch.append_exemplar(SeriesRef(9), 15, &exemplar(1.0, None));
    assert_eq!(unknown, Err(Error::UnknownSeries(9)));
    batch.commit().unwrap();
    let found = |range, selectors: &[Vec<Matcher>]| -> Vec<(String, Vec<Option<i64>>)> {
        let found = store.exemplars(range, selectors).unwrap();
        let times = |exemplars: &[Exemplar]| exemplars.iter().map(|exemplar| exemplar.timestamp).collect();
        found.iter().map(|one| (one.labels.value("job").to_owned(), times(&one.exemplars))).collect()
    };
    let up = vec![Matcher::equal("__name__", "up")];
    let of_b = vec![Matcher::equal("job", "b")];
    let both = [("a".to_owned(), vec![Some(15)]), ("b".to_owned(), vec![Some(10), Some(20)])];
    assert_eq!(found(TimeRange::ALL, &[up.clone(), of_b.clone()]), both);
    assert_eq!(found(TimeRange::new(16, 20), &[up, of_b]), [("b".to_owned(), vec![Some(20)])]);
    assert_eq!(found(TimeRange::ALL, &[]), []);
}
