//! A store on a simulated disk.

use std::path::Path;
use std::sync::Arc;

use model::{CounterResetHint, Histogram, Labels, Matcher, SeriesRef, Span};
use platform::simulated::{SimulatedClock, SimulatedFileSystem};
use storage::{AppendOptions, Appendable, Error, Queryable, SampleColumns, SelectHints, TimeRange};
use telemetry::Registry;
use tsdb::{Db, Parts, ReplayProgress, Settings};

pub(crate) const PATH: &str = "/data";

pub(crate) fn parts(disk: &SimulatedFileSystem) -> Parts {
    Parts {
        fs: Arc::new(disk.clone()),
        clock: Arc::new(SimulatedClock::new(0)),
        registry: Registry::with_time(|| std::time::Duration::ZERO),
        progress: Arc::new(ReplayProgress::default()),
        memory: Arc::default(),
    }
}

pub(crate) fn open(disk: &SimulatedFileSystem) -> Db {
    open_with(disk, Settings::default())
}

pub(crate) fn open_with(disk: &SimulatedFileSystem, settings: Settings) -> Db {
    Db::open(parts(disk), Path::new(PATH), settings).expect("the store opens")
}

pub(crate) fn labels(pairs: &[(&str, &str)]) -> Labels {
    Labels::from_pairs(pairs.iter().copied())
}

/// A histogram of one bucket with so many observations.
pub(crate) fn histogram(count: u64) -> Histogram {
    Histogram {
        counter_reset_hint: CounterResetHint::Unknown,
        schema: 1,
        zero_threshold: 0.001,
        zero_count: 0,
        count,
        sum: count as f64 * 1.5,
        positive_spans: vec![Span { offset: 0, length: 1 }],
        negative_spans: vec![],
        positive_buckets: vec![count as i64],
        negative_buckets: vec![],
        custom_values: Arc::default(),
    }
}

/// Appends samples of one series in a commit of their own; gives the error of each.
pub(crate) fn append(db: &Db, name: &str, samples: &[(i64, f64)]) -> Vec<Option<Error>> {
    let mut appender = db.appender(AppendOptions::default());
    let series = appender.series(&labels(&[("__name__", name)])).unwrap();
    let errors =
        samples.iter().map(|(time, value)| appender.append(series, *time, 0, *value).err()).collect();
    appender.commit().unwrap();
    errors
}

pub(crate) fn series(db: &Db, name: &str) -> SeriesRef {
    db.appender(AppendOptions::default()).series(&labels(&[("__name__", name)])).unwrap()
}

/// All samples that fulfil the matchers, by the labels' text.
pub(crate) fn select(db: &Db, matchers: &[Matcher], range: TimeRange) -> Vec<(String, Vec<(i64, f64)>)> {
    let querier = db.querier(range).unwrap();
    let hints = SelectHints { sorted: true, ..SelectHints::default() };
    let set = querier.select(matchers, &hints).unwrap();
    let mut found = Vec::new();
    for position in 0..set.len() {
        let mut columns = SampleColumns::new();
        set.read(position, range, &mut columns).unwrap();
        let samples: Vec<(i64, f64)> = columns.timestamps.into_iter().zip(columns.values).collect();
        if !samples.is_empty() {
            found.push((set.labels(position).to_string(), samples));
        }
    }
    found
}

/// The samples of the series that has nothing but this name.
pub(crate) fn samples(db: &Db, name: &str) -> Vec<(i64, f64)> {
    let found = select(db, &[Matcher::equal("__name__", name)], TimeRange::ALL);
    found.into_iter().next().map(|(_, samples)| samples).unwrap_or_default()
}
