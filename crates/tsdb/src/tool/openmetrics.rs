//! `tsdb create-blocks-from openmetrics`: blocks of a file of samples with times.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use index::SymbolSet;
use model::{Labels, LabelsBuilder};
use platform::{Clock, FileSystem};
use wire::exposition::{Entry, Format, Options, ParseError, Parser, Sample};

use super::{ListedBlock, ToolError, list};
use crate::Error;
use crate::block::{Block, BlockMeta, BlockWriter, BlockWriterSettings, Chunk, Ulid};
use crate::compaction::block_ranges;
use crate::head::{ChunkShape, FullChunk, OpenChunk};

/// How blocks are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateOptions {
    /// Labels that every series gets.
    pub labels: Vec<(String, String)>,
    /// The longest that blocks may be, in milliseconds; they are two hours long or threefold that, again and again.
    pub block_duration_max_ms: i64,
    /// Whether a table of the blocks is written, and with times and sizes as people read them.
    pub listing: Option<bool>,
}

impl Default for CreateOptions {
    fn default() -> Self {
        Self { labels: Vec::new(), block_duration_max_ms: BLOCK_MS, listing: Some(false) }
    }
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Created {
    /// The blocks.
    pub blocks: Vec<BlockMeta>,
    /// Samples that came after later ones of their series, or at the same time, and are in no block.
    pub out_of_order: u64,
}

/// The length of the smallest blocks.
const BLOCK_MS: i64 = 2 * 60 * 60 * 1000;
/// As many samples are held in memory, encoded, before they are written as blocks; one block's may be more.
const SAMPLES_HELD_MAX: u64 = 20_000_000;
/// Chunks as the head makes them.
const SHAPE: ChunkShape =
    ChunkShape { range_ms: BLOCK_MS, samples: 120, xor2: false, histogram_starts: false };

/// Reads `input`, OpenMetrics text in which every sample has a time, and writes blocks into `output`.
///
/// The input is read once for its times, and once more for each stretch of time that fits in memory.
///
/// # Errors
/// [`ToolError::Parse`], [`ToolError::NoTimestamp`], [`ToolError::Labels`], [`ToolError::Store`],
/// [`ToolError::Output`].
pub fn create_blocks_from_open_metrics(
    fs: &Arc<dyn FileSystem>,
    clock: &dyn Clock,
    input: &[u8],
    output: &Path,
    options: &CreateOptions,
    out: &mut dyn Write,
) -> Result<Created, ToolError> {
    fs.create_dir_all(output).map_err(Error::io("create", output))?;
    let block_ms = block_ranges(BLOCK_MS, options.block_duration_max_ms).last().copied().unwrap_or(BLOCK_MS);
    let mut created = Created::default();
    for (first, last) in stretches(&times(input, block_ms)?) {
        let mut windows = Windows { block_ms, labels: &options.labels, ..Windows::default() };
        windows.read(input, first, last)?;
        created.out_of_order += windows.out_of_order;
        for window in windows.open.into_values() {
            let ulid = Ulid::new(u64::try_from(clock.now_ms()).unwrap_or_default());
            let Some(meta) = window.write(fs, output, ulid)? else { continue };
            if let Some(human_readable) = options.listing {
                let block = Block::open(Arc::clone(fs), &output.join(ulid.to_string()))?;
                let is_first = created.blocks.is_empty();
                list(&[ListedBlock::from(&block)], is_first, human_readable, out)?;
            }
            created.blocks.push(meta);
        }
    }
    Ok(created)
}

/// Calls `visit` with each sample of the input.
fn for_each_sample(
    input: &[u8],
    step: &'static str,
    mut visit: impl FnMut(&Parser<'_>, i64, Sample) -> Result<(), ToolError>,
) -> Result<(), ToolError> {
    let parse = |source: ParseError| ToolError::Parse { step, source };
    let mut parser = Parser::new(input, Format::OpenMetrics, Options::default());
    let no_guess: &[u8] = &[];
    while let Some(entry) = parser.next(&no_guess).map_err(parse)? {
        if let Entry::Sample(sample) = entry {
            let timestamp = sample.timestamp.ok_or(ToolError::NoTimestamp { step })?;
            visit(&parser, timestamp, sample)?;
        }
    }
    Ok(())
}

/// The number of samples of each block, by the number of its stretch of time.
fn times(input: &[u8], block_ms: i64) -> Result<BTreeMap<i64, u64>, ToolError> {
    let mut counts = BTreeMap::new();
    for_each_sample(input, "getting min and max timestamp", |_, timestamp, _| {
        *counts.entry(timestamp.div_euclid(block_ms)).or_default() += 1;
        Ok(())
    })?;
    Ok(counts)
}

/// The blocks that are made together, as first and last number.
fn stretches(counts: &BTreeMap<i64, u64>) -> Vec<(i64, i64)> {
    let mut stretches: Vec<(i64, i64, u64)> = Vec::new();
    for (number, count) in counts {
        match stretches.last_mut() {
            Some((_, last, held)) if *held + count <= SAMPLES_HELD_MAX => {
                *last = *number;
                *held += count;
            }
            _ => stretches.push((*number, *number, *count)),
        }
    }
    stretches.into_iter().map(|(first, last, _)| (first, last)).collect()
}

/// Blocks in the making, by the number of their stretch of time.
#[derive(Default)]
struct Windows<'a> {
    block_ms: i64,
    labels: &'a [(String, String)],
    open: BTreeMap<i64, Window>,
    out_of_order: u64,
}

/// The series of one block.
#[derive(Default)]
struct Window {
    /// Places of the series by the bytes that name them in the input.
    by_key: HashMap<Box<[u8]>, usize>,
    by_labels: HashMap<Labels, usize>,
    series: Vec<Series>,
}

struct Series {
    labels: Labels,
    full: Vec<FullChunk>,
    open: OpenChunk,
}

impl Windows<'_> {
    fn read(&mut self, input: &[u8], first: i64, last: i64) -> Result<(), ToolError> {
        for_each_sample(input, "process blocks", |parser, timestamp, sample| {
            let number = timestamp.div_euclid(self.block_ms);
            if (first..=last).contains(&number) {
                let window = self.open.entry(number).or_default();
                let added = window.add(parser, self.labels, timestamp, sample.value)?;
                self.out_of_order += u64::from(!added);
            }
            Ok(())
        })
    }
}

impl Window {
    /// Adds a sample where it is newer than the others of its series, and says whether it was.
    fn add(
        &mut self,
        parser: &Parser<'_>,
        labels: &[(String, String)],
        timestamp: i64,
        value: f64,
    ) -> Result<bool, ToolError> {
        let place = match self.by_key.get(parser.key()) {
            Some(place) => *place,
            None => self.place(parser, labels, timestamp)?,
        };
        let Some(series) = self.series.get_mut(place) else { return Ok(false) };
        let is_first = series.open.count() == 0;
        if !is_first && timestamp <= series.open.end() {
            return Ok(false);
        }
        if !is_first && !series.open.takes_float(timestamp, SHAPE) {
            let new = OpenChunk::floats(timestamp, SHAPE);
            series.full.push(std::mem::replace(&mut series.open, new).seal());
        }
        series.open.append_float((timestamp, 0), value, SHAPE);
        Ok(true)
    }

    /// The place of a series whose name was not met before.
    fn place(
        &mut self,
        parser: &Parser<'_>,
        labels: &[(String, String)],
        timestamp: i64,
    ) -> Result<usize, ToolError> {
        let mut builder = LabelsBuilder::default();
        parser.labels(&mut |name, value| {
            builder.set(name, value);
        })?;
        for (name, value) in labels {
            builder.set(name, value);
        }
        let labels = builder.build();
        let next = self.series.len();
        let place = *self.by_labels.entry(labels.clone()).or_insert(next);
        if place == next {
            let open = OpenChunk::floats(timestamp, SHAPE);
            self.series.push(Series { labels, full: Vec::new(), open });
        }
        self.by_key.insert(parser.key().into(), place);
        Ok(place)
    }

    fn write(
        mut self,
        fs: &Arc<dyn FileSystem>,
        parent: &Path,
        ulid: Ulid,
    ) -> Result<Option<BlockMeta>, Error> {
        self.series.sort_unstable_by(|a, b| a.labels.cmp(&b.labels));
        let texts = self.series.iter().flat_map(|series| series.labels.iter());
        let symbols = SymbolSet::from_texts(texts.flat_map(|(name, value)| [name, value]));
        let mut all = Vec::with_capacity(self.series.len());
        let (mut min_time, mut max_time) = (i64::MAX, i64::MIN);
        for mut series in self.series {
            series.full.push(series.open.seal());
            for chunk in &series.full {
                min_time = min_time.min(chunk.start);
                max_time = max_time.max(chunk.end);
            }
            all.push((series.labels, series.full));
        }
        let meta = BlockMeta::new(ulid, min_time, max_time.saturating_add(1));
        let settings = BlockWriterSettings::default();
        let mut writer = BlockWriter::create(Arc::clone(fs), parent, meta, symbols, settings)?;
        for (labels, chunks) in &all {
            let chunks: Vec<Chunk<'_>> = chunks.iter().map(as_chunk).collect();
            writer.add_series(labels, &chunks)?;
        }
        writer.finish()
    }
}

fn as_chunk(chunk: &FullChunk) -> Chunk<'_> {
    Chunk { start: chunk.start, end: chunk.end, encoding: chunk.encoding, data: Cow::Borrowed(&chunk.bytes) }
}
