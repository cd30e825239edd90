//! Files that the store writes are told, and so is what is damaged in them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::{Exemplar, FloatHistogram, Histogram, Labels, Matcher, Metadata, Span};
use platform::FileSystem;
use platform::simulated::{SimulatedClock, SimulatedFileSystem};
use storage::{AppendOptions, Appendable, HistogramSample, TimeRange};
use telemetry::Registry;

use super::{InspectFormat, InspectOptions, inspect};
use crate::tool::ToolError;
use crate::{Db, Parts, ReplayProgress, Settings};

const DATA: &str = "/data";

fn open(disk: &SimulatedFileSystem) -> Db {
    let parts = Parts {
        fs: Arc::new(disk.clone()),
        clock: Arc::new(SimulatedClock::new(0)),
        registry: Registry::with_time(|| std::time::Duration::ZERO),
        progress: Arc::new(ReplayProgress::default()),
        memory: Arc::default(),
    };
    let wal = wal::Settings { compression: wal::Compression::None, ..wal::Settings::default() };
    let settings = Settings { exemplars_max: Some(5), metadata_in_wal: true, wal, ..Settings::default() };
    Db::open(parts, Path::new(DATA), settings).unwrap()
}

fn histogram() -> Histogram {
    Histogram {
        count: 3,
        sum: 4.5,
        positive_spans: vec![Span { offset: 0, length: 1 }],
        positive_buckets: vec![3],
        ..Histogram::default()
    }
}

/// A store with every kind of record, some full chunks, and a block.
fn filled() -> SimulatedFileSystem {
    let disk = SimulatedFileSystem::new();
    let db = open(&disk);
    let mut appender = db.appender(AppendOptions::default());
    let named = |name| Labels::from_pairs([("__name__", name)]);
    let float = appender.series(&named("a")).unwrap();
    for number in 0..500 {
        appender.append(float, number * 15_000, 0, number as f64).unwrap();
    }
    let whole = appender.series(&named("h")).unwrap();
    appender.append_histogram(whole, 1000, 0, HistogramSample::Int(&histogram())).unwrap();
    let fractional = appender.series(&named("f")).unwrap();
    let half = FloatHistogram { count: 1.5, sum: f64::NAN, ..histogram().to_float() };
    let half = FloatHistogram { positive_buckets: vec![1.5], ..half };
    appender.append_histogram(fractional, 1000, 0, HistogramSample::Float(&half)).unwrap();
    let exemplar = Exemplar { labels: Labels::from_pairs([("t", "x")]), value: 0.5, timestamp: Some(900) };
    appender.append_exemplar(float, 1000, &exemplar).unwrap();
    let metadata = Metadata { help: "Two words.".to_owned(), ..Metadata::default() };
    appender.update_metadata(float, &metadata).unwrap();
    appender.commit().unwrap();
    db.delete(TimeRange::new(0, 20_000), &[Matcher::equal("__name__", "a")]).unwrap();
    db.sync().unwrap();
    db.snapshot("copy", true).unwrap();
    db.close().unwrap();
    disk
}

fn told(disk: &SimulatedFileSystem, path: &Path, format: InspectFormat, brief: bool) -> String {
    let fs: Arc<dyn FileSystem> = Arc::new(disk.clone());
    let mut out = Vec::new();
    inspect(&fs, path, InspectOptions { format, brief }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn text(disk: &SimulatedFileSystem, path: &Path) -> String {
    told(disk, path, InspectFormat::Text, false)
}

/// The folder of the only block of the copy.
fn block(disk: &SimulatedFileSystem) -> PathBuf {
    let copy = Path::new(DATA).join("snapshots/copy");
    let name = disk.list(&copy).unwrap()[0].name.clone();
    copy.join(name)
}

fn assert_has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|told| told == *line), "{line} in\n{text}");
    }
}

#[test]
fn records_of_the_log_are_told() {
    let disk = filled();
    let text = text(&disk, &Path::new(DATA).join("wal/00000000"));
    assert_has(
        &text,
        &[
            "  series series=1 labels={__name__=\"a\"}",
            "  sample series=1 timestamp=15000 value=1.0",
            "  exemplar series=1 timestamp=900 value=0.5 labels={t=\"x\"}",
            "  metadata series=1 type=unknown unit=\"\" help=\"Two words.\"",
            "  tombstone series=1 start=0 end=20000",
        ],
    );
    for kind in ["Series", "Samples", "Histograms", "FloatHistograms", "Exemplars", "Metadata", "Tombstones"]
    {
        assert!(text.contains(&format!("type={kind} ")), "{kind}");
    }
    assert!(text.contains("  sample series=2 timestamp=1000 histogram={count:3, sum:4.5, "), "{text}");
}

#[test]
fn a_chunk_snapshot_is_told() {
    let disk = filled();
    let entries = disk.list(Path::new(DATA)).unwrap();
    let folder = entries.into_iter().find(|entry| entry.name.starts_with("chunk_snapshot.")).unwrap().name;
    let text = text(&disk, &Path::new(DATA).join(folder).join("00000000"));
    assert!(text.contains(" type=SnapshotSeries bytes="), "{text}");
    assert!(text.contains(" series=1 labels={__name__=\"a\"}\n  chunk start="), "{text}");
    assert!(text.contains("  tombstone series=1 start=0 end=20000\n"), "{text}");
    assert!(text.contains("  exemplar series=1 timestamp=900 value=0.5 labels={t=\"x\"}\n"), "{text}");
}

#[test]
fn json_has_an_object_on_each_line_and_brevity_leaves_entries_out() {
    let disk = filled();
    let path = Path::new(DATA).join("wal/00000000");
    let json = told(&disk, &path, InspectFormat::Json, false);
    let objects: Vec<serde_json::Value> =
        json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let is_sample = |object: &&serde_json::Value| object["kind"] == "sample" && object["value"] == 2.0;
    assert_eq!(objects.iter().find(is_sample).unwrap()["timestamp"], 30_000);
    let brief = told(&disk, &path, InspectFormat::Text, true);
    assert!(brief.lines().count() < 15 && brief.lines().all(|line| !line.starts_with(' ')), "{brief}");
}

#[test]
fn head_chunks_and_files_of_a_block_are_told() {
    let disk = filled();
    let chunks = text(&disk, &Path::new(DATA).join("chunks_head/000001"));
    assert!(chunks.starts_with("head_chunks bytes="), "{chunks}");
    assert!(chunks.contains("chunk offset=8 series=1 start=0 end="), "{chunks}");
    assert_has(&chunks, &["  sample timestamp=15000 value=1.0"]);
    assert!(chunks.ends_with("bytes_behind=0\n"), "{chunks}");
    let folder = block(&disk);
    let index = text(&disk, &folder.join("index"));
    assert_has(&index, &["label name=__name__ values=3", "  value value=f"]);
    assert!(index.contains("series number="), "{index}");
    assert!(index.contains("  chunk start=30000 end="), "{index}");
    let segment = text(&disk, &folder.join("chunks/000001"));
    assert!(segment.contains("chunk offset=8 sound=true encoding=XOR "), "{segment}");
    let meta = text(&disk, &folder.join("meta.json"));
    assert!(meta.starts_with("meta ") && meta.contains(" minTime=0 "), "{meta}");
    assert_eq!(text(&disk, &folder.join("tombstones")), "tombstones count=0\n");
}

#[test]
fn damage_is_told_where_it_stands() {
    let disk = filled();
    let chunks = Path::new(DATA).join("chunks_head/000001");
    disk.damage(&chunks, |bytes| bytes[60] ^= 1).unwrap();
    let told_chunks = text(&disk, &chunks);
    assert!(
        told_chunks.contains("damage offset=8 reason=\"checksum of a chunk does not match\""),
        "{told_chunks}"
    );
    let segment = block(&disk).join("chunks/000001");
    disk.damage(&segment, |bytes| bytes[20] ^= 1).unwrap();
    let told_segment = text(&disk, &segment);
    assert!(told_segment.contains("chunk offset=8 sound=false"), "{told_segment}");
    assert!(told_segment.lines().filter(|line| line.contains("sound=true")).count() >= 2);
    let log = Path::new(DATA).join("wal/00000000");
    disk.damage(&log, |bytes| bytes[20] ^= 1).unwrap();
    let told_log = text(&disk, &log);
    assert!(told_log.contains("damage offset=0 reason="), "{told_log}");
    assert!(told_log.contains("type=Samples"), "{told_log}");
}

#[test]
fn no_byte_of_a_file_ends_the_program() {
    let disk = filled();
    let folder = block(&disk);
    let data = Path::new(DATA);
    for path in [
        data.join("chunks_head/000001"),
        data.join("wal/00000000"),
        folder.join("index"),
        folder.join("chunks/000001"),
        folder.join("tombstones"),
        folder.join("meta.json"),
    ] {
        let len = disk.metadata(&path).unwrap().len as usize;
        for at in (0..len).step_by(1 + len / 150) {
            for cut in [true, false] {
                let damaged = disk.process_image();
                damaged
                    .damage(&path, |bytes| if cut { bytes.truncate(at) } else { bytes[at] ^= 0x55 })
                    .unwrap();
                let fs: Arc<dyn FileSystem> = Arc::new(damaged);
                // Whatever it says, it returns.
                let _ = inspect(&fs, &path, InspectOptions::default(), &mut Vec::new());
            }
        }
    }
}

#[test]
fn other_files_are_refused() {
    let disk = filled();
    let fs: Arc<dyn FileSystem> = Arc::new(disk.clone());
    for path in ["/data", "/data/wal", "/data/other"] {
        disk.create(Path::new("/data/other")).unwrap().append(b"some text").unwrap();
        let error = inspect(&fs, Path::new(path), InspectOptions::default(), &mut Vec::new()).unwrap_err();
        assert!(matches!(error, ToolError::UnknownFile { .. }), "{path}: {error}");
    }
}
