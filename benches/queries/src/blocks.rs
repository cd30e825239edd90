//! Series to blocks.

use std::borrow::Cow;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use chunks::{Encoding, XorAppender};
use index::SymbolSet;
use model::Labels;
use platform::real::RealFileSystem;
use tsdb::block::{BlockMeta, BlockWriter, BlockWriterSettings, Chunk};

/// Samples in a chunk.
const CHUNK_SAMPLES: usize = 120;

/// The time that blocks are written for, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// The first time.
    pub start: i64,
    /// The time behind the last block.
    pub end: i64,
    /// The time that each block covers; blocks begin at multiples of it.
    pub block: i64,
}

impl Span {
    /// So many hours from the same start.
    pub fn hours(self, hours: usize) -> Self {
        Self { end: self.start + hours as i64 * 3_600_000, ..self }
    }
}

/// A series that can say its samples.
pub trait Series {
    /// Its labels.
    fn labels(&self) -> &Labels;

    /// Calls `visit` with every sample before `end`, in order; always the same ones.
    fn samples(&self, end: i64, visit: &mut dyn FnMut(i64, f64));
}

/// Writes the samples of series, sorted by labels, into blocks.
pub fn write<S: Series>(folder: &Path, series: &[S], span: Span) -> Result<(), Box<dyn Error>> {
    let mut start = span.start.div_euclid(span.block) * span.block;
    while start < span.end {
        write_block(folder, series, (start, start + span.block), span)?;
        start += span.block;
    }
    Ok(())
}

fn write_block<S: Series>(
    folder: &Path,
    series: &[S],
    (start, end): (i64, i64),
    span: Span,
) -> Result<(), Box<dyn Error>> {
    let mut symbols = SymbolSet::default();
    for (name, value) in series.iter().flat_map(|series| series.labels().iter()) {
        symbols.insert(name);
        symbols.insert(value);
    }
    symbols.sort();
    // The name says the time, and nothing random: the same data stands under the same name.
    let ulid = format!("01HDMEASVREQVER1ES{:08}", start / 3_600_000).parse()?;
    let meta = BlockMeta::new(ulid, start, end.min(span.end));
    let fs = Arc::new(RealFileSystem);
    let mut block = BlockWriter::create(fs, folder, meta, symbols, BlockWriterSettings::default())?;
    for series in series {
        let chunks = chunks_of(series, start, end.min(span.end));
        if !chunks.is_empty() {
            block.add_series(series.labels(), &chunks)?;
        }
    }
    block.finish()?;
    Ok(())
}

/// The chunks of a series in a span of time.
pub fn chunks_of(series: &impl Series, start: i64, end: i64) -> Vec<Chunk<'static>> {
    let mut samples = Vec::new();
    series.samples(end, &mut |time, value| {
        if time >= start {
            samples.push((time, value));
        }
    });
    samples.chunks(CHUNK_SAMPLES).map(encode).collect()
}

fn encode(samples: &[(i64, f64)]) -> Chunk<'static> {
    let mut data = Vec::new();
    let mut appender = XorAppender::new(&mut data);
    for (time, value) in samples {
        // A chunk of so few samples never is full.
        let _ = appender.append(&mut data, *time, *value);
    }
    let time = |sample: Option<&(i64, f64)>| sample.map_or(0, |sample| sample.0);
    let (start, end) = (time(samples.first()), time(samples.last()));
    Chunk { start, end, encoding: Encoding::Xor, data: Cow::Owned(data) }
}
