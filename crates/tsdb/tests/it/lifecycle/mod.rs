//! The whole life of a data directory: samples of every kind, some of them late, that go through the log, checkpoints,
//! chunk files, chunk snapshots, blocks, compactions, deletions, copies and retention, with starts in between.

mod crash;
mod damage;
mod full_disk;
mod oracle;

use std::path::Path;
use std::time::Duration;

use model::Matcher;
use platform::simulated::SimulatedFileSystem;
use storage::{AppendOptions, Appendable, Appender, HistogramSample, TimeRange};
use tsdb::{Db, Settings};

use crate::fixture::{PATH, histogram, labels, open_with, parts};
use oracle::{Deletion, Oracle};

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;

/// What is done to a directory, and how much of it.
#[derive(Debug, Clone, Copy)]
struct Script {
    /// How many minutes each process lives; all but the first leave a chunk snapshot when they end cleanly.
    minutes: [i64; 3],
    /// Bytes of padding in the labels, to fill segments sooner.
    padding: usize,
    /// Whether the last act removes blocks by size, beside those that are removed by time.
    by_size: bool,
}

const WHOLE: Script = Script { minutes: [26, 24, 22], padding: 120, by_size: false };

/// Samples come once in so many minutes.
const STEP: usize = 2;

impl Script {
    /// Ranges of ten minutes, a window of 40, and all that is done from time to time done often.
    fn settings(&self) -> Settings {
        Settings {
            block_duration_min: Duration::from_mins(10),
            block_duration_max: Duration::from_mins(30),
            retention: Some(Duration::from_mins(20)),
            out_of_order_window: Some(Duration::from_mins(40)),
            samples_per_chunk: 4,
            stale_series_threshold: Some(0.15),
            snapshot_log_bytes: Some(1),
            wal: wal::Settings { segment_bytes: 32 * 1024, ..wal::Settings::default() },
            ..Settings::default()
        }
    }

    /// Goes through all of it, as far as the disk lets it; what was acknowledged is told to the oracle.
    fn run(&self, disk: &SimulatedFileSystem) -> Oracle {
        let mut oracle = Oracle::new(&self.settings());
        let mut from = 0;
        for (process, minutes) in self.minutes.into_iter().enumerate() {
            let Ok(db) = Db::open(parts(disk), Path::new(PATH), self.settings()) else { break };
            for minute in (from..from + minutes).step_by(STEP) {
                self.minute(&db, minute, &mut oracle);
                if disk.has_stopped() {
                    return oracle;
                }
            }
            from += minutes;
            if self.by_size && process == 2 {
                let settings = Settings { retention_bytes: Some(1), ..self.settings() };
                oracle.blocks_may_go();
                let _ = db.apply(settings).and_then(|()| db.maintain());
            }
            if process == 1 && db.close().is_ok() {
                oracle.synced();
            }
        }
        oracle
    }

    fn minute(&self, db: &Db, minute: i64, oracle: &mut Oracle) {
        self.scrape(db, minute, oracle);
        match minute {
            // Of what is in blocks, in chunk files and in open chunks; of what was late too.
            28 => delete(db, "f1", 5, 8, oracle),
            30 => delete(db, "f1", 25, 28, oracle),
            36 => delete(db, "f0", 18, 21, oracle),
            40 => drop(db.clean_tombstones()),
            44 => drop(db.snapshot("copy", true)),
            62 => delete(db, "h0", 40, 43, oracle),
            _ => {}
        }
        if minute % 4 == 0 && db.sync().is_ok() {
            oracle.synced();
        }
        if minute % 6 == 0 {
            let _ = db.maintain();
        }
    }

    /// One commit: floats, histograms of both kinds, a series that comes and goes, and late samples of both kinds.
    fn scrape(&self, db: &Db, minute: i64, oracle: &mut Oracle) {
        let mut batch = Batch { appender: db.appender(AppendOptions::default()), samples: Vec::new() };
        let (time, padding) = (minute * MINUTE, self.padding);
        let passing = format!("p{}", minute / 10);
        for id in ["f0", "f1", passing.as_str()] {
            batch.float(id, padding, time);
        }
        if minute % 10 == 8 {
            batch.end(&passing, padding, time + SECOND);
        }
        batch.histogram("h0", padding, time, false);
        batch.histogram("g0", padding, time, true);
        if minute >= 14 {
            batch.float("f0", padding, time - 12 * MINUTE - SECOND / 2);
            batch.float("l0", padding, time - 13 * MINUTE - SECOND / 2);
            if minute % 4 == 0 {
                batch.histogram("h0", padding, time - 12 * MINUTE - SECOND / 2, false);
            }
        }
        let Batch { appender, samples } = batch;
        oracle.committed(samples, appender.commit().is_ok());
    }
}

/// A commit that is being put together.
struct Batch {
    appender: Box<dyn Appender>,
    samples: Vec<oracle::Sample>,
}

impl Batch {
    fn add(&mut self, id: &str, padding: usize, time: i64, value: &oracle::Value) {
        let labels = labels(&[("__name__", "m"), ("id", id), ("padding", &"x".repeat(padding))]);
        let Ok(series) = self.appender.series(&labels) else { return };
        let taken = match value {
            oracle::Value::Float(value) => self.appender.append(series, time, 0, *value),
            oracle::Value::Int(value) => {
                self.appender.append_histogram(series, time, 0, HistogramSample::Int(&histogram(*value)))
            }
            oracle::Value::Fractions(value) => {
                let value = histogram(*value).to_float();
                self.appender.append_histogram(series, time, 0, HistogramSample::Float(&value))
            }
        };
        if taken.is_ok() {
            self.samples.push(oracle::Sample { series: id.to_owned(), time, text: value.to_string() });
        }
    }

    fn float(&mut self, id: &str, padding: usize, time: i64) {
        // What a series holds tells whose it is and when.
        let own = i64::from(id.bytes().fold(0u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte)));
        self.add(id, padding, time, &oracle::Value::Float((time * 256 + own) as f64));
    }

    fn end(&mut self, id: &str, padding: usize, time: i64) {
        self.add(id, padding, time, &oracle::Value::Float(model::stale_nan()));
    }

    fn histogram(&mut self, id: &str, padding: usize, time: i64, fractions: bool) {
        let count = (time / 100) as u64 + 1;
        let value = if fractions { oracle::Value::Fractions(count) } else { oracle::Value::Int(count) };
        self.add(id, padding, time, &value);
    }
}

/// Deletes what a series has from one minute up to the second before another.
fn delete(db: &Db, id: &str, first: i64, end: i64, oracle: &mut Oracle) {
    let range = TimeRange::new(first * MINUTE, end * MINUTE - SECOND);
    let deletion = Deletion { series: id.to_owned(), range };
    oracle.deleted(deletion, || db.delete(range, &[Matcher::equal("id", id)]).is_ok());
}

/// The script goes where it is meant to: a workload that never writes a checkpoint tries no crash in one.
#[test]
fn the_script_goes_through_every_part_of_the_store() {
    use platform::FileSystem;
    let disk = SimulatedFileSystem::new();
    let oracle = WHOLE.run(&disk);
    let operations = disk.operations();
    let is_touched = |text: &str| operations.iter().any(|done| done.path.to_string_lossy().contains(text));
    let parts = [
        "/wal/00000003",
        "/wal/checkpoint.",
        "/wbl/00000002",
        "/chunks_head/000002",
        "/chunk_snapshot.",
        "tmp-for-creation",
        "tmp-for-deletion",
        "/tombstones",
        "/snapshots/copy.tmp",
        "/meta.json",
    ];
    for part in parts {
        assert!(is_touched(part), "{part}");
    }
    let db = open_with(&disk.process_image(), WHOLE.settings());
    let metas: Vec<_> = db.blocks().iter().map(|block| block.meta()).collect();
    assert!(metas.iter().any(|meta| meta.compaction.level >= 2), "{metas:?}");
    let is_ended = |meta: &tsdb::BlockMeta| meta.has_hint(tsdb::block::hint::FROM_STALE_SERIES);
    assert!(metas.iter().any(is_ended), "{metas:?}");
    let first = metas.iter().map(|meta| meta.min_time).min().unwrap();
    assert!(first >= 10 * MINUTE, "the oldest blocks are removed: {first}");
    let removed = operations.iter().filter(|done| {
        let path = done.path.to_string_lossy();
        done.operation == platform::simulated::Operation::Remove && path.contains("/wal/0000")
    });
    assert!(removed.count() >= 3, "the log is truncated");
    oracle.check(&db, &oracle.acknowledged(), "at the end");
    let copy = Db::open(parts_of(&disk), &Path::new(PATH).join("snapshots/copy"), WHOLE.settings()).unwrap();
    assert!(copy.blocks().len() >= 2);
    assert!(disk.exists(&Path::new(PATH).join("wal")).unwrap());

    let disk = SimulatedFileSystem::new();
    let by_size = Script { by_size: true, ..WHOLE };
    let oracle = by_size.run(&disk);
    let db = open_with(&disk.process_image(), by_size.settings());
    assert_eq!(db.blocks().len(), 0);
    oracle.check(&db, &oracle.acknowledged(), "without blocks");
}

fn parts_of(disk: &SimulatedFileSystem) -> tsdb::Parts {
    parts(&disk.process_image())
}
