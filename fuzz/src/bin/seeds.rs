//! Writes the seeds of the store's targets: files of a small store, cut to what each target takes.

use std::path::Path;

use lapwing_fuzz::{DATA, join, open};
use model::{Exemplar, Labels};
use platform::FileSystem;
use platform::simulated::SimulatedFileSystem;
use storage::{AppendOptions, Appendable};
use wal::{Entry, SegmentReader, segments};

const MINUTE: i64 = 60_000;

fn main() {
    let disk = SimulatedFileSystem::new();
    let db = open(&disk);
    for minute in 0..200 {
        let mut appender = db.appender(AppendOptions::default());
        for instance in ["a", "b"] {
            let labels = Labels::from_pairs([("__name__", "up"), ("instance", instance)]);
            let series = appender.series(&labels).unwrap();
            appender.append(series, minute * MINUTE, 0, (minute * minute % 7) as f64).unwrap();
            if minute % 50 == 49 {
                let labels = Labels::from_pairs([("trace_id", instance)]);
                let exemplar = Exemplar { labels, value: 1.5, timestamp: Some(minute * MINUTE) };
                let _ = appender.append_exemplar(series, minute * MINUTE, &exemplar);
                let _ = appender.append(series, minute * MINUTE - 30_000, 0, 0.5);
            }
        }
        appender.commit().unwrap();
    }
    let records = |folder: &Path| {
        let mut all: Vec<Vec<u8>> = Vec::new();
        for segment in segments(&disk, folder).unwrap() {
            let mut reader = SegmentReader::open(&disk, &segment).unwrap();
            while let Some(Entry::Record { bytes, .. }) = reader.next_entry().unwrap() {
                all.push(bytes.to_vec());
            }
        }
        all.retain(|record| record.len() < 256);
        all
    };
    let log = Path::new(DATA).join("wal");
    let segment = segments(&disk, &log).unwrap().remove(0);
    let bytes = disk.read(&segment.path, u64::MAX).unwrap();
    put("wal_segment", "first", &bytes[..bytes.len().min(2_000)]);
    let (in_order, late) = (records(&log), records(&Path::new(DATA).join("wbl")));
    let mut late = late.into_iter();
    let mixed: Vec<Vec<u8>> = in_order
        .chunks(3)
        .take(10)
        .flat_map(|three| three.iter().cloned().chain([late.next().unwrap_or_default()]))
        .collect();
    put("wal_records", "mixed", &join(&mixed));
    db.maintain().unwrap();
    db.maintain().unwrap();
    for block in db.blocks().iter() {
        for (target, file) in [("block_index", "index"), ("block_meta", "meta.json")] {
            put(target, "small", &disk.read(&block.folder().join(file), u64::MAX).unwrap());
        }
        let first = block.index().all_series().unwrap().into_vec().remove(0);
        let series = block.series(first).unwrap();
        for (number, meta) in series.chunks.iter().enumerate().take(2) {
            let (encoding, data) = block.chunk(meta.reference).unwrap();
            let bytes: Vec<u8> = std::iter::once(encoding.id()).chain(data.iter().copied()).collect();
            put("chunk", &format!("float-{number}"), &bytes);
        }
    }
    db.close().unwrap();
    let entries = disk.list(Path::new(DATA)).unwrap();
    let snapshot = entries.iter().find(|entry| entry.name.starts_with("chunk_snapshot.")).unwrap();
    put("chunk_snapshot", "small", &join(&records(&Path::new(DATA).join(&snapshot.name))));
}

fn put(target: &str, name: &str, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), bytes).unwrap();
}
