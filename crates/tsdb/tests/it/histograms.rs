//! Native histograms in the head, and after a restart.

use model::{CounterResetHint, FloatHistogram, Histogram, Labels, Matcher, stale_nan};
use platform::simulated::SimulatedFileSystem;
use storage::{
    AppendOptions, Appendable, Error, HistogramSample, Queryable, SampleColumns, SelectHints, TimeRange,
};
use tsdb::{Db, Settings};

use crate::fixture::{histogram, labels, open, open_with};

fn custom(count: u64) -> Histogram {
    let schema = model::histogram::CUSTOM_BUCKETS_SCHEMA;
    Histogram { schema, zero_threshold: 0.0, custom_values: [1.0, 2.0].into(), ..histogram(count) }
}

fn name() -> Labels {
    labels(&[("__name__", "h")])
}

fn columns(db: &Db) -> SampleColumns {
    let set = db
        .querier(TimeRange::ALL)
        .unwrap()
        .select(&[Matcher::equal("__name__", "h")], &SelectHints::default())
        .unwrap();
    let mut columns = SampleColumns::new();
    set.read(0, TimeRange::ALL, &mut columns).unwrap();
    columns
}

fn counts(columns: &SampleColumns) -> Vec<(i64, f64)> {
    let values = columns.histograms.values.iter().map(|histogram| histogram.count);
    columns.histograms.timestamps.iter().copied().zip(values).collect()
}

fn append(db: &Db, timestamp: i64, sample: HistogramSample<'_>) -> Result<(), Error> {
    let mut appender = db.appender(AppendOptions::default());
    let series = appender.series(&name())?;
    appender.append_histogram(series, timestamp, 0, sample)?;
    appender.commit()
}

#[test]
fn histograms_of_every_kind_come_back_before_and_after_a_restart() {
    let disk = SimulatedFileSystem::new();
    let db = open(&disk);
    let mut expected = Vec::new();
    for number in 1..200u64 {
        let (timestamp, sample) = (number as i64 * 15_000, histogram(number));
        append(&db, timestamp, HistogramSample::Int(&sample)).unwrap();
        expected.push((timestamp, number as f64));
    }
    for number in 200..260u64 {
        append(&db, number as i64 * 15_000, HistogramSample::Float(&histogram(number).to_float())).unwrap();
        expected.push((number as i64 * 15_000, number as f64));
    }
    for number in 260..270u64 {
        append(&db, number as i64 * 15_000, HistogramSample::Int(&custom(number))).unwrap();
        expected.push((number as i64 * 15_000, number as f64));
    }
    assert_eq!(counts(&columns(&db)), expected);
    assert_eq!(db.head_stats(1).chunks, 3);
    let before = columns(&db);
    let after = columns(&open(&disk.process_image()));
    assert_eq!(before.histograms.values, after.histograms.values);
    assert_eq!(counts(&after), expected);
}

#[test]
fn a_falling_count_is_a_reset_and_hints_say_so() {
    let db = open(&SimulatedFileSystem::new());
    for (number, count) in [5, 6, 2, 3].into_iter().enumerate() {
        append(&db, number as i64 * 1000, HistogramSample::Int(&histogram(count))).unwrap();
    }
    let hints: Vec<CounterResetHint> =
        columns(&db).histograms.values.iter().map(|histogram| histogram.counter_reset_hint).collect();
    use CounterResetHint::{NotReset, Unknown};
    assert_eq!(hints, [Unknown, NotReset, Unknown, NotReset]);
    assert_eq!(db.head_stats(1).chunks, 2);
}

#[test]
fn repeated_other_and_contradictory_histograms() {
    let db = open(&SimulatedFileSystem::new());
    append(&db, 1000, HistogramSample::Int(&histogram(1))).unwrap();
    append(&db, 1000, HistogramSample::Int(&histogram(1))).unwrap();
    let other = append(&db, 1000, HistogramSample::Int(&histogram(2)));
    assert_eq!(other, Err(Error::DuplicateSample));
    let float = append(&db, 1000, HistogramSample::Float(&histogram(1).to_float()));
    assert_eq!(float, Err(Error::DuplicateSample));
    let wrong = Histogram { count: 7, ..histogram(1) };
    assert!(matches!(append(&db, 2000, HistogramSample::Int(&wrong)), Err(Error::InvalidHistogram(_))));
    assert_eq!(append(&db, 900, HistogramSample::Int(&histogram(1))), Err(Error::OutOfOrder));
    assert_eq!(counts(&columns(&db)), [(1000, 1.0)]);
}

#[test]
fn the_end_of_a_series_of_histograms_is_a_histogram() {
    let db = open(&SimulatedFileSystem::new());
    for (start, float) in [(0, false), (10_000, true)] {
        let whole = histogram(3);
        let fractional: FloatHistogram = whole.to_float();
        let sample = if float { HistogramSample::Float(&fractional) } else { HistogramSample::Int(&whole) };
        append(&db, start + 1000, sample).unwrap();
        let mut appender = db.appender(AppendOptions::default());
        let series = appender.series(&name()).unwrap();
        appender.append(series, start + 2000, 0, stale_nan()).unwrap();
        appender.commit().unwrap();
    }
    let columns = columns(&db);
    assert!(columns.timestamps.is_empty());
    let stale: Vec<bool> =
        columns.histograms.values.iter().map(|histogram| model::is_stale_nan(histogram.sum)).collect();
    assert_eq!(stale, [false, true, false, true]);
}

#[test]
fn a_series_may_change_its_kind_within_a_batch() {
    let disk = SimulatedFileSystem::new();
    let db = open(&disk);
    let mut appender = db.appender(AppendOptions::default());
    let series = appender.series(&name()).unwrap();
    appender.append_histogram(series, 1000, 0, HistogramSample::Int(&histogram(1))).unwrap();
    appender.append(series, 2000, 0, 2.0).unwrap();
    appender.append_histogram(series, 3000, 0, HistogramSample::Int(&histogram(3))).unwrap();
    appender.append(series, 4000, 0, 4.0).unwrap();
    appender.commit().unwrap();
    for db in [&db, &open(&disk.process_image())] {
        let columns = columns(db);
        assert_eq!(columns.timestamps, [2000, 4000]);
        assert_eq!(columns.histograms.timestamps, [1000, 3000]);
    }
}

#[test]
fn start_timestamps_are_kept_where_the_store_is_told_to() {
    let settings =
        Settings { start_timestamps: true, histogram_start_timestamps: true, ..Settings::default() };
    let disk = SimulatedFileSystem::new();
    let write = |db: &Db| {
        let mut appender = db.appender(AppendOptions::default());
        let series = appender.series(&name()).unwrap();
        for (time, start) in [(1000, 0), (2000, 500), (3000, 500), (4000, 3500)] {
            appender.append(series, time, start, 1.0).unwrap();
        }
        appender.append_histogram(series, 5000, 4500, HistogramSample::Int(&histogram(1))).unwrap();
        appender.append_histogram(series, 6000, 4500, HistogramSample::Int(&histogram(2))).unwrap();
        appender.commit().unwrap();
    };
    let db = open_with(&disk, settings.clone());
    write(&db);
    for db in [&db, &open_with(&disk.process_image(), settings)] {
        let columns = columns(db);
        assert_eq!(columns.start_timestamps, [0, 500, 500, 3500]);
        assert_eq!(columns.histograms.start_timestamps, [4500, 4500]);
    }
    let without = open(&SimulatedFileSystem::new());
    write(&without);
    assert!(columns(&without).start_timestamps.is_empty());
}

#[test]
fn a_start_time_adds_an_empty_histogram() {
    let db = open(&SimulatedFileSystem::new());
    let mut appender = db.appender(AppendOptions::default());
    let series = appender.series(&name()).unwrap();
    let sample = custom(4);
    appender.append_start_zero(series, 2000, 1000, Some(HistogramSample::Int(&sample))).unwrap();
    appender.append_histogram(series, 2000, 1000, HistogramSample::Int(&sample)).unwrap();
    appender.commit().unwrap();
    assert_eq!(counts(&columns(&db)), [(1000, 0.0), (2000, 4.0)]);
}

#[test]
fn hidden_histograms_are_not_in_encoded_chunks() {
    let db = open(&SimulatedFileSystem::new());
    for number in 1..30u64 {
        append(&db, number as i64 * 1000, HistogramSample::Int(&histogram(number))).unwrap();
    }
    let set = db
        .querier(TimeRange::ALL)
        .unwrap()
        .select(&[Matcher::equal("__name__", "h")], &SelectHints::default())
        .unwrap();
    for number in 30..50u64 {
        append(&db, number as i64 * 1000, HistogramSample::Int(&histogram(number))).unwrap();
    }
    let chunks = set.chunks(0, TimeRange::ALL).unwrap();
    let mut times = Vec::new();
    for chunk in &chunks {
        let encoding = chunks::Encoding::from_id(chunk.encoding).unwrap();
        chunks::histogram::decode_as_float(encoding, &chunk.data, |time, _, _| times.push(time)).unwrap();
    }
    assert_eq!(times, (1..30).map(|number| number * 1000).collect::<Vec<i64>>());
    assert_eq!(chunks.last().unwrap().end, 29_000);
}
