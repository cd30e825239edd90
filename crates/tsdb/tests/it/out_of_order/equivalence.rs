//! The same samples by whatever way they have come, and wherever they stand, are read as the same.

use std::time::Duration;

use model::{CounterResetHint, FloatHistogram, Histogram, MatchOp, Matcher, Span};
use platform::simulated::SimulatedFileSystem;
use storage::{AppendOptions, Appendable, HistogramSample, Queryable, SampleColumns, SelectHints, TimeRange};
use tsdb::{Db, Settings};

use super::{MINUTE, settings};
use crate::fixture::{labels, open_with};

const SERIES: [&str; 5] = ["steady", "sparse", "mixed", "histogram", "float_histogram"];
const END: i64 = 117;

/// A sample of a series at a time.
enum Made {
    Float(f64),
    Histogram(Histogram),
    FloatHistogram(FloatHistogram),
}

fn made(name: &str, minute: i64) -> Option<Made> {
    let histogram = |count: i64| Histogram {
        counter_reset_hint: CounterResetHint::Unknown,
        schema: (count % 3) as i32,
        zero_threshold: 0.001,
        count: count as u64,
        sum: count as f64 * 0.5,
        positive_spans: vec![Span { offset: 0, length: 1 }],
        positive_buckets: vec![count],
        ..Histogram::default()
    };
    match name {
        "steady" => Some(Made::Float((minute as f64).sin())),
        "sparse" => (minute % 7 == 3).then_some(Made::Float(minute as f64)),
        "mixed" if minute % 10 < 5 => Some(Made::Float(1.0 / minute as f64)),
        "mixed" => Some(Made::Histogram(histogram(minute))),
        "histogram" => Some(Made::Histogram(histogram(minute % 50))),
        _ => Some(Made::FloatHistogram(histogram(minute % 30).to_float())),
    }
}

/// Writes every sample, batch by batch in the given order of minutes.
fn write(db: &Db, batches: &[Vec<i64>]) {
    for batch in batches {
        let mut appender = db.appender(AppendOptions::default());
        for minute in batch {
            for name in SERIES {
                let Some(sample) = made(name, *minute) else { continue };
                let series = appender.series(&labels(&[("__name__", name)])).unwrap();
                let time = minute * MINUTE;
                match sample {
                    Made::Float(value) => appender.append(series, time, 0, value),
                    Made::Histogram(histogram) => {
                        appender.append_histogram(series, time, 0, HistogramSample::Int(&histogram))
                    }
                    Made::FloatHistogram(histogram) => {
                        appender.append_histogram(series, time, 0, HistogramSample::Float(&histogram))
                    }
                }
                .unwrap();
            }
        }
        appender.commit().unwrap();
    }
}

/// All that is read in a span of time, as text; what is said of resets depends on where chunks end.
fn read(db: &Db, range: TimeRange) -> Vec<String> {
    let querier = db.querier(range).unwrap();
    let any = Matcher::new("__name__", MatchOp::Regex, ".+").unwrap();
    let set = querier.select(&[any], &SelectHints { sorted: true, ..SelectHints::default() }).unwrap();
    let mut found = Vec::new();
    for position in 0..set.len() {
        let mut columns = SampleColumns::new();
        set.read(position, range, &mut columns).unwrap();
        let floats = columns.timestamps.iter().zip(&columns.values);
        let mut samples: Vec<(i64, String)> =
            floats.map(|(time, value)| (*time, format!("{:x}", value.to_bits()))).collect();
        for (time, histogram) in columns.histograms.timestamps.iter().zip(columns.histograms.values) {
            let plain = FloatHistogram { counter_reset_hint: CounterResetHint::Unknown, ..histogram };
            samples.push((*time, format!("{plain:?}")));
        }
        assert!(columns.timestamps.is_sorted_by(|a, b| a < b));
        samples.sort();
        assert!(samples.is_sorted_by(|a, b| a.0 < b.0), "a time stands there twice");
        let labels = set.labels(position);
        found.extend(samples.into_iter().map(|(time, value)| format!("{labels} {time} {value}")));
    }
    found
}

/// Every minute once, in an order of its own; the newest one first where late ones are to be late.
fn shuffled(seed: i64) -> Vec<Vec<i64>> {
    let mut minutes: Vec<i64> = (0..END).collect();
    minutes.sort_by_key(|minute| (minute * 7919 + seed * 104_729) % 1009);
    minutes.chunks(4).map(<[i64]>::to_vec).collect()
}

#[test]
fn the_way_of_the_samples_does_not_show() {
    let ranges = [(0, i64::MAX), (0, 12), (33, 71), (95, 104), (110, 130), (50, 50)]
        .map(|(start, end)| TimeRange::new(start * MINUTE, end.min(10_000) * MINUTE));
    let in_order: Vec<Vec<i64>> = (0..END).map(|minute| vec![minute]).collect();
    let large = Settings { block_duration_min: Duration::from_hours(4), ..settings() };
    let reference = open_with(&SimulatedFileSystem::new(), large.clone());
    write(&reference, &in_order);
    let expected = ranges.map(|range| read(&reference, range));
    assert_eq!(expected[0].len(), 4 * END as usize + 17);
    let same = |db: &Db, what: &str| {
        for (range, expected) in ranges.iter().zip(&expected) {
            let found = read(db, *range);
            assert_eq!(found.len(), expected.len(), "{what}, {range:?}");
            for (found, expected) in found.iter().zip(expected) {
                assert_eq!(found, expected, "{what}, {range:?}");
            }
        }
    };
    let mut late: Vec<Vec<i64>> = vec![vec![END - 1]];
    late.extend((0..END - 1).rev().map(|minute| vec![minute]));
    let ways =
        [("in order", in_order), ("backwards", late), ("shuffled", shuffled(1)), ("otherwise", shuffled(5))];
    for (way, batches) in &ways {
        let unmerged = Settings { overlapping_compaction: false, ..settings() };
        for (kept, settings) in
            [("one head", &large), ("blocks", &settings()), ("unmerged blocks", &unmerged)]
        {
            let disk = SimulatedFileSystem::new();
            let db = open_with(&disk, settings.clone());
            write(&db, batches);
            let what = |when: &str| format!("{way}, {kept}, {when}");
            same(&db, &what("in memory"));
            db.sync().unwrap();
            same(&db, &what("in files"));
            same(&open_with(&disk.process_image(), settings.clone()), &what("after a restart"));
            for _ in 0..3 {
                db.maintain().unwrap();
            }
            same(&db, &what("in blocks"));
            same(&open_with(&disk.process_image(), settings.clone()), &what("in blocks after a restart"));
        }
    }
}
