//! Stores of a fleet's series in folders that go with them, for micro-benchmarks of the store alone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::{Labels, SeriesRef};
use platform::FileSystem;
use platform::real::{RealClock, RealFileSystem};
use storage::{AppendOptions, Appendable, FloatBatch};
use telemetry::Registry;
use tsdb::{Db, Parts, ReplayProgress, Settings};

use crate::fleet::{self, Values};

/// Where a block of two hours begins.
pub const START_MS: i64 = 1_700_006_400_000;

/// Why there is no store to measure.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store says so.
    #[error(transparent)]
    Store(#[from] tsdb::Error),
    /// It takes no samples.
    #[error(transparent)]
    Append(#[from] storage::Error),
}

/// A folder in the system's place for what is temporary; it goes when this is dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A folder of this process; `name` tells it from its others.
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("lapwing-bench-{}-{name}", std::process::id()));
        let made = Self(folder);
        made.clear();
        made
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    fn clear(&self) {
        // What is left of it is found by its name.
        let _ = RealFileSystem.remove_dir_all(&self.0);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Opens the store of a folder.
///
/// # Errors
/// Those of [`Db::open`].
pub fn open(folder: &Path) -> Result<Db, Error> {
    let parts = Parts {
        fs: Arc::new(RealFileSystem),
        clock: Arc::new(RealClock::new()),
        registry: Registry::new(),
        progress: Arc::new(ReplayProgress::default()),
        memory: Arc::default(),
    };
    Ok(Db::open(parts, folder, Settings { lock: false, ..Settings::default() })?)
}

/// The series of a fleet in a store.
#[derive(Debug)]
pub struct Fleet {
    series: Vec<SeriesRef>,
    values: Vec<Values>,
    scrape: u64,
}

impl Fleet {
    /// Makes the series of as many machines as `count` needs.
    ///
    /// # Errors
    /// Where the store takes no series.
    pub fn new(db: &Db, count: usize) -> Result<Self, Error> {
        let mut fleet = Self { series: Vec::new(), values: Vec::new(), scrape: 0 };
        let machines = (0..).flat_map(|number| fleet::machine(number, 1));
        let mut appender = db.appender(AppendOptions::default());
        for series in machines.take(count) {
            let labels =
                Labels::from_pairs(series.labels.iter().map(|(name, value)| (*name, value.as_str())));
            fleet.series.push(appender.series(&labels)?);
            fleet.values.push(series.values());
        }
        appender.commit()?;
        Ok(fleet)
    }

    /// The next sample of each series.
    pub fn next(&mut self, interval_ms: i64, batch: &mut FloatBatch) {
        let timestamp = START_MS + interval_ms * self.scrape as i64;
        batch.clear();
        for (series, values) in self.series.iter().zip(&mut self.values) {
            batch.push(*series, timestamp, 0, values.next(self.scrape));
        }
        self.scrape += 1;
    }

    /// Appends samples of all series, scrape by scrape.
    ///
    /// # Errors
    /// Where the store does not take them.
    pub fn append(&mut self, db: &Db, scrapes: u64, interval_ms: i64) -> Result<(), Error> {
        let mut batch = FloatBatch::new();
        for _ in 0..scrapes {
            self.next(interval_ms, &mut batch);
            append(db, &batch)?;
        }
        Ok(())
    }
}

/// Appends samples in a commit of their own.
///
/// # Errors
/// Where the store does not take them.
pub fn append(db: &Db, batch: &FloatBatch) -> Result<(), Error> {
    let mut appender = db.appender(AppendOptions::default());
    let mut refused = None;
    appender.append_floats(batch, &mut |_, error| refused = Some(error));
    appender.commit()?;
    refused.map_or(Ok(()), |error| Err(error.into()))
}
