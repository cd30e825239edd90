//! Compacted blocks hold what their sources held.

use std::path::Path;
use std::sync::Arc;

use platform::FileSystem;
use platform::simulated::SimulatedFileSystem;
use storage::{EncodedChunk, Querier, SampleColumns, SelectHints, TimeRange};
use tsdb::block::{Block, BlockQuerier, BlockWriterSettings, Interval, Intervals, Ulid};
use tsdb::compaction::compact;

use crate::blocks::{Samples, copy, floats, open, recorded_blocks};

/// Samples of all kinds, histograms as their text.
fn all_samples(blocks: &[Arc<Block>]) -> Vec<(String, i64, String)> {
    let mut found = Vec::new();
    for block in blocks {
        let querier = BlockQuerier::new(Arc::clone(block), TimeRange::ALL);
        let set = querier.select(&[], &SelectHints::default()).unwrap();
        for position in 0..set.len() {
            let mut columns = SampleColumns::new();
            set.read(position, TimeRange::ALL, &mut columns).unwrap();
            let labels = set.labels(position).to_string();
            let values = columns.values.iter().map(|value| value.to_bits().to_string());
            let floats = columns.timestamps.iter().copied().zip(values);
            // The hint of a chunk's first sample depends on where chunks end.
            let bits = |histogram: &model::FloatHistogram| {
                let populated: Vec<_> =
                    histogram.positive_indexed().chain(histogram.negative_indexed()).collect();
                format!("{} {} {populated:?}", histogram.sum.to_bits(), histogram.count)
            };
            let histograms = columns.histograms.values.iter().map(bits);
            let histograms = columns.histograms.timestamps.iter().copied().zip(histograms);
            found.extend(floats.chain(histograms).map(|(time, value)| (labels.clone(), time, value)));
        }
    }
    found.sort();
    found
}

fn compact_all(fs: &Arc<dyn FileSystem>, sources: &[Arc<Block>]) -> Arc<Block> {
    let settings = BlockWriterSettings::default();
    let go_on = &mut |_: u64| true;
    let meta = compact(fs, Path::new("/"), sources, Ulid::new(1), settings, go_on).unwrap().unwrap();
    let folder = Path::new("/").join(meta.ulid.to_string());
    let block = Arc::new(Block::open(Arc::clone(fs), &folder).unwrap());
    let stats = block.meta().stats;
    assert_eq!(stats.num_samples, stats.num_float_samples + stats.num_histogram_samples);
    assert_eq!(stats.num_samples, all_samples(&[Arc::clone(&block)]).len() as u64);
    block
}

#[test]
fn blocks_one_after_another_keep_their_chunks() {
    let sources: Vec<Arc<Block>> = recorded_blocks()[..3].iter().map(|folder| open(folder)).collect();
    let fs: Arc<dyn FileSystem> = Arc::new(SimulatedFileSystem::new());
    let block = compact_all(&fs, &sources);
    assert_eq!(all_samples(&[Arc::clone(&block)]), all_samples(&sources));
    let meta = block.meta();
    assert_eq!(meta.compaction.level, 2);
    assert_eq!((meta.min_time, meta.max_time), (1_700_006_400_000, 1_700_025_060_001));
    // A chunk of the first block is lost with what is deleted, or is written anew; no other changes.
    let chunks: u64 = sources.iter().map(|block| block.meta().stats.num_chunks).sum();
    assert!(chunks - meta.stats.num_chunks <= 1, "{} of {chunks}", meta.stats.num_chunks);
    assert_eq!(block.tombstones().count(), 0);
}

#[test]
fn blocks_that_overlap_become_one_without_repetitions() {
    let recorded = open(&recorded_blocks()[1]);
    let histograms = open(&recorded_blocks()[2]);
    let fs: Arc<dyn FileSystem> = Arc::new(SimulatedFileSystem::new());
    let folders = ["/a", "/b", "/c", "/d"].map(Path::new);
    for folder in folders {
        fs.create_dir_all(folder).unwrap();
    }
    let meta = copy(&recorded, &fs, folders[0], BlockWriterSettings::default());
    copy(&recorded, &fs, folders[1], BlockWriterSettings::default());
    let open_copy =
        |folder: &Path| Arc::new(Block::open(Arc::clone(&fs), &folder.join(meta.ulid.to_string())).unwrap());
    // One copy lacks a part of each series: their chunks differ and overlap.
    let part = open_copy(folders[1]);
    let span: Intervals =
        [Interval { start: 1_700_014_000_000, end: 1_700_015_000_000 }].into_iter().collect();
    part.delete(part.index().all_series().unwrap().iter().map(|number| (number, span.clone()))).unwrap();
    let sources = [part, open_copy(folders[0]), histograms];
    let merged = compact_all(&fs, &sources);
    let expected: Samples = floats(&recorded, TimeRange::ALL, &[]);
    let found = floats(&merged, TimeRange::ALL, &[]);
    for (series, samples) in &expected {
        let found: Vec<_> =
            found[series].iter().filter(|(time, _)| *time < 1_700_020_000_000).copied().collect();
        assert_eq!(found, *samples, "{series}");
    }
    let chunks = |block: &Arc<Block>| -> Vec<EncodedChunk> {
        let querier = BlockQuerier::new(Arc::clone(block), TimeRange::ALL);
        let set = querier.select(&[], &SelectHints::default()).unwrap();
        (0..set.len()).flat_map(|position| set.chunks(position, TimeRange::ALL).unwrap()).collect()
    };
    assert!(!chunks(&merged).is_empty());
}

#[test]
fn blocks_of_which_nothing_is_left_leave_none() {
    let recorded = open(&recorded_blocks()[1]);
    let fs: Arc<dyn FileSystem> = Arc::new(SimulatedFileSystem::new());
    let meta = copy(&recorded, &fs, Path::new("/"), BlockWriterSettings::default());
    let folder = Path::new("/").join(meta.ulid.to_string());
    let block = Arc::new(Block::open(Arc::clone(&fs), &folder).unwrap());
    let all: Intervals = [Interval { start: i64::MIN, end: i64::MAX }].into_iter().collect();
    block.delete(block.index().all_series().unwrap().iter().map(|number| (number, all.clone()))).unwrap();
    let go_on = &mut |_: u64| true;
    let settings = BlockWriterSettings::default();
    let written = compact(&fs, Path::new("/"), &[Arc::clone(&block)], Ulid::new(2), settings, go_on).unwrap();
    assert_eq!(written, None);
    assert!(Block::open(Arc::clone(&fs), &folder).unwrap().meta().compaction.deletable);
    assert_eq!(fs.list(Path::new("/")).unwrap().len(), 1);
}

#[test]
fn stopped_work_leaves_nothing_and_marks_nothing() {
    let sources: Vec<Arc<Block>> = recorded_blocks()[..2].iter().map(|folder| open(folder)).collect();
    let fs: Arc<dyn FileSystem> = Arc::new(SimulatedFileSystem::new());
    let mut left = 10;
    let go_on = &mut |_: u64| {
        left -= 1;
        left > 0
    };
    let settings = BlockWriterSettings::default();
    let stopped = compact(&fs, Path::new("/"), &sources, Ulid::new(2), settings, go_on);
    assert!(matches!(stopped, Err(tsdb::Error::Stopped)));
    assert_eq!(fs.list(Path::new("/")).unwrap(), []);
}

#[test]
fn a_damaged_source_is_marked_and_left() {
    let recorded = open(&recorded_blocks()[1]);
    let disk = SimulatedFileSystem::new();
    let fs: Arc<dyn FileSystem> = Arc::new(disk.clone());
    let meta = copy(&recorded, &fs, Path::new("/"), BlockWriterSettings::default());
    let folder = Path::new("/").join(meta.ulid.to_string());
    disk.damage(&folder.join("chunks/000001"), |bytes| bytes[5000] ^= 0xFF).unwrap();
    let block = Arc::new(Block::open(Arc::clone(&fs), &folder).unwrap());
    let go_on = &mut |_: u64| true;
    let settings = BlockWriterSettings::default();
    // Chunks of blocks in order are taken as they are, once their checksums are right.
    let failed = compact(&fs, Path::new("/"), &[Arc::clone(&block)], Ulid::new(2), settings, go_on);
    assert!(matches!(failed, Err(tsdb::Error::Damaged { .. })));
    assert!(Block::open(Arc::clone(&fs), &folder).unwrap().meta().compaction.failed);
    assert_eq!(fs.list(Path::new("/")).unwrap().len(), 1);
}
