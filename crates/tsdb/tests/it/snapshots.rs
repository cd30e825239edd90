//! Chunk snapshots: a start that reads them comes to the same as one that reads the whole log.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use model::{Matcher, stale_nan};
use platform::FileSystem;
use platform::simulated::{Fault, FaultKind, Operation, SimulatedFileSystem};
use storage::{AppendOptions, Appendable, ExemplarQueryable, TimeRange};
use tsdb::{Db, Settings};

use crate::fixture::{PATH, append, labels, open_with, parts, samples, select};

type Content = BTreeMap<String, Vec<(i64, u64)>>;

/// Snapshots whenever there is anything new, and chunks that are soon full.
fn settings() -> Settings {
    let wal = wal::Settings { segment_bytes: 32 * 1024, ..wal::Settings::default() };
    Settings {
        wal,
        samples_per_chunk: 4,
        exemplars_max: Some(10),
        snapshot_log_bytes: Some(1),
        ..Settings::default()
    }
}

fn content(db: &Db) -> Content {
    let any = Matcher::new("__name__", model::MatchOp::Regex, ".+").unwrap();
    let bits =
        |samples: Vec<(i64, f64)>| samples.iter().map(|(time, value)| (*time, value.to_bits())).collect();
    select(db, &[any], TimeRange::ALL).into_iter().map(|(labels, samples)| (labels, bits(samples))).collect()
}

fn snapshots(disk: &SimulatedFileSystem) -> Vec<PathBuf> {
    let entries = disk.list(Path::new(PATH)).unwrap();
    let names =
        entries.into_iter().map(|entry| entry.name).filter(|name| name.starts_with("chunk_snapshot."));
    names.map(|name| Path::new(PATH).join(name)).collect()
}

/// The number of the segment with which the log goes on from a snapshot.
fn segment(snapshot: &Path) -> u32 {
    snapshot.to_str().unwrap().split('.').nth(1).unwrap().parse().unwrap()
}

fn float(db: &Db, name: &str, time: i64, value: f64) -> bool {
    let mut appender = db.appender(AppendOptions::default());
    let series = appender.series(&labels(&[("__name__", name)])).unwrap();
    appender.append(series, time, 0, value).unwrap();
    appender.commit().is_ok()
}

/// Appends, deletes, takes snapshots and restarts; gives what was acknowledged, and what of it was synced.
fn workload(disk: &SimulatedFileSystem, last_close: bool) -> (Content, Content) {
    let (mut acknowledged, mut synced) = (Content::new(), Content::new());
    for round in 0..3i64 {
        let Ok(db) = Db::open(parts(disk), Path::new(PATH), settings()) else { break };
        for step in 0..8i64 {
            let time = (round * 8 + step) * 15_000;
            for name in ["a", "b", if step % 3 == 0 { "c" } else { "d" }] {
                if float(&db, name, time, time as f64) {
                    let name = format!("{{__name__=\"{name}\"}}");
                    acknowledged.entry(name).or_default().push((time, (time as f64).to_bits()));
                }
            }
            if step == 3 {
                let range = TimeRange::new(time - 15_000, time - 15_000);
                if db.delete(range, &[Matcher::equal("__name__", "b")]).is_ok() {
                    let samples = acknowledged.get_mut("{__name__=\"b\"}");
                    samples.into_iter().for_each(|samples| samples.retain(|(at, _)| !range.contains(*at)));
                }
            }
            if step % 2 == 1 && db.sync().is_ok() {
                synced = acknowledged.clone();
            }
            if step % 4 == 2 {
                let _ = db.maintain();
            }
        }
        if (round < 2 || last_close) && db.close().is_ok() {
            synced = acknowledged.clone();
        }
    }
    (acknowledged, synced)
}

fn assert_holds(found: &Content, certain: &Content, context: &str) {
    for (labels, samples) in certain {
        let present = found.get(labels).unwrap_or_else(|| panic!("{context}: {labels} is lost"));
        for sample in samples {
            // What a deletion that was not acknowledged has hidden is not lost.
            let may_be_deleted = labels.contains("\"b\"") && sample.0 / 15_000 % 8 == 2;
            assert!(may_be_deleted || present.contains(sample), "{context}: {sample:?} of {labels} is lost");
        }
    }
}

#[test]
fn a_clean_stop_leaves_a_snapshot_that_the_next_start_reads_instead_of_the_log() {
    let disk = SimulatedFileSystem::new();
    let (acknowledged, _) = workload(&disk, true);
    let found = snapshots(&disk);
    assert_eq!(found.len(), 1, "{found:?}");
    // Without the log that the snapshot stands for.
    let image = disk.process_image();
    for old in wal::segments(&image, &Path::new(PATH).join("wal")).unwrap() {
        if old.number < segment(&found[0]) {
            image.remove_file(&old.path).unwrap();
        }
    }
    let db = open_with(&image, settings());
    assert_eq!(content(&db), acknowledged);
    // And on it goes.
    assert_eq!(append(&db, "a", &[(1_000_000, 1.0)]), [None]);
    assert!(append(&db, "a", &[(1_000_000, 2.0)])[0].is_some());
    drop(db);
    let again = samples(&open_with(&image.process_image(), settings()), "a");
    assert_eq!(again.last(), Some(&(1_000_000, 1.0)));
    assert_eq!(again.len(), acknowledged["{__name__=\"a\"}"].len() + 1);
}

#[test]
fn nothing_acknowledged_is_lost_at_any_crash_point_with_snapshots() {
    let whole = SimulatedFileSystem::new();
    let (all, _) = workload(&whole, false);
    assert_eq!(content(&open_with(&whole.process_image(), settings())), all);
    assert!(!snapshots(&whole).is_empty());
    let points = whole.operation_count();
    assert!(points > 100, "{points}");
    for stop in 0..points {
        let disk = SimulatedFileSystem::new();
        disk.stop_at(stop);
        let (acknowledged, synced) = workload(&disk, false);
        let db = open_with(&disk.process_image(), settings());
        assert_holds(&content(&db), &acknowledged, &format!("process, operation {stop}"));
        for seed in 0..2 {
            let db = open_with(&disk.crash_image(seed), settings());
            assert_holds(&content(&db), &synced, &format!("machine, operation {stop}, seed {seed}"));
        }
    }
}

#[test]
fn a_damaged_snapshot_costs_nothing() {
    let whole = SimulatedFileSystem::new();
    let (acknowledged, _) = workload(&whole, true);
    let path = snapshots(&whole)[0].join("00000000");
    let len = whole.metadata(&path).unwrap().len as usize;
    for at in (0..len).step_by(7) {
        let disk = whole.process_image();
        disk.damage(&path, |bytes| bytes[at] ^= 0x41).unwrap();
        assert_eq!(content(&open_with(&disk, settings())), acknowledged, "byte {at}");
        let disk = whole.process_image();
        disk.damage(&path, |bytes| bytes.truncate(at)).unwrap();
        // It may end between two records, and nothing in it looks wrong then.
        let found = content(&open_with(&disk, settings()));
        assert_eq!(found, acknowledged, "cut at {at}");
    }
}

#[test]
fn full_chunks_that_are_missing_in_files_come_back_from_the_log() {
    let disk = SimulatedFileSystem::new();
    let (acknowledged, _) = workload(&disk, true);
    let file = Path::new(PATH).join("chunks_head/000001");
    disk.damage(&file, |bytes| bytes[40] ^= 1).unwrap();
    assert_eq!(content(&open_with(&disk, settings())), acknowledged);
}

#[test]
fn markers_exemplars_and_unlike_kinds_come_back() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    append(&db, "stale", &[(1000, 1.0), (2000, stale_nan())]);
    append(&db, "live", &[(1000, 1.0)]);
    let mut appender = db.appender(AppendOptions::default());
    let series = appender.series(&labels(&[("__name__", "live")])).unwrap();
    let exemplar = model::Exemplar { labels: labels(&[("t", "x")]), value: 0.5, timestamp: Some(900) };
    appender.append_exemplar(series, 2000, &exemplar).unwrap();
    appender.append(series, 2000, 0, 2.0).unwrap();
    let empty = appender.series(&labels(&[("__name__", "empty")])).unwrap();
    assert_ne!(empty, series);
    appender.commit().unwrap();
    let any = vec![vec![Matcher::equal("__name__", "live")]];
    let (before, exemplars) = (content(&db), db.exemplars(TimeRange::ALL, &any).unwrap());
    let chunks = db.head_stats(10).chunks;
    assert_eq!(exemplars.len(), 1);
    db.close().unwrap();
    let db = open_with(&disk, settings());
    assert_eq!(content(&db), before);
    assert_eq!(db.exemplars(TimeRange::ALL, &any).unwrap(), exemplars);
    assert_eq!(db.head_stats(10).chunks, chunks);
}

#[test]
fn an_unfinished_snapshot_is_removed_and_others_are_left_alone() {
    let disk = SimulatedFileSystem::new();
    workload(&disk, true);
    let before = snapshots(&disk);
    for name in ["chunk_snapshot.000009.0000000000.tmp", "chunk_snapshot.x", "chunk_snapshots"] {
        disk.create_dir_all(&Path::new(PATH).join(name)).unwrap();
    }
    drop(open_with(&disk, settings()));
    let mut after = snapshots(&disk);
    after.retain(|path| !before.contains(path));
    assert_eq!(after, [Path::new(PATH).join("chunk_snapshot.x")]);
}

#[test]
fn no_snapshot_is_taken_where_none_is_wanted_or_nothing_is_new() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, Settings { snapshot_log_bytes: None, ..settings() });
    append(&db, "a", &[(1000, 1.0)]);
    db.maintain().unwrap();
    db.close().unwrap();
    assert_eq!(snapshots(&disk), Vec::<PathBuf>::new());
    let db = open_with(&disk, settings());
    db.close().unwrap();
    let first = snapshots(&disk);
    assert_eq!(first.len(), 1);
    open_with(&disk, settings()).close().unwrap();
    assert_eq!(snapshots(&disk), first);
}

#[test]
fn one_that_cannot_be_written_is_tried_again_when_the_log_has_grown() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, Settings { snapshot_log_bytes: Some(600), ..settings() });
    let grow = |from: i64| {
        for time in from..from + 20 {
            assert!(float(&db, "a", time * 1000, time as f64));
        }
    };
    grow(0);
    disk.inject(Fault::always(Operation::Create, FaultKind::Io).on("chunk_snapshot."));
    db.maintain().unwrap_err();
    let failures = disk.failure_count();
    db.maintain().unwrap();
    assert_eq!(disk.failure_count(), failures);
    disk.clear_faults();
    db.maintain().unwrap();
    assert_eq!(snapshots(&disk), Vec::<PathBuf>::new());
    grow(20);
    db.maintain().unwrap();
    assert_eq!(snapshots(&disk).len(), 1);
}
