//! What is deleted is gone at once, stays gone over restarts and compactions, and comes back when it is written
//! anew.

use model::Matcher;
use platform::simulated::SimulatedFileSystem;
use storage::{AppendOptions, Appendable, Queryable, SelectHints, TimeRange};
use tsdb::{Db, Settings};

use crate::fixture::{append, labels, open, open_with, samples};

const MINUTE: i64 = 60_000;

fn settings() -> Settings {
    Settings { block_duration_min: std::time::Duration::from_mins(10), ..Settings::default() }
}

/// Two series with a sample each minute.
fn fill(db: &Db, minutes: std::ops::Range<i64>) {
    for minute in minutes {
        let mut appender = db.appender(AppendOptions::default());
        for name in ["a", "b"] {
            let series = appender.series(&labels(&[("__name__", name)])).unwrap();
            appender.append(series, minute * MINUTE, 0, minute as f64).unwrap();
        }
        appender.commit().unwrap();
    }
}

fn minutes(db: &Db, name: &str) -> Vec<i64> {
    samples(db, name).into_iter().map(|(time, _)| time / MINUTE).collect()
}

fn delete(db: &Db, name: &str, first: i64, last: i64) {
    let range = TimeRange::new(first * MINUTE, last * MINUTE);
    db.delete(range, &[Matcher::equal("__name__", name)]).unwrap();
}

#[test]
fn the_head_hides_what_is_deleted_before_and_after_a_restart() {
    let disk = SimulatedFileSystem::new();
    let db = open(&disk);
    fill(&db, 0..10);
    delete(&db, "a", 3, 5);
    delete(&db, "a", 8, 100);
    let kept: Vec<i64> = vec![0, 1, 2, 6, 7];
    assert_eq!(minutes(&db, "a"), kept);
    assert_eq!(minutes(&db, "b"), (0..10).collect::<Vec<_>>());
    let again = open(&disk.process_image());
    assert_eq!(minutes(&again, "a"), kept);
    assert_eq!(minutes(&again, "b").len(), 10);
    // What is newer than all that was there is not deleted.
    fill(&again, 10..12);
    assert_eq!(minutes(&again, "a"), [0, 1, 2, 6, 7, 10, 11]);
    assert_eq!(minutes(&open(&disk.process_image()), "a"), kept);
}

#[test]
fn chunks_leave_out_what_is_deleted_and_listings_keep_open_series() {
    let db = open(&SimulatedFileSystem::new());
    fill(&db, 0..10);
    delete(&db, "a", 0, 4);
    delete(&db, "b", 0, 100);
    let querier = db.querier(TimeRange::ALL).unwrap();
    let hints = SelectHints { labels_only: true, ..SelectHints::default() };
    let found = querier.select(&[], &hints).unwrap();
    // As recorded of the original (wal_checkpoint-082), a series is listed on while its newest chunk is open.
    let of =
        |name: &str| (0..found.len()).find(|at| found.labels(*at) == labels(&[("__name__", name)])).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found.chunks(of("b"), TimeRange::ALL).unwrap().len(), 0);
    let chunks = found.chunks(of("a"), TimeRange::ALL).unwrap();
    let (mut times, mut values) = (Vec::new(), Vec::new());
    for chunk in &chunks {
        chunks::xor::decode(&chunk.data, &mut times, &mut values).unwrap();
    }
    assert_eq!(times, (5..10).map(|minute| minute * MINUTE).collect::<Vec<_>>());
    assert_eq!((chunks[0].start, chunks[0].end), (5 * MINUTE, 9 * MINUTE));
}

#[test]
fn what_is_deleted_does_not_reach_blocks() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    fill(&db, 0..9);
    delete(&db, "a", 2, 3);
    delete(&db, "b", 0, 100);
    fill(&db, 9..40);
    db.maintain().unwrap();
    assert!(db.blocks().len() > 1);
    let expected: Vec<i64> = (0..40).filter(|minute| !(2..=3).contains(minute)).collect();
    assert_eq!(minutes(&db, "a"), expected);
    assert_eq!(minutes(&db, "b"), (9..40).collect::<Vec<_>>());
    assert_eq!(db.blocks()[0].meta().stats.num_tombstones, 0);
    // Of blocks and head at once.
    delete(&db, "a", 5, 35);
    let expected: Vec<i64> = vec![0, 1, 4, 36, 37, 38, 39];
    assert_eq!(minutes(&db, "a"), expected);
    let again = open_with(&disk.process_image(), settings());
    assert_eq!(minutes(&again, "a"), expected);
    fill(&again, 40..80);
    again.maintain().unwrap();
    assert_eq!(minutes(&again, "a"), expected.iter().copied().chain(40..80).collect::<Vec<_>>());
}

#[test]
fn a_deletion_that_cannot_be_logged_deletes_nothing_of_the_head() {
    use platform::simulated::{Fault, FaultKind, Operation};
    let disk = SimulatedFileSystem::new();
    let db = open(&disk);
    append(&db, "a", &[(1000, 1.0)]);
    disk.inject(Fault::nth(Operation::Append, 0, FaultKind::NoSpace).on("/wal/"));
    db.delete(TimeRange::ALL, &[Matcher::equal("__name__", "a")]).unwrap_err();
    assert_eq!(samples(&db, "a"), [(1000, 1.0)]);
    db.delete(TimeRange::ALL, &[Matcher::equal("__name__", "a")]).unwrap();
    assert_eq!(samples(&db, "a"), []);
}
