//! The way in of remote write: samples of many series at once, and series found by what their senders write.

use model::{SeriesRef, stale_nan};
use platform::simulated::SimulatedFileSystem;
use storage::{AppendOptions, Appendable, Error, FloatBatch, HistogramSample, NO_SERIES, RawHasher, RawKey};
use tsdb::Db;

use crate::fixture::{append, labels, open, samples, series};

fn batch(samples: &[(SeriesRef, i64, f64)]) -> FloatBatch {
    let mut batch = FloatBatch::new();
    for (series, timestamp, value) in samples {
        batch.push(*series, *timestamp, 0, *value);
    }
    batch
}

fn append_all(db: &Db, batch: &FloatBatch) -> Vec<(usize, Error)> {
    let mut appender = db.appender(AppendOptions::default());
    let mut errors = Vec::new();
    appender.append_floats(batch, &mut |position, error| errors.push((position, error)));
    appender.commit().unwrap();
    errors
}

fn recall(db: &Db, keys: &[RawKey]) -> Vec<SeriesRef> {
    let mut found = Vec::new();
    db.appender(AppendOptions::default()).recall(keys, &mut found);
    found
}

#[test]
fn samples_of_a_batch_are_taken_and_refused_one_by_one() {
    let db = open(&SimulatedFileSystem::new());
    // Series on several pages, some of them with a sample.
    let all: Vec<SeriesRef> = (0..200).map(|number| series(&db, &format!("m{number}"))).collect();
    append(&db, "m7", &[(5000, 1.0)]);
    let mut appended: Vec<(SeriesRef, i64, f64)> =
        all.iter().rev().map(|series| (*series, 4000, series.0 as f64)).collect();
    appended.push((all[7], 5000, 1.0));
    appended.push((all[7], 5000, 2.0));
    appended.push((SeriesRef(12_345), 6000, 1.0));
    appended.push((all[0], 6000, stale_nan()));
    appended.push((NO_SERIES, 6000, 1.0));
    let errors = append_all(&db, &batch(&appended));
    assert_eq!(
        errors,
        [
            (192, Error::OutOfOrder),
            (201, Error::DuplicateSample),
            (202, Error::UnknownSeries(12_345)),
            (204, Error::UnknownSeries(0)),
        ]
    );
    assert_eq!(samples(&db, "m7"), [(5000, 1.0)]);
    assert_eq!(samples(&db, "m8"), [(4000, all[8].0 as f64)]);
    assert_eq!(samples(&db, "m0").len(), 2);
}

#[test]
fn what_a_batch_brings_survives() {
    let disk = SimulatedFileSystem::new();
    let db = open(&disk);
    let mut appender = db.appender(AppendOptions::default());
    let all: Vec<SeriesRef> = (0..300)
        .map(|number| appender.series(&labels(&[("__name__", &format!("m{number}"))])).unwrap())
        .collect();
    let both: Vec<(SeriesRef, i64, f64)> =
        all.iter().flat_map(|series| [(*series, 1000, 1.0), (*series, 2000, 2.0)]).collect();
    appender.append_floats(&batch(&both), &mut |_, error| panic!("{error}"));
    appender.commit().unwrap();
    db.close().unwrap();
    drop(db);
    let db = open(&disk);
    for number in [0, 63, 64, 299] {
        assert_eq!(samples(&db, &format!("m{number}")), [(1000, 1.0), (2000, 2.0)]);
    }
}

#[test]
fn the_end_of_a_series_of_histograms_is_a_histogram_in_a_batch_too() {
    let db = open(&SimulatedFileSystem::new());
    let series = series(&db, "h");
    let mut appender = db.appender(AppendOptions::default());
    let histogram = model::Histogram::default();
    appender.append_histogram(series, 1000, 0, HistogramSample::Int(&histogram)).unwrap();
    appender.commit().unwrap();
    assert_eq!(append_all(&db, &batch(&[(series, 2000, stale_nan())])), []);
    assert_eq!(samples(&db, "h"), [], "no float came of it");
}

#[test]
fn series_are_found_by_what_their_senders_write() {
    let db = open(&SimulatedFileSystem::new());
    let hasher = RawHasher::new();
    let keys: Vec<RawKey> = [&b"up"[..], b"up job=node"].map(|raw| hasher.key(raw)).into();
    assert_eq!(recall(&db, &keys), [NO_SERIES, NO_SERIES]);
    let up = series(&db, "up");
    db.appender(AppendOptions::default()).remember(&[(keys[0], up)]);
    assert_eq!(recall(&db, &keys), [up, NO_SERIES]);
}

#[test]
fn removed_series_are_forgotten() {
    const HOUR: i64 = 3_600_000;
    let db = open(&SimulatedFileSystem::new());
    let hasher = RawHasher::new();
    let keys: Vec<RawKey> = [&b"old"[..], b"new"].map(|raw| hasher.key(raw)).into();
    append(&db, "old", &[(0, 1.0)]);
    append(&db, "new", &[(0, 1.0), (HOUR, 1.0), (2 * HOUR, 1.0), (4 * HOUR, 1.0)]);
    let known = [(keys[0], series(&db, "old")), (keys[1], series(&db, "new"))];
    db.appender(AppendOptions::default()).remember(&known);
    db.maintain().unwrap();
    assert_eq!(db.blocks().len(), 1, "the head was cut");
    assert_eq!(recall(&db, &keys), [NO_SERIES, known[1].1]);
}
