//! `tsdb analyze`: what makes a block large.

use std::collections::HashMap;
use std::io::Write;

use chunks::Encoding;
use index::IdSet;
use model::labels::METRIC_NAME;
use model::{FloatHistogram, Matcher};

use super::spread::write_spread;
use super::{ToolError, table};
use crate::block::Block;

/// What is looked at, and how much of it is told.
#[derive(Debug, Clone)]
pub struct AnalyzeOptions {
    /// Lines of each list.
    pub limit: usize,
    /// Whether chunks are looked at too.
    pub extended: bool,
    /// The series that are looked at, with the selector's text; `None` for all.
    pub selector: Option<(String, Vec<Matcher>)>,
}

impl Default for AnalyzeOptions {
    fn default() -> Self {
        Self { limit: 20, extended: false, selector: None }
    }
}

/// Counts by name.
type Counts = HashMap<String, u64>;

/// What was counted in the series.
#[derive(Default)]
struct Figures {
    entries: u64,
    pairs: Counts,
    /// Milliseconds of the block's time in which series with the name or pair had no samples.
    names_uncovered: Counts,
    pairs_uncovered: Counts,
    metrics: Counts,
}

/// Writes what makes a block large.
///
/// # Errors
/// [`ToolError::Store`], [`ToolError::Output`].
pub fn analyze(block: &Block, options: &AnalyzeOptions, out: &mut dyn Write) -> Result<(), ToolError> {
    let matchers = options.selector.as_ref().map(|(_, matchers)| matchers.as_slice()).unwrap_or_default();
    let meta = block.meta();
    let length = meta.max_time.saturating_sub(meta.min_time).max(1) as u64;
    let index = block.index();
    let error = block.index_error();
    let found = index.select(matchers).map_err(&error)?;
    let names = index.label_names_of(matchers).map_err(&error)?;
    writeln!(out, "Block ID: {}", meta.ulid)?;
    writeln!(out, "Duration: {}", table::duration(meta.max_time.saturating_sub(meta.min_time)))?;
    writeln!(out, "Total Series: {}", meta.stats.num_series)?;
    if let Some((text, _)) = &options.selector {
        writeln!(out, "Matcher: {text}")?;
    }
    writeln!(out, "Label names: {}", names.len())?;
    if options.selector.is_some() {
        writeln!(out, "Matched series: {}", found.len())?;
    }
    let figures = count(block, found.iter(), length)?;
    writeln!(out, "Postings (unique label pairs): {}", figures.pairs.len())?;
    writeln!(out, "Postings entries (total label pairs): {}", figures.entries)?;

    let per_length = |counts: Counts| counts.into_iter().map(|(name, ms)| (name, ms / length)).collect();
    let limit = options.limit;
    write_list("Label pairs most involved in churning", per_length(figures.pairs_uncovered), limit, out)?;
    write_list("Label names most involved in churning", per_length(figures.names_uncovered), limit, out)?;
    write_list("Most common label pairs", figures.pairs, limit, out)?;
    let (mut lengths, mut cardinalities) = (Counts::new(), Counts::new());
    for name in names {
        let values = index.label_values_of(&name, matchers).map_err(&error)?;
        lengths.insert(name.clone(), values.iter().map(|value| value.len() as u64).sum());
        cardinalities.insert(name, values.len() as u64);
    }
    write_list("Label names with highest cumulative label value length", lengths, limit, out)?;
    write_list("Highest cardinality labels", cardinalities, limit, out)?;
    write_list("Highest cardinality metric names", figures.metrics, limit, out)?;
    if options.extended {
        write_chunks(block, found.iter(), out)?;
    }
    Ok(())
}

fn count(block: &Block, found: impl Iterator<Item = u32>, length: u64) -> Result<Figures, ToolError> {
    let mut figures = Figures::default();
    for number in found {
        let series = block.series(number)?;
        let covered = match (series.chunks.first(), series.chunks.last()) {
            (Some(first), Some(last)) => last.end.saturating_sub(first.start).max(0) as u64,
            _ => 0,
        };
        let uncovered = length.saturating_sub(covered);
        for (name, value) in &series.labels {
            let pair = format!("{name}={value}");
            figures.entries += 1;
            *figures.names_uncovered.entry(name.to_owned()).or_default() += uncovered;
            *figures.pairs_uncovered.entry(pair.clone()).or_default() += uncovered;
            *figures.pairs.entry(pair).or_default() += 1;
            if name == METRIC_NAME {
                *figures.metrics.entry(value.to_owned()).or_default() += 1;
            }
        }
    }
    Ok(figures)
}

/// Writes a list, the largest first, those of equal size in the order of their names: the original leaves theirs to chance,
/// or to its sorting routine.
fn write_list(title: &str, counts: Counts, limit: usize, out: &mut dyn Write) -> Result<(), ToolError> {
    let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
    counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    writeln!(out, "\n{title}:")?;
    for (name, count) in counts.iter().take(limit) {
        writeln!(out, "{count} {name}")?;
    }
    Ok(())
}

/// Writes how full and how long the chunks are.
fn write_chunks(
    block: &Block,
    found: impl Iterator<Item = u32>,
    out: &mut dyn Write,
) -> Result<(), ToolError> {
    let (mut float_samples, mut float_bytes) = (Vec::new(), Vec::new());
    let (mut samples, mut bytes, mut buckets) = (Vec::new(), Vec::new(), Vec::new());
    for number in found {
        for meta in block.series(number)?.chunks {
            let (encoding, data) = block.chunk(meta.reference)?;
            let count = u64::from(chunks::sample_count(encoding, data).map_err(crate::Error::from)?);
            if encoding.holds_floats() {
                float_samples.push(count);
                float_bytes.push(data.len() as u64);
            } else {
                samples.push(count);
                bytes.push(data.len() as u64);
                buckets.push(bucket_count(encoding, data)?);
            }
        }
    }
    let total = float_samples.len() + samples.len();
    writeln!(out, "\nCompaction analysis:\n")?;
    write_spread("samples per float chunk", &mut float_samples, total, out)?;
    write_spread("bytes per float chunk", &mut float_bytes, total, out)?;
    write_spread("samples per histogram chunk", &mut samples, total, out)?;
    write_spread("bytes per histogram chunk", &mut bytes, total, out)?;
    write_spread("buckets per histogram chunk", &mut buckets, total, out)?;
    Ok(())
}

/// The number of buckets of all samples of a chunk.
fn bucket_count(encoding: Encoding, data: &[u8]) -> Result<u64, ToolError> {
    let mut buckets = 0;
    let add = |_, _, histogram: FloatHistogram| {
        buckets += (histogram.positive_buckets.len() + histogram.negative_buckets.len()) as u64;
    };
    chunks::histogram::decode_as_float(encoding, data, add).map_err(crate::Error::from)?;
    Ok(buckets)
}
