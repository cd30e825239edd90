//! Blocks that a real Prometheus wrote, and blocks written here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use index::SymbolSet;
use model::Labels;
use model::matcher::{MatchOp, Matcher};
use platform::FileSystem;
use platform::real::RealFileSystem;
use platform::simulated::SimulatedFileSystem;
use storage::{Querier, SampleColumns, SelectHints, TimeRange};
use tsdb::block::{Block, BlockMeta, BlockQuerier, BlockWriter, BlockWriterSettings, Interval, Intervals};

fn recorded_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/prometheus")
}

/// The folders of all recorded blocks.
pub(crate) fn recorded_blocks() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["dataset/blocks", "wal/checkpoint/data"] {
        let folder = recorded_root().join(folder);
        let entries = RealFileSystem.list(&folder).unwrap();
        found.extend(
            entries.iter().filter(|entry| entry.name.len() == 26).map(|entry| folder.join(&entry.name)),
        );
    }
    assert_eq!(found.len(), 5);
    found
}

pub(crate) fn open(folder: &Path) -> Arc<Block> {
    Arc::new(Block::open(Arc::new(RealFileSystem), folder).unwrap())
}

pub(crate) type Samples = BTreeMap<String, Vec<(i64, u64)>>;

/// The floats of all series that fulfil the matchers.
pub(crate) fn floats(block: &Arc<Block>, range: TimeRange, matchers: &[Matcher]) -> Samples {
    let querier = BlockQuerier::new(Arc::clone(block), range);
    let set = querier.select(matchers, &SelectHints::default()).unwrap();
    let mut found = Samples::new();
    let mut columns = SampleColumns::new();
    for position in 0..set.len() {
        columns.clear();
        set.read(position, TimeRange::ALL, &mut columns).unwrap();
        let values = columns.values.iter().map(|value| value.to_bits());
        let samples: Vec<(i64, u64)> = columns.timestamps.iter().copied().zip(values).collect();
        if !samples.is_empty() {
            found.insert(set.labels(position).to_string(), samples);
        }
    }
    found
}

/// The samples of the OpenMetrics file that the first two blocks were made of.
fn expected_floats() -> Samples {
    let path = recorded_root().join("dataset/metrics.om");
    let text = String::from_utf8(RealFileSystem.read(&path, 1 << 30).unwrap()).unwrap();
    let mut expected = Samples::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, rest) = split_series(line);
        let mut words = rest.split_whitespace();
        let value = words.next().unwrap();
        let value = model::number::parse_float(value).unwrap();
        let bits = if value.is_nan() { model::sample::NORMAL_NAN_BITS } else { value.to_bits() };
        // Seconds with up to three decimals.
        let seconds: f64 = words.next().unwrap().parse().unwrap();
        let timestamp = (seconds * 1000.0).round() as i64;
        let samples = expected.entry(series).or_default();
        // One series is listed twice, with its labels in another order: its second samples were refused.
        if samples.last().is_none_or(|(last, _)| *last < timestamp) {
            samples.push((timestamp, bits));
        }
    }
    expected
}

/// The labels of a line in the order and form of [`Labels`], and what is behind them.
fn split_series(line: &str) -> (String, &str) {
    let Some(open) = line.find('{') else {
        let (name, rest) = line.split_once(' ').unwrap();
        return (Labels::from_pairs([("__name__", name)]).to_string(), rest);
    };
    let mut pairs = Vec::new();
    let name = line[..open].trim();
    if !name.is_empty() {
        pairs.push(("__name__".to_owned(), name.to_owned()));
    }
    let mut rest = &line[open + 1..];
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        if let Some(after) = rest.strip_prefix('}') {
            return (Labels::from_pairs(pairs).to_string(), after);
        }
        let (name, after) = if rest.starts_with('"') {
            quoted(rest)
        } else {
            let end = rest.find('=').unwrap();
            (rest[..end].to_owned(), &rest[end..])
        };
        match after.strip_prefix('=') {
            Some(after) => {
                let (value, after) = quoted(after);
                pairs.push((name, value));
                rest = after;
            }
            None => {
                pairs.push(("__name__".to_owned(), name));
                rest = after;
            }
        }
    }
}

fn quoted(text: &str) -> (String, &str) {
    let mut out = String::new();
    let mut characters = text[1..].char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return (out, &text[place + 2..]),
            '\\' => match characters.next().unwrap().1 {
                'n' => out.push('\n'),
                other => out.push(other),
            },
            other => out.push(other),
        }
    }
    panic!("unfinished text in {text}");
}

#[test]
fn recorded_blocks_hold_the_samples_they_were_made_of() {
    let folders = recorded_blocks();
    let blocks = [open(&folders[0]), open(&folders[1])];
    let mut found = Samples::new();
    for block in &blocks {
        for (series, samples) in floats(block, TimeRange::ALL, &[]) {
            found.entry(series).or_default().extend(samples);
        }
    }
    let mut expected = expected_floats();
    // What is deleted in the first block.
    for (series, samples) in &mut expected {
        if series.contains("tombstoned") {
            samples.retain(|(timestamp, _)| !(1_700_008_200_000..=1_700_008_800_000).contains(timestamp));
        }
    }
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (series, samples) in &expected {
        assert_eq!(found.get(series), Some(samples), "{series}");
    }
    assert!(found.len() > 200);
}

#[test]
fn a_reader_sees_the_asked_span_of_time_alone() {
    let block = open(&recorded_blocks()[0]);
    let all = floats(&block, TimeRange::ALL, &[]);
    for (start, end) in
        [(1_700_008_000_000, 1_700_009_000_000), (1_700_008_300_000, 1_700_008_300_000), (0, 1)]
    {
        let range = TimeRange::new(start, end);
        let mut expected = all.clone();
        for samples in expected.values_mut() {
            samples.retain(|(timestamp, _)| range.contains(*timestamp));
        }
        expected.retain(|_, samples| !samples.is_empty());
        assert_eq!(floats(&block, range, &[]), expected);
        // The series that are named are those that have something there.
        let querier = BlockQuerier::new(Arc::clone(&block), range);
        let hints = SelectHints { labels_only: true, ..SelectHints::default() };
        let named = querier.select(&[], &hints).unwrap();
        assert!(named.len() >= expected.len(), "{} of {}", named.len(), expected.len());
        assert_eq!(named.is_empty(), end == 1);
    }
}

#[test]
fn histograms_of_both_kinds_are_read() {
    let block = open(&recorded_blocks()[2]);
    let querier = BlockQuerier::new(Arc::clone(&block), TimeRange::ALL);
    let set = querier.select(&[], &SelectHints::default()).unwrap();
    let mut samples = 0;
    for position in 0..set.len() {
        let mut columns = SampleColumns::new();
        set.read(position, TimeRange::ALL, &mut columns).unwrap();
        assert!(columns.histograms.timestamps.is_sorted_by(|a, b| a < b));
        assert_eq!(columns.histograms.timestamps.len(), columns.histograms.values.len());
        samples += columns.len();
        let chunks = set.chunks(position, TimeRange::ALL).unwrap();
        assert!(chunks.is_sorted_by(|a, b| a.end < b.start));
    }
    assert_eq!(samples as u64, block.meta().stats.num_samples);
}

/// Copies a block series by series.
pub(crate) fn copy(
    block: &Block,
    fs: &Arc<dyn FileSystem>,
    parent: &Path,
    settings: BlockWriterSettings,
) -> BlockMeta {
    let texts: Vec<&str> = block.index().symbols().collect::<Result<_, _>>().unwrap();
    let mut meta = block.meta();
    meta.stats = tsdb::block::BlockStats::default();
    let symbols = SymbolSet::from_texts(texts);
    let mut writer = BlockWriter::create(Arc::clone(fs), parent, meta, symbols, settings).unwrap();
    for number in block.index().all_series().unwrap().iter() {
        let series = block.series(number).unwrap();
        let chunks: Vec<_> = series.chunks.iter().map(|meta| block.chunk_of(meta).unwrap()).collect();
        writer.add_series(&series.labels, &chunks).unwrap();
    }
    writer.finish().unwrap().unwrap()
}

#[test]
fn recorded_blocks_are_written_again_with_the_same_chunk_files_and_figures() {
    for folder in recorded_blocks() {
        let block = open(&folder);
        let fs: Arc<dyn FileSystem> = Arc::new(SimulatedFileSystem::new());
        let parent = Path::new("/data");
        fs.create_dir_all(parent).unwrap();
        let meta = copy(&block, &fs, parent, BlockWriterSettings::default());
        let recorded = block.meta();
        assert_eq!(meta.stats.num_samples, recorded.stats.num_samples);
        assert_eq!(meta.stats.num_series, recorded.stats.num_series);
        assert_eq!(meta.stats.num_chunks, recorded.stats.num_chunks);
        assert_eq!(meta.stats.num_float_samples + meta.stats.num_histogram_samples, meta.stats.num_samples);
        let written = parent.join(meta.ulid.to_string());
        let theirs = RealFileSystem.read(&folder.join("chunks/000001"), 1 << 30).unwrap();
        assert!(fs.read(&written.join("chunks/000001"), 1 << 30).unwrap() == theirs);
        let theirs = RealFileSystem.read(&folder.join("meta.json"), 1 << 30).unwrap();
        assert_eq!(recorded.to_json().into_bytes(), theirs);
        let again = Arc::new(Block::open(Arc::clone(&fs), &written).unwrap());
        assert_eq!(again.meta(), meta);
        let names: Vec<String> = fs.list(&written).unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["chunks", "index", "meta.json", "tombstones"]);
        assert_eq!(fs.list(parent).unwrap().len(), 1);
        if recorded.stats.num_tombstones == 0 {
            assert_eq!(floats(&again, TimeRange::ALL, &[]), floats(&block, TimeRange::ALL, &[]));
        }
    }
}

#[test]
fn chunk_files_end_before_they_get_too_long() {
    let block = open(&recorded_blocks()[0]);
    let fs: Arc<dyn FileSystem> = Arc::new(SimulatedFileSystem::new());
    let settings = BlockWriterSettings { segment_bytes_max: 4096 };
    let meta = copy(&block, &fs, Path::new("/"), settings);
    let folder = Path::new("/").join(meta.ulid.to_string());
    let segments = fs.list(&folder.join("chunks")).unwrap();
    assert!(segments.len() > 10, "{}", segments.len());
    for segment in &segments {
        let len = fs.metadata(&folder.join("chunks").join(&segment.name)).unwrap().len;
        assert!(len <= 4096, "{} is {len} long", segment.name);
    }
    let again = Arc::new(Block::open(Arc::clone(&fs), &folder).unwrap());
    let matchers = [Matcher::new("__name__", MatchOp::NotEqual, "tombstoned").unwrap()];
    assert_eq!(floats(&again, TimeRange::ALL, &matchers), floats(&block, TimeRange::ALL, &matchers));
    // Without one of them the block does not open.
    fs.remove_file(&folder.join("chunks/000002")).unwrap();
    assert!(Block::open(fs, &folder).is_err());
}

#[test]
fn what_is_deleted_is_gone_and_stays_gone() {
    let recorded = open(&recorded_blocks()[1]);
    let fs: Arc<dyn FileSystem> = Arc::new(SimulatedFileSystem::new());
    let meta = copy(&recorded, &fs, Path::new("/"), BlockWriterSettings::default());
    let folder = Path::new("/").join(meta.ulid.to_string());
    let block = Arc::new(Block::open(Arc::clone(&fs), &folder).unwrap());
    let before = floats(&block, TimeRange::ALL, &[]);
    let numbers = block.index().all_series().unwrap().into_vec();
    let (start, end) = (1_700_014_000_000, 1_700_015_000_000);
    let whole: Intervals = [Interval { start: i64::MIN, end: i64::MAX }].into_iter().collect();
    let part: Intervals = [Interval { start, end }].into_iter().collect();
    block.delete([(numbers[0], whole), (numbers[1], part)]).unwrap();
    let labels = [0, 1].map(|place| block.series(numbers[place]).unwrap().labels.to_string());
    let mut expected = before;
    expected.remove(&labels[0]);
    let cut = expected.get_mut(&labels[1]).unwrap();
    cut.retain(|(timestamp, _)| !(start..=end).contains(timestamp));
    assert_eq!(floats(&block, TimeRange::ALL, &[]), expected);
    let reopened = Arc::new(Block::open(fs, &folder).unwrap());
    assert_eq!(floats(&reopened, TimeRange::ALL, &[]), expected);
    assert_eq!(reopened.meta().stats.num_tombstones, 2);
    let hints = SelectHints { labels_only: true, ..SelectHints::default() };
    let querier = BlockQuerier::new(reopened, TimeRange::ALL);
    assert_eq!(querier.select(&[], &hints).unwrap().len(), numbers.len() - 1);
}

#[test]
fn a_crash_leaves_a_whole_block_or_none() {
    let recorded = open(&recorded_blocks()[4]);
    let write = |fs: &SimulatedFileSystem| -> Result<(), tsdb::Error> {
        let shared: Arc<dyn FileSystem> = Arc::new(fs.clone());
        let texts: Vec<&str> = recorded.index().symbols().collect::<Result<_, _>>().unwrap();
        let symbols = SymbolSet::from_texts(texts);
        let settings = BlockWriterSettings { segment_bytes_max: 2048 };
        let mut writer = BlockWriter::create(shared, Path::new("/"), recorded.meta(), symbols, settings)?;
        for number in recorded.index().all_series().unwrap().iter() {
            let series = recorded.series(number).unwrap();
            let chunks: Vec<_> = series.chunks.iter().map(|meta| recorded.chunk_of(meta).unwrap()).collect();
            writer.add_series(&series.labels, &chunks)?;
        }
        writer.finish().map(drop)
    };
    let whole = SimulatedFileSystem::new();
    write(&whole).unwrap();
    let expected = floats(&recorded, TimeRange::ALL, &[]);
    let operations = whole.operation_count();
    assert!(operations > 20, "{operations}");
    for number in 0..=operations {
        for seed in 0..2 {
            let fs = SimulatedFileSystem::new();
            fs.stop_at(number);
            let written = write(&fs);
            let image = fs.crash_image(seed);
            let folder = Path::new("/").join(recorded.meta().ulid.to_string());
            if image.exists(&folder).unwrap() {
                let block = Arc::new(Block::open(Arc::new(image), &folder).unwrap());
                let mut samples = floats(&block, TimeRange::ALL, &[]);
                samples.retain(|series, _| expected.contains_key(series));
                assert_eq!(samples.len(), expected.len());
            } else {
                assert!(written.is_err(), "finished at operation {number} and lost with seed {seed}");
            }
        }
    }
}
