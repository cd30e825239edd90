//! The write-behind log: what a start finds in it, damaged or whole, and what the original would find.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use model::SeriesRef;
use platform::FileSystem;
use platform::simulated::SimulatedFileSystem;
use wal::record::{MmapMarker, RecordType, Samples, decode_mmap_markers, decode_samples};
use wal::{Entry, SegmentReader};

use super::{Content, MINUTE, commit, content, fill, minutes, names, settings};
use crate::fixture::{open_with, samples};

const WBL: &str = "/data/wbl";

/// The records of the log.
fn records(disk: &SimulatedFileSystem) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    for segment in wal::segments(disk, Path::new(WBL)).unwrap() {
        let mut reader = SegmentReader::open(disk, &segment).unwrap();
        while let Some(entry) = reader.next_entry().unwrap() {
            match entry {
                Entry::Record { bytes, .. } => records.push(bytes.to_vec()),
                Entry::Damage(damage) => panic!("{damage}"),
            }
        }
    }
    records
}

/// Times by series that the original's reader has in memory at the end: a marker stands for all samples of its
/// series before it.
fn open_to_the_original(records: &[Vec<u8>]) -> (BTreeMap<SeriesRef, BTreeSet<i64>>, Vec<MmapMarker>) {
    let mut open: BTreeMap<SeriesRef, BTreeSet<i64>> = BTreeMap::new();
    let mut all = Vec::new();
    for record in records {
        match RecordType::of(record) {
            Some(RecordType::Samples) => {
                let mut samples = Samples::default();
                decode_samples(record, &mut samples).unwrap();
                for (series, time) in samples.refs.iter().zip(&samples.timestamps) {
                    open.entry(*series).or_default().insert(*time);
                }
            }
            Some(RecordType::MmapMarkers) => {
                let mut markers = Vec::new();
                decode_mmap_markers(record, &mut markers).unwrap();
                for marker in markers {
                    open.remove(&marker.series);
                    all.push(marker);
                }
            }
            other => panic!("{other:?}"),
        }
    }
    (open, all)
}

#[test]
fn the_original_finds_every_sample_in_a_chunk_or_behind_its_marker() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    fill(&db, "a", [200]);
    for (number, minute) in (85..195).rev().enumerate() {
        fill(&db, "a", [minute]);
        let more: Vec<(&str, i64, f64)> = (0..5).map(|more| ("b", minute * MINUTE + more, 1.0)).collect();
        commit(&db, &more);
        if number % 7 == 6 {
            db.sync().unwrap();
        }
    }
    let (open, markers) = open_to_the_original(&records(&disk));
    assert!(markers.len() >= 6, "{}", markers.len());
    // Samples in files are those that are not open: both together are all.
    let files = chunk_samples(&disk, &markers);
    let open: usize = open.values().map(BTreeSet::len).sum();
    let all = content(&db);
    assert_eq!(all.values().map(Vec::len).sum::<usize>(), 1 + 110 * 6);
    assert_eq!(open + files, 110 * 6);
    assert_eq!(content(&open_with(&disk.process_image(), settings())), all);
}

/// The number of samples in the chunks that markers name.
fn chunk_samples(disk: &SimulatedFileSystem, markers: &[MmapMarker]) -> usize {
    let mut samples = 0;
    for marker in markers {
        let path = format!("/data/chunks_head/{:06}", marker.chunk >> 32);
        let file = disk.read(Path::new(&path), 1 << 30).unwrap();
        let entry = &file[(marker.chunk & 0xffff_ffff) as usize..];
        assert_eq!(entry[..8], marker.series.0.to_be_bytes());
        assert_eq!(entry[24], 0x81, "a chunk of floats that came out of order");
        let length_bytes = entry[25..].iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
        samples += usize::from(u16::from_be_bytes([entry[25 + length_bytes], entry[26 + length_bytes]]));
    }
    samples
}

/// The bytes are explained in `docs/formats/wal.md`.
#[test]
fn a_log_has_its_golden_records() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    fill(&db, "a", [100]);
    commit(&db, &[("a", 5_000_000, 1.0)]);
    fill(&db, "a", (60..92).rev());
    db.sync().unwrap();
    let records = records(&disk);
    let hex = |record: &[u8]| record.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(
        hex(&records[0]),
        concat!("02", "0000000000000001", "00000000004c4b40", "00", "00", "3ff0000000000000")
    );
    assert_eq!(hex(&records[33]), concat!("05", "0000000000000001", "0000000100000008"));
    // One has come since the chunk was encoded: for the original it must stand behind the marker.
    assert_eq!(hex(&records[34]), hex(&records[32]));
    assert_eq!(records.len(), 35);
}

#[test]
fn chunks_in_files_are_taken_from_there_and_once() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    fill(&db, "a", [200]);
    fill(&db, "a", (85..195).rev());
    db.sync().unwrap();
    let (chunks, all) = (db.head_stats(1).chunks, content(&db));
    let again = open_with(&disk.process_image(), settings());
    assert_eq!((again.head_stats(1).chunks, content(&again)), (chunks, all.clone()));
    // Without the files the log has it all, without the log the files have most.
    let image = disk.process_image();
    image.remove_dir_all(Path::new("/data/chunks_head")).unwrap();
    assert_eq!(content(&open_with(&image, settings())), all);
    let image = disk.process_image();
    image.remove_dir_all(Path::new(WBL)).unwrap();
    assert_eq!(minutes(&open_with(&image, settings()), "a").len(), 1 + 96);
}

#[test]
fn what_stands_in_blocks_does_not_come_back_from_files() {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    fill(&db, "a", 100..112);
    fill(&db, "a", (20..60).rev());
    db.sync().unwrap();
    fill(&db, "a", 112..117);
    db.maintain().unwrap();
    assert_eq!(names(&disk, "wbl").len(), 1);
    assert_eq!(names(&disk, "chunks_head"), ["000001"], "it goes with the head's next block");
    let range = storage::TimeRange::new(0, 60 * MINUTE);
    db.delete(range, &[model::Matcher::equal("__name__", "a")]).unwrap();
    let again = open_with(&disk.process_image(), settings());
    assert_eq!(minutes(&again, "a"), (100..117).collect::<Vec<_>>());
}

/// A small log with a marker, samples of two series, and a deletion.
fn small() -> (SimulatedFileSystem, Content) {
    let disk = SimulatedFileSystem::new();
    let db = open_with(&disk, settings());
    fill(&db, "a", [200]);
    fill(&db, "a", (150..190).rev());
    db.sync().unwrap();
    fill(&db, "b", (120..125).rev());
    let range = storage::TimeRange::new(121 * MINUTE, 122 * MINUTE);
    db.delete(range, &[model::Matcher::equal("__name__", "b")]).unwrap();
    fill(&db, "a", [140, 139]);
    let all = content(&db);
    (disk, all)
}

#[test]
fn a_damaged_log_costs_what_is_damaged_and_never_the_start() {
    let (whole, all) = small();
    let path = Path::new("/data/wbl/00000000");
    let len = whole.metadata(path).unwrap().len as usize;
    for at in 0..len {
        for cut in [true, false] {
            let disk = whole.process_image();
            disk.damage(path, |bytes| if cut { bytes.truncate(at) } else { bytes[at] ^= 0x55 }).unwrap();
            let context = format!("byte {at}, cut {cut}");
            let found = content(&open_with(&disk, settings()));
            for (labels, samples) in &found {
                let known = |time: i64| all[labels].iter().any(|(other, _)| *other == time);
                // Two of them are deleted: the record that says so may be the damaged one.
                let deleted = |time: i64| labels.contains('b') && (121..=122).contains(&(time / MINUTE));
                assert!(
                    samples.iter().all(|(time, _)| known(*time) || deleted(*time)),
                    "{context}: {labels}"
                );
                assert!(samples.is_sorted_by(|a, b| a.0 < b.0), "{context}: {labels}");
            }
            // What is cut off may never have been there; damage is seen, and the chunk in the file serves.
            assert!(cut || found["{__name__=\"a\"}"].len() > 32, "{context}");
            // The repaired log opens to the same, and takes more.
            let again = open_with(&disk.process_image(), settings());
            assert_eq!(content(&again), found, "{context}");
            fill(&again, "c", [150]);
        }
    }
}

#[test]
fn a_missing_segment_is_a_gap_in_the_data_and_not_in_the_log() {
    let (disk, _) = small();
    for _ in 0..3 {
        let db = open_with(&disk, settings());
        fill(&db, "b", [130]);
    }
    disk.remove_file(Path::new("/data/wbl/00000001")).unwrap();
    let db = open_with(&disk, settings());
    assert!(!samples(&db, "b").is_empty());
    let segments = names(&disk, "wbl");
    assert_eq!(segments, (0..segments.len()).map(|number| format!("{number:08}")).collect::<Vec<_>>());
}

#[test]
fn series_of_the_log_that_are_gone_are_stepped_over() {
    let (disk, _) = small();
    disk.remove_dir_all(Path::new("/data/wal")).unwrap();
    let db = open_with(&disk, settings());
    assert_eq!(content(&db), Content::new());
    // What the log says of a series that is gone must not be taken for a new one's.
    fill(&db, "a", [200, 150]);
    assert_eq!(minutes(&db, "a"), [150, 200]);
    assert_eq!(minutes(&open_with(&disk.process_image(), settings()), "a"), [150, 200]);
}
