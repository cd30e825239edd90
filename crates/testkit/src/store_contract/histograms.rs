//! Native histograms.

use model::histogram::CUSTOM_BUCKETS_SCHEMA;
use model::{CounterResetHint, FloatHistogram, Histogram, Span, is_stale_nan, stale_nan};
use storage::{Appender, Error, HistogramSample, TimeRange};

use super::{Store, append_floats, commit, named, read_named};

fn float(schema: i32, counts: &[f64]) -> FloatHistogram {
    FloatHistogram {
        schema,
        zero_threshold: 0.001,
        count: counts.iter().sum(),
        sum: 12.5,
        positive_spans: vec![Span { offset: -3, length: u32::try_from(counts.len()).unwrap() }],
        positive_buckets: counts.to_vec(),
        ..FloatHistogram::default()
    }
}

fn whole() -> Histogram {
    Histogram {
        schema: 3,
        zero_threshold: 1e-128,
        zero_count: 2,
        count: 14,
        sum: -18.25,
        positive_spans: vec![Span { offset: 0, length: 2 }, Span { offset: 7, length: 1 }],
        positive_buckets: vec![1, 2, -1],
        negative_spans: vec![Span { offset: -4, length: 1 }],
        negative_buckets: vec![6],
        ..Histogram::default()
    }
}

fn custom() -> FloatHistogram {
    FloatHistogram {
        schema: CUSTOM_BUCKETS_SCHEMA,
        count: 7.0,
        sum: 3.5,
        positive_spans: vec![Span { offset: 0, length: 3 }],
        positive_buckets: vec![1.0, 2.5, 3.5],
        custom_values: [0.25, 1e10].into(),
        ..FloatHistogram::default()
    }
}

/// Appends histograms at 1000, 2000, ... to series `h` and gives back what is read.
#[track_caller]
fn through(store: &dyn Store, samples: &[HistogramSample<'_>]) -> Vec<FloatHistogram> {
    commit(store, |batch| append(batch, samples));
    let columns = read_named(store, "h", TimeRange::ALL).histograms;
    assert_eq!(columns.timestamps, (1i64..).map(|step| step * 1000).take(samples.len()).collect::<Vec<_>>());
    columns.values
}

#[track_caller]
fn append(batch: &mut dyn Appender, samples: &[HistogramSample<'_>]) {
    let series = batch.series(&named("h", &[])).unwrap();
    for (step, sample) in (1i64..).zip(samples) {
        batch.append_histogram(series, step * 1000, 0, *sample).unwrap();
    }
}

/// The same histogram but for empty buckets, of which a store may keep more or less.
#[track_caller]
fn assert_same(got: &FloatHistogram, expected: &FloatHistogram) {
    let compacted = |histogram: &FloatHistogram| {
        let mut histogram = histogram.clone();
        histogram.compact(0);
        histogram
    };
    assert!(compacted(got).same_as(&compacted(expected)), "expected {expected}, got {got}");
}

/// Whole, fractional and custom buckets, changing from sample to sample.
pub fn histograms_are_read_back(store: &dyn Store) {
    let fine = float(5, &[1.0, 0.0, 2.5, 1e300]);
    let got = through(
        store,
        &[
            HistogramSample::Int(&whole()),
            HistogramSample::Float(&fine),
            HistogramSample::Float(&custom()),
            HistogramSample::Int(&Histogram::default()),
            HistogramSample::Int(&whole()),
        ],
    );
    let expected = [whole().to_float(), fine, custom(), FloatHistogram::default(), whole().to_float()];
    for (got, expected) in got.iter().zip(&expected) {
        assert_same(got, expected);
    }
}

/// Behind a sample that the counter went on from there was no reset; else nothing is known. Gauges stay gauges.
pub fn histograms_come_back_with_what_is_known_of_resets(store: &dyn Store) {
    use CounterResetHint::{Gauge, NotReset, Unknown};
    let gauge = |counts: &[f64]| FloatHistogram { counter_reset_hint: Gauge, ..float(0, counts) };
    let samples = [
        (float(0, &[1.0, 2.0]), Unknown),
        (float(0, &[1.0, 2.0]), NotReset),
        (float(0, &[1.0, 3.0, 1.0]), NotReset),
        // The second bucket fell.
        (float(0, &[9.0, 1.0, 1.0]), Unknown),
        (gauge(&[9.0, 1.0]), Gauge),
        (gauge(&[1.0, 1.0]), Gauge),
        (float(0, &[2.0, 2.0]), Unknown),
        // Finer buckets.
        (float(1, &[2.0, 2.0]), Unknown),
        (float(1, &[2.0, 2.0]), NotReset),
    ];
    let appended: Vec<_> = samples.iter().map(|(sample, _)| HistogramSample::Float(sample)).collect();
    let got = through(store, &appended);
    let hints: Vec<_> = got.iter().map(|histogram| histogram.counter_reset_hint).collect();
    assert_eq!(hints, samples.iter().map(|(_, hint)| *hint).collect::<Vec<_>>());
}

/// A series may change between floats and histograms.
pub fn floats_and_histograms_share_a_series(store: &dyn Store) {
    commit(store, |batch| {
        let series = batch.series(&named("h", &[])).unwrap();
        append_floats(batch, series, &[(1000, 1.0), (2000, 2.0)]);
        batch.append_histogram(series, 3000, 0, HistogramSample::Int(&whole())).unwrap();
        append_floats(batch, series, &[(4000, 4.0)]);
        batch.append_histogram(series, 5000, 0, HistogramSample::Float(&custom())).unwrap();
    });
    let columns = read_named(store, "h", TimeRange::ALL);
    assert_eq!(columns.timestamps, [1000, 2000, 4000]);
    assert_eq!(columns.histograms.timestamps, [3000, 5000]);
    assert_same(&columns.histograms.values[0], &whole().to_float());
    assert_same(&columns.histograms.values[1], &custom());
    let part = read_named(store, "h", TimeRange::new(2000, 3000));
    assert_eq!((part.timestamps, part.histograms.timestamps), (vec![2000], vec![3000]));
}

/// The staleness marker in a sum survives.
pub fn stale_histograms_are_marked(store: &dyn Store) {
    let stale = Histogram { sum: stale_nan(), ..Histogram::default() };
    let got = through(
        store,
        &[HistogramSample::Int(&whole()), HistogramSample::Int(&stale), HistogramSample::Int(&whole())],
    );
    let marked: Vec<bool> = got.iter().map(|histogram| is_stale_nan(histogram.sum)).collect();
    assert_eq!(marked, [false, true, false]);
    assert_same(&got[2], &whole().to_float());
}

/// What cannot be is refused, and the rest of the batch is not.
pub fn histograms_that_contradict_themselves_are_refused(store: &dyn Store) {
    let miscounted = Histogram { count: 3, ..whole() };
    let misshaped = FloatHistogram { positive_buckets: vec![1.0], ..float(0, &[1.0, 1.0]) };
    let unsorted = FloatHistogram { custom_values: [2.0, 1.0].into(), ..custom() };
    commit(store, |batch| {
        let series = batch.series(&named("h", &[])).unwrap();
        for wrong in [
            HistogramSample::Int(&miscounted),
            HistogramSample::Float(&misshaped),
            HistogramSample::Float(&unsorted),
        ] {
            let refused = batch.append_histogram(series, 1000, 0, wrong);
            assert!(matches!(refused, Err(Error::InvalidHistogram(_))), "{refused:?}");
        }
        batch.append_histogram(series, 1000, 0, HistogramSample::Int(&whole())).unwrap();
    });
    assert_eq!(read_named(store, "h", TimeRange::ALL).histograms.timestamps, [1000]);
}

/// Buckets come and go over more samples than a chunk holds, in whole and in fractional counts.
pub fn growing_histograms_keep_their_buckets(store: &dyn Store) {
    let sample = |step: i64, with_gap: bool| {
        let length = u32::try_from(step % 40).unwrap() + 1;
        let skipped = u32::from(with_gap && step % 3 == 0);
        let counts: Vec<f64> =
            (0..length - skipped.min(length - 1)).map(|place| f64::from(place) + step as f64).collect();
        float(2, &counts)
    };
    let samples: Vec<FloatHistogram> = (1..=400).map(|step| sample(step, true)).collect();
    for (part_number, part) in (0i64..).zip(samples.chunks(37)) {
        commit(store, |batch| {
            let series = batch.series(&named("h", &[])).unwrap();
            for (step, histogram) in (1i64..).zip(part) {
                let timestamp = (part_number * 37 + step) * 15_000;
                let in_whole = histogram.to_whole().unwrap();
                let sample = if part_number % 2 == 0 {
                    HistogramSample::Float(histogram)
                } else {
                    HistogramSample::Int(&in_whole)
                };
                batch.append_histogram(series, timestamp, 0, sample).unwrap();
            }
        });
    }
    let got = read_named(store, "h", TimeRange::ALL).histograms;
    assert_eq!(got.values.len(), samples.len());
    for (got, expected) in got.values.iter().zip(&samples) {
        assert_same(got, expected);
    }
}
