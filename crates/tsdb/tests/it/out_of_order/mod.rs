//! Samples that come out of order: what is taken, what is read of them, and what becomes of them.

mod blocks;
mod crash;
mod equivalence;
mod log;
mod snapshots;
mod taking;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use model::{MatchOp, Matcher};
use platform::FileSystem;
use platform::simulated::SimulatedFileSystem;
use storage::{AppendOptions, Appendable, Error, TimeRange};
use tsdb::{Db, Settings};

use crate::fixture::{PATH, labels, select};

/// All samples by the labels' text.
type Content = BTreeMap<String, Vec<(i64, f64)>>;

const MINUTE: i64 = 60_000;

/// Ranges of ten minutes, a window of two hours.
fn settings() -> Settings {
    Settings {
        block_duration_min: Duration::from_mins(10),
        block_duration_max: Duration::from_mins(30),
        out_of_order_window: Some(Duration::from_hours(2)),
        samples_per_chunk: 8,
        wal: wal::Settings { segment_bytes: 32 * 1024, ..wal::Settings::default() },
        ..Settings::default()
    }
}

fn content(db: &Db) -> Content {
    let any = Matcher::new("__name__", MatchOp::Regex, ".+").unwrap();
    select(db, &[any], TimeRange::ALL).into_iter().collect()
}

/// Commits samples of several series as one batch; gives what was refused.
fn commit(db: &Db, samples: &[(&str, i64, f64)]) -> Vec<Error> {
    let mut appender = db.appender(AppendOptions::default());
    let mut refused = Vec::new();
    for (name, time, value) in samples {
        let series = appender.series(&labels(&[("__name__", name)])).unwrap();
        refused.extend(appender.append(series, *time, 0, *value).err());
    }
    appender.commit().unwrap();
    refused
}

/// A sample of `name` at each of these minutes, in this order, each in a commit of its own; the value is the minute.
fn fill(db: &Db, name: &str, minutes: impl IntoIterator<Item = i64>) {
    for minute in minutes {
        assert_eq!(commit(db, &[(name, minute * MINUTE, minute as f64)]), []);
    }
}

fn minutes(db: &Db, name: &str) -> Vec<i64> {
    crate::fixture::samples(db, name).into_iter().map(|(time, _)| time / MINUTE).collect()
}

fn names(disk: &SimulatedFileSystem, folder: &str) -> Vec<String> {
    let path = Path::new(PATH).join(folder);
    let names = disk.list(&path).map(|entries| entries.into_iter().map(|entry| entry.name).collect());
    names.unwrap_or_default()
}
