//! Steps of the store of samples.

use std::sync::Arc;

use model::{MatchOp, Matcher, SeriesRef};
use platform::real::{RealClock, RealFileSystem};
use storage::{FloatBatch, Queryable, SelectHints, TimeRange};
use telemetry::Registry;
use wal::record::Samples;

use super::Prepared;
use crate::Error;
use crate::store::{self, Fleet, Folder, START_MS};

const SERIES: usize = 10_000;
const INTERVAL_MS: i64 = 15_000;

/// A sample of each known series, log and commit included.
pub(super) fn append() -> Result<Prepared, Error> {
    let folder = Folder::new("micro-append");
    let db = store::open(folder.path()).map_err(Error::broken)?;
    let mut fleet = Fleet::new(&db, SERIES).map_err(Error::broken)?;
    let mut batch = FloatBatch::new();
    Ok(Prepared::new(SERIES, move || {
        // The folder is there as long as the step.
        let _ = &folder;
        fleet.next(INTERVAL_MS, &mut batch);
        store::append(&db, &batch).map_err(Error::broken)
    }))
}

/// Samples that are encoded, compressed and written to the log, without a sync.
pub(super) fn wal_commit() -> Result<Prepared, Error> {
    let folder = Folder::new("micro-wal");
    let parts = wal::Parts {
        fs: Arc::new(RealFileSystem),
        clock: Arc::new(RealClock::new()),
        metrics: wal::Metrics::new(&Registry::new(), "bench_wal"),
    };
    let mut log = wal::Log::open(parts, folder.path(), wal::Settings::default()).map_err(Error::broken)?;
    let mut samples = Samples::default();
    for number in 0..SERIES as u64 {
        samples.push(SeriesRef(number + 1), START_MS, number as f64 / 8.0);
    }
    let (mut batch, mut room) = (wal::Batch::new(wal::Compression::Snappy), Vec::new());
    Ok(Prepared::new(SERIES, move || {
        let _ = &folder;
        batch.clear();
        batch.push_samples(samples.slice(0..samples.len()), &mut room).map_err(Error::broken)?;
        log.append(&batch).map_err(Error::broken)
    }))
}

/// A series by its name and instance.
pub(super) fn select_equal() -> Result<Prepared, Error> {
    select(&[
        ("__name__", MatchOp::Equal, "node_load1"),
        ("instance", MatchOp::Equal, "node-00007.example.org:9100"),
    ])
}

/// The series of a metric of the machines that an expression matches.
pub(super) fn select_regex() -> Result<Prepared, Error> {
    select(&[
        ("__name__", MatchOp::Equal, "node_load1"),
        ("instance", MatchOp::Regex, "node-0[0-9]{3}[1357]\\.example\\.org:9100"),
    ])
}

fn select(matchers: &[(&str, MatchOp, &str)]) -> Result<Prepared, Error> {
    let folder = Folder::new(&format!(
        "micro-select-{}",
        matchers.len() + matchers.iter().map(|m| m.2.len()).sum::<usize>()
    ));
    let db = store::open(folder.path()).map_err(Error::broken)?;
    let mut fleet = Fleet::new(&db, SERIES).map_err(Error::broken)?;
    fleet.append(&db, 1, INTERVAL_MS).map_err(Error::broken)?;
    let matchers: Result<Vec<Matcher>, _> =
        matchers.iter().map(|(name, op, value)| Matcher::new(*name, *op, *value)).collect();
    let matchers = matchers.map_err(Error::broken)?;
    let (range, hints) = (TimeRange::new(START_MS - 60_000, START_MS + 60_000), SelectHints::default());
    Ok(Prepared::new(1, move || {
        let _ = &folder;
        let found =
            db.querier(range).and_then(|querier| querier.select(&matchers, &hints).map(|found| found.len()));
        if found.map_err(Error::broken)? > 0 { Ok(()) } else { Err(Error::broken("nothing was selected")) }
    }))
}
